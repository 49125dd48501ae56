"""Which items are one message: its versions, and the same seen by another account or another export."""

from datetime import UTC, datetime, timedelta

from archive.redaction import folded
from schemas.item import Item, Key

SKEW = timedelta(minutes=5)
"""The clocks of two phones, and a message on its way from one to the other, differ by less."""
_VERSIONS = frozenset({"edited", "deleted", "restored"})


def version_of(item: Item) -> Key:
    """Give the key of the message of which an item is a version: an edit with an id of its own names another."""
    of = (one.key for one in item.targets if one.relation == "of" and one.key is not None)
    return next(of, item.key) if item.event in _VERSIONS else item.key


class Sayings:
    """Knows what was said when; a message with files and no words is known by its files."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], list[tuple[datetime, int]]] = {}

    def add(self, index: int, item: Item) -> None:
        """Remember an item, if it said something at a known time."""
        if (said := _said(item)) is not None:
            self._known.setdefault(said[0], []).append((said[1], index))

    def copies(self, item: Item) -> set[int]:
        """Give the items that said the same on the same platform at about the same time."""
        said = _said(item)
        if said is None:
            return set()
        return {index for at, index in self._known.get(said[0], ()) if abs(at - said[1]) <= SKEW}


def _said(item: Item) -> tuple[tuple[str, str], datetime] | None:
    words = folded(item.text or "") or " ".join(sorted(one.sha256 or "" for one in item.attachments)).strip()
    if not words or item.time is None or item.time.utc is None:
        return None
    at = datetime.fromisoformat(item.time.utc)
    return (item.key.channel, words), at.replace(tzinfo=at.tzinfo or UTC)
