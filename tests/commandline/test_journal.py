"""The journal of reads: written before content is shown, chained, sealed, shown to the data protection officer."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive.adapters.journal_file import JournalFile
from archive.core.journal import START
from archive.errors import Unfinished
from schemas.matter import Read
from tests.commandline.conftest import Beleg
from tests.ledger_kit import no_lock


@pytest.fixture
def filled(beleg: Beleg, archive: Path, chat: Path) -> Beleg:
    assert beleg("ingest", chat, "--source", "Phone of Anna").code == 0
    return beleg


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Moves the clock of the archive."""

    def move(by: timedelta) -> None:
        monkeypatch.setattr("archive.wiring.clock", lambda: datetime.now(UTC) + by)

    return move


def journal(archive: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (archive / "workspace" / "journal.jsonl").read_text().splitlines()]


def test_every_display_of_content_is_written_down(filled: Beleg, archive: Path, tmp_path: Path) -> None:
    number = filled("search", "garantie", "--purpose", "Anfrage", "--json").json["hits"][0]["number"]
    filled("show", number, "--context", "1")
    filled("thread", number)
    filled("matter", "open", "Pumpe", "--reason", "Klage")
    filled("search", "garantie", "--matter", "M-1", "--csv", tmp_path / "x.csv")
    filled("matter", "add", "M-1", "--search", "jahre")
    filled("export", "M-1", "--out", tmp_path / "out")
    _, *lines = journal(archive)
    assert [line["command"] for line in lines] == [
        "search", "show", "thread", "search", "list", "select", "select", "export",
    ]  # fmt: skip
    assert (lines[0]["query"], lines[0]["items"], lines[0]["purpose"]) == ("garantie", [number], "Anfrage")
    assert lines[1]["count"] == 3
    assert {line.get("matter") for line in lines[3:]} == {"M-1"}
    assert all(line["signed"]["writer"] and line["operator"] for line in lines)  # type: ignore[index]
    found = filled("access", "--json")
    assert (found.code, len(found.json["reads"]), found.json["unsealed"]) == (0, 8, 8)
    assert [r["command"] for r in filled("access", "--matter", "M-1", "--json").json["reads"]] == [
        line["command"] for line in lines[3:]
    ]
    assert len(filled("access", "--item", str(number), "--json").json["reads"]) == 8


def test_nothing_is_shown_when_the_journal_cannot_be_written(filled: Beleg, archive: Path) -> None:
    filled("search", "garantie")
    file = archive / "workspace" / "journal.jsonl"
    good = file.read_bytes()
    file.write_bytes(good.replace(b"garantie", b"harmlose"))
    for command in (("search", "garantie"), ("show", "6"), ("thread", "6")):
        refused = filled(*command)
        assert (refused.code, refused.out) == (4, "")
        assert "journal of reads was altered" in refused.err
    assert filled("verify", "--level", "0", "--json").json["journal_problem"]
    file.write_bytes(good + b'{"half a li')
    assert filled("search", "garantie").code == 0, "a line that a crash cut off was never answered"
    assert len(journal(archive)) == 3


def test_a_clock_ahead_keeps_no_line_from_being_sealed(
    filled: Beleg, archive: Path, later: Callable[[timedelta], None]
) -> None:
    later(timedelta(days=4000))
    filled("search", "garantie")
    assert "ahead of this clock" in filled("status").out
    assert "ahead of this clock" in filled("verify").out
    later(timedelta(0))
    filled("search", "jahre")
    assert filled("access", "--json").json["unsealed"] == 1, "the line of unknown age was sealed at once"
    file = JournalFile(archive / "workspace" / "journal.jsonl", no_lock)
    [now] = file.unsealed()
    ahead = (datetime.now(UTC) + timedelta(days=4000)).strftime("%Y-%m-%dT%H:%M:%SZ")
    file.append(
        lambda j, n, before: now.model_copy(
            update={"journal": j, "line": n, "previous": before, "time": ahead}
        )
    )
    assert filled("status", "--json").json["journal_unsealed_since"] == now.time, "not that of the last line"


