"""Every write of every commit × {dies before, dies after} × what the next run finds.

After each: verification is clean, nothing acknowledged is lost, no record is there twice, and the archive
can be written to again.
"""

import io
from collections.abc import Iterator
from hashlib import sha256
from threading import Timer

import pytest

from archive.core import layout
from archive.core.segment import Segment
from archive.errors import FormatError, RolledBack, Unfinished
from archive.ledger import writer
from archive.ledger.sealing import marker_of
from archive.ledger.state import LedgerState, SegmentRef
from tests.ledger_kit import ORIGIN, Kit, item_draft
from tests.memory_store import Crash

WRITES = ("object", "page 1", "page 2", "segment", "marker", "checkpoint")


def arm(kit: Kit, number: int, when: str) -> None:
    """Let the n-th write fail, before it was done or after."""
    seen: list[str] = []

    def fault(call: str, name: str, moment: str) -> bool:
        if call != "put_new":
            return False
        if moment == "before":
            seen.append(name)
        return moment == when and len(seen) == number + 1

    for _, store in kit.stores():
        store.fault = fault


def disarm(kit: Kit) -> None:
    for _, store in kit.stores():
        store.fault = lambda call, name, when: False


def texts(kit: Kit) -> list[str]:
    """The words of every committed item, by opening them."""
    from archive.ledger.opening import Opener

    ledger = kit.ledger()
    ledger.follow()
    opener = Opener(ledger, [kit.recipients["content"]])
    items = [index for index in range(ledger.state.size) if ledger.leaf(index).kind == "item"]
    return [opener.body(index).text for index in items]  # type: ignore[union-attr]


def writes() -> Iterator[tuple[int, str]]:
    for number in range(len(WRITES)):
        for when in ("before", "after"):
            yield number, when


@pytest.mark.parametrize("remembers", [True, False], ids=["with state file", "without"])
@pytest.mark.parametrize(("number", "when"), list(writes()))
def test_a_writer_that_dies(number: int, when: str, remembers: bool) -> None:
    kit = Kit()
    ledger = kit.found()
    kit.append(ledger, "ingest", item_draft("acknowledged"))
    saved = ledger.state.to_bytes()
    arm(kit, number, when)
    with pytest.raises(Crash):
        kit.append(
            ledger, "ingest", item_draft("file", attach=lambda: io.BytesIO(b"x")), item_draft("perhaps")
        )
    disarm(kit)

    state = LedgerState.from_bytes(saved) if remembers else LedgerState(origin=ORIGIN)
    after = kit.ledger(state=state)
    kit.append(after, "ingest", item_draft("later"))

    report = kit.verify(2)
    assert report.exit_code == 0, report.findings
    assert report.sealed_size == report.size
    found = texts(kit)
    assert found[0] == "acknowledged"
    assert found[-1] == "later"
    assert len(found) == len(set(found)), "no record twice"
    committed = number > 3 or (number == 3 and when == "after")
    assert ("perhaps" in found) == committed, "from the segment on it is rolled forward, before it is gone"


def test_founding_that_dies_leaves_no_half_archive() -> None:
    for number, when in ((0, "before"), (0, "after"), (1, "before")):
        kit = Kit()
        arm(kit, number, when)
        with pytest.raises(Crash):
            kit.found()
        disarm(kit)
        with pytest.raises(FormatError, match="no archive here"):
            kit.ledger().follow()


@pytest.mark.parametrize(("moment", "runs"), [("segments/", [2, 3]), ("commits/", [2])])
def test_two_writers_never_fork_lose_or_double(moment: str, runs: list[int]) -> None:
    """The second commits between the first one's decision and its segment, or between segment and marker.

    In the second case it finds the first one's segment whole and writes its marker for it, then its own.
    """
    kit = Kit()
    first = kit.found()
    second = kit.ledger()
    raced = []

    def fault(call: str, name: str, when: str) -> bool:
        if call == "put_new" and when == "before" and name.startswith(moment) and not raced:
            raced.append(name)
            kit.append(second, "legal", kit.matter_draft("M-1"))
        return False

    kit.control.fault = kit.archive.fault = fault
    decided = []

    def decide(head: LedgerState) -> list[object]:
        decided.append(head.size)
        return [item_draft("mine")]

    receipt = first.append(kit.writers["ingest"], decide)  # type: ignore[arg-type]
    assert decided == runs, "on a new head the decision runs again"
    assert receipt.first == runs[-1]
    report = kit.verify(2)
    assert report.exit_code == 0, report.findings
    assert texts(kit) == ["mine"]
    assert bool(first.state.orphans) == (len(runs) == 2), "a lost segment is logged"
    assert any(f.kind == "duplicate" for f in report.findings) == (len(runs) == 2), "and is harmless"


