"""What this host remembers of its collections: for status, alerts and metrics. The ledger knows what counts as proof.

One file a source, written only by whoever holds the lock of that source. It may be lost: then a failure is told once
more, and habits are learnt anew.
"""

import logging
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from archive.services.session import Session
from archive.services.whole_file import write_whole
from archive.sources import has_passed

log = logging.getLogger(__name__)
FOLDER = "collecting"
REMEMBERED = 20
"""Looks with news of which the time is kept."""
HABIT = 5
"""Looks with news from which on there is a habit."""
LATE = 3
"""Times the longest pause so far: then a source is silent beyond its habit."""
AT_LEAST = timedelta(days=1)
EARLY = timedelta(seconds=30)
FORGOTTEN = 3
"""Turns that a source may miss before somebody wonders whether collection runs."""
LONGEST_PAUSE = timedelta(hours=6)
"""Between two attempts at a source that keeps failing."""
LONGEST_REST = timedelta(days=1)
"""How long a source is left alone at its own word; whoever asks for more is asked again after this."""
UNTOLD = 100
"""Alerts that wait for somebody to take them; older ones are dropped."""


def longest_turn(minutes: int) -> timedelta:
    """Give how long a source that is asked every so many minutes may be left alone, failures and all."""
    return max(FORGOTTEN * timedelta(minutes=minutes), LONGEST_PAUSE) + timedelta(hours=1)


class SourceMemory(BaseModel):
    """What became of one source so far. Times as models write them."""

    model_config = ConfigDict(extra="forbid")

    asked: str | None = None
    """When it was last asked, whatever came of it: the end of that look."""
    begun: str | None = None
    """When that look began: its turn comes one interval later, however long it took."""
    answered: str | None = None
    """When it last came to its end."""
    failing_since: str | None = None
    why: str | None = None
    recorded: str | None = None
    """When the present failure was last put on record."""
    news: list[str] = []
    """When it last had something new, oldest first."""
    silent: bool = False
    """It was told that it is silent beyond its habit."""
    items: int = 0
    gaps: int = 0
    waited: int = 0
    """Seconds."""
    rests_until: str | None = None
    """It asked not to be asked before."""
    unmet: list[str] = []
    """What ``only`` named and nothing was called at the last look: a gap once, not at every look."""
    untold: list[str] = []
    """What somebody must be told and nobody was told yet."""

    def is_due(self, now: datetime, minutes: int) -> bool:
        """Say whether its turn has come; a scheduler that comes some seconds early is not sent away.

        One that fails is asked again after as long as it has been failing: later and later, up to a limit.
        """
        turn = timedelta(minutes=minutes)
        if self.asked is not None and self.failing_since is not None:
            failing = datetime.fromisoformat(self.asked) - datetime.fromisoformat(self.failing_since)
            turn = max(turn, min(failing, LONGEST_PAUSE))
        return has_passed(self.begun or self.asked, turn - EARLY, now)

    def is_forgotten(self, now: datetime, minutes: int) -> bool:
        """Say whether it should have been asked long ago: nobody collects any more, perhaps."""
        forgotten = self.asked is not None and has_passed(self.asked, longest_turn(minutes), now)
        return forgotten and not self.rests(now)

    def rests(self, now: datetime) -> bool:
        """Say whether it asked to be left alone at this time."""
        left = datetime.fromisoformat(self.rests_until) - now if self.rests_until else timedelta()
        return timedelta() < left <= LONGEST_REST

    def is_late(self, now: datetime) -> bool:
        """Say whether it has been silent for longer than is its habit. Times still to come are of a wrong clock."""
        times = [at for one in self.news if (at := datetime.fromisoformat(one)) <= now]
        if len(times) < HABIT:
            return False
        longest = max(after - before for before, after in pairwise(times))
        return now - times[-1] > max(AT_LEAST, LATE * longest)


def remembered(session: Session, name: str) -> SourceMemory:
    """Read what this host remembers of a source."""
    path = _path(session, name)
    try:
        return SourceMemory.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return SourceMemory()
    except (OSError, ValidationError):
        log.warning("%s cannot be read; the habits of the source are learnt anew", path)
        return SourceMemory()


def remember(session: Session, name: str, one: SourceMemory) -> None:
    """Write what this host remembers of a source, whole or not at all; whoever asks holds the source's lock."""
    path = _path(session, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, one.model_dump_json())


def _path(session: Session, name: str) -> Path:
    return session.folder / session.settings.workspace / FOLDER / f"{name}.json"
