"""Re-encrypting key pages to the recipients of a new epoch (write half; FORMAT.md §8).

A page is made anew under a generation greater than every one that the ledger names or a copy stores; created in every
copy and read back; then logged by ``resealed``. Until that record stands, the old generation is the page that counts.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from archive.core import layout
from archive.core.keypage import MAX_PAGE, ZERO_SLOT, Page, PageId, parse_page, seal_page
from archive.core.keys import PrivateRecipient
from archive.core.segment import Segment
from archive.errors import FormatError, NotFound, StoreError, Unfinished
from archive.ledger.drafts import Draft, clear_draft
from archive.ledger.erasing import zero_all
from archive.ledger.pages import PageRecords, page_records
from archive.ledger.state import LedgerState
from archive.ledger.writer import Ledger, Writer
from archive.ports import ObjectStore

AT_ONCE = 64
"""Pages that one ``resealed`` record logs."""

TRIES = 20
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Due:
    """A page whose wraps are not those of the recipients that count now."""

    batch: bytes
    records: PageRecords
    page: Page


class PageResealer:
    """Re-encrypts the pages of the classes that one writer may re-encrypt."""

    def __init__(
        self,
        ledger: Ledger,
        vaults: Sequence[ObjectStore],
        writer: Writer,
        private: Sequence[PrivateRecipient],
        classes: frozenset[str],
    ) -> None:
        """Open with ``private``, the keys of the epoch before and of the new one; write to every copy."""
        self.ledger, self.vaults, self.writer, self.classes = ledger, vaults, writer, classes
        self._private = {key.id: key for key in private}
        self.resealed = 0

    def run(self, progress: Progress) -> int:
        """Re-encrypt everything that is due; give how many pages. May be repeated at will.

        Raises:
            FormatError: a page that counts cannot be opened, so its keys would be lost with the old epoch.
            StoreError: a place did not answer; it may be run again.
        """
        self.ledger.refresh()
        segments = list(self.ledger.state.segments)
        waiting: list[Due] = []
        for number, ref in enumerate(segments):
            waiting += self.due(self.ledger.segment(ref))
            if len(waiting) >= AT_ONCE or number == len(segments) - 1:
                self._reseal(waiting)
                waiting = []
            progress(number + 1, len(segments))
        return self.resealed

    def due(self, segment: Segment) -> Iterator[Due]:
        """Give the pages of a segment that are wrapped to other recipients than count now."""
        batch, state = segment.header.batch, self.ledger.state
        for records in page_records(segment) if batch is not None else ():
            if batch is None or records.record_class not in self.classes:
                continue
            known = state.generations.get((batch.hex(), records.record_class))
            page = self._load(layout.page(batch, records.record_class, known[0] if known else 0))
            counting = {one.id for one in state.keys.recipients(records.record_class, state.size)}
            if set(page.wraps) != counting:
                yield Due(batch, records, page)

    def _load(self, name: str) -> Page:
        problem: Exception = FormatError(f"{name}: not whole in any vault copy")
        for vault in self.vaults:
            try:
                return parse_page(vault.get(name, limit=MAX_PAGE))
            except (NotFound, FormatError) as error:
                problem = error
        raise FormatError(f"{name}: {problem}; its keys would be lost") from problem

    def _reseal(self, due: Sequence[Due]) -> None:
        for _ in range(TRIES):
            if not due:
                return
            known = len(self.ledger.state.erasures)
            made = [self._make(one) for one in due]
            logged = False

            def decide(
                head: LedgerState, known: int = known, made: Sequence[dict[str, object]] = made
            ) -> list[Draft]:
                nonlocal logged
                logged = len(head.erasures) == known
                # An erasure that was ordered meanwhile: these pages may keep what must go, so they are never named.
                return [clear_draft("resealed", {"pages": made})] if logged else []

            self.ledger.append(self.writer, decide)
            if logged:
                self.resealed += len(due)
                return
        raise Unfinished("erasures were ordered all the while; run it again")

    def _make(self, due: Due) -> dict[str, object]:
        """Make the next generation of a page and store it in every copy."""
        state, record_class = self.ledger.state, due.records.record_class
        prefix = layout.page(due.batch, record_class)[:-10]
        stored = {layout.parse_page_name(name)[2] for vault in self.vaults for name in vault.names(prefix)}
        known = state.generations.get((due.batch.hex(), record_class))
        generation = max({known[0] if known else 0, *stored}) + 1
        keys = self._record_keys(due)
        identity = PageId(state.origin or "", due.batch, record_class, generation)
        page, hashes = seal_page(identity, state.keys.recipients(record_class, state.size), keys)
        name = layout.page(due.batch, record_class, generation)
        for vault in self.vaults:
            vault.put_new(name, page)
            if vault.get(name, limit=MAX_PAGE) != page:
                raise StoreError(f"{name}: the vault gives back other bytes than were written")
        return {
            "batch": due.batch.hex(), "class": record_class, "generation": generation,
            "header": parse_page(page).header_sha256.hex(), "slots": sha256(b"".join(hashes)).hexdigest(),
        }  # fmt: skip

    def _record_keys(self, due: Due) -> list[bytes | None]:
        """Open every slot; one that an erasure names stays destroyed, and any other must open."""
        page_key = next(
            (due.page.page_key(self._private[one]) for one in due.page.wraps if one in self._private), None
        )
        if page_key is None:
            raise FormatError(f"no key at hand opens the page of record {due.records.indexes[0]}")
        keys: list[bytes | None] = []
        for slot, index in enumerate(due.records.indexes):
            if due.records.record_class != "state" and self.ledger.state.erasure_of(index) is not None:
                keys.append(None)
            elif due.page.slots[slot] == ZERO_SLOT:
                raise FormatError(f"record {index}: its key was destroyed, and no erasure orders it")
            else:
                keys.append(due.page.record_key(page_key, slot))
        return keys


def retire_pages(ledger: Ledger, vaults: Sequence[ObjectStore], progress: Progress) -> int:
    """Destroy the keys in every stored generation that is older than the one the ledger names.

    The newest is compared with the ledger in every copy first, so that nothing goes of which no successor stands.
    Needs no key. Give how many pages had live slots.
    """
    retired = 0
    generations = sorted(ledger.state.generations.items())
    for number, ((batch, record_class), (generation, header, _)) in enumerate(generations):
        prefix = layout.page(bytes.fromhex(batch), record_class)[:-10]
        newest = layout.page(bytes.fromhex(batch), record_class, generation)
        for vault in vaults:
            try:
                whole = parse_page(vault.get(newest, limit=MAX_PAGE)).header_sha256.hex() == header
            except (NotFound, FormatError):
                whole = False
            if not whole:
                raise Unfinished(
                    f"{newest} is not whole in every vault copy; run `beleg verify`, then this again"
                )
        for vault in vaults:
            for name in list(vault.names(prefix)):
                if layout.parse_page_name(name)[2] < generation:
                    retired += zero_all(vault, name) > 0
        progress(number + 1, len(generations))
    return retired
