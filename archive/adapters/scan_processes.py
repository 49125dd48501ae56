"""Workers in processes of their own, each with its own connections to the places."""

import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from archive.adapters.process_pool import in_order, pool
from archive.core.keys import PrivateRecipient
from archive.ledger.opening import Opener
from archive.ledger.reader import LedgerReader
from archive.ledger.scanning import Opened, Scanned, open_segment, scan_segment
from archive.ledger.state import LedgerState, SegmentRef
from archive.ports import ReadPlaces
from schemas.entry import Entry

T = TypeVar("T")

_here: dict[str, Any] = {}
"""What a worker process holds: its places, and for opening its reader and keys."""


def _begin(
    open_places: Callable[[], ReadPlaces], state: bytes | None, private: Sequence[PrivateRecipient]
) -> None:
    _here["places"] = open_places()
    if state is not None:
        _here["reader"] = LedgerReader(_here["places"], LedgerState.from_bytes(state))
        _here["private"] = private


def _scan(ref: SegmentRef, level: int) -> Scanned:
    return scan_segment(_here["places"], ref, level)


def _open(ref: SegmentRef) -> Opened:
    return open_segment(_here["reader"], ref, _here["private"])


def _read(ref: SegmentRef, start: int, end: int) -> bytes:
    """Give entries, packed: those that wait for their turn take an eighth of the memory so."""
    opener = Opener(_here["reader"], _here["private"])
    return pickle.dumps(list(opener.entries(max(ref.first, start), min(ref.end, end))))


class Processes:
    """Scans and opens segments in several processes, which are started for each task and end with it."""

    def __init__(self, open_places: Callable[[], ReadPlaces], count: int) -> None:
        """Work in ``count`` processes, each of which opens the places by itself."""
        self.open_places, self.count = open_places, count

    def scans(self, refs: Iterable[SegmentRef], level: int) -> Iterator[Scanned]:
        """Scan segments; see ``Workers.scans``."""
        yield from self._run(_scan, ((ref, level) for ref in refs), None, ())

    def opens(
        self, refs: Sequence[SegmentRef], state: LedgerState, private: Sequence[PrivateRecipient]
    ) -> Iterator[Opened]:
        """Open records; see ``Workers.opens``."""
        yield from self._run(_open, ((ref,) for ref in refs), state.to_bytes(), tuple(private))

    def entries(
        self, state: LedgerState, private: Sequence[PrivateRecipient], start: int, end: int
    ) -> Iterator[Entry]:
        """Open records; see ``Readers.entries``."""
        refs = (ref for ref in state.segments if ref.first < end and ref.end > start)
        tasks = ((ref, start, end) for ref in refs)
        for found in self._run(_read, tasks, state.to_bytes(), tuple(private)):
            yield from pickle.loads(found)  # noqa: S301  from a process of ours

    def _run(
        self, work: Callable[..., T], tasks: Iterator[tuple[Any, ...]], state: bytes | None,
        private: Sequence[PrivateRecipient],
    ) -> Iterator[T]:  # fmt: skip
        with pool(self.count, _begin, self.open_places, state, private) as processes:
            yield from in_order(processes, self.count, work, tasks)
