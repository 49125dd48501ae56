"""Whether the receipts of erasures name pages that they may name (read half; FORMAT.md §6)."""

from collections.abc import Callable, Mapping

from archive.core import layout
from archive.errors import FormatError, StoreError
from archive.ledger.pages import page_records
from archive.ledger.reader import LedgerReader
from archive.ledger.state import SegmentRef
from schemas.report import Finding


def check_receipts(
    reader: LedgerReader, batches: Mapping[str, SegmentRef], report: Callable[[Finding], None]
) -> None:
    """Name receipts of pages that hold no erased record.

    Args:
        reader: its state must reach to the end of the ledger.
        batches: the committed segment of each batch.
        report: takes each finding.
    """
    for name, index in sorted(reader.state.erased_pages.items()):
        if not _holds_target(reader, batches, name):
            text = f"record {index} gives a receipt for a page that holds no erased record"
            report(Finding(kind="altered", text=text, name=name, index=index))


def _holds_target(reader: LedgerReader, batches: Mapping[str, SegmentRef], name: str) -> bool:
    try:
        batch, record_class, _ = layout.parse_page_name(name)
        ref = batches.get(batch.hex())
        records = page_records(reader.segment(ref)) if ref is not None else []
    except FormatError:
        return False
    except StoreError:
        return True  # named before: the segment is gone
    return any(
        reader.state.erasure_of(index) is not None
        for one in records
        if one.record_class == record_class
        for index in one.indexes
    )
