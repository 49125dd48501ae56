"""That nothing at all can be collected: a passphrase that is gone, a place that is not there, a full disk.

Schedulers start a collection again each minute. So what was told is remembered in the workspace: it is told once,
again each day while it lasts, and once when it is over.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ValidationError

from archive.services.collect.memory import FOLDER
from archive.services.whole_file import write_whole
from archive.settings import Settings
from archive.sources import has_passed

FILE = ".outage.json"
"""No source is called so."""
AGAIN = timedelta(days=1)

Tell = Callable[[Sequence[str]], bool]
"""Tells somebody; says whether somebody took it."""


class _Outage(BaseModel):
    why: str
    since: str
    told: str


def is_out(folder: Path, settings: Settings, why: str, tell: Tell) -> None:
    """Tell that nothing can be collected, unless that was told within the last day.

    Raises:
        OSError: it cannot be remembered, so it will be told again.
    """
    file, now = folder / settings.workspace / FOLDER / FILE, datetime.now(UTC)
    before = _known(file)
    if before is not None and before.why == why and not has_passed(before.told, AGAIN, now):
        return
    if tell([f"nothing can be collected: {why}"]):
        stamp = now.isoformat(timespec="seconds")
        since = before.since if before else stamp
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, _Outage(why=why, since=since, told=stamp).model_dump_json())


def is_over(folder: Path, settings: Settings, tell: Tell) -> None:
    """Tell that it is possible again, if it was told that it is not.

    Raises:
        OSError: that cannot be forgotten.
    """
    file = folder / settings.workspace / FOLDER / FILE
    before = _known(file)
    if before is not None and tell([f"collection runs again; it did not since {before.since}"]):
        file.unlink()


def _known(file: Path) -> _Outage | None:
    try:
        return _Outage.model_validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return None  # then it is told once more
