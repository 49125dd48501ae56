"""What a search answers by the command line: marks, times, counts, pages, files, second opinions."""

import csv
import json
import shutil
from pathlib import Path

import openpyxl
import pytest

from archive.query.plan import Not
from tests.commandline.conftest import Beleg


@pytest.fixture
def slack(tmp_path: Path) -> Path:
    """A workspace in which one message was edited, one deleted, and one begins like a formula."""
    folder = tmp_path / "Slack-Export"
    (folder / "general").mkdir(parents=True)
    (folder / "channels.json").write_text('[{"id": "C1", "name": "general", "members": ["U1", "U2"]}]')
    (folder / "users.json").write_text(
        json.dumps(
            [
                {"id": "U1", "name": "anna", "profile": {"real_name": "Anna Weber"}},
                {"id": "U2", "name": "sued", "profile": {"real_name": "Lieferant Süd"}},
            ]
        )
    )
    messages = [
        {"type": "message", "user": "U2", "ts": "1614580000.000100", "text": "Garantie zwei Jahre"},
        {"type": "message", "user": "U1", "ts": "1614590000.000100", "text": "=GARANTIE(1;2) sagt die Tabelle"},
        {"type": "message", "user": "U2", "ts": "1617300000.000100", "text": "Garantie gilt in Berlin im April"},
    ]  # fmt: skip
    (folder / "general" / "2021-03-01.json").write_text(json.dumps(messages))
    return folder


def edit(folder: Path, **changed: str) -> None:
    file = folder / "general" / "2021-03-01.json"
    messages = json.loads(file.read_text())
    messages[0].update(changed)
    messages[0]["edited"] = {"user": "U2", "ts": "1614600000.000000"}
    file.write_text(json.dumps(messages))


@pytest.fixture
def filled(beleg: Beleg, archive: Path, slack: Path) -> Beleg:
    assert beleg("ingest", slack).code == 0
    return beleg


def numbers(beleg: Beleg, *arguments: str) -> list[int]:
    return [hit["number"] for hit in beleg("search", *arguments, "--json").json["hits"]]


def test_superseded_versions_are_found_and_marked(filled: Beleg, slack: Path) -> None:
    [first] = numbers(filled, "zwei")
    edit(slack, text="Garantie drei Jahre")
    assert filled("ingest", slack).code == 0
    [later] = numbers(filled, "drei")
    [old] = filled("search", "zwei", "--json").json["hits"]
    assert (old["number"], old["superseded"], old["deleted"]) == (first, later, False)
    assert f"superseded by {later}" in filled("search", "zwei").out
    today = filled("search", "garantie jahre", "--as-of", "2099-01-01", "--json").json
    assert [hit["number"] for hit in today["hits"]] == [later]
    before = filled("search", "garantie jahre", "--as-of", "2021-03-01T12:00", "--json").json
    assert [hit["number"] for hit in before["hits"]] == [first]
    assert before["as_of"] == "2021-03-01T11:00:00Z"
    that_day = filled("search", "garantie jahre", "--as-of", "2021-03-01", "--json").json
    assert [hit["number"] for hit in that_day["hits"]] == [later], "Slack says that it was edited at noon"
    assert that_day["as_of"] == "2021-03-01T22:59:59Z"
    assert numbers(filled, "garantie", "--as-of", "2021-02-28") == []
    assert filled("show", later, "--as-of", "2021-03-01T12:00", "--json").json["number"] == first
    assert filled("show", first, "--as-of", "2099-01-01", "--json").json["number"] == later
    assert filled("show", first, "--as-of", "2020-01-01").code == 2
    assert filled("search", "zwei", "--as-of", "gestern").code == 2
    assert numbers(filled, "garantie", "--as-of", "2021-03-01T07:26:40+01:00") == [first]
    assert numbers(filled, "garantie", "--as-of", "2021-03-01T07:26:39+01:00") == []


def test_counts_add_up(filled: Beleg) -> None:
    filled("party", "add", "Müller GmbH", "--side", "counterpart", "--account", "slack:U2")
    counts = filled("search", "garantie", "--counts", "--limit", "1", "--json").json["counts"]
    assert counts["channels"] == [{"value": "slack", "items": 3}]
    assert {row["value"]: row["items"] for row in counts["months"]} == {"2021-03": 2, "2021-04": 1}
    assert sum(row["items"] for row in counts["parties"]) == 3
    assert "Anna Weber" in {row["value"] for row in counts["parties"]}


