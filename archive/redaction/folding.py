"""Words as they are compared, and where they stand in a text."""

import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache

MANY = 64
"""Words from which on each is not looked for by itself."""
_QUOTED = re.compile(r"^[>\s|]+", re.MULTILINE)
_BROKEN = re.compile(r"(?<=\w)[-\u2010][^\S\n]*\n[>\s|]*(?=\w)")
"""A word that goes on in the next line: a letter that is set tells the same as the mail before it."""


def folded(text: str) -> str:
    """Give words as they are compared: compatibility forms, case, quote marks and white space do not count."""
    text = unicodedata.normalize("NFKC", _QUOTED.sub(" ", text)).casefold()
    return " ".join((text if text.isascii() else text.translate(_unseen())).split())


def unbroken(text: str) -> str:
    """Give a text in which words that go on in the next line are whole; a true hyphen at its end goes too."""
    return _BROKEN.sub("", text)


@cache
def _unseen() -> dict[int, None]:
    """Give the table that drops format characters: joiners, marks of direction, soft hyphens."""
    return {n: None for n in range(sys.maxunicode + 1) if unicodedata.category(chr(n)) == "Cf"}


def occurs(words: Iterable[str], text: str) -> bool:
    """Say whether one of the words stands in a text."""
    if not text:
        return False
    whole = unbroken(text)
    readings = (text,) if whole == text else (text, whole)
    return any(True for one in readings for _ in _standing(words, folded(one)))


def occurrences(words: Iterable[str], text: str) -> tuple[tuple[int, int], ...]:
    """Give where the words stand in a text, as character ranges; the whole text if that cannot be told."""
    broken = frozenset(at for match in _BROKEN.finditer(text) for at in range(*match.span()))
    found = _places(words, text, frozenset())
    return merged((*found, *_places(words, text, broken))) if broken else merged(found)


def _places(words: Iterable[str], text: str, broken: frozenset[int]) -> Sequence[tuple[int, int]]:
    """Give where the words stand in a text without the characters at ``broken``."""
    said = folded(unbroken(text) if broken else text)
    wanted = set(_standing(words, said))
    if not wanted:
        return ()
    within, origin = _mapped(text, broken)
    found: list[tuple[int, int]] = []
    for word in wanted:
        places = list(_each(word, within))
        if len(places) != sum(1 for _ in _each(word, said)):  # letters that are composed in one of the places
            return ((0, len(text)),)
        found += [(origin[at], origin[at + len(word) - 1] + 1) for at in places]
    return found


def _each(word: str, within: str) -> Iterator[int]:
    """Give every place of a word, also of those that overlap."""
    at = within.find(word)
    while at >= 0:
        yield at
        at = within.find(word, at + 1)


def _standing(words: Iterable[str], within: str) -> Iterator[str]:
    """Give the words that stand in a folded text, some more than once; of many, those are tried that begin alike."""
    if not isinstance(words, frozenset) or len(words) < MANY:
        yield from (word for word in words if word in within)
        return
    length, beginning = _beginnings(words)
    for at in range(len(within) - length + 1):
        for word in beginning.get(within[at : at + length], ()):
            if within.startswith(word, at):
                yield word


@lru_cache(maxsize=16)
def _beginnings(words: frozenset[str]) -> tuple[int, dict[str, list[str]]]:
    """Give the length of the shortest word, and the words by as many first characters."""
    length = min(map(len, words))
    found: dict[str, list[str]] = {}
    for word in words:
        found.setdefault(word[:length], []).append(word)
    return length, found


def merged(spans: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Give ranges in order, those that touch or overlap as one."""
    done: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if done and start <= done[-1][1]:
            done[-1] = (done[-1][0], max(end, done[-1][1]))
        else:
            done.append((start, end))
    return tuple(done)


def _mapped(text: str, broken: frozenset[int]) -> tuple[str, list[int]]:
    """Give the folded text without some characters and, for each of the others, the place it comes from."""
    quoted = {at for match in _QUOTED.finditer(text) for at in range(*match.span())}
    within: list[str] = []
    origin: list[int] = []
    for at, character in enumerate(text):
        if at in broken:
            continue
        plain = " " if at in quoted else unicodedata.normalize("NFKC", character).casefold()
        for one in plain:
            if unicodedata.category(one) == "Cf" or (one.isspace() and (not within or within[-1] == " ")):
                continue
            within.append(" " if one.isspace() else one)
            origin.append(at)
    return "".join(within), origin
