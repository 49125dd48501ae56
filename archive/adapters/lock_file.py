"""The advisory writer lock of one host: a locked file. The commit marker alone is the truth."""

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from archive.errors import Locked, Unreachable

FIRST_WORD_AFTER = 1.0


class LockFile:
    """One lock for all processes of this host that write to one archive."""

    def __init__(self, path: Path, waiting: Callable[[str], None]) -> None:
        """Lock ``path``; ``waiting`` is told once when another process holds it."""
        self.path, self.waiting = path, waiting
        self._depth = 0

    @contextlib.contextmanager
    def __call__(self) -> Iterator[None]:
        """Hold the lock; waits without end, for the other process may have much to write."""
        if self._depth:
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
            return
        descriptor = self._take()
        self._depth = 1
        try:
            yield
        finally:
            self._depth = 0
            os.close(descriptor)

    @contextlib.contextmanager
    def at_once(self) -> Iterator[None]:
        """Hold the lock; raises Locked where another process holds it for longer than ``is_held`` looks."""
        descriptor = self._open()
        try:
            end = time.monotonic() + FIRST_WORD_AFTER
            while not _locked(descriptor, fcntl.LOCK_EX):
                if time.monotonic() > end:
                    raise Locked("another process is at work on it")
                time.sleep(0.02)
            yield
        finally:
            os.close(descriptor)

    def is_held(self) -> bool | None:
        """Say whether another process holds the lock now; None where this account may not look. Writes nothing."""
        try:
            descriptor = os.open(self.path, os.O_RDONLY)
        except FileNotFoundError:
            return False
        except PermissionError:
            return None
        except OSError as error:
            raise Unreachable(f"{self.path}: the lock cannot be looked at: {error.strerror}") from error
        try:
            return not _locked(descriptor, fcntl.LOCK_SH)
        finally:
            os.close(descriptor)

    def _open(self) -> int:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            return os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise Unreachable(f"{self.path}: the lock cannot be opened: {error.strerror}") from error

    def _take(self) -> int:
        descriptor = self._open()
        started, told = time.monotonic(), False
        while True:
            if _locked(descriptor, fcntl.LOCK_EX):
                return descriptor
            if not told and time.monotonic() - started > FIRST_WORD_AFTER:
                self.waiting("waiting for another process that works on this archive")
                told = True
            time.sleep(0.02)


def _locked(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
