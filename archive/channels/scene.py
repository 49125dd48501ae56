"""The making of items: what one unit yields, and what the items of one thread have in common."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from archive.channels.keys import derived_id
from archive.reading.json_fields import Fields
from archive.reading.rows import Cells
from archive.reading.tree import Member
from archive.reading.units import Content, Former, UnitRead
from schemas.item import Account, Actor, Item, Key, Raw, Thread


class LeaveOut(Exception):
    """This unit is left out by a rule; ``str()`` is the reason."""

    def __init__(self, reason: str, *, private: bool = False) -> None:
        super().__init__(reason)
        self.private = private


@dataclass(slots=True)
class Made:
    """What one unit yields."""

    items: list[Item] = field(default_factory=list)
    contents: list[Content] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    threads: list[Thread] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    former: dict[Key, Former] = field(default_factory=dict)

    def told(self, fields: Fields | Cells, *names: str) -> tuple[tuple[str, str], ...]:
        """Give ``extra``: these known fields and all that nobody took; the latter are noted as unknown."""
        told = [*fields.tell(*names), *fields.rest()]
        self.unknown |= fields.unknown()
        return tuple(told)

    def reading(self, member: Member) -> UnitRead:
        """Give it as a unit."""
        named = {a.locator for item in self.items for a in item.attachments if a.state == "present"}
        return UnitRead(
            member.path,
            items=tuple(self.items),
            accounts=tuple(self.accounts),
            threads=tuple(self.threads),
            contents=tuple(content for content in self.contents if content.locator in named),
            unknown_fields=frozenset(self.unknown),
            former=self.former,
        )


@dataclass(slots=True)
class Scene:
    """One thread as one account sees it."""

    channel: str
    parser: str
    via: Key
    thread: Key
    scope: str = ""
    """The space of item ids."""
    people: str = ""
    """The space of ids and names of accounts."""
    visibility: Any = None
    history: Any = "last_state"
    _equals: Counter[str] = field(default_factory=Counter)

    def key(self, item: str) -> Key:
        """The key of an item to which the platform gives an id."""
        return Key(channel=self.channel, scope=self.scope, id=item)

    def derived(self, *parts: str | None) -> Key:
        """A key made from what was said; equal things are told apart by their order."""
        found = derived_id(self.channel, self.thread.id, *(part or "" for part in parts))
        self._equals[found] += 1
        if self._equals[found] > 1:
            found = derived_id(found, str(self._equals[found]))
        return Key(channel=self.channel, scope=self.scope, id=found, derived=True)

    def first_derived(self, *parts: str | None) -> Key:
        """The key that ``derived`` gives to the first of equal things; it is not counted."""
        found = derived_id(self.channel, self.thread.id, *(part or "" for part in parts))
        return Key(channel=self.channel, scope=self.scope, id=found, derived=True)

    def account(self, ident: str) -> Key:
        """The key of an account."""
        return Key(channel=self.channel, scope=self.people, id=ident)

    def person(self, name: str | None, state: Any = "unknown") -> Actor | None:
        """Somebody of whom only the name is told."""
        if not name:
            return None
        return Actor(
            account=Key(channel=self.channel, scope=self.people, id=name, derived=True),
            written=name,
            state=state,
        )

    def actor(self, ident: str | None, written: str | None = None, state: Any = "unknown") -> Actor | None:
        """Somebody by id, name, or both."""
        if ident is None:
            return self.person(written, state)
        return Actor(account=self.account(ident), written=written, state=state)

    def item(self, raw: Raw, key: Key, **said: Any) -> Item:
        """An item of this thread; posted as a message unless told otherwise."""
        given: dict[str, Any] = {
            "event": "posted",
            "form": "message",
            "visibility": self.visibility,
            "history": self.history,
            **said,
        }
        return Item(key=key, via=self.via, thread=self.thread, parser=self.parser, raw=raw, **given)