def test_old_lines_are_sealed_by_the_next_command_or_run(
    filled: Beleg, archive: Path, chat: Path, later: Callable[[timedelta], None]
) -> None:
    filled("search", "garantie")
    size = filled("status", "--json").json["size"]
    assert filled("status", "--json").json["journal_unsealed_since"] is not None
    assert "unsealed read is" in filled("verify").out
    later(timedelta(minutes=59))
    filled("search", "jahre")
    assert filled("status", "--json").json["size"] == size
    later(timedelta(minutes=61))
    filled("show", "6")
    assert filled("status", "--json").json["size"] == size + 2, (
        "two lines were sealed before the third was written"
    )
    found = filled("access", "--json").json
    assert ([r["command"] for r in found["reads"]], found["unsealed"]) == (["search", "search", "show"], 1)
    later(timedelta(hours=5))
    chat.write_text(chat.read_text() + "[03.02.25, 10:00:00] Anna: noch etwas\n")
    filled("ingest", chat)
    assert filled("status", "--json").json["journal_unsealed_since"] is None
    found = filled("access", "--json")
    assert (found.code, len(found.json["reads"]), found.json["unsealed"]) == (0, 3, 0)
    assert filled("verify", "--level", "2").code == 0


def test_a_command_that_writes_and_shows_nothing_seals_too(
    filled: Beleg, later: Callable[[timedelta], None]
) -> None:
    filled("search", "garantie")
    filled("matter", "open", "Pumpe", "--reason", "Klage")
    assert filled("access", "--json").json["unsealed"] == 1, "it is young"
    later(timedelta(minutes=61))
    for reading in ("status", "matter list"):
        filled(*reading.split())
        assert filled("access", "--json").json["unsealed"] == 1, "what only reads writes nothing"
    assert filled("party", "add", "Lieferant").code == 0
    found = filled("access", "--json")
    assert (found.code, len(found.json["reads"]), found.json["unsealed"]) == (0, 1, 0)
    assert filled("verify", "--level", "2").code == 0


def test_a_crash_between_sealing_and_forgetting_counts_nothing_twice(
    filled: Beleg, archive: Path, later: Callable[[timedelta], None]
) -> None:
    filled("search", "garantie")
    file = archive / "workspace" / "journal.jsonl"
    before = file.read_bytes()
    for hours in (2, 4):
        later(timedelta(hours=hours))
        filled("status")
        filled("search", "jahre")
        if hours == 2:
            file.write_bytes(before)
    found = filled("access", "--json")
    assert [r["query"] for r in found.json["reads"]] == ["garantie", "jahre"]
    assert found.code == 0


def test_a_missing_line_is_seen(filled: Beleg, archive: Path, later: Callable[[timedelta], None]) -> None:
    file = archive / "workspace" / "journal.jsonl"
    filled("search", "garantie")
    filled("search", "jahre")
    lines = file.read_text().splitlines()
    head = {**json.loads(lines[0]), "line": 1, "previous": json.loads(lines[1])["chain"]}
    file.write_text(json.dumps(head) + "\n" + lines[2] + "\n")
    found = filled("access")
    assert found.code == 3
    assert "lines before 1 are missing" in found.out


def test_a_purpose_can_be_demanded(filled: Beleg) -> None:
    assert filled("policy", "show", "--json").json is None
    done = filled("policy", "set", "--demand-purpose", "--reason", "Betriebsvereinbarung", "--json")
    assert done.json["purpose_demanded"] is True
    for command in (("search", "garantie"), ("show", "6"), ("thread", "6")):
        refused = filled(*command)
        assert (refused.code, refused.out) == (5, "")
        assert "--purpose" in refused.err
        assert filled(*command, "--purpose", "Anfrage der Geschäftsleitung").code == 0
    assert filled("search", "garantie", "--purpose", "M-1").code == 2, "a matter that there is not"
    filled("matter", "open", "Pumpe", "--reason", "Klage")
    assert filled("search", "garantie", "--purpose", "M-1").code == 0
    assert filled("access", "--json").json["reads"][-1]["matter"] == "M-1"
    filled("policy", "set", "--reason", "aufgehoben")
    assert filled("search", "garantie").code == 0


