"""The read journal of one host: a file of lines, each fsynced before content is shown.

The first line says where the journal stands (its id, the next line's number, the hash before it); each other line is a
read. Sealed lines leave the file at one instant. A crash between sealing and that instant seals lines twice: they
have the same number and hash, and whoever reads the journal counts them once.
"""

import json
import os
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from hashlib import sha256
from pathlib import Path

from pydantic import ValidationError

from archive.core.journal import START, chain_of
from archive.errors import JournalUnreadable
from schemas.matter import Read

_Parsed = tuple[str, int, str, tuple[Read, ...]]
"""The journal's id, the number of its first line, the hash before it, the lines."""


class JournalFile:
    """A journal in one file; another process may append at the same time."""

    def __init__(self, path: Path, lock: Callable[[], AbstractContextManager[None]]) -> None:
        self.path, self._lock = path, lock
        self._judged: tuple[int, bytes, _Parsed] | None = None
        """Length and SHA-256 of what was read and judged last, and what it said: lines are only ever added."""

    def append(self, make: Callable[[str, int, str], Read]) -> Read:
        """Add a line and return it when it is durable."""
        with self._lock():
            journal, number, previous, reads = self._load()
            if reads:
                number, previous = len(reads) + number, reads[-1].chain or ""
            read = make(journal, number, previous)
            read = read.model_copy(update={"chain": chain_of(read)})
            with self.path.open("ab") as file:
                file.write(_line(read.model_dump(exclude_none=True)))
                file.flush()
                os.fsync(file.fileno())
            return read

    def unsealed(self) -> tuple[Read, ...]:
        """Return the lines that the ledger does not hold yet, oldest first.

        Writes nothing and takes no lock: an auditor may read from a disk that takes no writes. A line that
        is being appended is not counted yet.
        """
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise JournalUnreadable(
                f"{self.path}: the journal of reads cannot be read: {error.strerror}"
            ) from error
        return self._parse(data[: data.rfind(b"\n") + 1])[3]

    def seal(self, store: Callable[[tuple[Read, ...]], None]) -> int:
        """Give the lines to ``store`` and forget them when it returns."""
        with self._lock():
            journal, number, _, reads = self._load()
            if reads:
                store(reads)
                self._begin(journal, number + len(reads), reads[-1].chain or "")
            return len(reads)

    def _begin(self, journal: str, number: int, previous: str) -> None:
        new = self.path.with_name(self.path.name + ".new")
        with new.open("wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(_line({"journal": journal, "line": number, "previous": previous}))
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _load(self) -> _Parsed:
        """Give (journal, number of the first line, hash before it, the lines)."""
        if not self.path.exists():
            self._begin(secrets.token_hex(8), 0, START)
        data = self.path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            # A line that a crash cut off was never answered with content.
            with self.path.open("r+b") as file:
                file.truncate(whole)
                os.fsync(file.fileno())
        return self._parse(data[:whole])

    def _parse(self, data: bytes) -> _Parsed:
        """Judge every line; those that were judged before, and are still the same bytes, are not read again."""
        known = self._judged
        if known is not None and sha256(data[: known[0]]).digest() == known[1]:
            journal, number, previous, reads = known[2]
            lines = data[known[0] :].splitlines()
        else:
            journal, number, previous, lines = self._head(data.splitlines())
            reads = ()
        try:
            new = [Read.model_validate_json(line) for line in lines]
        except (ValueError, ValidationError) as error:
            raise self._damaged() from error
        before = (reads[-1].chain or "") if reads else previous
        for place, read in enumerate(new, number + len(reads)):
            placed = (read.journal, read.line, read.previous) == (journal, place, before)
            if not placed or read.chain != chain_of(read):
                raise self._damaged()
            before = read.chain
        found = journal, number, previous, (*reads, *new)
        self._judged = len(data), sha256(data).digest(), found
        return found

    def _head(self, lines: list[bytes]) -> tuple[str, int, str, list[bytes]]:
        try:
            head = json.loads(lines[0])
            return str(head["journal"]), int(head["line"]), str(head["previous"]), lines[1:]
        except (ValueError, LookupError, TypeError) as error:
            raise self._damaged() from error

    def _damaged(self) -> JournalUnreadable:
        return JournalUnreadable(
            f"{self.path}: the journal of reads was altered or damaged; nothing is shown. Keep the file for the data "
            "protection officer under another name; then a new journal begins, and `beleg access` says so"
        )


def _line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode() + b"\n"
