"""What somebody must be told: a source that fails, a gap that opens, a silence beyond habit. Without content."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from threading import Event

from archive.core.instants import instant
from archive.errors import Locked, Refused
from archive.services.collect.memory import (
    LONGEST_REST,
    REMEMBERED,
    UNTOLD,
    SourceMemory,
    remember,
    remembered,
)
from archive.services.collect.run import Collected, collect
from archive.services.session import Session
from archive.sources import has_passed

SEAL_A_FAILURE = timedelta(hours=1)
"""A failure that goes on is put on record at most so often."""


def collect_all(
    session: Session, names: Sequence[str], stop: Event, *, due: bool = False
) -> Iterator[Collected]:
    """Collect from sources one by one; give what became of each, at once. What somebody must be told is remembered.

    ``due``: only from those whose interval has passed since they were last asked, and that nobody is asking now.

    Raises:
        StoreError, FormatError, Refused: the archive itself could not be read or written.
    """
    for name in names:
        if stop.is_set():
            break
        if name not in session.settings.sources:
            continue  # taken out meanwhile
        try:
            with session.source_lock(name):
                told = _collect(session, name, stop, due=due)
        except Locked:
            code = Refused.exit_code
            told = (
                None if due else Collected(name, stopped="another process collects from it", exit_code=code)
            )
        if told is not None:
            yield told


def _collect(session: Session, name: str, stop: Event, *, due: bool) -> Collected | None:
    """Collect from a source whose lock is held, unless it is not due or wants to be left alone."""
    one, now = remembered(session, name), session.clock()
    if due and (one.rests(now) or not one.is_due(now, session.settings.sources[name].minutes)):
        return None
    if one.rests(now):
        why = f"it asked to be left alone until {one.rests_until}"
        return Collected(name, stopped=why, exit_code=4)
    on_record, owed = partial(is_worth_a_record, one, now=now), one.asked != one.answered
    told = collect(session, name, stop=stop, on_record=on_record, unmet=one.unmet, owed=owed)
    alerts = [*_left_alone(session, name, one, now), *watch(one, told, session.clock())]
    one.begun = instant(now)
    one.untold = [*one.untold, *alerts][-UNTOLD:]
    remember(session, name, one)
    return told


def _left_alone(session: Session, name: str, one: SourceMemory, now: datetime) -> Iterator[str]:
    """Say that nobody asked for long: while collection does not run, nobody can tell."""
    minutes = session.settings.sources[name].minutes
    if one.is_forgotten(now, minutes) and one.asked is not None and datetime.fromisoformat(one.asked) < now:
        yield f"{name} was asked by nobody from {one.asked} to {instant(now)}; `beleg coverage` says what that costs"


def is_worth_a_record(one: SourceMemory, why: str, now: datetime) -> bool:
    """Say whether a failure goes into the ledger: a new one, another one, or one that is old by now."""
    return one.why != why or has_passed(one.recorded, SEAL_A_FAILURE, now)


def watch(one: SourceMemory, told: Collected, now: datetime) -> list[str]:
    """Take in what became of a source; give what somebody must be told."""
    stamp = instant(now)
    alerts: list[str] = []
    one.items, one.gaps, one.waited = one.items + told.items, one.gaps + told.gaps, one.waited + told.waited
    one.asked, one.rests_until, one.unmet = stamp, None, list(told.unmet)
    if told.wants_rest is not None:
        one.rests_until = instant(now + min(timedelta(seconds=told.wants_rest), LONGEST_REST))
    if told.failed_to_read:
        if one.failing_since is None or one.why != told.stopped:
            alerts.append(f"{told.source} cannot be read: {told.stopped}")
        one.failing_since, one.why = one.failing_since or stamp, told.stopped
        if told.recorded:
            one.recorded = stamp
    elif told.stopped is None:  # one that somebody stopped has neither failed nor answered
        if one.failing_since is not None:
            alerts.append(f"{told.source} answers again; it did not since {one.failing_since}")
        one.failing_since = one.why = one.recorded = None
        one.answered = stamp
    if told.gaps:
        alerts.append(f"{told.source}: {told.gaps} gaps opened; `beleg coverage` names them")
    if told.items:
        one.news, one.silent = [*one.news, stamp][-REMEMBERED:], False
    elif not one.silent and one.is_late(now):
        one.silent = True
        alerts.append(f"{told.source} has had nothing new since {one.news[-1]}, longer than is its habit")
    return alerts


def tell_untold(session: Session, names: Sequence[str], tell: Callable[[Sequence[str]], bool]) -> None:
    """Tell what somebody must know of these sources; what ``tell`` says nobody took is told the next time."""
    alerts = {name: remembered(session, name).untold for name in names if name in session.settings.sources}
    if not any(alerts.values()) or not tell([line for lines in alerts.values() for line in lines]):
        return
    for name in (name for name, lines in alerts.items() if lines):
        try:
            with session.source_lock(name):
                one = remembered(session, name)
                one.untold = [line for line in one.untold if line not in alerts[name]]
                remember(session, name, one)
        except Locked:
            continue  # who collects from it now has read them too: they are told twice rather than never
