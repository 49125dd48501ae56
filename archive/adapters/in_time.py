"""Bounding the whole of what is asked of somebody outside, who could meet the timeout of each read for ever."""

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import TypeVar

from archive.errors import Unreachable

Answer = TypeVar("Answer")


def in_time(ask: Callable[[], Answer], seconds: float, late: str) -> Answer:
    """Give what ``ask`` gives, or raise what it raises; nobody waits longer than this for it, at the end neither.

    Raises:
        Unreachable: it did not end in time; ``late`` says so.
    """
    answers: SimpleQueue[tuple[Answer | None, Exception | None]] = SimpleQueue()

    def run() -> None:
        try:
            answers.put((ask(), None))
        except Exception as error:  # noqa: BLE001  (raised again by whoever waits)
            answers.put((None, error))

    threading.Thread(target=run, daemon=True).start()
    try:
        answer, error = answers.get(timeout=seconds)
    except Empty:
        raise Unreachable(late) from None
    if error is not None:
        raise error
    return answer  # type: ignore[return-value]
