"""Channels: what recognises and reads the exports of a platform."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

from archive.reading.private import Private
from archive.reading.units import Reading
from schemas.item import Key

if TYPE_CHECKING:
    from archive.reading.tree import Tree


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
    view: Key | None = None
    """Of kept bytes: the account for which they were read before, where the answer that named it was not kept."""


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
