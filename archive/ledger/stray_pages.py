"""Pages in a vault copy that are not the present page of a committed segment (read half; FORMAT.md §8).

And which records no erasure may name: both decide whether a destroyed key is rightly and really gone.
"""

from collections.abc import Callable, Iterable, Mapping

from archive.core import layout
from archive.core.keypage import MAX_PAGE, ZERO_SLOT, Page, parse_page
from archive.core.leaf import decode_leaf
from archive.errors import FormatError, StoreError
from archive.ledger.pages import PageRecords, page_records
from archive.ledger.reader import LedgerReader
from archive.ledger.state import Erasure, SegmentRef
from archive.ports import ObjectReader
from schemas.report import Finding, FindingKind


class StrayPages:
    """Judges them: a page kept under another generation must not keep a destroyed key alive unseen."""

    def __init__(
        self,
        reader: LedgerReader,
        batches: Mapping[str, SegmentRef],
        classes: Mapping[str, frozenset[str]],
        report: Callable[[Finding], None],
    ) -> None:
        """Prepare; ``batches`` gives the committed segment of each batch, ``classes`` those it has pages for."""
        self.reader, self.batches, self.classes, self.report = reader, batches, classes, report

    def _say(self, kind: FindingKind, text: str, name: str | None = None, index: int | None = None) -> None:
        self.report(Finding(kind=kind, text=text, name=name, index=index))

    def check(self, vault: ObjectReader, where: str, names: Iterable[str]) -> None:
        """Walk the names of one vault copy."""
        unnamed = emptied = 0
        for name in names:
            if name.startswith(layout.PROBES):
                continue
            try:
                batch, record_class, generation = layout.parse_page_name(name)
            except FormatError:
                self._say("unexpected", f"{where}: format 1 has no such objects in the vault", name or "/")
                continue
            ref = self.batches.get(batch.hex())
            known = self.reader.state.generations.get((batch.hex(), record_class))
            if ref is None:
                unnamed += 1
            elif generation != (known[0] if known else 0) or record_class not in self.classes.get(
                batch.hex(), ()
            ):
                emptied += self._judge(vault, name, where, ref, record_class)
        if unnamed:
            whose = (
                "may be of records that are missing"
                if self.reader.state.gapped
                else "no committed segment names"
            )
            self._say("duplicate", f"{where}: {unnamed} key pages that {whose}")
        if emptied:
            self._say(
                "duplicate",
                f"{where}: {emptied} key pages of other generations, all zero, as a new epoch leaves them",
            )

    def _records(self, ref: SegmentRef) -> list[PageRecords]:
        try:
            return page_records(self.reader.segment(ref))
        except (FormatError, StoreError):
            return []  # named before

    def _judge(self, vault: ObjectReader, name: str, where: str, ref: SegmentRef, record_class: str) -> bool:
        """Name what a page of another generation keeps; say whether it keeps nothing."""
        try:
            page: Page | None = parse_page(vault.get(name, limit=MAX_PAGE))
        except FormatError:
            page = None
        records = next((r for r in self._records(ref) if r.record_class == record_class), None)
        if page is None or records is None or len(page.slots) != len(records.indexes):
            self._say("unexpected", f"{where}: a key page that no record names", name, ref.first)
            return False
        if all(slot == ZERO_SLOT for slot in page.slots):
            return True
        for slot, index in zip(page.slots, records.indexes, strict=True):
            if slot != ZERO_SLOT and self.reader.state.erasure_of(index) is not None:
                text = f"{where}: a page of another generation may keep the erased key of record {index}"
                self._say("key_returned", text, name, index)
        self._say("duplicate", f"{where}: a key page of a generation that is not the present one", name)
        return False


def check_targets(
    reader: LedgerReader, erasure: Erasure, ref: SegmentRef, report: Callable[[Finding], None]
) -> None:
    """Name the records of a segment that no erasure may order to destroy."""
    try:
        segment = reader.segment(ref)
    except (FormatError, StoreError):
        return  # named before
    for index in range(max(ref.first, erasure.first), min(ref.end, erasure.last + 1)):
        try:
            record_class = decode_leaf(segment.leaf(index - ref.first)).record_class
        except FormatError:
            continue  # level 0 has named it
        if record_class in ("clear", "state"):
            text = f"an erasure that names record {index}, which is of the class {record_class}"
            name = layout.segment(ref.first, ref.sha256)
            report(Finding(kind="altered", text=text, name=name, index=erasure.erase))
