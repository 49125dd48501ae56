"""Drawing records for a challenge: an auditor without content keys says which are to be opened (read half)."""

from hashlib import sha256

from archive.core.canonical import label
from archive.ledger.reader import LedgerReader

CLASSES = frozenset({"content", "matter", "oversight"})


def draw(reader: LedgerReader, seed: str, count: int) -> list[int]:
    """Draw records that have a key, in ascending order: decided by seed and root, so by nobody alone.

    Fewer come where there are not so many.
    """
    state = reader.state
    root = state.frontier.root()
    found: set[int] = set()
    for number in range(100 * count):
        if len(found) == count:
            break
        drawn = sha256(
            label("beleg/challenge/v1") + root + number.to_bytes(8, "big") + seed.encode()
        ).digest()
        index = int.from_bytes(drawn[:16], "big") % state.size
        if (
            index not in found
            and state.erasure_of(index) is None
            and reader.leaf(index).record_class in CLASSES
        ):
            found.add(index)
    return sorted(found)
