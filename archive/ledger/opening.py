"""Opening records with the keys at hand (read half)."""

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import TypeVar

from archive.core import layout
from archive.core.facets import RecordKey, open_frame, read_lines, split_frame
from archive.core.keypage import MAX_PAGE, ZERO_SLOT, Page, parse_page
from archive.core.keys import PrivateRecipient
from archive.core.leaf import RECIPIENTS, commitment_of
from archive.core.merkle import leaf_hash
from archive.core.objects import MAX_OBJECT, PART, STEP, open_part
from archive.core.payloads import UnknownSchema, from_values, to_kind
from archive.errors import FormatError, NotFound, NotOpened, StoreError
from archive.ledger.reader import LedgerReader, Record
from schemas.entry import Entry, EntryBody

log = logging.getLogger(__name__)

T = TypeVar("T")

CACHED_PAGES = 64
"""Key pages in memory: those of some segments, in both copies."""


class DestroyedKey(FormatError):
    """A key slot is zero, and no erasure that is known so far orders it."""


def unless_erased(read: Callable[[int], T], index: int) -> T | None:
    """Give what ``read`` gives of a record; None where its key was destroyed.

    Raises:
        NotOpened: no key at hand opens it. Whoever has not the key must not take what is there for erased.
    """
    try:
        return read(index)
    except NotOpened as error:
        if error.state == "no_key":
            raise
        return None


