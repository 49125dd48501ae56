"""What a message names: money, percentages, dates, periods, quantities and numbers of orders and products."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from archive.query.analysis import fold
from archive.statements.dates import find_dates, identifies
from archive.statements.entity_forms import ARTICLES, Entity, forms
from archive.statements.numbers import plain, value_of, vocabulary
from archive.statements.references import find_references

_RANK: dict[str, int] = {
    "order": 0, "product": 1, "date": 2, "dated": 2, "money": 3, "percent": 4, "period": 5, "qty": 6, "time": 7,
    "num": 8,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Country:
    """What the sender's country decides."""

    currency: str = "EUR"
    month_first: bool = False


def find_entities(
    text: str, sent: date | None, country: Country, may: Collection[str] | None = None
) -> list[Entity]:
    """Give the entities of a text in order, without overlaps; the surer sort wins, then the longer one.

    ``may``: the sorts that its words may be a part of, as ``lexicon.sorts_of`` says; None: any.
    """
    found: list[Entity] = []
    if may is None or "date" in may:
        found = [
            Entity("date", one.start, one.end, {"date": one.value} if one.value else {})
            for one in find_dates(text, sent, month_first=country.month_first)
        ]
        found = [_of_document(text, one) for one in found]
    if may is None or "period" in may:
        found += _half_periods(text)
    if may is not None and "count" not in may:
        return _apart(found)
    places = [match.start() for match in forms()["counted"].finditer(text)]
    if not places:
        return _apart(found)
    found += find_references(text)
    if may is None or "money" in may or "rate" in may:
        found += _money(text, places)
    if may is None or "percent" in may:
        found += _percents(text, places)
    if may is None or "period" in may:
        found += _periods(text, places)
    found += _quantities(text, places)
    found += _times(text, places)
    found += _numbers(text, places)
    return _apart(found)


def _of_document(text: str, day: Entity) -> Entity:
    """Give a date without its day where it only names a document; behind ``vom`` it is no date of anything else."""
    if not identifies(text, day.start, day.end):
        return day
    named = _NAMES_DOCUMENT.search(text, max(0, day.start - _NAMED_BY), day.start)
    return Entity("dated" if named else "date", day.start, day.end)


_NAMED_BY = 8
"""Characters before a date in which stands what makes it the date of a document."""
_NAMES_DOCUMENT = re.compile(r"\b(?:vom|dated)\s+$", re.IGNORECASE)


def _apart(found: list[Entity]) -> list[Entity]:
    chosen: list[Entity] = []
    for entity in sorted(found, key=lambda one: (_RANK[one.sort], one.start - one.end, one.start)):
        if all(entity.end <= other.start or other.end <= entity.start for other in chosen):
            chosen.append(entity)
    return sorted(chosen, key=lambda one: one.start)


_GROUPS = ("sign", "a", "fa", "b", "fb", "c", "fc", "d", "fd", "behind", "e", "h", "g", "fg", "i", "j")
_FACTORS = {"k": 1000, "t": 1000, "g": 1000, "r": 1000, "m": 1_000_000}


def _factor(text: str | None) -> int:
    return _FACTORS[fold(text)[0]] if text else 1


def _at(name: str, text: str, places: Sequence[int]) -> Iterator[re.Match[str]]:
    """Give the matches of a form that begins with a number, at the places of numbers, without overlaps."""
    pattern, end = forms()[name], 0
    for place in places:
        if place >= end and (match := pattern.match(text, place)):
            yield match
            end = match.end()


def _signed(text: str) -> Iterator[re.Match[str]]:
    """Give amounts with the sign before the number."""
    if forms()["signs"].search(text):
        yield from forms()["money_behind_sign"].finditer(text)


def _money(text: str, places: Sequence[int]) -> list[Entity]:
    found = []
    names = vocabulary().currencies
    for match in (*_signed(text), *_at("money", text, places)):
        groups: dict[str, Any] = dict.fromkeys(_GROUPS) | match.groupdict()
        number = next((n for n in "adehgij" if groups[n]), None)
        amount = value_of(groups[number]) if number else None
        if number is None or amount is None:
            continue
        amount *= _factor(groups.get(f"f{number}"))
        other = value_of(groups["b"] or groups["c"] or "")
        if other is not None:
            other *= _factor(groups["fb"] or groups["fc"])
            if not groups["fc"] and groups["fd"] and other < 1000:
                other *= _factor(groups["fd"])
        sign = groups["sign"] or groups["behind"]
        values: dict[str, Any] = {}
        if other is not None and other != amount:
            values["amount_min"], values["amount_max"] = plain(min(amount, other)), plain(max(amount, other))
        else:
            values["amount"] = plain(amount)
        if sign:
            values["currency"] = names[fold(sign) if fold(sign) in names else sign.lower()]
        if per := _per(match):
            values["per"] = per
        found.append(Entity("money", match.start(), match.end(), values))
    for match in _at("cents", text, places):
        amount = value_of(match["a"])
        if amount is not None:
            values = {"amount": plain(amount / 100), "currency": vocabulary().cents[fold(match["unit"])]}
            end = match.end()
            behind = forms()["per"].match(text, end)
            if behind and behind[0] and (per := _per(behind)):
                values["per"], end = per, behind.end()
            found.append(Entity("money", match.start(), end, values))
    return found


