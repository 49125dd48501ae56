"""What was erased stays out: the next export must not bring it back.

Ingestion opens no content. It knows an erased item again by the HMAC of its identity in its ``seen`` record, which no
erasure touches, and by nothing else: the same words from another account's view are another identity.
"""

from collections.abc import Iterable

from archive.ledger.state import LedgerState
from archive.reading.units import Reading, UnitExcluded, UnitRead
from archive.services.ingest.seen import Seen
from schemas.item import Item, Key

REASON = "erased before, not taken in again"


class Suppression:
    """Tells what was erased. Without an erasure in the ledger it asks nothing."""

    def __init__(self, seen: Seen, state: LedgerState) -> None:
        self._seen, self._state = seen, state
        self.count = 0
        """Items that were left out so far."""
        if state.erasures:
            seen.catch_up()

    @property
    def needed(self) -> bool:
        """Say whether anything was ever erased."""
        return bool(self._state.erasures)

    def is_erased(self, item: Item) -> bool:
        """Say whether this item was erased, or tells of one that was: an edit, a deletion, a reaction."""
        keys = [item.key, *(t.key for t in item.targets if t.relation == "of" and t.key is not None)]
        return any(self._is_erased(item.via, key) for key in keys)

    def _is_erased(self, via: Key, key: Key) -> bool:
        identity = self._seen.secret.identity("item", [via.model_dump(), key.model_dump()])
        return any(self._state.erasure_of(row.item) is not None for row in self._seen.find(identity))

    def apply(self, reading: Reading) -> Reading:
        """Give a reading without what was erased."""
        if not self.needed or not isinstance(reading, UnitRead) or not reading.items:
            return reading
        kept = tuple(item for item in reading.items if not self.is_erased(item))
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
            if isinstance(reading, UnitRead) and any(map(self.is_erased, reading.items))
        }
