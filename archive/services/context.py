"""What surrounds the chosen items in a bundle: the unit rule, and always what a chosen item answers."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from archive.catalogue import Listed
from archive.errors import UsageError
from archive.reading.times import by_zone
from archive.services.session import Session
from schemas.item import Item, Key
from schemas.matter import ExportOptions, Included

RULES = "none, whole (or thread), day, gap, ±N for N items before and after, or ±Nh for N hours"
ANSWERED = ("reply", "root", "quote")
AT_ONCE = 1000
GAP = timedelta(hours=24)
"""Silence that parts a conversation, for the rule ``gap``."""
_NUMBERED = re.compile(r"(?:±|\+-)([0-9]{1,6})(h?)")


def with_context(
    session: Session, hits: Mapping[int, str], options: ExportOptions
) -> tuple[tuple[int, Included], ...]:
    """Give (index, why) of everything that goes out, by index.

    Args:
        session: the catalogue must be at the head.
        hits: chosen item → ``hit`` or ``context``.
        options: the rule, and the zone in which days are counted.

    Raises:
        UsageError: a rule that does not exist.
    """
    found: dict[int, Included] = {}
    answered: dict[str, set[str]] = {}
    surroundings = _Surroundings(session, options)
    chosen = sorted(hits)
    for listed in _listed(session, chosen):
        for near in surroundings.of(listed):
            found.setdefault(near, "context")
        for parent in _parents(session, listed.item):
            found[parent] = "parent"
        for target in listed.item.targets:
            if target.key is None and target.written_id is not None and target.relation in ANSWERED:
                answered.setdefault(listed.item.key.channel, set()).add(target.written_id)
    for event in session.catalogue.about(chosen):
        found.setdefault(event, "context")
    for channel, ids in answered.items():
        found.update(dict.fromkeys(session.catalogue.of_ids(channel, ids), "parent"))
    for index, decision in hits.items():
        found[index] = "hit" if decision == "hit" else "context"
    return tuple(sorted(found.items()))


def _listed(session: Session, indexes: Sequence[int]) -> Iterator[Listed]:
    for at in range(0, len(indexes), AT_ONCE):
        yield from session.catalogue.items(indexes[at : at + AT_ONCE])


class _Thread:
    """A conversation as the rules see it, by time, day and stretch. What was given once is not given again."""

    def __init__(self, items: Iterable[Listed], zone: str) -> None:
        self.zone = zone
        self.all: list[int] = []
        self.days: dict[str, list[int]] = {}
        self.stretches: dict[int, list[int]] = {}
        """Item → the part around it in which nobody was silent for longer than ``GAP``."""
        timed: list[tuple[datetime, int]] = []
        for listed in items:
            self.all.append(listed.index)
            if (moment := _moment(listed.item)) is not None:
                timed.append((moment, listed.index))
                self.days.setdefault(_day(moment, zone), []).append(listed.index)
        self.timed = sorted(timed)
        stretch: list[int] = []
        for place, (moment, index) in enumerate(self.timed):
            if place and moment - self.timed[place - 1][0] > GAP:
                stretch = []
            stretch.append(index)
            self.stretches[index] = stretch

    def by_rule(self, rule: str, listed: Listed) -> list[int]:
        """Give the items around one, by a rule that looks at the whole conversation."""
        moment = _moment(listed.item)
        if rule in ("thread", "whole"):
            return _taken(self.all)
        if moment is None:
            return []
        if rule == "day":
            return _taken(self.days.get(_day(moment, self.zone), []))
        return _taken(self.stretches.get(listed.index, []))

    def within(self, moment: datetime | None, reach: timedelta) -> list[int]:
        """Give what was said at most ``reach`` before or after."""
        if moment is None:
            return []
        first = bisect_left(self.timed, (moment - reach, 0))
        near = takewhile(lambda one: one[0] <= moment + reach, islice(self.timed, first, None))
        return [index for _, index in near]


def _taken(indexes: list[int]) -> list[int]:
    taken = indexes[:]
    indexes.clear()
    return taken


class _Surroundings:
    """What stands around chosen items; each conversation is read once."""

    def __init__(self, session: Session, options: ExportOptions) -> None:
        self.catalogue, self.options = session.catalogue, options
        self._threads: dict[Key, _Thread] = {}

    def of(self, listed: Listed) -> Iterable[int]:
        """Give the items around a chosen one that were not given before.

        Raises:
            UsageError: a rule that does not exist.
        """
        rule = self.options.context
        if rule == "none":
            return ()
        numbered = _NUMBERED.fullmatch(rule)
        if numbered and not numbered[2]:
            count = int(numbered[1])
            near = self.catalogue.context(listed.index, before=count, after=count).items
            return [one.index for one in near]
        if numbered is None and rule not in ("thread", "whole", "day", "gap"):
            raise UsageError(f"{rule!r} is no context rule; there are: {RULES}")
        thread = self._thread(listed.item.thread)
        if numbered:
            return thread.within(_moment(listed.item), timedelta(hours=int(numbered[1])))
        return thread.by_rule(rule, listed)

    def _thread(self, key: Key) -> _Thread:
        known = self._threads.get(key)
        if known is None:
            total = self.catalogue.thread(key, limit=1)
            whole = self.catalogue.thread(key, limit=total.before + len(total.items) + total.after).items
            known = self._threads[key] = _Thread(whole, self.options.timezone)
        return known


def _moment(item: Item) -> datetime | None:
    utc = item.time.utc if item.time else None
    return datetime.fromisoformat(utc).replace(tzinfo=UTC) if utc else None


def _day(moment: datetime, zone: str) -> str:
    return by_zone(moment, ZoneInfo(zone)).date().isoformat()


def _parents(session: Session, item: Item) -> Iterable[int]:
    """Give the items that this one answers, quotes or stands under."""
    for target in item.targets:
        if target.relation in ANSWERED and target.key is not None:
            yield from session.catalogue.of_key(target.key)
