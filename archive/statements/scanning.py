"""The one pass over the words of every text: which patterns could start in it, and which values it may hold."""

import re
from dataclasses import dataclass

from archive.query.analysis import terms
from archive.statements.lexicon import Lexicon, sorts_of
from archive.statements.patterns import SORTS
from archive.statements.triggers import Remembered

_SORTS = (*SORTS, "count", "unit")
_FLAG = {sort: 1 << number for number, sort in enumerate(_SORTS)}
_FLAGS = (1 << len(_SORTS)) - 1
_COUNT, _UNIT = _FLAG["count"], _FLAG["unit"]
"""Set by digits and number words: without one of them there are dates and periods at most."""
_BEHIND = 2
"""Words behind a number in which its unit stands, if it has one: ``3 wo``, ``3 volle wo``; not ``at three``."""
_SURE_STOPS = re.compile(r"[!?]+|\n(?!\s*[-*•–]\s*\d)|(?<=[^\W\d]{5})\.\s")
"""Where a sentence ends for sure, before its figures and dates are known: no abbreviation, no number."""
_STOPS = frozenset("!?.\n")
"""One of these is in every such end."""
_CENTS = re.compile(r",(?:\d\d|-|–)(?!\d)")
_THURSDAY = re.compile(r"\b(?:am|bis|ab|oder|[Mm]i/|und) [Dd]o\b")


@dataclass(frozen=True, slots=True)
class Scan:
    """What a text may hold."""

    sorts: frozenset[str]
    """The sorts of values that its words may make."""
    wanted: int
    """The patterns that one of its sentences alone could start, as bits; no rule reaches from one into the next."""


class Scanner:
    """Says of a text which patterns of a lexicon could start in it, as bits. Holds caches only."""

    def __init__(self, lexicon: Lexicon) -> None:
        """Take a lexicon."""
        self._triggers, self._spelling = lexicon.triggers, lexicon.spelling
        self._masks = Remembered(self._mask)
        self._known_sorts: dict[int, tuple[frozenset[str], int]] = {}
        self._sorts = {sort: self._triggers.table.of[f"<{sort}>"] for sort in SORTS}
        rules = lexicon.rules
        self._last: tuple[str, Scan] = "", Scan(frozenset(), 0)
        self._asked = sum(1 << n for n, (rule, _) in enumerate(lexicon.patterns) if rules[rule].asked)

    def scanned(self, text: str) -> Scan:
        """Give what a text may hold, by one pass over its words; the last text is remembered."""
        known, found = self._last
        if known != text:
            found = self._scan(text)
            self._last = text, found
        return found

    def _scan(self, text: str) -> Scan:
        parts = [text] if _STOPS.isdisjoint(text) else _SURE_STOPS.split(text)
        sums = [self._masks.together(terms(part)) for part in parts]
        total = 0
        for found in sums:
            total |= found
        asked = "?" in text
        names, wanted = self._patterns(text, total, asked=asked)
        if len(parts) > 1 and wanted:
            whole, wanted = wanted, 0
            for part, found in zip(parts, sums, strict=True):
                wanted |= self._patterns(part, found, asked=asked)[1] & whole
        return Scan(names, wanted)

    def _patterns(self, part: str, found: int, *, asked: bool) -> tuple[frozenset[str], int]:
        """Give the sorts of values that words may make, and the patterns of which everything is there."""
        sorts, found = found & _FLAGS, found >> len(_SORTS)
        if "%" in part:
            sorts |= _FLAG["percent"]
        if "@" in part or "à" in part or ("," in part and _CENTS.search(part)):
            sorts |= _FLAG["money"]
        if (" do" in part or " Do" in part) and _THURSDAY.search(part):
            sorts |= _FLAG["date"]
        if not sorts & _COUNT:
            sorts &= _FLAG["date"] | _FLAG["period"]
        elif sorts & _UNIT and self._measured(part):
            sorts |= _FLAG["period"]
        names, bits = self._of_sorts(sorts)
        wanted = self._triggers.patterns(found | bits)
        return names, wanted if asked else wanted & ~self._asked

    def _measured(self, part: str) -> bool:
        """Say whether a unit of time stands behind a number."""
        flags = [self._masks[term] for term in terms(part)]
        return any(
            flag & _UNIT and any(one & _COUNT for one in flags[max(0, at - _BEHIND) : at])
            for at, flag in enumerate(flags)
        )

    def _mask(self, term: str) -> int:
        """Give the bits of a word above those of the sorts of values that it may be a part of."""
        mask = self._triggers.table.of[self._spelling.corrected(term)] << len(_SORTS)
        for sort in sorts_of(term):
            mask |= _FLAG[sort]
        return mask

    def _of_sorts(self, sorts: int) -> tuple[frozenset[str], int]:
        """Give names and bits of the values that a text may hold; there are few combinations."""
        known = self._known_sorts.get(sorts)
        if known is None:
            names = frozenset(sort for sort, flag in _FLAG.items() if sorts & flag)
            bits = 0
            for sort in names & self._sorts.keys():
                bits |= self._sorts[sort]
            if "period" in names:
                bits |= self._sorts["years"]
            known = self._known_sorts[sorts] = names, bits
        return known
