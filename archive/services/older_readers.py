"""What was read by an older version of its reader: `ingest --reparse` reads it anew, and nobody does so unasked."""

import json
import logging
from pathlib import Path

from archive.catalogue import ReadBy
from archive.services.session import Session
from archive.services.whole_file import write_whole

log = logging.getLogger(__name__)
MEMORY = "readers.json"
"""In the workspace: which readers the runs up to a record name. May be lost: then all runs are looked at once more."""


def read_before(session: Session) -> tuple[ReadBy, ...]:
    """Give how many items of the bytes that are kept an older version of a reader read last, by channel.

    Counted once for each size of the ledger. Of the runs only those since the last time are looked at.
    """
    size = session.catalogue.position
    if session.read_before is None or session.read_before[0] != size:
        current = {channel.name: channel.parser for channel in session.channels}
        others = _readers(session, size) - set(current.values())
        found = session.catalogue.read_by(others) if others else ()
        session.read_before = size, tuple(one for one in found if one.channel in current)
    return session.read_before[1]


def _readers(session: Session, size: int) -> frozenset[str]:
    path = session.folder / session.settings.workspace / MEMORY
    reached, known = _remembered(path)
    if reached > size:  # of a catalogue that is being made anew
        reached, known = 0, frozenset()
    if reached < size:
        known |= session.catalogue.readers(reached)
        _remember(path, size, known)
    return known


def _remember(path: Path, size: int, known: frozenset[str]) -> None:
    try:
        write_whole(path, json.dumps({"records": size, "readers": sorted(known)}))
    except OSError as error:
        log.warning("%s cannot be written, so all runs are looked at each time: %s", path, error.strerror)


def _remembered(path: Path) -> tuple[int, frozenset[str]]:
    try:
        told = json.loads(path.read_bytes())
        return int(told["records"]), frozenset(map(str, told["readers"]))
    except FileNotFoundError:
        return 0, frozenset()
    except (OSError, ValueError, KeyError, TypeError):
        log.warning("%s cannot be read; all runs are looked at once more", path)
        return 0, frozenset()


def told(session: Session) -> str | None:
    """Say so in a line, with what to do."""
    found = read_before(session)
    if not found:
        return None
    count, channels = sum(one.items for one in found), ", ".join(dict.fromkeys(one.channel for one in found))
    items = "1 item was" if count == 1 else f"{count} items were"
    return f"{items} read by an older version of the reader ({channels}): `beleg ingest --reparse` reads them anew"
