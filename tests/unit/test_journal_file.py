"""The file of the read journal: what one process has judged already is believed only while it is the same bytes."""

from contextlib import nullcontext
from pathlib import Path

import pytest

from archive.adapters.journal_file import JournalFile
from archive.errors import Unfinished
from schemas.matter import Read


def made(words: str) -> "object":
    def make(journal: str, line: int, previous: str) -> Read:
        return Read(
            time="2026-05-04T10:00:00Z", command="search", query=words, count=0, known=1,
            journal=journal, line=line, previous=previous,
        )  # fmt: skip

    return make


def add(journal: JournalFile, *words: str) -> None:
    for word in words:
        journal.append(made(word))  # type: ignore[arg-type]


@pytest.fixture
def journal(tmp_path: Path) -> JournalFile:
    return JournalFile(tmp_path / "journal.jsonl", nullcontext)


def test_lines_of_another_process_are_read_too(journal: JournalFile) -> None:
    add(journal, "eins", "zwei")
    add(JournalFile(journal.path, nullcontext), "drei")
    add(journal, "vier")
    assert [read.query for read in journal.unsealed()] == ["eins", "zwei", "drei", "vier"]
    assert [read.line for read in journal.unsealed()] == [0, 1, 2, 3]


@pytest.mark.parametrize("change", [(b"eins", b"Eins"), (b"zwei", b"zwEi")])
def test_a_line_that_is_altered_later_is_noticed(journal: JournalFile, change: tuple[bytes, bytes]) -> None:
    add(journal, "eins", "zwei")
    journal.path.write_bytes(journal.path.read_bytes().replace(*change))
    with pytest.raises(Unfinished, match="altered or damaged"):
        add(journal, "drei")


def test_a_line_that_is_taken_out_is_noticed(journal: JournalFile) -> None:
    add(journal, "eins", "zwei", "drei")
    lines = journal.path.read_bytes().splitlines(keepends=True)
    journal.path.write_bytes(b"".join([*lines[:2], lines[3]]))
    with pytest.raises(Unfinished, match="altered or damaged"):
        journal.unsealed()


def test_a_line_is_durable_before_anything_is_shown(
    journal: JournalFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(journal, "eins")
    durable: list[bytes] = []
    monkeypatch.setattr("os.fsync", lambda _: durable.append(journal.path.read_bytes()))
    add(journal, "zwei")
    assert durable == [journal.path.read_bytes()]


def test_what_was_sealed_has_left_and_the_numbers_go_on(journal: JournalFile) -> None:
    add(journal, "eins", "zwei")
    sealed: list[Read] = []
    assert journal.seal(sealed.extend) == 2
    add(journal, "drei")
    assert [(read.line, read.previous) for read in journal.unsealed()] == [(2, sealed[-1].chain)]
