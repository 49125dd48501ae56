"""What was erased stays out: the next export must not bring it back.

Ingestion opens no content. It knows an erased item again by the HMAC of its identity in its ``seen`` record, which no
erasure touches: under the account for which it is read, and under the accounts of all who take part in it, whose
view may be the one that was erased. Of a file whose very bytes were erased nothing is taken in that is not known
already: it would be what was erased, read for another account.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from archive.errors import UnreadableInput
from archive.ledger.state import LedgerState
from archive.reading.disk import open_file
from archive.reading.tree import Tree
from archive.reading.units import Reading, UnitExcluded, UnitRead, unknown_via
from archive.services.ingest.contents import measure
from archive.services.ingest.seen import Seen
from schemas.item import Item, Key

REASON = "erased before, not taken in again"


class Suppression:
    """Tells what was erased. Without an erasure in the ledger it asks nothing."""

    def __init__(self, seen: Seen, state: LedgerState, tree: Tree) -> None:
        self._seen, self._state, self._tree = seen, state, tree
        self._files: dict[Path, bool] = {}
        self.count = 0
        """Items that were left out so far."""
        if state.erasures:
            seen.catch_up()

    @property
    def needed(self) -> bool:
        """Say whether anything was ever erased."""
        return bool(self._state.erasures)

    def is_erased(self, item: Item, member: str) -> bool:
        """Say whether this item was erased, or tells of one that was: an edit, a deletion, a reaction."""
        keys = [item.key, *(t.key for t in item.targets if t.relation == "of" and t.key is not None)]
        views = dict.fromkeys(_views(item))
        if any(
            self._was_erased("item", [view.model_dump(), key.model_dump()]) for key in keys for view in views
        ):
            return True
        known = self._seen.find(
            self._seen.secret.identity("item", [item.via.model_dump(), item.key.model_dump()])
        )
        return not known and self._bytes_erased(member)

    def _was_erased(self, kind: str, identity: list[object]) -> bool:
        rows = self._seen.find(self._seen.secret.identity(kind, identity))
        return any(self._state.erasure_of(row.item) is not None for row in rows)

    def _bytes_erased(self, member: str) -> bool:
        """Say whether the file in which a member lies is, byte for byte, one that was erased."""
        file = self._tree.file_of(member)
        if file is None:
            return False
        if file not in self._files:
            try:
                digest = measure(lambda: open_file(file)).sha256
            except UnreadableInput:
                return False  # it is asked for again when it is captured, and counted there
            self._files[file] = self._was_erased("capture", [self._seen.secret.capture_id(digest)])
        return self._files[file]

    def apply(self, reading: Reading) -> Reading:
        """Give a reading without what was erased."""
        if not self.needed or not isinstance(reading, UnitRead) or not reading.items:
            return reading
        kept = tuple(item for item in reading.items if not self.is_erased(item, reading.member))
        if len(kept) == len(reading.items):
            return reading
        self.count += len(reading.items) - len(kept)
        if not kept:
            return UnitExcluded(reading.member, REASON)
        return UnitRead(
            reading.member, kept, reading.accounts, reading.threads, reading.contents, reading.unknown_fields
        )

    def members(self, readings: Iterable[Reading]) -> set[str]:
        """Give the members in which erased items lie: the files that hold them are not kept whole."""
        return {
            reading.member
            for reading in readings
            if isinstance(reading, UnitRead)
            and any(self.is_erased(item, reading.member) for item in reading.items)
        }


def _views(item: Item) -> Iterator[Key]:
    """Give the accounts whose view of an item may be known: its own, one of which nobody said whose it is, and
    those of all who take part."""
    yield from (item.via, unknown_via(item.via.channel))
    for actor in (item.author, *(recipient.actor for recipient in item.recipients)):
        if actor is not None and actor.account is not None:
            yield actor.account
