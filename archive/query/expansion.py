"""What a plain word or a pattern finds: forms, families and compounds, in German and English.

Whether a term belongs to a word is a pure function of the two (``WordTest.accepts``); a vocabulary only serves to
list the terms, so that engines can look them up and the answer can print them. ``%word``: see ``fuzzy``.

A term belongs to a plain word when

1. it is the word; or
2. both have the same German or the same English stem (Snowball); or
3. the word has at least five letters and the term begins or ends with it, or ends with its German stem
   in stemmed form (``vertrag`` finds ``mietvertraege``), or is the participle of this (``arbeit``: ``gearbeitet``), or
   it has six and stands in the midst of the term (``mietvertragsverlaengerung``); before it stand three letters at
   least, or one of ``SHORT``; or
4. both are in one family of ``families.txt``, umlauts or not (``kundigung``), or one of those that begin others
   stands behind four letters of the term (``frist`` finds ``lieferfristverlaengerung``); or
5. both are forms of one German verb, or nouns of it (``verbs``: ``zurueckgenommen`` finds ``ruecknahme``).

Words with digits, words of one or two letters, emoji and signs find only themselves.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import snowballstemmer

from archive.query.amounts import Amount, AmountTest
from archive.query.families import parts_of, pattern, starts
from archive.query.fuzzy import Fuzzy, FuzzyTest
from archive.query.plan import FieldName, Wildcard, Word
from archive.query.verbs import bare, beginnings, parts, related, roots

RULES = "6"
"""Version of the rules above, and of what ``verbs`` and ``leaves`` say; certificates of searches name it."""

COMPOUND = 5
"""Letters that a word must have to be sought at the ends of compounds; one of a family also in their midst."""

MIDST, BEFORE, BEFORE_FAMILY = 6, 3, 4
"""Letters that another word must have to be sought in the midst, and how many must stand before each."""


SHORT = frozenset(
    "ab an be by co de ei er eu ex il im in ir it ol on re so um un up zu".split()  # noqa: SIM905
)
"""What of two letters may stand before the last word of a compound: *Anzahlung*, and not *please* for *lease*.

A stem has no umlauts: *ol* is that of *Ölpreise*."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """What was searched for one word or pattern of the query: the terms of the index, sorted."""

    word: str
    terms: tuple[str, ...]


class TermTest(Protocol):
    """Decides whether a term belongs to a leaf of the query."""

    def accepts(self, term: str) -> bool:
        """Say whether the term belongs."""
        ...

    def candidates(self, vocabulary: "Vocabulary") -> Iterator[str]:
        """Return terms among which are all that belong."""
        ...


class Vocabulary:
    """The terms of an index, arranged so that candidates are found without touching each term."""

    def __init__(self, terms: Iterable[str]) -> None:
        self.terms = sorted(terms)
        self._lines = _Lines(self.terms)
        self._bare = _Lines([bare(term) for term in self.terms])
        self._selected: dict[TermTest, tuple[str, ...]] = {}

    def select(self, test: TermTest) -> tuple[str, ...]:
        """Return the terms that a test accepts, sorted; what was selected once is remembered."""
        if test not in self._selected:
            self._selected[test] = tuple(
                term for term in sorted(set(test.candidates(self))) if test.accepts(term)
            )
        return self._selected[test]

    def holds(self, term: str) -> bool:
        """Say whether a term is one of these."""
        place = bisect_left(self.terms, term)
        return place < len(self.terms) and self.terms[place] == term

    def containing(self, text: str) -> Iterator[str]:
        """Return the terms that contain a text; a leading or trailing line feed binds it to that end."""
        return (self.terms[number] for number in self._lines.find(text))

    def containing_bare(self, text: str) -> Iterator[str]:
        """Return the same for terms and text without umlaut letters (see ``verbs.bare``)."""
        return (self.terms[number] for number in self._bare.find(text))


class _Lines:
    """Terms as lines of one long string: searching it is one search, not one for each term."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._order: list[int] | None = None
        self._sorted: list[str] = []
        self._text = "\n" + "\n".join(lines) + "\n"
        self._starts: list[int] = []
        place = 1
        for line in lines:
            self._starts.append(place)
            place += len(line) + 1

    def find(self, text: str) -> Iterator[int]:
        """Return the numbers of lines that contain a text; a line feed at an end binds it to that end."""
        if text[0] == "\n" and "\n" not in text[1:-1]:
            return self._beginning(text[1:])
        return self._containing(text)

    def _beginning(self, text: str) -> Iterator[int]:
        """Return those that begin so, or with a line feed at its end are just this, without reading all."""
        if self._order is None:
            lines = self._lines
            self._order = sorted(range(len(lines)), key=lines.__getitem__)
            self._sorted = [lines[number] for number in self._order]
        start, whole = text.removesuffix("\n"), text.endswith("\n")
        for place in range(bisect_left(self._sorted, start), len(self._sorted)):
            line = self._sorted[place]
            if line != start if whole else not line.startswith(start):
                return
            yield self._order[place]

    def _containing(self, text: str) -> Iterator[int]:
        place = self._text.find(text) if self._starts else -1
        while place >= 0:
            number = bisect_right(self._starts, place + (text[0] == "\n")) - 1
            yield number
            if number + 1 == len(self._starts):
                return
            place = self._text.find(text, self._starts[number + 1] - 1)


