"""Conversations cut into slices: one document each for a review platform.

Relativity and others take one conversation of one day as a document, and at most 10,000 events in it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from archive.production import Told
from archive.reading.times import by_zone
from schemas.item import Key, TimeStamp

Rule = Literal["day", "gap", "whole"]
"""``day``: of the calendar in the matter's zone; ``gap``: a silence of 24 hours ends a slice; ``whole``."""

MOST_EVENTS = 10_000
GAP = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Slice:
    """Events of one conversation in order of time; those without a time come last, in a slice of their own."""

    thread: Key
    via: Key
    label: str
    """``2025-02-03``, with ``(2)`` where a day was cut; ``undated``; or ``whole``."""
    items: tuple[Told, ...]


def slices(told: Iterable[Told], rule: Rule, zone: str) -> Iterator[Slice]:
    """Cut items into slices. Items must come by thread and account, and within these by time."""
    current: list[Told] = []
    for one in told:
        if current and (one.item.thread, one.item.via) != (current[0].item.thread, current[0].item.via):
            yield from _of_conversation(current, rule, zone)
            current = []
        current.append(one)
    if current:
        yield from _of_conversation(current, rule, zone)


def local_time(told: Told, zone: str) -> datetime | None:
    """Give the instant of an item in a zone, or None where the platform told none."""
    return None if told.item.time is None else in_zone(told.item.time, zone)


def in_zone(time: TimeStamp, zone: str) -> datetime | None:
    """Give an instant in a zone, or None where the platform told none."""
    return None if time.utc is None else by_zone(datetime.fromisoformat(time.utc), ZoneInfo(zone))


def span(told: Iterable[Told], zone: str) -> tuple[datetime, datetime] | None:
    """Give the first and the last instant of items in a zone, or None where no item has one."""
    times = [moment for one in told if (moment := local_time(one, zone))]
    return (min(times), max(times)) if times else None


def _of_conversation(items: Sequence[Told], rule: Rule, zone: str) -> Iterator[Slice]:
    group: list[Told] = []
    label, last = "", None
    part = 1
    for one in items:
        moment = local_time(one, zone)
        if moment is None:
            name = "undated"
        elif rule == "whole":
            name = "whole"
        elif rule == "day":
            name = moment.date().isoformat()
        else:
            near = last is not None and moment - last <= GAP
            name = label if near else moment.date().isoformat()
        fresh = name != label or (
            rule == "gap" and moment is not None and last is not None and moment - last > GAP
        )
        if group and (fresh or len(group) == MOST_EVENTS):
            yield _slice(group, label, part)
            part = 1 if fresh else part + 1
            group = []
        group.append(one)
        label, last = name, moment or last
    yield _slice(group, label, part)


def _slice(items: Sequence[Told], label: str, part: int) -> Slice:
    first = items[0].item
    return Slice(first.thread, first.via, label if part == 1 else f"{label} ({part})", tuple(items))
