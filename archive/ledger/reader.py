"""Reading records from segments: leaves, frames, and the tree of their hashes (read half)."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from archive.core import layout
from archive.core.canonical import decode, unhex
from archive.core.leaf import Leaf, decode_leaf
from archive.core.merkle import HashTree, leaf_hash
from archive.core.segment import MAX_RECORDS, MAX_SEGMENT, Segment
from archive.errors import FormatError, NotFound
from archive.ledger.state import LedgerState, SegmentRef
from archive.ports import ReadPlaces

CACHED_SEGMENTS = 256
CACHED_BYTES = 32 * 1024 * 1024
"""Of segments in memory: who reads items by their time comes back to each of many segments again and again."""
LEAST_CACHED = 4
"""Segments that are kept however long they are."""
MARKER_MEMBERS = {"count", "first", "last", "length", "segment", "version"}
MAX_MARKER = 4096


def parse_marker(data: bytes, first: int) -> tuple[SegmentRef, bytes]:
    """Read a commit marker; give (segment, leaf hash of its last record).

    Raises:
        FormatError: it is not the marker of the segment at ``first``.
    """
    value = decode(data)
    if not isinstance(value, dict) or value.keys() != MARKER_MEMBERS or value["version"] != 1:
        raise FormatError("a commit marker that format 1 does not know")
    numbers = [value[name] for name in ("first", "count", "length")]
    if not all(isinstance(number, int) and not isinstance(number, bool) for number in numbers):
        raise FormatError("a commit marker with a malformed number")
    if numbers[0] != first or not 1 <= numbers[1] <= MAX_RECORDS:
        raise FormatError("a commit marker that does not fit its name")
    segment, last = unhex(value["segment"], 32), unhex(value["last"], 32)
    return SegmentRef(numbers[0], numbers[1], segment.hex(), numbers[2]), last


@dataclass(slots=True)
class Record:
    """A record as it lies in its segment; nothing of it is opened."""

    index: int
    leaf: Leaf
    raw: bytes
    """The bytes of the leaf."""
    segment: Segment
    ordinal: int

    @property
    def frame(self) -> bytes:
        """The frame, checked against its leaf's commitment by whoever opens it."""
        return self.segment.frame(self.ordinal)


def record_of(segment: Segment, ordinal: int) -> Record:
    """Give a record of a segment.

    Raises:
        FormatError: its leaf is none of format 1.
    """
    raw = segment.leaf(ordinal)
    return Record(segment.header.first + ordinal, decode_leaf(raw), raw, segment, ordinal)


class LedgerReader:
    """Records by index. Every byte is checked against the state before it is given out."""

    def __init__(self, places: ReadPlaces, state: LedgerState) -> None:
        """Read from ``places`` what ``state`` names."""
        self.places, self.state = places, state
        self._segments: OrderedDict[str, Segment] = OrderedDict()
        self._tree: HashTree | None = None

    def segment(self, ref: SegmentRef) -> Segment:
        """Give a segment, its digest checked.

        Raises:
            NotFound, Unreachable, FormatError: it is gone, could not be had, or was altered.
        """
        cached = self._segments.get(ref.sha256)
        if cached is not None:
            self._segments.move_to_end(ref.sha256)
            return cached
        name = layout.segment(ref.first, ref.sha256)
        try:
            data = self.places.archive.get(name, limit=MAX_SEGMENT)
        except NotFound as error:
            raise NotFound(
                f"{error}, though it was committed: `beleg verify` names all that is gone; where the archive place was "
                "moved, let beleg.toml name the new one"
            ) from error
        if len(data) != ref.length or sha256(data).hexdigest() != ref.sha256:
            raise FormatError(f"{name}: the bytes are not those that were committed")
        segment = self._segments[ref.sha256] = Segment(data)
        while self._is_crowded():
            self._segments.popitem(last=False)
        return segment

    def _is_crowded(self) -> bool:
        kept = len(self._segments)
        held = sum(len(segment.data) for segment in self._segments.values())
        return kept > CACHED_SEGMENTS or (kept > LEAST_CACHED and held > CACHED_BYTES)

    def record(self, index: int) -> Record:
        """Give a record."""
        ref = self.state.segment_of(index)
        return record_of(self.segment(ref), index - ref.first)

    def records(self, start: int, end: int) -> Iterator[Record]:
        """Give the records [start, end) in order; each segment is looked up once."""
        while start < end:
            ref = self.state.segment_of(start)
            segment = self.segment(ref)
            for index in range(start, min(end, ref.end)):
                yield record_of(segment, index - ref.first)
            start = ref.end

    def raw_leaf(self, index: int) -> bytes:
        """Give the bytes of a leaf."""
        ref = self.state.segment_of(index)
        return self.segment(ref).leaf(index - ref.first)

    def leaf(self, index: int) -> Leaf:
        """Give a leaf."""
        return decode_leaf(self.raw_leaf(index))

    def frame(self, index: int) -> bytes:
        """Give a frame, checked against its leaf's digest by whoever opens it."""
        ref = self.state.segment_of(index)
        return self.segment(ref).frame(index - ref.first)

    def leaf_hash(self, index: int) -> bytes:
        """Give the leaf hash of a record."""
        return leaf_hash(self.raw_leaf(index))

    def leaf_hashes(self, size: int) -> Iterator[bytes]:
        """Give the leaf hashes of the first ``size`` records."""
        for ref in self.state.segments:
            for ordinal, raw in enumerate(self.segment(ref).leaves()):
                if ref.first + ordinal >= size:
                    return
                yield leaf_hash(raw)

    def tree(self, size: int) -> HashTree:
        """Give the tree of the first ``size`` records; kept for the next proof under the same checkpoint."""
        if self._tree is None or len(self._tree.levels[0]) != size:
            self._tree = HashTree(list(self.leaf_hashes(size)))
        return self._tree
