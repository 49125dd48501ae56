"""What became of items: which edit replaced them, which deletion stands. Read from the catalogue's rows."""

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, func, or_, select

from archive.adapters import catalogue_schema as tables
from archive.adapters.catalogue_database import chunks
from archive.adapters.catalogue_schema import NO_TIME
from archive.catalogue import Fate, Standing
from archive.query.document import seconds

CHANGES = ("edited", "deleted", "restored")

_OBSERVED = '"basis":"observed"'
"""As it stands in a stored body; inside a text its quotes would be escaped."""

_items, _targets = tables.items.c, tables.targets.c


@dataclass(frozen=True, slots=True)
class _Happened:
    """An item at the instant at which it counts."""

    at: int
    record: int
    event: str

    @property
    def place(self) -> tuple[int, int]:
        return self.at, self.record


def fates(connection: Connection, indexes: Sequence[int], until: int | None) -> dict[int, Fate]:
    """Return the fates of these items; those that nothing happened to are left out."""
    keys: dict[int, set[str]] = defaultdict(set)
    for asked in chunks(indexes):
        of = select(_targets.record, _targets.key).where(
            _targets.relation == "of", _targets.record.in_(asked)
        )
        for record, key in connection.execute(of):
            keys[record].add(key)
        for record, key in connection.execute(
            select(_items.record, _items.key).where(_items.record.in_(asked))
        ):
            keys[record].add(key)
    wanted = sorted({key for found in keys.values() for key in found})
    changes = _changes(connection, wanted, until)
    if not changes:
        return {}
    own = {found.record: found for found in _happened(connection, sorted(keys))}
    result: dict[int, Fate] = {}
    for record, found in keys.items():
        events = sorted({e for key in found for e in changes.get(key, ())}, key=lambda e: e.place)
        if record in own and events and (fate := _fate(own[record], events)):
            result[record] = fate
    return result


def about(connection: Connection, indexes: Sequence[int]) -> frozenset[int]:
    """Return the items about the same things as these, as ``Catalogue.versions`` gives them for each."""
    keys: set[str] = set()
    for asked in chunks(indexes):
        of = select(_targets.record, _targets.key).where(
            _targets.relation == "of", _targets.record.in_(asked)
        )
        events = [tuple(row) for row in connection.execute(of)]
        keys.update(key for _, key in events)
        own = _items.record.in_(set(asked) - {record for record, _ in events})
        keys.update(connection.execute(select(_items.key).where(own)).scalars())
    found: set[int] = set()
    for some in chunks(sorted(keys)):
        of = select(_targets.record).where(_targets.relation == "of", _targets.key.in_(some))
        where = or_(_items.key.in_(some), _items.record.in_(of))
        found.update(connection.execute(select(_items.record).where(where)).scalars())
    return frozenset(found)


def standing(connection: Connection, until: int) -> Standing:
    """Return what stood, and what was gone, at an instant."""
    undated = select(_items.record).where(_items.moment == NO_TIME, _items.sealed <= until)
    later = select(_items.record, _items.moment, _items.sealed, _items.body).where(
        _items.event.in_(CHANGES), _items.body.contains(_OBSERVED, autoescape=True), _items.sealed > until
    )
    gone = {record for record, *happened in connection.execute(later) if _instant(*happened) > until}
    keys = sorted(_changes(connection, None, until))
    about: set[int] = set()
    for asked in chunks(keys):
        about.update(connection.execute(select(_items.record).where(_items.key.in_(asked))).scalars())
        events = select(_targets.record).where(_targets.relation == "of", _targets.key.in_(asked))
        about.update(connection.execute(events).scalars())
    # A deletion is no version: it stays to be seen.
    versions = {
        found.record for found in _happened(connection, sorted(about)) if found.event in ("posted", "edited")
    }
    found = fates(connection, sorted(about), until)
    reworded, unsure = _edited_before_seen(connection, until)
    return Standing(
        undated=frozenset(connection.execute(undated).scalars()),
        gone=frozenset(gone | (versions & found.keys())),
        superseded=frozenset(record for record, fate in found.items() if fate.superseded is not None),
        deleted=frozenset(record for record, fate in found.items() if fate.deleted is not None),
        later=reworded,
        unsure=unsure,
        misdated=_sealed_before_earlier(connection, until),
    )


