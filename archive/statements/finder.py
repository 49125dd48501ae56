"""The finder: one message in, its statements out. Deterministic; a message without a trigger costs one pass."""

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from itertools import islice

from archive.query.analysis import terms, tokens
from archive.statements.clauses import Clauses
from archive.statements.countries import country_of
from archive.statements.entities import find_entities
from archive.statements.lexicon import Lexicon, Rule, lexicon, sorts_of
from archive.statements.modality import Meaning, Reading
from archive.statements.model import Find, Message
from archive.statements.patterns import SORTS, Pattern
from archive.statements.sentences import Sentence, sentences
from archive.statements.together import together
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
    LOOKED = 512

    def __init__(self, words: Lexicon | None = None) -> None:
        """Take a lexicon; None: the packaged one."""
        self.lexicon = words or lexicon()
        self._masks: dict[str, int] = {}
        self._known_sorts: dict[int, tuple[frozenset[str], int]] = {}
        self._sorts = {sort: self.lexicon.triggers.table.of(f"<{sort}>") for sort in SORTS}
        patterns = self.lexicon.patterns
        rules = self.lexicon.rules
        self._after: dict[tuple[str, ...], int] = {}
        for n, (rule, _) in enumerate(patterns):
            if after := rules[rule].after:
                self._after[after] = self._after.get(after, 0) | 1 << n
        self._asked = sum(1 << n for n, (rule, _) in enumerate(patterns) if rules[rule].asked)
        self._answers = sum(self._after.values())
        self._looked: OrderedDict[Message, frozenset[str] | None] = OrderedDict()
        self._answering = sum(1 << n for n, (rule, _) in enumerate(patterns) if rules[rule].kind in _ANSWERS)
        lists = self.lexicon.lists
        self._joints, self._openers = frozenset(lists["joints"]), frozenset(lists["openers"])
        self._breaks = frozenset(lists["breaks"])
        self._lead, self._trail = frozenset(lists["lead"]), frozenset(lists["trail"])
        self._meant = Reading(self.lexicon)

    @property
    def version(self) -> str:
        """The version of the lexicon."""
        return self.lexicon.version

    def triggered(self, text: str) -> bool:
        """Say whether any word of a text could start a rule; without one there is no statement."""
        return self._wanted(text[:LOOKED_AT]) != 0

    def answers(self, text: str) -> bool:
        """Say whether what was said before may matter to what a text states."""
        return self._wanted(text[:LOOKED_AT]) & (self._answers | self._answering) != 0

    def find(self, message: Message) -> list[Find]:
        """Give the statements of a message, by place."""
        text = message.text[:LOOKED_AT]
        asked = _Context(self, message) if message.context else None
        sorts, wanted = self._scanned(text)
        wanted = self._within_sentences(text, self._after_what(wanted, asked))
        if not wanted:
            return []
        country = country_of(message)
        sent = message.sent.date() if message.sent else None
        entities = find_entities(text, sent, country, sorts)
        found = sentences(text, tokens(text), entities, self.lexicon.spelling.corrected)
        hits = [hit for number, one in enumerate(found) for hit in self._hits(number, one, wanted, asked)]
        hits = _best(hits)
        meant = [self._made(hit, found, text, asked) for hit in hits]
        currency = country.currency
        kept = together(meant, found, entities)
        finds = [
            replace(find, values=values_for(find, entities, currency, kept), parts=parts, strength=total)
            for find in kept
            for total, parts in (strength(find, entities, self._meant.firm(found, find)),)
        ]
        return sorted(finds, key=lambda one: (one.start, one.end, one.kind))

    def _after_what(self, wanted: int, asked: "_Context | None") -> int:
        """Leave out the patterns that only stand after what was not said before: most words answer nothing."""
        if not wanted & self._answers:
            return wanted
        if asked is None:
            return wanted & ~self._answers
        for after, mask in self._after.items():
            if wanted & mask and not asked.holds(after):
                wanted &= ~mask
        return wanted

    def told(self, said: Message) -> frozenset[str] | None:
        """Give what a message may be answered about, as ``Rule.after`` names it; None: nothing is, for it is of another
        matter. Remembered for a while, for the next message asks again."""
        if said in self._looked:
            self._looked.move_to_end(said)
            return self._looked[said]
        found = self._looked[said] = self._look(said)
        if len(self._looked) > self.LOOKED:
            self._looked.popitem(last=False)
        return found

    def _look(self, said: Message) -> frozenset[str] | None:
        if self._meant.meets(said.text):
            return None
        finds = self.find(said)
        kinds = {find.kind for find in finds if find.modality in _PROPOSALS}
        asks = {f"ask:{find.kind}" for find in finds if find.modality == "requested"}
        if any(_proposal(find, said.text) for find in finds) or self._meant.proposes(said.text, asks=asks):
            kinds.add("proposal")
        if "proposal" not in kinds:
            kinds |= {f"only:{ask.removeprefix('ask:')}" for ask in asks}
        return frozenset(kinds | asks)

    def _wanted(self, text: str) -> int:
        """Give the patterns that the words of a text could start, as bits."""
        return self._scanned(text)[1]

    def _scanned(self, text: str) -> tuple[frozenset[str], int]:
        """Give the sorts of entities that a text may hold, and those patterns: the one pass over every text."""
        masks, found = self._masks, 0
        for term in terms(text):
            mask = masks.get(term)
            if mask is None:
                mask = self._mask(term)
            found |= mask
        sorts, found = found & _FLAGS, found >> len(_SORTS)
        if "%" in text:
            sorts |= _FLAG["percent"]
        if "," in text and _CENTS.search(text):
            sorts |= _FLAG["money"]
        if "@" in text or "à" in text:
            sorts |= _FLAG["money"]
        if _THURSDAY.search(text):
            sorts |= _FLAG["date"]
        if not sorts & _COUNT:
            sorts &= _FLAG["date"] | _FLAG["period"]
        names, bits = self._of_sorts(sorts)
        wanted = self.lexicon.triggers.patterns(found | bits)
        return names, wanted if "?" in text else wanted & ~self._asked

    def _within_sentences(self, text: str, wanted: int) -> int:
        """Keep what one sentence alone could start: a rule never reaches from one into the next."""
        if not wanted:
            return 0
        parts = _SURE_STOPS.split(text)
        if len(parts) < 2:
            return wanted
        found = 0
        for part in parts:
            found |= self._wanted(part if "?" not in text else f"{part}?")
        return found & wanted

    def _mask(self, term: str) -> int:
        """Give the bits of a word above those of the sorts of entities that it may be a part of."""
        if len(self._masks) >= self.CACHED:
            self._masks.clear()
        mask = self.lexicon.triggers.table.of(self.lexicon.spelling.corrected(term)) << len(_SORTS)
        for sort in sorts_of(term):
            mask |= _FLAG[sort]
        self._masks[term] = mask
        return mask

    def _of_sorts(self, sorts: int) -> tuple[frozenset[str], int]:
        """Give names and bits of the entities that a text may hold; there are few combinations."""
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

    def _hits(self, number: int, sentence: Sentence, wanted: int, asked: "_Context | None") -> Iterator[Hit]:
        triggers, bits = self.lexicon.triggers, 0
        for unit in sentence.units:
            bits |= triggers.table.of(unit.form)
        mask = triggers.patterns(bits) & wanted
        clauses: Clauses | None = None
        while mask:
            bit = mask & -mask
            mask ^= bit
            rule, pattern = self.lexicon.patterns[bit.bit_length() - 1]
            for first, last in matches(pattern, sentence):
                clauses = clauses or Clauses(sentence, self._joints, self._openers, self._breaks)
                hit = self._judged(self.lexicon.rules[rule], number, clauses, first, last, asked)
                if hit is not None:
                    yield hit

    def _judged(
        self, rule: Rule, number: int, clauses: Clauses, first: int, last: int, asked: "_Context | None"
    ) -> Hit | None:  # fmt: skip
        """Give a match as a hit, if what must and must not stand beside it says so."""
        if rule.without and _any(rule.without, clauses.line(clauses.over(first, last))):
            return None
        if rule.asked and not clauses.sentence.question:
            return None
        if rule.after and (asked is None or not asked.holds(rule.after)):
            return None
        span = self._beside(rule, clauses, first, last)
        if span is None:
            return None
        if not rule.tight:
            start, end = clauses.span(*span, self._lead, self._trail)
            span = start, clauses.widened(end, rule.kind)
        meaning = self._meant.of(rule, clauses, span)
        if meaning is None:
            return None
        return Hit(rule, number, first, last, meaning.start, meaning.end, meaning)

    def _beside(self, rule: Rule, clauses: Clauses, first: int, last: int) -> tuple[int, int] | None:
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
        if clauses.apart((first, last), nearest):
            return first, last
        return min(first, nearest[0]), max(last, nearest[1])

    def _made(self, hit: Hit, found: list[Sentence], text: str, asked: "_Context | None") -> Find:
        units = found[hit.sentence].units
        start, end = units[hit.start].start, units[hit.end].end
        seen = units[hit.first].start, units[hit.last].end
        quotes = self._meant.quotation(text, start, end) or self._meant.quotation(text, *seen)
        modality, cues = hit.meaning.modality, hit.meaning.cues
        if quotes is not None:
            start, end = max(start, quotes[0]), min(end, quotes[1])
            modality, cues = "quoted", (*cues, "quoted: quotation marks")
        end = start + len(text[start:end].rstrip(" \t\n.,;:!?…"))
        counters = hit.rule.kind == "acceptance" and modality == "conditional"
        if counters and asked is not None and asked.repeats(text[start:end]):
            modality, cues = "promised", (*cues, "promised: the figure that was offered")
        answers = (
            asked.answered if asked is not None and (hit.rule.after or hit.rule.kind in _ANSWERS) else None
        )
        return Find(
            kind=hit.rule.kind, modality=modality, start=start, end=end, strength=hit.rule.score, parts=(),
            rule=hit.rule.name, cues=cues, answers=answers,
        )  # fmt: skip


