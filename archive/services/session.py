"""An opened archive: what the use cases share."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from archive.catalogue import Catalogue
from archive.errors import NotOpened
from archive.ledger.reader import Opener
from archive.ledger.writer import Ledger, Writer
from archive.ports import Channel, Clock, SearchIndex, SeenIndex
from archive.production import BundleInput, BundleResult
from archive.services.keychain import KeyChain
from archive.settings import Settings
from schemas.entry import Entry, EntryBody

if TYPE_CHECKING:
    from datetime import datetime

BATCH = 2048

Progress = Callable[[str, int, int | None], None]
"""Takes (what, done, of how many or None); called often, prints when a person watches."""


def no_progress(_what: str, _done: int, _total: int | None) -> None:
    """Print nothing."""


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
    clock: Clock
    export_bundle: Callable[[BundleInput, Path], BundleResult]
    renderers: tuple[tuple[str, str], ...]
    """(name, version) of what decides the bytes of a bundle."""
    tool: str
    """Name and version of this program, as runs record it."""
    progress: Progress = no_progress
    guard: Callable[[], AbstractContextManager[None]] = nullcontext
    """The lock of this host's projections."""
    _openers: dict[tuple[str, ...], Opener] = field(default_factory=dict)

    def now(self) -> str:
        """Give the present second in UTC, as models write it."""
        moment: datetime = self.clock()
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    def writer(self, role: str) -> Writer:
        """Give the writer of a role, ready to append: with the log key, if this account seals."""
        writer = self.keys.writer(role)
        if self.ledger.log_key is None:
            self.ledger.log_key = self.keys.log_key()
        return writer

    def opener(self, *classes: str) -> Opener:
        """Give an opener for these classes; raises Refused if this account cannot open one of them."""
        if classes not in self._openers:
            private = [self.keys.recipient(record_class) for record_class in classes]
            self._openers[classes] = Opener(self.ledger, private)
        return self._openers[classes]

    def bodies(self, kind: str, record_class: str) -> Iterator[tuple[int, EntryBody]]:
        """Give (index, body) of every record of a kind, from the ledger itself; erased ones are left out."""
        opener = self.opener(record_class)
        for index in list(self.ledger.state.special.get(kind, ())):
            try:
                yield index, opener.body(index)
            except NotOpened as error:
                if error.state == "no_key":
                    raise

    def entries(self, start: int, end: int) -> Iterator[Entry]:
        """Give entries for the projections: everything that this account can open."""
        classes = [name for name in ("content", "matter", "oversight") if self.keys.opens(name)]
        yield from self.opener(*classes).entries(start, end)

    def catch_up(self) -> None:
        """Bring catalogue and index to the head of the ledger, in batches.

        Raises:
            Refused: this account opens no content, and would leave every item out for all others.
        """
        with self.guard():
            self._catch_up()

    def _catch_up(self) -> None:
        size = self.ledger.state.size
        if min(self.catalogue.position, self.index.position) < size:
            self.opener("content")
        for projection in (self.catalogue, self.index):
            while (start := projection.position) < size:
                end = min(start + BATCH, size)
                projection.apply(self.entries(start, end))
                self.progress("bringing catalogue and index up to date", end, size)

    def read(self) -> None:
        """Bring ledger and projections to the head, for commands that only read."""
        self.ledger.follow()
        self.catch_up()
