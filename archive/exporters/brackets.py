"""Between which time stamps a record was sealed, as wide as the authorities' own clocks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil, floor

from archive.core import signed_note, timestamp
from archive.production import BundleToken


@dataclass(frozen=True, slots=True)
class Stamp:
    """What one token says."""

    index: int
    """Of its record: what comes after was sealed after ``earliest``."""
    size: int
    """Of the tree that it stamps: what is in it was sealed before ``latest``."""
    earliest: int
    latest: int
    """Unix seconds; between them lies what the authority says of the accuracy of its clock."""


def stamps(tokens: Iterable[BundleToken]) -> list[Stamp]:
    """Read the tokens of a bundle. Whether they hold, their checkers say."""
    found = []
    for one in tokens:
        token = timestamp.parse(one.token)[0]
        moment = token.time.timestamp()
        size = signed_note.parse_checkpoint(signed_note.parse(one.note)).size
        found.append(Stamp(one.index, size, floor(moment - token.accuracy), ceil(moment + token.accuracy)))
    return found


def bracket(known: Sequence[Stamp], first: int, last: int) -> tuple[datetime | None, datetime | None]:
    """Give after and before when the records from ``first`` to ``last`` were sealed; None where nothing bounds it."""
    after = max((one.earliest for one in known if one.index < first), default=None)
    before = min((one.latest for one in known if one.size > last), default=None)
    return _moment(after), _moment(before)


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
