"""The ports: protocols with two implementations or more. ``wiring`` alone chooses between them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

from archive.reading.private import Private
from archive.reading.units import Reading
from schemas.entry import Entry
from schemas.report import Probe

if TYPE_CHECKING:
    from archive.query.expansion import Expansion
    from archive.query.plan import Query
    from archive.reading.tree import Tree
    from schemas.entry import FileState, FileText
    from schemas.item import Key
    from schemas.matter import Read

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
    mapping: Mapping[str, Any] | None = None
    """For tables: which columns are what."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What can and cannot be had from the exports of a platform, for ``beleg channels``."""

    title: str
    layouts: tuple[str, ...]
    """What is recognised, in a few words each."""
    ask_for: str
    """What to request from the platform."""
    edits: str
    deletions: str
    receipts: str
    direct: str
    """Whether direct messages are in it."""
    claim: Literal["exact", "capped", "last_state", "gaps_by_design", "unknown"]
    tested: Literal["real files", "documentation"]
    left_out: tuple[str, ...] = ()
    """What is left out or masked unless somebody asks otherwise."""

    @property
    def editable(self) -> bool:
        """Whether what was posted can be changed later. Else the same id with other words is another item."""
        return self.edits != "no"


class Channel(Protocol):
    """One platform. A new channel is one file (or folder) and one line in CHANNELS."""

    name: ClassVar[str]
    parser: ClassVar[str]
    facts: ClassVar[Facts]

    def private(self, tree: "Tree") -> Iterator[Private]:
        """Say what of an export must not enter a business archive. Asked before anything is read."""
        ...

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


class Extractor(Protocol):
    """Reads the words of a file of any kind; hostile files harm nothing and nobody."""

    longest: int
    """Bytes of a file beyond which it is not read."""
    rules: str
    """What decides the words that are found: rules, libraries, OCR, with their versions."""

    def read(self, data: bytes, name: str, media_type: str) -> "tuple[FileState, str]":
        """Give what could be read, and the words."""
        ...

    def close(self) -> None:
        """End whatever runs."""
        ...


class TextStore(Protocol):
    """The words of files that were read, by the digest of the file. Disposable."""

    def get(self, digests: Sequence[str]) -> "dict[str, FileText]":
        """Give what is known of these files, by digest."""
        ...

    def put(self, found: "FileText", rules: str) -> None:
        """Store what was read, under the version of the rules that read it."""
        ...

    def digests(self) -> "list[str]":
        """Give the digests of all files that are known."""
        ...

    def forget(self, digests: Iterable[str]) -> None:
        """Remove files so that none of their words is left."""
        ...

    def reset(self) -> None:
        """Forget everything."""
        ...

    def close(self) -> None:
        """Release the file."""
        ...


class Journal(Protocol):
    """The local journal of reads: chained lines, on disk before anything is shown."""

    def append(self, make: "Callable[[str, int, str], Read]") -> "Read":
        """Add a line and return it when it is durable; ``make`` gets (journal, line, previous hash).

        Raises:
            Unfinished: the journal on disk is damaged, so nothing may be shown.
        """
        ...

    def unsealed(self) -> "tuple[Read, ...]":
        """Return the lines that the ledger does not hold yet, oldest first."""
        ...

    def seal(self, store: "Callable[[tuple[Read, ...]], None]") -> int:
        """Give the lines to ``store`` and forget them when it returns; nobody appends meanwhile."""
        ...


class KeyVault(Protocol):
    """Where this account's private keys come from."""

    def load(self, role: str, passphrase: str, origin: str) -> dict[str, bytes]:
        """Give purpose → raw private key of a role. Raises Refused if this account does not have it."""
        ...

    def path(self, role: str) -> object | None:
        """Give something if this account has the role's keys, else None."""
        ...

    def save(self, name: str, data: bytes) -> object:
        """Keep a new key file; never over an old one."""
        ...

    def replace(self, role: str, data: bytes) -> None:
        """Put a key file in the place of the one that a role has, at one instant."""
        ...


class Mailer(Protocol):
    """Sends mail: heads to outsiders."""

    def send(self, to: str, subject: str, text: str, attachment: tuple[str, bytes] | None = None) -> None:
        """Send a text, with one file or without; returns when the server took it.

        Raises:
            Unreachable: the server gave no answer, or did not take it.
        """
        ...


class TimestampAuthority(Protocol):
    """An authority that says what existed when (RFC 3161)."""

    name: str

    def stamp(self, request: bytes) -> bytes:
        """Give the answer (DER) to a request (DER).

        Raises:
            Unreachable: no answer, or not that of a time-stamp authority.
        """
        ...
