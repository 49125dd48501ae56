"""Looks at sources that are collected live, and the times in which nobody looked.

What somebody hands in under the name of such a source is no look at it. What the platform showed and took back while
nobody looked is not in any archive.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest
from types import MappingProxyType

from archive.services.collect.kinds import is_told_later
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


DATED_WRONG = (
    "the clock was wrong when it was read: the times of these looks are before what was sealed before them, or before "
    "what they brought"
)
CLOCKS = timedelta(hours=1)
"""How far a time may contradict what was sealed before: runs of several hosts end and are sealed in another order."""


def by_wrong_clock(
    reports: Sequence[RunReport], founded: str, now: str, newest: Mapping[str, str] = MappingProxyType({})
) -> frozenset[str]:
    """Give the ids of looks whose own clock was wrong: their times say nothing.

    ``newest``: by the id of a run, when the newest was said of what it was the first to read, up to ``now``.
    """
    return _before_others(reports, founded, now) | _before_their_items(reports, now, newest)


def _before_their_items(reports: Iterable[RunReport], now: str, newest: Mapping[str, str]) -> frozenset[str]:
    """Give the looks that brought what was said in the time after them, in which nobody looked.

    So their clock was behind, as that of a host on which an archive is founded may be for a while. What is dated ahead
    of itself, as some mails are, does as much only if it falls into a pause of a day or more: then a look too many is
    called undated, and no time covered that was not.
    """
    of: dict[str, list[list[RunReport]]] = {}
    for report in reports:
        if report.is_live:
            rows = of.setdefault(report.source, [])
            if (
                rows
                and timedelta()
                <= _moment(report.started) - _moment(rows[-1][-1].ended) + CLOCKS
                <= Looks.TOLD
            ):
                rows[-1].append(report)
            else:
                rows.append([report])
    found: set[str] = set()
    for rows in of.values():
        for row, following in zip_longest(rows, rows[1:]):
            end = max(one.ended for one in row)
            until = following[0].started if following and following[0].started > end else now
            said = max((newest[one.id] for one in row if one.id in newest), default="")
            if said and said <= until and _moment(said) > _moment(end) + Looks.TOLD:
                found.update(one.id for one in row)
    return frozenset(found)


def _before_others(reports: Iterable[RunReport], founded: str, now: str) -> frozenset[str]:
    """Give the ids of looks that are dated before something that was sealed before their source was first looked at.

    A clock that was set back when a source was new would else tell a time as covered in which nobody looked.
    ``reports`` come in the order of sealing. A time behind ``now`` is of a clock that was ahead, and proves nothing.
    """
    reached = founded if founded <= now else ""
    floors: dict[str, str] = {}
    wrong: list[str] = []
    for report in reports:
        if report.is_live:
            floor = floors.setdefault(report.source, reached)
            if floor and _moment(report.ended) < _moment(floor) - CLOCKS:
                wrong.append(report.id)
        if report.ended <= now:
            reached = max(reached, report.ended)
    return frozenset(wrong)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def looks_at(reports: Sequence[RunReport], wrong: Set[str] = frozenset()) -> list[RunReport]:
    """Give those of the runs of one source that looked at it: of one that was never collected live, all.

    ``wrong``: those whose time says nothing.
    """
    looks = [report for report in reports if report.is_live]
    return [look for look in looks if look.id not in wrong] if looks else list(reports)


def pauses(looks: Sequence[RunReport], longer_than: timedelta) -> list[Pause]:
    """Give the times between the looks at one source that were longer than this, in order.

    ``looks`` come in the order of sealing. One whose time is not between those of the first and the newest is of a
    clock that was wrong, and says nothing. No pause is told that ended with a look which was told all of it.
    """
    done = [report for report in looks if report.outcome != "stopped"]
    found: list[Pause] = []
    reached: str | None = None
    for one in sorted(done, key=lambda report: report.started):
        if one.started < done[0].started or one.ended > done[-1].ended:
            continue
        if reached is not None and one.started > reached and not is_told_later(one):
            found.append(Pause(reached, one.started))
        reached = max(reached or "", one.ended)
    return [one for one in found if one.length > longer_than]


class Looks:
    """The looks at every source that is collected live, in the order of sealing, which no clock can change."""

    TOLD = timedelta(days=1)
    """A shorter pause is nothing to speak of, however a source was scheduled: no setting of a host decides this."""

    def __init__(self, reports: Iterable[RunReport], wrong: Set[str] = frozenset()) -> None:
        """Take all reports, in the order of sealing, and which looks are dated wrong."""
        self._wrong = wrong
        of: dict[str, list[RunReport]] = {}
        for report in reports:
            if report.is_live:
                of.setdefault(report.source, []).append(report)
        self.newest = {source: looks[-1] for source, looks in of.items()}
        self.newest_whole = {look.source: look for looks in of.values() for look in looks if look.is_whole}
        self._right = {source: looks_at(looks, wrong) for source, looks in of.items()}
        self._pauses = {source: pauses(looks, self.TOLD) for source, looks in self._right.items()}

    def before(
        self, shown: Sequence[RunReport], seen: str | None, first: str | None, since: str | None
    ) -> Iterator[tuple[Pause, str]]:
        """Give the time from the first item of a thread to the first look that showed it, and what to say.

        Args:
            shown: the runs that showed it, in the order of sealing; those that were handed in are no look.
            seen: the end of the newest look; one after it is of a clock that was wrong.
            first: when its first item was said.
            since: what lies before was not asked about.
        """
        live = [one for one in shown if one.is_live]
        if not live or first is None:
            return
        # Shown when nobody knew the time, it is known at least that the next look was told of all since then.
        later = (one for source in {one.source: None for one in live} for one in self._right.get(source, ()))
        right = (one for one in live if one.id not in self._wrong)
        looked = next((one.started for one in (*right, *later) if one.started <= (seen or "")), None)
        if looked is None:
            yield Pause(first, first), DATED_WRONG
        if looked is None or first >= looked or (since is not None and looked <= since):
            return
        pause = Pause(first, looked)
        if pause.length > self.TOLD:
            yield pause, f"no look before {looked} is on record: what came and went before it is not known"

    def unread(self, sources: Iterable[str], since: str | None) -> Iterator[tuple[Pause, str]]:
        """Give of each of these sources the time from its first to its last pause after ``since``, and what to say."""
        for source in sources:
            later = [one for one in self._pauses.get(source, ()) if since is None or one.end > since]
            if later:
                longest = max(later, key=lambda one: one.length)
                more = f", the longest of {len(later)} times of a day and more" if len(later) > 1 else ""
                yield (
                    Pause(later[0].start, later[-1].end),
                    (
                        f"no look at {source} is on record from {longest.start} to {longest.end}{more}: "
                        "what came and went in between is not known"
                    ),
                )
