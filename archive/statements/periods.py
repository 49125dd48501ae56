"""Periods as people write them: ``24 Monate``, ``anderthalb Jahre``, ``5 Jahre und 6 Monate``, ``a fortnight``."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from archive.query.analysis import fold
from archive.statements.entity_forms import Entity, at_numbers, forms
from archive.statements.numbers import in_step, value_of, vocabulary

_MOST = 999
"""A longer period is no period: ``2024 Jahre``."""
_MONTHS = 12
_NAMED = {
    "hy": "P6M",
    "yh": "P18M",
    "fn": "P2W",
    "y1": "P1Y",
    "q1": "P3M",
    "w1": "P1W",
    "m1": "P1M",
    "h1": "PT1H",
}


def named_periods(text: str) -> list[Entity]:
    """Give periods that need no number: ``ein halbes Jahr``, ``a fortnight``; some have no certain length."""
    found = []
    for match in forms()["half"].finditer(text):
        length = _NAMED.get(match.lastgroup or "")
        found.append(Entity("period", match.start(), match.end(), {"period": length} if length else {}))
    return found


def counted_periods(text: str, places: Sequence[int]) -> list[Entity]:
    """Give periods that begin with a number at one of these places."""
    units = vocabulary()
    found = [one for match in at_numbers("period", text, places) if (one := _counted(match, units.periods))]
    for match in at_numbers("adjective", text, places):
        length = duration(units.adjectives[fold(match["unit"])], value_of(match["b"]))
        if length:
            found.append(Entity("period", match.start(), match.end(), {"period": length}))
    return found


def _counted(match: re.Match[str], units: dict[str, str]) -> Entity | None:
    unit, last = units.get(" ".join(fold(match["unit"]).split())), value_of(match["b"])
    first = value_of(match["a"]) if match["a"] else None
    if match["plus"] and first and last:
        last += first  # *24 + 12 Monate*
        first = None
    if not unit or last is None or (len(fold(match["unit"])) == 1 and not match["b"][-1:].isdigit()):
        return None
    length = duration(unit, last)
    if length is None:
        return None
    given: dict[str, Any] = {"period": length}
    ranges = first is not None and bool(match.string[match.end("a") : match.start("b")].strip())
    if first is not None and ranges:
        first = in_step(first, match["a"], last, match["b"])
        least = duration(unit, first) if first < last else None
        given |= {"period_min": least} if least else {}
    if unit == "B":
        given["business_days"] = True
    start = match.start("b") if first is not None and not ranges else match.start()
    return Entity("period", start, match.end(), given)


def duration(unit: str, count: float | None) -> str | None:
    """Give a period in ISO 8601; None for one that has no whole number of days, weeks, months or years."""
    if count is None or not 0 < count <= _MOST:
        return None
    if count != int(count):
        months = count * _MONTHS
        return f"P{int(months)}M" if unit == "Y" and months == int(months) else None
    return f"PT{int(count)}H" if unit == "TH" else f"P{int(count)}{'D' if unit == 'B' else unit}"


_JOINED = re.compile(
    r"\s*(?P<comma>,)?\s*(?:(?<=\s)(?:und|and|(?P<added>plus|\+)|&)\s)?(?<=\s)\s*", re.IGNORECASE
)
_ENDS = re.compile(
    r"\s*(?:$|[.;!?)\n]|(?:[^\W\d_]*garantie|gew(?:ä|ae)hrleistung|warranty|guarantee|lang|long)(?!\w))",
    re.IGNORECASE,
)
"""What may stand behind parts with a comma between; else it is a list: *2 Jahre, 6 Monate auf den Akku*."""
_PARTS = (("Y", "M"), ("Y", "W"), ("Y", "D"), ("M", "W"), ("M", "D"), ("W", "D"))
_ONE_UNIT = re.compile(r"P(\d+)([YMWD])")


def summed(text: str, found: Sequence[Entity]) -> list[Entity]:
    """Give entities with periods that only together are one, as one: ``5 Jahre und 6 Monate``."""
    return list(_summed(text, found))


def _summed(text: str, found: Sequence[Entity]) -> Iterator[Entity]:
    before: Entity | None = None
    for one in found:
        both = _together(text, before, one) if before is not None else None
        if before is not None and both is None:
            yield before
        before = both or one
    if before is not None:
        yield before


def _together(text: str, first: Entity, second: Entity) -> Entity | None:
    joined = _JOINED.fullmatch(text, first.end, second.start)
    if (first.sort, second.sort) != ("period", "period") or joined is None:
        return None
    if joined["comma"] and not _ENDS.match(text, second.end):
        return None
    if set(first.values) != {"period"} or set(second.values) != {"period"}:
        return None
    one, other = (_ONE_UNIT.fullmatch(one.values["period"]) for one in (first, second))
    if not one or not other:
        return None
    if one[2] == other[2] and joined["added"]:
        length = f"P{int(one[1]) + int(other[1])}{one[2]}"
    elif (one[2], other[2]) in _PARTS:
        length = f"P{one[1]}{one[2]}{other[1]}{other[2]}"
    else:
        return None
    return Entity("period", first.start, second.end, {"period": length})
