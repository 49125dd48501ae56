"""What an auditor keeps of a verification, to go on from there the next time (read half)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from archive.core import layout
from archive.core.canonical import decode, encode
from archive.errors import FormatError
from archive.ledger.state import LedgerState, SegmentRef

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
        value: Any = decode(data)
        try:
            if value["version"] != VERSION:
                raise FormatError("a state of another version")
            state = LedgerState.from_bytes(value["state"].encode())
            by_first = {ref.first: ref for ref in state.segments}
            found = cls(
                state,
                {name: by_first[first] for name, first, _ in value["batches"]},
                {name: frozenset(classes) for name, _, classes in value["batches"]},
                int(value["level"]),
                {int(size): bytes.fromhex(root) for size, root, _ in value["ends"]},
                {int(size): int(time) for size, _, time in value["ends"]},
                frozenset(value["checkpoints"]),
            )
            if found.roots[state.size] != state.frontier.root() or list(found.roots) != [
                ref.end for ref in state.segments
            ]:
                raise FormatError("a state whose parts do not fit together")
            return found
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise FormatError("a state of an earlier verification that cannot be read") from error
