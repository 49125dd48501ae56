"""Right forms of misspelt words of the lexicon: a list, umlauts without dots, and one slip in a long word."""

from collections.abc import Iterable
from typing import Any

from archive.query.analysis import fold

SHORTEST = 6
"""Letters of a word in which a slip is forgiven."""


class Spelling:
    """Corrects one folded word at a time; what was corrected once is remembered."""

    CACHED = 1 << 16

    def __init__(self, data: dict[str, Any], known: Iterable[str]) -> None:
        """Take ``spelling.toml`` and the words of the lexicon."""
        self._known: dict[str, str] = {}
        self._given: dict[str, str] = {}
        words = {word for word in known if word.isalpha()}
        self._right = words | {fold(word) for word in data.get("right", "").split()}
        for right, wrongs in data.get("wrong", {}).items():
            for wrong in wrongs.split():
                self._given[fold(wrong)] = fold(right)
        for word in words:
            bare = word.replace("ae", "a").replace("oe", "o").replace("ue", "u")
            if bare != word and bare not in words and bare not in self._right and len(word) > 4:
                self._given.setdefault(bare, word)
        self._slips: dict[str, list[str]] = {}
        for word in map(fold, data.get("slips", "").split()):
            self._right.add(word)
            for shorter in (word, *_deletions(word)):
                self._slips.setdefault(shorter, []).append(word)

    def corrected(self, term: str) -> str:
        """Give the right form of a term, or the term itself."""
        found = self._known.get(term)
        if found is None:
            found = self._given.get(term) or self._slipped(term) or term
            if len(self._known) >= self.CACHED:
                self._known.clear()
            self._known[term] = found
        return found

    def _slipped(self, term: str) -> str | None:
        if not SHORTEST <= len(term) <= 24 or not term.isalpha() or term in self._right:
            return None
        for shorter in (term, *_deletions(term)):
            for word in self._slips.get(shorter, ()):
                if word[0] == term[0] and word[-1] == term[-1] and _near(term, word):
                    return word
        return None


def _deletions(word: str) -> list[str]:
    return [word[:n] + word[n + 1 :] for n in range(len(word))]


def _near(one: str, other: str) -> bool:
    """Say whether two words are one slip apart: a letter more, less, other, or two changed about."""
    if one == other:
        return True
    if abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    a, b = one[start:], other[start:]
    return a[1:] == b or a == b[1:] or a[1:] == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])
