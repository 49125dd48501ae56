"""Words as they are compared, and where they stand in a text.

Who repeats words writes them with other signs: mail programs write bold words as ``*17*`` in one part of a mail and
as markup in the other, letters break at the end of a line, quotation puts ``>`` before it. So letters, figures and
signs of meaning (``%``, ``€``, emoji) are compared; case, accents, punctuation and white space are not.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

MANY = 64
"""Words from which on each is not looked for by itself."""
LONG = 8
"""Letters from which on words are known wherever they stand; shorter ones, also in pieces, where no letter adjoins."""
_MEANING = frozenset("%‰§")
"""Punctuation that says something."""
_BETWEEN = frozenset("<>|~=")
"""Mathematical signs that people and programs set between or around words."""
_NO_POINT = re.compile(r"(?<!\d)[.:]|[.:](?!\d)|(?<=\d)\.(?=\d{3}(?!\d))")
"""Points and colons that stand in no number, or part its thousands, as spaces do, or nothing."""
_NO_DIGIT_BEFORE, _NO_DIGIT_BEHIND = r"(?<!\d)(?<!\d\.)", r"(?!\.?\d)"
"""What begins or ends with a figure is no part of another number: 17 stands in neither 2017 nor 17,5."""


_UMLAUT = re.compile("([aou])e")


class _Forms(dict[int, str]):
    """Gives the form of a character; words of signs have spaces around them."""

    def __missing__(self, code: int) -> str:
        """Work out the form of a character that is seen for the first time."""
        found = "".join(map(_form, unicodedata.normalize("NFKD", chr(code)).casefold()))
        if (
            unicodedata.category(chr(code)) == "No"
        ):  # fractions and raised figures are no part of a number: 17² notes 17
            found = f" {found} "
        self[code] = found
        return found


def _form(character: str) -> str:
    kind = unicodedata.category(character)
    if kind in ("Cf", "Mn", "Me"):  # joiners, marks of direction, soft hyphens; accents
        return ""
    if kind[0] in "LNM" or character in ".:":
        return character
    if character == ",":  # what parts a whole number from its fraction is the one or the other
        return "."
    if (kind[0] == "S" and kind != "Sk" and character not in _BETWEEN) or character in _MEANING:
        return f" {character} "
    return " "


_FORMS = _Forms()


def folded(text: str) -> str:
    """Give words as they are compared, with one space between."""
    return " ".join(_flat(text).split())


def _flat(text: str) -> str:
    return _NO_POINT.sub(" ", text.translate(_FORMS))


def occurs(words: Iterable[str], text: str) -> bool:
    """Say whether one of the words stands in a text."""
    return bool(text) and any(True for _ in _standing(_wanted(frozenset(words)), folded(text)))


def occurrences(words: Iterable[str], text: str) -> tuple[tuple[int, int], ...]:
    """Give where the words stand in a text, as character ranges."""
    wanted = set(_standing(_wanted(frozenset(words)), folded(text)))
    if not wanted:
        return ()
    placed = _Placed.of(text)
    return merged(
        span for word in wanted for span in (placed.long(word) if _is_long(word) else placed.short(word))
    )


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Folded words."""

    long: frozenset[str]
    """Without spaces."""
    short: frozenset[str]


@lru_cache(maxsize=16)
def _wanted(words: frozenset[str]) -> _Wanted:
    joined = {word: word.replace(" ", "") for word in words if word}
    long = frozenset(one for one in joined.values() if _is_long(one))
    return _Wanted(long, frozenset(word for word, one in joined.items() if not _is_long(one)))


def _is_long(word: str) -> bool:
    return len(word) - word.count(" ") >= LONG


def _standing(wanted: _Wanted, said: str) -> Iterator[str]:
    """Give the words that stand in a folded text, some more than once; of many, those are tried that begin alike."""
    within = said.replace(" ", "")
    for word in wanted.short:
        if word.replace(" ", "") in within and (
            _as_written(word).search(said) or _in_pieces(word).search(said)
        ):
            yield word
    if len(wanted.long) < MANY:
        yield from (word for word in wanted.long if word in within)
        return
    length, beginning = _beginnings(wanted.long)
    for at in range(len(within) - length + 1):
        for word in beginning.get(within[at : at + length], ()):
            if within.startswith(word, at):
                yield word


