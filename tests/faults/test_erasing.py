"""The zeroing of keys by itself: exactly what is named, in every copy, whatever interrupts or races it."""

import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive.core import layout
from archive.core.keypage import ZERO_SLOT, parse_page
from archive.ledger.drafts import Draft, clear_draft
from archive.ledger.erasing import PageEraser, doomed
from archive.ledger.writer import Ledger
from tests.ledger_kit import Kit, erase_draft, item_draft
from tests.memory_store import Crash

TEXTS = ("one", "two", "three", "four")


@pytest.fixture
def kit() -> Kit:
    kit = Kit()
    for vault in kit.vaults:
        vault.mutable = True
    return kit


def ordered(kit: Kit, *targets: list[int]) -> Ledger:
    """A ledger with four items in two segments (records 2 to 5), a request and an order to erase."""
    ledger = kit.found()
    kit.append(ledger, "ingest", item_draft("one"), item_draft("two"))
    kit.append(ledger, "ingest", item_draft("three"), item_draft("four"))
    kit.append(ledger, "privacy", Draft("oversight", "request", values={}))
    kit.append(ledger, "legal", erase_draft(kit, ledger, list(targets) or [[3, 4]], request=6))
    return ledger


def slots(kit: Kit, record_class: str = "content") -> list[list[bool]]:
    """For each copy, which slots live, over all pages of a class in order of the ledger."""
    ledger = kit.ledger()
    ledger.follow()
    found = []
    for vault in kit.vaults:
        lives = []
        for ref in ledger.state.segments:
            batch = ledger.segment(ref).header.batch
            name = layout.page(batch, record_class) if batch else ""
            if name in vault.objects:
                lives += [slot != ZERO_SLOT for slot in parse_page(vault.objects[name]).slots]
        found.append(lives)
    return found


def test_exactly_what_is_named(kit: Kit) -> None:
    ledger = ordered(kit)
    before = {id(vault): dict(vault.objects) for vault in kit.vaults}
    done = PageEraser(ledger, kit.vaults).run(ledger.state.erasures)
    assert done.zeroed == 4, "two records in two copies"
    assert slots(kit) == [[True, False, False, True]] * 2
    assert not done.problems
    for vault in kit.vaults:
        changed = {name for name in vault.objects if vault.objects[name] != before[id(vault)][name]}
        assert changed == set(done.digests)
    again = PageEraser(ledger, kit.vaults).run(ledger.state.erasures)
    assert (again.zeroed, again.digests) == (0, done.digests)
    pages = [list(pair) for pair in sorted(done.digests.items())]
    kit.append(ledger, "privacy", clear_draft("erased", {"erase": 7, "pages": pages}))
    report = kit.verify(1)
    assert (report.exit_code, report.erased) == (0, 2)
    assert ledger.state.page_digests == done.digests


