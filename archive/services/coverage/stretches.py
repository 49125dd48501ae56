"""Stretches of time beside each other: no time is said to be covered that is said to be missing as well."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from schemas.coverage import Stretch

_IN_PART = "a part of what was asked for is missing, as is told of this time"
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def settled(stretches: Sequence[Stretch]) -> Iterator[Stretch]:
    """Give all stretches, those that are covered without the time of the others.

    Where only something is missing of a covered time, it is partly covered. What stands at no time of its own cuts
    nothing: it lacks a part, not a time.
    """
    timed = [one for one in stretches if one.start is not None or one.end is not None]
    for one in stretches:
        if one.state != "covered":
            yield one
            continue
        pieces = [one]
        for state in ("partly", "missing"):
            for other in (other for other in timed if other.state == state):
                pieces = [left for piece in pieces for left in _cut(piece, other)]
        yield from pieces


def _cut(piece: Stretch, other: Stretch) -> Iterator[Stretch]:
    """Give what is left of a piece beside another stretch."""
    (start, end), (begun, ended) = _ends(piece), _ends(other)
    is_apart = ended <= start or (begun >= end and not begun == start == end)
    if piece.state != "covered" or begun >= ended or is_apart:
        yield piece
        return
    if start < begun:
        yield piece.model_copy(update={"end": other.start})
    if other.state == "missing":
        within = {
            "start": other.start if begun > start else piece.start,
            "end": other.end if ended < end else piece.end,
        }
        yield piece.model_copy(update={**within, "state": "partly", "because": (_IN_PART,)})
    if ended < end:
        yield piece.model_copy(update={"start": other.end})


def _ends(one: Stretch) -> tuple[datetime, datetime]:
    start = datetime.fromisoformat(one.start) if one.start else _FIRST
    return start, datetime.fromisoformat(one.end) if one.end else _LAST