_SORTS = (*SORTS, "count")
_FLAG = {sort: 1 << number for number, sort in enumerate(_SORTS)}
_FLAGS = (1 << len(_SORTS)) - 1
_COUNT = _FLAG["count"]
"""Set by digits and number words: without one of them there are dates and periods at most."""
_SURE_STOPS = re.compile(r"[!?\n]+|(?<=[^\W\d]{5})\.\s")
"""Where a sentence ends for sure, before its figures and dates are known: no abbreviation, no number."""
_CENTS = re.compile(r",(?:\d\d|-|–)(?!\d)")
_THURSDAY = re.compile(r"\b(?:am|bis|ab|oder|[Mm]i/|und) [Dd]o\b")
_FIGURES = re.compile(r"\d+(?:[.,]\d+)*")
_BUT = re.compile(
    r"\b(?:aber|wenn|falls|sofern|nur|statt|dafür|but|if|only|provided|unless|instead|allerdings)\b", re.I
)
_ANSWERS = frozenset(("acceptance", "refusal", "order_confirmation"))
_PROPOSALS = frozenset(("promised", "conditional", "requested"))
_ASKED_FOR = frozenset(
    ("warranty", "delivery", "price", "return_refund", "liability_penalty", "property_assurance", "exclusivity", "discount_payment",
     "payment_promise", "quantity")
)  # fmt: skip
"""Who only asks for one of these, without a figure of his own, proposes nothing: a yes answers his question."""
_TERMS = frozenset(
    (
        "offer",
        "price",
        "discount_payment",
        "quantity",
        "exclusivity",
        "liability_penalty",
        "return_refund",
        "order",
    )
)
"""Kinds that propose a term when they are promised; a promised delivery or warranty is told, and needs no yes."""


