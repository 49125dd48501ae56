"""Coverage: of which time an archive can say that it holds what a source showed."""

from typing import Literal

from schemas.base import Model, UtcTime
from schemas.capture import Claim, Gap
from schemas.item import Key

CoverageState = Literal["covered", "partly", "missing", "impossible"]
"""``impossible``: the platform gives it to nobody, or not any more."""


class Stretch(Model):
    """A time in one state; None on a side: unbounded there."""

    state: CoverageState
    start: UtcTime | None = None
    end: UtcTime | None = None
    because: tuple[str, ...] = ()


class Emptiness(Model):
    """A conversation in which nothing was when it was first read: a folder, a channel, a room."""

    name: str
    looked: UtcTime
    """End of that look; from then on it is looked at as all of its source is."""


class SourceCoverage(Model):
    """One source: what was looked at, and what the platform itself counts."""

    source: str
    kind: str | None
    """Of a live source, by the settings of this host or by its runs; None: files that were handed in."""
    accounts: tuple[str, ...]
    runs: int
    threads: int
    items: int
    looked: UtcTime | None
    """When it was looked at first, and last to the end."""
    seen: UtcTime | None
    state: CoverageState
    because: tuple[str, ...]
    stretches: tuple[Stretch, ...]
    counts: tuple[Claim, ...]
    """The platform's own counts, the newest of each, beside what was read."""
    empty: tuple[Emptiness, ...] = ()
    """Where the platform has no count: what was looked at and empty, for it stands among no threads."""
    never: tuple[str, ...]
    """What cannot be had by such a source: impossible at all times."""


class AccountCoverage(Model):
    """All threads of one account, as it saw them."""

    channel: str
    via: Key
    sources: tuple[str, ...]
    threads: int
    items: int
    first: UtcTime | None
    last: UtcTime | None
    seen: UtcTime | None
    state: CoverageState
    """The worst of its threads."""
    states: tuple[tuple[CoverageState, int], ...]


class ThreadCoverage(Model):
    """One thread as one account saw it, by the sources that showed it."""

    channel: str
    via: Key
    thread: Key
    title: str | None
    sources: tuple[str, ...]
    items: int
    first: UtcTime | None
    """Time of the oldest and of the newest item that has one. Before and after, nothing is said."""
    last: UtcTime | None
    seen: UtcTime | None
    """End of the newest run that showed the thread; None: no run that is known did."""
    state: CoverageState
    because: tuple[str, ...]
    """Why it is not more, or on whose word it is covered."""
    gaps: tuple[Gap, ...]
    stretches: tuple[Stretch, ...] = ()


class RunCoverage(Model):
    """What a run claims and lacks that belongs to no single thread."""

    run: str
    source: str
    origin: str
    ended: UtcTime
    failed: int
    """Units that could not be read; their bytes are kept."""
    stopped: str | None = None
    """Why it did not come to its end: a login that was refused, no answer."""
    claims: tuple[Claim, ...]
    """Only those in which the platform's own count differs from what was found."""
    gaps: tuple[Gap, ...]


class Coverage(Model):
    """What is covered, and every known reason why it is not all."""

    since: UtcTime | None
    runs: int
    sources: tuple[SourceCoverage, ...]
    accounts: tuple[AccountCoverage, ...]
    threads: tuple[ThreadCoverage, ...]
    lacking: tuple[RunCoverage, ...]
