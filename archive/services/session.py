"""An opened archive: what the use cases share."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from archive.catalogue import Catalogue, Listed, ReadBy
from archive.core.instants import instant
from archive.errors import Refused, Unfinished
from archive.ledger.opening import Opener, unless_erased
from archive.ledger.scanning import Readers
from archive.ledger.writer import Ledger, Writer
from archive.ports import Channel, Clock, Journal, ObjectStore, Projection, SearchIndex, SeenIndex
from archive.production import BundleInput, BundleResult, DeskInput, Opening, Picture
from archive.services.in_turn import InTurn
from archive.services.keychain import KeyChain
from archive.services.texts import Texts
from archive.settings import Settings
from archive.sources import LiveFacts, LiveSource, SourceSettings
from archive.statements.lexicon import lexicon_version
from archive.statements.ports import FindAll
from schemas.entry import Entry, EntryBody, unopened

if TYPE_CHECKING:
    from datetime import date

BATCH = 2048
MANY = 20_000
"""Records from which on it is worth while to start processes that open them: each takes a second to come up."""

Progress = Callable[[str, int, int | None], None]
"""Takes (what, done, of how many or None); called often, prints when a person watches."""


def no_progress(_what: str, _done: int, _total: int | None) -> None:
    """Print nothing."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who looks, and what for, as said on the command line."""

    purpose: str | None = None
    matter: str | None = None
    person: str | None = None
    """The person whose key file signs the journal's line; None: the account's legal key does."""
    second: str | None = None
    """The key file of a second person who agrees."""


