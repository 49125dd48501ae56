"""The one pass over the words of every text: which patterns could start in it, and which values it may hold."""

import re

from archive.query.analysis import terms
from archive.statements.lexicon import Lexicon, sorts_of
from archive.statements.patterns import SORTS

_SORTS = (*SORTS, "count")
_FLAG = {sort: 1 << number for number, sort in enumerate(_SORTS)}
_FLAGS = (1 << len(_SORTS)) - 1
_COUNT = _FLAG["count"]
"""Set by digits and number words: without one of them there are dates and periods at most."""
_SURE_STOPS = re.compile(r"[!?]+|\n(?!\s*[-*•–]\s*\d)|(?<=[^\W\d]{5})\.\s")
"""Where a sentence ends for sure, before its figures and dates are known: no abbreviation, no number."""
_CENTS = re.compile(r",(?:\d\d|-|–)(?!\d)")
_THURSDAY = re.compile(r"\b(?:am|bis|ab|oder|[Mm]i/|und) [Dd]o\b")


class Scanner:
    """Says of a text which patterns of a lexicon could start in it, as bits. Holds caches only."""

    CACHED = 1 << 17

    def __init__(self, lexicon: Lexicon) -> None:
        """Take a lexicon."""
        self._triggers, self._spelling = lexicon.triggers, lexicon.spelling
        self._masks: dict[str, int] = {}
        self._known_sorts: dict[int, tuple[frozenset[str], int]] = {}
        self._sorts = {sort: self._triggers.table.of(f"<{sort}>") for sort in SORTS}
        rules = lexicon.rules
        self._asked = sum(1 << n for n, (rule, _) in enumerate(lexicon.patterns) if rules[rule].asked)

    def wanted(self, text: str) -> int:
        """Give the patterns that the words of a text could start."""
        return self.scanned(text)[1]

    def scanned(self, text: str) -> tuple[frozenset[str], int]:
        """Give the sorts of values that a text may hold, and the patterns that its words could start."""
        masks, found = self._masks, 0
        for term in terms(text):
            mask = masks.get(term)
            if mask is None:
                mask = self._mask(term)
            found |= mask
        sorts, found = found & _FLAGS, found >> len(_SORTS)
        if "%" in text:
            sorts |= _FLAG["percent"]
        if "@" in text or "à" in text or ("," in text and _CENTS.search(text)):
            sorts |= _FLAG["money"]
        if _THURSDAY.search(text):
            sorts |= _FLAG["date"]
        if not sorts & _COUNT:
            sorts &= _FLAG["date"] | _FLAG["period"]
        names, bits = self._of_sorts(sorts)
        wanted = self._triggers.patterns(found | bits)
        return names, wanted if "?" in text else wanted & ~self._asked

    def within_sentences(self, text: str, wanted: int) -> int:
        """Keep what one sentence alone could start: a rule never reaches from one into the next."""
        if not wanted:
            return 0
        parts = _SURE_STOPS.split(text)
        if len(parts) < 2:
            return wanted
        found = 0
        for part in parts:
            found |= self.wanted(part if "?" not in text else f"{part}?")
        return found & wanted

    def _mask(self, term: str) -> int:
        """Give the bits of a word above those of the sorts of values that it may be a part of."""
        if len(self._masks) >= self.CACHED:
            self._masks.clear()
        mask = self._triggers.table.of(self._spelling.corrected(term)) << len(_SORTS)
        for sort in sorts_of(term):
            mask |= _FLAG[sort]
        self._masks[term] = mask
        return mask

    def _of_sorts(self, sorts: int) -> tuple[frozenset[str], int]:
        """Give names and bits of the values that a text may hold; there are few combinations."""
        known = self._known_sorts.get(sorts)
        if known is None:
            names = frozenset(sort for sort, flag in _FLAG.items() if sorts & flag)
            bits = 0
            for sort in names & self._sorts.keys():
                bits |= self._sorts[sort]
            if "num" in names:
                bits |= self._sorts["sum"]
            known = self._known_sorts[sorts] = names, bits
        return known
