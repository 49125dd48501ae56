"""Which haul of a look is its last: that one alone says, on record, that a source was read to its end.

A look may break off between any two hauls, and nobody is there to write that down. So a haul tells whether more was
behind it, and is held back until that is known.
"""

from collections.abc import Iterator
from threading import Event

from archive.errors import ArchiveError, Stopped
from archive.sources import Haul

STOPPED = "stopped between two hauls; the next collection goes on there"


def with_ends(hauls: Iterator[Haul], stop: Event) -> Iterator[tuple[Haul, bool]]:
    """Give each haul, and whether the look came to its end with it.

    A haul that says nothing more than the one before it is left away. Of a look that fails or is stopped, the haul in
    hand is given before the error.

    Raises:
        Stopped: ``stop`` was set while the source was asked.
        ArchiveError: as ``hauls``.
    """
    held: Haul | None = None
    try:
        for haul in hauls:
            if held is not None and is_empty(haul) and not haul.counts and haul.cursor == held.cursor:
                continue
            if held is not None:
                yield held, False
            held = haul
            if stop.is_set():
                raise Stopped(STOPPED)
    except ArchiveError:
        if held is not None:
            yield held, False
        raise
    if held is not None:
        yield held, True


def is_empty(haul: Haul) -> bool:
    """Say whether a haul brings nothing; where it stands, and what the platform counts, is no news by itself."""
    return not (haul.answers or haul.gaps or haul.gone or haul.waits or haul.notes)
