"""Clauses of a sentence, and spans over them: the shortest connected words that hold a statement."""

from collections.abc import Sequence
from dataclasses import dataclass

from archive.statements.patterns import Pattern
from archive.statements.sentences import Sentence, Unit
from archive.statements.span_kinds import (
    BRIEF,
    BRIEF_KINDS,
    CASE,
    CASE_BEFORE,
    CASED,
    ELSE,
    GOES_ON,
    INFINITIVE,
    POINTS_BACK,
    REASON,
    SHORT_REMARK,
    SPOKEN_OF,
    TO_DO,
)

Range = tuple[int, int]
"""Units [first, last]."""

_MOST = 9
"""Units beside what matched that still belong to a span; a longer clause is cut there."""


_STRETCH = 14
"""Units without a comma above which a stretch is read as several clauses."""
_BETWEEN = 2
"""Units, less one, that a clause in such a stretch has at least."""
_LEADS_ON = frozenset(
    ("<date>", "<period>", "<years>", "<money>", "<rate>", "<qty>", "<num>", "<sum>", "<percent>")
)
"""What may stand between a joint and the word that shows that it begins a clause: ``and Friday we``."""
_SUBJECTS = frozenset(("ich", "wir", "du", "ihr", "sie", "er", "es", "man"))
_MIDDLE = frozenset(
    ("nicht", "nich", "net", "ned", "nid", "kein", "keine", "keinen", "keinerlei", "erst", "nur", "leider")
)
"""Between these a word that begins clauses does not: the verb stands before it."""
_COMPLAINT = 24
"""Units of a sentence up to which a complaint goes to its end: it says what was to be, and what is."""
_FRAGMENT = 4
"""Units less one from which a part between commas counts as a clause of its own."""

_VALUES = frozenset(("<money>", "<rate>", "<qty>", "<num>", "<sum>"))
"""A clause that begins with one of these goes on with an order or offer: ``our order: 25 pieces``."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of neighbouring clauses: their forms, and their line."""

    forms: frozenset[str]
    line: str

    def holds(self, pattern: Pattern) -> bool:
        """Say whether a pattern stands among them."""
        if pattern.plain is not None:
            return not pattern.plain.isdisjoint(self.forms)
        return pattern.regex.search(self.line) is not None


@dataclass(frozen=True, slots=True)
class ClauseWords:
    """The words of the lexicon at which sentences are cut."""

    joints: frozenset[str]
    """They begin a clause where one of ``openers`` follows."""
    openers: frozenset[str]
    breaks: frozenset[str]
    """They always begin one."""
    starts: frozenset[str]
    """They begin one in a long stretch without a comma, as dictated text has it."""
    gives_way: frozenset[str]
    """They say that a thing breaks."""


def _flowing(units: Sequence[Unit]) -> set[int]:
    """Give the units of stretches without a comma that are too long to be one clause."""
    found: set[int] = set()
    first = 0
    for at in range(len(units) + 1):
        if at == len(units) or units[at].form == ",":
            if at - first > _STRETCH:
                found.update(range(first, at))
            first = at + 1
    return found


