"""When each source is due: at its interval, and later and later while it fails."""

import random
import time
from collections.abc import Callable, Mapping

from archive.services.collect.memory import LONGEST_PAUSE, LONGEST_REST

IDLE = 60.0
"""Seconds until somebody looks again whether there are sources."""
JITTER = 0.1
"""Part of an interval by which it varies, so that hosts do not come at once."""


class Timetable:
    """The next start of each source, by a clock that no administrator sets back."""

    def __init__(self, minutes: Mapping[str, int], clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._every: dict[str, float] = {}
        self._next: dict[str, float] = {}
        self._failures: dict[str, int] = {}
        self.follow(minutes)

    def follow(self, minutes: Mapping[str, int]) -> None:
        """Take the sources and intervals as they are now: new ones are due at once, others keep their turn."""
        self._every = {name: 60.0 * every for name, every in minutes.items()}
        self._next = {name: self._next.get(name, self._clock()) for name in minutes}
        self._failures = {name: self._failures.get(name, 0) for name in minutes}

    def due(self) -> tuple[str, ...]:
        """Give the sources whose time has come."""
        now = self._clock()
        return tuple(name for name, at in self._next.items() if at <= now)

    def ran(self, name: str, *, failed: bool, rest: float = 0.0) -> None:
        """Note that a source was asked, and for how many seconds it wants to be left alone."""
        self._failures[name] = self._failures[name] + 1 if failed else 0
        every = min(
            max(LONGEST_PAUSE.total_seconds(), self._every[name]),
            self._every[name] * 2 ** min(self._failures[name], 16),
        )
        every = max(every, min(rest, LONGEST_REST.total_seconds()))
        self._next[name] = self._clock() + every * random.uniform(1, 1 + JITTER)  # noqa: S311  (no secret)

    def pause(self) -> float:
        """Give the seconds until the next source is due."""
        return max(0.0, min(self._next.values(), default=self._clock() + IDLE) - self._clock())