@lru_cache(maxsize=4096)
def _as_written(word: str) -> re.Pattern[str]:
    """Give a short word wherever it stands, also in longer words; the places may overlap."""
    before = _NO_DIGIT_BEFORE if word[0].isdigit() else ""
    return re.compile(f"{before}(?={re.escape(word)}{_NO_DIGIT_BEHIND if word[-1].isdigit() else ''})")


@lru_cache(maxsize=4096)
def _in_pieces(word: str) -> re.Pattern[str]:
    """Give a short word that may stand in pieces, but as whole words."""
    letters = map(re.escape, word.replace(" ", ""))
    return re.compile(rf"{_NO_DIGIT_BEFORE}(?<!\w){' ?'.join(letters)}(?!\w){_NO_DIGIT_BEHIND}")


def transcribed(said: str) -> str:
    """Give folded words as they are whether an umlaut is written as one or, as in names of files, with an e."""
    return _UMLAUT.sub(r"\1", said)


def stand_alone(words: Iterable[str], text: str) -> bool:
    """Say whether one of the words stands in a text, in pieces too (240.000, Quitten-Mus), but in no longer word."""
    said = folded(text)
    within = said.replace(" ", "")
    return any(
        joined in within and _alone(joined).search(said) is not None
        for word in words
        if (joined := word.replace(" ", ""))
    )


@lru_cache(maxsize=4096)
def _alone(joined: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){' ?'.join(map(re.escape, joined))}(?!\w)")


@lru_cache(maxsize=16)
def _beginnings(words: frozenset[str]) -> tuple[int, dict[str, list[str]]]:
    """Give the length of the shortest word, and the words by as many first characters."""
    length = min(map(len, words))
    found: dict[str, list[str]] = {}
    for word in words:
        found.setdefault(word[:length], []).append(word)
    return length, found


@dataclass(frozen=True, slots=True)
class _Placed:
    """A folded text, and where in the text as written each of its characters comes from."""

    said: str
    within: str
    """Without spaces."""
    origin: list[tuple[int, int]]
    """Of each character without spaces, the range in the text: with the accents behind it."""

    @classmethod
    def of(cls, text: str) -> "_Placed":
        """Fold a text, and remember the places."""
        ends: list[int] = []
        starts: list[int] = []
        for at, character in enumerate(text):
            form = _FORMS[ord(character)]
            if not form and ends:
                ends[-1] = at + 1
            starts += [at] * len(form)
            ends += [at + 1] * len(form)
        flat = _flat(text)
        origin = [(starts[at], ends[at]) for at, one in enumerate(flat) if not one.isspace()]
        said = " ".join(flat.split())
        return cls(said, said.replace(" ", ""), origin)

    def long(self, word: str) -> Iterator[tuple[int, int]]:
        """Give every place of a word, also of those that overlap."""
        at = self.within.find(word)
        while at >= 0:
            yield self._range(at, len(word))
            at = self.within.find(word, at + 1)

    def short(self, word: str) -> Iterator[tuple[int, int]]:
        """Give the places of a short word, whole or in pieces."""
        for pattern in (_as_written(word), _in_pieces(word)):
            for match in pattern.finditer(self.said):
                before = match.start() - self.said.count(" ", 0, match.start())
                yield self._range(before, len(word.replace(" ", "")))

    def _range(self, at: int, length: int) -> tuple[int, int]:
        return self.origin[at][0], self.origin[at + length - 1][1]


def merged(spans: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Give ranges in order, those that touch or overlap as one."""
    done: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if done and start <= done[-1][1]:
            done[-1] = (done[-1][0], max(end, done[-1][1]))
        else:
            done.append((start, end))
    return tuple(done)
