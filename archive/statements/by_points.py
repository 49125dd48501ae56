"""What the points of words say to the matches of rules: some they take out, and some they find themselves."""

from collections.abc import Collection, Iterator, Sequence

from archive.statements.clauses import Clauses, Range
from archive.statements.evidence import Evidence, Points
from archive.statements.hits import Hit, Hits
from archive.statements.lexicon import Lexicon, Rule
from archive.statements.modality import Reading
from archive.statements.sentences import Sentence

_SCORE = 40
"""How sure a find by points is, as a rule says it."""
_SAID_AS = {"refusal": "refused"}
"""Kind → how it is meant if no cue says otherwise; else it is promised."""


class ByPoints:
    """Weighs sentences by the points of their words."""

    def __init__(self, lexicon: Lexicon, hits: Hits, meant: Reading) -> None:
        """Take a lexicon, who cuts sentences into clauses, and who reads cues."""
        self._evidence = Evidence(lexicon.points)
        self._hits, self._meant = hits, meant
        lists = lexicon.lists
        self._lead, self._trail = frozenset(lists["lead"]), frozenset(lists["trail"])
        self._rules = {
            kind: Rule(f"points: {kind}", kind, (), modality=_SAID_AS.get(kind), score=_SCORE)
            for kind in self._evidence.points
        }

    def weighed(
        self, number: int, sentence: Sentence, hits: Sequence[Hit], told: Collection[str]
    ) -> Iterator[Hit]:
        """Give the matches in a sentence against which the points do not speak, and what the points find.

        Args:
            number: of the sentence in its message.
            sentence: where the rules matched.
            hits: their matches.
            told: what was said before, as ``Rule.after`` names it.
        """
        evidence = self._evidence
        total, kinds = evidence.total(sentence, told), set()
        for hit in hits:
            points = evidence.points.get(hit.rule.kind)
            if points is None or evidence.of(points.kind, total) >= points.drop_below:
                kinds.add(hit.rule.kind)
                yield hit
        clauses: Clauses | None = None
        for kind in evidence.loud(total):
            if kind not in kinds and evidence.by_words(kind, sentence) >= evidence.points[kind].find_from:
                clauses = clauses or self._hits.clauses(sentence)
                found = self._found(evidence.points[kind], number, clauses, told)
                if found is not None:
                    yield found

    def _found(self, points: Points, number: int, clauses: Clauses, told: Collection[str]) -> Hit | None:
        """Give a find by points over the clauses that speak for it; None when a cue says that it is no statement."""
        first, last = self._clauses_for(points, clauses)
        rule = self._rules[points.kind]
        start, end = clauses.span(first, last, self._lead, self._trail)
        meaning = self._meant.of(rule, clauses, (start, end))
        if meaning is None:
            return None
        reasons = self._evidence.reasons(points.kind, clauses.sentence, told)
        meaning = meaning.because(f"points: {reasons}")
        return Hit(rule, number, first, last, meaning.start, meaning.end, meaning)

    def _clauses_for(self, points: Points, clauses: Clauses) -> Range:
        """Give the units of the clause that speaks loudest, and of those beside it that speak for it too."""
        worth = [
            sum(points.of.get(form, 0) for form in {u.form for u in clauses.sentence.units[first : last + 1]})
            for first, last in clauses.ranges
        ]
        low = high = max(range(len(worth)), key=lambda n: worth[n])
        while low > 0 and worth[low - 1] > 0:
            low -= 1
        while high + 1 < len(worth) and worth[high + 1] > 0:
            high += 1
        return clauses.ranges[low][0], clauses.ranges[high][1]
