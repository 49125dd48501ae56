"""Processes of our own, started anew and not forked: open connections are never shared. They end with their parent."""

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import connection
from typing import Any, TypeVar

T = TypeVar("T")
AHEAD = 3
"""Tasks a process that are under way at once; what is done waits in memory until its turn."""


def cores() -> int:
    """Give how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def pool(count: int, begin: Callable[..., object], *given: Any) -> ProcessPoolExecutor:
    """Make ``count`` processes; in each ``begin(*given)`` is called first."""
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(count, mp_context=context, initializer=_begin, initargs=(begin, given))


def in_order(
    processes: ProcessPoolExecutor, count: int, work: Callable[..., T], tasks: Iterable[tuple[Any, ...]]
) -> Iterator[T]:
    """Give what ``work`` makes of each task, in their order; never more than a few are under way."""
    waiting: deque[Future[T]] = deque()
    try:
        for task in tasks:
            waiting.append(processes.submit(work, *task))
            if len(waiting) >= AHEAD * count:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def _begin(begin: Callable[..., object], given: tuple[Any, ...]) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    begin(*given)


def _end_with_parent() -> None:
    """End at once when the parent is gone: a killed one tells nobody, and its processes would wait for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(4)
