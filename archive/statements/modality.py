"""How a statement is meant: the cues around it, questions, and quotation marks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from archive.statements.clauses import Clauses, Range
from archive.statements.lexicon import Cue, Lexicon, Rule
from archive.statements.model import Find
from archive.statements.sentences import Sentence

_ORDER = ("quoted", "hypothetical_or_joke", "requested", "negated", "refused", "conditional")
"""Of several cues the first of these decides."""

_NEGATED = frozenset(
    ("order", "order_confirmation", "acceptance", "cancellation", "reservation", "objection", "defect_admission",
     "confirmation_letter")
)  # fmt: skip
"""Declarations that are no promises: who says no to them negates."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """The modality, why, and the span with the condition that belongs to it (units [start, end])."""

    modality: str
    cues: tuple[str, ...]
    start: int
    end: int

    def because(self, reason: str) -> "Meaning":
        """Give it with one reason more."""
        return replace(self, cues=(*self.cues, reason))


@dataclass(frozen=True, slots=True)
class _Seen:
    """A cue that was seen: units [first, last] of the sentence."""

    cue: Cue
    words: str
    first: int
    last: int


class Reading:
    """Reads modality by the cues of a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        """Sort the cues by what they decide."""
        self._lexicon = lexicon
        self._firm = [cue for cue in lexicon.cues if cue.modality == "firm"]
        lists = lexicon.lists
        self._tags_agree = frozenset(lists["tags_agree"])
        self._tags_confirm = frozenset(lists["tags_confirm"])

    def of(self, rule: Rule, clauses: Clauses, span: Range, core: Range | None = None) -> Meaning | None:
        """Give the meaning of a match; None when a cue says that it is no statement.

        Args:
            rule: what matched.
            clauses: of its sentence.
            span: the units of the statement.
            core: those of them in whose clauses cues stand, where the span goes on to what it speaks of; else the span.
        """
        seen = list(self._seen(rule, clauses, core or span))
        if any(one.cue.modality == "drop" for one in seen):
            return None
        start, end = span
        base = rule.modality or "promised"
        found = {one.cue.modality: one for one in reversed(seen) if one.cue.modality in _ORDER}
        cues = tuple(f"{one.cue.modality}: {one.words}" for one in seen if one.cue.modality in _ORDER)
        told = any(one.cue.modality == "told" for one in seen)
        if rule.fixed:
            modality = "quoted" if "quoted" in found else base
            return None if told and modality == "promised" else Meaning(modality, cues, start, end)
        modality = next((name for name in _ORDER if name in found), base)
        if modality == base or _ORDER.index(modality) > 2:
            asked = self._asked(clauses, span)
            if asked:
                modality, cues = "requested", (*cues, asked)
        if told and modality == "promised":
            return None
        if modality == "refused" and rule.kind in _NEGATED:
            modality = "negated"
        if base == "refused" and modality in ("negated", "promised"):
            modality = "refused"
        if modality == "quoted" and "quoted" in found:
            start = _what_was_said(clauses, (start, end), found["quoted"])
        if modality == "conditional" and "conditional" in found:
            start, end = self._with_condition(clauses, (start, end), found["conditional"])
        return Meaning(modality, cues, start, end)

    def _seen(self, rule: Rule, clauses: Clauses, span: Range) -> Iterator[_Seen]:
        """Give the cues in reach, without those that a ``keep`` hides."""
        sentence, triggers = clauses.sentence, self._lexicon.cue_triggers
        if clauses.cued is None:
            clauses.cued = triggers.patterns(triggers.table.of.together(sentence.forms))
        mask = clauses.cued
        reach = {
            "clause": clauses.over(*span),
            "near": clauses.over(*span, around=1),
            "sentence": list(range(len(clauses.ranges))),
        }
        reach["message"] = reach["sentence"]
        found: list[_Seen] = []
        while mask:
            bit = mask & -mask
            mask ^= bit
            number, pattern = self._lexicon.cue_patterns[bit.bit_length() - 1]
            cue = self._lexicon.cues[number]
            if (cue.kinds is not None and rule.kind not in cue.kinds) or not reach[cue.scope]:
                continue
            allowed = reach[cue.scope]
            low, high = clauses.ranges[allowed[0]][0], clauses.ranges[allowed[-1]][1]
            for hit in pattern.regex.finditer(sentence.line):
                first = sentence.unit_at(hit.start("body"))
                last = sentence.unit_at(max(hit.start("body"), hit.end("body") - 2))
                if not low <= first <= last <= high + 1 or _of_the_next(cue, sentence, span, first):
                    continue
                if not _barred(cue, clauses, first, last):
                    found.append(_Seen(cue, hit["body"].strip(" ,"), first, last))
        hidden = [one for one in found if one.cue.modality == "keep"]
        for one in found:
            inside = any(
                keep.first <= one.first
                and one.last <= keep.last
                and (keep.cue.hides is None or one.cue.modality in keep.cue.hides)
                for keep in hidden
            )
            if one.cue.modality not in ("keep", "firm") and not inside:
                yield one

    def _asked(self, clauses: Clauses, span: Range) -> str | None:
        """Say why a span is asked for: the question mark of its sentence reaches it."""
        sentence = clauses.sentence
        if not sentence.question:
            return None
        ranges = list(clauses.ranges)
        tag = self._tag(sentence, ranges[-1])
        if tag == "agree":
            ranges.pop()
            return None
        if tag == "confirm" and len(ranges) > 1:
            return f"requested: {sentence.units[-1].form}?"
        touched = clauses.over(*span)
        if touched and touched[-1] == len(ranges) - 1:
            return "requested: ?"
        return None

    def _tag(self, sentence: Sentence, last: Range) -> str | None:
        words = " ".join(unit.form for unit in sentence.units[last[0] : last[1] + 1])
        for name, tags in (("agree", self._tags_agree), ("confirm", self._tags_confirm)):
            if words in {tag.replace("_", " ") for tag in tags}:
                return name
        tail = sentence.units[-1].form
        if last[1] > last[0] and tail in self._tags_agree:
            return "agree"
        return None

    def _with_condition(self, clauses: Clauses, span: Range, seen: _Seen) -> Range:
        """Widen a span by the clauses of its condition, when they lie directly beside it."""
        own, other = clauses.over(*span), clauses.over(seen.first, seen.last)
        if not own or not other or set(other) <= set(own):
            return span
        if other[0] - own[-1] <= 1 and own[0] - other[-1] <= 1:
            first, last = clauses.ranges[other[0]]
            return min(span[0], first), max(span[1], last)
        return span

    def firm(self, found: Sequence[Sentence], find: Find) -> list[str]:
        """Give the words that make a find firm: ``verbindlich``, ``versprochen``, ``in writing``."""
        words: list[str] = []
        for sentence in found:
            if (
                not sentence.units
                or sentence.units[0].start >= find.end + 60
                or sentence.units[-1].end <= find.start
            ):
                continue
            for cue in self._firm:
                words += [
                    hit["body"].strip(" ,") for p in cue.find for hit in p.regex.finditer(sentence.line)
                ]
        return words