def test_what_has_no_time_is_counted_too(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    table = tmp_path / "liste.csv"
    table.write_text("datum,absender,text\n,Bob,Garantie\n2024-01-01 10:00,Bob,Garantie\n", encoding="utf-8")
    assert beleg("ingest", table, "--channel", "table").code == 0
    counts = beleg("search", "garantie", "--counts", "--json").json["counts"]
    assert counts["months"] == [{"value": "-", "items": 1}, {"value": "2024-01", "items": 1}]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("garantie", "--offset", str(10**20)), "--offset"),
        (("garantie", "--limit", str(10**20)), "--limit"),
        (("garantie", "--context", str(10**20)), "--context"),
        (("garantie", "--xlsx", "nowhere/x.xlsx"), "nowhere is no folder"),
        (("garantie", "--replay", "C-1"), "leave the rest out"),
        (("--replay", "C-1", "--counts"), "leave the rest out"),
    ],
)
def test_what_cannot_be_done_is_refused(filled: Beleg, asked: tuple[str, ...], said: str) -> None:
    filled("search", "garantie", "--certificate")
    done = filled("search", *asked)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_pages(filled: Beleg) -> None:
    whole = numbers(filled, "garantie")
    assert [numbers(filled, "garantie", "--limit", "1", "--offset", str(n))[0] for n in range(3)] == whole
    assert "more: --offset 2" in filled("search", "garantie", "--limit", "2").out
    assert "more:" not in filled("search", "garantie", "--limit", "2", "--offset", "2").out
    assert numbers(filled, "garantie", "--newest") == whole[::-1]


def test_context(filled: Beleg) -> None:
    [hit] = filled("search", "tabelle", "--context", "1", "--json").json["hits"]
    assert [len(hit["before"]), len(hit["after"])] == [1, 1]


def test_files(filled: Beleg, tmp_path: Path) -> None:
    as_csv, as_xlsx = tmp_path / "hits.csv", tmp_path / "hits.xlsx"
    assert filled("search", "garantie", "--limit", "1", "--csv", as_csv, "--xlsx", as_xlsx).code == 0
    with as_csv.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 3
    assert [int(row["item"]) for row in rows] == numbers(filled, "garantie")
    [formula] = [row["text"] for row in rows if "Tabelle" in row["text"]]
    assert formula.startswith("'=")
    sheet = openpyxl.load_workbook(as_xlsx)["items"]
    cells = list(sheet.iter_rows(min_row=2))
    assert [row[0].value for row in cells] == [int(row["item"]) for row in rows]
    [cell] = [row[9] for row in cells if "Tabelle" in str(row[9].value)]
    assert (cell.data_type, str(cell.value)[:1]) == ("s", "=")
    again = filled("search", "garantie", "--csv", as_csv)
    assert again.code == 2
    assert "nothing is overwritten" in again.err


def test_explained(filled: Beleg) -> None:
    filled("matter", "open", "Pumpe", "--reason", "Klage")
    out = filled("search", "garantie NOT (jahre OR %tabele) matter:M-1 before:2022", "--explain").out
    for words in ("all of these:", "the word garantie, that is: garantie", "not this:", "nearly %tabele",
                  "2022-01-01T00:00:00+01:00", "matter:M-1 is 0 items now"):  # fmt: skip
        assert words in out


def test_matters_and_holds_as_fields(filled: Beleg) -> None:
    filled("matter", "open", "Pumpe", "--reason", "Klage")
    [chosen] = numbers(filled, "tabelle")
    filled("matter", "add", "M-1", str(chosen))
    assert numbers(filled, "matter:M-1") == [chosen]
    assert chosen not in numbers(filled, "NOT matter:M-1")
    filled("hold", "place", "M-1", "--query", "jahre", "--reason", "x", "--review", "2030-01-01")
    assert numbers(filled, "hold:H-1") == numbers(filled, "jahre") == numbers(filled, "hold:any")
    filled("hold", "release", "H-1", "--reason", "x")
    assert numbers(filled, "hold:any") == []
    for query, words in (
        ("matter:M-9", "no matter"),
        ("hold:H-9", "no hold"),
        ("statement:x", "takes a kind"),
    ):
        refused = filled("search", query)
        assert refused.code == 2
        assert words in refused.err
    refused = filled(
        "hold", "place", "M-1", "--query", "a matter:M-1", "--reason", "x", "--review", "2030-01-01"
    )
    assert refused.code == 2
    assert "(column 3)" in refused.err


