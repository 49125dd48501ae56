"""The projections, a batch one after the other: while the first takes a batch, the second takes the one before.

The first waits for processes that find statements for longer than it works itself; meanwhile the second does its part
in a thread. It never gets ahead: whoever finds an item in the index finds it in the catalogue.
"""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from archive.ports import Projection
from schemas.entry import Entry


class InTurn:
    """Two projections that are given the same batches; no more than two batches are in memory."""

    def __init__(self, first: Projection, second: Projection) -> None:
        """Take the projection that goes ahead, and the one that follows it."""
        self._first, self._second = first, second
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="projecting")
        self._behind: Future[None] | None = None

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the second come to the end of the batch in hand, whatever happened to the first."""
        self._thread.shutdown()

    def apply(self, entries: Sequence[Entry]) -> None:
        """Give the first a batch; the second has taken the one before it, and begins with this one, at the end."""
        self._first.apply(entries)
        self.finish()
        self._behind = self._thread.submit(self._second.apply, entries)

    def finish(self) -> None:
        """Wait until the second has taken what the first has; raise what stopped it."""
        behind, self._behind = self._behind, None
        if behind is not None:
            behind.result()
