"""The values of a find, normalised: from its own words, else from the rest of the message."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from archive.query.analysis import fold
from archive.statements.entity_forms import Entity, counts_or_names, form_of, forms
from archive.statements.model import VALUES, Find
from archive.statements.numbers import vocabulary

_WANTED: dict[str, tuple[str, ...]] = {
    "warranty": ("period", "date", "percent"),
    "delivery": ("date", "period", "qty"),
    "quantity": ("qty",),
    "price": ("money", "percent", "period", "date", "qty"),
    "discount_payment": ("percent", "money", "period", "date"),
    "order": ("qty", "money"),
    "order_confirmation": ("qty", "money", "date"),
    "acceptance": ("money", "qty", "percent", "period", "date"),
    "refusal": ("money", "percent"),
    "offer": ("money", "qty", "percent", "period", "date"),
    "exclusivity": ("period", "date"),
    "liability_penalty": ("percent", "money", "period", "date"),
    "property_assurance": ("qty",),
    "return_refund": ("money", "period", "percent", "qty", "date"),
    "cancellation": ("date", "period"),
    "reservation": ("date", "period"),
    "objection": ("money", "qty", "percent"),
    "confirmation_letter": ("money", "qty", "date", "period", "percent"),
    "deadline": ("date", "period"),
    "payment_promise": ("money", "date", "period", "percent"),
    "defect_admission": ("qty", "money"),
    "takedown": ("date", "period"),
}


_BARE = {"price": "money", "order": "qty", "order_confirmation": "qty", "quantity": "qty"}
"""Kind → what a number without a unit means there."""
_BARE_SUMS = frozenset(("offer", "acceptance"))
"""Kinds in which a number without a unit is an amount if it looks like one, and nothing else is named."""
_FREE = frozenset(("price", "warranty"))
"""Kinds in which words may say that it costs nothing."""
_SAID_SO = frozenset(("promised", "conditional", "requested", "quoted"))


def values_for(
    find: Find, entities: Sequence[Entity], currency: str, text: str, others: Sequence[Find] = ()
) -> dict[str, Any]:
    """Give the values of a find in the order of the labels' keys; what stands in ``others`` alone is theirs."""
    found: dict[str, Any] = {}
    for sort in _WANTED.get(find.kind, ()):
        own = _own(sort, find, entities, text, others)
        _MERGE.get(sort, _first)(found, own, currency)
        priced = sort == "money" and find.kind == "price" and bool(own)
        if priced and (per := _per_before(text[find.start : own[0].start])):
            found.setdefault("per", per)
    unpriced = find.kind in _FREE and not found.keys() & {"amount", "amount_min", "percent"}
    if unpriced and find.modality in _SAID_SO and _is_free(text, find):
        found |= {"amount": 0, "currency": currency}
    for one in entities:
        if one.sort in ("order", "product"):
            found = one.values | found
    return {key: found[key] for key in VALUES if key in found}


def _own(
    sort: str, find: Find, entities: Sequence[Entity], text: str, others: Sequence[Find]
) -> list[Entity]:
    """Give the values of a sort that a find names; of dates and periods, else those of the rest of the message."""
    own = _inside(sort, find, entities)
    if not own and sort == "money" and find.kind in _BARE_SUMS:
        own = [_as(sort, one, text) for one in _sums(text, _inside("num", find, entities))[:1]]
    if not own and _BARE.get(find.kind) == sort:
        own = _bare(sort, text, _inside("num", find, entities))
    if not own and sort in ("period", "date") and find.kind not in ("price", "acceptance", "offer"):
        own = [one for one in entities if one.sort == sort and not _of_another(one, find, others)]
    return _to_their_end(_unconditional(own, text), entities, text) if sort == "date" else own


def _inside(sort: str, find: Find, entities: Sequence[Entity]) -> list[Entity]:
    return [one for one in entities if one.sort == sort and find.start <= one.start < find.end]


_RANGE = re.compile(r"\s*(?:-|–|bis(?:\s+zu)?|to|or|oder)\s*", re.IGNORECASE)


_BETWEEN = re.compile(r"(?<!\w)(?:zwischen|between)\s$", re.IGNORECASE)
_AND = re.compile(r"\s(?:und|and)\s", re.IGNORECASE)


def _is_range(text: str, low: Entity, high: Entity) -> bool:
    between = text[low.end : high.start]
    both = _AND.fullmatch(between) and _BETWEEN.search(text, 0, low.start)
    return bool(both or _RANGE.fullmatch(between))


def _counts(text: str, number: Entity) -> bool:
    """Say whether a word before a number says that it is one of several rooms, pages …"""
    return not _BETWEEN.search(text, 0, number.start) and counts_or_names(text, number)


_WORDS = re.compile(r"[^\W\d_]+(?:[ -][^\W\d_]+)+")
_AFTER_ONE = re.compile(r"(?<!\w)eins\s$", re.IGNORECASE)


