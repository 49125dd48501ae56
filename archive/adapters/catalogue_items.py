"""Items and what is known of them, read from the catalogue: threads, versions, fates, keys."""

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import ColumnElement, and_, case, func, or_, select, union_all

from archive.adapters import catalogue_schema as tables
from archive.adapters.catalogue_database import chunks
from archive.adapters.catalogue_described import SqlDescribed
from archive.adapters.catalogue_fates import about, fates, standing
from archive.adapters.catalogue_schema import NO_TIME, address, clean, key_of
from archive.catalogue import Count, Extent, Fate, Listed, Outline, Standing, ThreadPage
from schemas.capture import Sighting
from schemas.item import Item, Key

_ROWS = 5_000
"""Rows in memory of an answer that may be as long as the catalogue."""

_items = tables.items.c


class SqlItems(SqlDescribed):
    """The part of a catalogue that gives items."""

    def counts(self) -> tuple[Count, ...]:
        """Count items by channel, event and form."""
        kind = (_items.channel, _items.event, _items.form)
        known = func.nullif(_items.moment, NO_TIME)
        query = select(*kind, func.count(), func.min(known), func.max(known)).group_by(*kind).order_by(*kind)
        return tuple(Count(*row) for row in self._rows(query))

    def item(self, index: int) -> Listed | None:
        """Return one item; None when the record at this index is no readable item."""
        return next(iter(self.items([index])), None)

    def items(self, indexes: Sequence[int]) -> tuple[Listed, ...]:
        """Return items in the order asked for, leaving out what is no readable item."""
        found: dict[int, Listed] = {}
        for asked in chunks(indexes):
            found |= {listed.index: listed for listed in self._listed(_items.record.in_(asked))}
        return tuple(found[index] for index in indexes if index in found)

    def context(self, index: int, *, before: int, after: int) -> ThreadPage:
        """Return an item with its neighbours in the thread; an empty page when it is not known."""
        with self._engine.connect() as connection:
            where = select(_items.thread, _items.moment).where(_items.record == index)
            place = connection.execute(where).first()
            if place is None:
                return ThreadPage((), 0, 0)
            inside = _items.thread == place.thread
            earlier = or_(
                _items.moment < place.moment, and_(_items.moment == place.moment, _items.record < index)
            )
            count = select(func.count()).select_from(tables.items).where(inside)
            ahead = connection.execute(count.where(earlier)).scalar_one()
        first = max(0, ahead - before)
        return self._page(inside, limit=ahead - first + 1 + after, offset=first)

    def thread(self, key: Key, *, limit: int, offset: int = 0) -> ThreadPage:
        """Return a page of a thread."""
        return self._page(_items.thread == address(key), limit=limit, offset=offset)

    def _page(self, inside: ColumnElement[bool], *, limit: int, offset: int) -> ThreadPage:
        total = self._rows(select(func.count()).select_from(tables.items).where(inside))[0][0]
        found = self._listed(inside, limit=limit, offset=offset)
        return ThreadPage(found, min(offset, total), max(0, total - offset - len(found)))

    def versions(self, index: int) -> tuple[Listed, ...]:
        """Return everything about the same thing on its platform, by time."""
        targets = tables.targets.c
        of = targets.relation == "of"
        about = select(targets.key).where(of, targets.record == index)
        keys = [row[0] for row in self._rows(about)] or [
            row[0] for row in self._rows(select(_items.key).where(_items.record == index))
        ]
        events = select(targets.record).where(of, targets.key.in_(keys))
        return self._listed(or_(_items.key.in_(keys), _items.record.in_(events)))

    def about(self, indexes: Sequence[int]) -> frozenset[int]:
        """Return the indexes of everything about the same things as these."""
        with self._engine.connect() as connection:
            return about(connection, indexes)

    def outlines(self, indexes: Sequence[int]) -> Iterator[Outline]:
        """Return the outlines of items, in no order."""
        columns = (_items.channel, _items.author_account, _items.author, _items.moment)
        for asked in chunks(indexes):
            for channel, account, author, moment in self._rows(
                select(*columns).where(_items.record.in_(asked))
            ):
                key = key_of(account) if account else None
                yield Outline(channel, key, author, None if moment == NO_TIME else moment)

    def fates(self, indexes: Sequence[int], until: int | None = None) -> dict[int, Fate]:
        """Return what became of items, by index; those that nothing happened to are left out."""
        with self._engine.connect() as connection:
            return fates(connection, indexes, until)

    def standing(self, until: int) -> Standing:
        """Return what one must know to tell what stood at an instant, Unix seconds."""
        with self._engine.connect() as connection:
            return standing(connection, until)

    def replies(self, index: int) -> tuple[Listed, ...]:
        """Return the items that answer, quote, share or forward this one, by time."""
        targets = tables.targets.c
        key = select(_items.key).where(_items.record == index).scalar_subquery()
        found = select(targets.record).where(targets.key == key, targets.relation != "of")
        return self._listed(_items.record.in_(found))

    def sightings(self, index: int) -> tuple[Sighting, ...]:
        """Return the later captures that showed an item again."""
        c = tables.sightings.c
        query = (
            select(c.capture, c.member, c.start, c.end).where(c.item == index).order_by(c.record, c.number)
        )
        return tuple(
            Sighting(capture=capture, member=member, ranges=((index, start, end),))
            for capture, member, start, end in self._rows(query)
        )

    def extents(self, index: int) -> tuple[Extent, ...]:
        """Return what each capture shows of the thread of an item, seen through the same account."""
        asked, seen = tables.items.alias("asked"), tables.sightings.c
        same = (_items.thread == asked.c.thread) & (_items.via == asked.c.via) & (asked.c.record == index)
        shown = union_all(
            select(_items.capture, _items.moment, _items.key, asked.c.key.label("wanted")).where(same),
            select(seen.capture, _items.moment, _items.key, asked.c.key)
            .select_from(tables.items.join(tables.sightings, _items.record == seen.item))
            .where(same),
        ).subquery()
        c, known = shown.c, func.nullif(shown.c.moment, NO_TIME)
        holds = func.max(case((c.key == c.wanted, 1), else_=0))
        query = (
            select(c.capture, func.min(known), func.max(known), holds)
            .where(c.capture.is_not(None))
            .group_by(c.capture)
            .order_by(c.capture)
        )
        rows = self._rows(query)
        return tuple(
            Extent(name, start, end, bool(has)) for name, start, end, has in rows if start is not None
        )

    def capture_index(self, id_: str) -> int | None:
        """Return the index of the record that first holds a capture."""
        c = tables.captures.c
        found: int | None = self._rows(select(func.min(c.record)).where(c.id == id_))[0][0]
        return found

    def of_key(self, key: Key) -> tuple[int, ...]:
        """Return the indexes of the items with this key, in order of the ledger."""
        query = select(_items.record).where(_items.key == address(key)).order_by(_items.record)
        return tuple(row[0] for row in self._rows(query))

    def of_ids(self, channel: str, ids: Collection[str]) -> tuple[int, ...]:
        """Return the indexes of the items of a channel with one of these ids, in whatever scope, in order."""
        wanted = frozenset(clean(one) for one in ids)
        query = (
            select(_items.record, _items.key)
            .where(_items.key.startswith(f"{channel}\x1f", autoescape=True))
            .order_by(_items.record)
        )
        return tuple(row[0] for row in self._rows(query) if key_of(row[1]).id in wanted)

    def of_captures(self, ids: Collection[str]) -> frozenset[int]:
        """Return the indexes of the items that came in one of these captures, or were shown by one again."""
        wanted, c, found = frozenset(ids), tables.sightings.c, set[int]()
        with self._engine.connect().execution_options(yield_per=_ROWS) as connection:
            again = select(c.item, c.capture).join(tables.items, _items.record == c.item)
            for query in (select(_items.record, _items.capture), again):
                found |= {record for record, capture in connection.execute(query) if capture in wanted}
        return frozenset(found)

    def of_threads(self, keys: Collection[Key]) -> frozenset[int]:
        """Return the indexes of the items in one of these threads."""
        found: set[int] = set()
        for asked in chunks(sorted(map(address, keys))):
            found.update(row[0] for row in self._rows(select(_items.record).where(_items.thread.in_(asked))))
        return frozenset(found)

    def attached(self, sha256: str) -> tuple[int, ...]:
        """Return the indexes of the items with an attachment of this digest."""
        c = tables.attachments.c
        query = select(c.record).where(c.sha256 == sha256).distinct().order_by(c.record)
        return tuple(row[0] for row in self._rows(query))

    def _listed(
        self, where: ColumnElement[bool], *, limit: int | None = None, offset: int | None = None
    ) -> tuple[Listed, ...]:
        columns = (_items.record, _items.sealed, _items.body, _items.raw_sha256, _items.whole)
        query = (
            select(*columns).where(where).order_by(_items.moment, _items.record).limit(limit).offset(offset)
        )
        return tuple(
            Listed(record, sealed, Item.model_validate_json(body), bytes(raw).hex(), whole)
            for record, sealed, body, raw, whole in self._rows(query)
        )