class Clauses:
    """The clauses of one sentence, in order, without gaps but for commas."""

    def __init__(self, sentence: Sentence, words: "ClauseWords") -> None:
        """Cut a sentence at its commas and where the words of the lexicon begin a clause."""
        self.sentence = sentence
        self.ranges: list[Range] = []
        self.judged: dict[tuple[str, int], bool] = {}
        """(rule, words of clauses, by identity) → whether the rule may match in them; these live as long as it does."""
        self.cued: int | None = None
        """The patterns of cues that may stand in the sentence, as bits; None: not looked for yet."""
        self._words: dict[Range, Words] = {}
        self._gives_way = words.gives_way
        start = 0
        units = sentence.units
        flowing = _flowing(units)
        for at, unit in enumerate(units):
            if unit.form == ",":
                self._add(start, at - 1)
                start = at + 1
            elif at > start and (
                self._begins(at, words)
                or (at - start > _BETWEEN and at in flowing and unit.form in words.starts)
            ):
                self._add(start, at - 1)
                start = at
        self._add(start, len(units) - 1)

    def _begins(self, at: int, words: "ClauseWords") -> bool:
        units = self.sentence.units
        if units[at].form in words.breaks:
            return not self._inside(at)
        if units[at].form not in words.joints or at + 1 >= len(units):
            return False
        follows = units[at + 1]
        valued = follows.form in _LEADS_ON and at + 2 < len(units) and units[at + 2].form in words.openers
        return follows.form in words.openers or valued

    def _inside(self, at: int) -> bool:
        """Say whether a word that begins clauses stands inside one: ``können wir aber nicht geben``."""
        units = self.sentence.units
        follows = units[at + 1].form if at + 1 < len(units) else ""
        return units[at - 1].form in _SUBJECTS and follows in _MIDDLE

    def _add(self, first: int, last: int) -> None:
        if first <= last:
            self.ranges.append((first, last))

    def over(self, first: int, last: int, *, around: int = 0) -> list[int]:
        """Give the numbers of the clauses that units [first, last] touch, and ``around`` more on each side."""
        touched = [n for n, (a, b) in enumerate(self.ranges) if a <= last and first <= b]
        if not touched:
            return []
        return list(range(max(0, touched[0] - around), min(len(self.ranges), touched[-1] + 1 + around)))

    def apart(self, one: Range, other: Range) -> bool:
        """Say whether two matches stand in clauses of their own; a mere fragment (``am Dienstag``) is none."""
        first, second = self.over(*one), self.over(*other)
        if not first or not second or set(second) <= set(first):
            return False
        return all(self.ranges[n][1] - self.ranges[n][0] >= _FRAGMENT for n in second if n not in first)

    def words(self, first: int, last: int) -> Words:
        """Give the words of the clauses that units [first, last] touch."""
        numbers = self.over(first, last)
        if not numbers:
            return _NO_WORDS
        key = numbers[0], numbers[-1]
        found = self._words.get(key)
        if found is None:
            low, high = self.ranges[key[0]][0], self.ranges[key[1]][1]
            forms = frozenset(unit.form for unit in self.sentence.units[low : high + 1])
            found = self._words[key] = Words(forms, self._part(low, high))
        return found

    def _part(self, first: int, last: int) -> str:
        """Give the line of units [first, last]."""
        sentence = self.sentence
        end = sentence.starts[last] + len(sentence.units[last].form) + 1
        return sentence.line[sentence.starts[first] - 1 : end]

    def follows(self, last: int, words: frozenset[str]) -> int:
        """Give the end of the next clause if it begins with one of these forms, else ``last``."""
        numbers = self.over(last, last)
        after = numbers[-1] + 1 if numbers else len(self.ranges)
        if after < len(self.ranges) and self.sentence.units[self.ranges[after][0]].form in words:
            return self.ranges[after][1]
        return last

    def widened(self, last: int, kind: str) -> int:
        """Give the end of a span of a kind that goes on behind its clause.

        A letter of confirmation and a complaint go to the end of their sentence, a time limit over what follows it,
        an order or offer over what it names.
        """
        if kind == "confirmation_letter" or (kind == "objection" and len(self.sentence.units) <= _COMPLAINT):
            return len(self.sentence.units) - 1
        if self._brief(kind):
            return len(self.sentence.units) - 1
        if kind in TO_DO:
            return self._to_do(last)
        if kind in CASED:
            return self.follows(last, CASE)
        return self.follows(last, GOES_ON[kind] | _VALUES) if kind in GOES_ON else last

    def _to_do(self, last: int) -> int:
        """Give the end of the next clause if it only says what is to be done: ``…, Ihr Angebot anzunehmen``."""
        numbers = self.over(last, last)
        after = numbers[-1] + 1 if numbers else len(self.ranges)
        if after >= len(self.ranges):
            return last
        low, high = self.ranges[after]
        units = self.sentence.units
        done = INFINITIVE.fullmatch(units[high].form) is not None
        apart = high > low and units[high - 1].form == "zu" and units[high].form.endswith("n")
        return high if done or apart else last

    def reaches_back(self, span: Range, kind: str) -> int:
        """Give the start of a span; of a short remark on what was said before it, the clause that says it."""
        start, end = span
        if self._brief(kind):
            return 0
        if kind in CASED:
            return self._case_before(start, kind)
        if kind not in SPOKEN_OF or end - start > SHORT_REMARK:
            return start
        numbers = self.over(start, end)
        if self.sentence.units[start].form not in POINTS_BACK or not numbers or numbers[0] == 0:
            return start
        return self.ranges[numbers[0] - 1][0]

    def _brief(self, kind: str) -> bool:
        """Say whether a sentence is so short that all of it is the answer: ``gefällt mir, machen wir``."""
        units = self.sentence.units
        return kind in BRIEF_KINDS and len(units) <= BRIEF and not any(u.form.startswith("<") for u in units)

    def _case_before(self, start: int, kind: str) -> int:
        """Give the start of the clauses before a place that are its case, else the place."""
        numbers, units = self.over(start, start), self.sentence.units
        if not numbers:
            return start
        for number in range(numbers[0] - 1, -1, -1):
            first, last = self.ranges[number]
            if start - first > CASE_BEFORE:
                break
            if any(unit.form in CASE for unit in units[first : min(last, first + 1) + 1]):
                return first
            if number == numbers[0] - 1 and self._breaks(kind, first, last, start):
                return first
        return start

    def _breaks(self, kind: str, first: int, last: int, start: int) -> bool:
        """Say whether the clause before a warranty says that something breaks, without an ``if``."""
        units = self.sentence.units
        if units[start].form in ELSE:
            return True
        if kind != "warranty" or units[first].form in REASON:
            return False
        return any(unit.form in self._gives_way for unit in units[first : last + 1])

    def before_another_date(self, start: int, end: int) -> int:
        """Give the end of a span before the clause that names a second date: ``not on Monday, Tuesday then``."""
        dated, before = False, end
        for low, high in (self.ranges[number] for number in self.over(start, end)):
            if any(unit.form == "<date>" for unit in self.sentence.units[max(low, start) : high + 1]):
                if dated:
                    return before
                dated = True
            before = high
        return end

    def span(self, first: int, last: int, lead: frozenset[str], trail: frozenset[str]) -> Range:
        """Give the clauses around units [first, last] without the words that only lead in or trail off."""
        numbers = self.over(first, last)
        if not numbers:
            return first, last
        start, end = self.ranges[numbers[0]][0], self.ranges[numbers[-1]][1]
        start, end = max(start, first - _MOST), min(end, last + _MOST)
        units = self.sentence.units
        while start < first and (units[start].form in lead or units[start].form == ","):
            start += 1
        while end > last and (units[end].form in trail or units[end].form == ","):
            end -= 1
        return start, end


_NO_WORDS = Words(frozenset(), " ")