class WordTest:
    """The test of a plain word."""

    def __init__(self, word: str) -> None:
        self.word = word
        self._known: dict[str, bool] = {}
        self._plain = word.isalpha() and len(word) > 2
        if self._plain:
            self._german, self._english = _german(word), _english(word)
            self._german_bare = bare(self._german)
            self._english_start = self._english[:-1]
            self._compound = len(word) >= COMPOUND
            self._stem_compound = len(self._german) >= COMPOUND
            self._participle = re.compile(f"ge{word.removesuffix('e')}e?t(?:e[mnrs]?)?")
            self._family = pattern(word)
            self._family_parts = tuple(part for part in parts_of(word) if len(part) >= COMPOUND)
            self._roots = roots(word)

    def accepts(self, term: str) -> bool:
        """Say whether a term belongs to the word, by the rules of this module."""
        known = self._known.get(term)
        if known is None:
            known = self._known[term] = self._decide(term)
        return known

    def _decide(self, term: str) -> bool:
        if term == self.word:
            return True
        if not self._plain or not term.isalpha():
            return False
        if self._compound and (term.startswith(self.word) or _ends_with(term, self.word)):
            return True
        if len(self.word) >= MIDST and _lies_in(term, self.word):
            return True
        if any(part in term[BEFORE_FAMILY:] for part in self._family_parts):
            return True
        plain = bare(term)
        if self._family and self._family.fullmatch(plain):
            return True
        if term.startswith(self._english_start) and _english(term) == self._english:
            return True
        if plain.startswith(self._german_bare) and _german(term) == self._german:
            return True
        if self._stem_compound and self._german_bare in plain and self._is_compound(term):
            return True
        return bool(self._roots) and related(self._roots, roots(term))

    def _is_compound(self, term: str) -> bool:
        return _ends_with(_german(term), self._german) or self._participle.fullmatch(term) is not None

    def candidates(self, vocabulary: Vocabulary) -> Iterator[str]:
        """Return the terms that one of the rules might accept."""
        yield from vocabulary.containing(f"\n{self.word}\n")
        if not self._plain:
            return
        if self._compound:
            yield from vocabulary.containing(self.word)
        for part in self._family_parts:
            if not (self._compound and self.word in part):
                yield from vocabulary.containing(part)
        yield from vocabulary.containing("\n" + self._english_start)
        yield from vocabulary.containing_bare(
            self._german_bare if self._stem_compound else "\n" + self._german_bare
        )
        for start in starts(self.word):
            yield from vocabulary.containing_bare("\n" + start)
        for start in beginnings(self._roots):
            yield from vocabulary.containing_bare("\n" + start)
        for part in parts(self._roots):
            yield from vocabulary.containing_bare(part)


