"""What somebody must be told: a source that fails, a gap that opens, a silence beyond habit. Without content."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from threading import Event

from archive.services.collect.memory import REMEMBERED, Memory, SourceMemory, remember, remembered
from archive.services.collect.metrics import write_metrics
from archive.services.collect.run import Collected, collect
from archive.services.session import Session

SEAL_A_FAILURE = timedelta(hours=1)
"""A failure that goes on is put on record at most so often."""


def collect_all(
    session: Session, names: Sequence[str], stop: Event, *, due: bool = False
) -> tuple[list[Collected], list[str]]:
    """Collect from sources one by one; give what became of each, and what somebody must be told.

    ``due``: only from those whose interval has passed since they were last asked.

    Raises:
        StoreError, FormatError, Refused: the archive itself could not be read or written.
    """
    memory, found, alerts = remembered(session), [], []
    for name in names:
        if stop.is_set():
            break
        if due and not memory.of(name).is_due(session.clock(), session.settings.sources[name].minutes):
            continue
        on_record = partial(is_worth_a_record, memory.of(name), now=session.clock())
        told = collect(session, name, stop=stop, on_record=on_record)
        found.append(told)
        alerts += watch(memory, told, session.clock())
        remember(session, memory)
    if session.settings.metrics is not None:
        write_metrics(session.folder / session.settings.metrics, memory, session.ledger.state.size)
    return found, alerts


def is_worth_a_record(one: SourceMemory, why: str, now: datetime) -> bool:
    """Say whether a failure goes into the ledger: a new one, another one, or one that is old by now."""
    if one.recorded is None or one.why != why:
        return True
    return now - datetime.fromisoformat(one.recorded) >= SEAL_A_FAILURE


def watch(memory: Memory, told: Collected, now: datetime) -> list[str]:
    """Take in what became of a source; give what somebody must be told."""
    one, stamp = memory.of(told.source), now.strftime("%Y-%m-%dT%H:%M:%SZ")
    alerts: list[str] = []
    one.items, one.gaps, one.waited = one.items + told.items, one.gaps + told.gaps, one.waited + told.waited
    one.asked = stamp
    if told.stopped and told.failed_to_read:
        if one.failing_since is None or one.why != told.stopped:
            alerts.append(f"{told.source} cannot be read: {told.stopped}")
        one.failing_since, one.why = one.failing_since or stamp, told.stopped
        if told.recorded:
            one.recorded = stamp
    else:
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
