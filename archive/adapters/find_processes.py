"""Statements found in several processes: what takes longest when many items come in, and needs nothing but words."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice

from archive.adapters.process_pool import in_order, pool
from archive.errors import Unfinished
from archive.statements.finder import LOOKED_AT, finder, one_by_one
from archive.statements.model import Find, Message

WORTH = 800_000
"""Characters that must have been looked at before processes are started: each takes a second to come up."""
TOGETHER = 128
"""Messages that go to a process at once."""


def find_all(messages: Sequence[Message]) -> list[list[Find]]:
    """Find the statements of messages, here."""
    return list(one_by_one(messages))


class FindProcesses:
    """Finds statements in ``count`` processes once there was enough to do; until then, and for one, here."""

    def __init__(self, count: int, worth: int = WORTH) -> None:
        """Nothing is started yet; ``worth``: characters after which processes are."""
        self._count, self._worth, self._seen = count, worth, 0
        self._pool: ProcessPoolExecutor | None = None
        self._up: Future[list[list[Find]]] | None = None
        """Done when the first of the processes, asked for nothing, has read the lexicon."""

    def __call__(self, messages: Iterable[Message]) -> Iterator[list[Find]]:
        """Give the statements of messages; the same as ``find_all``, in the same order.

        Here each is asked for when the one before is done: whoever has scanned its words need not do it twice.

        Raises:
            Unfinished: a process was ended from outside.
        """
        waiting = iter(messages)
        while not self._ready():
            message = next(waiting, None)
            if message is None:
                return
            self._seen += min(len(message.text), LOOKED_AT)
            yield finder().find(message)
        parts = iter(lambda: tuple(islice(waiting, TOGETHER)), ())
        first = next(parts, ())
        if len(first) < TOGETHER:  # too few to be handed on
            yield from find_all(first)
            return
        assert self._pool is not None
        tasks = ((part,) for part in chain((first,), parts))
        try:
            for found in in_order(self._pool, self._count, find_all, tasks):
                yield from found
        except BrokenProcessPool as error:
            self.close()
            raise Unfinished("a process that finds statements was ended; run it again") from error

    def _ready(self) -> bool:
        """Say whether processes are up; until then statements are found here, and nobody waits for them."""
        if self._count < 2 or self._seen < self._worth:
            return False
        if self._pool is None:
            self._pool = pool(self._count, finder)
            self._up = self._pool.submit(find_all, ())
        return self._up is not None and self._up.done()

    def close(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = self._up = None