def test_a_source_finds_what_it_showed_first_or_again(filled: Beleg, slack: Path, tmp_path: Path) -> None:
    everything = numbers(filled, "source:import")
    assert everything == numbers(filled, "NOT nirgends")
    part = tmp_path / "part"
    shutil.copytree(slack, part)
    day = part / "general" / "2021-03-01.json"
    more = {"type": "message", "user": "U1", "ts": "1617400000.000100", "text": "neu im Werk"}
    day.write_text(json.dumps([json.loads(day.read_text())[0], more]))
    assert filled("ingest", part, "--source", "Werk 7").code == 0
    [new] = numbers(filled, "neu")
    assert numbers(filled, 'source:"werk 7"') == [everything[0], new]
    assert numbers(filled, 'NOT source:"werk 7"') == everything[1:]
    assert new not in numbers(filled, "source:import")
    refused = filled("search", "source:werk8")
    assert (refused.code, "knows Werk 7, import" in refused.err) == (2, True), refused.err


def test_an_error_points_at_its_place_on_a_line_below(filled: Beleg) -> None:
    told = filled("search", "pumpe amount:12 TEUR").err.splitlines()
    assert told[1:3] == ["  pumpe amount:12 TEUR", "                  ^"]
    hidden = filled("search", "a\u202eb|c").err
    assert "⟨U+202E⟩" in hidden
    assert "\u202e" not in hidden


def test_a_word_broken_at_the_end_of_a_line_is_found_and_marked(filled: Beleg, slack: Path) -> None:
    edit(slack, text="Die Gewähr-\nleistung beträgt zwei Jahre", ts="1614570000.000100")
    assert filled("ingest", slack).code == 0
    found = filled("search", "gewährleistung", "--second-opinion", "--recount", "--json").json
    assert (found["total"], found["hits"][0]["marks"]) == (1, [[4, 20]])
    assert filled("search", '"gewähr leistung"', "--json").json["total"] == 1, "its parts stay words"


def test_second_opinion_and_recount_agree(filled: Beleg, slack: Path) -> None:
    for query in ("garantie", "garantie w/3 jahre", "NOT garantie", "%garantei"):
        checked = filled("search", query, "--second-opinion", "--recount", "--json")
        assert checked.code == 0, checked.err
        assert [line.split()[0] for line in checked.json["checked"]] == ["whoosh", "the"]
    edit(slack, text="Garantie drei Jahre")
    filled("ingest", slack)
    assert filled("search", "garantie", "--second-opinion", "--json").json["total"] == 4


def test_disagreement_is_an_error(filled: Beleg, monkeypatch: pytest.MonkeyPatch) -> None:
    from archive.adapters.index_whoosh import WhooshIndex

    right = WhooshIndex.search
    monkeypatch.setattr(
        WhooshIndex, "search", lambda self, query, **how: right(self, query.narrowed(Not(query.node)), **how)
    )
    wrong = filled("search", "garantie", "--second-opinion")
    assert wrong.code == 1
    assert "whoosh 0" in wrong.err
    assert wrong.out == "", "nothing is shown that may be wrong"
    monkeypatch.setattr(WhooshIndex, "search", right)
    monkeypatch.setattr("archive.services.second.matches", lambda query, document: False)
    wrong = filled("search", "garantie", "--recount")
    assert (wrong.code, wrong.out) == (1, "")
    assert "the matcher 0" in wrong.err


@pytest.mark.parametrize("query", ["channel:whatsap", "garantie NOT (x OR channel:foo)", "channel:a%20b"])
def test_a_channel_that_nobody_has_is_no_empty_answer(filled: Beleg, query: str) -> None:
    done = filled("search", query)
    assert done.code == 2
    assert "there is no such channel" in done.err
    assert filled("search", "channel:slack").code == 0, "one that is read, though nothing of it is here"


