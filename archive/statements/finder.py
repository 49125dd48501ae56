"""The finder: one message in, its statements out. Deterministic; a message without a trigger costs one pass."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache

from archive.query.analysis import tokens
from archive.statements.before import Before, Looked
from archive.statements.by_points import ByPoints
from archive.statements.countries import country_of
from archive.statements.entities import Country, find_entities
from archive.statements.hits import Hit, Hits, best
from archive.statements.lexicon import Lexicon, lexicon
from archive.statements.modality import Reading
from archive.statements.model import Find, Message
from archive.statements.proposals import Proposals
from archive.statements.scanning import Scanner
from archive.statements.sentences import Sentence, sentences
from archive.statements.side_words import SideWords
from archive.statements.spans import span_of
from archive.statements.strength import strength
from archive.statements.together import together
from archive.statements.values import values_for

LOOKED_AT = 20_000
"""Characters of a text that are looked at; a longer one (a log, a base64 file) is looked at so far."""
_ANSWERS = frozenset(("acceptance", "refusal", "order_confirmation"))


class Finder:
    """Finds statements by one lexicon. Holds caches only; may be shared by threads of one process."""

    REMEMBERED = 256

    def __init__(self, words: Lexicon | None = None) -> None:
        """Take a lexicon; None: the packaged one."""
        self.lexicon = words or lexicon()
        self._scanner = Scanner(self.lexicon)
        self._meant = Reading(self.lexicon)
        self._hits = Hits(self.lexicon, self._meant)
        self._points = ByPoints(self.lexicon, self._hits, self._meant)
        self._looked = Looked(self.find, Proposals(self.lexicon.lists))
        self._stated: dict[Hashable, tuple[Find, ...]] = {}
        self._side_words = SideWords(self.lexicon.lists)
        self._gives_way = frozenset(self.lexicon.lists.get("gives_way", ()))
        patterns, rules = self.lexicon.patterns, self.lexicon.rules
        self._after: dict[tuple[str, ...], int] = {}
        for n, (rule, _) in enumerate(patterns):
            if after := rules[rule].after:
                self._after[after] = self._after.get(after, 0) | 1 << n
        self._answers = sum(self._after.values())
        self._answering = sum(1 << n for n, (rule, _) in enumerate(patterns) if rules[rule].kind in _ANSWERS)

    @property
    def version(self) -> str:
        """The version of the lexicon."""
        return self.lexicon.version

    def triggered(self, text: str) -> bool:
        """Say whether any word of a text could start a rule; without one there is no statement."""
        return self._scanner.scanned(text[:LOOKED_AT]).wanted != 0

    def answers(self, text: str) -> bool:
        """Say whether what was said before may matter to what a text states."""
        return self._scanner.scanned(text[:LOOKED_AT]).wanted & (self._answers | self._answering) != 0

    def find(self, message: Message) -> list[Find]:
        """Give the statements of a message, by place.

        What a message states by itself is remembered for a while: the next one of its thread may answer it.
        """
        asked = _alone(message)
        before = Before(self._looked, message) if message.context else None
        if before is None and (known := self._stated.get(asked)) is not None:
            return list(known)
        finds = self._find(message, before)
        if before is None or not before.mattered:
            self._stated[asked] = tuple(
                replace(one, answers=None) if one.answers is not None else one for one in finds
            )
            if len(self._stated) > self.REMEMBERED:
                del self._stated[next(iter(self._stated))]
        return finds

    def _find(self, message: Message, before: Before | None) -> list[Find]:
        text = message.text[:LOOKED_AT]
        scan = self._scanner.scanned(text)
        wanted = self._after_what(scan.wanted, before)
        if not wanted:
            return []
        sent = message.sent.date() if message.sent else None
        country = country_of(message) if "/" in text else None
        entities = find_entities(text, sent, country or Country(), scan.sorts)
        found = sentences(text, tokens(text), entities, self.lexicon.spelling.corrected)
        hits = best(
            hit for number, one in enumerate(found) for hit in self._in_sentence(number, one, wanted, before)
        )
        if not hits:
            return []
        currency = (country or country_of(message)).currency
        kept = together(
            [self._made(hit, found, text, before) for hit in hits], found, entities, self._side_words
        )
        finds = [
            replace(
                find, values=values_for(find, entities, currency, text, kept), parts=parts, strength=total
            )
            for find in kept
            for total, parts in (strength(find, entities, self._meant.firm(found, find)),)
        ]
        return sorted(finds, key=lambda one: (one.start, one.end, one.kind))

    def _in_sentence(
        self, number: int, sentence: Sentence, wanted: int, before: Before | None
    ) -> Iterator[Hit]:
        """Give what rules and points find in a sentence."""
        holds, told = (before.holds, before.kinds) if before is not None else (_nothing, frozenset[str]())
        by_rules = list(self._hits.of(number, sentence, wanted, holds))
        return self._points.weighed(number, sentence, by_rules, told)

    def _after_what(self, wanted: int, before: Before | None) -> int:
        """Leave out the patterns that only stand after what was not said before: most words answer nothing."""
        if not wanted & self._answers:
            return wanted
        if before is None:
            return wanted & ~self._answers
        for after, mask in self._after.items():
            if wanted & mask and not before.holds(after):
                wanted &= ~mask
        return wanted

    def _made(self, hit: Hit, found: Sequence[Sentence], text: str, before: Before | None) -> Find:
        """Make a find of a hit: its words, and how it is meant in view of what was said before."""
        start, end, quoted = span_of(hit, found, text, self._gives_way)
        modality, cues = hit.meaning.modality, hit.meaning.cues
        if quoted:
            modality, cues = "quoted", (*cues, "quoted: quotation marks")
        counters = hit.rule.kind == "acceptance" and modality == "conditional"
        if counters and before is not None and before.repeats(text[start:end]):
            modality, cues = "promised", (*cues, "promised: the figure that was offered")
        answers = (
            before.answered if before is not None and (hit.rule.after or hit.rule.kind in _ANSWERS) else None
        )
        return Find(
            kind=hit.rule.kind, modality=modality, start=start, end=end, strength=hit.rule.score, parts=(),
            rule=hit.rule.name, cues=cues, answers=answers,
        )  # fmt: skip


def _alone(message: Message) -> Hashable:
    """Give all on which it hangs what a message states by itself: its words, its day, and whose clock that is."""
    sent = message.sent
    clock = (sent.date(), sent.utcoffset(), getattr(sent.tzinfo, "key", "")) if sent else None
    return message.text, message.language, clock


def _nothing(_wanted: object) -> bool:
    """Nothing was said before."""
    return False


@cache
def finder() -> Finder:
    """Give the finder with the packaged lexicon, made once a process."""
    return Finder()


def one_by_one(messages: Iterable[Message]) -> Iterator[list[Find]]:
    """Give the statements of messages by the packaged lexicon, each when it is asked for."""
    return map(finder().find, messages)
