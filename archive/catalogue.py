"""The port of the catalogue, and the frozen values it answers with.

The catalogue is a projection: lists, threads, versions, decisions. It decides nothing; numbers, holds and
proofs come from the ledger.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from archive.ports import Projection
from archive.statements.ports import StatementLists
from schemas.capture import Capture, RunReport, Sighting
from schemas.item import Account, Item, Key, Thread
from schemas.matter import Hold, HoldRelease, Matter, Party, Person, Production


@dataclass(frozen=True, slots=True)
class Listed:
    """An item as the catalogue knows it. ``sealed`` is Unix seconds.

    ``item.raw.slice`` is empty and, where ``whole`` is False, ``item.body`` was left out for its length:
    evidence is read from the ledger, never from here.
    """

    index: int
    sealed: int
    item: Item
    raw_sha256: str
    """SHA-256 of the bytes as received."""
    whole: bool


@dataclass(frozen=True, slots=True)
class Count:
    """How many items there are of one kind on one channel, and their first and last time, Unix seconds."""

    channel: str
    event: str
    form: str
    items: int
    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class Outline:
    """What counting needs of an item: its channel, its author (account or name as written), its time."""

    channel: str
    account: Key | None
    author: str | None
    time: int | None


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of an item later, by the records that say so."""

    superseded: int | None
    """The first edit that came after it."""
    deleted: int | None
    """The deletion that stands."""


STANDING = "3"
"""Version of the rules by which edits and deletions count at a time; certificates of searches name it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What distinguishes the items that stood at an instant from those whose own time is not after it."""

    undated: frozenset[int]
    """Without a time, and sealed by then."""
    gone: frozenset[int]
    """Superseded or deleted by then, or an edit that was seen only later."""
    superseded: frozenset[int]
    deleted: frozenset[int]
    """By an event that counted by then: what ``Fate`` says of them."""
    later: frozenset[int] = frozenset()
    """Said by then and edited after it, where the archive has the later words alone: nobody knows what stood."""
    unsure: frozenset[int] = frozenset()
    """Edited, nobody tells when, and sealed after it: these words stood then, or others."""
    misdated: int = 0
    """Items that count by their sealing, after it, before a record that was sealed by it: a clock was wrong."""


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """Items of one thread in order of (time, index), those without a time last; and how many lie around."""

    items: tuple[Listed, ...]
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Shown:
    """What one capture showed of a thread to an account: the items that it brought, and their times in Unix seconds."""

    via: Key
    thread: Key
    capture: str | None
    items: int
    """0: it showed only what the archive held already."""
    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class CaptureRun:
    """A run that read a capture, and how many units of it failed."""

    run: str
    capture: str
    failed: int


@dataclass(frozen=True, slots=True)
class ReadBy:
    """How many items of kept bytes a version of a reader was the last to read."""

    channel: str
    parser: str
    items: int


@dataclass(frozen=True, slots=True)
class Extent:
    """What one capture shows of a thread."""

    capture: str
    start: int
    end: int
    """Instants of its first and last item that has one, Unix seconds."""
    holds: bool
    """Whether it shows the item that was asked about, in any version."""


@dataclass(frozen=True, slots=True)
class Selected:
    """The last decision on an item in a matter. ``decided`` is the index of the record that holds it."""

    item: int
    decision: Literal["hit", "context", "privileged", "withheld", "removed"]
    note: str | None
    person: str | None
    search: str | None
    decided: int


