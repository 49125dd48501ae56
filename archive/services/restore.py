"""What comes back from a mirror into the places of an archive: what bears out its name, and no strange segment."""

import contextlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from hashlib import sha256

from archive.core import layout
from archive.core.segment import MAX_SEGMENT, Segment
from archive.errors import FormatError, NotFound, RolledBack, Unfinished, UsageError
from archive.ledger.adoption import Adopter
from archive.ledger.reader import MAX_MARKER, parse_marker
from archive.ledger.sealing import marker_of
from archive.ledger.state import LedgerState, SegmentRef
from archive.ledger.strangers import none_of_ours
from archive.ledger.walk import is_ours
from archive.ports import ObjectStore, ReadPlaces
from archive.services.mirror import Progress, copy_markers, lacking, sorted_out


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What came from a mirror."""

    copied: int
    left: tuple[str, ...]
    """Names of what was not: a lock would keep it for good, and a planted marker stops every writer."""
    lost_from: int | None = None
    """The first record that the control place names, or this host has seen, and the mirror does not hold."""


@dataclass
class Restoring:
    """Copies from a mirror what the places of an archive lack."""

    mirror: ReadPlaces
    """Its two halves, and the vault copies of the archive."""
    archive: ObjectStore
    control: ObjectStore
    origin: str
    progress: Progress
    chosen: Collection[str] = ()
    """Digests of segments that a person decided for, where a tampered mirror holds two that could be it."""
    copied: int = 0
    left: list[str] = field(default_factory=list)

    def run(self, state: LedgerState) -> TakenBack:
        """Copy what bears out its name and is of our writers and log keys, and the markers of the ledger.

        Of a damaged mirror all that is whole may be read afterwards; markers are taken up to the damage only.
        Whether the archive stands is for the verification that must follow.

        Args:
            state: as ``follow`` gave it.

        Raises:
            AlreadyExists: a place holds other bytes under a name.
            StoreError: a place did not answer; run it again, it goes on where it was.
        """
        _, strange = sorted_out(self.mirror.archive)
        self.left += (f"archive/{name}" for name in strange)
        self.archive.put_all(self._sound(state))
        self.copied += copy_markers(self.mirror.control, self.control, list(self._markers(state)))
        more = any(self.control.names(layout.marker(state.size)))
        # What was written since lies here: a restoring that broke off at its last step goes on.
        lost = more and not any(self.archive.names(layout.segment(state.size, "")))
        return TakenBack(self.copied, tuple(self.left), state.size if lost else None)

    def follow(self) -> LedgerState:
        """Follow the signed segments of the mirror as far as they lead; nothing is written.

        Raises:
            UsageError: the mirror tells of another founding than the control place.
            Unfinished: it holds no founding segment, or several and nothing says which is ours.
            StoreError: a place did not answer.
        """
        founding = set(self._founding())
        adopter = Adopter(self.mirror, self.origin, founding | set(self.chosen))
        with contextlib.suppress(RolledBack):  # damaged or tampered with: what is left is told
            try:
                adopter.run()
            except Unfinished:
                if not adopter.adoption.state.size:
                    raise
        state = adopter.adoption.state
        if founding and state.segments[0].sha256 not in founding:
            raise UsageError(
                "the mirror was founded otherwise than the control place says: it is of another archive, or forged"
            )
        return state

    def _founding(self) -> Iterator[str]:
        """Give the digest of the founding segment as the control place tells it, if that is still there."""
        with contextlib.suppress(NotFound, FormatError):
            founding, _ = parse_marker(self.control.get(layout.marker(0), limit=MAX_MARKER), 0)
            yield founding.sha256

    def _sound(self, state: LedgerState) -> Iterator[tuple[str, bytes]]:
        """Give what bears out its name, and is no segment and no checkpoint of a stranger."""
        for name in lacking(self.mirror.archive, self.archive):
            try:
                data = self.mirror.archive.get(name, limit=MAX_SEGMENT)
                good = layout.digest_of(name) == sha256(data).hexdigest()
                if name.startswith(layout.SEGMENTS):
                    good = none_of_ours(state, data, *layout.parse_numbered(name)) is None
                elif name.startswith(layout.CHECKPOINTS):
                    good = good and is_ours(state, data, layout.parse_numbered(name)[0])
            except FormatError:
                good = False
            if not good:
                self.left.append(f"archive/{name}")
                continue
            yield name, data
            self.copied += 1
            self.progress("copying", self.copied, None)

    def _markers(self, state: LedgerState) -> Iterator[str]:
        """Give the names of the markers that the control place lacks and the ledger bears out."""
        there = set(self.control.names(layout.COMMITS))
        begun = {layout.marker(ref.first): ref for ref in state.segments}
        for name in self.mirror.control.names(""):
            if name in there or name.startswith(layout.PROBES):
                continue
            if name in begun and self._is_marker_of(name, begun[name]):
                yield name
            else:
                self.left.append(f"control/{name}")

    def _is_marker_of(self, name: str, ref: SegmentRef) -> bool:
        segment = self.mirror.archive.get(layout.segment(ref.first, ref.sha256), limit=MAX_SEGMENT)
        try:
            found = self.mirror.control.get(name, limit=MAX_MARKER)
        except FormatError:
            return False
        return found == marker_of(ref, Segment(segment).header.last)
