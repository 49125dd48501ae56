"""The catalogue in a relational database: SQLite by default, PostgreSQL by URL.

Rows and position change in one transaction, so a kill leaves whole batches. Two writers follow each
other: the row of the position is taken first.
"""

from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, delete, func, or_, select, update

from archive.adapters import catalogue_schema as tables
from archive.adapters import catalogue_statements as statements
from archive.adapters.catalogue_database import chunks, insert_rows, open_database, scrub
from archive.adapters.catalogue_items import SqlItems
from archive.adapters.catalogue_rows import rows
from archive.errors import ArchiveError
from archive.statements.finder import one_by_one
from archive.statements.ports import FindAll
from schemas.entry import Entry

BATCH = 5_000
"""Entries in one transaction."""


class SqlCatalogue(SqlItems, statements.SqlStatements):
    """A catalogue; implements ``archive.catalogue.Catalogue``."""

    def __init__(self, place: Path | str, find_all: FindAll = one_by_one) -> None:
        """Open a SQLite file (a path) or a database (a URL); make or migrate the tables.

        ``find_all``: finds the statements of what comes in.
        """
        self._engine = open_database(place)
        self._find_all = find_all

    # Following the ledger

    @property
    def position(self) -> int:
        """The number of records applied."""
        with self._engine.connect() as connection:
            return _position(connection)

    @property
    def head(self) -> str | None:
        """The leaf hash of the last record applied, hex; None when it is not known."""
        with self._engine.connect() as connection:
            found: str | None = connection.execute(select(tables.position.c.head)).scalar_one()
        return found

    def apply(self, entries: Iterable[Entry]) -> None:
        """Add entries; skip those below the position; a gap is an ``ArchiveError``."""
        remaining = iter(entries)
        while batch := list(islice(remaining, BATCH)):
            with self._engine.begin() as connection:
                self._apply(connection, batch)

    def _apply(self, connection: Connection, batch: list[Entry]) -> None:
        records = tables.position.c.records
        connection.execute(update(tables.position).values(records=records))  # takes the lock of writers
        position = start = _position(connection)
        found: dict[Table, list[dict[str, Any]]] = {}
        head: str | None = None
        for entry in batch:
            if entry.index < position:
                continue
            if entry.index > position:
                raise ArchiveError(f"the catalogue is at {position} and was given entry {entry.index}")
            for table, row in rows(entry):
                found.setdefault(table, []).append(row)
            position, head = position + 1, entry.leaf
        if head is None:
            return
        for table, values in found.items():
            insert_rows(connection, table, values)
        statements.add(connection, (entry for entry in batch if entry.index >= start), start, self._find_all)
        connection.execute(update(tables.position).values(records=position, head=head))

    def reset(self) -> None:
        """Forget everything and go back to position 0."""
        with self._engine.begin() as connection:
            connection.execute(update(tables.position).values(records=0, head=None))
            for table in tables.metadata.sorted_tables:
                if table is not tables.position:
                    connection.execute(delete(table))

    def forget(self, indexes: Collection[int]) -> None:
        """Remove all rows of records, and their bytes from the files; the position stays."""
        records = sorted(indexes)
        with self._engine.begin() as connection:
            for table in tables.metadata.sorted_tables:
                for asked in chunks(records):
                    if table is not tables.position:
                        connection.execute(delete(table).where(table.c.record.in_(asked)))
                    if table is tables.sightings:
                        connection.execute(delete(table).where(table.c.item.in_(asked)))
                    if table is tables.statements:
                        statements.forget(connection, asked)
        scrub(self._engine)

    def known(self, ranges: Sequence[tuple[int, int]]) -> set[int]:
        """Return the records in these ranges (inclusive) of which there are rows."""
        found: set[int] = set()
        kept = [table for table in tables.metadata.sorted_tables if table is not tables.position]
        with self._engine.connect() as connection:
            for asked in chunks(ranges, 100):
                for table in kept:
                    inside = or_(*(table.c.record.between(first, last) for first, last in asked))
                    found.update(
                        connection.execute(select(table.c.record).where(inside).distinct()).scalars()
                    )
        return found

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def unopened(self) -> int:
        """Count the records that could not be opened when they were applied."""
        with self._engine.connect() as connection:
            query = select(func.count()).select_from(tables.unopened)
            return int(connection.execute(query).scalar_one())


def _position(connection: Connection) -> int:
    return int(connection.execute(select(tables.position.c.records)).scalar_one())
