"""Times in which nobody looked: what the platform showed and took back meanwhile is not in any archive."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from schemas.capture import RunReport


@dataclass(frozen=True, slots=True)
class Pause:
    """From the end of one look to the start of the next, in UTC as models write it."""

    start: str
    end: str

    @property
    def length(self) -> timedelta:
        """How long it was."""
        return datetime.fromisoformat(self.end) - datetime.fromisoformat(self.start)


def pauses(reports: Iterable[RunReport], longer_than: timedelta) -> list[Pause]:
    """Give the times between the looks of one source that were longer than this, in order.

    ``reports`` come in the order of sealing; what begins after the newest look is of a clock that was wrong.
    """
    looks = [report for report in reports if report.outcome != "stopped"]
    found = (Pause(one.ended, following.started) for one, following in pairwise(looks))
    return [one for one in found if one.end <= looks[-1].ended and one.length > longer_than]


class LongestPauses:
    """The longest time between two looks of each source that is collected live, from some instant on."""

    TOLD = timedelta(days=1)
    """A shorter one is nothing to speak of, however a source was scheduled: no setting of a host decides this."""

    def __init__(self, reports: Sequence[RunReport]) -> None:
        """Take all reports, in the order of sealing."""
        live = {report.source for report in reports if report.advance is not None}
        by_source: dict[str, list[RunReport]] = defaultdict(list)
        for report in reports:
            if report.source in live:
                by_source[report.source].append(report)
        self._found: Mapping[str, list[Pause]] = {
            source: pauses(mine, self.TOLD) for source, mine in by_source.items()
        }

    def told(self, sources: Iterable[str], since: str | None) -> list[str]:
        """Say of each of these sources which was its longest pause that ends after ``since``."""
        said = []
        for source in sources:
            later = [one for one in self._found.get(source, ()) if since is None or one.end > since]
            if later:
                longest = max(later, key=lambda one: one.length)
                said.append(
                    f"no look at {source} is on record from {longest.start} to {longest.end}, the longest such time: "
                    "what came and went in between is not known"
                )
        return said
