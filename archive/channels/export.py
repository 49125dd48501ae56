"""What the readers of exports share: a walk over members that counts each, and the making of items.

A reader derives from ``ExportReader`` and gives a ``Run``: it says for every member who takes it, and its
takers yield readings. ``Scene`` holds what the items of one thread have in common.
"""

import json
from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from archive.channels.keys import derived_id, unknown_via
from archive.errors import UnreadableInput
from archive.ports import Confidence, Facts, ReadOptions
from archive.reading.beside import Beside
from archive.reading.json_fields import Fields, NotUnderstood, load_json
from archive.reading.json_walk import Path, Value, walk
from archive.reading.private import Private
from archive.reading.shape import Shape, script_prefix, shapes
from archive.reading.tree import Member, Tree
from archive.reading.units import (
    Completeness,
    Content,
    MemberProblem,
    Reading,
    UnitExcluded,
    UnitFailed,
    UnitRead,
)
from schemas.capture import Claim, Gap
from schemas.item import Account, Actor, Item, Key, Raw, Thread

BROKEN = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError)
"""What reading a unit of an unexpected make may raise; it fails that unit alone."""
Taker = Callable[[Member], Iterator[Reading]]


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

    def told(self, fields: Fields, *names: str) -> tuple[tuple[str, str], ...]:
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
        )


Make = Callable[[Fields, Raw, Made], None]


