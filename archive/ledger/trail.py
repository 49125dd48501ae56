"""The way of the markers, ahead of the walk: which segment comes next, and what stood in the way (read half)."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from archive.core import layout
from archive.core.segment import MAX_SEGMENT, Segment
from archive.errors import FormatError, NotFound
from archive.ledger.reader import MAX_MARKER, parse_marker
from archive.ledger.state import SegmentRef
from archive.ports import ReadPlaces
from schemas.report import Finding, FindingKind


@dataclass(slots=True)
class Step:
    """A segment on the way; or, without ``ref``, the end of it."""

    first: int
    """Where it begins; records between the one before and this are not there."""
    ref: SegmentRef | None = None
    last: bytes | None = None
    """Leaf hash of its last record as the marker says it; None where no marker does."""
    findings: list[Finding] = field(default_factory=list)


class Trail:
    """Follows markers; where one is gone, goes on by the only segment there, or behind the gap."""

    def __init__(
        self, places: ReadPlaces, markers: Sequence[int], segments: Mapping[int, Sequence[str]], start: int
    ) -> None:
        """Begin at record ``start``; ``markers`` and ``segments`` (first → digests) were listed before."""
        self.places, self.markers, self.segments, self.at = places, markers, segments, start
        self._last = max(markers, default=-1)

    def steps(self) -> Iterator[Step]:
        """Give the segments in order. Raises StoreError if a place gives no answer."""
        firsts = sorted({*self.markers, *self.segments})
        step = Step(self.at)
        while True:
            step.ref, step.last = self._next(step.findings)
            if step.ref is None:
                later = bisect_right(firsts, self.at)
                if later >= len(firsts) or self._last <= self.at:
                    step.first = 0
                    yield step
                    return
                self.at = step.first = firsts[later]
                continue
            step.first, self.at = step.ref.first, step.ref.end
            yield step
            step = Step(self.at)

    def _next(self, findings: list[Finding]) -> tuple[SegmentRef | None, bytes | None]:
        """Find the segment here: by its marker, or without one by being the only one there."""
        at, name = self.at, layout.marker(self.at)

        def say(kind: FindingKind, text: str) -> None:
            findings.append(Finding(kind=kind, text=text, name=name, index=at))

        try:
            return parse_marker(self.places.control.get(name, limit=MAX_MARKER), at)
        except NotFound:
            if self._last <= at:
                return None, None
            say("missing", f"the marker of record {at} is gone")
        except FormatError as error:
            say("altered", str(error))
        candidates = self.segments.get(at, ())
        if len(candidates) != 1:
            return None, None
        try:
            data = self.places.archive.get(layout.segment(at, candidates[0]), limit=MAX_SEGMENT)
            return SegmentRef(at, Segment(data).header.count, candidates[0], len(data)), None
        except (FormatError, NotFound):
            return None, None
