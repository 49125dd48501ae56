"""Which items are one message: its versions, and the same seen by another account or another export."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from archive.redaction import folded
from schemas.item import Actor, Item, Key

SKEW = timedelta(minutes=1)
"""What two phones say about when a message came differs by no more, also where they tell the minute alone."""
_VERSIONS = frozenset({"edited", "deleted", "restored"})


def version_of(item: Item) -> Key:
    """Give the key of the message of which an item is a version: an edit with an id of its own names another."""
    of = (one.key for one in item.targets if one.relation == "of" and one.key is not None)
    # on X each version is a post, and on Mastodon the first one
    edited_post = item.event == "posted" and (item.edited is not None or item.history == "full")
    return next(of, item.key) if item.event in _VERSIONS or edited_post else item.key


@dataclass(frozen=True, slots=True)
class _Said:
    at: datetime
    view: tuple[Key, Key]
    """Conversation, and the account that saw it."""
    author: Actor | None


class Sayings:
    """Knows what was said when; a message with files and no words is known by its files."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], list[tuple[int, _Said]]] = {}

    def add(self, index: int, item: Item) -> None:
        """Remember an item, if it said something at a known time."""
        if (words := _words(item)) and (said := _said(item)) is not None:
            self._known.setdefault((_platform(item), words), []).append((index, said))

    def copies(self, item: Item) -> set[int]:
        """Give the items that said the same on the same platform at about the same time.

        In one view of a conversation two people may both say "ok": there it is the same author and instant.
        """
        said, known = _said(item), self._known.get((_platform(item), _words(item)), ())
        return {index for index, one in known if said is not None and _same(said, one)}


def _platform(item: Item) -> str:
    """Give the platform; a phone and the business interface show the same message of it."""
    return item.key.channel.removesuffix("-business")


def _same(one: _Said, other: _Said) -> bool:
    if one.view == other.view:
        return (one.at, one.author) == (other.at, other.author)
    return abs(one.at - other.at) <= SKEW


def _words(item: Item) -> str:
    text = item.text or ""
    return (
        folded(text) or text.strip() or " ".join(sorted(one.sha256 or "" for one in item.attachments)).strip()
    )


def _said(item: Item) -> _Said | None:
    at = instant(item)
    author = item.author and item.author.model_copy(update={"also": None})
    return _Said(at, (item.thread, item.via), author) if at is not None else None


def instant(item: Item) -> datetime | None:
    """Give when an item was said, if that is known to be one instant."""
    if item.time is None or item.time.utc is None:
        return None
    at = datetime.fromisoformat(item.time.utc)
    return at.replace(tzinfo=at.tzinfo or UTC)
