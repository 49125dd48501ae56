"""Statements in the catalogue: found as items come in, by one lexicon, in the same transaction as the items.

What an item answers depends on what was said before it in its thread. So an item that comes in later and was said
earlier lets those behind it be looked at again; in the end each has been read with all that the catalogue knows.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, and_, delete, select, update

from archive.adapters import catalogue_schema as tables
from archive.adapters.catalogue_database import chunks, insert_rows
from archive.adapters.catalogue_earlier import Earlier
from archive.adapters.catalogue_schema import NO_TIME, clean
from archive.statements.finder import finder
from archive.statements.found import found_in
from archive.statements.lexicon import lexicon_version
from archive.statements.model import Find, Message
from archive.statements.of_item import EVENTS, message_of, speaks
from archive.statements.ports import FindAll, Stated
from schemas.entry import Entry
from schemas.item import Item
from schemas.statement import StatementDecision

_items = tables.items.c
_found = tables.statements.c
_PAGE = 2000
_LATER = 5000
"""Items behind one that came in late, which are looked at again."""


def add(connection: Connection, entries: Iterable[Entry], start: int, find_all: FindAll) -> None:
    """Find the statements of entries whose rows stand in the tables; ``start`` is the first new record."""
    new = [(entry.index, entry.body) for entry in entries if isinstance(entry.body, Item)]
    again = list(_behind(connection, [index for index, _ in new], start))
    _replace(connection, [index for index, _ in again])
    rows = list(
        _rows(connection, [(index, item) for index, item in (*new, *again) if speaks(item)], find_all)
    )
    if rows:
        insert_rows(connection, tables.statements, rows)
    first = tables.position.c.records == 0
    connection.execute(update(tables.position).where(first).values(lexicon=lexicon_version()))


def _rows(
    connection: Connection, items: Sequence[tuple[int, Item]], find_all: FindAll
) -> Iterator[dict[str, Any]]:
    """Give the rows of the statements of items that speak, and whose own rows stand in the tables."""
    if not items:
        return  # else the lexicon would be read for nothing
    found, before = finder(), Earlier(connection, items)

    def asked() -> Iterator[tuple[int, Message]]:
        for index, item in items:
            text = item.text or ""
            if found.triggered(text):
                yield index, message_of(item, before.of(index) if found.answers(text) else [])

    for index, find, number, answers in found_in(asked(), find_all):
        yield _row(index, number, find, answers)


def _row(index: int, number: int, find: Find, answers: int | None) -> dict[str, Any]:
    body = {"parts": find.parts, "cues": [clean(cue) for cue in find.cues], "values": find.values}
    return {
        "record": index, "number": number, "kind": find.kind, "modality": find.modality, "strength": find.strength,
        "start": find.start, "end": find.end, "rule": find.rule, "answers": answers,
        "body": clean(json.dumps(body, ensure_ascii=False)),
    }  # fmt: skip


def _behind(connection: Connection, new: Sequence[int], start: int) -> Iterator[tuple[int, Item]]:
    """Give older records of the same threads that were said after one of the new ones."""
    first: dict[str, int] = {}
    for asked in chunks(new):
        query = select(_items.thread, _items.moment).where(_items.record.in_(asked))
        for thread, moment in connection.execute(query):
            first[thread] = min(moment, first.get(thread, NO_TIME))
    for thread, moment in first.items():
        query = (
            select(_items.record, _items.body)
            .where(
                _items.thread == thread, _items.moment > moment, _items.moment < NO_TIME, _items.record < start
            )
            .order_by(_items.moment, _items.record)
            .limit(_LATER)
        )  # fmt: skip
        for record, body in connection.execute(query).all():
            yield record, Item.model_validate_json(body)


def _replace(connection: Connection, records: Sequence[int]) -> None:
    for asked in chunks(records):
        connection.execute(delete(tables.statements).where(_found.record.in_(asked)))


def forget(connection: Connection, records: Sequence[int]) -> None:
    """Remove decisions on items that are forgotten, and what says that something answers them."""
    decisions = tables.statement_decisions
    connection.execute(delete(decisions).where(decisions.c.item.in_(records)))
    connection.execute(update(tables.statements).where(_found.answers.in_(records)).values(answers=None))


class SqlStatements:
    """Implements ``archive.statements.ports.StatementLists`` on the engine of the catalogue."""

    _engine: Engine
    _find_all: FindAll

    @property
    def lexicon(self) -> str | None:
        """The version of the lexicon that found everything; None when it must be found anew."""
        with self._engine.connect() as connection:
            known: str | None = connection.execute(select(tables.position.c.lexicon)).scalar_one()
        return known

    def find_statements_again(self) -> int:
        """Find the statements of every item by the lexicon at hand, in one transaction."""
        found, looked_at, last = finder(), 0, -1
        with self._engine.begin() as connection:
            connection.execute(delete(tables.statements))
            while True:
                query = (
                    select(_items.record, _items.body)
                    .where(_items.record > last, _items.event.in_(EVENTS))
                    .order_by(_items.record)
                    .limit(_PAGE)
                )
                page = connection.execute(query).all()
                if not page:
                    break
                items = [(record, Item.model_validate_json(body)) for record, body in page]
                rows = list(
                    _rows(
                        connection, [(record, item) for record, item in items if speaks(item)], self._find_all
                    )
                )
                if rows:
                    insert_rows(connection, tables.statements, rows)
                last, looked_at = page[-1][0], looked_at + len(page)
            connection.execute(update(tables.position).values(lexicon=found.version))
        return looked_at

    def statements(
        self, *, kinds: Collection[str] = (), modalities: Collection[str] = (), least: int = 0
    ) -> tuple[Stated, ...]:
        """Return finds by kind, modality and strength, by item."""
        where = [_found.strength >= least]
        if kinds:
            where.append(_found.kind.in_(sorted(kinds)))
        if modalities:
            where.append(_found.modality.in_(sorted(modalities)))
        return self._stated(and_(*where))

    def statements_of(self, items: Sequence[int]) -> tuple[Stated, ...]:
        """Return the finds of items."""
        return tuple(one for asked in chunks(items) for one in self._stated(_found.record.in_(asked)))

    def answers_to(self, items: Sequence[int]) -> tuple[Stated, ...]:
        """Return the finds that answer one of these items."""
        return tuple(one for asked in chunks(items) for one in self._stated(_found.answers.in_(asked)))

    def statement_decisions(self) -> tuple[tuple[int, StatementDecision], ...]:
        """Return every decision, in order of the ledger."""
        table = tables.statement_decisions
        with self._engine.connect() as connection:
            rows = connection.execute(select(table.c.record, table.c.body).order_by(table.c.record)).all()
        return tuple((record, StatementDecision.model_validate_json(body)) for record, body in rows)

    def _stated(self, where: Any) -> tuple[Stated, ...]:
        query = select(tables.statements).where(where).order_by(_found.record, _found.number)
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return tuple(_stated(row) for row in rows)


def _stated(row: Any) -> Stated:
    body = json.loads(row.body)
    return Stated(
        item=row.record, number=row.number, kind=row.kind, modality=row.modality, start=row.start, end=row.end,
        strength=row.strength, rule=row.rule, parts=tuple((str(what), int(points)) for what, points in body["parts"]),
        cues=tuple(body["cues"]), values=body["values"], answers=row.answers,
    )  # fmt: skip
