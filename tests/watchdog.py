"""Ends what would not end by itself. No time is judged: whoever is slower than linear here is slower by minutes."""

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType


class HangsError(Exception):
    """It did not end."""


@contextlib.contextmanager
def ending(seconds: int = 60) -> Iterator[None]:
    """Break off what takes so long that it will hardly end."""

    def bark(_signal: int, _frame: FrameType | None) -> None:
        raise HangsError

    before = signal.signal(signal.SIGALRM, bark)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
