"""What a reader yields. A unit is what a file is counted in: a line block, a row, an object, a mail.

Every unit ends in exactly one of three ways: read, failed or excluded. So for each member,
units = read + failed + excluded, and nothing is dropped unseen.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from schemas.capture import Claim, Gap
from schemas.item import Account, Item, Key, Thread


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of an attachment: ``locator`` is the one that an ``Attachment`` of the same unit names."""

    locator: str
    open: Callable[[], BinaryIO]
    member: str | None = None
    """The member of the input in which the bytes lie, if they are a member of their own."""


@dataclass(frozen=True, slots=True)
class Former:
    """What an older version of a reader called an item."""

    key: Key
    own: bool = True
    """Whether it was the item's own; else another may have borne it too, and it alone proves nothing."""
    text: str | None = None
    """The words that it was read with; None: those of today."""
    alone: bool = False
    """Whether ids are all that is read otherwise: then the same words are no other reading."""
    thread: str | None = None
    """The id that the conversation had: exceptions and holds of then still fit."""
    title: str | None = None
    """The name that it had: an exception that was written then still fits."""
    then: Callable[[Item], Item] | None = None
    """Gives the item as the version before called it, where that lacked a part of its name: what is the same in all
    else is the same thing, though other things may have borne that name too."""
    or_then: Callable[[Item], Item] | None = None
    """The same of a version that called it still otherwise."""

    def as_called(self, item: Item) -> tuple[Item, ...]:
        """Give the item as the versions before called it, where that can prove what it is."""
        return tuple(then(item) for then in (self.then, self.or_then) if then is not None)


@dataclass(frozen=True, slots=True)
class UnitRead:
    """A unit that was understood. It yields one or more items, or describes accounts and threads."""

    member: str
    items: tuple[Item, ...] = ()
    accounts: tuple[Account, ...] = ()
    threads: tuple[Thread, ...] = ()
    contents: tuple[Content, ...] = ()
    unknown_fields: frozenset[str] = frozenset()
    """Names of fields that the reader does not know; their content is kept in ``Item.extra`` and ``raw``."""
    former: Mapping[Key, Former] = field(default_factory=dict)
    """Key of an item → what an older version of the reader called it: what was erased under that stays out."""

    def threads_before(self) -> list[str | None]:
        """Give of each item what an older version of the reader called its thread; None where it is called so still.

        What is told beside an item (an edit, a receipt) stands in the same conversation.
        """
        if not self.former:
            return [None] * len(self.items)
        own = [one.thread if (one := self.former.get(item.key)) is not None else None for item in self.items]
        beside = {item.thread: name for item, name in zip(self.items, own, strict=True) if name}
        told = [name or beside.get(item.thread) for item, name in zip(self.items, own, strict=True)]
        return [None if name == item.thread.id else name for item, name in zip(self.items, told, strict=True)]


@dataclass(frozen=True, slots=True)
class UnitFailed:
    """A unit that could not be understood. Its bytes stay in the capture; ``reason`` holds no content."""

    member: str
    reason: str
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class UnitExcluded:
    """A unit that was left out by a rule: an allow-list, a duplicate rendering, a file of another kind."""

    member: str
    reason: str
    private: bool = False
    """It must not enter the archive: the file in which it lies is kept as slices only."""


@dataclass(frozen=True, slots=True)
class MemberProblem:
    """A member that as a whole could not be read (truncated zip, unreadable); counts as one failed unit."""

    member: str
    reason: str
    foreign: bool = False
    """This reader does not know it; another channel may. What none knows has failed, and its bytes are kept."""


@dataclass(frozen=True, slots=True)
class Completeness:
    """What the reader can claim, and the gaps that it saw."""

    claims: tuple[Claim, ...] = ()
    gaps: tuple[Gap, ...] = field(default=())


Reading = UnitRead | UnitFailed | UnitExcluded | MemberProblem | Completeness


def unknown_via(channel: str) -> Key:
    """The account whose view an export shows, where nobody said whose it is."""
    return Key(channel=channel, scope="", id="unknown", derived=True)
