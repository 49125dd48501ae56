"""Who looks, and what for: blanks are no purpose, and every look that tells of conversations is written down."""

import json
from pathlib import Path

import pytest

from tests.commandline.conftest import CHAT, Beleg


@pytest.fixture
def filled(beleg: Beleg, archive: Path, chat: Path) -> Beleg:
    assert beleg("ingest", chat, "--source", "Phone of Anna").code == 0
    return beleg


def journal(archive: Path) -> list[dict[str, object]]:
    lines = (archive / "workspace" / "journal.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines[1:]]


def test_blanks_are_no_purpose(filled: Beleg) -> None:
    assert filled("policy", "set", "--demand-purpose", "--reason", "agreement").code == 0
    for blank in ("", " ", "   "):
        refused = filled("search", "garantie", "--purpose", blank)
        assert (refused.code, refused.out) == (5, ""), blank
    assert filled("search", "garantie", "--purpose", " Revision ").code == 0


def test_coverage_names_conversations_and_is_written_down(filled: Beleg, archive: Path) -> None:
    filled("coverage", "--purpose", "Revision")
    assert [(line["command"], line["purpose"]) for line in journal(archive)] == [("coverage", "Revision")]
    filled("policy", "set", "--demand-purpose", "--reason", "agreement")
    refused = filled("coverage")
    assert (refused.code, refused.out) == (5, "")
    assert "demands a purpose" in refused.err


def test_coverage_tells_not_when_somebody_protected_writes(filled: Beleg, tmp_path: Path) -> None:
    other = tmp_path / "WhatsApp Chat mit Bert.txt"
    other.write_text("[03.02.25, 09:14:05] Bert: Moin\n[03.02.25, 09:15:00] Carl: Moin\n", encoding="utf-8")
    assert filled("ingest", other, "--mine", "Carl").code == 0
    filled("party", "add", "Lieferant", "--account", "whatsapp:Lieferant")
    filled("policy", "set", "--second-person", "Y-1", "--reason", "agreement")
    page = tmp_path / "page.html"
    found = filled("coverage", "--page", page, "--json").json
    times = {one["title"]: (one["items"], one["first"], one["last"]) for one in found["threads"]}
    assert times["Lieferant"] == (3, None, None)
    assert times["Bert"][1:] == ("2025-02-03T08:14:05Z", "2025-02-03T08:15:00Z")
    told = json.dumps(found) + filled("coverage").out + page.read_text(encoding="utf-8")
    assert "08:15:41" not in told
    assert "09:16:02" not in told
    assert "1 threads stand without times" in told


def test_nobody_is_told_that_nobody_looked(filled: Beleg, monkeypatch: pytest.MonkeyPatch) -> None:
    """A day that cannot be read is no day, and a long list of items may hold the one that is asked for."""
    assert filled("search", "garantie").code == 0
    assert filled("access", "--since", "2020-01-01", "--json").json["reads"]
    for slip in ("gestern", "30d", "20200101"):
        assert filled("access", "--since", slip).code == 2, slip
    monkeypatch.setattr("archive.services.journal.LISTED", 0)
    (hit,) = filled("search", "garantie", "--json").json["hits"]
    done = filled("access", "--item", str(hit["number"]))
    assert "1 reads shown" in done.out
    assert f"1 more reads showed so many items that none is listed: item {hit['number']} may be" in done.out


def test_a_key_that_signs_nothing_is_nobodys_signature(filled: Beleg) -> None:
    for option in ("--second", "--person"):
        refused = filled("search", "garantie", option, "auditor")
        assert (refused.code, refused.out) == (5, "")
        assert "signs nothing" in refused.err


def test_bytes_of_another_encoding_name_nobody(filled: Beleg) -> None:
    for command in (
        ("subject", "find"),
        ("statement", "list", "--party"),
        ("statement", "register", "--party"),
    ):
        refused = filled(*command, "M\udcfcller")
        assert (refused.code, refused.out) == (2, ""), refused.err
        assert "not UTF-8" in refused.err


def damaged(archive: Path) -> None:
    file = archive / "workspace" / "journal.jsonl"
    told = file.read_bytes()
    assert b'"command": "search"' in told
    file.write_bytes(told.replace(b'"command": "search"', b'"command": "sparch"'))


def test_a_damaged_journal_stops_who_looks_and_no_capture(
    filled: Beleg, archive: Path, tmp_path: Path
) -> None:
    filled("search", "garantie")
    damaged(archive)
    assert filled("show", "5").code == 4
    told = filled("status")
    assert (told.code, "Ledger " in told.out, "journal of reads was altered" in told.out) == (4, True, True)
    more = [tmp_path / f"WhatsApp Chat mit {name}.txt" for name in ("Kim", "Ole")]
    for file in more:
        file.write_text(CHAT.replace("Lieferant", file.stem[-3:]), encoding="utf-8")
    done = filled("ingest", *more)
    assert (done.code, "journal of reads was altered" in done.err) == (4, True)
    assert [line.partition(":")[0] for line in done.out.splitlines() if "items sealed" in line] == [
        file.name for file in more
    ]


def test_who_asks_what_stood_of_an_item_looks(filled: Beleg, archive: Path) -> None:
    item = filled("search", "garantie", "--json").json["hits"][0]["number"]
    for day, code in (("2025-02-02", 2), ("2025-02-04", 0)):
        assert filled("show", str(item), "--as-of", day).code == code
        last = journal(archive)[-1]
        assert (last["command"], last["items"][0]) == ("show", item)  # type: ignore[index]
    assert len(journal(archive)) == 3


def test_who_is_told_that_engines_disagree_looks(
    filled: Beleg, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.services.second.matches", lambda query, document: False)
    assert filled("search", "garantie", "--recount").code == 1
    assert [line["query"] for line in journal(archive)] == ["garantie"]
    filled("policy", "set", "--demand-purpose", "--reason", "agreement")
    assert filled("search", "garantie", "--recount").code == 5


def test_who_redacts_looks_and_may_not_guess_words_unseen(filled: Beleg, archive: Path) -> None:
    item = filled("search", "garantie", "--json").json["hits"][0]
    filled("matter", "open", "Pumpe", "--reason", "Klage")
    filled("matter", "add", "M-1", str(item["number"]))
    redact = ("matter", "redact", "M-1", str(item["number"]), "--reason")
    for guess in (
        ("x", "--words", "steht nicht da"),
        ("sagt Garantie zu", "--words", "Garantie"),
        ("x", "--span", "0-9000"),
    ):
        asked = len(journal(archive))
        assert filled(*redact, *guess).code == 2
        [line] = journal(archive)[asked:]
        assert (line["command"], line["matter"], line["items"]) == ("redact", "M-1", [item["number"]])
    filled("party", "add", "Geschützt", "--account", f"whatsapp:{item['author']}")
    filled("policy", "set", "--second-person", "Y-1", "--reason", "agreement")
    refused = filled(*redact, "x", "--words", "Garantie")
    assert (refused.code, "second person" in refused.err) == (5, True)
    assert filled(*redact, "x", "--words", "Garantie", "--second", "privacy").code == 0
