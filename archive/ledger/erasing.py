"""Destroying the keys that ``erase`` records name, in every vault copy (write half; FORMAT.md §6 and §8).

This is the one place that makes a key slot zero. It needs no key: what may be destroyed is said by the ledger alone,
and what the ledger does not name is never touched. A page is never patched: the new page is the old one with every
slot zeroed whose record lies in a target of any ``erase`` record.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from archive.core import clear, layout
from archive.core.facets import split_frame
from archive.core.keypage import MAX_PAGE, ZERO_SLOT, parse_page, zero_slots
from archive.core.segment import MAX_SEGMENT, Segment
from archive.errors import FormatError, NotFound, StoreError, Unfinished
from archive.ledger.pages import page_records
from archive.ledger.reader import LedgerReader
from archive.ledger.state import Erasure, SegmentRef
from archive.ports import ObjectStore

ABANDONED = timedelta(days=30)
"""Nobody commits a batch of this age any more (FORMAT.md §8)."""

ERASABLE = frozenset({"oversight", "matter", "content"})
"""Classes whose records an ``erase`` record may name."""


@dataclass(frozen=True, slots=True)
class Doomed:
    """A key page, and which of its slots the ledger orders to be zero."""

    batch: bytes
    record_class: str
    generation: int
    """The one that counts now; older ones that are still stored are zeroed alike."""
    slots: tuple[int, ...]
    size: int
    """Slots of the page."""

    @property
    def name(self) -> str:
        """Name the page that counts."""
        return layout.page(self.batch, self.record_class, self.generation)

    @property
    def prefix(self) -> str:
        """Give what the names of all generations of the page begin with."""
        return layout.page(self.batch, self.record_class)[:-10]


@dataclass(slots=True)
class Zeroing:
    """What became of the pages of one or more erasures."""

    zeroed: int = 0
    """Key slots that were live and are zero now, counted in each copy."""
    digests: dict[str, str] = field(default_factory=dict)
    """Name → hex SHA-256 of each page that holds a target, alike in every copy."""
    problems: list[str] = field(default_factory=list)
    """Why a page could not be brought to the erasures; the receipt must wait."""


def doomed(reader: LedgerReader, erasures: Iterable[Erasure]) -> Iterator[Doomed]:
    """Give the pages that hold a target of these erasures; each with its slots of *every* erasure."""
    refs: dict[int, SegmentRef] = {}
    for erasure in erasures:
        at = erasure.first
        while at <= erasure.last:
            ref = reader.state.segment_of(at)
            refs[ref.first] = ref
            at = ref.end
    for first in sorted(refs):
        yield from _of_segment(reader, refs[first])


def _of_segment(reader: LedgerReader, ref: SegmentRef) -> Iterator[Doomed]:
    state, segment = reader.state, reader.segment(ref)
    batch = segment.header.batch
    if batch is None:
        return
    for records in page_records(segment):
        if records.record_class not in ERASABLE:
            continue
        slots = tuple(
            slot for slot, index in enumerate(records.indexes) if state.erasure_of(index) is not None
        )
        if slots:
            known = state.generations.get((batch.hex(), records.record_class))
            yield Doomed(batch, records.record_class, known[0] if known else 0, slots, len(records.indexes))


class PageEraser:
    """Brings vault copies to the erasures of the ledger."""

    def __init__(self, reader: LedgerReader, vaults: Sequence[ObjectStore]) -> None:
        """Work on every copy of the vault; the reader's state must be at the head."""
        self.reader, self.vaults = reader, vaults

    def run(self, erasures: Iterable[Erasure]) -> Zeroing:
        """Zero what these erasures name, wherever it still stands. May be repeated at will.

        Raises:
            StoreError: a place did not answer, or did not keep what was written; run it again.
        """
        done = Zeroing()
        for page in doomed(self.reader, erasures):
            found = {self._zero_copy(page, vault, number, done) for number, vault in enumerate(self.vaults)}
            if None in found:
                continue
            if len(found) > 1:
                done.problems.append(f"{page.name}: the vault copies differ; run `beleg verify`")
            else:
                done.digests[page.name] = sha256(next(iter(found)) or b"").hexdigest()
        return done

    def _zero_copy(self, page: Doomed, vault: ObjectStore, number: int, done: Zeroing) -> bytes | None:
        """Zero every generation in one copy; give the page that counts, None if it is not as it must be."""
        present: bytes | None = None
        names = list(vault.names(page.prefix))
        for name in names:
            data = self._zero_page(page, name, vault, number, done)
            if name == page.name:
                present = data
        kept = [version.name for version in vault.versions(page.prefix)]
        if len(kept) > len(set(kept)):
            way = f"`beleg keys copy --from {2 - number} --into NEW` brings it into a place without"
            if len(self.vaults) == 1:
                way = "`beleg keys copy --from 1 --into NEW` makes a second, from which --from 2 --into NEW renews it"
            done.problems.append(
                f"{page.name}: vault copy {number + 1} keeps the keys in older versions; {way}, and the old one must "
                "be destroyed"
            )
            return None
        if present is not None and not set(names) <= set(kept):
            done.problems.append(
                f"{page.name}: vault copy {number + 1} does not list it, so whether older versions of it keep the keys "
                "cannot be told; `beleg doctor` tests that"
            )
            return None
        if present is None:
            done.problems.append(
                f"{page.name}: not whole in vault copy {number + 1}; `beleg keys copy` brings it there"
            )
        return present

    def _zero_page(
        self, page: Doomed, name: str, vault: ObjectStore, number: int, done: Zeroing
    ) -> bytes | None:
        try:
            data = vault.get(name, limit=MAX_PAGE)
            parsed = parse_page(data)
        except (FormatError, NotFound) as error:
            done.problems.append(f"{name}: vault copy {number + 1}: {error}")
            return None
        if parsed.id.batch != page.batch or len(parsed.slots) != page.size:
            done.problems.append(f"{name}: vault copy {number + 1}: a page of another segment")
            return None
        live = [slot for slot in page.slots if parsed.slots[slot] != ZERO_SLOT]
        if not live:
            return data
        data = zero_slots(data, live)
        _overwrite(vault, name, data)
        done.zeroed += len(live)
        return data

    def sweep_orphans(self, orphans: Iterable[int]) -> int:
        """Zero the pages of segments that lost the race: they hold the same words under other keys.

        An orphan is logged, so that it can never become part of the ledger. But whoever logs it may name any batch:
        one that a committed segment has is left alone.

        Args:
            orphans: indexes of ``orphan`` records.

        Returns:
            how many slots were live, counted in each copy.
        """
        named = {batch for index in orphans if (batch := _batch_of_orphan(self.reader, index)) is not None}
        if named:
            named -= {self.reader.segment(ref).header.batch or b"" for ref in self.reader.state.segments}
        return sum(
            zero_all(vault, name)
            for batch in sorted(named)
            for vault in self.vaults
            for name in list(vault.names(f"{layout.KEYS}{batch.hex()}/"))
        )

    def sweep_unnamed(self, now: datetime) -> int:
        """Zero the pages that no stored segment names and that are older than thirty days.

        A writer that died before its segment leaves them, and objects that they open. The reader must have been
        brought to the head: a segment that waits to be rolled forward is stored, so its pages are left.
        """
        state, archive = self.reader.state, self.reader.places.archive
        named = {self.reader.segment(ref).header.batch for ref in state.segments}
        committed = {ref.sha256 for ref in state.segments}
        for name in archive.names(layout.SEGMENTS):
            try:
                if layout.parse_numbered(name)[1] not in committed:
                    named.add(Segment(archive.get(name, limit=MAX_SEGMENT)).header.batch)
            except (FormatError, NotFound):
                continue  # planted rubbish names nothing
        swept = 0
        for vault in self.vaults:
            for name in list(vault.names(layout.KEYS)):
                try:
                    batch = layout.parse_page_name(name)[0]
                except FormatError:
                    continue  # no page; `verify` names it
                if batch not in named and now - vault.written(name) > ABANDONED:
                    swept += zero_all(vault, name)
        return swept


def _batch_of_orphan(reader: LedgerReader, index: int) -> bytes | None:
    body = clear.read_body("orphan", split_frame(reader.frame(index))[1])
    return bytes.fromhex(body.batch) if isinstance(body, clear.Orphan) and body.batch else None


def zero_all(vault: ObjectStore, name: str) -> int:
    """Destroy every slot of a stored page; give how many were live."""
    try:
        data = vault.get(name, limit=MAX_PAGE)
        page = parse_page(data)
    except (FormatError, NotFound):
        return 0  # nothing there that opens; `verify` names it
    live = [slot for slot, value in enumerate(page.slots) if value != ZERO_SLOT]
    if live:
        _overwrite(vault, name, zero_slots(data, live))
    return len(live)


def _overwrite(vault: ObjectStore, name: str, data: bytes) -> None:
    try:
        vault.overwrite(name, data)
    except StoreError as error:
        raise Unfinished(f"{error}; the erasure stays open, the next start finishes it") from error
    if vault.get(name, limit=MAX_PAGE) != data:
        raise StoreError(f"{name}: the vault gives back other bytes than were written")