def _bare(sort: str, text: str, numbers: list[Entity]) -> list[Entity]:
    """Give what a number without a unit means; both ends of a range of amounts, and nothing of *drei fuffzig*."""
    if sort != "money":
        return [_as(sort, one, text) for one in numbers[:1]]
    ranges = [pair for pair in pairwise(numbers) if _is_range(text, *pair)]
    numbers = [one for one in numbers if not any(one in pair and _counts(text, pair[0]) for pair in ranges)]
    chosen = (_sums(text, numbers) or numbers)[:1]
    for one, other in pairwise(numbers):
        between = text[one.end : other.start]
        if chosen and chosen[0] in (one, other):
            if between == " " and _WORDS.fullmatch(text, one.start, other.end):
                return []
            if (one, other) in ranges:
                return [_as(sort, end, text) for end in (one, other)]
    return [_as(sort, one, text) for one in chosen if not _AFTER_ONE.search(text, 0, one.start)]


def _sums(text: str, numbers: Sequence[Entity]) -> list[Entity]:
    """Give the bare numbers that may be amounts."""
    return [one for one in numbers if form_of(text, one) == "sum"]


def _per_before(words: str) -> str | None:
    """Give of what an amount behind these words is the price: *die Flasche kostet*, *Stundensatz*."""
    match = forms()["per_before"].search(words)
    named = match and (match["unit"] or match["of"] or match["english"])
    return vocabulary().per.get(fold(named)) if named else None


def _is_free(text: str, find: Find) -> bool:
    meant = vocabulary().meant
    free = meant["free"].search(text, find.start, find.end)
    if free is None or meant["partly"].search(text, find.start, find.end):
        return False
    return meant["not_free"].search(text, find.start, free.start()) is None


def _unconditional(own: Sequence[Entity], text: str) -> list[Entity]:
    """Leave out the dates of conditions, where others are there: *falls es morgen kommt, liefern wir am Freitag*."""
    if len(own) > 1:
        conditions = [match.span() for match in vocabulary().meant["condition"].finditer(text)]
        outside = [one for one in own if not any(start <= one.start < end for start, end in conditions)]
        return outside or list(own)
    return list(own)


_THROUGH = re.compile(r"\s*(?:bis(?:\s+zum)?|to|-|–|until|through|till)(?:\s+the)?\s*", re.IGNORECASE)


def _to_their_end(own: Sequence[Entity], entities: Sequence[Entity], text: str) -> list[Entity]:
    """Give dates with the one to which the last of them lasts: *vom 5.6. bis 8.6.* is no promise of the fifth."""
    later = next((one for one in entities if own and one.start >= own[-1].end), None)
    if later is None or later.sort != "date" or not _THROUGH.fullmatch(text, own[-1].end, later.start):
        return list(own)
    return [*own, later]


def _of_another(entity: Entity, find: Find, others: Sequence[Find]) -> bool:
    return any(
        one is not find and one.kind != find.kind and one.start <= entity.start < one.end for one in others
    )


def _as(sort: str, number: Entity, text: str) -> Entity:
    """Give a bare number as an amount, or as a quantity; pieces, where a word behind it says what is counted."""
    value = number.values["number"]
    if sort == "money":
        return Entity("money", number.start, number.end, {"amount": value})
    counted = forms()["behind_sum"].match(text, number.end) is None
    pieces = counted and vocabulary().meant["measure"].match(text, number.end) is None
    return Entity(
        "qty", number.start, number.end, {"quantity": value} | ({"unit": "piece"} if pieces else {})
    )


def _first(found: dict[str, Any], own: Sequence[Entity], _currency: str) -> None:
    for one in own[:1]:
        found.update(one.values)


def _money(found: dict[str, Any], own: Sequence[Entity], currency: str) -> None:
    if not own:
        return
    amounts = [
        one.values[key] for one in own for key in ("amount", "amount_min", "amount_max") if key in one.values
    ]
    if len(set(amounts)) > 1:
        found["amount_min"], found["amount_max"] = min(amounts), max(amounts)
    elif amounts:
        found["amount"] = amounts[0]
    found["currency"] = next((one.values["currency"] for one in own if "currency" in one.values), currency)
    for one in own:
        if "per" in one.values:
            found.setdefault("per", one.values["per"])


def _periods(found: dict[str, Any], own: Sequence[Entity], _currency: str) -> None:
    known = [one.values for one in own if "period" in one.values]
    if not known:
        return
    every = {value[key] for value in known for key in ("period", "period_min") if key in value}
    ordered = sorted(every, key=_hours)
    found["period"] = ordered[-1]
    if len(ordered) > 1:
        found["period_min"] = ordered[0]
    if any(value.get("business_days") for value in known):
        found["business_days"] = True


_HOURS = {"D": 24, "W": 168, "M": 730, "Y": 8766, "H": 1}


def _hours(period: str) -> float:
    return sum(int(count) * _HOURS[unit] for count, unit in re.findall(r"(\d+)([DWMYH])", period))


def _dates(found: dict[str, Any], own: Sequence[Entity], _currency: str) -> None:
    dates = [one.values[key] for one in own for key in ("date", "date_to") if one.values.get(key)]
    if len(dates) == 1:
        found["date"] = dates[0]
    elif dates:
        found["date"], found["date_to"] = dates[0], dates[1]


_MERGE = {"money": _money, "period": _periods, "date": _dates}
