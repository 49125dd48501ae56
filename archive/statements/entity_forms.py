"""How values are written: the value at its place, and the regular expressions of ``entities.toml``."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from tomllib import loads
from typing import Any, Literal

from archive.statements.number_words import beginnings, english_pattern, german_pattern
from archive.statements.numbers import NUMBER, number_pattern, vocabulary, words_pattern
from archive.statements.written import alternatives, filled

Sort = Literal["money", "percent", "date", "dated", "period", "qty", "order", "product", "num", "time"]


@dataclass(frozen=True, slots=True)
class Entity:
    """A value at its place; ``values`` has the keys of the labels, already normalised."""

    sort: Sort
    start: int
    end: int
    values: dict[str, Any] = field(default_factory=dict)


ARTICLES = frozenset(("ein", "eine", "einen", "einem", "einer", "eines", "one"))
"""Number words that are mostly none."""


@cache
def forms() -> dict[str, re.Pattern[str]]:
    """Give the regular expressions of ``entities.toml`` by name, filled with the words of ``values.toml``."""
    words = vocabulary()
    data = loads(files("archive.statements").joinpath("lexicon", "entities.toml").read_text("utf-8"))
    parts = {
        **data["parts"],
        **{name: alternatives(listed) for name, listed in data["words"].items()},
        "CURRENCIES": alternatives(words.currencies),
        "PER_UNITS": alternatives(words.per),
        "PERIODS": alternatives(words.periods),
        "CENTS": alternatives(words.cents),
        "FACTORS": alternatives(words.factors),
        "CLOSE_FACTORS": alternatives(words.close_factors),
        "NUMBERS": words_pattern(),
        "COUNTS": f"{beginnings(words.numbers)}(?:{english_pattern()}|{german_pattern()}|"
        + alternatives([word for word in words.numbers if word not in ARTICLES])
        + ")",
        "ADJECTIVES": alternatives(words.adjectives),
        "QUANTITIES": alternatives(words.quantities),
        "NUMBER": number_pattern(),
        "DIGITS": NUMBER,
    }
    return {
        name: re.compile(filled(pattern, parts), re.IGNORECASE) for name, pattern in data["forms"].items()
    }


def at_numbers(name: str, text: str, places: Sequence[int]) -> Iterator[re.Match[str]]:
    """Give the matches of a form that begins with a number, at the places of numbers, without overlaps."""
    pattern, end = forms()[name], 0
    for place in places:
        if place >= end and (match := pattern.match(text, place)):
            yield match
            end = match.end()


_LEAST_SUM = 15
_YEARS = (2015, 2039)
_BEFORE = 16
"""Characters before a number in which a word says that it counts or names something."""


_CENTS = re.compile(r"\d+[.,]\d\d")
"""A number with cents may be an amount however small it is."""
_LEADING_ZERO = re.compile(r"0\d")
"""A number that begins so is a time or a part of one: ``0600``."""
_LONG = re.compile(r"P(?:\d+Y(?:\d+M)?|(?:[6-9]|\d{2,})M)")


def form_of(text: str, entity: Entity) -> str:
    """Give the form under which rules see a value.

    It is its sort; ``rate`` for money per something; ``years`` for a period of half a year and more; ``sum`` for a
    bare number that may be an amount: neither what is counted stands behind it nor a place or a time before it.
    """
    if entity.sort == "money" and "per" in entity.values:
        return "rate"
    if entity.sort == "period" and _LONG.fullmatch(entity.values.get("period", "")):
        return "years"
    if entity.sort != "num":
        return entity.sort
    value = entity.values["number"]
    if _LEADING_ZERO.match(text, entity.start):
        return "num"
    small = value < _LEAST_SUM and not _CENTS.fullmatch(text, entity.start, entity.end)
    if small or _YEARS[0] <= value <= _YEARS[1] or not forms()["behind_sum"].match(text, entity.end):
        return "num"
    return "num" if counts_or_names(text, entity) else "sum"


def counts_or_names(text: str, number: Entity) -> bool:
    """Say whether a word before a number tells that it counts or names something: a room, a page, a week."""
    before = text[max(0, number.start - _BEFORE) : number.start]
    return forms()["before_count"].search(before) is not None
