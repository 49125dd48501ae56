"""What ingestion has seen: a local index over the ``seen`` records, rebuilt from the ledger at will."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from archive.errors import Unreachable
from archive.ports import SeenRow


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

    def reset(self) -> None:
        """Forget everything."""
        with self._db:
            self._db.execute("DELETE FROM seen")
            self._db.execute("UPDATE position SET size = 0")

    def close(self) -> None:
        """Close the file."""
        self._db.close()
