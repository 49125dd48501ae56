"""Erasing by the command line: nothing of the words is left anywhere, and everything else still stands."""

from pathlib import Path

import pytest

from archive.adapters.objects_folder import FolderStore
from archive.errors import StoreError
from tests.commandline.conftest import Beleg
from tests.commandline.erasing import CHAT, SECRET, approved, bytes_of, erased, number_of, stored_words


@pytest.fixture
def chat(tmp_path: Path) -> Path:
    file = tmp_path / "WhatsApp Chat mit Lieferant.txt"
    file.write_text(CHAT, encoding="utf-8")
    return file


def test_an_erased_item_is_gone_everywhere_and_all_else_stands(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path
) -> None:
    assert beleg("ingest", chat, "--mine", "Anna").code == 0
    assert beleg("matter", "open", "Pumpe", "--reason", "Klage").code == 0
    item, kept = number_of(beleg, SECRET), number_of(beleg, "garantie")
    beleg("matter", "add", "M-1", str(kept), str(item))
    assert beleg("export", "M-1", "--out", tmp_path / "before").code == 0
    assert stored_words(archive), "the test would see the word if it stood there"
    erased(beleg, item)
    assert stored_words(archive) == []
    gone = beleg("show", str(item))
    assert (gone.code, f"record {item} was erased, by the order of record" in gone.err) == (5, True)
    (chosen,) = (
        one for one in beleg("matter", "show", "M-1", "--json").json["selection"] if one["number"] == item
    )
    assert chosen["erased"] is not None
    assert beleg("search", SECRET, "--json").json["total"] == 0
    assert number_of(beleg, "garantie") == kept
    verified = beleg("verify", "--level", "2", "--json")
    assert verified.code == 0, verified.out
    assert verified.json["erased"] >= 2, "the item and the file in which it came"
    assert beleg("verify", tmp_path / "before").code == 0, "an older bundle stands as it stood"
    assert beleg("export", "M-1", "--out", tmp_path / "after").code == 0
    assert beleg("verify", tmp_path / "after").code == 0
    assert SECRET.encode() not in b"".join(
        data for name, data in bytes_of(tmp_path / "after").items() if not name.endswith(".pdf")
    )
    told = beleg("erase", "certificate", "R-1")
    assert told.code == 0, told.out
    for words in (
        "17-1a",
        "the key of legal",
        "the key of privacy",
        "Removed          20",
        "not yet: a backup",
    ):
        assert words in told.out


def test_a_hold_goes_before_a_request(beleg: Beleg, archive: Path, chat: Path) -> None:
    beleg("ingest", chat, "--mine", "Anna")
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    item = number_of(beleg, SECRET)
    beleg("hold", "place", "M-1", "--item", str(item), "--reason", "Klage", "--review", "2027-06-30")
    asked = beleg("erase", "request", "--item", str(item), "--ground", "17-1a")
    assert asked.code == 5
    assert "restricted: hold H-1" in asked.out
    beleg("hold", "release", "H-1", "--reason", "Vergleich")
    assert "H-1 was released" in beleg("erase", "list").out
    planned = beleg("erase", "plan", "R-1", "--json")
    assert planned.code == 0
    approved(beleg, planned.json["plan"]["id"])
    assert beleg("erase", "run", "R-1").code == 0
    assert stored_words(archive) == []


def test_a_held_neighbour_in_the_same_file_restricts(beleg: Beleg, archive: Path, chat: Path) -> None:
    """The file holds the words of both: destroying it would take the neighbour's, keeping it would leave ours."""
    beleg("ingest", chat, "--mine", "Anna")
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    item, held = number_of(beleg, SECRET), number_of(beleg, "garantie")
    beleg("hold", "place", "M-1", "--query", "garantie", "--reason", "Klage", "--review", "2027-06-30")
    asked = beleg("erase", "request", "--item", str(item), "--ground", "17-1a")
    assert asked.code == 5
    assert f"held neighbour {held}: hold H-1" in asked.out


def test_a_hold_placed_between_plan_and_run_wins(beleg: Beleg, archive: Path, chat: Path) -> None:
    beleg("ingest", chat, "--mine", "Anna")
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    item = number_of(beleg, SECRET)
    asked = beleg("erase", "request", "--item", str(item), "--ground", "17-1a", "--json")
    approved(beleg, asked.json["plan"]["id"])
    beleg("hold", "place", "M-1", "--account", "Anna", "--reason", "Klage", "--review", "2027-06-30")
    size = beleg("status", "--json").json["size"]
    done = beleg("erase", "run", "R-1")
    assert done.code == 5
    assert "hold H-1" in done.err
    assert beleg("status", "--json").json["size"] == size, "nothing was appended"
    assert number_of(beleg, SECRET) == item