def _ends_with(term: str, word: str) -> bool:
    """Say whether a term is a word, or a compound that ends with it."""
    head = term.removesuffix(word)
    if head == term:
        return False
    return not head or ((len(head) >= BEFORE or head in SHORT) and not _within_ch(head, word))


def _lies_in(term: str, word: str) -> bool:
    place = term.find(word, BEFORE)
    return place >= 0 and not _within_ch(term[:place], word)


def _within_ch(head: str, word: str) -> bool:
    """Say whether a cut goes through one sound: *Gesellsc-haften*."""
    return head[-1] == "c" and word[0] == "h"


_SIGNS = {"*": ".*", "?": "(?:[aou]e|ss|.)"}
"""What a sign of a pattern stands for. An umlaut is one character to whoever types ``gew?hr*``, though folded two."""


class PatternTest:
    """The test of a pattern with ``*`` and ``?``. A sign @ or # must be typed to be found."""

    def __init__(self, pattern: str) -> None:
        self._sign = pattern[:1] if pattern[:1] in ("@", "#") else ""
        self._regex = re.compile("".join(_SIGNS.get(c) or re.escape(c) for c in pattern), re.DOTALL)
        self._literal = max(re.split(r"[*?]+", pattern), key=len)
        if pattern.startswith(self._literal):
            self._literal = "\n" + self._literal

    def accepts(self, term: str) -> bool:
        """Say whether a term fits the pattern."""
        if term[:1] in ("@", "#") and not self._sign:
            return False
        return self._regex.fullmatch(term) is not None

    def candidates(self, vocabulary: Vocabulary) -> Iterator[str]:
        """Return the terms that contain the longest literal part."""
        return vocabulary.containing(self._literal) if self._literal else iter(vocabulary.terms)


@lru_cache(maxsize=1024)
def test_of(leaf: Word | Wildcard | Fuzzy | Amount) -> TermTest:
    """Return the test of a leaf; it remembers its decisions."""
    match leaf:
        case Word(term):
            return WordTest(term)
        case Wildcard(pattern):
            return PatternTest(pattern)
        case Fuzzy():
            return FuzzyTest(leaf)
        case Amount():
            return _AmountTest(leaf)


class _AmountTest(AmountTest):
    def candidates(self, vocabulary: Vocabulary) -> Iterator[str]:
        """Return every term: a text knows few amounts."""
        return iter(vocabulary.terms)


_FIELDS: dict[FieldName, str] = {"author": "from", "recipients": "to", "via": "account"}
"""Streams that are asked for by other names than their own."""


def shown(leaf: Word | Wildcard | Fuzzy, stream: FieldName = "text") -> str:
    """Return a leaf as it was typed, folded; with its field if it stands in one."""
    field = "" if stream == "text" else f"{_FIELDS.get(stream, stream)}:"
    match leaf:
        case Word(term):
            return field + term
        case Wildcard(pattern):
            return field + pattern
        case Fuzzy(term, distance):
            return field + "%" * distance + term


_GERMAN = snowballstemmer.stemmer("german")
_ENGLISH = snowballstemmer.stemmer("english")


@lru_cache(maxsize=1 << 16)
def _german(word: str) -> str:
    return str(_GERMAN.stemWord(word))


_BRITISH = re.compile("is(?=(?:e[ds]?|ing|ations?)$)")


@lru_cache(maxsize=1 << 16)
def _english(word: str) -> str:
    """Give the stem; *authorised* has that of *authorized*, *notify* that of *notification*."""
    stem = str(_ENGLISH.stemWord(_BRITISH.sub("iz", word)))
    return stem[:-1] if stem.endswith("ifi") else stem
