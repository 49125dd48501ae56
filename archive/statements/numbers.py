"""Written numbers and the vocabulary of values: ``1.250,50``, ``1,250.50``, ``zwölf``, ``1,2k``."""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from tomllib import loads
from typing import Any

from archive.query.analysis import fold
from archive.statements.number_words import english_pattern, english_value, german_pattern, german_value
from archive.statements.written import alternatives

NUMBER = (
    r"(?>0[.,]\d{3,6}(?!\d)|\d{1,3}(?:['’]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d{1,3}(?:[.\u00a0\u202f]\d{3})+(?:,\d{1,2})?(?!\d)"
    r"|\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?(?!\d)|\d{0,3}\s?[½¼¾]|(?:\d{1,2}\s)?[13]/[24](?![\d/])"
    r"|\d{1,9}(?:[.,]\d{1,2})?(?![\d]))"
)
"""A number with separators as people write them, as a whole: no part of it is tried."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """How values are written: folded word → meaning."""

    numbers: dict[str, int]
    factors: dict[str, int]
    close_factors: dict[str, int]
    currencies: dict[str, str]
    cents: dict[str, str]
    periods: dict[str, str]
    adjectives: dict[str, str]
    quantities: dict[str, str]
    per: dict[str, str]
    weekdays: dict[str, int]
    short_weekdays: dict[str, int]
    months: dict[str, int]
    meant: dict[str, re.Pattern[str]]


@cache
def vocabulary() -> Vocabulary:
    """Give the vocabulary of ``lexicon/values.toml``."""
    data: dict[str, dict[str, Any]] = loads(
        files("archive.statements").joinpath("lexicon", "values.toml").read_text("utf-8")
    )

    def turned(name: str) -> dict[str, str]:
        return {word: code for code, words in data[name].items() for word in words}

    return Vocabulary(
        numbers=data["numbers"],
        factors=data["factors"],
        close_factors=data["close_factors"],
        currencies=turned("currencies"),
        cents=turned("cents"),
        periods=turned("periods"),
        adjectives=turned("adjectives"),
        quantities=turned("quantities"),
        per=turned("per"),
        weekdays=data["weekdays"],
        short_weekdays=data["short_weekdays"],
        months=data["months"],
        meant={name: re.compile(form, re.IGNORECASE) for name, form in data["meant"].items()},
    )


@cache
def words_pattern() -> str:
    """Give the inside of a regular expression of numbers in words."""
    return f"{english_pattern()}|{german_pattern()}|{alternatives(vocabulary().numbers)}"


@cache
def number_pattern() -> str:
    """Give a regular expression of a number in digits or in words."""
    return rf"(?:{NUMBER}|(?>(?:{words_pattern()})(?![^\W\d_])))"


_FRACTIONS = {"½": 0.5, "¼": 0.25, "¾": 0.75, "1/2": 0.5, "1/4": 0.25, "3/4": 0.75}
_WITH_FRACTION = re.compile(r"(\d*)\s*([½¼¾]|\b[13]/[24])")


_LESS_THAN_ONE = re.compile(r"0[.,]\d{3,6}")
"""No thousands follow a zero: *0,125 €* is a price."""


def value_of(text: str) -> float | None:
    """Give the value of a written number; None if it is none.

    A separator that occurs once before one or two digits at the end is the decimal sign; any other separates
    thousands.
    """
    text = text.strip()
    if mixed := _WITH_FRACTION.fullmatch(text):
        return int(mixed[1] or 0) + _FRACTIONS[mixed[2]]
    folded = fold(text)
    if _LESS_THAN_ONE.fullmatch(folded):
        return float(folded.replace(",", "."))
    if not folded[:1].isdecimal():
        return in_words(folded)
    match = re.fullmatch(r"(.*?)(?:[.,](\d{1,2}))?", folded)
    whole = re.sub(r"\D", "", match[1]) if match else ""
    if not whole or len(whole) > 15:
        return None
    return int(whole) + (int(match[2]) / 10 ** len(match[2]) if match and match[2] else 0.0)


def in_words(folded: str) -> float | None:
    """Give the value of a number in folded words; None if it is none."""
    known = vocabulary().numbers.get(folded)
    found = known if known is not None else german_value(folded) or english_value(folded)
    return None if found is None else float(found)


_STEPS = {"tausend": 1000, "thousand": 1000, "hundert": 100, "hundred": 100}


def in_step(low: float, low_written: str, high: float, high_written: str, factor: int = 1) -> float:
    """Give what the lower end of a range means: *zwei bis dreitausend* begins at two thousand, *3-4k* at three.

    ``factor``: by what the word behind the upper end multiplies it. A lower end that says its own size, or is more
    than the upper one counts, is meant as it stands.
    """
    own, upper = fold(low_written).split(), fold(high_written)
    if any(word.endswith(tuple(_STEPS)) for word in own):
        return low
    step = factor if factor > 1 else next((n for word, n in _STEPS.items() if upper.endswith(word)), 1)
    counted = high if factor > 1 else high / step
    return low * step if low <= counted else low


def plain(value: float) -> int | float:
    """Give a value as JSON should show it: whole where it is whole, else as it is, without the dust of floats."""
    rounded = round(value, 6)
    return int(rounded) if rounded == int(rounded) else rounded
