"""What an auditor keeps of a verification, to go on from there the next time (read half)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import msgspec

from archive.core import layout, signed_note
from archive.core.canonical import decode, encode
from archive.errors import FormatError, NotFound
from archive.ledger.reader import MAX_MARKER, parse_marker
from archive.ledger.state import Digest, LedgerState, Number, SegmentRef
from archive.ledger.walk import MAX_CHECKPOINT, is_signed
from archive.ports import ReadPlaces
from schemas.report import Finding

VERSION = 2


@dataclass(frozen=True, slots=True)
class Resume:
    """The state at the end of a verification, which key pages its segments have, and what it compared.

    The file is the auditor's own: nothing in the archive vouches for it but the signed root that it gives.
    """

    state: LedgerState
    batches: Mapping[str, SegmentRef]
    classes: Mapping[str, frozenset[str]]
    level: int
    """The depth to which all of it was verified."""
    roots: Mapping[int, bytes]
    """Size at a segment end → root: heads, checkpoints and tokens that come later are held against them."""
    times: Mapping[int, int]
    """The same sizes → time of that segment."""
    checkpoints: frozenset[str]
    """Names of the stored checkpoints that were compared and need not be read again."""

    @property
    def settled(self) -> frozenset[str]:
        """Give the names of compared checkpoints below the end: those at the end must sign what goes on from it."""
        return frozenset(
            name for name in self.checkpoints if name < f"{layout.CHECKPOINTS}{self.state.size:020d}"
        )

    def check(self, places: ReadPlaces, report: Callable[[Finding], None]) -> None:
        """Report where this is no state of the ledger here: its root must be signed, its last segment committed.

        Raises:
            StoreError: a place gives no answer.
        """
        ref, size = self.state.segments[-1], self.state.size
        prefix = f"{layout.CHECKPOINTS}{size:020d}-"
        if not any(self._is_signed(places, name) for name in places.archive.names(prefix)):
            text = f"the state to go on from gives a root at {size} that no checkpoint here signs"
            report(Finding(kind="fork", text=text))
        try:
            found, last = parse_marker(
                places.control.get(layout.marker(ref.first), limit=MAX_MARKER), ref.first
            )
        except (NotFound, FormatError):
            text = f"the last segment of the earlier verification, at {ref.first}, is gone"
            report(Finding(kind="rolled_back", text=text))
        else:
            if found != ref or last != self.state.last:
                text = f"another segment lies at {ref.first} than the earlier verification saw"
                report(Finding(kind="fork", text=text))

    def _is_signed(self, places: ReadPlaces, name: str) -> bool:
        try:
            note = signed_note.parse(places.archive.get(name, limit=MAX_CHECKPOINT))
            root = signed_note.parse_checkpoint(note).root
        except FormatError:
            return False  # the walk names it, with the other checkpoints
        return root == self.state.frontier.root() and is_signed(self.state, note, self.state.size)

    def to_bytes(self) -> bytes:
        """Give the file."""
        batches = [
            [name, ref.first, sorted(self.classes.get(name, ()))] for name, ref in self.batches.items()
        ]
        ends = [[size, root.hex(), self.times[size]] for size, root in sorted(self.roots.items())]
        return encode(
            {
                "batches": batches, "checkpoints": sorted(self.checkpoints), "ends": ends, "level": self.level,
                "state": self.state.to_bytes().decode(), "version": VERSION,
            }
        )  # fmt: skip

    @classmethod
    def from_bytes(cls, data: bytes) -> "Resume":
        """Read the file back.

        Raises:
            FormatError: it is none.
        """
        try:
            file = msgspec.convert(decode(data), _File)
            state = LedgerState.from_bytes(file.state.encode())
            by_first = {ref.first: ref for ref in state.segments}
            found = cls(
                state,
                {name: by_first[first] for name, first, _ in file.batches},
                {name: frozenset(classes) for name, _, classes in file.batches},
                file.level,
                {size: bytes.fromhex(root) for size, root, _ in file.ends},
                {size: time for size, _, time in file.ends},
                frozenset(file.checkpoints),
            )
        except (msgspec.ValidationError, KeyError, ValueError) as error:
            raise FormatError("a state of an earlier verification that cannot be read") from error
        if not found._fits():
            raise FormatError("a state whose parts do not fit together")
        return found

    def _fits(self) -> bool:
        """Say whether the segments reach from 0 to the size, and all that is named by number lies below it."""
        state = self.state
        ends = [0, *(ref.end for ref in state.segments)]
        indexes = [n for numbers in state.special.values() for n in numbers]
        indexes += [n for one in state.erasures for n in (one.first, one.last, one.erase)]
        indexes += state.erased_pages.values()
        return (
            ends[1:] == list(self.roots)
            and ends[:-1] == [ref.first for ref in state.segments]
            and self.roots.get(state.size) == state.frontier.root()
            and max(indexes, default=-1) < state.size
            and state.sealed <= state.size
            and all(a < b for numbers in state.special.values() for a, b in pairwise(numbers))
        )


class _File(msgspec.Struct, forbid_unknown_fields=True):
    """The auditor's file; see ``Resume.to_bytes``."""

    batches: list[tuple[str, Number, list[str]]]
    checkpoints: list[str]
    ends: list[tuple[Number, Digest, Number]]
    level: Literal[0, 1, 2]
    state: str
    version: Literal[2]
