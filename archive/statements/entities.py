"""What a message names: money, percentages, dates, periods, quantities and numbers of orders and products."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from archive.query.analysis import fold
from archive.statements.cents import with_cents
from archive.statements.dates import Day, find_dates, identifies
from archive.statements.entity_forms import ARTICLES, Entity, at_numbers, forms
from archive.statements.instead import is_change, without_old
from archive.statements.numbers import in_step, plain, value_of, vocabulary
from archive.statements.periods import counted_periods, named_periods, summed
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
        found = [_day(text, one) for one in find_dates(text, sent, month_first=country.month_first)]
    if may is None or "period" in may:
        found += named_periods(text)
    if may is not None and "count" not in may:
        return _meant(text, found)
    places = [match.start() for match in forms()["counted"].finditer(text)]
    if not places:
        return _meant(text, found)
    found += find_references(text)
    if may is None or "money" in may or "rate" in may:
        found += _money(text, places)
    if may is None or "percent" in may:
        found += _percents(text, places)
    if may is None or "period" in may:
        found += counted_periods(text, places)
    found += _quantities(text, places)
    found += _times(text, places)
    found += _numbers(text, places)
    return _meant(text, found)


def _day(text: str, day: Day) -> Entity:
    """Give a date; without its day where it only names a document: behind ``vom`` it is no date of anything else."""
    if day.over:
        return Entity("dated", day.start, day.end)
    if not identifies(text, day.start, day.end):
        values = {"date": day.value, "date_to": day.last}
        return Entity("date", day.start, day.end, {key: value for key, value in values.items() if value})
    named = _NAMES_DOCUMENT.search(text, max(0, day.start - _NAMED_BY), day.start)
    return Entity("dated" if named else "date", day.start, day.end)


_NAMED_BY = 8
"""Characters before a date in which stands what makes it the date of a document."""
_NAMES_DOCUMENT = re.compile(r"\b(?:vom|dated)\s+$", re.IGNORECASE)


def _meant(text: str, found: list[Entity]) -> list[Entity]:
    """Give what is said of what was read: parts as one sum, and no value that another took the place of."""
    return without_old(text, summed(text, with_cents(text, _apart(found))))


def _apart(found: list[Entity]) -> list[Entity]:
    chosen: list[Entity] = []
    for entity in sorted(found, key=lambda one: (_RANK[one.sort], one.start - one.end, one.start)):
        if all(entity.end <= other.start or other.end <= entity.start for other in chosen):
            chosen.append(entity)
    return sorted(chosen, key=lambda one: one.start)


_GROUPS = ("sign", "ta", "a", "fa", "b", "fb", "c", "fc", "d", "fd", "td", "behind", "behind_e", "small", "e", "h", "f",
           "g", "fg", "grand", "i", "j")  # fmt: skip


def _factor(text: str | None) -> int:
    """Give by how much the word behind a number multiplies it."""
    word = fold(text or "").strip(". ")
    words = vocabulary()
    return words.factors.get(word) or words.close_factors.get(word) or 1


def _signed(text: str) -> Iterator[re.Match[str]]:
    """Give amounts with the sign before the number."""
    if forms()["signs"].search(text):
        yield from forms()["money_behind_sign"].finditer(text)


def _money(text: str, places: Sequence[int]) -> list[Entity]:
    found = [
        amount
        for match in (*_signed(text), *at_numbers("money", text, places))
        if (amount := _amount_of(text, match)) is not None
    ]
    return [*found, *_cents(text, places)]


def _amount_of(text: str, match: re.Match[str]) -> Entity | None:
    """Give an amount, or the range of two, with currency and unit as they stand there."""
    groups: dict[str, Any] = dict.fromkeys(_GROUPS) | match.groupdict()
    number = next((n for n in "adehgij" if groups[n]), None)
    start, written = match.start(), groups[number] if number else groups["grand"]
    low = groups["b"] or groups["c"] or groups["f"]
    if number and not low:
        start, written = _with_thousands(text, match.start(number), written, match.start())
    amount = (0.5 if fold(written).startswith("half") else 1) * 1000 if not number else value_of(written)
    if amount is None:
        return None
    end = match.end()
    factor = _factor(groups.get(f"f{number}")) * (_THOUSAND if groups["ta"] or groups["td"] else 1)
    other = value_of(low) if low else None
    if other is not None and low is not None:
        amount, other = _ends(groups, (amount, written, factor), (other, low))
    else:
        amount *= factor
    if groups["small"]:
        small = value_of(groups["small"]) or 0
        if _TEN <= small < _HUNDRED:
            amount += small / _HUNDRED
        else:
            end = match.end("behind")
    values: dict[str, Any] = {}
    if other is not None and other != amount:
        first, last = (amount, other) if low == groups["b"] else (other, amount)
        if is_change(text, start, falls=last < first):
            values["amount"] = plain(last)
        else:
            values["amount_min"], values["amount_max"] = plain(min(first, last)), plain(max(first, last))
    elif not _is_vague(text, start, written, groups):
        values["amount"] = plain(amount)
    if sign := groups["sign"] or groups["behind"] or groups["behind_e"]:
        names = vocabulary().currencies
        values["currency"] = names[fold(sign) if fold(sign) in names else sign.lower()]
    if end == match.end() and (per := _per(match)):
        values["per"] = per
    return Entity("money", start, end, values)


_TEN, _HUNDRED, _THOUSAND = 10, 100, 1000


def _ends(
    groups: dict[str, Any], first: tuple[float, str, int], second: tuple[float, str]
) -> tuple[float, float]:
    """Give both ends of a range: the one that names its currency, and the other; the lower may say no size."""
    (amount, written, factor), (other, low) = first, second
    own = _factor(groups["fb"] or groups["fc"])
    if low == groups["b"]:
        if own > 1 and factor == 1:
            amount = in_step(amount, written, other, low, own)
        return amount * factor, other * (own if own > 1 else factor if groups["ta"] else 1)
    if own == 1:
        other = in_step(other, low, amount, written, factor)
    return amount * factor, other * own


_THREE = re.compile(r"\d{3}(?:,\d{1,2})?")
_THOUSANDS = re.compile(r"(?<![\w.,/:-])(\d{1,3}(?: \d{3})*) $")
_SIGN = re.compile(r"(?:[€$£]|(?<!\w)[tk]?(?:eur|chf|usd|gbp|s?fr\.?))\s?$", re.IGNORECASE)
_AT_MOST = 12
"""Characters before three figures in which their thousands stand."""


def _with_thousands(text: str, place: int, written: str, begin: int) -> tuple[int, str]:
    """Give where a number begins, and the number, with thousands that stand before it behind a space: ``12 500``."""
    if not _THREE.fullmatch(written):
        return begin, written
    before = _THOUSANDS.search(text[max(0, place - _AT_MOST) : place])
    if before is None or _SIGN.search(text[: place - len(before[0])][-_AT_MOST:]):
        return begin, written
    return place - len(before[0]), before[1].replace(" ", "") + written


_VAGUE = re.compile(
    r"(?<!\w)(?:couple(?:\s+of)?|few|several|some|many|paar|einige|mehrere|viele|wenige)\s+$", re.IGNORECASE
)
_BARE_LARGE = frozenset(("hundert", "tausend", "hundred", "thousand", "dozen", "dutzend"))


def _is_vague(text: str, start: int, written: str, groups: dict[str, Any]) -> bool:
    """Say whether an amount is some hundreds, and nobody says how many."""
    large = fold(written) in _BARE_LARGE or bool(groups["fd"] or groups["fg"])
    return large and _VAGUE.search(text[max(0, start - _AT_MOST) : start]) is not None


def _cents(text: str, places: Sequence[int]) -> Iterator[Entity]:
    for match in at_numbers("cents", text, places):
        amount = value_of(match["a"])
        if amount is None:
            continue
        values = {"amount": plain(amount / 100), "currency": vocabulary().cents[fold(match["unit"])]}
        end = match.end()
        behind = forms()["per"].match(text, end)
        if behind and behind[0] and (per := _per(behind)):
            values["per"], end = per, behind.end()
        yield Entity("money", match.start(), end, values)


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
    for match in at_numbers("percent", text, places):
        values = [value for name in "ab" if match[name] and (value := value_of(match[name])) is not None]
        if values:
            found.append(Entity("percent", match.start(), match.end(), {"percent": plain(max(values))}))
    return found


def _quantities(text: str, places: Sequence[int]) -> list[Entity]:
    return [
        one for match in at_numbers("quantity", text, places) if (one := _quantity(text, match)) is not None
    ]


_FEW = re.compile(r"(?:ein\s+)?paar")
"""Small, it is no pair: *ein paar Paletten* says no number."""


def _quantity(text: str, match: re.Match[str]) -> Entity | None:
    unit, written, start = match["unit"] or "", match["b"], match.start()
    if _FEW.fullmatch(match[0]) or (len(unit) == 1 and not written[-1].isnumeric()):
        return None
    code = "piece" if match["times"] else vocabulary().quantities.get(fold(unit), "piece")
    if code == "piece" and not match["a"]:
        start, written = _with_thousands(text, match.start("b"), written, start)
    most, least = value_of(written), value_of(match["a"]) if match["a"] else None
    if most is None:
        return None
    before = text[max(0, start - _AT_MOST) : start]
    is_least = least is None and vocabulary().meant["at_least"].search(before) is not None
    given: dict[str, Any] = {"quantity_min" if is_least else "quantity": plain(most), "unit": code}
    if least is not None:
        given["quantity_min"] = plain(in_step(least, match["a"], most, written))
    return Entity("qty", start, match.end(), given)


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
    for match in at_numbers("number", text, places):
        value = value_of(match[0])
        if value is not None and fold(match[0]) not in ARTICLES:
            found.append(Entity("num", match.start(), match.end(), {"number": plain(value)}))
    return found
