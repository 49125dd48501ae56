"""Where the rules of a lexicon match in a sentence, and which of the matches stand."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from archive.statements.clauses import Clauses, ClauseWords, Range, Words
from archive.statements.lexicon import Lexicon, Rule
from archive.statements.modality import Meaning, Reading
from archive.statements.patterns import Pattern
from archive.statements.sentences import Sentence

_MATCHES = 3
"""Times that one pattern may match in a sentence."""
_WHOLE = {"acceptance": 12, "refusal": 12, "warranty": 24, "objection": 24}
"""Kind → units, less one, up to which it is one statement, whatever of it several rules saw.

A short answer is one; a warranty takes in its case: ``if the seal leaks, we replace it``.
"""

_BY_VALUE = frozenset(("price",))
"""Kinds that are where their value is: of ``the price holds, 18.50 a user`` the amount."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that matched: units [first, last] of a sentence matched, [start, end] is the span."""

    rule: Rule
    sentence: int
    first: int
    last: int
    start: int
    end: int
    meaning: Meaning


class Hits:
    """Finds where rules match."""

    def __init__(self, lexicon: Lexicon, meant: Reading) -> None:
        """Take a lexicon, and who reads its cues."""
        self._lexicon, self._meant = lexicon, meant
        lists = lexicon.lists
        self._clause_words = ClauseWords(
            *(frozenset(lists[name]) for name in ("joints", "openers", "breaks", "starts", "gives_way"))
        )
        self._barred: dict[str, tuple[frozenset[str], re.Pattern[str]]] = {}
        self._lead, self._trail = frozenset(lists["lead"]), frozenset(lists["trail"])

    def clauses(self, sentence: Sentence) -> Clauses:
        """Cut a sentence into clauses by the words of the lexicon."""
        return Clauses(sentence, self._clause_words)

    def of(
        self, number: int, sentence: Sentence, wanted: int, told: Callable[[Iterable[str]], bool]
    ) -> Iterator[Hit]:
        """Give the matches in a sentence.

        Args:
            number: of the sentence in its message.
            sentence: where to look.
            wanted: the patterns that are tried, as bits.
            told: says whether what was said before holds one of these, as ``Rule.after`` names it.
        """
        triggers = self._lexicon.triggers
        mask = triggers.patterns(triggers.table.of.together(sentence.forms)) & wanted
        clauses: Clauses | None = None
        while mask:
            bit = mask & -mask
            mask ^= bit
            rule, pattern = self._lexicon.patterns[bit.bit_length() - 1]
            for first, last in matches(pattern, sentence):
                clauses = clauses or self.clauses(sentence)
                hit = self._judged(self._lexicon.rules[rule], number, clauses, (first, last), told)
                if hit is not None:
                    yield hit

    def _bars(self, rule: Rule, part: Words) -> bool:
        """Say whether something stands in clauses that must not stand beside a rule."""
        found = self._barred.get(rule.name)
        if found is None:
            words: frozenset[str] = frozenset().union(*(one.plain for one in rule.without if one.plain))
            sources = [one.source.replace("(?P<body>", "(?:") for one in rule.without if not one.plain]
            found = self._barred[rule.name] = words, re.compile("|".join(sources) or "(?!)")
        words, pattern = found
        return not words.isdisjoint(part.forms) or pattern.search(part.line) is not None

    def _stands(
        self, rule: Rule, sentence: Sentence, part: Words, told: Callable[[Iterable[str]], bool]
    ) -> bool:
        """Say whether a rule may match in clauses: nothing bars it, what it needs is there, its points suffice."""
        if rule.asked and not sentence.question:
            return False
        if rule.without and self._bars(rule, part):
            return False
        if rule.needs and not any(part.holds(pattern) for pattern in rule.needs):
            return False
        if rule.after and not told(rule.after):
            return False
        return not rule.weigh or _outweighs(rule, part)

    def _judged(
        self, rule: Rule, number: int, clauses: Clauses, match: Range, told: Callable[[Iterable[str]], bool]
    ) -> Hit | None:  # fmt: skip
        """Give a match as a hit, if what must and must not stand beside it says so."""
        part = clauses.words(*((0, len(clauses.sentence.units) - 1) if rule.whole else match))
        stands = clauses.judged.get((rule.name, id(part)))
        if stands is None:
            stands = clauses.judged[rule.name, id(part)] = self._stands(rule, clauses.sentence, part, told)
        if not stands:
            return None
        span = _beside(rule, clauses, *match)
        if span is None:
            return None
        core = span
        if not rule.tight:
            start, end = clauses.span(*span, self._lead, self._trail)
            core = span = start, end
            if rule.modality in (None, "promised"):
                span = clauses.reaches_back(span, rule.kind), clauses.widened(end, rule.kind)
        meaning = self._meant.of(rule, clauses, span, core)
        if meaning is None:
            return None
        end = meaning.end
        if rule.kind == "delivery" and meaning.modality == "refused":
            end = clauses.before_another_date(meaning.start, end)
        return Hit(rule, number, *match, meaning.start, end, meaning)


