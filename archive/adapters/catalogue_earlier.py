"""What was said before an item in its thread, as the same account saw it: for many items with few questions."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from archive.adapters import catalogue_schema as tables
from archive.adapters.catalogue_database import chunks
from archive.adapters.catalogue_schema import NO_TIME
from archive.statements.model import Said
from archive.statements.of_item import CONTEXT, EVENTS, sender_of
from schemas.item import Item

_items = tables.items.c
_DENSE = 4
"""Rows in the time of the items asked for, for each of these, up to which they are read at once."""

Place = tuple[str, str]
"""Thread and account."""
Moment = tuple[int, int]
"""(time, record): the order in which things were said."""


class Earlier:
    """Looks up what was said before each of a batch of items, whose rows stand in the tables.

    Items that come in together are mostly neighbours, so their surroundings are read at once. Where they lie far apart
    in a long thread, each is asked for by itself.
    """

    def __init__(self, connection: Connection, items: Sequence[tuple[int, Item]]) -> None:
        """Take (record, item) of a batch."""
        self._connection = connection
        self._said = {index: _of(index, item) for index, item in items}
        self._at: dict[int, tuple[Place, Moment]] = {}
        self._spans: dict[Place, list[Moment]] = {}
        self._lines: dict[Place, list[Moment] | None] = {}
        indexes = [index for index, _ in items]
        for asked in chunks(indexes):
            columns = (_items.record, _items.thread, _items.via, _items.moment)
            query = select(*columns).where(_items.record.in_(asked))
            for record, thread, via, moment in connection.execute(query):
                self._at[record] = (thread, via), (moment, record)
                if moment != NO_TIME:
                    self._spans.setdefault((thread, via), []).append((moment, record))

    def of(self, index: int) -> list[Said]:
        """Give what was said before an item, the oldest first; nothing where its time is not known."""
        place, moment = self._at.get(index, (("", ""), (NO_TIME, 0)))
        if moment[0] == NO_TIME:
            return []
        if place not in self._lines:
            self._lines[place] = self._line(place)
        line = self._lines[place]
        if line is None:
            found = self._before(place, moment)
        else:
            at = bisect_left(line, moment)
            found = line[max(0, at - CONTEXT) : at]
        return [said for _, record in found if (said := self._said[record]) is not None]

    def _line(self, place: Place) -> list[Moment] | None:
        """Give what was said in the time of the items asked for and a little before, in order; None: too much."""
        first, last = min(self._spans[place]), max(self._spans[place])
        most = _DENSE * len(self._spans[place]) + CONTEXT
        inside = and_(_items.moment >= first[0], _items.moment <= last[0])
        query = _rows(place, inside).order_by(_items.moment, _items.record).limit(most + 1)
        found = self._keep(query)
        return None if len(found) > most else [*self._before(place, (first[0], -1)), *found]

    def _before(self, place: Place, moment: Moment) -> list[Moment]:
        """Give the last few things that were said before a moment, the oldest first."""
        sooner = or_(_items.moment < moment[0], and_(_items.moment == moment[0], _items.record < moment[1]))
        query = _rows(place, sooner).order_by(_items.moment.desc(), _items.record.desc()).limit(CONTEXT)
        return self._keep(query)[::-1]

    def _keep(self, query: Any) -> list[Moment]:
        found: list[Moment] = []
        for moment, record, body in self._connection.execute(query):
            found.append((moment, record))
            if record not in self._said:
                self._said[record] = _of(record, Item.model_validate_json(body))
        return found


def _rows(place: Place, when: Any) -> Any:
    thread, via = place
    return select(_items.moment, _items.record, _items.body).where(
        _items.thread == thread, _items.via == via, _items.event.in_(EVENTS), when
    )


def _of(record: int, item: Item) -> Said | None:
    return Said(sender_of(item), item.text, record) if item.text else None