def test_an_employee_is_singled_out_by_two_people_only(filled: Beleg) -> None:
    filled("party", "add", "Anna", "--side", "ours")
    assert filled("policy", "set", "--second-person", "Y-9", "--reason", "x").code == 2
    filled("policy", "set", "--second-person", "Y-1", "--reason", "Betriebsvereinbarung")
    hers = filled("search", "morgen", "--json").json["hits"][0]["number"]
    theirs = filled("search", "garantie", "--json").json["hits"][0]["number"]
    assert filled("show", theirs).code == 0
    for command in (
        ("search", "from:anna"), ("search", "NOT with:anna"), ("search", "a NOT (b OR from:bernd)"), ("show", hers)
    ):  # fmt: skip
        refused = filled(*command)
        assert (refused.code, refused.out) == (5, "")
        assert "second person" in refused.err
        assert filled(*command, "--second", "legal").code == 2, "the same person is no second one"
        assert filled(*command, "--second", "privacy").code == 0
    read = filled("access", "--json").json["reads"][-1]
    assert read["named"] == ["Y-1"]
    assert read["second"]["writer"] != read["signed"]["writer"]
    assert filled("search", "from:anna", "--second", "nobody").code == 5


@pytest.mark.parametrize(
    "command",
    [
        ("subject", "find", "anna"),
        ("statement", "list", "--party", "Anna"),
        ("statement", "register", "--party", "Y-1"),
        ("search", "thread:anna"),
        ("search", 'source:"phone of anna"'),
    ],
)
def test_no_other_command_singles_out_an_employee_either(filled: Beleg, command: tuple[str, ...]) -> None:
    filled("party", "add", "Anna", "--side", "ours")
    filled("policy", "set", "--second-person", "Y-1", "--reason", "Betriebsvereinbarung")
    refused = filled(*command)
    assert (refused.code, refused.out) == (5, "")
    assert "second person" in refused.err
    assert filled(*command, "--second", "privacy").code == 0
    assert filled("access", "--json").json["reads"][-1]["named"] == ["Y-1"]
    assert filled("subject", "find", "Lieferant").code == 0


@pytest.mark.parametrize(
    "asked", [("garantie", "--purpose", "\udcff"), ("garantie", "--purpose", "x\x1b[31m"), ("id:\udcff",)]
)
def test_what_cannot_be_written_down_is_refused(filled: Beleg, asked: tuple[str, ...]) -> None:
    refused = filled("search", *asked)
    assert (refused.code, refused.out) == (2, "")
    assert filled("access", "--json").json["reads"] == []


def test_the_neighbours_of_a_hit_are_looked_at_as_well(filled: Beleg) -> None:
    found = filled("search", "garantie", "--context", "1", "--json").json["hits"][0]
    around = [one["number"] for one in (*found["before"], *found["after"])]
    assert len(around) == 2
    read = filled("access", "--json").json["reads"][-1]
    assert (read["items"], read["count"]) == ([found["number"], *around], 3)


def test_a_person_signs_with_a_key_of_their_own(filled: Beleg) -> None:
    filled("person", "add", "Justiziarin", "--role", "legal")
    assert filled("search", "garantie", "--person", "P-1").code == 0
    [read] = filled("access", "--by", "P-1", "--json").json["reads"]
    assert read["person"] == "P-1"
    assert filled("search", "garantie", "--person", "P-2").code in (2, 5)


def test_a_forged_signature_is_seen(filled: Beleg, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archive.services.journal.to_sign", lambda read, origin: b"something else")
    filled("search", "garantie")
    monkeypatch.undo()
    monkeypatch.setenv("BELEG_PASSPHRASE", "a passphrase for tests")
    monkeypatch.setenv("BELEG_ARCHIVE", str(archive))
    found = filled("access")
    assert found.code == 3
    assert "signature of the first person is not good" in found.out


def test_a_journal_of_many_lines_is_one_chain(tmp_path: Path) -> None:
    file = JournalFile(tmp_path / "journal.jsonl", no_lock)

    def make(journal: str, line: int, previous: str) -> Read:
        return Read(
            time="2026-01-01T00:00:00Z",
            command="show",
            items=(line,),
            journal=journal,
            line=line,
            previous=previous,
        )

    made = [file.append(make) for _ in range(5)]
    assert [read.previous for read in made] == [START, *(read.chain for read in made[:-1])]
    sealed: list[Read] = []
    assert file.seal(sealed.extend) == 5
    assert sealed == made
    assert file.unsealed() == ()
    sixth = file.append(make)
    assert (sixth.line, sixth.previous, sixth.journal) == (5, made[-1].chain, made[0].journal)
    assert (tmp_path / "journal.jsonl").stat().st_mode & 0o077 == 0
    text = (tmp_path / "journal.jsonl").read_text().splitlines()
    (tmp_path / "journal.jsonl").write_text("\n".join([text[0], text[1], text[1]]) + "\n")
    with pytest.raises(Unfinished, match="altered or damaged"):
        file.append(make)
