"""Places: where objects lie, as readers and as writers see them, and what puts them to the test."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from schemas.report import Probe


@dataclass(frozen=True, slots=True)
class ObjectVersion:
    """One of the things that a place with versions keeps under a name."""

    name: str
    version: str
    """The store's own id; a hint, for identity is name and SHA-256."""
    length: int
    removed: bool
    """A delete marker: it hides the versions below it."""


class ObjectReader(Protocol):
    """The read side of a place: all that a verification is ever given."""

    versioned: bool
    """Whether the place keeps what was written over, and so must be asked for it."""

    def get(self, name: str, *, limit: int, version: str | None = None) -> bytes:
        """Give the whole object; of a name that ends in a SHA-256, the version that bears it out.

        Args:
            name: of the object.
            limit: the most bytes that it may have.
            version: exactly this one, as ``versions`` listed it.

        Raises:
            NotFound: the place answered that there is none.
            FormatError: it is longer than ``limit`` bytes.
            Unreachable: the place gave no answer; absence and "could not tell" are never confused.
        """
        ...

    def versions(self, prefix: str) -> Iterator[ObjectVersion]:
        """Give every version under the names that begin with ``prefix``, in ascending order of name."""
        ...

    def names(self, prefix: str) -> Iterator[str]:
        """Give all names that begin with ``prefix``, in ascending order."""
        ...

    def written(self, name: str) -> datetime:
        """Give when an object was written last, by the store's own clock.

        Raises:
            NotFound, Unreachable: as ``get``.
        """
        ...


class ObjectStore(ObjectReader, Protocol):
    """A place to write to. A write that returned is durable."""

    def put_new(self, name: str, body: bytes) -> None:
        """Create an object, atomically, if the name is free; equal bytes under the name are success.

        Raises:
            AlreadyExists: other bytes hold the name.
            Unreachable: whether it was written is unknown; look before writing again.
        """
        ...

    def put_all(self, objects: Iterable[tuple[str, bytes]]) -> None:
        """Create objects as ``put_new`` does, possibly several at once; few are held in memory.

        Raises: as ``put_new``, for the first that failed; others may have been written.
        """
        ...

    def overwrite(self, name: str, body: bytes) -> None:
        """Replace an object atomically (vault only: destroyed and re-encrypted key slots)."""
        ...


@dataclass(frozen=True, slots=True)
class ReadPlaces:
    """The places as a verifier sees them; ``vaults`` holds every copy at hand, possibly none."""

    archive: ObjectReader
    control: ObjectReader
    vaults: tuple[ObjectReader, ...]
    pulled: int = 0
    """How many of the vault copies, the last ones, are not written with each commit but pulled later."""

    @property
    def written_vaults(self) -> tuple[ObjectReader, ...]:
        """Give the copies that hold every page from the moment of its commit."""
        return self.vaults[: len(self.vaults) - self.pulled]


@dataclass(frozen=True, slots=True)
class Places:
    """The places as a writer sees them."""

    archive: ObjectStore
    control: ObjectStore
    vaults: tuple[ObjectStore, ...]
    """Every copy that a commit writes to."""
    pulled: tuple[ObjectReader, ...] = ()
    """Copies that another account pulls."""

    def readers(self) -> ReadPlaces:
        """Give the read side alone."""
        return ReadPlaces(self.archive, self.control, (*self.vaults, *self.pulled), len(self.pulled))


class PlaceProber(Protocol):
    """Puts a place to the test. What it writes is named ``probe/…`` and says nothing."""

    place: str
    """What the place is called in the report."""

    def essential(self) -> Iterator[Probe]:
        """Test what an archive cannot do without: atomic creation, locks that are honoured."""
        ...

    def further(self) -> Iterator[Probe]:
        """Test what a place should do besides, and how far this account's rights go."""
        ...

    def locks(self) -> Iterator[Probe]:
        """Look at the lock of every object; extend those that end soon."""
        ...
