"""A guess at the languages of a text, by function words and scripts: for ``lang:``, never more than a guess.

A text is in the language of whose function words it holds most, and in every other of which it holds at
least half as many (so a German message with an English sentence is both). Chinese, Japanese, Korean, Arabic,
Hebrew, Greek and Cyrillic script each count as one language. A text without any sign of one is ``unknown``.
"""

import re
from functools import cache
from importlib.resources import files

from archive.query.analysis import terms

LOOKED_AT = 20_000
"""Characters of a text that are looked at."""

UNKNOWN = "unknown"

_SCRIPTS = {
    "ja": re.compile("[\u3040-\u30ff]"),
    "ko": re.compile("[\uac00-\ud7a3]"),
    "zh": re.compile("[\u3400-\u9fff]"),
    "ar": re.compile("[\u0620-\u064a]"),
    "he": re.compile("[\u05d0-\u05ea]"),
    "el": re.compile("[\u0391-\u03c9]"),
    "ru": re.compile("[\u0410-\u044f]"),
}


def languages(text: str) -> frozenset[str]:
    """Give the codes of the languages that a text seems to be in."""
    text = text[:LOOKED_AT]
    counted: dict[str, int] = {}
    words = _words()
    for term in terms(text):
        for name in words.get(term, ()):
            counted[name] = counted.get(name, 0) + 1
    best = max(counted.values(), default=0)
    found = {name for name, count in counted.items() if 2 * count >= best}
    if not text.isascii():
        found |= {name for name, script in _SCRIPTS.items() if script.search(text)}
        if "ja" in found:
            found.discard("zh")  # kana show that the characters are Japanese
    return frozenset(found or {UNKNOWN})


@cache
def _lines() -> dict[str, tuple[str, ...]]:
    text = files("archive.query").joinpath("languages.txt").read_text("utf-8")
    lines = (line.split() for line in text.splitlines() if line and not line.startswith("#"))
    return {name: tuple(rest) for name, *rest in lines}


@cache
def _words() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, line in _lines().items():
        for word in dict.fromkeys(line):
            found[word] = (*found.get(word, ()), name)
    return found


@cache
def codes() -> frozenset[str]:
    """Give every code that ``lang:`` takes."""
    return frozenset((*_lines(), *_SCRIPTS, UNKNOWN))
