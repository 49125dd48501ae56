"""What commands answer: the stable machine form behind ``--json``."""

from schemas.base import Model
from schemas.item import Item


class Hit(Model):
    """An item found, as a line of a list."""

    number: int
    """Its ledger index: item 48213."""
    channel: str
    thread: str
    author: str | None
    time: str | None
    """As written."""
    utc: str | None
    event: str
    edited: bool
    """The platform says that this is not what was first written, or Beleg saw it change."""
    text: str
    marks: tuple[tuple[int, int], ...] = ()
    """Ranges [start, end) of ``text`` that the query found."""
    attachments: tuple[str, ...] = ()


class SearchAnswer(Model):
    """The answer to a search."""

    query: str
    searched: tuple[tuple[str, tuple[str, ...]], ...]
    """(word, the forms and compounds that were searched for it)."""
    total: int
    """Exact."""
    hits: tuple[Hit, ...]
    offset: int
    position: int
    """Records that the index knows of."""
    without_text: int
    """Items that no word can find: no text, only an image or sound."""
    unopened: int = 0
    """Records that could not be opened: what stands in them was not searched."""


class Shown(Model):
    """One item, whole, with what concerns it."""

    number: int
    sealed: str
    """Time of sealing by the operator's clock."""
    stream: str
    position: int
    """In its stream."""
    item: Item
    raw_sha256: str
    events: tuple[Hit, ...]
    """Other versions and events of the same thing: edits, deletions, reactions."""
    before: tuple[Hit, ...]
    after: tuple[Hit, ...]
    seen_again: int
    """Later captures that showed it unchanged."""
    matters: tuple[str, ...]


class ChannelCount(Model):
    """How many items a channel has."""

    channel: str
    items: int


class Status(Model):
    """An archive at a glance."""

    origin: str
    folder: str
    mode: str
    size: int
    sealed: int
    """Records under the newest checkpoint."""
    root: str
    channels: tuple[ChannelCount, ...]
    catalogue_position: int
    index_position: int
    index: str
    matters: int | None
    """None, as for the next three: no key here shows it."""
    holds: int | None
    productions: int | None
    last_run: str | None
    """When it ended and how; "none" before the first one."""
    unopened: int
    """Records that could not be opened when catalogue and index were made."""
    warnings: tuple[str, ...]
