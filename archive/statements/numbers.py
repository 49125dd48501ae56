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


_ONES = {"ein": 1, "eine": 1, "zwei": 2, "zwo": 2, "drei": 3, "vier": 4, "fuenf": 5, "sechs": 6, "sieben": 7, "acht": 8,
         "neun": 9, "zehn": 10, "elf": 11, "zwoelf": 12, "sechzehn": 16, "siebzehn": 17}  # fmt: skip
_TENS = {"zwanzig": 20, "dreissig": 30, "vierzig": 40, "fuenfzig": 50, "sechzig": 60, "siebzig": 70, "achtzig": 80,
         "neunzig": 90}  # fmt: skip
_SHORT_TEENS = ("drei", "vier", "f(?:ü|ue)nf", "sech", "sieb", "acht", "neun")
_TEENS = ("drei", "vier", "fuenf", "acht", "neun")
_UNITS = {**_ONES, **{f"{one}zehn": _ONES[one] + 10 for one in _TEENS}}


@cache
def compound_pattern() -> str:
    """Give a regular expression of German numbers written as one word: ``hundertachtzig``, ``zweiundvierzig``."""
    units, tens = alternatives([*_UNITS]), alternatives([*_TENS])
    small = rf"(?:(?:(?:{units})und)?(?:{tens})|{units})"
    hundreds = rf"(?:{units})?hundert(?:und)?{small}?"
    thousands = rf"(?:{small}|(?:{units})?hundert)?tausend(?:und)?(?:{hundreds}|{small})?"
    return rf"(?:{thousands}|{hundreds}|(?:{units})und(?:{tens})|{'|'.join(f'{one}zehn' for one in _SHORT_TEENS)})"


def compound_value(word: str) -> int | None:
    """Give the value of a folded German number written as one word; None if it is none."""
    thousands, found, rest = word.rpartition("tausend")
    if found:
        before, behind = (compound_value(thousands) if thousands else 1), rest.removeprefix("und")
        after = compound_value(behind) if behind else 0
        return None if before is None or after is None else before * 1000 + after
    hundreds, found, rest = word.rpartition("hundert")
    if found:
        before, behind = (_UNITS.get(hundreds) if hundreds else 1), rest.removeprefix("und")
        after = compound_value(behind) if behind else 0
        return None if before is None or after is None else before * 100 + after
    if word in _UNITS or word in _TENS:
        return _UNITS.get(word) or _TENS[word]
    one, _, ten = word.partition("und")
    return _UNITS[one] + _TENS[ten] if one in _UNITS and ten in _TENS else None


_ENGLISH_ONES = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
}
_ENGLISH_TEENS = {"ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
                  "seventeen": 17, "eighteen": 18, "nineteen": 19}  # fmt: skip
_ENGLISH_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
                 "eighty": 80, "ninety": 90}  # fmt: skip
_ENGLISH_SMALL = {**_ENGLISH_ONES, **_ENGLISH_TEENS, **_ENGLISH_TENS, "a": 1}
_ENGLISH_LARGE = {"hundred": 100, "thousand": 1000}


@cache
def spoken_pattern() -> str:
    """Give a regular expression of English numbers of several words: ``thirty eight``, ``a hundred and forty``."""
    ones, teens, tens = map("|".join, (_ENGLISH_ONES, _ENGLISH_TEENS, _ENGLISH_TENS))
    two = rf"(?:{tens})[ -](?:{ones})(?!\w)"
    small = rf"(?:{two}|{tens}|{teens}|{ones})"
    large = rf"(?:a|{small})[ -](?:hundred|thousand)(?:(?: and | |-){small}(?!\w))?"
    return rf"(?=[aefnost])(?:{large}|{two})"


def spoken_value(text: str) -> int | None:
    """Give the value of an English number of several words; None if it is none."""
    total = part = 0
    words = [word for word in re.split(r"[\s-]+", text) if word != "and"]
    for word in words:
        if word in _ENGLISH_LARGE:
            total, part = total + max(1, part) * _ENGLISH_LARGE[word], 0
        elif word in _ENGLISH_SMALL:
            part += _ENGLISH_SMALL[word]
        else:
            return None
    return total + part if len(words) > 1 else None


@cache
def number_pattern() -> str:
    """Give a regular expression of a number in digits or in words."""
    words = alternatives(vocabulary().numbers)
    return rf"(?:{NUMBER}|(?:{spoken_pattern()}|{compound_pattern()}|{words})(?![^\W\d_]))"


def value_of(text: str) -> float | None:
    """Give the value of a written number; None if it is none.

    A separator that occurs once before one or two digits at the end is the decimal sign; any other separates
    thousands.
    """
    folded = fold(text.strip())
    if folded in vocabulary().numbers:
        return float(vocabulary().numbers[folded])
    if folded.isalpha() and (whole_word := compound_value(folded)) is not None:
        return float(whole_word)
    if (spoken := spoken_value(folded)) is not None:
        return float(spoken)
    match = re.fullmatch(r"(.*?)(?:[.,](\d{1,2}))?", folded)
    whole = re.sub(r"\D", "", match[1]) if match else ""
    if not whole or len(whole) > 15:
        return None
    return int(whole) + (int(match[2]) / 10 ** len(match[2]) if match and match[2] else 0.0)


def plain(value: float) -> int | float:
    """Give a value as JSON should show it: whole where it is whole, else with cents."""
    rounded = round(value, 2)
    return int(rounded) if rounded == int(rounded) else rounded
