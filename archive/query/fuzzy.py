"""Words written nearly so: ``%word`` allows one change, ``%%word`` two.

A change is a character put in, left out, or replaced, or two neighbours exchanged (optimal string alignment). It is
counted on folded terms. ``%`` needs four characters and ``%%`` seven: of shorter words, too much would be near.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

SHORTEST = {1: 4, 2: 7}
"""Changes → characters that the word must have."""


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """A term with at most ``distance`` changes."""

    term: str
    distance: int


class Contained(Protocol):
    """A vocabulary that can be asked for parts of its terms."""

    def containing(self, text: str) -> Iterator[str]:
        """Return the terms that contain a text; a leading or trailing line feed binds it to that end."""
        ...


class FuzzyTest:
    """The test of a word written nearly so. A sign @ or # is never skipped."""

    def __init__(self, fuzzy: Fuzzy) -> None:
        self._word, self._distance = fuzzy.term, fuzzy.distance
        self._known: dict[str, bool] = {}

    def accepts(self, term: str) -> bool:
        """Say whether a term is near enough."""
        known = self._known.get(term)
        if known is None:
            near = term[:1] not in ("@", "#") and abs(len(term) - len(self._word)) <= self._distance
            known = self._known[term] = near and within(self._word, term, self._distance)
        return known

    def candidates(self, vocabulary: Contained) -> Iterator[str]:
        """Return terms among which are all that are near enough.

        Of a word cut into one piece more than there are changes, one piece is untouched, or a change exchanged
        the neighbours at a cut: then the same holds for the word so exchanged, with one change less.
        """
        yield from _candidates(self._word, self._distance, vocabulary)


def _candidates(word: str, changes: int, vocabulary: Contained) -> Iterator[str]:
    if not changes:
        yield from vocabulary.containing(f"\n{word}\n")
        return
    cuts = [len(word) * n // (changes + 1) for n in range(changes + 2)]
    for start, end in pairwise(cuts):
        yield from vocabulary.containing(word[start:end])
    for cut in cuts[1:-1]:
        exchanged = word[: cut - 1] + word[cut] + word[cut - 1] + word[cut + 1 :]
        yield from _candidates(exchanged, changes - 1, vocabulary)


def within(left: str, right: str, most: int) -> bool:
    """Say whether two words differ by at most ``most`` changes."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > most and (not before or min(before) > most):
            return False
    return row[-1] <= most
