"""What is known of a ledger after folding its records up to a size (read half)."""

from bisect import bisect_right
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal

import msgspec

from archive.core.canonical import decode, encode
from archive.core.keys import KeyRing, RegisteredKey
from archive.core.leaf import NO_PREVIOUS
from archive.core.merkle import Frontier
from archive.errors import FormatError

BULK_KINDS = frozenset({"item", "account", "thread", "capture", "sighting"})
"""Kinds that are too many to list by index."""


@dataclass(frozen=True, slots=True)
class SegmentRef:
    """A committed segment, as its marker names it."""

    first: int
    count: int
    sha256: str
    length: int

    @property
    def end(self) -> int:
        """Give one past the last record."""
        return self.first + self.count


@dataclass(frozen=True, slots=True)
class Erasure:
    """A range of records whose keys an ``erase`` record orders to destroy."""

    first: int
    last: int
    erase: int
    """Index of the ``erase`` record."""


@dataclass
class LedgerState:
    """The fold of all records below ``size``."""

    origin: str | None = None
    frontier: Frontier = field(default_factory=Frontier)
    last: bytes = NO_PREVIOUS
    """Leaf hash of the last record."""
    time: int = 0
    positions: dict[str, int] = field(default_factory=dict)
    """Stream → its next position."""
    keys: KeyRing = field(default_factory=KeyRing)
    segments: list[SegmentRef] = field(default_factory=list)
    erasures: list[Erasure] = field(default_factory=list)
    erased_pages: dict[str, int] = field(default_factory=dict)
    """Page name → index of the newest ``erased`` record that lists it."""
    generations: dict[tuple[str, str], tuple[int, str, str]] = field(default_factory=dict)
    """(batch, class) → (generation, header digest, slots digest) of re-encrypted pages."""
    special: dict[str, list[int]] = field(default_factory=dict)
    """Kind → indexes, for every kind that is not in BULK_KINDS."""
    sealed: int = 0
    """Size of the largest good checkpoint met on the way here."""
    orphans: set[str] = field(default_factory=set)
    disowned: set[str] = field(default_factory=set)
    page_digests: dict[str, str] = field(default_factory=dict)
    """Page name → hex SHA-256 of the page, as the newest ``erased`` record that lists it gives it."""
    _disjoint: list[Erasure] = field(default_factory=list, repr=False, compare=False)
    """The erasures without overlap, ascending; of two that name a record, the older."""
    _folded: int = field(default=0, repr=False, compare=False)
    """How many of ``erasures`` stand in ``_disjoint``."""
    gapped: bool = False
    """A verifier skipped missing records: roots mean nothing from here on, positions restart anywhere."""

    @property
    def size(self) -> int:
        """Give the number of records folded."""
        return self.frontier.size

    def segment_of(self, index: int) -> SegmentRef:
        """Give the segment that holds a record.

        Raises:
            IndexError: the ledger does not reach so far.
        """
        if not 0 <= index < self.size:
            raise IndexError(index)
        return self.segments[bisect_right(self.segments, index, key=lambda ref: ref.first) - 1]

    def erasure_of(self, index: int) -> Erasure | None:
        """Give the erasure that names a record, the oldest if several do."""
        if self._folded != len(self.erasures):
            for erasure in self.erasures[self._folded :]:
                self._fold(erasure)
            self._folded = len(self.erasures)
        if not self._disjoint:
            return None
        at = bisect_right(self._disjoint, index, key=lambda one: one.first) - 1
        return self._disjoint[at] if at >= 0 and index <= self._disjoint[at].last else None

    def _fold(self, erasure: Erasure) -> None:
        at = erasure.first
        while at <= erasure.last:
            after = bisect_right(self._disjoint, at, key=lambda one: one.first)
            if after and self._disjoint[after - 1].last >= at:
                at = self._disjoint[after - 1].last + 1
                continue
            end = erasure.last
            if after < len(self._disjoint):
                end = min(end, self._disjoint[after].first - 1)
            self._disjoint.insert(after, Erasure(at, end, erasure.erase))
            at = end + 1

    def copy(self) -> "LedgerState":
        """Give a state of its own that can be folded further."""
        return replace(
            self,
            frontier=self.frontier.copy(),
            positions=dict(self.positions),
            keys=KeyRing(self.keys.all()),
            segments=list(self.segments),
            erasures=list(self.erasures),
            erased_pages=dict(self.erased_pages),
            page_digests=dict(self.page_digests),
            _disjoint=list(self._disjoint),
            generations=dict(self.generations),
            special={kind: list(indexes) for kind, indexes in self.special.items()},
            orphans=set(self.orphans),
            disowned=set(self.disowned),
        )

    def to_bytes(self) -> bytes:
        """Give the state as a file: a cache that is only as good as the checkpoint it is compared with."""
        return encode(
            {
                "disowned": sorted(self.disowned),
                "erased_pages": sorted(self.erased_pages.items()),
                "erasures": [[e.first, e.last, e.erase] for e in self.erasures],
                "frontier": [node.hex() for node in self.frontier.stack],
                "generations": [[*key, *value] for key, value in sorted(self.generations.items())],
                "keys": [_key_row(key) for key in self.keys.all()],
                "last": self.last.hex(),
                "origin": self.origin,
                "page_digests": sorted(self.page_digests.items()),
                "orphans": sorted(self.orphans),
                "positions": sorted(self.positions.items()),
                "segments": [[s.first, s.count, s.sha256, s.length] for s in self.segments],
                "sealed": self.sealed,
                "size": self.size,
                "special": self.special,
                "time": self.time,
                "version": 2,
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> "LedgerState":
        """Read the file back.

        Raises:
            FormatError: it is not a state file of this version; walk the ledger instead.
        """
        try:
            file = msgspec.convert(decode(data), _File)
            return cls(
                origin=file.origin,
                frontier=Frontier(file.size, [bytes.fromhex(node) for node in file.frontier]),
                last=bytes.fromhex(file.last),
                time=file.time,
                positions=dict(file.positions),
                keys=KeyRing(_key(row) for row in file.keys),
                segments=[SegmentRef(*row) for row in file.segments],
                erasures=[Erasure(*row) for row in file.erasures],
                erased_pages=dict(file.erased_pages),
                page_digests=dict(file.page_digests),
                generations={(b, c): (g, h, s) for b, c, g, h, s in file.generations},
                special=file.special,
                sealed=file.sealed,
                orphans=set(file.orphans),
                disowned=set(file.disowned),
            )
        except (msgspec.ValidationError, ValueError) as error:
            raise FormatError("a state file that cannot be read") from error


Number = Annotated[int, msgspec.Meta(ge=0)]
Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
Batch = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}\Z")]
KeyRow = tuple[
    Literal["log", "writer", "recipient"], str, str, Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{2})+\Z")],
    Number, Number, Number, Number | None, Number | None,
]  # fmt: skip


class _File(msgspec.Struct, forbid_unknown_fields=True):
    """The state file as it lies on the disk; see ``LedgerState.to_bytes``."""

    disowned: list[str]
    erased_pages: list[tuple[str, Number]]
    erasures: list[tuple[Number, Number, Number]]
    frontier: list[Digest]
    generations: list[tuple[str, str, Number, str, str]]
    keys: list[KeyRow]
    last: Digest
    origin: str | None
    orphans: list[str]
    page_digests: list[tuple[str, Digest]]
    positions: list[tuple[str, Number]]
    sealed: Number
    segments: list[tuple[Number, Annotated[int, msgspec.Meta(ge=1)], Digest, Number]]
    size: Number
    special: dict[str, list[Number]]
    time: Number
    version: Literal[2]


def _key_row(key: RegisteredKey) -> list[Any]:
    return [
        key.purpose, key.role, key.algorithm, key.public.hex(),
        key.epoch, key.added, key.start, key.retired, key.end,
    ]  # fmt: skip


def _key(row: KeyRow) -> RegisteredKey:
    purpose, role, algorithm, public, epoch, added, start, retired, end = row
    return RegisteredKey(purpose, role, algorithm, bytes.fromhex(public), epoch, added, start, retired, end)
