"""The words of files that were read, by their digest and the hint under which: a projection in one SQLite file.

Reading a file again may take long; rebuilding the index should not. Losing it loses nothing.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import TypeAdapter

from archive.errors import Unreachable
from archive.ports import FileKey
from schemas.entry import FileState, FileText

_STATE: TypeAdapter[FileState] = TypeAdapter(FileState)
_ASKED = 500
_ANY = "*"
"""The hint of what an earlier version read, which kept none: it counts for every name until it is read anew."""


class SqliteTexts:
    """A TextStore in one file."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._open(path)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise Unreachable(f"{path}: cannot be opened: {error}") from error
            path.unlink()  # no database at all: nothing is lost, the files are read again
            self._open(path)

    def _open(self, path: Path) -> None:
        self._db = sqlite3.connect(path)
        self._db.executescript(
            """
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = NORMAL;
            PRAGMA secure_delete = ON;
            CREATE TABLE IF NOT EXISTS words (
                sha256 TEXT NOT NULL, hint TEXT NOT NULL, rules TEXT NOT NULL, state TEXT NOT NULL, text TEXT NOT NULL,
                PRIMARY KEY (sha256, hint)
            ) WITHOUT ROWID;
            """
        )
        if self._has_old_table():
            with self._db:
                self._db.execute("BEGIN IMMEDIATE")
                if self._has_old_table():  # another process may have taken it over meanwhile
                    self._db.execute(
                        "INSERT OR IGNORE INTO words SELECT sha256, ?, rules, state, text FROM texts", (_ANY,)
                    )
                    self._db.execute("DROP TABLE texts")

    def _has_old_table(self) -> bool:
        """Say whether there is the table of an earlier version."""
        found = self._db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'texts'").fetchone()
        return found is not None

    def get(self, files: Sequence[FileKey]) -> dict[FileKey, FileText]:
        """Give what is known of these files."""
        digests = list(dict.fromkeys(digest for digest, _ in files))
        found: dict[FileKey, FileText] = {}
        for at in range(0, len(digests), _ASKED):
            asked = digests[at : at + _ASKED]
            marks = ",".join("?" * len(asked))
            rows = self._db.execute(
                f"SELECT sha256, hint, state, text FROM words WHERE sha256 IN ({marks})",  # noqa: S608  # marks alone
                asked,
            )
            found |= {
                (sha, hint): FileText(sha, _STATE.validate_python(state), text)
                for sha, hint, state, text in rows
            }
        known = {
            (digest, hint): found.get((digest, hint)) or found.get((digest, _ANY)) for digest, hint in files
        }
        return {file: text for file, text in known.items() if text is not None}

    def put(self, found: FileText, hint: str, rules: str) -> None:
        """Store what was read, under the version of the rules that read it."""
        with self._db:
            self._db.execute(
                "INSERT OR REPLACE INTO words VALUES (?, ?, ?, ?, ?)",
                (found.sha256, hint, rules, found.state, found.text),
            )

    def digests(self) -> list[str]:
        """Give the digests of all files that are known."""
        return [row[0] for row in self._db.execute("SELECT DISTINCT sha256 FROM words ORDER BY sha256")]

    def otherwise(self, rules: str) -> int:
        """Give how many files were read under other rules than these."""
        row = self._db.execute("SELECT count(*) FROM words WHERE rules <> ?", (rules,)).fetchone()
        return int(row[0])

    def forget(self, digests: Iterable[str]) -> None:
        """Remove files; their words are overwritten."""
        with self._db:
            self._db.executemany("DELETE FROM words WHERE sha256 = ?", ((digest,) for digest in digests))
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def reset(self) -> None:
        """Forget everything."""
        with self._db:
            self._db.execute("DELETE FROM words")

    def close(self) -> None:
        """Close the file."""
        self._db.close()
