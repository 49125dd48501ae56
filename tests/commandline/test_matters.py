"""Matters, their notes, members and redactions; parties with accounts over time; persons."""

from pathlib import Path

import pytest

from tests.commandline.conftest import Beleg


@pytest.fixture
def filled(beleg: Beleg, archive: Path, chat: Path) -> Beleg:
    assert beleg("ingest", chat, "--mine", "Anna").code == 0
    assert beleg("matter", "open", "Pumpe", "--reason", "Klage").code == 0
    return beleg


def number(beleg: Beleg, words: str) -> int:
    (hit,) = beleg("search", words, "--json").json["hits"]
    return int(hit["number"])


def test_items_come_and_go_and_the_ledger_remembers(filled: Beleg) -> None:
    first, second = number(filled, "garantie"), number(filled, "morgen")
    filled("matter", "add", "M-1", str(first), str(second))
    assert "1 items removed" in filled("matter", "remove", "M-1", str(second), "--note", "unwichtig").out
    assert "0 items removed" in filled("matter", "remove", "M-1", str(second)).out
    shown = filled("matter", "show", "M-1", "--json").json
    assert [row["number"] for row in shown["selection"]] == [first]
    assert filled("matter", "remove", "M-1").code == 2
    assert filled("matter", "remove", "M-9", str(first)).code == 2


def test_notes_members_review_close(filled: Beleg) -> None:
    item = number(filled, "garantie")
    assert filled("matter", "note", "M-1", " ").code == 2
    assert filled("matter", "note", "M-1", "Zusage", "--item", str(item)).code == 2, "not in the matter"
    filled("matter", "add", "M-1", str(item))
    assert filled("matter", "note", "M-1", "Zusage", "--item", str(item)).code == 0
    assert filled("matter", "set", "M-1", "--member", "P-1").code == 2, "no such person"
    filled("person", "add", "Justiziarin", "--role", "legal")
    assert filled("matter", "set", "M-1", "--member", "P-1", "--review", "2030-01-01").code == 0
    assert filled("matter", "set", "M-1", "--review", "morgen").code == 2
    assert filled("matter", "set", "M-1").code == 2
    filled("hold", "place", "M-1", "--channel", "whatsapp", "--reason", "Klage", "--review", "2030-01-01")
    assert filled("matter", "close", "M-1").code == 5, "a hold of it stands"
    filled("hold", "release", "H-1", "--reason", "Vergleich")
    assert filled("matter", "close", "M-1").code == 0
    assert filled("matter", "close", "M-1").code == 2
    assert filled("matter", "add", "M-1", str(number(filled, "morgen"))).code == 2, "closed"
    assert filled("matter", "reopen", "M-1").code == 0
    shown = filled("matter", "show", "M-1", "--json").json
    assert (shown["members"], shown["review"], shown["status"]) == (["P-1"], "2030-01-01", "open")
    assert [(note["text"], note["item"]) for note in shown["notes"]] == [("Zusage", item)]


def test_a_redacted_item_does_not_go_out_whole(filled: Beleg, tmp_path: Path) -> None:
    item = number(filled, "garantie")
    filled("matter", "add", "M-1", str(item))
    assert filled("matter", "redact", "M-1", str(item), "--facet", "what", "--reason", "x").code == 2
    assert filled("matter", "redact", "M-1", str(item), "--span", "5-900", "--reason", "x").code == 2
    assert filled("matter", "redact", "M-1", str(item), "--span", "9-5", "--reason", "x").code == 2
    assert filled("matter", "redact", "M-1", str(item), "--span", "a-b", "--reason", "x").code == 2
    assert filled("matter", "redact", "M-1", str(item), "--facet", "author", "--reason", " ").code == 2
    done = filled(
        "matter", "redact", "M-1", str(item), "--facet", "author", "--span", "0-2", "--reason", "Dritte"
    )
    assert done.code == 0, done.err
    assert filled("export", "M-1", "--out", tmp_path / "out", "--json").json["redacted"] == [item]
    assert filled("matter", "redact", "M-1", str(item), "--reason", "doch").code == 0
    assert filled("export", "M-1", "--out", tmp_path / "whole", "--json").json["redacted"] == []
    again = filled("export", "--again", "E-1", "--out", tmp_path / "again", "--json").json
    assert (again["redacted"], again["same_as_before"]) == ([item], True), "as it was decided then"