def test_a_verb_whose_prefix_stands_apart_is_told(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    chat = tmp_path / "WhatsApp Chat mit Anna.txt"
    lines = (
        "Wir sagen Ihnen hiermit fünf Jahre Garantie zu",
        "Die Zusage gilt, zugesagt ist es",
        "Ich sage zu allem ja",
        "Er sagte nichts",
    )
    chat.write_text(
        "".join(f"[0{n}.02.25, 09:00:00] Anna: {line}\n" for n, line in enumerate(lines, 1)), "utf-8"
    )
    assert beleg("ingest", chat).code == 0
    found = beleg("search", "zusagen", "--json").json
    assert (found["total"], found["apart"]) == (1, [["sagen pre/15 zu", 2]])
    assert "2 more items write it otherwise" in beleg("search", "zusagen").out
    both = beleg("search", "zusagen OR (sagen pre/15 zu)", "--json").json
    assert (both["total"], both["apart"]) == (3, [])
    narrow = beleg("search", "zusagen garantie", "--json").json
    assert (narrow["total"], narrow["apart"]) == (0, [["sagen pre/15 zu", 1]])
    assert beleg("search", "garantie", "--json").json["apart"] == []
    for noun in ("zusage", "zugesagt"):
        assert beleg("search", noun, "--json").json["apart"] == [["sagen pre/15 zu", 2]]
    without = beleg("search", "NOT zusagen", "--certificate", "--json").json
    assert (without["total"], without["not_excluded"]) == (3, [["sagen pre/15 zu", 2]])
    assert ["not left out: sagen pre/15 zu", 2] in without["certificate"]["limits"]
    assert "2 of these items have it apart, which NOT left in" in beleg("search", "NOT zusagen").out
    strict = beleg("search", "NOT zusagen NOT (sagen pre/15 zu)", "--json").json
    assert (strict["total"], strict["not_excluded"]) == (1, [])


def test_a_number_typed_in_groups_is_told_where_it_stands_together(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    chat = tmp_path / "WhatsApp Chat mit Anna.txt"
    lines = ("IBAN DE89 3704 0044", "iban de8937040044", "Der K80", "Der K-80", "K ab 80")
    chat.write_text("".join(f"[01.02.25, 09:00:0{n}] Anna: {one}\n" for n, one in enumerate(lines)), "utf-8")
    assert beleg("ingest", chat).code == 0
    one = beleg("search", "K80", "--json").json
    assert (one["total"], one["grouped"], one["apart"]) == (2, ["k80"], [])
    told = beleg("search", "K80", "--explain").out
    assert "k80, in whatever groups it is written" in told
    assert "k80 was searched in whatever groups it is written" in told
    typed = beleg("search", "K 80", "--json", "--certificate").json
    assert (typed["total"], typed["apart"]) == (2, [["k80", 1]])
    assert ["not searched: k80", 1] in typed["certificate"]["limits"]
    quoted = beleg("search", '"DE89 3704 0044"').out
    assert "1 more items write it otherwise, which was not searched: OR (de8937040044)" in quoted


def test_a_hold_tells_what_its_query_does_not_mean(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    chat = tmp_path / "WhatsApp Chat mit Anna.txt"
    lines = ("Der K80", "Der K-80", "Wir sagen es zu", "Das Wetter")
    chat.write_text("".join(f"[01.02.25, 09:00:0{n}] Anna: {one}\n" for n, one in enumerate(lines)), "utf-8")
    assert beleg("ingest", chat).code == 0
    assert beleg("matter", "open", "Pumpe", "--reason", "x").code == 0
    hold = ("hold", "place", "M-1", "--reason", "x", "--review", "2030-01-01", "--query")
    assert beleg(*hold, "K80", "--preview").out == "2 of 4 items are in its scope now\n"
    assert (
        "1 items of the archive write it otherwise, and are not meant: OR (k80)" in beleg(*hold, "K 80").out
    )
    placed = beleg(*hold, "zusagen", "--json").json
    assert (placed["covered"], placed["apart"]) == (0, [["sagen pre/15 zu", 1]])


def test_a_list_bears_its_name_only_when_it_is_whole(
    filled: Beleg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "a.csv"
    (tmp_path / "a.csv.part").touch()
    refused = filled("search", "garantie", "--csv", table)
    assert (refused.code, "interrupted command" in refused.err, table.exists()) == (2, True, False)
    (tmp_path / "a.csv.part").unlink()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("archive.exporters.hit_list.row", full)
    assert filled("search", "garantie", "--csv", table).code == 4
    assert list(tmp_path.glob("a.csv*")) == []


def test_who_asks_for_recipients_is_told_of_messages_that_name_none(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path
) -> None:
    mail = tmp_path / "post.eml"
    mail.write_bytes(
        b"From: a@x.example\nTo: lieferant@y.example\nSubject: Hallo\nMessage-ID: <1@x>\n\nText\n"
    )
    assert beleg("ingest", chat, mail).code == 0
    said = sum(hit["event"] == "posted" for hit in beleg("search", "channel:whatsapp", "--json").json["hits"])
    for query in ("with:lieferant", "to:lieferant", "text NOT to:lieferant"):
        assert beleg("search", query, "--json").json["unaddressed"] == said, query
    assert "do not say to whom they went" in beleg("search", "with:lieferant").out
    assert beleg("search", "from:lieferant", "--json").json["unaddressed"] == 0
    made = beleg("search", "with:lieferant", "--certificate", "--json").json
    told = ["messages that do not say to whom they went", made["unaddressed"]]
    assert told in made["certificate"]["limits"]
