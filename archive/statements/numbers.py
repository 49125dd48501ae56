"""Written numbers and the vocabulary of values: ``1.250,50``, ``1,250.50``, ``zwölf``, ``1,2k``."""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from tomllib import loads
from typing import Any

from archive.query.analysis import fold

NUMBER = (
    r"(?:\d{1,3}(?:[.'’\u00a0\u202f]\d{3})+(?:,\d{1,2})?(?!\d)|\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?(?!\d)"
    r"|\d{1,9}(?:[.,]\d{1,2})?(?![\d]))"
)
"""A number with separators as people write them."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """How values are written: folded word → meaning."""

    numbers: dict[str, int]
    currencies: dict[str, str]
    cents: dict[str, str]
    periods: dict[str, str]
    adjectives: dict[str, str]
    quantities: dict[str, str]
    per: dict[str, str]
    weekdays: dict[str, int]
    short_weekdays: dict[str, int]
    months: dict[str, int]


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
        currencies=turned("currencies"),
        cents=turned("cents"),
        periods=turned("periods"),
        adjectives=turned("adjectives"),
        quantities=turned("quantities"),
        per=turned("per"),
        weekdays=data["weekdays"],
        short_weekdays=data["short_weekdays"],
        months=data["months"],
    )


def alternatives(words: "dict[str, Any] | list[str]") -> str:
    """Give folded words as the inside of a regular expression over text as written, the longest first.

    An umlaut may be written as such, with e, or without its dots.
    """
    return "|".join(written(word) for word in sorted(words, key=len, reverse=True))


def written(word: str) -> str:
    """Give a folded word as a regular expression over text as written."""
    found = re.escape(word)
    for folded, letters in (("ae", "ä"), ("oe", "ö"), ("ue", "ü")):
        found = found.replace(folded, f"(?:{folded}|{letters})")
    return found.replace("ss", "(?:ss|ß)").replace(r"\ ", r"\s+")


def filled(pattern: str, parts: dict[str, str]) -> str:
    """Put the parts named ``@NAME@`` into a regular expression of a data file."""
    for _ in range(3):  # parts may name parts
        for name, part in parts.items():
            pattern = pattern.replace(f"@{name}@", part)
    return pattern


@cache
def number_pattern() -> str:
    """Give a regular expression of a number in digits or in words."""
    return rf"(?:{NUMBER}|(?:{alternatives(vocabulary().numbers)})(?![^\W\d_]))"


def value_of(text: str) -> float | None:
    """Give the value of a written number; None if it is none.

    A separator that occurs once before one or two digits at the end is the decimal sign; any other separates
    thousands.
    """
    folded = fold(text.strip())
    if folded in vocabulary().numbers:
        return float(vocabulary().numbers[folded])
    match = re.fullmatch(r"(.*?)(?:[.,](\d{1,2}))?", folded)
    whole = re.sub(r"\D", "", match[1]) if match else ""
    if not whole or len(whole) > 15:
        return None
    return int(whole) + (int(match[2]) / 10 ** len(match[2]) if match and match[2] else 0.0)


def plain(value: float) -> int | float:
    """Give a value as JSON should show it: whole where it is whole, else with cents."""
    rounded = round(value, 2)
    return int(rounded) if rounded == int(rounded) else rounded
