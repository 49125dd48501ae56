"""The plan of runs: which channel reads what of an input, until every file of it has been named.

A folder or zip may hold the exports of several channels. The surest reads first; what it does not know goes
on to the others; what nobody knows is captured, named and counted as failed.
"""

import re
from collections import deque
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from pathlib import Path

from archive.ports import Channel
from archive.reading.private import Private
from archive.reading.tree import SEPARATOR, Member, Tree
from archive.reading.units import MemberProblem, UnitExcluded
from archive.services.ingest.recognise import SURE_ENOUGH, Recognised, Unrecognised, answers, recognise

SURE_ALONE = 70
"""For a folder or zip within an input to be taken as an export of its own."""
_PRODUCTS = "/Takeout/"
"""The folder of the products in a download of Google's, in every language."""
MANY = 200
"""Folders and zips at the top of an input that are asked about one by one."""


@dataclass(frozen=True, slots=True)
class Part:
    """A tree, or a part of one, that is read as one run."""

    tree: Tree
    found: Recognised | Unrecognised
    prefix: str = ""
    """Where it lies in the input."""
    tried: frozenset[str] = frozenset()
    """The channels that did not know these files."""
    private: tuple[Private, ...] = ()
    reasons: dict[str, str] = field(default_factory=dict)
    """Why nobody knows a file, by its path."""