class Catalogue(Projection, StatementLists, Protocol):
    """What services ask. Lists are in order of the ledger unless said otherwise."""

    def unopened(self) -> int:
        """Count the records that could not be opened when they were applied; erased ones are not missed."""
        ...

    def forget(self, indexes: Collection[int]) -> None:
        """Remove all rows of records; the position stays."""
        ...

    def known(self, ranges: Sequence[tuple[int, int]]) -> set[int]:
        """Return the records in these ranges (inclusive) of which there are rows."""
        ...

    def counts(self) -> tuple[Count, ...]:
        """Count items by channel, event and form."""
        ...

    def item(self, index: int) -> Listed | None:
        """Return one item; None when the record at this index is no readable item."""
        ...

    def items(self, indexes: Sequence[int]) -> tuple[Listed, ...]:
        """Return items in the order asked for, leaving out what is no readable item."""
        ...

    def context(self, index: int, *, before: int, after: int) -> ThreadPage:
        """Return an item with its neighbours in the thread; an empty page when it is not known."""
        ...

    def thread(self, key: Key, *, limit: int, offset: int = 0) -> ThreadPage:
        """Return a page of a thread."""
        ...

    def versions(self, index: int) -> tuple[Listed, ...]:
        """Return everything about the same thing on its platform, by time.

        That is: all items with the key of this one (its versions, and the same as another account saw it)
        and all events on this key (edits, deletions, reactions). An event stands for its target.
        """
        ...

    def about(self, indexes: Sequence[int]) -> frozenset[int]:
        """Return the indexes of everything about the same things as these: what ``versions`` gives for each."""
        ...

    def outlines(self, indexes: Sequence[int]) -> Iterator[Outline]:
        """Return the outlines of items, in no order."""
        ...

    def fates(self, indexes: Sequence[int], until: int | None = None) -> dict[int, Fate]:
        """Return what became of items, by index; those that nothing happened to are left out.

        ``until``: only what happened by this instant, Unix seconds. An edit happened when the platform says,
        or, where Beleg saw the difference itself, when it was sealed.
        """
        ...

    def standing(self, until: int) -> Standing:
        """Return what one must know to tell what stood at an instant, Unix seconds."""
        ...

    def replies(self, index: int) -> tuple[Listed, ...]:
        """Return the items that answer, quote, share or forward this one, by time."""
        ...

    def sightings(self, index: int) -> tuple[Sighting, ...]:
        """Return the later captures that showed an item again."""
        ...

    def extents(self, index: int) -> tuple[Extent, ...]:
        """Return what each capture shows of the thread of an item, seen through the same account."""
        ...

    def accounts(self) -> tuple[Account, ...]:
        """Return the last description of each account."""
        ...

    def threads(self, before: int | None = None) -> tuple[Thread, ...]:
        """Return the last description of each thread that was described, or the last below a record."""
        ...

    def captures(self) -> tuple[Capture, ...]:
        """Return all captures."""
        ...

    def capture(self, id_: str) -> Capture | None:
        """Return one capture."""
        ...

    def capture_index(self, id_: str) -> int | None:
        """Return the index of the record that first holds a capture."""
        ...

    def of_key(self, key: Key) -> tuple[int, ...]:
        """Return the indexes of the items with this key, in order of the ledger."""
        ...

    def of_ids(self, channel: str, ids: Collection[str]) -> tuple[int, ...]:
        """Return the indexes of the items of a channel with one of these ids, in whatever scope, in order.

        For what refers by the id alone, as mail does. Walks the keys of the channel.
        """
        ...

    def of_captures(self, ids: Collection[str]) -> frozenset[int]:
        """Return the indexes of the items that came in one of these captures, or were shown by one again."""
        ...

    def of_threads(self, keys: Collection[Key]) -> frozenset[int]:
        """Return the indexes of the items in one of these threads."""
        ...

    def attached(self, sha256: str) -> tuple[int, ...]:
        """Return the indexes of the items with an attachment of this digest."""
        ...

    def runs(self, before: int | None = None) -> tuple[RunReport, ...]:
        """Return all runs, or those below a record."""
        ...

    def shown(self, before: int | None = None) -> tuple[Shown, ...]:
        """Return what captures showed, by account, thread and capture; of the records below one, if it is given."""
        ...

    def views(self) -> tuple[Key, ...]:
        """Return the accounts through which items were seen."""
        ...

    def capture_runs(self, before: int | None = None) -> tuple[CaptureRun, ...]:
        """Return every pair of a run and a capture that it read, or those of the runs below a record."""
        ...

    def readers(self, since: int) -> frozenset[str]:
        """Give the readers, with their versions, that runs in the records from one on name."""
        ...

    def read_by(self, readers: Collection[str]) -> tuple[ReadBy, ...]:
        """Count the items of bytes that can be read again, and that these readers were the last to read."""
        ...

    def matters(self) -> tuple[Matter, ...]:
        """Return the last state of each matter."""
        ...

    def selection(self, matter: str) -> tuple[Selected, ...]:
        """Return the last decision on each item that a matter ever named, by item; removed ones included."""
        ...

    def selected_in(self, item: int) -> tuple[tuple[str, Selected], ...]:
        """Return in which matters an item was named, and the last decision there."""
        ...

    def parties(self) -> tuple[Party, ...]:
        """Return the last state of each party."""
        ...

    def parties_of(self, account: Key) -> tuple[Party, ...]:
        """Return the parties to which an account belongs, by their last state."""
        ...

    def persons(self) -> tuple[Person, ...]:
        """Return the last state of each person."""
        ...

    def holds(self) -> tuple[tuple[Hold, HoldRelease | None], ...]:
        """Return all holds, each with its release if it was released. A list, never the test of a hold."""
        ...

    def active_holds(self) -> tuple[Hold, ...]:
        """Return the holds without a release."""
        ...

    def productions(self) -> tuple[Production, ...]:
        """Return all productions."""
        ...