def test_a_lost_answer_at_the_marker_is_my_own_commit() -> None:
    """The marker was stored and the answer lost: the same bytes are found and count as mine."""
    kit = Kit()
    ledger = kit.found()
    original = kit.control.put_new
    calls = []

    def twice(name: str, body: bytes) -> None:
        original(name, body)
        calls.append(name)
        original(name, body)

    kit.control.put_new = twice  # type: ignore[method-assign]
    kit.append(ledger, "ingest", item_draft("once"))
    assert texts(kit) == ["once"]


def test_a_rolled_back_control_place_stops_every_writer() -> None:
    """Only the last marker is deleted: nothing is signed, and the place is named."""
    kit = Kit()
    ledger = kit.found()
    kit.append(ledger, "ingest", item_draft("held"))
    last = max(kit.control.objects)
    marker = kit.control.objects.pop(last)
    before = dict(kit.archive.objects)
    for state in (LedgerState(origin=ORIGIN), LedgerState.from_bytes(ledger.state.to_bytes())):
        with pytest.raises(RolledBack, match="rolled back"):
            kit.append(kit.ledger(state=state), "ingest", item_draft("forked"))
    assert kit.archive.objects == before
    assert any(f.kind == "rolled_back" for f in kit.verify(0).findings)
    kit.control.objects[last] = marker
    assert kit.verify(0).exit_code == 0


def test_a_planted_segment_is_not_adopted() -> None:
    """Somebody who may only put objects plants a longer continuation, signed by nobody we know."""
    kit, stranger = Kit(), Kit()
    ledger = kit.found()
    kit.append(ledger, "ingest", item_draft("ours"))
    other = stranger.found()
    stranger.append(other, "ingest", item_draft("theirs"))
    for name, body in stranger.archive.objects.items():
        if name.startswith("segments/00000000000000000002"):
            kit.archive.objects[name.replace("02-", "03-")] = body
    kit.append(kit.ledger(), "ingest", item_draft("more"))
    assert texts(kit) == ["ours", "more"]


def two_continuations(kit: Kit) -> None:
    """Leave two segments at the head, each as a writer left it that died before its marker."""
    ledger = kit.found()
    kit.append(ledger, "ingest", item_draft("base"))
    for text in ("one", "two"):
        host = kit.ledger(state=LedgerState.from_bytes(ledger.state.to_bytes()))
        host.follow()

        def die(call: str, name: str, when: str) -> bool:
            return call == "put_new" and name.startswith("commits/")

        kit.control.fault = die
        host._checked = True
        with pytest.raises(Crash):
            host._commit(kit.writers["ingest"], [item_draft(text)], 1_790_000_100)
        kit.control.fault = lambda call, name, when: False


def test_two_continuations_without_marker_need_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "PATIENCE", 0.5)
    kit = Kit()
    two_continuations(kit)
    before = dict(kit.archive.objects)
    with pytest.raises(Unfinished, match="two continuations"):
        kit.append(kit.ledger(), "ingest", item_draft("three"))
    assert kit.archive.objects == before


def test_a_marker_that_comes_a_moment_later_decides_between_two_continuations() -> None:
    """Both writers may be at work: each has stored its segment, and neither its marker yet."""
    kit = Kit()
    two_continuations(kit)
    names = sorted(name for name in kit.archive.objects if name.startswith("segments/"))[-2:]
    data = kit.archive.objects[names[0]]
    header = Segment(data).header
    ref = SegmentRef(header.first, header.count, sha256(data).hexdigest(), len(data))
    late = Timer(0.5, kit.control.put_new, (layout.marker(header.first), marker_of(ref, header.last)))
    late.start()
    kit.append(kit.ledger(), "ingest", item_draft("three"))
    late.join()
    assert kit.ledger().refresh().size == header.first + header.count + 1
    assert texts(kit)[-1] == "three"
    assert len(set(texts(kit)) & {"one", "two"}) == 1
