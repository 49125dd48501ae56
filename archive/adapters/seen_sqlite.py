"""What ingestion has seen: a local index over the ``seen`` records, rebuilt from the ledger at will."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from archive.errors import Unreachable
from archive.ports import Mark, SeenRow
from schemas.item import Key


class SqliteSeen:
    """A SeenIndex in one SQLite file. Losing it costs time, not truth: hits are confirmed in the ledger."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._open(path)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise Unreachable(f"{path}: cannot be opened: {error}") from error
            path.unlink()  # no database at all: nothing is lost, it is filled from the ledger again
            self._open(path)

    def _open(self, path: Path) -> None:
        self._db = sqlite3.connect(path)
        self._db.executescript(
            """
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = NORMAL;
            CREATE TABLE IF NOT EXISTS seen (
                identity BLOB NOT NULL, digest BLOB NOT NULL, words BLOB NOT NULL,
                item INTEGER NOT NULL, listed INTEGER NOT NULL,
                PRIMARY KEY (identity, item)
            ) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS position (
                one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL
            );
            CREATE TABLE IF NOT EXISTS marks (
                source TEXT NOT NULL, path TEXT NOT NULL, identity BLOB NOT NULL,
                via TEXT NOT NULL, thread TEXT NOT NULL, key TEXT NOT NULL, gone INTEGER NOT NULL DEFAULT 0,
                PRIMARY KEY (source, path, identity)
            ) WITHOUT ROWID;
            CREATE INDEX IF NOT EXISTS marks_identity ON marks (identity);
            INSERT OR IGNORE INTO position VALUES (1, 0);
            """
        )

    @property
    def position(self) -> int:
        """Give the number of records folded."""
        size: int = self._db.execute("SELECT size FROM position").fetchone()[0]
        return size

    def add(self, rows: Iterable[SeenRow], position: int) -> None:
        """Store rows and the new position in one transaction."""
        with self._db:
            self._db.executemany(
                "INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?, ?)",
                ((row.identity, row.digest, row.words, row.item, row.listed) for row in rows),
            )
            self._db.execute("UPDATE position SET size = ?", (position,))

    def find(self, identity: bytes) -> list[SeenRow]:
        """Give every record of this identity, oldest first."""
        rows = self._db.execute("SELECT * FROM seen WHERE identity = ? ORDER BY item", (identity,))
        return [SeenRow(*row) for row in rows]

    def rows(self) -> Iterator[SeenRow]:
        """Give everything that was sealed, in no order."""
        return (SeenRow(*row) for row in self._db.execute("SELECT * FROM seen"))

    def mark(self, source: str, path: str, mark: Mark) -> None:
        """Remember what was read in an answer of a source."""
        keys = (key.model_dump_json() for key in (mark.via, mark.thread, mark.key))
        with self._db:
            self._db.execute(
                "INSERT OR REPLACE INTO marks VALUES (?, ?, ?, ?, ?, ?, 0)",
                (source, path, mark.identity, *keys),
            )

    def marked(self, source: str, path: str) -> tuple[Mark, ...]:
        """Give what was read in an answer of a source."""
        rows = self._db.execute(
            "SELECT identity, via, thread, key FROM marks WHERE source = ? AND path = ? ORDER BY identity",
            (source, path),
        )
        return tuple(Mark(row[0], *(Key.model_validate_json(key) for key in row[1:])) for row in rows)

    def places(self, source: str, identity: bytes) -> tuple[str, ...]:
        """Give the answers of a source in which a thing was read, and that are not gone."""
        rows = self._db.execute(
            "SELECT path FROM marks WHERE source = ? AND identity = ? AND gone = 0 ORDER BY path",
            (source, identity),
        )
        return tuple(row[0] for row in rows)

    def gone(self, source: str, path: str, identity: bytes) -> None:
        """Remember that a thing is gone from there; a crash before that is sealed asks ``marked`` again."""
        with self._db:
            self._db.execute(
                "UPDATE marks SET gone = 1 WHERE source = ? AND path = ? AND identity = ?",
                (source, path, identity),
            )

    def unmark(self, source: str, path: str, identity: bytes) -> None:
        """Forget that a thing was read there."""
        with self._db:
            self._db.execute(
                "DELETE FROM marks WHERE source = ? AND path = ? AND identity = ?", (source, path, identity)
            )

    def forget(self, is_erased: Callable[[int], bool]) -> None:
        """Forget the marks of erased records, so that no file holds what they were called."""
        rows = self._db.execute(
            "SELECT DISTINCT marks.identity, seen.item FROM marks JOIN seen ON seen.identity = marks.identity"
        )
        gone = {identity for identity, item in rows if is_erased(item)}
        if gone:
            self._db.execute("PRAGMA secure_delete = ON")
            with self._db:
                self._db.executemany("DELETE FROM marks WHERE identity = ?", ((one,) for one in gone))
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def reset(self) -> None:
        """Forget what the ledger can tell again; marks stay, for it cannot tell them."""
        with self._db:
            self._db.execute("DELETE FROM seen")
            self._db.execute("UPDATE position SET size = 0")

    def close(self) -> None:
        """Close the file."""
        self._db.close()
