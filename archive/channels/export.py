"""What the readers of exports share: a walk over members that counts each, and the making of items.

A reader derives from ``ExportReader`` and gives a ``Run``: it says for every member who takes it, and its
takers yield readings.
"""

import json
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from archive.channels.called import also_called
from archive.channels.scene import LeaveOut, Made, Scene
from archive.errors import UnreadableInput
from archive.ports import Confidence, Facts, ReadOptions
from archive.reading.beside import Beside
from archive.reading.json_fields import Fields, NotUnderstood, load_json
from archive.reading.json_stream import ELEMENT_CAP
from archive.reading.json_walk import Path, Value, walk
from archive.reading.lines import read_lines
from archive.reading.owners import exports_in
from archive.reading.private import MASKED, Private, is_masked
from archive.reading.rows import Cells, Row, read_rows
from archive.reading.shape import Shape, script_prefix, shapes
from archive.reading.tree import Member, Tree
from archive.reading.units import (
    Completeness,
    MemberProblem,
    Reading,
    UnitExcluded,
    UnitFailed,
    unknown_via,
)
from schemas.capture import Claim, Gap
from schemas.item import Actor, Key, Raw

__all__ = ["ExportReader", "LeaveOut", "Made", "Run", "Scene", "Taker", "look", "plain_json"]

BROKEN = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError)
"""What reading a unit of an unexpected make may raise; it fails that unit alone."""
Taker = Callable[[Member], Iterator[Reading]]


Make = Callable[[Fields, Raw, Made], None]


