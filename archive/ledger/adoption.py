"""Which stored segments are the ledger, when the control place is lost (FORMAT.md §11, loss of a place).

A segment is adopted only if a registered writer signed it on the record before it. Up to the newest good
checkpoint the root decides between several; beyond it only a single continuation is adopted.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from archive.core import layout
from archive.core.segment import MAX_SEGMENT, Segment
from archive.errors import FormatError, NotFound, RolledBack, Unfinished, Unreachable
from archive.ledger.fold import fold, stop
from archive.ledger.reader import LedgerReader
from archive.ledger.state import LedgerState, SegmentRef
from archive.ledger.walk import StoredCheckpoint, checkpoints, is_signed, page_findings
from archive.ports import ObjectReader, ReadPlaces


@dataclass(slots=True)
class _Step:
    """The state behind a segment that could be the next."""

    ref: SegmentRef
    segment: Segment
    state: LedgerState


@dataclass
class Adoption:
    """The segments that are the ledger, found from the archive place alone."""

    state: LedgerState
    confirmed: int = 0
    """Size that the newest good checkpoint covers; what lies beyond was continued without a doubt."""
    roots: dict[int, bytes] = field(default_factory=dict)


class Adopter:
    """Finds the ledger among stored segments."""

    def __init__(
        self, places: ReadPlaces, origin: str, chosen: Collection[str] = (), disowned: Collection[str] = ()
    ) -> None:
        """Look in ``places.archive``; the control place is not asked.

        Args:
            places: archive, and the vault copies that hold the pages of what is continued.
            origin: of the archive; segments of others are not adopted.
            chosen: digests that a person decided for, where two segments continue the ledger.
            disowned: digests of checkpoints that a person decided against.
        """
        self.places, self.chosen = places, frozenset(chosen)
        self.adoption = Adoption(LedgerState(origin=origin))
        self._segments = self._list(places.archive)
        ours = [
            one
            for one in checkpoints(places.archive)
            if (one.checkpoint.origin, one.checkpoint.size) == (origin, one.size)
            and one.digest not in disowned
        ]
        self._signed = sorted(ours, key=lambda signed: -signed.size)
        self._by_size: dict[int, list[StoredCheckpoint]] = {}
        for signed in self._signed:
            self._by_size.setdefault(signed.size, []).append(signed)

    def _list(self, archive: ObjectReader) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        for name in archive.names(layout.SEGMENTS):
            try:
                first, digest = layout.parse_numbered(name)
            except FormatError:
                continue  # planted rubbish; `verify` reports it
            found.setdefault(first, []).append(digest)
        return found

    def run(self) -> Adoption:
        """Find the ledger.

        Raises:
            Unfinished: two segments continue it and nothing signed says which; a person decides.
            RolledBack: a good checkpoint is not reached: segments are missing, or it signed another history.
            StoreError: the archive place did not answer, or no vault copy where one must tell.
        """
        adoption = self.adoption
        while steps := self._steps(adoption.state):
            step = self._choose(steps)
            if step is None:
                break
            adoption.state = step.state
            adoption.roots[step.state.size] = step.state.frontier.root()
            if self._is_confirmed(step.state):
                adoption.confirmed = step.state.size
        self._check_reached()
        return adoption

    def _steps(self, state: LedgerState) -> list[_Step]:
        found = []
        for digest in self._segments.get(state.size, ()):
            step = self._step(state, digest)
            if step is not None:
                found.append(step)
        return found

    def _step(self, state: LedgerState, digest: str) -> _Step | None:
        """Fold a segment onto a copy of a state; None if a rule of level 0 forbids it."""
        if digest in state.orphans:
            return None
        name, after = layout.segment(state.size, digest), state.copy()
        reader = LedgerReader(self.places, after)
        try:
            data = self.places.archive.get(name, limit=MAX_SEGMENT)
            segment = Segment(data)
            ref = SegmentRef(state.size, segment.header.count, digest, len(data))
            segment = reader.segment(ref)  # its digest is checked here
            fold(after, segment, ref, name, report=stop, leaf_hash_of=reader.leaf_hash)
        except (FormatError, NotFound):
            return None
        return _Step(ref, segment, after)

    def _choose(self, steps: list[_Step]) -> _Step | None:
        """Decide between segments that could all be the next; None if none was ever whole."""
        newest = next(self._good(self.adoption.state, self._signed), None)
        covered = newest is not None and newest.size > self.adoption.state.size
        if covered and len(steps) == 1:
            return steps[0]
        # A log key that is registered further on may have signed this, too; of two foundings each brings its own.
        further = covered or (len(steps) > 1 and self.adoption.state.size > 0)
        leading = [step for step in steps if further and self._leads(step)]
        if not leading and not covered:
            leading = [step for step in steps if step.ref.sha256 in self.chosen or self._is_whole(step)]
        decided = [step for step in leading if step.ref.sha256 in self.chosen] or leading
        if len(decided) <= 1:
            return decided[0] if decided else None
        names = ", ".join(step.ref.sha256 for step in steps)
        raise Unfinished(
            f"from record {self.adoption.state.size} on the ledger could go on with any of {names}, and no "
            "checkpoint says with which. Compare them, and name the right one with --adopt."
        )

    def _is_whole(self, step: _Step) -> bool:
        """Say whether a vault copy holds its pages: they were in all before it was written, and one may be lost too.

        Raises:
            Unreachable: none is seen to hold them, and one gives no answer. It may have been committed.
        """
        silent = None
        for copy in range(len(self.places.vaults)):
            found = page_findings(self.places, step.state, step.segment, copy)
            bad = [one for one in found if one.severity != "note" or one.kind == "not_copied"]
            if not bad:
                return True
            silent = next((one.text for one in bad if one.kind == "unreachable"), silent)
        if silent is not None:
            raise Unreachable(
                f"segment {step.ref.sha256} of the records from {step.ref.first} on is under no checkpoint, and no "
                f"vault copy shows that it is whole: {silent}. Bring a copy back; where both are lost, --adopt "
                "with this digest goes on with records that nobody can open"
            )
        return False

    def _leads(self, step: _Step) -> bool:
        """Say whether a good checkpoint lies on the way from here."""
        ways = [step]
        while ways:
            at = ways.pop()
            if self._is_confirmed(at.state):
                return True
            ways += self._steps(at.state)
        return False

    def _good(self, state: LedgerState, among: Iterable[StoredCheckpoint]) -> Iterator[StoredCheckpoint]:
        for signed in among:
            if signed.digest not in state.disowned and is_signed(state, signed.note, signed.size):
                yield signed

    def _is_confirmed(self, state: LedgerState) -> bool:
        root, here = state.frontier.root(), self._by_size.get(state.size, ())
        return any(signed.checkpoint.root == root for signed in self._good(state, here))

    def _check_reached(self) -> None:
        adoption = self.adoption
        if adoption.state.size == 0:
            raise Unfinished("there is no founding segment in the archive place: nothing to rebuild from")
        for signed in self._good(adoption.state, self._signed):
            if adoption.roots.get(signed.size) != signed.checkpoint.root:
                raise RolledBack(
                    f"{signed.name} was signed, and the segments in the archive place lead to record "
                    f"{adoption.state.size} without meeting it: segments are missing, or it is a fork. "
                    "Nothing was written. If a thief of the log key signed it: --disown with its digest."
                )