def test_a_store_that_lists_nothing_gets_no_receipt(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have begun to keep versions, and the destroyed key in one of them."""
    ledger = ordered(kit)
    monkeypatch.setattr(kit.vaults[1], "versions", lambda prefix: iter(()))
    done = PageEraser(ledger, kit.vaults).run(ledger.state.erasures)
    assert not done.digests
    assert ["vault copy 2 does not list it" in one for one in done.problems] == [True] * len(done.problems)
    assert done.problems
    report = kit.verify(1)
    assert report.exit_code == 4
    (told,) = (one.text for one in report.findings if one.kind == "unknown")
    assert told.startswith("vault copy 2 does not list every version")


def test_a_store_that_lists_some_gets_no_receipt_for_the_others(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages of an older epoch are zeroed too, and what is kept of one of them may be a living key."""
    ledger = ordered(kit)
    vault = kit.vaults[1]
    first = next(doomed(ledger, ledger.state.erasures))
    for copy in kit.vaults:
        copy.objects[f"{first.prefix}{7:010}"] = copy.objects[first.name]
    versions = vault.versions
    monkeypatch.setattr(
        vault, "versions", lambda prefix: (one for one in versions(prefix) if not one.name.endswith("7"))
    )
    done = PageEraser(ledger, kit.vaults).run(ledger.state.erasures)
    assert first.name not in done.digests
    assert any("vault copy 2 does not list it" in one for one in done.problems)
    (told,) = (one for one in kit.verify(1).findings if one.kind == "unknown")
    assert (told.text[:40], told.name) == (
        "vault copy 2 does not list every version",
        f"{first.prefix}{7:010}",
    )


def test_a_receipt_for_a_page_without_target_is_a_finding(kit: Kit) -> None:
    """It would make the verifier call a key back that was never destroyed, and hide what is open."""
    ledger = ordered(kit)
    done = PageEraser(ledger, kit.vaults).run(ledger.state.erasures)
    (other,) = (n for n in kit.vaults[0].objects if "/oversight/" in n)
    stranger = layout.page(bytes(16), "content")
    pages = sorted([*(list(pair) for pair in done.digests.items()), [other, "0" * 64], [stranger, "0" * 64]])
    kit.append(ledger, "privacy", clear_draft("erased", {"erase": 7, "pages": pages}))
    found = [f for f in kit.verify(0).findings if f.severity == "finding"]
    assert {f.name for f in found} == {other, stranger}
    assert {f.index for f in found} == {8}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", range(4))
def test_killed_at_every_page(kit: Kit, number: int, when: str) -> None:
    ledger = ordered(kit)
    writes: list[str] = []

    def fault(call: str, name: str, moment: str) -> bool:
        if call != "overwrite":
            return False
        if moment == "before":
            writes.append(name)
        return moment == when and len(writes) == number + 1

    for vault in kit.vaults:
        vault.fault = fault
    with pytest.raises(Crash):
        PageEraser(ledger, kit.vaults).run(ledger.state.erasures)
    for vault in kit.vaults:
        vault.fault = lambda call, name, moment: False
    assert {f.kind for f in kit.verify(1).findings if f.severity != "note"} == set(), "open, and not damaged"
    PageEraser(ledger, kit.vaults).run(ledger.state.erasures)
    assert slots(kit) == [[True, False, False, True]] * 2


def test_a_page_written_from_what_was_read_before_is_mended(kit: Kit) -> None:
    """Two that erase at once: the slower writes the page that it read before the faster changed it (a lost update)."""
    ledger = ordered(kit, [3, 3])
    stale = {id(vault): dict(vault.objects) for vault in kit.vaults}
    PageEraser(ledger, kit.vaults).run(ledger.state.erasures)
    kit.append(ledger, "legal", erase_draft(kit, ledger, [[2, 2]], request=6))
    PageEraser(ledger, kit.vaults).run(ledger.state.erasures)
    assert slots(kit) == [[False, False, True, True]] * 2
    page = next(iter(doomed(ledger, ledger.state.erasures))).name
    kit.vaults[1].objects[page] = stale[id(kit.vaults[1])][page]
    assert slots(kit)[1] == [True, True, True, True]
    PageEraser(ledger, kit.vaults).run([ledger.state.erasures[0]])
    assert slots(kit) == [[False, False, True, True]] * 2, (
        "every slot of every erasure, not only of the one asked"
    )


def test_clear_and_state_records_are_never_touched(kit: Kit) -> None:
    """An order that names what nobody may erase is a finding; the privacy half does not follow it."""
    ledger = kit.found()
    kit.append(ledger, "ingest", item_draft("kept"), Draft("state", "cursor", values={}))
    kit.append(ledger, "privacy", Draft("oversight", "request", values={}))
    kit.append(ledger, "legal", erase_draft(kit, ledger, [[0, 3]], request=4))
    done = PageEraser(ledger, kit.vaults).run(ledger.state.erasures)
    assert done.zeroed == 2
    assert slots(kit, "state") == [[True]] * 2
    assert slots(kit, "content") == [[False]] * 2


def test_a_copy_that_lacks_the_page_keeps_the_receipt_waiting(kit: Kit) -> None:
    ledger = ordered(kit)
    page = next(iter(doomed(ledger, ledger.state.erasures))).name
    gone = kit.vaults[1].objects.pop(page)
    done = PageEraser(ledger, kit.vaults).run(ledger.state.erasures)
    assert page not in done.digests
    assert "copy 2" in done.problems[0]
    kit.vaults[1].objects[page] = gone
    assert not PageEraser(ledger, kit.vaults).run(ledger.state.erasures).problems
    assert slots(kit) == [[True, False, False, True]] * 2


def test_every_generation_is_zeroed(kit: Kit) -> None:
    ledger = ordered(kit)
    page = next(iter(doomed(ledger, ledger.state.erasures))).name
    for vault in kit.vaults:
        vault.objects[page[:-1] + "3"] = vault.objects[page]
    PageEraser(ledger, kit.vaults).run(ledger.state.erasures)
    for vault in kit.vaults:
        assert parse_page(vault.objects[page[:-1] + "3"]).slots[1] == ZERO_SLOT


def lost_race(kit: Kit) -> tuple[Ledger, str]:
    """A ledger in which a loser's segment and page lie beside the winner's; give the page's name."""
    first, second = kit.ledger(), kit.ledger()
    kit.found()
    first.follow()
    decided: list[bool] = []

    def decide(head: object) -> list[Draft]:
        if not decided:
            decided.append(True)
            kit.append(second, "ingest", item_draft("theirs"))
        return [item_draft("mine")]

    first.append(kit.writers["ingest"], decide)
    named = {layout.page(first.segment(r).header.batch or b"", "content") for r in first.state.segments}
    (lost,) = {name for name in kit.vaults[0].objects if "/content/" in name} - named
    return first, lost


def test_the_page_of_a_lost_race_dies_too(kit: Kit) -> None:
    """The loser's segment holds the same words under other keys: an erasure that forgot it would not be one."""
    ledger, lost = lost_race(kit)
    swept = PageEraser(ledger, kit.vaults).sweep_orphans(ledger.state.special["orphan"])
    assert swept == 2
    assert all(parse_page(vault.objects[lost]).slots == [ZERO_SLOT] for vault in kit.vaults)
    assert kit.verify(2).exit_code == 0


def test_an_orphan_that_names_a_batch_of_the_ledger_destroys_nothing(kit: Kit) -> None:
    """Whoever holds ingest keys may log an orphan of any batch: evidence must not go by it."""
    ledger = kit.found()
    kit.append(ledger, "ingest", item_draft("kept"))
    batch = ledger.segment(ledger.state.segments[-1]).header.batch or b""
    orphan = {"batch": batch.hex(), "first": 2, "segment": "0" * 64}
    kit.append(ledger, "ingest", clear_draft("orphan", orphan))
    assert PageEraser(ledger, kit.vaults).sweep_orphans(ledger.state.special["orphan"]) == 0
    assert slots(kit) == [[True]] * 2


def test_what_a_dead_writer_left_is_swept_after_thirty_days(kit: Kit) -> None:
    """Its objects are stored, and the page that opens them; no segment names either. What a segment names stays."""
    ledger = kit.found()
    kit.append(ledger, "ingest", item_draft("kept"))
    known = set(kit.vaults[0].objects)

    def die(call: str, name: str, when: str) -> bool:
        return call == "put_new" and name.startswith("segments/") and when == "before"

    kit.archive.fault = die
    with pytest.raises(Crash):
        kit.append(kit.ledger(), "ingest", item_draft("lost", attach=lambda: io.BytesIO(b"words")))
    kit.archive.fault = lambda call, name, when: False
    (left,) = set(kit.vaults[0].objects) - known
    ledger.follow()
    now = datetime.now(UTC)
    assert PageEraser(ledger, kit.vaults).sweep_unnamed(now) == 0, "young: its writer may live"
    for vault in kit.vaults:
        vault.ages = dict.fromkeys(vault.objects, now - timedelta(days=31))
    assert PageEraser(ledger, kit.vaults).sweep_unnamed(now) == 2
    assert all(parse_page(vault.objects[left]).slots == [ZERO_SLOT] for vault in kit.vaults)
    assert slots(kit) == [[True]] * 2
    assert kit.verify(1).exit_code == 0


def test_a_segment_that_waits_for_its_marker_keeps_its_pages(kit: Kit) -> None:
    ledger = kit.found()

    def die(call: str, name: str, when: str) -> bool:
        return call == "put_new" and when == "before"

    kit.control.fault = die
    with pytest.raises(Crash):
        kit.append(ledger, "ingest", item_draft("rolled forward"))
    kit.control.fault = lambda call, name, when: False
    reader, now = kit.ledger(), datetime.now(UTC)
    reader.follow()
    for vault in kit.vaults:
        vault.ages = dict.fromkeys(vault.objects, now - timedelta(days=99))
    assert PageEraser(reader, kit.vaults).sweep_unnamed(now) == 0
    kit.ledger().refresh()
    assert kit.verify(2).opened == 1


def test_nothing_else_destroys_keys() -> None:
    """One door: only these files call what writes over a page or makes a slot zero."""
    root = Path(__file__).parents[2]
    calls = re.compile(r"\.overwrite\(|\bzero_slots\(|\.delete_object")
    allowed = {
        "archive/core/keypage.py",  # makes the bytes, touches no place
        "archive/ledger/erasing.py",  # the door
        "archive/ledger/page_copies.py",  # brings a copy to keys that the other has destroyed under an erasure
        "archive/adapters/probe_folder.py", "archive/adapters/s3_setup.py",
        "archive/adapters/probe_s3.py", "archive/adapters/probe_bucket.py",  # leavings of tests, by their prefix
        "archive/adapters/objects_s3.py",
    }  # fmt: skip
    found = {
        str(path.relative_to(root))
        for path in (root / "archive").rglob("*.py")
        if calls.search(path.read_text(encoding="utf-8"))
    }
    assert found - allowed == set()
    assert "archive/ledger/erasing.py" in found


def test_many_overlapping_erasures_are_found_by_index() -> None:
    """Of several orders that name a record the oldest counts; between them nothing does."""
    from archive.ledger.state import Erasure, LedgerState

    state = LedgerState()
    assert state.erasure_of(3) is None
    state.erasures = [Erasure(10, 20, 100), Erasure(5, 12, 101), Erasure(30, 30, 102)]
    assert [e.erase if (e := state.erasure_of(i)) else None for i in (4, 5, 9, 10, 12, 20, 21, 30, 31)] == [
        None, 101, 101, 100, 100, 100, None, 102, None,
    ]  # fmt: skip
    state.erasures.append(Erasure(0, 40, 103))
    assert [e.erase if (e := state.erasure_of(i)) else None for i in (0, 4, 5, 21, 29, 30, 40, 41)] == [
        103, 103, 101, 103, 103, 102, 103, None,
    ]  # fmt: skip