class Plan:
    """The runs over one input that are still to come."""

    def __init__(self, tree: Tree, channels: Sequence[Channel], wanted: str | None) -> None:
        self._tree, self._channels, self._wanted = tree, channels, wanted
        self._parts: deque[Part] = deque()
        self._unknown: dict[str, str] = {}
        self._left_out: list[MemberProblem | UnitExcluded] = []
        self._ended = False
        self.partly: set[Path] = set()
        """Files on disk in which something private lies: they are not kept whole, whoever reads them."""
        self.partly |= self._beside_products(member for member in tree.members if member.inside)
        self._cut(tree, "", frozenset())
        if not self._parts and not self._unknown and not self._left_out:
            self._left_out.append(MemberProblem("", "the folder holds no files"))

    def next(self) -> Part | None:
        """The next run; the last one is of what nobody knows. None when every file has been named."""
        if self._parts:
            return self._parts.popleft()
        if self._ended or not (self._unknown or self._left_out):
            return None
        self._ended = True
        members = [member for member in self._tree.members if member.path in self._unknown]
        self.partly |= self._beside_products(members)
        tree = self._tree.part(members, self._left_out)
        return Part(tree, Unrecognised("not recognised"), reasons=self._unknown)

    def _beside_products(self, members: Iterable[Member]) -> set[Path]:
        """Files of a download of all products of Google: contacts, places and searches lie beside what is read."""
        return {one.file for one in members if _PRODUCTS in f"/{self._tree.name}/{one.path}"}

    def go_on(self, part: Part, tree: Tree, reasons: dict[str, str]) -> None:
        """Give the files that a run did not know, with its reasons, to the other channels."""
        members = [member for member in tree.members if member.path in reasons]
        if part.private:  # what lies beside private things may be private too
            self.partly |= {member.file for member in members}
        if self._wanted is not None or not isinstance(part.found, Recognised):
            self._unknown |= {part.prefix + path: reason for path, reason in reasons.items()}
        elif members:
            tried = part.tried | {part.found.channel.name}
            self._cut(tree.part(members, ()), part.prefix, tried, first=True)

    def _cut(self, tree: Tree, prefix: str, tried: frozenset[str], *, first: bool = False) -> None:
        """Cut a tree into parts; what is recognised as nothing is taken apart, down to its files."""
        channels = [channel for channel in self._channels if channel.name not in tried]
        found: list[Part] = []
        waiting = [(tree, prefix)]
        while waiting:
            tree, prefix = waiting.pop()
            whole = self._wanted is not None or tree.single or not any(tree.files())
            pieces = [] if whole else _exports(tree, channels)
            if pieces:
                waiting += self._below(tree, prefix, pieces)
                continue
            answer = recognise(tree, channels, self._wanted)
            if isinstance(answer, Recognised) and any(tree.files()):
                tree, private, others = self._private(tree, answer.channel, channels)
                waiting += [(other, prefix + path) for path, other in others]
                found.append(Part(tree, answer, prefix, tried, private))
            elif isinstance(answer, Unrecognised) and not whole:
                waiting += self._below(tree, prefix, [[top] for top in _tops(tree)])
            else:
                if isinstance(answer, Unrecognised):
                    self._unknown |= {prefix + member.path: answer.reason for member in tree.files()}
                self._leave_out(tree.left_out, prefix)
        if first:
            self._parts.extendleft(reversed(found))
        else:
            self._parts.extend(found)

    def _private(
        self, tree: Tree, channel: Channel, channels: Sequence[Channel]
    ) -> tuple[Tree, tuple[Private, ...], list[tuple[str, Tree]]]:
        """What a channel leaves out as private; and what it would leave out but another one is sure of.

        The latter lies in the same folder only by chance: a file is an input of its own, and so is a folder of which
        this channel knows nothing.
        """
        private = tuple(channel.private(tree))
        theirs: dict[str, Tree] = {}
        if self._wanted is None and not tree.single:
            rivals = [other for other in channels if other is not channel]
            theirs = _of_others(tree, channel, rivals, {one.member for one in private if one.ranges is None})
        gone = {member.path or path for path, one in theirs.items() for member in one.members}
        private = tuple(one for one in private if one.member not in gone)
        self.partly |= {file for one in private if (file := tree.file_of(one.member)) is not None}
        if theirs:
            tree = tree.part((m for m in tree.members if m.path not in gone), tree.left_out)
        return tree, private, list(theirs.items())

    def _below(self, tree: Tree, prefix: str, pieces: Iterable[Sequence["Top"]]) -> list[tuple[Tree, str]]:
        """The pieces of a tree as trees of their own, the last first; what was left out beside them is noted."""
        inner: list[tuple[Tree, str]] = []
        roots: list[str] = []
        for piece in pieces:
            [top, *others] = piece
            if others:
                members = sorted((m for one in piece for m in one.members), key=lambda member: member.path)
                part = tree.part(members, ())
                if all(one.zipped for one in piece):
                    part.name = top.root.removesuffix(SEPARATOR).rpartition("/")[2]
                inner.append((part, prefix))
            elif top.root:
                inner.append((tree.below(top.root, top.members), prefix + top.root))
                roots.append(top.root)
            else:
                inner.append((tree.alone(top.members[0]), prefix + top.members[0].path))
        beside = (left for left in tree.left_out if not left.member.startswith(tuple(roots)))
        self._leave_out(beside, prefix)
        return inner[::-1]

    def _leave_out(self, left_out: Iterable[MemberProblem | UnitExcluded], prefix: str) -> None:
        self._left_out += (replace(left, member=prefix + left.member) for left in left_out)


def _of_others(
    tree: Tree, channel: Channel, rivals: Sequence[Channel], private: AbstractSet[str]
) -> dict[str, Tree]:
    """Of what a channel would leave out what is another's, by its place in the tree ("" where paths stay whole)."""
    folders = [
        top
        for top in _tops(tree)
        if top.root and not private.isdisjoint(member.path for member in top.members)
    ]
    found: list[Member] = []
    for top in folders:
        below = tree.part(top.members, ())
        if channel.detect(below).percent < SURE_ENOUGH and _sure(rivals, below):
            found += top.members
    theirs = {"": tree.part(found, ())} if found else {}
    taken = {member.path for member in found}
    for member in tree.members:
        if member.path in private - taken and _sure(rivals, alone := tree.alone(member)):
            theirs[member.path] = alone
    return theirs


def _sure(channels: Sequence[Channel], tree: Tree) -> bool:
    """Whether one of the channels knows a tree as its own."""
    return any(channel.detect(tree).percent >= SURE_ALONE for channel in channels)


@dataclass(slots=True)
class Top:
    """What lies at the top of a tree: a file, or a folder or zip (``root`` is its path, with the slash)."""

    root: str
    members: list[Member] = field(default_factory=list)

    @property
    def zipped(self) -> bool:
        """Whether it is a zip."""
        return self.root.endswith(SEPARATOR)


