"""What this host remembers of its collections: for status, alerts and metrics. The ledger knows what counts as proof.

The file may be lost: then a failure is told once more, and habits are learnt anew.
"""

import logging
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from archive.services.session import Session

log = logging.getLogger(__name__)
FILE = "collecting.json"
REMEMBERED = 20
"""Looks with news of which the time is kept."""
HABIT = 5
"""Looks with news from which on there is a habit."""
LATE = 3
"""Times the longest pause so far: then a source is silent beyond its habit."""
AT_LEAST = timedelta(days=1)
EARLY = timedelta(seconds=30)


class SourceMemory(BaseModel):
    """What became of one source so far. Times as models write them."""

    model_config = ConfigDict(extra="forbid")

    asked: str | None = None
    """When it was last asked, whatever came of it."""
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

    def is_due(self, now: datetime, minutes: int) -> bool:
        """Say whether its interval has passed; a scheduler that comes some seconds early is not sent away."""
        if self.asked is None:
            return True
        return now - datetime.fromisoformat(self.asked) >= timedelta(minutes=minutes) - EARLY

    def is_late(self, now: datetime) -> bool:
        """Say whether it has been silent for longer than is its habit."""
        times = [datetime.fromisoformat(one) for one in self.news]
        if len(times) < HABIT:
            return False
        longest = max(after - before for before, after in pairwise(times))
        return now - times[-1] > max(AT_LEAST, LATE * longest)


class Memory(BaseModel):
    """What is remembered of all sources."""

    model_config = ConfigDict(extra="forbid")

    sources: dict[str, SourceMemory] = {}

    def of(self, name: str) -> SourceMemory:
        """Give what is remembered of a source."""
        return self.sources.setdefault(name, SourceMemory())


def remembered(session: Session) -> Memory:
    """Read the memory of this host."""
    path = _path(session)
    try:
        return Memory.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Memory()
    except (OSError, ValidationError):
        log.warning("%s cannot be read; habits of sources are learnt anew", path)
        return Memory()


def remember(session: Session, memory: Memory) -> None:
    """Write the memory of this host, whole or not at all."""
    path = _path(session)
    new = path.with_suffix(".new")
    new.write_text(memory.model_dump_json(), encoding="utf-8")
    new.replace(path)


def _path(session: Session) -> Path:
    return session.folder / session.settings.workspace / FILE