@dataclass
class Session:
    """One archive, opened by one account."""

    folder: Path
    settings: Settings
    ledger: Ledger
    keys: KeyChain
    catalogue: Catalogue
    index: SearchIndex
    seen: SeenIndex
    channels: tuple[Channel, ...]
    observed: Channel
    """Reads what a collection wrote down as gone. No channel of inputs: nobody may hand such lines in."""
    open_source: Callable[[SourceSettings, Callable[[float], None]], LiveSource]
    """Opens a live source, with a way to wait."""
    live_facts: Callable[[], Mapping[str, LiveFacts]]
    """Gives what each kind of live source says of itself."""
    source_lock: Callable[[str], AbstractContextManager[None]]
    """The lock of one source on this host; raises Locked where another process collects from it."""
    locked: Callable[[str], bool | None]
    """Says whether another process holds the lock of a source now; of the archive, by an empty name. None: unknown."""
    numbering: Callable[[], AbstractContextManager[None]]
    """The lock of this host under which a production gets its number; waits for who has it."""
    clock: Clock
    projecting: Callable[[], AbstractContextManager[None]]
    """The lock of the workspace: only its holder writes to catalogue and index."""
    export_bundle: Callable[[BundleInput, Path], BundleResult]
    find_all: FindAll
    """Finds statements, of many messages in several processes."""
    write_desk: Callable[[DeskInput, Path], int]
    open_second: Callable[[], SearchIndex]
    """Opens an index of the other engine, for second opinions; whoever asks closes it."""
    picture: Callable[[Opening], Picture | None]
    """Draws a picture for a page, safe from what is in the file."""
    renderers: tuple[tuple[str, str], ...]
    """(name, version) of what decides the bytes of a bundle."""
    tool: str
    """Name and version of this program, as runs record it."""
    guard: Callable[[], list[str]]
    """Says what the archive place is not guarded against."""
    texts: Texts
    """The words of attachments."""
    readers: Readers | None
    """Who opens records in several processes; None: they are opened here."""
    vaults: tuple[ObjectStore, ...]
    """Every copy of the vault, those too that a commit does not write: what the privacy half destroys keys in."""
    journal: Journal
    """Where every read is written down before content is shown."""
    locked_days: Callable[[], int | None]
    """For how many days the archive place locks what is new; None where it has no locks."""
    keep_locked: "Callable[[str, date], int]"
    """Locks an object of the archive place at least until a day; gives how many locks were made longer."""
    second_folder: Path | None = None
    """Where the index of the other engine lies, if it was ever made."""
    operator: str | None = None
    """The login name of whoever runs this."""
    asking: Asking = Asking()
    progress: Progress = no_progress
    sealed: Callable[[int], None] = lambda _size: None
    """Told after each commit of a run how far the ledger reaches."""
    blind: tuple[int, int, tuple[tuple[str, int], ...]] | None = None
    """What no word finds, as last counted: (position of the index, items without text, (why, items) of files)."""
    read_before: tuple[int, tuple[ReadBy, ...]] | None = None
    """What older readers were the last to read, as last counted: (position of the catalogue, by reader)."""
    acted: str | None = None
    """The role in which this session last wrote, or was about to."""
    _openers: dict[tuple[str, ...], Opener] = field(default_factory=dict)

    def now(self) -> str:
        """Give the present second in UTC, as models write it."""
        return instant(self.clock())

    def writer(self, role: str) -> Writer:
        """Give the writer of a role, ready to append: with the log key, if this account seals.

        Raises:
            Refused: this account does not have the role, its key was retired, or the archive was restored and
                nobody vouched for it.
        """
        if self.ledger.barred is not None:
            raise Refused(self.ledger.barred)
        writer = self._person(role) or self.keys.writer(role)
        ended = next((key.retired for key in self.ledger.state.keys.all() if key.id == writer.id), None)
        if ended is not None:
            rotate = (
                f"`beleg keys rotate --writer {role}` with the owner's key, or " if role != "owner" else ""
            )
            raise Refused(
                f"the key in {role}.key was retired by record {ended} and counts no more: {rotate}"
                f"`beleg keys recover --writer {role}` registers a new one"
            )
        self.acted = role
        if self.ledger.log_key is None:
            self.ledger.log_key, self.ledger.log_next = self.keys.log_key(), self.keys.next_log_key()
        return writer

    def is_of_a_person(self, writer: str) -> bool:
        """Say whether a writer key was registered together with a person, and lies in that person's own file."""
        added = {key.id: key.added for key in self.ledger.state.keys.all()}
        return added.get(writer, 0) + 1 in self.ledger.state.special.get("person", [])

    def _person(self, role: str) -> Writer | None:
        """Give the writer key of the person who acts, where it is registered for this role."""
        person = self.asking.person
        if person is None or not self.keys.has(person):
            return None
        private = self.keys.writer(person).private
        state = self.ledger.follow()
        known = state.keys.writer(Writer(private, role).id, state.size)
        return Writer(private, role) if known is not None and known.role == role else None

    def opener(self, *classes: str) -> Opener:
        """Give an opener for these classes; raises Refused if this account cannot open one of them."""
        if classes not in self._openers:
            private = [key for record_class in classes for key in self.keys.openers(record_class)]
            self._openers[classes] = Opener(self.ledger, private)
        return self._openers[classes]

    def bodies(self, kind: str, record_class: str) -> Iterator[tuple[int, EntryBody]]:
        """Give (index, body) of every record of a kind, from the ledger itself; erased ones are left out."""
        opener = self.opener(record_class)
        for index in list(self.ledger.state.special.get(kind, ())):
            body = unless_erased(opener.body, index)
            if body is not None:
                yield index, body

    def entries(self, start: int, end: int, texts: Texts | None = None) -> Iterator[Entry]:
        """Give opened entries, with the words of their files; of many, the records are opened in processes.

        Args:
            start: the first record.
            end: one past the last.
            texts: words of files, if not those that this host remembers.

        Raises:
            Refused: this account does not open content. A projection that passed over what it cannot read
                would never look at it again.
        """
        opener = self.opener("content", "matter", "oversight")
        if self.readers is not None and end - start >= MANY:
            opened = self.readers.entries(self.ledger.state, opener.private, start, end)
        else:
            opened = opener.entries(start, end)
        yield from (texts or self.texts).joined(opened, opener, self.catalogue.capture_index)

    def entry_of(self, listed: Listed) -> Entry:
        """Give an item of the catalogue as an entry, for rules that judge entries. Its slice is empty."""
        texts = self.texts.known(listed.item)
        return Entry(listed.index, listed.sealed, "content", "item", "", 0, listed.item, "open", texts=texts)

    def catch_up(self) -> int:
        """Bring catalogue and index to the head of the ledger, and carry out what erasures left open.

        Gives how many of the records that were replayed could not be opened.
        """
        closed = self.project()
        self._find_again()
        if self.ledger.state.erasures:
            from archive.services.dispose.finish import finish

            finish(self)
            closed += self.project()  # what was finished is on record now, and an answer is of the head
        return closed

    def _find_again(self) -> None:
        """Find all statements anew where another lexicon found them."""
        if self.catalogue.position and self.catalogue.lexicon != lexicon_version():
            with self.projecting():
                if self.catalogue.lexicon != lexicon_version():
                    self.catalogue.find_statements_again()

    def project(self) -> int:
        """Bring catalogue and index to the head of the ledger, in batches, one process at a time.

        Gives how many of the records that were replayed could not be opened.
        """
        reached = self.demand_all_known()
        size = self.ledger.state.size
        return self._apply(size) if reached < size else 0

    def demand_all_known(self) -> int:
        """Refuse a ledger that lacks records which this host has projected, or has others; give how many all know.

        Before anything is appended, too: where the memory of the ledger was lost, nothing else here tells of one
        that was cut, and what is appended to it makes it another history.

        Raises:
            Unfinished: it ends before them, or they are of another history.
        """
        for name, projection in (("catalogue", self.catalogue), ("search index", self.index)):
            self._check_followed(name, projection)
        reached = (self.catalogue.position, self.index.position)
        if max(reached) > self.ledger.state.size:
            self.ledger.follow()  # another process has sealed and projected meanwhile
        if max(reached) > (size := self.ledger.state.size):
            raise Unfinished(
                f"catalogue or index know {max(reached)} records, the ledger has {size}: they belong to another "
                "ledger or to a later state of this one. Run `beleg verify`, then `beleg rebuild`."
            )
        return min(reached)

    def _apply(self, size: int) -> int:
        closed = 0
        with self.projecting(), InTurn(self.catalogue, self.index) as projections:
            start = min(self.catalogue.position, self.index.position)
            replayed = self.entries(start, size)
            while entries := list(islice(replayed, BATCH)):
                closed += sum(map(unopened, entries))
                projections.apply(entries)
                self.progress("bringing catalogue and index up to date", entries[-1].index + 1, size)
            projections.finish()
            # Releases the engine's own lock on its folder; searching goes on to work.
            self.index.close()
        return closed

    def _check_followed(self, name: str, projection: Projection) -> None:
        """Refuse a projection of another ledger: of equal size, it would answer as if it were ours."""
        if not self.follows(projection) and projection.position <= self.ledger.state.size:
            raise Unfinished(
                f"the {name} followed another ledger, or another history of this one, up to record "
                f"{projection.position}. Run `beleg verify`, then `beleg rebuild`."
            )

    def follows(self, projection: Projection) -> bool:
        """Say whether what a projection has applied are the first records of this very ledger."""
        state = self.ledger.state
        while (position := projection.position) <= state.size:
            if not position:
                return True
            last = state.last if position == state.size else self.ledger.leaf_hash(position - 1)
            if projection.head == last.hex():
                return True
            if projection.position == position:
                return False
            # Another process has applied more between the two looks.
        return False

    def read(self) -> None:
        """Bring ledger and projections to the head, for commands that show content.

        Raises:
            Refused, WrongPassphrase: this account does not open content. The projections are plain text, so
                the right to read is asked of the key, not of them.
        """
        self.opener("content", "matter", "oversight")
        from archive.services.journal import seal_due

        self.ledger.follow()
        seal_due(self, "legal")
        self.catch_up()
