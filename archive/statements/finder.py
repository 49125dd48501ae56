"""The finder: one message in, its statements out. Deterministic; a message without a trigger costs one pass."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from archive.query.analysis import terms, tokens
from archive.statements.clauses import Clauses
from archive.statements.countries import country_of
from archive.statements.entities import Entity, find_entities
from archive.statements.lexicon import Lexicon, Rule, lexicon, value_words
from archive.statements.model import Find, Message
from archive.statements.modality import Meaning, Reading
from archive.statements.patterns import Pattern
from archive.statements.sentences import Sentence, sentences
from archive.statements.sides import together
from archive.statements.strength import strength
from archive.statements.values import values_for

LOOKED_AT = 20_000
"""Characters of a text that are looked at; a longer one (a log, a base64 file) is looked at so far."""

_MATCHES = 3
"""Times that one pattern may match in a sentence."""


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


class Finder:
    """Finds statements by one lexicon. Holds caches only; may be shared by threads of one process."""

    CACHED = 1 << 17

    def __init__(self, words: Lexicon | None = None) -> None:
        """Take a lexicon; None: the packaged one."""
        self.lexicon = words or lexicon()
        self._masks: dict[str, int] = {}
        self._entities = 0
        for sort in ("money", "rate", "percent", "date", "period", "qty", "order", "product", "num", "time"):
            self._entities |= self.lexicon.table.of(f"<{sort}>")
        self._answers = sum(1 << n for n, rule in enumerate(self.lexicon.rules) if rule.after)
        lists = self.lexicon.lists
        self._joints, self._openers = frozenset(lists["joints"]), frozenset(lists["openers"])
        self._lead, self._trail = frozenset(lists["lead"]), frozenset(lists["trail"])
        self._meant = Reading(self.lexicon)

    @property
    def version(self) -> str:
        """The version of the lexicon."""
        return self.lexicon.version

    def find(self, message: Message) -> list[Find]:
        """Give the statements of a message, by place."""
        text = message.text[:LOOKED_AT]
        wanted = self._wanted(text)
        if not message.context:
            wanted &= ~self._answers
        if not wanted:
            return []
        country = country_of(message)
        sent = message.sent.date() if message.sent else None
        entities = find_entities(text, sent, country)
        found = sentences(text, tokens(text), entities, self.lexicon.spelling.corrected)
        asked = _Context(self, message, sent) if message.context else None
        hits = [hit for number, one in enumerate(found) for hit in self._hits(number, one, wanted, asked, text)]
        hits = _best(hits)
        meant = [self._made(hit, found, text, entities, asked) for hit in hits]
        currency = country.currency
        finds = [
            replace(find, values=values_for(find, text, entities, currency), parts=parts, strength=total)
            for find in together(meant, found, entities)
            for total, parts in (strength(find, entities, self._meant.firm(found, find)),)
        ]
        return sorted(finds, key=lambda one: (one.start, one.end, one.kind))

    def _wanted(self, text: str) -> int:
        """Give the rules that any word of a text could start, as bits: the one pass over every text."""
        masks, found, digit = self._masks, 0, False
        for term in terms(text):
            mask = masks.get(term)
            if mask is None:
                mask = self._mask(term)
            found |= mask
        if not digit and self._entities & ~found and (_DIGIT.search(text) or not found and False):
            found |= self._entities
        return found

    def _mask(self, term: str) -> int:
        if len(self._masks) >= self.CACHED:
            self._masks.clear()
        right = self.lexicon.spelling.corrected(term)
        mask = self.lexicon.table.of(right)
        if term in value_words():
            mask |= self._entities
        self._masks[term] = mask
        return mask

    def _hits(
        self, number: int, sentence: Sentence, wanted: int, asked: "_Context | None", text: str
    ) -> Iterator[Hit]:
        mask = 0
        for unit in sentence.units:
            mask |= self.lexicon.table.of(unit.form)
        mask &= wanted
        clauses: Clauses | None = None
        while mask:
            bit = mask & -mask
            mask ^= bit
            rule = self.lexicon.rules[bit.bit_length() - 1]
            for first, last in _matches(rule.find, sentence):
                clauses = clauses or Clauses(sentence, self._joints, self._openers)
                hit = self._judged(rule, number, clauses, first, last, asked, text)
                if hit is not None:
                    yield hit

    def _judged(
        self, rule: Rule, number: int, clauses: Clauses, first: int, last: int, asked: "_Context | None", text: str
    ) -> Hit | None:  # fmt: skip
        """Give a match as a hit, if what must and must not stand beside it says so."""
        sentence = clauses.sentence
        if rule.without and _any(rule.without, clauses.line(clauses.over(first, last))):
            return None
        if rule.after and (asked is None or not asked.holds(rule.after)):
            return None
        start, end = first, last
        if rule.beside:
            near = clauses.over(first, last, around=1)
            if not near:
                return None
            low, high = clauses.ranges[near[0]][0], clauses.ranges[near[-1]][1]
            places = [
                (a, b) for a, b in _matches(rule.beside, sentence) if low <= a and b <= high and not first <= a <= b <= last
            ] or [(a, b) for a, b in _matches(rule.beside, sentence) if low <= a and b <= high]  # fmt: skip
            if not places:
                return None
            nearest = min(places, key=lambda one: min(abs(one[0] - last), abs(one[1] - first)))
            start, end = min(start, nearest[0]), max(end, nearest[1])
        if not rule.tight:
            start, end = clauses.span(start, end, self._lead, self._trail)
            if rule.kind == "confirmation_letter":
                end = len(sentence.units) - 1
            elif rule.kind == "deadline":
                end = clauses.follows(end, _CONSEQUENCE)
        meaning = self._meant.of(rule, clauses, (first, last), (start, end), text)
        if meaning is None:
            return None
        return Hit(rule, number, first, last, meaning.start, meaning.end, meaning)

    def _made(
        self, hit: Hit, found: list[Sentence], text: str, entities: list[Entity], asked: "_Context | None"
    ) -> Find:
        units = found[hit.sentence].units
        start, end = units[hit.start].start, units[hit.end].end
        quotes = self._meant.quotation(text, start, end)
        modality, cues = hit.meaning.modality, hit.meaning.cues
        if quotes is not None:
            start, end = max(start, quotes[0]), min(end, quotes[1])
            modality, cues = "quoted", (*cues, "quoted: quotation marks")
        end = start + len(text[start:end].rstrip(" \t\n.,;:!?…"))
        answers = asked.answered if asked is not None and (hit.rule.after or hit.rule.kind in _ANSWERS) else None
        return Find(
            kind=hit.rule.kind, modality=modality, start=start, end=end, strength=hit.rule.score, parts=(),
            rule=hit.rule.name, cues=cues, answers=answers,
        )  # fmt: skip


_CONSEQUENCE = frozenset("sonst ansonsten andernfalls danach dann otherwise or after failing then".split())  # noqa: SIM905
"""What begins the clause that says what follows a time limit."""
_DIGIT = re.compile(r"\d")
_ANSWERS = frozenset(("acceptance", "refusal", "order_confirmation"))
_PROPOSALS = frozenset(("promised", "conditional", "requested"))


class _Context:
    """What the last message of somebody else was about; looked at only when a rule asks."""

    def __init__(self, finder: Finder, message: Message, sent: date | None) -> None:
        self._finder, self._message, self._sent = finder, message, sent
        self._kinds: frozenset[str] | None = None
        self.answered: int | None = None

    def holds(self, wanted: Iterable[str]) -> bool:
        """Say whether it held one of these kinds, a ``proposal``, or with ``ask:kind`` a question for it."""
        if self._kinds is None:
            self._kinds = self._look()
        return not self._kinds.isdisjoint(wanted)

    def _look(self) -> frozenset[str]:
        message = self._message
        others = [
            (n, said) for n, said in enumerate(reversed(message.context)) if said.sender != message.sender
        ]
        for place, said in others[:1]:
            if self._finder._meant.meets(said.text):
                break
            earlier = Message(said.text, said.sender, message.sent, (), message.language)
            finds = self._finder.find(earlier)
            kinds = {find.kind for find in finds if find.modality in _PROPOSALS}
            asks = {f"ask:{find.kind}" for find in finds if find.modality == "requested"}
            if kinds or self._finder._meant.proposes(said.text):
                kinds.add("proposal")
            self.answered = place
            return frozenset(kinds | asks)
        return frozenset()


def _matches(patterns: Sequence[Pattern], sentence: Sentence) -> list[tuple[int, int]]:
    """Give the units [first, last] of the matches, each pattern ``_MATCHES`` times at most."""
    found: list[tuple[int, int]] = []
    for pattern in patterns:
        for number, match in enumerate(pattern.regex.finditer(sentence.line)):
            if number >= _MATCHES:
                break
            first = sentence.unit_at(match.start("body"))
            last = sentence.unit_at(max(match.start("body"), match.end("body") - 2))
            while first < last and sentence.units[first].form == ",":
                first += 1
            while last > first and sentence.units[last].form == ",":
                last -= 1
            found.append((first, last))
    return found


def _any(patterns: Sequence[Pattern], line: str) -> bool:
    return any(pattern.regex.search(line) for pattern in patterns)


def _best(hits: list[Hit]) -> list[Hit]:
    """Of hits of one kind that overlap keep the surer, then the longer match."""
    chosen: list[Hit] = []
    for hit in sorted(hits, key=lambda one: (-one.rule.score, one.first - one.last, one.first)):
        if not any(
            hit.rule.kind == other.rule.kind
            and hit.sentence == other.sentence
            and hit.start <= other.end
            and other.start <= hit.end
            for other in chosen
        ):
            chosen.append(hit)
    return sorted(chosen, key=lambda one: (one.sentence, one.start))


@cache
def finder() -> Finder:
    """Give the finder with the packaged lexicon, made once a process."""
    return Finder()
