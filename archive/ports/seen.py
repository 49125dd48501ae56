"""What was seen before: by identity, and by what live sources gave where."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from schemas.item import Key


@dataclass(frozen=True, slots=True)
class SeenRow:
    """That a record of this identity was sealed, with HMACs of what it said."""

    identity: bytes
    digest: bytes
    words: bytes
    item: int
    """Index of the record."""
    listed: int
    """Index of the ``seen`` record that lists it."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What was read in an answer of a live source."""

    identity: bytes
    """As in ``SeenRow``."""
    via: "Key"
    thread: "Key"
    key: "Key"


class SeenIndex(Protocol):
    """A local index over the ``seen`` records of the ledger, and over what live sources gave where."""

    @property
    def position(self) -> int:
        """The number of records folded."""
        ...

    def add(self, rows: Iterable[SeenRow], position: int) -> None:
        """Store rows and the new position together."""
        ...

    def find(self, identity: bytes) -> list[SeenRow]:
        """Give every record of this identity, oldest first."""
        ...

    def rows(self) -> Iterator[SeenRow]:
        """Give everything that was sealed, in no order."""
        ...

    def mark(self, source: str, path: str, mark: Mark) -> None:
        """Remember what was read in an answer of a source; what only this host knows is lost with its workspace."""
        ...

    def marked(self, source: str, path: str) -> tuple[Mark, ...]:
        """Give what was read in an answer of a source."""
        ...

    def places(self, source: str, identity: bytes) -> tuple[str, ...]:
        """Give the answers of a source in which a thing was read, and that are not gone."""
        ...

    def gone(self, source: str, path: str, identity: bytes) -> None:
        """Remember that a thing is gone from there; a crash before that is sealed asks ``marked`` again."""
        ...

    def unmark(self, source: str, path: str, identity: bytes) -> None:
        """Forget that a thing was read there."""
        ...

    def forget(self, is_erased: Callable[[int], bool]) -> None:
        """Forget the marks of erased records."""
        ...

    def reset(self) -> None:
        """Forget everything."""
        ...

    def close(self) -> None:
        """Release the file."""
        ...
