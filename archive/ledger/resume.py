"""What an auditor keeps of a verification, to go on from there the next time (read half)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from archive.core.canonical import decode, encode
from archive.errors import FormatError
from archive.ledger.state import LedgerState, SegmentRef


@dataclass(frozen=True, slots=True)
class Resume:
    """The state at the end of a verification, and which key pages its segments have.

    The file is the auditor's own: nothing in the archive vouches for it but the signed root that it gives.
    """

    state: LedgerState
    batches: Mapping[str, SegmentRef]
    classes: Mapping[str, frozenset[str]]

    def to_bytes(self) -> bytes:
        """Give the file."""
        batches = [
            [name, ref.first, sorted(self.classes.get(name, ()))] for name, ref in self.batches.items()
        ]
        return encode({"batches": batches, "state": self.state.to_bytes().decode(), "version": 1})

    @classmethod
    def from_bytes(cls, data: bytes) -> "Resume":
        """Read the file back.

        Raises:
            FormatError: it is none.
        """
        value: Any = decode(data)
        try:
            if value["version"] != 1:
                raise FormatError("a state of another version")
            state = LedgerState.from_bytes(value["state"].encode())
            by_first = {ref.first: ref for ref in state.segments}
            return cls(
                state,
                {name: by_first[first] for name, first, _ in value["batches"]},
                {name: frozenset(classes) for name, _, classes in value["batches"]},
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise FormatError("a state of an earlier verification that cannot be read") from error
