"""Points of words: what else in a sentence speaks for a statement of a kind, and what against, counted and summed.

A rule says what makes a statement; it knows the sentences that somebody thought of. The points know none, but all the
words beside: ``lexicon/points/<kind>.toml`` gives each whole points, and anybody can add them up again. A rule that
matches where the points speak against it finds nothing; where they speak for a kind loudly enough, they find it without
a rule.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from archive.errors import SettingsError
from archive.statements.model import KINDS
from archive.statements.sentences import Sentence

_LENGTHS = ("<3",) * 3 + ("<6",) * 3 + ("<12",) * 6 + (">11",)
"""Words of a sentence, twelve at most → how it is written that it is so short."""
_LONG = len(_LENGTHS) - 1
_PROPOSAL = "proposal"


@dataclass(frozen=True, slots=True)
class Points:
    """The points of one kind."""

    kind: str
    base: int
    """Points before anything is read."""
    drop_below: int
    """A rule that matches where the sum is less finds nothing."""
    find_from: int
    """From here on the points find without a rule."""
    of: Mapping[str, int]
    """What may be seen in a sentence → its points."""


def read_points(file: str, data: Mapping[str, Any]) -> Points:
    """Read a file of points. Raises SettingsError that names the file and what is wrong with it."""
    kind, where = data.get("kind"), f"lexicon/{file}"
    if kind not in KINDS or not all(
        type(data.get(name)) is int for name in ("base", "drop_below", "find_from")
    ):
        raise SettingsError(f"{where}: needs a kind, and base, drop_below and find_from as whole numbers")
    of: dict[str, int] = {}
    for points, seen in data.get("points", {}).items():
        try:
            worth = int(points)
        except ValueError as error:
            raise SettingsError(f"{where}: {points!r} are no points, as in '+2' or '-3'") from error
        for one in seen.split():
            if one in of:
                raise SettingsError(f"{where}: {one} has points twice")
            of[one] = worth
    return Points(kind, data["base"], data["drop_below"], data["find_from"], of)


_LANE = 16
"""Bits of a sum in which each kind has its own: one addition a word, and not one a word and kind."""
_ZERO = 1 << _LANE - 1
"""What a sum of no points is in its bits, so that none is negative; a sentence has far too few words to leave them."""


class Evidence:
    """Sums points over sentences."""

    def __init__(self, points: Iterable[Points]) -> None:
        """Take the points of each kind that has some."""
        self.points = {one.kind: one for one in points}
        self._places = {kind: number * _LANE for number, kind in enumerate(self.points)}
        self._start = self._asked = self._loud = 0
        self._of: dict[str, int] = {}
        for kind, one in self.points.items():
            place = self._places[kind]
            self._start += one.base + _ZERO << place
            self._asked += one.find_from << place
            self._loud |= _ZERO << place
            for word, worth in one.of.items():
                self._of[word] = self._of.get(word, 0) + (worth << place)

    def total(self, sentence: Sentence, told: Collection[str]) -> int:
        """Give the points of a sentence for all kinds at once, for ``of`` and ``loud``.

        Args:
            sentence: what is weighed.
            told: what was said before, as ``Rule.after`` names it.
        """
        return self._start + sum(filter(None, map(self._of.get, seen(sentence, told))))

    def of(self, kind: str, total: int) -> int:
        """Give the points of a kind."""
        return (total >> self._places[kind]) % (2 * _ZERO) - _ZERO

    def loud(self, total: int) -> list[str]:
        """Give the kinds whose points find without a rule."""
        found = total - self._asked & self._loud
        return [kind for kind, place in self._places.items() if found >> place & _ZERO] if found else []

    def by_words(self, kind: str, sentence: Sentence) -> int:
        """Give what the words and values of a sentence alone speak for a kind, those against it left out.

        After a proposal much looks like an answer; it is one where its own words say so.
        """
        of = self.points[kind].of
        told = {unit.form for unit in sentence.units}
        worth = (max(of.get(one, 0), of.get(f"after:{_PROPOSAL}+{one}", 0)) for one in told)
        return sum(one for one in worth if one > 0)

    def reasons(self, kind: str, sentence: Sentence, told: Collection[str]) -> str:
        """Give what spoke for a kind and against it, the weightiest first: ``+4 kostet, +2 <money>, -1 gestern``."""
        of = self.points[kind].of
        found = sorted(((of[one], one) for one in seen(sentence, told) if one in of), key=_weightiest)
        return ", ".join(f"{worth:+} {one}" for worth, one in found)


def _weightiest(one: tuple[int, str]) -> tuple[int, str]:
    return -abs(one[0]), one[1]


def seen(sentence: Sentence, told: Collection[str]) -> set[str]:
    """Give all of a sentence that may have points.

    Its words and values (``kostet``, ``<money>``), how short it is (``<6`` words), the mark at its end (``?``), what
    was said before it (``after:proposal``), and its words where that was a proposal (``after:proposal+passt``).
    """
    forms = [unit.form for unit in sentence.units if unit.form != ","]
    found = set(forms)
    found.add(_LENGTHS[min(len(forms), _LONG)])
    if sentence.question:
        found.add("?")
    if sentence.exclaimed:
        found.add("!")
    if told:
        found.update(f"after:{one}" for one in told)
        if _PROPOSAL in told:
            found.update(f"after:{_PROPOSAL}+{form}" for form in forms)
    return found
