"""The projections, a batch one after the other, while the next batch is opened.

The first waits for processes that find statements for longer than it works itself; meanwhile the second takes the batch
before, and whoever opens records opens the next one. The second never gets ahead: what is found in the index is found
in the catalogue.
"""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from archive.ports import Projection
from schemas.entry import Entry


class InTurn:
    """Two projections that are given the same batches; no more than three batches are in memory."""

    def __init__(self, first: Projection, second: Projection) -> None:
        """Take the projection that goes ahead, and the one that follows it."""
        self._first, self._second = first, second
        self._of_first, self._of_second = (
            ThreadPoolExecutor(1, thread_name_prefix="projecting") for _ in "12"
        )
        self._ahead: tuple[Sequence[Entry], Future[None]] | None = None
        self._behind: Future[None] | None = None

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let both come to the end of the batch in hand, whatever happened."""
        self._of_first.shutdown()
        self._of_second.shutdown()

    def apply(self, entries: Sequence[Entry]) -> None:
        """Give the first a batch when it has taken the one before; raise what stopped either."""
        self._hand_on()
        self._ahead = entries, self._of_first.submit(self._first.apply, entries)

    def finish(self) -> None:
        """Wait until both have taken all; raise what stopped either."""
        self._hand_on()
        self._wait()

    def _hand_on(self) -> None:
        """Give the second what the first has taken."""
        if self._ahead is not None:
            (entries, taken), self._ahead = self._ahead, None
            taken.result()
            self._wait()
            self._behind = self._of_second.submit(self._second.apply, entries)

    def _wait(self) -> None:
        behind, self._behind = self._behind, None
        if behind is not None:
            behind.result()
