"""The exact words of a find: its clause, what quotation marks hold of it, and the question that is its condition."""

import re
from collections.abc import Sequence

from archive.statements.hits import Hit
from archive.statements.sentences import Sentence

_QUOTES = re.compile(r"[\"“„»«]([^\"“”„»«\n]{3,600})[\"“”«»]|(?<!\w)['‚‘]([^'‘’\n]{8,300})['’‘](?!\w)")
_QUOTED_LINE = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
_ENDS = " \t\n.,;:!?…"
_CASES = frozenset(("warranty", "return_refund"))
"""Kinds whose case may stand as a question before: ``Reißt die Naht? Dann nähe ich sie gratis nach``."""
_SHORT_QUESTION = 14


def span_of(
    hit: Hit, found: Sequence[Sentence], text: str, gives_way: frozenset[str]
) -> tuple[int, int, bool]:
    """Give the characters [start, end) of a hit, and whether they stand in quotation marks.

    Args:
        hit: what matched.
        found: the sentences of the text.
        text: as written.
        gives_way: folded words that say that a thing breaks.
    """
    units = found[hit.sentence].units
    start, end = units[hit.start].start, units[hit.end].end
    inside = quotation(text, start, end) or quotation(text, units[hit.first].start, units[hit.last].end)
    if inside is not None:
        start, end = max(start, inside[0]), min(end, inside[1])
    elif hit.rule.kind in _CASES and hit.sentence and hit.meaning.modality == "promised":
        start = _case_before(found[hit.sentence - 1], gives_way, start)
    return start, start + len(text[start:end].rstrip(_ENDS)), inside is not None


def quotation(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Give the characters inside the quotation marks around most of [start, end), if there are some."""
    for match in (*_QUOTES.finditer(text), *_QUOTED_LINE.finditer(text)):
        first, last = match.span(match.lastindex or 0)
        covered = min(end, last) - max(start, first)
        if covered * 2 > end - start and " " in text[first:last].strip():
            return first, last
    return None


def _case_before(sentence: Sentence, gives_way: frozenset[str], start: int) -> int:
    """Give the start of a short question before that names the case, else ``start``."""
    asks = sentence.question and len(sentence.units) <= _SHORT_QUESTION
    return sentence.units[0].start if asks and any(u.form in gives_way for u in sentence.units) else start