def _proposal(find: Find, text: str) -> bool:
    if find.modality == "conditional":
        return True
    if find.modality == "requested":
        return find.kind not in _ASKED_FOR
    return find.modality == "promised" and (find.kind in _TERMS or "?" in text)


class _Context:
    """What the last message of somebody else was about; looked at only when a rule asks."""

    def __init__(self, finder: Finder, message: Message) -> None:
        self._finder, self._message = finder, message
        self._kinds: frozenset[str] | None = None
        self.answered: int | None = None

    def holds(self, wanted: Iterable[str]) -> bool:
        """Say whether it held one of these kinds, a ``proposal``, or with ``ask:kind`` a question for it."""
        if self._kinds is None:
            self._kinds = self._look()
        return not self._kinds.isdisjoint(wanted)

    def repeats(self, words: str) -> bool:
        """Say whether words hold figures, all of them those of the message before, and no ``but`` or ``if``."""
        figures = set(_FIGURES.findall(words))
        said = next((s.text for s in reversed(self._message.context) if s.sender != self._message.sender), "")
        return bool(figures) and figures <= set(_FIGURES.findall(said)) and not _BUT.search(words)

    def _look(self) -> frozenset[str]:
        message = self._message
        others = [
            (n, said) for n, said in enumerate(reversed(message.context)) if said.sender != message.sender
        ]
        for place, said in others[:1]:
            told = self._finder.told(Message(said.text, "", _day(message.sent), (), message.language))
            if told is None:
                break
            self.answered = place
            return told
        return frozenset()


