"""Releases: an item goes out though it tells words that are withheld of another, for somebody looked at both."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from archive.services.kept_back import KEPT
from archive.services.session import Session
from schemas.matter import Redaction, Selection

Marks = tuple[tuple[str, ...], tuple[tuple[int, int], ...]]


@dataclass(slots=True)
class Releases:
    """What was released in a matter, and what of it fell since."""

    standing: dict[int, set[int]] = field(default_factory=dict)
    """Item → the items whose words it may tell; itself where files go out that could not be looked into."""
    fallen: set[tuple[int, int]] = field(default_factory=set)
    """(item, the item from which it was released) where a later decision ended it."""
    _marks: dict[int, Marks] = field(default_factory=dict)

    def select(self, one: Selection) -> None:
        """Take in that somebody decided on whole items."""
        for source in one.items:
            self._end(source)
        if one.decision in KEPT:
            self._end_files()

    def redact(self, one: Redaction) -> None:
        """Take in that somebody decided what of an item is withheld, or released it."""
        marks = one.facets, one.spans
        if self._marks.get(one.item, ((), ())) != marks:
            self._marks[one.item] = marks
            self._end(one.item)
            if any(marks):
                self._end_files()
        if one.released:
            self.standing.setdefault(one.item, set()).update(one.released)
            self.fallen.difference_update((one.item, source) for source in one.released)
        elif not any(marks):
            self.standing.pop(one.item, None)
            self.fallen = {pair for pair in self.fallen if pair[0] != one.item}

    def _end(self, source: int) -> None:
        """Whoever looked at both saw other words of the source than are withheld now."""
        for item, sources in self.standing.items():
            if source in sources and source != item:
                sources.remove(source)
                self.fallen.add((item, source))

    def _end_files(self) -> None:
        """Whoever looked into a file looked for other words."""
        for item, sources in self.standing.items():
            if item in sources:
                sources.remove(item)
                self.fallen.add((item, item))


def releases(session: Session, matter: str, before: int | None = None) -> Releases:
    """Fold the decisions of a matter in the order of the ledger; those below ``before``, if it is given."""
    found = Releases()
    for index, body in sorted(decisions_on(session, matter), key=lambda one: one[0]):
        if before is not None and index >= before:
            break
        if isinstance(body, Selection):
            found.select(body)
        else:
            found.redact(body)
    return found


def decisions_on(session: Session, matter: str) -> Iterator[tuple[int, Selection | Redaction]]:
    """Give (index, decision) of every one on an item of a matter, first those on whole items."""
    for kind in ("selection", "decision"):
        for index, body in session.bodies(kind, "matter"):
            if isinstance(body, Selection | Redaction) and body.matter == matter:
                yield index, body