def _beside(rule: Rule, clauses: Clauses, first: int, last: int) -> Range | None:
    """Give the units from what matched to what must stand beside it; None where nothing of it stands."""
    if not rule.beside:
        return first, last
    near = clauses.over(first, last, around=1)
    if not near:
        return None
    low, high = clauses.ranges[near[0]][0], clauses.ranges[near[-1]][1]
    inside = [
        (a, b)
        for pattern in rule.beside
        for a, b in matches(pattern, clauses.sentence)
        if low <= a and b <= high
    ]
    places = [(a, b) for a, b in inside if not first <= a <= b <= last] or inside
    if not places:
        return None
    nearest = min(places, key=lambda one: min(abs(one[0] - last), abs(one[1] - first)))
    if rule.kind in _BY_VALUE and clauses.over(first, last) != clauses.over(*nearest):
        valued = any(unit.entity is not None for unit in clauses.sentence.units[nearest[0] : nearest[1] + 1])
        return nearest if valued else (first, last)
    if clauses.apart((first, last), nearest):
        return first, last
    return min(first, nearest[0]), max(last, nearest[1])


_NO_MATCHES: Sequence[Range] = ()


def matches(pattern: Pattern, sentence: Sentence) -> Sequence[Range]:
    """Give the units [first, last] of the first matches of a pattern."""
    regex = pattern.regex
    if regex.search(sentence.line) is None:
        return _NO_MATCHES
    found: list[Range] = []
    units = sentence.units
    for match in islice(regex.finditer(sentence.line), _MATCHES):
        first = sentence.unit_at(match.start("body"))
        last = sentence.unit_at(max(match.start("body"), match.end("body") - 2))
        while first < last and units[first].form == ",":
            first += 1
        while last > first and units[last].form == ",":
            last -= 1
        found.append((first, last))
    return found


def _outweighs(rule: Rule, part: Words) -> bool:
    """Say whether the points of a rule suffice; what could no longer change that is not looked for."""
    total, still = 0, sum(points for points, _ in rule.weigh if points > 0)
    for points, pattern in rule.weigh:
        held = part.holds(pattern)
        if held:
            total += points
        if points > 0:
            still -= points
        if total + still < rule.least:
            return False
    return total >= rule.least


def best(hits: Iterable[Hit]) -> list[Hit]:
    """Give the hits that stand, by place: of those of one kind that overlap the surer, then the longer match."""
    chosen: list[Hit] = []
    for hit in sorted(hits, key=lambda one: (-one.rule.score, one.first - one.last, one.first)):
        over = next((n for n, other in enumerate(chosen) if _over(hit, other)), None)
        if over is None:
            chosen.append(hit)
        elif hit.rule.kind in _WHOLE and hit.meaning.modality == chosen[over].meaning.modality:
            other = chosen[over]
            if max(hit.end, other.end) - min(hit.start, other.start) < _WHOLE[hit.rule.kind]:
                chosen[over] = replace(other, start=min(hit.start, other.start), end=max(hit.end, other.end))
    return sorted(chosen, key=lambda one: (one.sentence, one.start))


def _over(one: Hit, other: Hit) -> bool:
    """Say whether two hits are of one kind and share words."""
    same = one.rule.kind == other.rule.kind and one.sentence == other.sentence
    return same and one.start <= other.end and other.start <= one.end