_AND = frozenset(("und", "and", "plus"))


def _of_the_next(cue: Cue, sentence: Sentence, span: Range, first: int) -> bool:
    """Say whether a condition is that of what follows: ``I bring it on Friday and if it wobbles I mend it``."""
    return cue.modality == "conditional" and first > span[1] and sentence.units[first - 1].form in _AND


def _barred(cue: Cue, clauses: Clauses, first: int, last: int) -> bool:
    """Say whether something stands beside the words of a cue that must not."""
    if not cue.without:
        return False
    words = clauses.words(first, last)
    return any(words.holds(pattern) for pattern in cue.without)


_LEADS_IN = 1
"""Units before the words of reporting that may stand at the beginning of a span."""
_SAID = 3
"""Units of what was said at least."""
_THAT = frozenset(("dass", "that", ",", "doch", "mir", "uns", "me", "us"))


def _what_was_said(clauses: Clauses, span: Range, seen: _Seen) -> int:
    """Give the start of what is reported, where the words of reporting begin a span: ``er sagte, morgen ist es da``."""
    start, end = span
    units, at = clauses.sentence.units, seen.last + 1
    if not start - _LEADS_IN <= seen.first <= start + _LEADS_IN:
        return start
    while at <= end and units[at].form in _THAT:
        at += 1
    return at if end - at + 1 >= _SAID else start
