"""What the catalogue answers about statements: a projection by one lexicon, and what people decided about them."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from archive.statements.model import Find, Message
from schemas.statement import StatementDecision

FindAll = Callable[[Iterable[Message]], Iterable[Sequence[Find]]]
"""Gives the statements of each message, in their order; it may ask for some messages ahead."""


@dataclass(frozen=True, slots=True)
class Stated:
    """A find of an item, as the catalogue keeps it. ``item`` and ``number`` name it: 57.1 is the first of item 57."""

    item: int
    number: int
    kind: str
    modality: str
    start: int
    end: int
    strength: int
    rule: str
    parts: tuple[tuple[str, int], ...]
    cues: tuple[str, ...]
    values: dict[str, Any]
    answers: int | None
    """The item that it answers."""


class StatementLists(Protocol):
    """The part of the catalogue that knows statements."""

    @property
    def lexicon(self) -> str | None:
        """The version of the lexicon by which all statements were found; None when they must be found anew."""
        ...

    def find_statements_again(self) -> int:
        """Find the statements of every item by the lexicon at hand; give how many items were looked at."""
        ...

    def statements(
        self, *, kinds: Collection[str] = (), modalities: Collection[str] = (), least: int = 0
    ) -> tuple[Stated, ...]:
        """Return the finds of these kinds and modalities (none: all) of at least this strength, by item."""
        ...

    def statements_of(self, items: Sequence[int]) -> tuple[Stated, ...]:
        """Return the finds of items."""
        ...

    def answers_to(self, items: Sequence[int]) -> tuple[Stated, ...]:
        """Return the finds that answer one of these items."""
        ...

    def statement_decisions(self) -> tuple[tuple[int, StatementDecision], ...]:
        """Return every decision on a statement with the index of its record, in order of the ledger."""
        ...