def _per(match: re.Match[str]) -> str | None:
    if not match["per"]:
        return None
    if re.search(r"user|seat|nutzer", match["per"], re.IGNORECASE) and re.search(
        r"mon", match["per"], re.IGNORECASE
    ):
        return "user/month"
    word = fold(match["unit"] or match["alone"] or "").replace(".", "").replace(" ", "")
    return vocabulary().per.get(word)


def _percents(text: str, places: Sequence[int]) -> list[Entity]:
    found = []
    for match in _at("percent", text, places):
        values = [value for name in "ab" if match[name] and (value := value_of(match[name])) is not None]
        if values:
            found.append(Entity("percent", match.start(), match.end(), {"percent": plain(max(values))}))
    return found


def _periods(text: str, places: Sequence[int]) -> list[Entity]:
    words = vocabulary()
    found = []
    for match in _at("period", text, places):
        unit = words.periods.get(" ".join(fold(match["unit"]).split()))
        values = [value for name in "ba" if match[name] and (value := value_of(match[name])) is not None]
        if not unit or not values or any(value != int(value) or value > 999 for value in values):
            continue
        if len(fold(match["unit"])) == 1 and not match["b"].isdigit():
            continue
        first = int(values[0])
        start = match.start() if len(values) == 1 or _is_range(match) else match.start("b")
        given: dict[str, Any] = {"period": _duration(unit, first)}
        if len(values) == 2 and start == match.start() and int(values[1]) < first:
            given["period_min"] = _duration(unit, int(values[1]))
        if unit == "B":
            given["business_days"] = True
        found.append(Entity("period", start, match.end(), given))
    for match in _at("adjective", text, places):
        value = value_of(match["b"])
        if value is not None:
            unit = words.adjectives[fold(match["unit"])]
            found.append(
                Entity("period", match.start(), match.end(), {"period": _duration(unit, int(value))})
            )
    return found


def _half_periods(text: str) -> list[Entity]:
    found = []
    known = {
        "hy": "P6M",
        "yh": "P18M",
        "fn": "P2W",
        "y1": "P1Y",
        "q1": "P3M",
        "w1": "P1W",
        "m1": "P1M",
        "h1": "PT1H",
    }
    for match in forms()["half"].finditer(text):
        name = match.lastgroup or ""
        found.append(
            Entity("period", match.start(), match.end(), {"period": known[name]} if name in known else {})
        )
    return found


def _is_range(match: re.Match[str]) -> bool:
    between = match.string[match.end("a") : match.start("b")].strip()
    return bool(between)


def _duration(unit: str, count: int) -> str:
    return f"PT{count}H" if unit == "TH" else f"P{count}{'D' if unit == 'B' else unit}"


def _quantities(text: str, places: Sequence[int]) -> list[Entity]:
    words = vocabulary()
    found = []
    for match in _at("quantity", text, places):
        values = [value for name in "ab" if match[name] and (value := value_of(match[name])) is not None]
        if not values:
            continue
        unit = "piece" if match["times"] else words.quantities.get(fold(match["unit"]), "piece")
        if match["unit"] and len(match["unit"]) == 1 and not match["b"][-1].isdigit():
            continue
        given: dict[str, Any] = {"quantity": plain(values[-1]), "unit": unit}
        if len(values) == 2:
            given["quantity_min"] = plain(values[0])
        found.append(Entity("qty", match.start(), match.end(), given))
    return found


_LEAD = 24
"""Characters before a time in which its preposition stands."""


def _times(text: str, places: Sequence[int]) -> list[Entity]:
    """Give times of day: those with minutes or a word behind the hour, and hours behind ``um`` and the like."""
    found: list[Entity] = []
    for place in places:
        end = found[-1].end if found else 0
        if place < end or not text[place].isdigit():
            continue
        begins = max(end, place - _LEAD)
        if match := forms()["clock"].match(text, place):
            lead = forms()["before_clock"].search(text, begins, place)
            found.append(Entity("time", lead.start() if lead else place, match.end()))
        elif (lead := forms()["before_hour"].search(text, begins, place)) and (
            match := forms()["hour"].match(text, place)
        ):
            found.append(Entity("time", lead.start(), match.end()))
    return found


def _numbers(text: str, places: Sequence[int]) -> list[Entity]:
    found = []
    for match in _at("number", text, places):
        value = value_of(match[0])
        if value is not None and fold(match[0]) not in ARTICLES:
            found.append(Entity("num", match.start(), match.end(), {"number": plain(value)}))
    return found
