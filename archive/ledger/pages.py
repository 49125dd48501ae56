"""Holding a key page against segment, key state and erasures (read half; FORMAT.md §8)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from archive.core import layout
from archive.core.keypage import MAX_PAGE, ZERO_SLOT, Page, PageId, page_digest, parse_page, slot_hash
from archive.core.leaf import RECIPIENTS, class_of
from archive.core.segment import Segment
from archive.errors import FormatError, NotFound, Unreachable
from archive.ledger.fold import MAY_BE_LOST
from archive.ledger.state import LedgerState
from archive.ports import ReadPlaces
from schemas.report import Finding, FindingKind

Report = Callable[[Finding], None]
GENERATION = 10
"""Digits at the end of a page's name."""


@dataclass(frozen=True, slots=True)
class PageRecords:
    """The records of one class in a segment: what one key page holds the keys of."""

    record_class: str
    indexes: Sequence[int]
    """Record indexes in slot order."""
    hashes: Sequence[bytes]
    """Their slot hashes as the segment lists them."""


def page_records(segment: Segment) -> list[PageRecords]:
    """Give, by class in ascending order, which records of a segment have their keys in which page.

    Raises:
        FormatError: a leaf cannot be read, or is of a class that format 1 does not know.
    """
    found: dict[str, tuple[list[int], list[bytes]]] = {}
    hashes = iter(segment.slot_hashes)
    for ordinal, row in enumerate(segment.rows):
        if row.slot is not None:
            record_class = class_of(segment.leaf(ordinal))
            indexes, listed = found.setdefault(record_class, ([], []))
            indexes.append(segment.header.first + ordinal)
            listed.append(next(hashes))
    return [PageRecords(name, *found[name]) for name in sorted(found)]


class PageCheck:
    """Judge the pages of one segment in one vault copy."""

    def __init__(self, state: LedgerState, places: ReadPlaces, copy: int, report: Report) -> None:
        """Prepare to judge the pages of the vault copy of this number."""
        self.state, self.vault, self.copy, self.report = state, places.vaults[copy], copy, report
        self.pulled = copy >= len(places.written_vaults)
        self.erased = 0
        """Slots found destroyed under an erasure."""

    def _say(self, kind: FindingKind, text: str, name: str, index: int) -> None:
        where = f"vault copy {self.copy + 1}: {text}"
        self.report(Finding(kind=kind, text=where, name=name, index=index))

    def _doubt(self, kind: FindingKind, text: str, name: str, index: int) -> None:
        """Say what a record elsewhere may explain: an erasure, a key. Where some are missing nobody can tell."""
        self._say(*(("unknown", text + MAY_BE_LOST) if self.state.gapped else (kind, text)), name, index)

    def run(self, segment: Segment, records_by_page: Sequence[PageRecords]) -> None:
        """Check every page of a segment, whose ``page_records`` the caller has at hand."""
        batch = segment.header.batch
        if batch is None:
            return
        headers: dict[str, bytes] = {}
        complete = True
        for records in records_by_page:
            known = self.state.generations.get((batch.hex(), records.record_class))
            identity = PageId(segment.header.origin, batch, records.record_class, known[0] if known else 0)
            name = layout.page(batch, records.record_class, identity.generation)
            page = self._load(name, records.indexes[0])
            if page is None:
                complete = False
                continue
            headers[records.record_class] = page.header_sha256
            if page.id != identity or len(page.slots) != len(records.indexes):
                self._say("altered", "a key page of another segment or class", name, records.indexes[0])
                continue
            if known is None:
                self._check_wraps(page, segment.header.first, name)
                self._check_slots(page, records, records.hashes, name)
            else:
                self._check_resealed(page, records, known, name)
                complete = False  # the signed header speaks of generation 0, which is gone
        if complete and page_digest(headers) != segment.header.page:
            first = segment.header.first
            self._say(
                "altered", "the key pages are not those that the writer signed", f"keys/{batch.hex()}", first
            )

    def _load(self, name: str, index: int) -> Page | None:
        try:
            return parse_page(self.vault.get(name, limit=MAX_PAGE))
        except NotFound:
            if self.pulled:
                self._say(
                    "not_copied", "the key page was not pulled yet; `beleg keys copy` does", name, index
                )
            else:
                newer = self.state.gapped and any(self.vault.names(name[:-GENERATION]))
                (self._doubt if newer else self._say)(
                    "missing", "the key page is gone: its records cannot be opened from here", name, index
                )
        except Unreachable as error:
            self._say("unreachable", str(error), name, index)
        except FormatError as error:
            self._say("altered", str(error), name, index)
        return None

    def _check_wraps(self, page: Page, first: int, name: str) -> None:
        due = {recipient.id for recipient in self.state.keys.recipients(page.id.record_class, first)}
        if set(page.wraps) != due:
            roles = " and ".join(RECIPIENTS[page.id.record_class])
            self._doubt("altered", f"the page key is not wrapped to exactly {roles}", name, first)

    def _check_slots(self, page: Page, records: PageRecords, hashes: Sequence[bytes], name: str) -> None:
        for slot, index, listed in zip(page.slots, records.indexes, hashes, strict=True):
            erasure = self.state.erasure_of(index)
            if slot == ZERO_SLOT:
                if erasure is None or records.record_class == "state":
                    self._doubt(
                        "key_missing", f"the key of record {index} was destroyed without erasure", name, index
                    )
                else:
                    self.erased += 1
            elif slot_hash(slot) != listed:
                self._say("altered", f"the key slot of record {index} is not the one sealed", name, index)
            elif erasure is not None:
                receipt = self.state.erased_pages.get(name, -1)
                if receipt > erasure.erase:
                    self._say("key_returned", f"the destroyed key of record {index} is back", name, index)
                else:
                    self._say(
                        "open_erasure",
                        f"record {index} is ordered to be erased, its key still stands",
                        name,
                        index,
                    )

    def _check_resealed(
        self, page: Page, records: PageRecords, known: tuple[int, str, str], name: str
    ) -> None:
        listed = page.listed or ()
        slots_sha256 = sha256(b"".join(listed)).hexdigest()
        if page.header_sha256.hex() != known[1] or slots_sha256 != known[2]:
            self._say("altered", "a re-encrypted key page is not the one logged", name, records.indexes[0])
            return
        self._check_slots(page, records, listed, name)