def _sealed_before_earlier(connection: Connection, until: int) -> int:
    """Return how many items count by a sealing after an instant, with a record behind them that was sealed by it.

    One of two clocks was wrong, and which of them decides whether they were there.
    """
    last = select(func.max(_items.record)).where(_items.sealed <= until).scalar_subquery()
    by_sealing = or_(
        _items.moment == NO_TIME,
        and_(_items.event.in_(CHANGES), _items.body.contains(_OBSERVED, autoescape=True)),
    )
    query = select(func.count()).where(_items.sealed > until, _items.record < last, by_sealing)
    return int(connection.execute(query).scalar_one())


def _edited_before_seen(connection: Connection, until: int) -> tuple[frozenset[int], frozenset[int]]:
    """Return what was said by an instant and already edited when it was first seen: after the instant, or who knows.

    What was sealed by then had been edited by then.
    """
    query = select(_items.record, _items.body).where(
        _items.edited, _items.sealed > until, _items.moment <= until, _items.event == "posted"
    )
    later: set[int] = set()
    unsure: set[int] = set()
    for record, body in connection.execute(query):
        said = json.loads(body)
        if said.get("edited") is None or said.get("basis") == "observed":
            continue  # what was seen counts by its own instant
        told = (said["edited"].get("time") or {}).get("utc")
        when = seconds(told) if told else None
        if when is None:
            unsure.add(record)
        elif when > until:
            later.add(record)
    return frozenset(later), frozenset(unsure)


def _fate(item: _Happened, events: Sequence[_Happened]) -> Fate | None:
    """Return what happened to an item, given the changes of its thing in order."""
    after = bisect_right(events, item.place, key=lambda e: e.place)
    superseded = None
    if item.event in ("posted", "edited"):
        superseded = next((e.record for e in events[after:] if e.event == "edited"), None)
    last = next((e for e in reversed(events) if e.event in ("deleted", "restored")), None)
    deleted = last.record if last and last.event == "deleted" and last.record != item.record else None
    return Fate(superseded, deleted) if superseded is not None or deleted is not None else None


def _changes(
    connection: Connection, keys: Sequence[str] | None, until: int | None
) -> dict[str, list[_Happened]]:
    """Return the edits, deletions and restorations of things, by key."""
    columns = (_targets.key, _items.record, _items.event, _items.moment, _items.sealed, _items.body)
    query = (
        select(*columns)
        .join_from(tables.targets, tables.items, _items.record == _targets.record)
        .where(_targets.relation == "of", _items.event.in_(CHANGES))
    )
    found: dict[str, list[_Happened]] = defaultdict(list)
    for asked in [None] if keys is None else chunks(keys):
        limited = query if asked is None else query.where(_targets.key.in_(asked))
        for key, record, event, moment, sealed, body in connection.execute(limited):
            happened = _Happened(_instant(moment, sealed, body), record, event)
            if until is None or happened.at <= until:
                found[key].append(happened)
    return found


def _happened(connection: Connection, records: Sequence[int]) -> Iterator[_Happened]:
    columns = (_items.record, _items.event, _items.moment, _items.sealed, _items.body)
    for asked in chunks(records):
        for record, event, moment, sealed, body in connection.execute(
            select(*columns).where(_items.record.in_(asked))
        ):
            yield _Happened(_instant(moment, sealed, body), record, event)


def _instant(moment: int, sealed: int, body: str) -> int:
    """Return when an event counts: what Beleg saw itself happened at the latest when it was sealed.

    Of an edit that it saw, the platform may tell when it was: from then on these words stood.
    """
    if moment != NO_TIME and _OBSERVED not in body:
        return moment
    edited = json.loads(body).get("edited") or {}
    told = (edited.get("time") or {}).get("utc")
    when = seconds(told) if told else None
    return sealed if when is None else min(when, sealed)
