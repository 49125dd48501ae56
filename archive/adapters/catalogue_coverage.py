"""What each capture showed of each thread, and in which runs each capture was read: queries for coverage."""

from sqlalchemy import ColumnElement, Connection, func, select, true

from archive.adapters import catalogue_schema as tables
from archive.adapters.catalogue_schema import NO_TIME, key_of
from archive.catalogue import CaptureRun, Shown
from schemas.item import Key

_items = tables.items.c


def below(record: ColumnElement[int], before: int | None) -> ColumnElement[bool]:
    """Keep records below one; all of them where none is given."""
    return true() if before is None else record < before


def views(connection: Connection) -> tuple[Key, ...]:
    """Return the accounts through which items were seen."""
    return tuple(key_of(via) for via in connection.execute(select(_items.via).distinct()).scalars())


def shown(connection: Connection, before: int | None = None) -> tuple[Shown, ...]:
    """Return what captures showed, by account, thread and capture; what came again stands with no items."""
    known = func.nullif(_items.moment, NO_TIME)
    columns = (_items.via, _items.thread)
    own = (
        select(*columns, _items.capture, func.count(), func.min(known), func.max(known))
        .where(below(_items.record, before))
        .group_by(*columns, _items.capture)
    )
    again = tables.sightings.c
    twice = (
        select(*columns, again.capture)
        .join_from(tables.sightings, tables.items, again.item == _items.record)
        .where(below(again.record, before))
        .group_by(*columns, again.capture)
    )
    found = [tuple(row) for row in connection.execute(own)]
    found += [(*row, 0, None, None) for row in connection.execute(twice)]
    return tuple(
        Shown(key_of(via), key_of(thread), *rest)
        for via, thread, *rest in sorted(found, key=lambda row: (row[0], row[1], row[2] or ""))
    )


def capture_runs(connection: Connection, before: int | None = None) -> tuple[CaptureRun, ...]:
    """Return every (run, capture) with the units that failed; the report of a run may fill several records."""
    files, runs = tables.run_files.c, tables.runs.c
    query = (
        select(runs.id, files.capture, func.sum(files.failed))
        .join_from(tables.run_files, tables.runs, files.record == runs.record)
        .where(files.capture.is_not(None), below(runs.record, before))
        .group_by(runs.id, files.capture)
    )
    return tuple(
        CaptureRun(str(run), str(capture), int(failed))
        for run, capture, failed in sorted(map(tuple, connection.execute(query)))
    )