def test_the_same_command_goes_on_where_the_vault_refused(
    beleg: Beleg, archive: Path, chat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beleg("ingest", chat, "--mine", "Anna")
    beleg("erase", "request", "--item", str(number_of(beleg, SECRET)), "--ground", "17-1a")
    approved(beleg, "D-1")

    def refuse(_: FolderStore, name: str, body: bytes) -> None:
        raise StoreError(f"{name}: no right to write {len(body)} bytes")

    with monkeypatch.context() as patched:
        patched.setattr(FolderStore, "overwrite", refuse)
        broken = beleg("erase", "run", "R-1")
        assert (broken.code, "the erasure stays open" in broken.err) == (4, True)
    done = beleg("erase", "run", "R-1")
    assert done.code == 0, done.err
    assert beleg("erase", "certificate", "R-1").code == 0
    again = beleg("erase", "run", "R-1")
    assert (again.code, "was ordered already" in again.err) == (2, True)


def test_nothing_goes_without_two_people_of_two_roles(beleg: Beleg, archive: Path, chat: Path) -> None:
    beleg("ingest", chat, "--mine", "Anna")
    item = number_of(beleg, SECRET)
    beleg("erase", "request", "--item", str(item), "--ground", "17-1a")
    assert "so far: nobody" in beleg("erase", "run", "D-1").err
    beleg("approve", "D-1", "--key", "legal")
    assert beleg("approve", "D-1", "--key", "legal").code == 2
    assert beleg("person", "add", "Justiziarin", "--role", "legal").code == 0
    assert beleg("approve", "D-1", "--key", archive / "keys" / "P-1.key").code == 0
    refused = beleg("erase", "run", "D-1")
    assert refused.code == 5
    assert "legal, legal" in refused.err
    assert beleg("approve", "D-1", "--key", "ingest").code == 5
    assert beleg("approve", "D-1", "--key", "owner").code == 0
    assert beleg("erase", "run", "D-1").code == 0
    assert beleg("erase", "run", "D-1").code == 2, "carried out once"


def test_what_is_asked_for_badly_is_refused(beleg: Beleg, archive: Path, chat: Path) -> None:
    beleg("ingest", chat, "--mine", "Anna")
    assert beleg("erase", "request", "--ground", "x").code == 2
    assert beleg("erase", "request", "--item", "5", "--ground", " ").code == 2
    assert beleg("erase", "request", "--item", "1", "--ground", "x").code == 2
    assert beleg("erase", "request", "S-9", "--ground", "x").code == 2
    assert beleg("erase", "plan", "R-9").code == 2
    assert beleg("erase", "run", "D-9").code == 2
    assert beleg("erase", "certificate", "R-9").code == 2
    assert beleg("approve", "D-9", "--key", "legal").code == 2
    assert beleg("approve", "D-9", "--key", "nobody").code == 2


def test_the_journal_tells_that_lines_were_erased_and_misses_none(
    beleg: Beleg, archive: Path, chat: Path
) -> None:
    beleg("ingest", chat, "--mine", "Anna")
    item = number_of(beleg, SECRET)
    beleg("show", str(item))
    number_of(beleg, "garantie")
    erased(beleg, item)
    told = beleg("access", "--json")
    assert told.code == 0, told.out
    assert told.json["erased"] == 1, "the search that found it by its words; that it was shown stays"
    assert [read["command"] for read in told.json["reads"]] == ["show", "search"]
    journal = archive / "workspace" / "journal.jsonl"
    number_of(beleg, "garantie")
    number_of(beleg, "morgen")
    lines = journal.read_text().splitlines(keepends=True)
    assert len(lines) == 3
    journal.write_text(lines[0] + lines[2])
    assert beleg("access").code != 0, "a line that is missing and was not erased is still seen"


def test_every_capture_in_which_it_came_goes(beleg: Beleg, archive: Path, chat: Path) -> None:
    """A later, longer export of the same chat showed it again; so did a copy in the same folder."""
    beleg("ingest", chat, "--mine", "Anna")
    more = chat.with_name("more")
    more.mkdir()
    (more / chat.name).write_text(CHAT + "[04.02.25, 10:00:00] Anna: Später\n", encoding="utf-8")
    beleg("ingest", more / chat.name, "--mine", "Anna")
    asked = beleg("erase", "request", "--item", str(number_of(beleg, SECRET)), "--ground", "17-1a", "--json")
    assert dict(asked.json["plan"]["counts"])["containers"] == 2
    approved(beleg, "D-1")
    assert beleg("erase", "run", "R-1").code == 0
    report = beleg("verify", "--level", "2", "--json").json
    assert report["erased"] >= 3
    assert number_of(beleg, "später")


def test_the_other_engine_forgets_too(beleg: Beleg, archive: Path, chat: Path) -> None:
    settings = archive / "beleg.toml"
    told = settings.read_text(encoding="utf-8")
    assert 'engine = "tantivy"' in told
    settings.write_text(told.replace('engine = "tantivy"', 'engine = "whoosh"'), encoding="utf-8")
    beleg("ingest", chat, "--mine", "Anna")
    item = number_of(beleg, SECRET)
    assert beleg("search", SECRET, "--second-opinion").code == 0
    erased(beleg, item)
    needle = SECRET.casefold().encode()
    left = [name for name, data in bytes_of(archive / "workspace").items() if needle in data.lower()]
    assert left == []
    assert not (archive / "workspace" / "index-tantivy").exists(), "made anew when it is asked for"
    assert beleg("search", "garantie", "--second-opinion").code == 0
    from archive.adapters.index_whoosh import WhooshIndex

    index = WhooshIndex(archive / "workspace" / "index-whoosh")
    assert not [term for term in index.vocabulary() if SECRET.casefold() in term]
    index.close()


def test_what_is_gone_already_is_not_asked_for_again(beleg: Beleg, archive: Path, chat: Path) -> None:
    beleg("ingest", chat, "--mine", "Anna")
    item, kept = number_of(beleg, SECRET), number_of(beleg, "garantie")
    record = erased(beleg, item).json["erase"][0]
    again = beleg("erase", "request", "--item", str(item), "--ground", "17-1a")
    assert (again.code, f"item {item} in record {record}" in again.err) == (2, True), again.err
    both = beleg("erase", "request", "--item", str(item), "--item", str(kept), "--ground", "17-1a", "--json")
    assert dict(both.json["plan"]["counts"])["items"] == 1


def test_what_was_decided_on_a_statement_goes_with_its_words(beleg: Beleg, archive: Path, chat: Path) -> None:
    """It bears their SHA-256: a few words are guessed at once."""
    beleg("ingest", chat, "--mine", "Anna")
    item = number_of(beleg, "garantie")
    (made,) = beleg("statement", "confirm", str(item), "--note", "Zusage", "--json").json
    asked = beleg("erase", "request", "--item", str(item), "--ground", "17-1a", "--json").json
    assert ["decisions", 1] in asked["plan"]["counts"]
    approved(beleg, "D-1")
    assert beleg("statement", "reject", str(item)).code == 0
    assert "1 more records belong to it" in beleg("erase", "run", "R-1").err, "it came after the signatures"
    approved(beleg, beleg("erase", "plan", "R-1", "--json").json["plan"]["id"])
    assert beleg("erase", "run", "R-1").code == 0
    assert beleg("verify").code == 0
    assert made["words_sha256"] not in str(bytes_of(archive / "workspace"))


def test_a_line_goes_though_it_showed_nothing_of_what_its_words_found(
    beleg: Beleg, archive: Path, chat: Path
) -> None:
    beleg("ingest", chat, "--mine", "Anna")
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    item = number_of(beleg, SECRET)
    assert beleg("search", f"{SECRET} OR garantie", "--limit", "1").code == 0
    hold = ("hold", "place", "M-1", "--query", SECRET, "--reason", "x", "--review", "2999-01-01", "--preview")
    assert beleg(*hold).code == 0
    assert beleg("search", "garantie", "--limit", "0").code == 0
    erased(beleg, item)
    told = beleg("access", "--json").json
    assert (told["erased"], [read["query"] for read in told["reads"]]) == (3, ["garantie"])


def test_verify_says_which_records_are_gone_and_by_whose_order(
    beleg: Beleg, archive: Path, chat: Path
) -> None:
    """An auditor without keys: which, since when, by whom; why, the request says to whoever may read it."""
    beleg("ingest", chat, "--mine", "Anna")
    item = number_of(beleg, SECRET)
    (record,) = erased(beleg, item).json["erase"]
    (order,) = beleg("verify", "--json").json["orders"]
    assert order["record"] == record
    assert any(first <= item <= last for first, last in order["targets"])
    assert [one.partition(" ")[0] for one in order["approved_by"]] == ["legal", "privacy"]
    told = beleg("verify", "--report", chat.parent / "report.html").out
    assert f"Erased by record {record} of 20" in told
    assert f"on the request of record {order['request']}" in told
    page = (chat.parent / "report.html").read_text(encoding="utf-8")
    assert f"Erased by record {record}" in page
    assert SECRET not in told + page