def test_what_is_withheld_does_not_go_out_as_context(filled: Beleg, tmp_path: Path) -> None:
    kept, hit = number(filled, "morgen"), number(filled, "garantie")
    filled("matter", "add", "M-1", str(hit))
    filled("matter", "add", "M-1", str(kept), "--decision", "privileged")
    assert filled("export", "M-1", "--out", tmp_path / "out").code == 0
    (made,) = filled("matter", "show", "M-1", "--json").json["productions"]
    assert hit in [index for index, _ in made["selection"]]
    assert kept not in [index for index, _ in made["selection"]]


def test_no_search_takes_back_what_a_person_decided_to_keep_inside(filled: Beleg) -> None:
    kept = number(filled, "garantie")
    filled("matter", "add", "M-1", str(kept), "--decision", "privileged", "--note", "Anwalt")
    told = filled("matter", "add", "M-1", "--search", "garantie").out
    assert "0 items added" in told
    assert f"1 items stay privileged or withheld as they were decided: {kept};" in told
    assert filled("matter", "add", "M-1", "--thread", str(kept), "--json").json["stay_inside"] == [kept]
    assert "stay privileged" in filled("search", "garantie", "--matter", "M-1").out
    lines = filled("matter", "show", "M-1").out.splitlines()
    (line,) = (one for one in lines if one.split()[:1] == [str(kept)])
    assert line.split()[1] == "privileged"
    told = filled("matter", "remove", "M-1", "--search", "garantie").out
    assert ("0 items removed" in told, "1 items stay privileged" in told) == (True, True)
    assert "1 items added" in filled("matter", "add", "M-1", str(kept)).out, "its number decides otherwise"