def _tops(tree: Tree) -> list[Top]:
    """The members by the first part of their path in which they differ."""
    base = ""
    while True:
        tops: dict[str, Top] = {}
        for member in tree.members:
            path = member.path + SEPARATOR if member.container else member.path
            if not path.startswith(base) or path == base:
                continue
            slash = path.find("/", len(base))
            root = path[: slash + 1] if slash >= 0 else ""
            tops.setdefault(root or path, Top(root)).members.append(member)
        [first, *others] = tops.values() or [Top("")]
        if others or not first.root:
            return list(tops.values())
        base = first.root


def _exports(tree: Tree, channels: Sequence[Channel]) -> list[list[Top]]:
    """The tops in pieces, if they are exports of several channels; the parts of one download stay together.

    What lies beside belongs to the one export that is a folder, if there is one; else it is a piece of its own.
    """
    tops = _tops(tree)
    asked = [top for top in tops if top.root]
    if len(asked) > MANY and sum(c.percent >= SURE_ENOUGH for c, _ in answers(tree, channels)) < 2:
        return []
    names: dict[str, str] = {}
    for top in asked:
        answer = recognise(tree.part(top.members, ()), channels)
        if isinstance(answer, Recognised) and answer.confidence and answer.confidence.percent >= SURE_ALONE:
            names[top.root] = answer.channel.name
    if len(set(names.values())) < 2:
        return []
    spanning = _spanning(tree, channels, asked)
    names |= dict.fromkeys(spanning.tops, spanning.name)
    if len(set(names.values())) < 2:
        return []
    stems = {stem for root in names if (stem := part_stem(root.removesuffix(SEPARATOR)))}
    pieces: dict[str, list[Top]] = {}
    rest: list[Top] = []
    for top in tops:
        stem = part_stem(top.root.removesuffix(SEPARATOR)) if top.zipped else None
        if stem in stems:
            pieces.setdefault(f"stem {stem}", []).append(top)
        elif top.root not in names:
            rest.append(top)
        else:
            pieces.setdefault(top.root if top.zipped else f"channel {names[top.root]}", []).append(top)
    folders = [key for key in pieces if key.startswith("channel ")]
    if rest:
        whose = f"channel {spanning.name}" if spanning.tops else folders[0] if len(folders) == 1 else "rest"
        pieces.setdefault(whose, []).extend(rest)
    return list(pieces.values())


@dataclass(frozen=True, slots=True)
class _Spanning:
    """An export that lies over several folders, with what says so beside them."""

    name: str = ""
    tops: tuple[str, ...] = ()


def _spanning(tree: Tree, channels: Sequence[Channel], tops: Sequence[Top]) -> _Spanning:
    """Find the channel that is surer of the whole than of any part: its folders are one export, strays in them or not.

    A mail that somebody put into a folder of a workspace must not cut that folder off from the list of its people.
    """
    best, channel = answers(tree, channels)[0]
    parts = {top.root: channel.detect(tree.part(top.members, ())).percent for top in tops if not top.zipped}
    if best.percent < SURE_ALONE or best.percent <= max(parts.values(), default=100):
        return _Spanning()
    return _Spanning(channel.name, tuple(root for root, percent in parts.items() if percent >= SURE_ENOUGH))


_PART = re.compile(r"(.+?)(?:[-_ ]part[-_ ]?\d{1,3}|-\d{3}|_\d{1,2})\.zip", re.IGNORECASE)


def part_stem(name: str) -> str | None:
    """The common name of the parts of one download (``takeout-…-001.zip``); None if it is no part."""
    match = _PART.fullmatch(name)
    return match[1] if match else None


def together(paths: Sequence[Path]) -> list[tuple[Path, ...]]:
    """Given paths, those that are parts of one download side by side, in the order given."""
    groups: dict[tuple[Path, str], list[Path]] = {}
    for path in paths:
        stem = part_stem(path.name)
        groups.setdefault((path.parent, stem or f"/{path}"), []).append(path)
    return [tuple(group) for group in groups.values()]