@dataclass(slots=True)
class Scene:
    """One thread as one account sees it."""

    channel: str
    parser: str
    via: Key
    thread: Key
    scope: str = ""
    """The space of item ids."""
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

    def account(self, ident: str) -> Key:
        """The key of an account whose ids are unique on the platform."""
        return Key(channel=self.channel, scope="", id=ident)

    def person(self, name: str | None, state: Any = "unknown") -> Actor | None:
        """Somebody of whom only the name is told."""
        if not name:
            return None
        return Actor(
            account=Key(channel=self.channel, scope="", id=name, derived=True), written=name, state=state
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


class Run:
    """One reading of one tree: who takes which member, and what was found."""

    def __init__(self, reader: "ExportReader", tree: Tree, options: ReadOptions) -> None:
        self.channel, self.parser = reader.name, reader.parser
        self.tree, self.options = tree, options
        self.beside = Beside(tree)
        self.claims: list[Claim] = []
        self.gaps: list[Gap] = []
        self.found = 0
        self.via = (
            Key(channel=self.channel, scope="", id=options.mine.strip(), derived=True)
            if options.mine
            else unknown_via(self.channel)
        )

    @abstractmethod
    def taker(self, member: Member) -> Taker | str | None:
        """Who reads a member; a reason to leave it out; None if it can only belong to an item."""

    def scene(self, thread: str, *, derived: bool = False, **more: Any) -> Scene:
        """A thread as the account of this export sees it."""
        key = Key(channel=self.channel, scope=more.get("scope", ""), id=thread, derived=derived)
        return Scene(self.channel, self.parser, self.via, key, **more)

    def json_units(
        self,
        member: Member,
        is_unit: Callable[[Path], bool],
        make: Callable[[Value, Fields, Raw, Made], None],
        *,
        enter: Callable[[Path], bool] = lambda _: True,
        scalar: Callable[[Path, Any], None] | None = None,
    ) -> Iterator[Reading]:
        """The units of a JSON member (or of the script that carries it), one by one.

        ``enter`` False passes over a value; ``scalar`` hears of every scalar outside of units, in order.
        """

        def choose(path: Path) -> bool | None:
            return True if is_unit(path) else False if enter(path) else None

        with member.open() as stream:
            skip = script_prefix(stream.read(1 << 12))
            stream.seek(skip)
            for value in walk(stream, choose, offset=skip):
                if is_unit(value.path):
                    yield self.unit(member, value, lambda f, r, m, v=value: make(v, f, r, m))  # type: ignore[misc]
                elif scalar is not None and value.whole and value.data[:1] not in b"{[":
                    try:
                        scalar(value.path, load_json(value.data))
                    except NotUnderstood:
                        yield UnitFailed(member.path, "a value that is no JSON", value.start, value.end)

    def unit(self, member: Member, value: Value, make: Make) -> Reading:
        """One unit: decoded and made, or failed alone."""
        if not value.whole:
            return UnitFailed(member.path, "cut off, or longer than the limit", value.start, value.end)
        raw = Raw(
            member=member.path, start=value.start, end=value.end, pointer=value.pointer, slice=value.data
        )
        made = Made()
        try:
            make(Fields(load_json(value.data)), raw, made)
        except LeaveOut as rule:
            return UnitExcluded(member.path, str(rule), private=rule.private)
        except NotUnderstood as error:
            return UnitFailed(member.path, str(error), value.start, value.end)
        except BROKEN as error:
            reason = f"not as {self.channel} writes it ({type(error).__name__})"
            return UnitFailed(member.path, reason, value.start, value.end)
        self.found += len(made.items)
        return made.reading(member)

    def completeness(self) -> Completeness:
        """What can be claimed at the end."""
        return Completeness(tuple(self.claims), tuple(self.gaps))


class ExportReader:
    """A reader that goes through the members of a tree in their order."""

    name: ClassVar[str]
    parser: ClassVar[str]
    facts: ClassVar[Facts]
    run: ClassVar[type[Run]]

    def detect(self, tree: Tree) -> Confidence:
        """By the outline of the members: the best of what ``likeness`` says of each."""
        best = Confidence(0, "no file has the structure")
        for member, shape in shapes(tree).sample():
            percent, because = self.likeness(member, shape)
            if percent > best.percent:
                best = Confidence(percent, because)
        return best

    @abstractmethod
    def likeness(self, member: Member, shape: Shape) -> tuple[int, str]:
        """How surely one member is of this platform, and by what."""

    def private(self, tree: Tree) -> Iterator[Private]:  # noqa: ARG002  (part of the port)
        """Nothing, unless a channel says otherwise."""
        return iter(())

    def read(self, tree: Tree, options: ReadOptions) -> Iterator[Reading]:
        """Read what the run takes; every other member belongs to an item or is left out with a reason."""
        yield from tree.left_out
        run = self.run(self, tree, options)
        later = []
        for member in tree.files():
            taker = run.taker(member)
            if taker is None:
                later.append(member)
            elif isinstance(taker, str):
                yield UnitExcluded(member.path, taker)
            else:
                yield from _taken(taker, member)
        for member in later:
            if tree.single:
                yield MemberProblem(member.path, "not a file of such an export")
            elif member.path not in run.beside.used:
                yield UnitExcluded(member.path, "not read, and no item names it")
        yield run.completeness()


def _taken(taker: Taker, member: Member) -> Iterator[Reading]:
    count = 0
    try:
        for reading in taker(member):
            count += 1
            yield reading
    except UnreadableInput as error:
        yield MemberProblem(member.path, str(error))
        return
    if not count:
        yield UnitExcluded(member.path, "holds nothing to read")


def look(member: Member, wanted: Callable[[Path], bool], *, enter: Callable[[Path], bool]) -> dict[str, Any]:
    """The scalars and chosen values of a member by pointer, for looking ahead; nothing fails here."""
    found: dict[str, Any] = {}

    def choose(path: Path) -> bool | None:
        return True if wanted(path) else False if enter(path) else None

    try:
        with member.open() as stream:
            skip = script_prefix(stream.read(1 << 12))
            stream.seek(skip)
            for value in walk(stream, choose, offset=skip):
                if value.whole:
                    try:
                        found[value.pointer] = load_json(value.data)
                    except NotUnderstood:
                        continue
    except UnreadableInput:
        return found
    return found


def plain_json(value: object) -> str:
    """JSON as one text, for bodies that are structures (facets, entities, blocks)."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
