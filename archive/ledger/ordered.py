"""What is gone, and by whose order: the ``erase`` records of a ledger in words for its verification (read half)."""

from archive.core import clear
from archive.core.facets import split_frame
from archive.errors import FormatError, StoreError
from archive.ledger.reader import LedgerReader
from schemas.report import ErasureOrder

MOST = 1000
"""So many orders are told, the newest; all are counted."""


def ordered(reader: LedgerReader) -> tuple[ErasureOrder, ...]:
    """Give the orders that can be read; of one that cannot the walk has said so."""
    found = []
    for index in reader.state.special.get("erase", [])[-MOST:]:
        try:
            body = clear.read_body("erase", split_frame(reader.frame(index))[1])
            sealed = reader.leaf(index).time
        except (FormatError, StoreError):
            continue
        if isinstance(body, clear.Erase):
            found.append(
                ErasureOrder(
                    record=index,
                    sealed=sealed,
                    request=body.request,
                    approved_by=_roles(reader, index, body),
                    targets=tuple(body.targets),
                )
            )
    return tuple(found)


def _roles(reader: LedgerReader, index: int, body: clear.Erase) -> tuple[str, ...]:
    first = reader.state.segment_of(index).first
    keys = ((one.key, reader.state.keys.writer(one.key, first)) for one in body.approvals)
    return tuple(sorted(ident if key is None else f"{key.role} ({ident})" for ident, key in keys))