class Run:
    """One reading of one tree: who takes which member, and what was found."""

    def __init__(self, reader: "ExportReader", tree: Tree, options: ReadOptions) -> None:
        self.channel, self.parser = reader.name, reader.parser
        self.tree, self.options, self.claim = tree, options, reader.facts.claim
        self.beside = Beside(tree)
        self.claims: list[Claim] = []
        self.gaps: list[Gap] = []
        self.found = 0
        self.via = self.as_told()
        self.called: dict[str, tuple[str, ...]] = {}
        """Id of an account → its names, where the export tells them elsewhere than with what was said."""

    def named(self, actor: Actor | None) -> Actor | None:
        """Give somebody with the names that the export tells elsewhere."""
        ident = actor.account.id if actor and actor.account else ""
        return also_called(actor, *self.called.get(ident, ()))

    def as_told(self) -> Key:
        """Whose export this is as far as a person named it; every export of a tree begins with that."""
        mine = self.options.mine
        return (
            Key(channel=self.channel, scope="", id=mine.strip(), derived=True)
            if mine
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
                elif not value.whole and not value.data:
                    yield UnitFailed(member.path, "a value longer than the limit", value.start, value.end)
                elif scalar is not None and value.whole and value.data[:1] not in b"{[":
                    try:
                        scalar(value.path, self.decode(value.data))
                    except BROKEN:
                        if value.data.strip(b"*"):  # what is masked reads as stars
                            yield UnitFailed(member.path, "a value out of its place", value.start, value.end)

    def line_units(self, member: Member, make: Make) -> Iterator[Reading]:
        """The lines of a JSONL member, one object each; blank ones are none."""
        with member.open() as stream:
            for number, line in enumerate(read_lines(stream, cap=ELEMENT_CAP)):
                data = line.data.strip(b" \t\r\n\xef\xbb\xbf")
                if line.whole and is_masked(data):
                    yield UnitExcluded(member.path, MASKED, private=True)
                    continue
                if data or not line.whole:
                    start = line.start + line.data.find(data[:1]) if line.whole else line.start
                    end = start + len(data) if line.whole else line.end
                    yield self.unit(member, Value((number,), start, end, data, line.whole), make)

    def csv_units(
        self,
        member: Member,
        make: Callable[[Cells, Raw, Made], None],
        *,
        header: Sequence[str] | None = None,
        escape: str = "",
    ) -> Iterator[Reading]:
        """The rows of a delimited member under its first row, or under a header that is told."""
        with member.open() as stream:
            for row in read_rows(stream, escape=escape):
                if header is None and row.cells is not None:
                    header = [cell.strip() for cell in row.cells]
                    continue
                yield self._row(member, row, header or (), make)

    def _row(
        self, member: Member, row: Row, header: Sequence[str], make: Callable[[Cells, Raw, Made], None]
    ) -> Reading:
        if is_masked(row.data):
            return UnitExcluded(member.path, MASKED, private=True)
        if row.cells is not None and not any(cell.strip() for cell in row.cells):
            return UnitExcluded(member.path, "an empty row")
        if row.cells is None or len(row.cells) < len(header):
            reason = "a quote that never closes" if row.cells is None else "fewer cells than the header"
            return UnitFailed(member.path, reason, row.start, row.end)
        cells, made = Cells(header, row.cells), Made()
        raw = Raw(
            member=member.path, start=row.start, end=row.end, pointer=f"row {row.number}", slice=row.data
        )
        return self._made(member, made, row.start, row.end, lambda: make(cells, raw, made))

    def decode(self, data: bytes) -> Any:
        """The value of a unit; an array stands under the name "" of an object."""
        value = load_json(data)
        return {"": value} if isinstance(value, list) else value

    def unit(self, member: Member, value: Value, make: Make) -> Reading:
        """One unit: decoded and made, or failed alone."""
        if not value.whole:
            return UnitFailed(member.path, "cut off, or longer than the limit", value.start, value.end)
        raw = Raw(
            member=member.path, start=value.start, end=value.end, pointer=value.pointer, slice=value.data
        )
        made = Made()
        return self._made(
            member, made, value.start, value.end, lambda: make(Fields(self.decode(value.data)), raw, made)
        )

    def _made(self, member: Member, made: Made, start: int, end: int, make: Callable[[], None]) -> Reading:
        """What a unit became: read, left out, or failed alone."""
        try:
            make()
        except LeaveOut as rule:
            return UnitExcluded(member.path, str(rule), private=rule.private)
        except NotUnderstood as error:
            return UnitFailed(member.path, str(error), start, end)
        except BROKEN as error:
            return UnitFailed(
                member.path, f"not as {self.channel} writes it ({type(error).__name__})", start, end
            )
        self.found += len(made.items)
        return made.reading(member)

    def completeness(self) -> Completeness:
        """What can be claimed at the end; a count that is met says nothing of what was deleted before."""
        if self.claim not in {claim.kind for claim in self.claims}:
            self.claims.append(Claim(scope=self.tree.name, kind=self.claim, found=self.found))
        return Completeness(tuple(self.claims), tuple(self.gaps))


class ExportReader:
    """A reader that goes through the members of a tree in their order."""

    name: ClassVar[str]
    parser: ClassVar[str]
    facts: ClassVar[Facts]
    run: ClassVar[type[Run]]
    owner: ClassVar[str | None] = None
    """The end of the path of the member that names the account: what lies with one is not read with another."""

    def detect(self, tree: Tree) -> Confidence:
        """By the outline of the members: the best of what ``likeness`` says of each."""
        best = Confidence(0, "no file has the structure")
        for _, shape in shapes(tree).sample():
            percent, because = self.likeness(shape)
            if percent > best.percent:
                best = Confidence(percent, because)
        return best

    @abstractmethod
    def likeness(self, shape: Shape) -> tuple[int, str]:
        """How surely one member is of this platform, and by what."""

    def private(self, tree: Tree) -> Iterator[Private]:
        """The members that the run leaves out with a reason: only what is read enters the archive."""
        run = self.run(self, tree, ReadOptions())
        for member in tree.files():
            reason = run.taker(member)
            if isinstance(reason, str):
                yield Private(member.path, reason)

    def read(self, tree: Tree, options: ReadOptions) -> Iterator[Reading]:
        """Read what the run takes; every other member belongs to an item or is left out with a reason."""
        yield from tree.left_out
        beside, later = Beside(tree), list[Member]()
        parts = exports_in(tree, self.owner)
        for root, part in parts.items():
            for reading in self._export(part, beside, options, later):
                yield _within(root, tree.name, reading) if len(parts) > 1 else reading
        for member in later:
            if member.path not in beside.used:
                yield MemberProblem(
                    member.path, "no file of such an export, and no item names it", foreign=True
                )

    def _export(
        self, tree: Tree, beside: Beside, options: ReadOptions, later: list[Member]
    ) -> Iterator[Reading]:
        """One export; ``later`` gets the members that only an item can claim."""
        run = self.run(self, tree, options)
        run.beside = beside
        for member in tree.files():
            taker = run.taker(member)
            if taker is None:
                later.append(member)
            elif isinstance(taker, str):
                yield UnitExcluded(member.path, taker)
            else:
                yield from _taken(taker, member)
        yield run.completeness()


def _within(root: str, name: str, reading: Reading) -> Reading:
    """What is claimed of one export among several names it by its folder."""
    if not isinstance(reading, Completeness):
        return reading
    scopes = (root if claim.scope == name else root + claim.scope for claim in reading.claims)
    claims = (
        claim.model_copy(update={"scope": scope}) for claim, scope in zip(reading.claims, scopes, strict=True)
    )
    return replace(reading, claims=tuple(claims))


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


def look(
    member: Member,
    wanted: Callable[[Path], bool],
    *,
    enter: Callable[[Path], bool],
    decode: Callable[[bytes], Any] = load_json,
) -> dict[str, Any]:
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
                        found[value.pointer] = decode(value.data)
                    except NotUnderstood:
                        continue
    except UnreadableInput:
        return found
    return found


def plain_json(value: object) -> str:
    """JSON as one text, for bodies that are structures (facets, entities, blocks)."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
