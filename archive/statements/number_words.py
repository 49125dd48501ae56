"""Numbers in words, German and English: ``zweiundvierzig``, ``anderthalb tausend``, ``two hundred and ten``.

A number is taken whole: *a hundred and ten* is no range from ten to a hundred, *half a dozen* no twelve.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from archive.statements.written import alternatives

_ONES = {"ein": 1, "eine": 1, "zwei": 2, "zwo": 2, "drei": 3, "vier": 4, "fuenf": 5, "sechs": 6, "sieben": 7, "acht": 8,
         "neun": 9, "zehn": 10, "elf": 11, "zwoelf": 12, "sechzehn": 16, "siebzehn": 17}  # fmt: skip
_TENS = {"zwanzig": 20, "dreissig": 30, "vierzig": 40, "fuenfzig": 50, "sechzig": 60, "siebzig": 70, "achtzig": 80,
         "neunzig": 90}  # fmt: skip
_SHORT_TEENS = ("drei", "vier", "f(?:ü|ue)nf", "sech", "sieb", "acht", "neun")
_TEENS = ("drei", "vier", "fuenf", "acht", "neun")
_UNITS = {**_ONES, **{f"{one}zehn": _ONES[one] + 10 for one in _TEENS}}
_LARGE = {"tausend": 1000, "hundert": 100}
_HALF, _ONE_AND_A_HALF = "einhalb", "anderthalb"
_DOZEN = 12


@cache
def german_pattern() -> str:
    """Give a regular expression of German numbers that no list of words holds: ``hundertachtzig``, ``zwei tausend``."""
    units, tens = alternatives(_UNITS), alternatives(_TENS)
    small = rf"(?:(?:(?:{units})und)?(?:{tens})|{units})"
    halves = rf"(?:(?:{units}){_HALF}|{_ONE_AND_A_HALF})"
    behind = r"(?:und|\sund\s|\s)?"
    hundreds = rf"(?:(?:{halves}|{small})\s?)?hundert(?:{behind}{small})?"
    thousands = rf"(?:(?:{hundreds}|{halves}|{small})\s?)?tausend(?:{behind}(?:{hundreds}|{small}))?"
    dozens = rf"(?:(?:ein\s)?halbes|{small})\sdutzend"
    teens = "|".join(f"{one}zehn" for one in _SHORT_TEENS)
    whole = "".join(f"(?:{form})(?![^\\W\\d_])|" for form in (dozens, thousands, hundreds, halves))
    return rf"(?>{whole}(?:(?:{units})und(?:{tens})|{teens})(?![^\W\d_]))"


def beginnings(words: Iterable[str]) -> str:
    """Give a look ahead at the first two letters of a number in words: most words are passed over by it at once.

    ``words``: the folded words of a list, besides those that the patterns here know.
    """
    here = (
        *_UNITS,
        *_TENS,
        *_LARGE,
        *_ENGLISH_SMALL,
        *_ENGLISH_PART,
        *_ENGLISH_LARGE,
        _ONE_AND_A_HALF,
        "halbes",
        "half",
    )
    firsts: dict[str, set[str]] = {}
    for word in (*here, *words):
        for first, second in _two_letters(word):
            firsts.setdefault(first, set()).add(second)
    parts = (f"{first}[{''.join(sorted(second))}]" for first, second in sorted(firsts.items()))
    return f"(?={'|'.join(parts)})"


def _two_letters(word: str) -> Iterator[tuple[str, str]]:
    """Give the first two letters of a folded word in each way in which it may be written."""
    first, second = word[0], word[1:2] or "\\s\\-"
    yield first, second
    for folded, letters in (("ae", "ä"), ("oe", "ö"), ("ue", "ü")):
        if word.startswith(folded):
            yield letters, word[2:3]
        if word[1:3] == folded:
            yield first, letters


def german_value(text: str) -> float | None:
    """Give the value of a folded German number in words; None if it is none."""
    words = text.split()
    if words[-1:] == ["dutzend"]:
        dozens = (
            0.5 if words[-2:-1] == ["halbes"] else german_value(" ".join(words[:-1])) if words[:-1] else 1
        )
        return None if dozens is None else dozens * _DOZEN
    return _compound("".join(words))


def _compound(word: str) -> float | None:
    for large, factor in _LARGE.items():
        before, found, behind = word.rpartition(large)
        if found:
            rest = behind.removeprefix("und")
            first, second = _compound(before) if before else 1, _compound(rest) if rest else 0
            return None if first is None or second is None else first * factor + second
    if word == _ONE_AND_A_HALF:
        return 1.5
    if word in _UNITS or word in _TENS:
        return _UNITS.get(word) or _TENS[word]
    if (whole := word.removesuffix(_HALF)) != word:
        return _UNITS[whole] + 0.5 if whole in _UNITS else None
    one, _, ten = word.partition("und")
    return _UNITS[one] + _TENS[ten] if one in _UNITS and ten in _TENS else None


_ENGLISH_ONES = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
                 "nine": 9}  # fmt: skip
_ENGLISH_TEENS = {"ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
                  "seventeen": 17, "eighteen": 18, "nineteen": 19}  # fmt: skip
_ENGLISH_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
                 "eighty": 80, "ninety": 90}  # fmt: skip
_ENGLISH_SMALL = {**_ENGLISH_ONES, **_ENGLISH_TEENS, **_ENGLISH_TENS, "a": 1}
_ENGLISH_PART = {"dozen": _DOZEN, "hundred": 100}
_ENGLISH_LARGE = {"thousand": 1000, "grand": 1000, "million": 1_000_000}


@cache
def english_pattern() -> str:
    """Give a regular expression of English numbers of several words: ``thirty eight``, ``two and a half thousand``."""
    ones, teens, tens = map("|".join, (_ENGLISH_ONES, _ENGLISH_TEENS, _ENGLISH_TENS))
    larger = "|".join((*_ENGLISH_PART, *_ENGLISH_LARGE))
    two = rf"(?:(?:{tens})[ -](?:{ones})|{tens}|{teens}|{ones})(?!\w)"
    last = rf"{two}(?![ -](?:{larger})\b)"
    hundreds = rf"(?:(?:a|{two})[ -])?hundred(?!\w)(?:(?: and |[ -]){last})?"
    below = rf"(?:{hundreds}|{two})(?![ -](?:{larger})\b)"
    thousands = rf"(?:(?:a|{hundreds}|{two})[ -])?thousand(?!\w)(?:(?: and |,? |-){below})?"
    halves = rf"{two} and a half(?!\w)(?:[ -](?:hundred|thousand|dozen)(?!\w))?"
    dozens = rf"(?:half a|a|{two})[ -](?:dozen|million)(?!\w)"
    return rf"(?=[adefhnost])(?>{halves}|{dozens}|{thousands}|{hundreds}|(?:{tens})[ -](?:{ones})(?!\w))"


def english_value(text: str) -> float | None:
    """Give the value of a folded English number of several words; None if it is none."""
    words = re.split(r"[\s,-]+", text)
    return _spoken(words) if len(words) > 1 else None


def _spoken(words: Sequence[str]) -> float | None:
    large = _ENGLISH_PART | _ENGLISH_LARGE
    if "half" in words:
        place = words.index("half")
        whole = _spoken(words[: place - 2]) if list(words[max(0, place - 2) : place]) == ["and", "a"] else 0
        behind = [word for word in words[place + 1 :] if word != "a"]
        factors = [large[word] for word in behind if word in large]
        if whole is None or len(factors) != len(behind) or len(factors) > 1:
            return None
        return (whole + 0.5) * (factors[0] if factors else 1)
    total = part = 0
    for word in words:
        if word in _ENGLISH_PART:
            part = max(1, part) * _ENGLISH_PART[word]
        elif word in _ENGLISH_LARGE:
            total, part = total + max(1, part) * _ENGLISH_LARGE[word], 0
        elif word in _ENGLISH_SMALL:
            part += _ENGLISH_SMALL[word]
        elif word != "and":
            return None
    return total + part
