"""What takes the place of another value: of *900 statt 1200 Euro* the nine hundred are said, and they are euros."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from archive.statements.entity_forms import Entity
from archive.statements.numbers import plain, vocabulary
from archive.statements.periods import duration

_SORTS = frozenset(("money", "percent", "period", "qty", "date", "num"))
_NEAR = 40
"""Characters before a value in which that stands whose place it had, and behind it, where that comes later."""


def is_change(text: str, start: int, *, falls: bool) -> bool:
    """Say whether of two amounts that begin here the second takes the place of the first: *from $1200 to $900*."""
    before = text[max(0, start - _NEAR) : start]
    return vocabulary().meant["lowered" if falls else "raised"].search(before) is not None


def without_old(text: str, found: Sequence[Entity]) -> list[Entity]:
    """Give entities without those that others stand instead of; a bare number takes over what the old one counted."""
    old = [place for place, one in enumerate(found) if _is_old(text, one)]
    return list(_without_old(text, found, old) if old else found)


def _is_old(text: str, one: Entity) -> bool:
    before = text[max(0, one.start - _NEAR) : one.start]
    return one.sort in _SORTS and vocabulary().meant["instead"].search(before) is not None


def _without_old(text: str, found: Sequence[Entity], old: Sequence[int]) -> Iterator[Entity]:
    given: dict[int, Entity] = dict(enumerate(found))
    for place in old:
        one = found[place]
        heir = next(
            (n for n in (place - 1, place + 1) if 0 <= n < len(found) and _takes_over(text, found[n], one)),
            None,
        )
        if heir is not None:
            given[heir] = _as(found[heir], one)
        if heir is not None or one.sort != "num":
            del given[place]
    yield from given.values()


def _takes_over(text: str, new: Entity, old: Entity) -> bool:
    first, second = sorted((new, old), key=lambda one: one.start)
    between = text[first.end : second.start]
    apart = len(between) <= _NEAR and not any(stop in between for stop in ".!?\n;")
    return apart and new.sort in (old.sort, "num") and (new.sort == old.sort or old.sort != "date")


_LENGTH = re.compile(r"P(T?)\d+([YMWDH])")


def _as(new: Entity, old: Entity) -> Entity:
    """Give a bare number what the old value counted; a value with a unit of its own stays."""
    if new.sort != "num" or old.sort == "num":
        return new
    number = new.values["number"]
    kept: dict[str, Any] = {
        k: v for k, v in old.values.items() if k in ("currency", "per", "unit", "business_days")
    }
    match old.sort:
        case "money":
            return replace(new, sort="money", values={"amount": number, **kept})
        case "percent":
            return replace(new, sort="percent", values={"percent": number})
        case "qty":
            return replace(new, sort="qty", values={"quantity": plain(number), **kept})
    unit = _LENGTH.fullmatch(old.values.get("period", ""))
    length = duration("TH" if unit[1] else unit[2], number) if unit else None
    return replace(new, sort="period", values={"period": length, **kept} if length else {})
