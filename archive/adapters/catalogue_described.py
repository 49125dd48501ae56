"""What records describe as a whole, read from the catalogue: captures, runs, matters, parties, holds and their like."""

from collections.abc import Collection, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Engine, Select, Table, func, select

from archive.adapters import catalogue_coverage as coverage
from archive.adapters import catalogue_readers as by_reader
from archive.adapters import catalogue_schema as tables
from archive.adapters.catalogue_schema import address
from archive.catalogue import CaptureRun, ReadBy, Selected, Shown
from schemas.base import Model
from schemas.capture import Capture, RunReport
from schemas.item import Account, Key, Thread
from schemas.matter import Hold, HoldRelease, Matter, Party, Person, Production

Described = TypeVar("Described", bound=Model)


class SqlDescribed:
    """The part of a catalogue that gives the last description of each thing."""

    _engine: Engine

    def accounts(self) -> tuple[Account, ...]:
        """Return the last description of each account."""
        return self._latest(tables.accounts, Account)

    def threads(self, before: int | None = None) -> tuple[Thread, ...]:
        """Return the last description of each thread that was described, or the last below a record."""
        return self._latest(tables.threads, Thread, before=before)

    def captures(self) -> tuple[Capture, ...]:
        """Return all captures."""
        return self._latest(tables.captures, Capture)

    def capture(self, id_: str) -> Capture | None:
        """Return one capture."""
        return next(iter(self._latest(tables.captures, Capture, tables.captures.c.id == id_)), None)

    def runs(self, before: int | None = None) -> tuple[RunReport, ...]:
        """Return all runs, or those below a record."""
        return self._latest(tables.runs, RunReport, before=before)

    def shown(self, before: int | None = None) -> tuple[Shown, ...]:
        """Return what captures showed, by account, thread and capture; of the records below one, if it is given."""
        with self._engine.connect() as connection:
            return coverage.shown(connection, before)

    def views(self) -> tuple[Key, ...]:
        """Return the accounts through which items were seen."""
        with self._engine.connect() as connection:
            return coverage.views(connection)

    def capture_runs(self, before: int | None = None) -> tuple[CaptureRun, ...]:
        """Return every pair of a run and a capture that it read, or those of the runs below a record."""
        with self._engine.connect() as connection:
            return coverage.capture_runs(connection, before)

    def readers(self, since: int) -> frozenset[str]:
        """Return the readers, with their versions, that runs in the records from one on name."""
        with self._engine.connect() as connection:
            return by_reader.readers(connection, since)

    def read_by(self, readers: Collection[str]) -> tuple[ReadBy, ...]:
        """Count the items of bytes that can be read again, and that these readers were the last to read."""
        with self._engine.connect() as connection:
            return by_reader.read_by(connection, readers)

    def matters(self) -> tuple[Matter, ...]:
        """Return the last state of each matter."""
        return self._latest(tables.matters, Matter)

    def selection(self, matter: str) -> tuple[Selected, ...]:
        """Return the last decision on each item that a matter ever named, by item; removed ones included."""
        return tuple(found for _, found in self._selected(tables.selections.c.matter == matter))

    def selected_in(self, item: int) -> tuple[tuple[str, Selected], ...]:
        """Return in which matters an item was named, and the last decision there."""
        return self._selected(tables.selections.c.item == item)

    def parties(self) -> tuple[Party, ...]:
        """Return the last state of each party."""
        return self._latest(tables.parties, Party)

    def parties_of(self, account: Key) -> tuple[Party, ...]:
        """Return the parties to which an account belongs, by their last state."""
        c = tables.party_accounts.c
        named = select(c.record).where(c.account == address(account))
        return self._latest(tables.parties, Party, tables.parties.c.record.in_(named))

    def persons(self) -> tuple[Person, ...]:
        """Return the last state of each person."""
        return self._latest(tables.persons, Person)

    def holds(self) -> tuple[tuple[Hold, HoldRelease | None], ...]:
        """Return all holds, each with its release if it was released."""
        released = {found.hold: found for found in self._latest(tables.releases, HoldRelease)}
        return tuple((hold, released.get(hold.id)) for hold in self._latest(tables.holds, Hold))

    def active_holds(self) -> tuple[Hold, ...]:
        """Return the holds without a release."""
        return tuple(hold for hold, release in self.holds() if release is None)

    def productions(self) -> tuple[Production, ...]:
        """Return all productions."""
        return self._latest(tables.productions, Production)

    def _rows(self, query: Select[Any]) -> Sequence[Any]:
        with self._engine.connect() as connection:
            return connection.execute(query).all()

    def _latest(
        self,
        table: Table,
        model: type[Described],
        where: ColumnElement[bool] | None = None,
        before: int | None = None,
    ) -> tuple[Described, ...]:
        """Return the last description of each thing, or the last below a record, by the record that first named it."""
        c = table.c
        last = (
            select(func.max(c.record).label("last"), func.min(c.record).label("first"))
            .where(coverage.below(c.record, before))
            .group_by(c.id)
            .subquery()
        )
        query = select(c.body).join(last, c.record == last.c.last).order_by(last.c.first)
        if where is not None:
            query = query.where(where)
        return tuple(model.model_validate_json(row[0]) for row in self._rows(query))

    def _selected(self, where: ColumnElement[bool]) -> tuple[tuple[str, Selected], ...]:
        c = tables.selections.c
        columns = (c.matter, c.item, c.decision, c.note, c.person, c.search, c.record)
        query = select(*columns).where(where).order_by(c.record, c.number)
        last = {(row[0], row[1]): Selected(*row[1:]) for row in self._rows(query)}
        return tuple((matter, found) for (matter, _), found in sorted(last.items(), key=lambda pair: pair[0]))
