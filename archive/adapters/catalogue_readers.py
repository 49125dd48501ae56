"""By which version of a reader kept bytes were last read. A few numbers from the rows of runs; no run is parsed."""

import json
from collections import Counter
from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from archive.adapters import catalogue_schema as tables
from archive.adapters.catalogue_database import chunks
from archive.catalogue import ReadBy

_NAMED = '"parsers":["'
"""Before the name of the reader, as it stands in the body of a run; in a text its quotes would be escaped."""
_LONGEST = 60

_runs, _files, _captures = tables.runs.c, tables.run_files.c, tables.captures.c


def readers(connection: Connection, since: int) -> frozenset[str]:
    """Return the readers that runs name, in the records from one on."""
    query = select(_reader(connection)).where(_runs.record >= since).distinct()
    return frozenset(str(told).partition('"')[0] for (told,) in connection.execute(query)) - {""}


def read_by(connection: Connection, others: Collection[str]) -> tuple[ReadBy, ...]:
    """Return how many items each of these readers was the last to read, of bytes that are still here.

    Of what is kept as slices only the copy can be read again: without one it is left out.
    """
    name = _reader(connection)
    newest = (
        select(_files.capture, _files.channel, func.max(_files.record).label("record"))
        .where(_files.capture.is_not(None), _files.channel.is_not(None), _files.read > 0)
        .group_by(_files.capture, _files.channel)
        .subquery()
    )
    query = (
        select(newest.c.capture, newest.c.channel, name, _files["items"] + _files.seen_again)
        .join_from(
            newest,
            tables.run_files,
            and_(_files.record == newest.c.record, _files.capture == newest.c.capture),
        )
        .join(tables.runs, _runs.record == newest.c.record)
        .where(or_(*(_runs.body.contains(f'{_NAMED}{one}"', autoescape=True) for one in sorted(others))))
    )
    rows = [tuple(row) for row in connection.execute(query)]
    readable = _readable(connection, [str(capture) for capture, *_ in rows])
    found: Counter[tuple[str, str]] = Counter()
    for capture, channel, told, count in rows:
        if capture in readable:
            found[str(channel), str(told).partition('"')[0]] += int(count)
    return tuple(ReadBy(*who, count) for who, count in sorted(found.items()) if count)


def _reader(connection: Connection) -> ColumnElement[str]:
    """Give what begins with the name of the reader in the body of a run, a quote behind it; "" for no reader."""
    find = func.instr if connection.dialect.name == "sqlite" else func.strpos
    place = find(_runs.body, _NAMED)
    return case((place > 0, func.substr(_runs.body, place + len(_NAMED), _LONGEST)), else_="")


def _readable(connection: Connection, captures: Sequence[str]) -> set[str]:
    """Return those of these captures that are whole, or of which a copy is kept; what was erased is not there."""
    kept: dict[str, str] = {}
    for some in chunks(sorted(set(captures))):
        for ident, body in connection.execute(
            select(_captures.id, _captures.body).where(_captures.id.in_(some))
        ):
            kept[ident] = json.loads(body)["kept"]
    sliced = {ident for ident, how in kept.items() if how == "slices"}
    if not sliced:
        return set(kept)
    masked = select(_captures.body).where(_captures.body.contains('"kept":"masked"', autoescape=True))
    return (kept.keys() - sliced) | {
        json.loads(body).get("inside") for body in connection.execute(masked).scalars()
    }
