"""Keys of items that others name, where a name alone is not enough: kept in a temporary file, for exports are long."""

import sqlite3
import weakref
from typing import Any

from archive.errors import Unfinished
from schemas.item import Key

_TABLE = """
CREATE TABLE known (name BLOB, of BLOB, scope BLOB, id BLOB, derived INTEGER, PRIMARY KEY (name, of)) WITHOUT ROWID;
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -4096;
"""
"""A file of its own that SQLite unlinks as it makes it; nobody takes up again what is in it."""


class KnownKeys:
    """Remembers the keys of items of a channel by a name, and by whose that name is.

    Raises Unfinished from all methods when the folder of temporary files takes no more.
    """

    def __init__(self, channel: str) -> None:
        """Begin with none."""
        self._channel = channel
        self._rows = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        weakref.finalize(self, self._rows.close)
        self._rows.executescript(_TABLE)

    def put(self, name: str, key: Key, of: str = "") -> None:
        """Remember a key; the last one of a name and owner counts."""
        row = (_bytes(name), _bytes(of), _bytes(key.scope), _bytes(key.id), key.derived)
        self._ask("INSERT OR REPLACE INTO known VALUES (?, ?, ?, ?, ?)", row)

    def by_owner(self, name: str) -> dict[str, Key]:
        """Give whose a name is → the key that it means there."""
        found = self._ask("SELECT of, scope, id, derived FROM known WHERE name = ?", (_bytes(name),))
        return {
            _text(of): Key(channel=self._channel, scope=_text(scope), id=_text(ident), derived=bool(derived))
            for of, scope, ident, derived in found
        }

    def get(self, name: str, of: str = "") -> Key | None:
        """Give the key of a name of one owner."""
        return self.by_owner(name).get(of)

    def _ask(self, question: str, given: tuple[bytes | bool, ...]) -> list[tuple[Any, ...]]:
        try:
            return self._rows.execute(question, given).fetchall()
        except sqlite3.OperationalError as error:
            raise Unfinished(f"no room for a temporary file (TMPDIR says where it lies): {error}") from error


def _bytes(text: str) -> bytes:
    """Encode also what is half a character, which JSON may hold."""
    return text.encode("utf-8", "surrogatepass")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")
