"""What an auditor keeps of a verification, to go on from there the next time (read half)."""

import contextlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import Literal

import msgspec

from archive.core import layout
from archive.core.canonical import b64u, decode, encode, unb64u
from archive.errors import FormatError, NotFound, StoreError
from archive.ledger.reader import MAX_MARKER, parse_marker
from archive.ledger.state import Batch, Digest, LedgerState, Number, SegmentRef
from archive.ports import ReadPlaces
from schemas.report import Finding

VERSION = 4
UNSUMMED = 3
"""The version before, whose files have no digest of themselves."""


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
    commitments: bytes
    """Eight bytes of the commitment of each encrypted record: what is sealed a second time is known by them."""

    @property
    def settled(self) -> frozenset[str]:
        """Give the names of compared checkpoints below the newest: that one must sign what goes on from here."""
        newest = max(map(_sized, self.checkpoints), default="")
        return frozenset(name for name in self.checkpoints if _sized(name) < newest)

    def check(
        self, places: ReadPlaces, markers: Collection[int], segments: Mapping[int, Collection[str]]
    ) -> list[Finding]:
        """Say where this is no state of the ledger here, or where what it speaks of is gone.

        Its newest checkpoint and last segment must still be, and of all others the names: they are not read again.
        That the checkpoint signs its root the walk sees, which reads it again; of key pages, see ``check_pages``.

        Args:
            places: of the ledger.
            markers, segments: as they were listed there (the numbers of commits; first index → digests).

        Raises:
            StoreError: archive or control gives no answer.
        """
        found = [*self._check_last(places)]
        newest = self.checkpoints - self.settled
        if newest.isdisjoint(places.archive.names(layout.CHECKPOINTS)):
            text = "the newest checkpoint that the earlier verification saw is gone"
            found.append(Finding(kind="missing", text=text, name=min(newest, default=None)))
        marked, refs = frozenset(markers), self.state.segments
        for what, gone in (
            ("segments", [ref.first for ref in refs if ref.sha256 not in segments.get(ref.first, ())]),
            ("markers", [ref.first for ref in refs[:-1] if ref.first not in marked]),
        ):
            found += _gone(what, gone)
        return found

    def check_pages(self, places: ReadPlaces, generations: Mapping[tuple[str, str], object]) -> list[Finding]:
        """Say which key pages are gone, but for those that were encrypted anew since: the walk judges these.

        Args:
            places: of the ledger.
            generations: the re-encryptions at the end of the walk.
        """
        known, due = self.state.generations, {}
        for batch, classes in self.classes.items():
            for one in classes:
                if generations.get((batch, one)) == (now := known.get((batch, one))):
                    name = layout.page(bytes.fromhex(batch), one, now[0] if now else 0)
                    due[name] = self.batches[batch].first
        found: list[Finding] = []
        for number, vault in enumerate(places.written_vaults):
            # The walk asks this copy too, and says if it gives no answer.
            with contextlib.suppress(StoreError):
                there = set(vault.names(layout.KEYS))
                gone = [first for name, first in due.items() if name not in there]
                found += _gone(f"key pages of vault copy {number + 1}", gone)
        return found

    def _check_last(self, places: ReadPlaces) -> Iterator[Finding]:
        ref = self.state.segments[-1]
        try:
            found, last = parse_marker(
                places.control.get(layout.marker(ref.first), limit=MAX_MARKER), ref.first
            )
        except NotFound:
            text = f"the last segment of the earlier verification, at {ref.first}, is gone"
            yield Finding(kind="rolled_back", text=text)
        except FormatError as error:
            yield Finding(kind="altered", text=str(error), name=layout.marker(ref.first), index=ref.first)
        else:
            if found != ref or last != self.state.last:
                text = f"another segment lies at {ref.first} than the earlier verification saw"
                yield Finding(kind="fork", text=text)

    def to_bytes(self) -> bytes:
        """Give the file."""
        batches = [
            [name, ref.first, sorted(self.classes.get(name, ()))] for name, ref in self.batches.items()
        ]
        ends = [[size, root.hex(), self.times[size]] for size, root in sorted(self.roots.items())]
        told: dict[str, object] = {
            "batches": batches, "checkpoints": sorted(self.checkpoints), "commitments": b64u(self.commitments),
            "ends": ends, "level": self.level, "state": self.state.to_bytes().decode(), "version": VERSION,
        }  # fmt: skip
        return encode({**told, "sha256": sha256(encode(told)).hexdigest()})

    @classmethod
    def from_bytes(cls, data: bytes) -> "Resume":
        """Read the file back.

        A disk that changed a bit of it must not look like an archive from which something is gone.

        Raises:
            FormatError: it is none, or is damaged.
        """
        read = decode(data)
        given = read.pop("sha256", None) if isinstance(read, dict) else None
        try:
            file = msgspec.convert(read, _File)
            if given != (None if file.version == UNSUMMED else sha256(encode(read)).hexdigest()):
                raise FormatError("the file is damaged: its bytes do not bear out the SHA-256 in it")
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
                unb64u(file.commitments),
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
            and len(self.commitments) % 8 == 0
            and all(a < b for numbers in state.special.values() for a, b in pairwise(numbers))
        )


def _gone(what: str, gone: Collection[int]) -> Iterator[Finding]:
    if gone:
        text = f"{len(gone)} {what} that the earlier verification saw are gone, the first at {min(gone)}"
        yield Finding(kind="missing", text=text, index=min(gone))


def _sized(name: str) -> str:
    """Give the name of a checkpoint up to its size."""
    return name.rpartition("-")[0]


class _File(msgspec.Struct, forbid_unknown_fields=True):
    """The auditor's file; see ``Resume.to_bytes``."""

    batches: list[tuple[Batch, Number, list[str]]]
    checkpoints: list[str]
    commitments: str
    ends: list[tuple[Number, Digest, Number]]
    level: Literal[0, 1, 2]
    state: str
    version: Literal[3, 4]
