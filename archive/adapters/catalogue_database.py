"""Open the database of the catalogue and bring its tables to the version that this code needs."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Table, create_engine, event, insert, inspect, text
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError, IntegrityError

import archive
from archive.errors import Outdated, SettingsError, Unreachable

REVISION = "0004"
"""The newest migration; a test compares it with the folder."""

ASKED = 500
"""Values in one IN (…): SQLite has a limit."""

Value = TypeVar("Value")


def open_database(place: Path | str) -> Engine:
    """Open a SQLite file (a path) or a database by URL, and migrate it.

    Raise ``SettingsError`` for a bad URL, ``Outdated`` for tables of a newer Beleg.
    """
    engine = create_engine(_url(place))
    event.listen(engine, "handle_error", _translate)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
    try:
        migrate(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _translate(context: ExceptionContext) -> None:
    """Raise the house's own error for what the database refuses: locked, full, unreadable, or no database."""
    error = context.original_exception
    if context.dialect is not None and context.dialect.name == "postgresql":
        raised = context.sqlalchemy_exception
        if isinstance(raised, IntegrityError):
            return
        # Its words may quote rows, which are content: only the code of the database is told.
        told = error.args[0] if error.args else ""
        code = told.get("C", "") if isinstance(told, dict) else type(error).__name__
        raise Unreachable(f"the catalogue's database cannot be read or written ({code})") from error
    if isinstance(error, sqlite3.OperationalError):
        raise Unreachable(
            f"the catalogue cannot be read or written: {error}. What is sealed stays so, and the next command goes on"
        ) from error
    if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.IntegrityError):
        raise Outdated(f"the catalogue is damaged ({error}): beleg rebuild catalogue") from error


def scrub(engine: Engine) -> None:
    """Rewrite the files so that deleted rows leave no bytes in them."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name == "sqlite":
            raw = connection.connection.dbapi_connection
            if raw is None:
                raise Unreachable("the catalogue has no connection")
            cursor = raw.cursor()
            for statement in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                cursor.execute(statement)
            cursor.close()
        else:
            connection.exec_driver_sql("VACUUM FULL")


def chunks(values: Sequence[Value], size: int = ASKED) -> Iterator[Sequence[Value]]:
    """Give values in parts that one question may hold."""
    return (values[start : start + size] for start in range(0, len(values), size))


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows in bulk: by COPY in PostgreSQL, where a statement a row would take ten times as long."""
    if connection.dialect.name != "postgresql":
        connection.execute(insert(table), rows)
        return
    quote = connection.dialect.identifier_preparer.quote
    names = [column.name for column in table.columns]
    lines = "".join("\t".join(_copied(row.get(name)) for name in names) + "\n" for row in rows)
    columns = ", ".join(quote(name) for name in names)
    cursor = connection.connection.cursor()
    cursor.execute(  # type: ignore[call-arg]  # pg8000's own way to COPY
        f"COPY {quote(table.name)} ({columns}) FROM STDIN",
        stream=BytesIO(lines.encode("utf-8")),
    )
    cursor.close()


_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _copied(value: object) -> str:
    """Return a value in the text format of COPY."""
    match value:
        case None:
            return "\\N"
        case bool():
            return "t" if value else "f"
        case bytes():
            return "\\\\x" + value.hex()
        case _:
            return str(value).translate(_ESCAPED)


def migrate(engine: Engine) -> None:
    """Bring the tables to ``REVISION``; leave them alone when they are there already."""
    with engine.begin() as connection:
        found = _revision(connection)
        if found == REVISION:
            return
        if found is not None and found > REVISION:
            raise Outdated(f"the catalogue was written by a newer Beleg ({found}): beleg rebuild catalogue")
        # Costs a third of a second to import, and is needed once in the life of a catalogue.
        from alembic import command

        command.upgrade(alembic_config(connection), REVISION)


def alembic_config(connection: Connection) -> Any:
    """Return the configuration of Alembic for one connection; there is no alembic.ini."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def migrations() -> Path:
    """Return the folder of the migrations: inside the package in a wheel, beside it in a checkout."""
    package = Path(archive.__file__).parent
    inside = package / "_migrations"
    return inside if inside.is_dir() else package.parent / "migrations"


def _url(place: Path | str) -> URL:
    if isinstance(place, Path):
        place.parent.mkdir(parents=True, exist_ok=True)
        return URL.create("sqlite", database=str(place))
    try:
        url = make_url(place)
    except ArgumentError as error:
        raise SettingsError(_ALLOWED) from error
    driver = _DRIVERS.get(url.get_backend_name())
    if driver is None:
        raise SettingsError(_ALLOWED)
    return url.set(drivername=driver)


_DRIVERS = {"postgresql": "postgresql+pg8000", "postgres": "postgresql+pg8000", "sqlite": "sqlite"}
_ALLOWED = "the catalogue is a path, or a URL as in postgresql://user@host/name"


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _prepare(connection: Any, _record: object) -> None:
    # Python's sqlite3 would commit before DDL; without its help, migrations are transactions too.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=30000", "temp_store=MEMORY"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