def _day(sent: datetime | None) -> datetime | None:
    """Give the day alone: by it dates are resolved, and messages of one day ask about the same words often."""
    return sent.replace(hour=12, minute=0, second=0, microsecond=0) if sent else None


def matches(pattern: Pattern, sentence: Sentence) -> list[tuple[int, int]]:
    """Give the units [first, last] of the first matches of a pattern."""
    found: list[tuple[int, int]] = []
    units = sentence.units
    for match in islice(pattern.regex.finditer(sentence.line), _MATCHES):
        first = sentence.unit_at(match.start("body"))
        last = sentence.unit_at(max(match.start("body"), match.end("body") - 2))
        while first < last and units[first].form == ",":
            first += 1
        while last > first and units[last].form == ",":
            last -= 1
        found.append((first, last))
    return found


def _any(patterns: Sequence[Pattern], line: str) -> bool:
    return any(pattern.regex.search(line) for pattern in patterns)


def _best(hits: list[Hit]) -> list[Hit]:
    """Of hits of one kind that overlap keep the surer, then the longer match."""
    chosen: list[Hit] = []
    for hit in sorted(hits, key=lambda one: (-one.rule.score, one.first - one.last, one.first)):
        over = next((n for n, other in enumerate(chosen) if _over(hit, other)), None)
        if over is None:
            chosen.append(hit)
        elif hit.rule.kind in _WHOLE and hit.meaning.modality == chosen[over].meaning.modality:
            other = chosen[over]
            if max(hit.end, other.end) - min(hit.start, other.start) < _SHORT_ANSWER:
                chosen[over] = replace(other, start=min(hit.start, other.start), end=max(hit.end, other.end))
    return sorted(chosen, key=lambda one: (one.sentence, one.start))


def _over(one: Hit, other: Hit) -> bool:
    """Say whether two hits are of one kind and share words."""
    same = one.rule.kind == other.rule.kind and one.sentence == other.sentence
    return same and one.start <= other.end and other.start <= one.end


_WHOLE = frozenset(("acceptance", "refusal"))
"""Kinds of which a short answer is one statement, whatever of it several rules saw."""
_SHORT_ANSWER = 12
"""Units of such an answer, less one."""


@cache
def finder() -> Finder:
    """Give the finder with the packaged lexicon, made once a process."""
    return Finder()
