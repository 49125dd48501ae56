"""One vault copy is lost or damaged: it is made from the other, page by page, each judged before it is copied."""

import pytest

from archive.core.keypage import ZERO_SLOT, parse_page, zero_slots
from archive.ledger.drafts import Draft
from archive.ledger.page_copies import CopiedPages, PageCopier
from archive.ports import Places
from tests.ledger_kit import Kit, erase_draft, item_draft
from tests.memory_store import MemoryStore


@pytest.fixture
def kit() -> Kit:
    kit = Kit()
    ledger = kit.found()
    for text in ("one", "two"):
        kit.append(ledger, "ingest", item_draft(text))
    kit.append(ledger, "legal", kit.matter_draft("M-1"))
    return kit


def copy(kit: Kit, source: int, target: MemoryStore | None = None) -> CopiedPages:
    ledger = kit.ledger()
    ledger.follow()
    return PageCopier(ledger, source, target or kit.vaults[1 - source]).run(lambda *_: None)


@pytest.mark.parametrize("lost", [0, 1])
def test_a_lost_copy_is_made_anew(kit: Kit, lost: int) -> None:
    before = dict(kit.vaults[lost].objects)
    kit.vaults[lost].objects.clear()
    assert "missing" in {finding.kind for finding in kit.verify(1).findings}
    done = copy(kit, 1 - lost)
    assert (done.copied, done.zeroed, done.findings) == (done.pages, 0, [])
    assert kit.vaults[lost].objects == before
    assert kit.verify(2).exit_code == 0
    again = copy(kit, 1 - lost)
    assert (again.pages, again.copied) == (done.pages, 0)


def test_one_lost_page_among_others(kit: Kit) -> None:
    name, page = next(iter(kit.vaults[1].objects.items()))
    del kit.vaults[1].objects[name]
    assert copy(kit, 0).copied == 1
    assert kit.vaults[1].objects[name] == page


def test_what_is_not_good_in_the_source_is_named_and_not_copied(kit: Kit) -> None:
    name = next(iter(kit.vaults[0].objects))
    good = kit.vaults[1].objects.copy()
    kit.vaults[0].objects[name] = b"damaged"
    fresh = MemoryStore()
    done = copy(kit, 0, fresh)
    assert [finding.name for finding in done.findings] == [name]
    assert set(fresh.objects) == set(good) - {name}


def test_a_slot_zeroed_without_an_order_is_not_carried_over(kit: Kit) -> None:
    """Or damage in one copy would become damage in both."""
    name = next(name for name in kit.vaults[0].objects if "/content/" in name)
    kit.vaults[0].objects[name] = zero_slots(kit.vaults[0].objects[name], [0])
    before = dict(kit.vaults[1].objects)
    kit.vaults[1].mutable = True
    assert copy(kit, 0).findings
    assert kit.vaults[1].objects == before


def test_a_key_that_was_destroyed_by_order_is_destroyed_in_the_copy(kit: Kit) -> None:
    ledger = kit.ledger()
    ledger.follow()
    item = next(index for index in range(ledger.state.size) if ledger.leaf(index).kind == "item")
    batch = ledger.segment(next(ref for ref in ledger.state.segments if ref.first == item)).header.batch
    name = next(name for name in kit.vaults[0].objects if batch.hex() in name and "/content/" in name)
    request = kit.append(ledger, "privacy", Draft("oversight", "request", values={})).first
    kit.append(ledger, "legal", erase_draft(kit, ledger, [[item, item]], request=request))
    kit.vaults[0].objects[name] = zero_slots(kit.vaults[0].objects[name], [0])
    kit.vaults[1].mutable = True
    done = copy(kit, 0)
    assert (done.zeroed, done.findings) == (1, [])
    assert kit.vaults[1].objects[name] == kit.vaults[0].objects[name]
    assert parse_page(kit.vaults[1].objects[name]).slots[0] == ZERO_SLOT


def test_pages_that_differ_otherwise_are_left(kit: Kit) -> None:
    name = next(name for name in kit.vaults[1].objects if "/content/" in name)
    page = bytearray(kit.vaults[1].objects[name])
    page[-1] ^= 1
    kit.vaults[1].objects[name] = bytes(page)
    done = copy(kit, 0)
    assert [finding.kind for finding in done.findings] == ["altered"]
    assert kit.vaults[1].objects[name] == bytes(page)


def test_what_was_not_pulled_yet_is_named_where_the_first_copy_is_lost(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = kit.vaults
    monkeypatch.setattr(
        Kit, "places", property(lambda self: Places(self.archive, self.control, (first,), (second,)))
    )
    name = max(second.objects)
    del second.objects[name]
    fresh = MemoryStore()
    done = copy(kit, 1, fresh)
    assert [(finding.kind, finding.name) for finding in done.findings] == [("not_copied", name)]
    assert set(fresh.objects) == set(second.objects)