def test_accounts_over_time(filled: Beleg) -> None:
    filled("party", "add", "Anna Weber", "--side", "ours", "--account", "whatsapp:Anna", "--use", "mixed")
    filled("party", "add", "A. Weber", "--account", "email:anna@firm.example")
    done = filled(
        "party", "link", "Y-1", "--account", "slack:T1:U1", "--from", "2021-01-01", "--to", "2023-12-31",
        "--use", "business", "--json",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert done.json["party"]["accounts"][1] == {
        "account": {"channel": "slack", "scope": "T1", "id": "U1", "derived": False},
        "start": "2021-01-01", "end": "2023-12-31", "use": "business",
    }  # fmt: skip
    assert filled("party", "link", "Y-1", "Y-2", "--json").json["shared"] == []
    shared = filled("party", "link", "Y-2", "--account", "whatsapp:Anna", "--json").json["shared"]
    assert shared == [["whatsapp:Anna", "Y-1"], ["email:anna@firm.example", "Y-1"]]
    assert "slack:T1:U1 2021-01-01..2023-12-31 (business)" in filled("party", "list").out
    filled("party", "link", "Y-1", "Y-2")
    for bad in (
        ["Y-9", "--account", "a:b"],
        ["Y-1", "--account", "ohne"],
        ["Y-1", "--account", "a:b", "--use", "privat"],
        ["Y-1", "--account", "a:b", "--from", "2023-01-01", "--to", "2022-01-01"],
        ["Y-1", "--account", "a:b", "--from", "gestern"],
        ["Y-1"],
        ["Y-1", "Y-2"],
    ):
        assert filled("party", "link", *bad).code == 2, bad


def test_parties_from_a_table(filled: Beleg, tmp_path: Path) -> None:
    file = tmp_path / "kontakte.csv"
    head = "name,kind,side,account,from,to,use\n"
    file.write_text(
        head + "Lieferant Pumpen,organisation,counterpart,whatsapp:Lieferant,,,business\n"
        "Lieferant Pumpen,organisation,counterpart,email:v@pumpen.example,2020-01-01,,business\n"
        "Anna,person,ours,,,,\n",
        encoding="utf-8",
    )
    assert filled("party", "import", file, "--json").json == {"new": 2}
    assert filled("party", "import", file, "--json").json == {"known": 2}
    one = "anna,person,ours,whatsapp:Anna,,,mixed"
    file.write_text(f"{head}{one}\n", encoding="utf-8")
    doubtful = filled("party", "import", file)
    assert doubtful.code == 2, "there may be two Annas"
    assert "anna is the name of Y-2, with other accounts: write Y-2 into a column party" in doubtful.err
    whole = head.replace("use", "use,party")
    file.write_text(f"{whole}{one},Y-2\n", encoding="utf-8")
    assert filled("party", "import", file, "--json").json == {"extended": 1}
    parties = filled("party", "list", "--json").json
    assert [len(party["accounts"]) for party in parties] == [2, 1]
    file.write_text(f"{whole}anna,person,ours,email:anna@b.example,,,,new\n", encoding="utf-8")
    assert filled("party", "import", file, "--json").json == {"new": 1}
    assert filled("party", "import", file, "--json").json == {"known": 1}
    file.write_text(f"{whole}anna,person,ours,email:anna@c.example,,,,\n", encoding="utf-8")
    assert "Y-2, Y-3" in filled("party", "import", file).err
    file.write_text(f"{whole}anna,person,ours,email:anna@c.example,,,,Y-9\n", encoding="utf-8")
    assert "there is no party Y-9" in filled("party", "import", file).err
    for text, words in (
        ("who\nx\n", "line 1"),
        (head + "X,person,ours,whatsapp:X,,,mixed\nY,person\n", "line 3"),
        (head + ",person,ours,,,,\n", "line 2"),
        (head + "Z,robot,ours,,,,\n", "line 2"),
        (head, "holds no party"),
    ):
        file.write_text(text, encoding="utf-8")
        done = filled("party", "import", file)
        assert done.code == 2, text
        assert words in done.err
    assert len(filled("party", "list", "--json").json) == 3, "nothing of a bad table was registered"


def test_a_channel_that_nobody_knows_is_told(filled: Beleg) -> None:
    """A hold on such an account would keep nothing, by one wrong letter."""
    done = filled("party", "add", "Lieferant", "--account", "whatsap:Lieferant")
    assert (done.code, "no channel is called whatsap" in done.err) == (0, True)
    assert filled("party", "link", "Y-1", "--account", "whatsapp:Lieferant").err == ""


def test_persons_are_listed(filled: Beleg) -> None:
    filled("person", "add", "Justiziarin", "--role", "legal")
    (one,) = filled("person", "list", "--json").json
    assert (one["id"], one["role"], one["counts"]) == ("P-1", "legal", True)


def test_a_person_acts_with_their_own_key(
    filled: Beleg, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The signature under the segment is theirs, and the entry names them; a key of another role does not serve."""
    from archive.settings import load
    from archive.wiring import open_ledger

    filled("person", "add", "Justiziarin", "--role", "legal")
    filled("person", "add", "Beauftragter", "--role", "privacy")
    monkeypatch.setenv("BELEG_PERSON", "P-1")
    placed = filled(
        "hold",
        "place",
        "M-1",
        "--channel",
        "whatsapp",
        "--reason",
        "Klage",
        "--review",
        "2030-01-01",
        "--json",
    )
    assert placed.code == 0, placed.err
    assert placed.json["hold"]["person"] == "P-1"
    ledger = open_ledger(archive, load(archive), lambda _: None)
    state = ledger.follow()
    (record,) = state.special["hold"]
    persons = {p["id"]: p["writer"] for p in filled("person", "list", "--json").json}
    assert ledger.segment(state.segment_of(record)).header.writer == persons["P-1"]
    item = number(filled, "garantie")
    filled("hold", "release", "H-1", "--reason", "Ende")
    filled("erase", "request", "--item", str(item), "--ground", "x")
    monkeypatch.setenv("BELEG_PERSON", "P-2")
    noted = filled("matter", "note", "M-1", "von wem")
    assert noted.code == 0
    shown = filled("matter", "show", "M-1", "--json").json
    assert shown["notes"][0]["person"] is None, "the role's own key signed, for P-2 has another role"
    filled("approve", "D-1", "--key", "P-2")
    monkeypatch.delenv("BELEG_PERSON")
    filled("approve", "D-1", "--key", "P-1")
    assert filled("erase", "run", "R-1").code == 0
    told = filled("erase", "certificate", "R-1").out
    assert "P-1 Justiziarin (legal)" in told
    assert "P-2 Beauftragter (privacy)" in told
    assert filled("verify", "--level", "2").code == 0


def test_a_table_of_a_german_program_is_read(filled: Beleg, tmp_path: Path) -> None:
    file = tmp_path / "kontakte.csv"
    file.write_bytes('\ufeffname;side;account\r\nLang, Petra;counterpart;"whatsapp:Petra, Lang"\r\n'.encode())
    assert filled("party", "import", file, "--json").json == {"new": 1}
    [party] = filled("party", "list", "--json").json
    assert (party["name"], party["accounts"][0]["account"]["id"]) == ("Lang, Petra", "Petra, Lang")
    assert "No such file" in filled("party", "import", tmp_path / "none.csv").err
    file.write_bytes("name;side\nMüller;ours\n".encode("cp1252"))
    assert "CSV UTF-8" in filled("party", "import", file).err
