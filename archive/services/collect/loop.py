"""When each source is due: at its interval, and later and later while it fails."""

import random
import time
from collections.abc import Callable, Mapping

LONGEST_PAUSE = 6 * 3600.0
"""Seconds between two attempts at a source that keeps failing."""
JITTER = 0.1
"""Part of an interval by which it varies, so that hosts do not come at once."""


class Timetable:
    """The next start of each source, by a clock that no administrator sets back."""

    def __init__(self, minutes: Mapping[str, int], clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._every = {name: 60.0 * every for name, every in minutes.items()}
        self._next = dict.fromkeys(minutes, clock())
        self._failures = dict.fromkeys(minutes, 0)

    def due(self) -> tuple[str, ...]:
        """Give the sources whose time has come."""
        now = self._clock()
        return tuple(name for name, at in self._next.items() if at <= now)

    def ran(self, name: str, *, failed: bool) -> None:
        """Note that a source was asked."""
        self._failures[name] = self._failures[name] + 1 if failed else 0
        every = min(
            max(LONGEST_PAUSE, self._every[name]), self._every[name] * 2 ** min(self._failures[name], 16)
        )
        self._next[name] = self._clock() + every * random.uniform(1, 1 + JITTER)  # noqa: S311  (no secret)

    def pause(self) -> float:
        """Give the seconds until the next source is due."""
        return max(0.0, min(self._next.values()) - self._clock())
