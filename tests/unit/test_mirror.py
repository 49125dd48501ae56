"""A mirror of an archive that goes on being written to."""

import pytest

from archive.core import layout
from archive.errors import RolledBack
from archive.ledger.checks import Question
from archive.services.mirror import mirror
from tests.attacks import filled, names, restore, snapshot
from tests.ledger_kit import Kit, item_draft
from tests.memory_store import MemoryStore


def test_what_others_write_meanwhile_is_for_the_next_mirror() -> None:
    kit = filled()
    size, copies = kit.ledger().refresh().size, (MemoryStore(), MemoryStore())
    written: list[int] = []

    def write(call: str, name: str, when: str) -> bool:
        """Another process appends while the last object is being copied."""
        if call == "put_new" and when == "after" and not written and name == last:
            written.append(1)
            kit.append(kit.ledger(), "ingest", item_draft("meanwhile"))
        return False

    last = names(kit.archive, layout.SEGMENTS)[-1]
    copies[0].fault = write
    done = run(kit, copies)
    assert written
    assert (done.report.exit_code, done.report.size) == (0, size), done.report.findings
    assert done.objects == len(copies[0].objects) + len(copies[1].objects) == done.copied
    assert run(kit, copies).report.size == size + 1


def test_a_mirror_that_holds_more_than_the_archive_is_left_as_it_is() -> None:
    """What a rolled back archive, and a fork that grows on it, would pour into the only good copy."""
    kit, copies = filled(), (MemoryStore(), MemoryStore())
    before = snapshot(kit)
    kit.append(kit.ledger(), "ingest", item_draft("the promise"))
    run(kit, copies)
    good = [dict(store.objects) for store in copies]
    restore(kit, before)
    for _ in range(2):
        with pytest.raises(RolledBack, match="Nothing was copied"):
            run(kit, copies)
        assert [store.objects for store in copies] == good
        kit.append(kit.ledger(), "ingest", item_draft("another one"))


def run(kit: Kit, copies: tuple[MemoryStore, MemoryStore]):  # type: ignore[no-untyped-def]
    return mirror(kit.archive, kit.control, *copies, Question(level=1), lambda *_: None)