class Opener:
    """Opens records with the private keys at hand."""

    def __init__(self, reader: LedgerReader, private: Sequence[PrivateRecipient]) -> None:
        """Open through ``reader`` with these keys."""
        self.reader = reader
        self.private = tuple(private)
        self._private = {key.id: key for key in private}
        self._roles = {key.role for key in private}
        self._pages: OrderedDict[tuple[str, int], tuple[Page, bytes]] = OrderedDict()

    def can_open(self, record_class: str) -> bool:
        """Say whether a key at hand is of a role that the class is encrypted to."""
        return bool(self._roles & set(RECIPIENTS.get(record_class, ())))

    def _page(self, record: Record, copy: int) -> tuple[Page, bytes]:
        reader, record_class = self.reader, record.leaf.record_class
        batch = record.segment.header.batch
        if batch is None:
            raise FormatError(f"record {record.index}: a segment without key page")
        known = reader.state.generations.get((batch.hex(), record_class))
        name = layout.page(batch, record_class, known[0] if known else 0)
        cached = self._pages.get((name, copy))
        if cached is not None:
            return cached
        page = parse_page(reader.places.vaults[copy].get(name, limit=MAX_PAGE))
        for recipient in page.wraps:
            if recipient in self._private:
                found = self._pages[name, copy] = (page, page.page_key(self._private[recipient]))
                if len(self._pages) > CACHED_PAGES:
                    self._pages.popitem(last=False)
                return found
        raise NotOpened("no key at hand opens this record", "no_key")

    def record_key(self, record: Record) -> RecordKey:
        """Give the record key.

        Raises:
            NotOpened: no key at hand opens the page, or the slot was destroyed.
            FormatError, StoreError: the page is altered or cannot be had.
        """
        index, record_class = record.index, record.leaf.record_class
        slot = record.segment.rows[record.ordinal].slot
        if slot is None:
            raise FormatError(f"record {index} is clear and has no key")
        if not self.can_open(record_class):
            raise NotOpened("no key at hand opens this record", "no_key")
        if record_class != "state" and (order := self.reader.state.erasure_of(index)) is not None:
            # Also where the key still stands, or came back with an old copy of the vault: ordered is gone.
            raise NotOpened(f"record {index} was erased, by the order of record {order.erase}", "erased")
        problem: Exception = NotOpened(
            f"record {index}: its key page is in no vault copy. Bring it back from a backup of the vault; "
            "`beleg verify` names every page that is gone",
            "no_key",
        )
        for copy in range(len(self.reader.places.vaults)):
            try:
                page, page_key = self._page(record, copy)
                if slot >= len(page.slots):
                    raise FormatError(f"record {index}: the key page has no such slot")
                if page.slots[slot] == ZERO_SLOT:
                    # Who may overwrite the vault must not make a hold look erased.
                    raise DestroyedKey(f"record {index}: its key was destroyed, and no erasure orders it")
                return RecordKey(page.record_key(page_key, slot))
            except (FormatError, StoreError, NotOpened) as error:
                if not isinstance(error, NotFound):
                    problem = error
        raise problem

    def lines(self, index: int) -> tuple[tuple[bytes, ...], int, RecordKey]:
        """Open a record; give its twelve facet lines, the length of its object string, its key.

        Raises: as ``record_key``.
        """
        return self.open(self.reader.record(index))

    def open(self, record: Record) -> tuple[tuple[bytes, ...], int, RecordKey]:
        """Open a record that is at hand; see ``lines``."""
        key = self.record_key(record)
        origin = self.reader.state.origin or ""
        lines, length = open_frame(key, origin, record.frame, commitment_of(record.leaf))
        return lines, length, key

    def object_string(self, index: int, key: RecordKey, length: int) -> Iterator[bytes]:
        """Stream the object string of a record, part by part, each checked.

        Raises:
            FormatError, StoreError: a part is altered, missing, or cannot be had.
        """
        objects, _ = split_frame(self.reader.frame(index))
        origin, left = self.reader.state.origin or "", length
        if len(objects) != (max(1, -(-length // PART)) if objects or length else 0):
            raise FormatError(f"record {index}: the number of objects does not fit their length")
        for part, ref in enumerate(objects):
            name = layout.object_name(ref.sha256.hex())
            stored = self.reader.places.archive.get(name, limit=MAX_OBJECT)
            if len(stored) != ref.length or sha256(stored).digest() != ref.sha256:
                raise FormatError(f"{name}: the bytes are not those that record {index} names")
            plain = open_part(key, origin, stored, part, part == len(objects) - 1)
            wanted = min(left, PART)
            if plain[wanted:].strip(b"\0") or len(plain) != max(STEP, -(-wanted // STEP) * STEP):
                raise FormatError(f"{name}: padding that format 1 does not know")
            left -= wanted
            yield plain[:wanted]

    def _overflow(self, index: int, key: RecordKey, length: int) -> Callable[[int, int], bytes]:
        def fetch(start: int, count: int) -> bytes:
            if not (0 <= start <= start + count <= length):  # integers: the payload's reader saw to it
                raise FormatError(f"record {index}: an overflow outside its object string")
            found, at = bytearray(), 0
            for piece in self.object_string(index, key, length):
                if at + len(piece) > start:
                    found += piece[max(0, start - at) : start + count - at]
                at += len(piece)
                if at >= start + count:
                    break
            return bytes(found)

        return fetch

    def content(self, index: int, start: int, length: int) -> bytes:
        """Give bytes [start, start + length) of the object string of a record.

        Raises: as ``record_key``; FormatError when there are not so many.
        """
        _, whole, key = self.lines(index)
        return self._overflow(index, key, whole)(start, length)

    def body(self, index: int) -> EntryBody:
        """Open a record and give what it says.

        Raises: as ``record_key``; UnknownSchema for a payload of a later version.
        """
        return self.body_of(self.reader.record(index))

    def body_of(self, record: Record) -> EntryBody:
        """Give what a record that is at hand says; see ``body``."""
        index, leaf = record.index, record.leaf
        lines, length, key = self.open(record)
        values = read_lines(lines)
        what = values["what"]
        if isinstance(what, dict) and what.get("kind") != leaf.kind:
            raise FormatError(f"record {index}: says another kind inside than its leaf")
        body = from_values(values, self._overflow(index, key, length))
        if to_kind(body) != (leaf.record_class, leaf.kind):
            raise FormatError(f"record {index}: holds what does not belong to its class and kind")
        return body

    def entry(self, index: int) -> Entry:
        """Give a record as an entry; what cannot be opened says so in its state."""
        return self._entry(self.reader.record(index))

    def _entry(self, record: Record) -> Entry:
        index, leaf = record.index, record.leaf
        body: EntryBody | None = None
        if leaf.record_class in ("clear", "state"):
            state = "not_decoded"
        else:
            try:
                body, state = self.body_of(record), "open"
            except NotOpened as error:
                state = error.state
            except UnknownSchema:
                state = "not_decoded"
            except (FormatError, NotFound) as error:
                # One bad record must not keep all others from being found; `verify` names it.
                log.warning("record %d cannot be opened: %s", index, error)
                state = "damaged"
        return Entry(
            index, leaf.time, leaf.record_class, leaf.kind, leaf.stream, leaf.stream_position,  # type: ignore[arg-type]
            body, state, leaf_hash(record.raw).hex(),  # type: ignore[arg-type]
        )  # fmt: skip

    def entries(self, start: int, end: int) -> Iterator[Entry]:
        """Give the entries of records [start, end) in order."""
        return map(self._entry, self.reader.records(start, end))
