"""Phrases of withheld words, to be told to a person where they stand again."""

import re
from collections.abc import Iterator
from itertools import islice

from archive.redaction.folding import folded

PHRASE = 6
"""Words in a row that hardly anybody says twice by chance; a formula ("vielen Dank für Ihre …") may have as many."""
_WORD = re.compile(r"\w+")


class Phrases:
    """Knows every phrase of some texts, as numbers."""

    def __init__(self) -> None:
        self._known: set[int] = set()

    def add(self, text: str, *, every: int = 1) -> None:
        """Remember the phrases of a text, or, of a long one, as many as must meet any ``PHRASE + every - 1`` words."""
        self._known.update(islice(_phrases(text), None, None, every))

    def stand_in(self, text: str) -> bool:
        """Say whether one of them stands in a text."""
        return bool(self._known) and not self._known.isdisjoint(_phrases(text))


def _phrases(text: str) -> Iterator[int]:
    words = _WORD.findall(folded(text))
    return (hash(tuple(words[at : at + PHRASE])) for at in range(len(words) - PHRASE + 1))
