"""Statements found in several processes: what takes longest when many items come in, and needs nothing but words."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from archive.adapters.process_pool import in_order, pool
from archive.errors import Unfinished
from archive.statements.finder import finder
from archive.statements.model import Find, Message

WORTH = 4_000
"""Messages that must have been looked at before processes are started: each takes a second to come up."""
TOGETHER = 128
"""Messages that go to a process at once."""


def find_all(messages: Sequence[Message]) -> list[list[Find]]:
    """Find the statements of messages, here."""
    found = finder()
    return [found.find(message) for message in messages]


class FindProcesses:
    """Finds statements in ``count`` processes once there was enough to do; until then, and for one, here."""

    def __init__(self, count: int) -> None:
        """Nothing is started yet."""
        self._count, self._seen = count, 0
        self._pool: ProcessPoolExecutor | None = None

    def __call__(self, messages: Sequence[Message]) -> list[list[Find]]:
        """Find the statements of messages; the same as ``find_all``, in the same order.

        Raises:
            Unfinished: a process was ended from outside.
        """
        self._seen += len(messages)
        if self._count < 2 or self._seen < WORTH or len(messages) < TOGETHER:
            return find_all(messages)
        if self._pool is None:
            self._pool = pool(self._count, finder)
        parts = ((messages[at : at + TOGETHER],) for at in range(0, len(messages), TOGETHER))
        try:
            return [found for part in in_order(self._pool, self._count, find_all, parts) for found in part]
        except BrokenProcessPool as error:
            self.close()
            raise Unfinished("a process that finds statements was ended; run it again") from error

    def close(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None
