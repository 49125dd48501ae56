"""The ports: protocols with two implementations or more. ``wiring`` alone chooses between them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol

from archive.reading.units import Reading
from schemas.entry import Entry

if TYPE_CHECKING:
    from archive.query.expansion import Expansion
    from archive.query.plan import Query
    from archive.reading.tree import Tree

Clock = Callable[[], datetime]
"""The current instant, aware, UTC. Injected; nothing else asks for the time."""


@dataclass(frozen=True, slots=True)
class Confidence:
    """How sure a channel is that an input is its own: 0 (no) to 100, with the structure that says so."""

    percent: int
    because: str


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What a person must tell a reader because the export does not."""

    timezone: str | None = None
    """IANA zone for local times without zone; what it gives is marked ``assumed``."""
    mine: str | None = None
    """The display name of the account whose export this is."""
    source: str = "import"
    origin: str = ""
    """The name of the input as given, for threads that are named only by their file."""
    thread: str | None = None
    """The name of the thread, where the export does not tell it."""
    author: str | None = None
    when: str | None = None
    recipients: tuple[str, ...] = ()
    """For loose files: who, when, to whom."""


class Channel(Protocol):
    """One platform. A new channel is one file (or folder) and one line in CHANNELS."""

    name: ClassVar[str]
    parser: ClassVar[str]

    def detect(self, tree: "Tree") -> Confidence:
        """Say by structure how surely this input is an export of this platform. Never by file name alone."""
        ...

    def read(self, tree: "Tree", options: ReadOptions) -> Iterator[Reading]:
        """Read an export. Pure: no network, no clock, no state; never drops; equal input, equal output."""
        ...


class Projection(Protocol):
    """A follower of the ledger: disposable, rebuilt by replay, knowing its position."""

    @property
    def position(self) -> int:
        """The number of records applied: the next entry to apply has this index."""
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
    expansions: "tuple[Expansion, ...]" = ()
    """What was searched for each plain word and pattern."""


class SearchIndex(Projection, Protocol):
    """A full-text index. Every implementation gives the same totals and the same order."""

    name: ClassVar[str]

    def search(
        self, query: "Query", *, limit: int, offset: int = 0, order: Literal["newest", "oldest"] = "oldest"
    ) -> Page:
        """Find items. Order by (time of the item, index); items without a time come last."""
        ...

    def vocabulary(self) -> Iterator[str]:
        """All terms of the text fields, once each, for expansion."""
        ...
