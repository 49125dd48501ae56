"""Receipts of erasures and of re-encryptions held against the pages (read half; FORMAT.md §6, §8)."""

from collections.abc import Callable, Mapping
from hashlib import sha256

from archive.core import layout
from archive.core.keypage import MAX_PAGE
from archive.errors import FormatError, NotFound
from archive.ledger.fold import MAY_BE_LOST
from archive.ledger.reader import LedgerReader
from archive.ledger.state import SegmentRef
from schemas.report import Finding, FindingKind


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
        else:
            _check_digest(reader, name, index, ref, report)
    for batch_name, record_class in state.generations:
        known = batch_name in batches or not state.gapped
        if known and record_class not in classes.get(batch_name, ()):
            text = f"a re-encryption of a key page ({record_class}) that no segment has"
            report(Finding(kind="altered", text=text, name=f"keys/{batch_name}"))


def _check_digest(
    reader: LedgerReader, name: str, index: int, ref: SegmentRef, report: Callable[[Finding], None]
) -> None:
    """Hold the page in every copy against its newest receipt, unless a later erasure has changed it since.

    An older generation is not held against it: privacy destroys it as a whole once a newer one stands.
    """
    state = reader.state
    batch, record_class, generation = layout.parse_page_name(name)
    if generation != state.generations.get((batch.hex(), record_class), (0,))[0]:
        return
    if any(e.erase > index and e.first < ref.end and ref.first <= e.last for e in state.erasures):
        return
    for copy, vault in enumerate(reader.places.written_vaults):
        try:
            page = vault.get(name, limit=MAX_PAGE)
        except (NotFound, FormatError):
            continue  # judged with the other pages; an older generation may rightly be gone
        if sha256(page).hexdigest() != state.page_digests.get(name):
            text = f"vault copy {copy + 1}: the key page is not as the receipt in record {index} says"
            kind: FindingKind = "altered"
            if state.gapped:
                kind, text = "unknown", text + MAY_BE_LOST
            report(Finding(kind=kind, text=text, name=name, index=ref.first))
