"""What surrounds the chosen items in a bundle: the unit rule, and always what a chosen item answers."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from archive.catalogue import Listed
from archive.errors import UsageError
from archive.reading.times import by_zone
from archive.services.session import Session
from schemas.item import Item
from schemas.matter import ExportOptions, Included

RULES = "none, whole (or thread), day, gap, ±N for N items before and after, or ±Nh for N hours"
ANSWERED = ("reply", "root", "quote")
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
    for index in hits:
        listed = session.catalogue.item(index)
        if listed is None:
            continue
        for near in _around(session, listed, options):
            found.setdefault(near.index, "context")
        for event in session.catalogue.versions(index):
            found.setdefault(event.index, "context")
        for parent in _parents(session, listed.item):
            found[parent] = "parent"
        for target in listed.item.targets:
            if target.key is None and target.written_id is not None and target.relation in ANSWERED:
                answered.setdefault(listed.item.key.channel, set()).add(target.written_id)
    for channel, ids in answered.items():
        found.update(dict.fromkeys(session.catalogue.of_ids(channel, ids), "parent"))
    for index, decision in hits.items():
        found[index] = "hit" if decision == "hit" else "context"
    return tuple(sorted(found.items()))


def _around(session: Session, listed: Listed, options: ExportOptions) -> Iterable[Listed]:
    rule, catalogue = options.context, session.catalogue
    if rule == "none":
        return ()
    numbered = _NUMBERED.fullmatch(rule)
    if numbered and not numbered[2]:
        count = int(numbered[1])
        return catalogue.context(listed.index, before=count, after=count).items
    if numbered is None and rule not in ("thread", "whole", "day", "gap"):
        raise UsageError(f"{rule!r} is no context rule; there are: {RULES}")
    total = catalogue.thread(listed.item.thread, limit=1)
    whole = catalogue.thread(listed.item.thread, limit=total.before + len(total.items) + total.after).items
    if rule in ("thread", "whole"):
        return whole
    if rule == "day":
        day = _day(listed.item, options.timezone)
        return [other for other in whole if day is not None and _day(other.item, options.timezone) == day]
    if numbered:
        return _within(listed, whole, timedelta(hours=int(numbered[1])))
    return _unbroken(listed, whole)


def _within(listed: Listed, whole: Iterable[Listed], reach: timedelta) -> Iterable[Listed]:
    """Give what was said at most ``reach`` before or after."""
    moment = _moment(listed.item)
    near = ((other, _moment(other.item)) for other in whole)
    return [other for other, at in near if moment and at and abs(at - moment) <= reach]


def _unbroken(listed: Listed, whole: Iterable[Listed]) -> Iterable[Listed]:
    """Give the stretch of a conversation around an item in which nobody was silent for longer than ``GAP``."""
    timed = sorted(
        ((at, other.index, other) for other in whole if (at := _moment(other.item))), key=lambda one: one[:2]
    )
    stretch: list[Listed] = []
    before: datetime | None = None
    for at, _, other in timed:
        if before is not None and at - before > GAP:
            if listed.index in (one.index for one in stretch):
                break
            stretch = []
        stretch.append(other)
        before = at
    return stretch if listed.index in (one.index for one in stretch) else ()


def _moment(item: Item) -> datetime | None:
    utc = item.time.utc if item.time else None
    return datetime.fromisoformat(utc).replace(tzinfo=UTC) if utc else None


def _day(item: Item, zone: str) -> str | None:
    if item.time is None or item.time.utc is None:
        return None
    return by_zone(datetime.fromisoformat(item.time.utc), ZoneInfo(zone)).date().isoformat()


def _parents(session: Session, item: Item) -> Iterable[int]:
    """Give the items that this one answers, quotes or stands under."""
    for target in item.targets:
        if target.relation in ANSWERED and target.key is not None:
            yield from session.catalogue.of_key(target.key)
