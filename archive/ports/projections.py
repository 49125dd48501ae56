"""Projections: followers of the ledger that can be made anew, and the index among them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol

from schemas.entry import Entry

if TYPE_CHECKING:
    from archive.query.expansion import Expansion
    from archive.query.plan import Query


class Projection(Protocol):
    """A follower of the ledger: disposable, rebuilt by replay, knowing its position."""

    @property
    def position(self) -> int:
        """The number of records applied: the next entry to apply has this index."""
        ...

    @property
    def head(self) -> str | None:
        """The leaf hash of the last record applied, hex; None when there is none, or it is not known."""
        ...

    def apply(self, entries: Iterable[Entry]) -> None:
        """Apply entries in order of index, from ``position`` on, and store them with the new position."""
        ...

    def reset(self) -> None:
        """Forget everything and go back to position 0."""
        ...

    def close(self) -> None:
        """Release files and connections."""
        ...


@dataclass(frozen=True, slots=True)
class Page:
    """A page of search results: the exact number of hits, and the indexes of this page in date order."""

    total: int
    indexes: Sequence[int]
    position: int
    """Records that the index had applied when it looked."""
    expansions: "tuple[Expansion, ...]" = ()
    """What was searched for each plain word and pattern."""


Replay = Callable[[int, int], Iterable[Entry]]
"""Gives the entries [start, end) of the ledger again."""


class SearchIndex(Projection, Protocol):
    """A full-text index. Every implementation gives the same totals and the same order."""

    name: ClassVar[str]

    def search(
        self, query: "Query", *, limit: int, offset: int = 0, order: Literal["newest", "oldest"] = "oldest"
    ) -> Page:
        """Find items. Order by (time of the item, index); items without a time come last."""
        ...

    def forget(self, indexes: Collection[int], replay: "Replay") -> None:
        """Remove items so that none of their words is left in any file; the position stays.

        The caller holds the lock of the projections. ``replay`` gives the entries of a range again.
        """
        ...

    def vocabulary(self) -> Iterator[str]:
        """All terms of the text fields, once each, for expansion."""
        ...
