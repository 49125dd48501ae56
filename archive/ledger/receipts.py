"""Receipts of erasures and of re-encryptions held against the pages (read half; FORMAT.md §6, §8)."""

from collections.abc import Callable, Mapping

from archive.core import layout
from archive.ledger.reader import LedgerReader
from archive.ledger.state import SegmentRef
from schemas.report import Finding


def check_receipts(
    reader: LedgerReader,
    batches: Mapping[str, SegmentRef],
    classes: Mapping[str, frozenset[str]],
    report: Callable[[Finding], None],
) -> None:
    """Name receipts that speak of pages which no segment has, or which hold no record of their erasure."""
    state = reader.state
    for name, index in state.erased_pages.items():
        batch, record_class, _ = layout.parse_page_name(name)
        ref = batches.get(batch.hex())
        if state.gapped and ref is None:
            continue
        if ref is None or record_class not in classes.get(batch.hex(), ()):
            text = f"record {index} is the receipt for a key page that no segment has"
            report(Finding(kind="altered", text=text, name=name, index=index))
        elif not any(e.erase < index and e.first < ref.end and ref.first <= e.last for e in state.erasures):
            text = f"record {index} is the receipt for a key page that holds no record of an erasure"
            report(Finding(kind="altered", text=text, name=name, index=index))
    for batch_name, record_class in state.generations:
        known = batch_name in batches or not state.gapped
        if known and record_class not in classes.get(batch_name, ()):
            text = f"a re-encryption of a key page ({record_class}) that no segment has"
            report(Finding(kind="altered", text=text, name=f"keys/{batch_name}"))
