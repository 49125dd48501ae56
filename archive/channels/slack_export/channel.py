"""The channel: which members are what, and their objects one by one."""

import re
from collections.abc import Iterator
from typing import Any, ClassVar

from archive.channels.slack_export.answers import answers, read_answers
from archive.channels.slack_export.messages import message_item
from archive.channels.slack_export.workspace import (
    CHANNEL,
    CHANNELS,
    LOOK_AT,
    OTHER,
    PEOPLE,
    Workspace,
    account,
    is_day_file,
    load,
    objects,
    read_workspace,
    roots,
    thread,
)
from archive.errors import UnreadableInput
from archive.ports import Confidence, Facts, ReadOptions
from archive.reading.json_stream import Element, array_elements
from archive.reading.private import Private, find_ranges
from archive.reading.tree import Member, Tree
from archive.reading.units import Completeness, MemberProblem, Reading, UnitExcluded, UnitFailed, UnitRead
from schemas.capture import Claim
from schemas.item import Item, Raw

_TS = re.compile(r"\d{9,11}\.\d{6}")
_FILE_ID = re.compile(r"(?<![A-Z0-9])(F[A-Z0-9]{7,12})(?![A-Z0-9])")
_TOKENS = re.compile(rb"\b(xox[a-z](?:\.[a-z]+)?(?:-|%2[Dd])[A-Za-z0-9%._-]+)")
_BROKEN = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


class SlackExport:
    """Reads the export of a workspace: standard, corporate or single-channel."""

    name: ClassVar[str] = CHANNEL
    parser: ClassVar[str] = "slack-export/5"
    facts: ClassVar[Facts] = Facts(
        title="Slack",
        layouts=(
            "standard export",
            "full export with direct messages",
            "single day files",
            "answers of the Web API",
        ),
        ask_for="a workspace owner: Settings, Import/export data",
        edits="last state, with time",
        deletions="tombstone or absent",
        receipts="no",
        direct="full export only",
        claim="last_state",
        tested="real files",
        left_out=("export tokens in the addresses of files",),
    )

    def private(self, tree: Tree) -> Iterator[Private]:
        """The tokens in the addresses of files: they open the files of the workspace."""
        for member in tree.files():
            if member.name.endswith(".json") and (ranges := find_ranges(member, _TOKENS)):
                yield Private(member.path, "export tokens in the addresses of files", ranges)

    def detect(self, tree: Tree) -> Confidence:
        """By day files whose objects carry a ``ts``, and by the lists of people and channels beside them."""
        if any(kind == "messages" for _, kind in answers(tree)):
            return Confidence(95, "lists of messages as the Web API gives them")
        days = [member for member in tree.files() if is_day_file(member)][:LOOK_AT]
        with_ts = sum(any(_is_message(entry) for entry in _first(member)) for member in days)
        people = any(
            isinstance(entry.get("id"), str) and isinstance(entry.get("profile"), dict)
            for member in tree.files()
            if member.name in PEOPLE
            for entry in _first(member)
        )
        channels = any(
            isinstance(entry.get("id"), str) and isinstance(entry.get("members"), list)
            for member in tree.files()
            if member.name in CHANNELS
            for entry in _first(member)
        )
        if with_ts and (people or channels):
            return Confidence(98, "day files with ts, and the lists of people or channels")
        if with_ts:
            return Confidence(70, "day files whose objects carry a ts")
        if people and channels:
            return Confidence(60, "lists of people and channels, no messages")
        return Confidence(0, "no day files with ts")

    def read(self, tree: Tree, options: ReadOptions) -> Iterator[Reading]:
        """Read every export in the tree; what is no part of one is left out with a reason."""
        yield from tree.left_out
        if found_answers := answers(tree):
            yield from read_answers(tree, options, found_answers, self.parser)
            return
        files = _files_by_id(tree)
        found_roots = roots(tree)
        for root in sorted(found_roots, key=len, reverse=True):
            workspace = read_workspace(tree, root, options.source, options.mine)
            inner = [other for other in found_roots if len(other) > len(root) and other.startswith(root)]
            found = 0
            for member in tree.files():
                if not member.path.startswith(root) or any(member.path.startswith(other) for other in inner):
                    continue
                for reading in self._member(tree, member, workspace, options, files):
                    found += len(reading.items) if isinstance(reading, UnitRead) else 0
                    yield reading
            yield Completeness(claims=(Claim(scope=root or tree.name, kind="last_state", found=found),))
        outside = [
            member for member in tree.files() if not any(member.path.startswith(r) for r in found_roots)
        ]
        for member in outside:
            yield MemberProblem(member.path, "outside the export", foreign=True)

    def _member(
        self,
        tree: Tree,
        member: Member,
        workspace: Workspace,
        options: ReadOptions,
        files: dict[str, Member],
    ) -> Iterator[Reading]:
        folder = member.folder[len(workspace.root) :].rstrip("/").rpartition("/")[2]
        listed = member.folder == workspace.root and member.name in (*PEOPLE, *CHANNELS)
        other = member.name in OTHER
        if not (listed or other or is_day_file(member) or tree.single):
            if member.path not in {file.path for file in files.values()}:
                yield MemberProblem(member.path, "no day file, and no message names it", foreign=True)
            return
        empty = True
        try:
            with member.open() as stream:
                for element in array_elements(stream):
                    empty = False
                    if other:
                        yield UnitExcluded(member.path, "settings and logs of the workspace, no messages")
                    else:
                        name = folder or options.thread or tree.name
                        yield self._unit(member, element, workspace, "" if listed else name, files)
        except UnreadableInput as error:
            yield MemberProblem(member.path, str(error))
            return
        if empty:
            yield UnitExcluded(member.path, "holds nothing to read")

    def _unit(
        self, member: Member, element: Element, workspace: Workspace, folder: str, files: dict[str, Member]
    ) -> Reading:
        entry = load(element)
        if not isinstance(entry, dict):
            reason = "no JSON object" if element.whole else "cut off, or longer than the limit"
            return UnitFailed(member.path, reason, element.start, element.end)
        raw = Raw(
            member=member.path,
            start=element.start,
            end=element.end,
            pointer=f"/{element.number}",
            slice=element.data,
        )
        try:
            if not folder:
                return _described(member, entry, workspace, raw)
            item, contents, unknown = message_item(workspace, folder, entry, raw, self.parser, files)
        except _BROKEN as error:
            reason = f"not a message as Slack writes it ({type(error).__name__})"
            return UnitFailed(member.path, reason, element.start, element.end)
        items: tuple[Item, ...] = (item,)
        return UnitRead(member.path, items=items, contents=contents, unknown_fields=unknown)


def _described(member: Member, entry: dict[str, Any], workspace: Workspace, raw: Raw) -> UnitRead:
    """An object of a list: it describes an account or a thread."""
    if member.name in PEOPLE:
        person = account(workspace, entry, raw)
        if person is None:
            raise ValueError("no id")
        return UnitRead(member.path, accounts=(person,))
    channel = thread(workspace, entry, member.name, raw)
    if channel is None:
        raise ValueError("no id")
    return UnitRead(member.path, threads=(channel,))


def _first(member: Member) -> Iterator[dict[str, Any]]:
    """A few objects from the beginning of a file."""
    for index, (_, entry) in enumerate(objects(member)):
        yield entry
        if index + 1 >= LOOK_AT:
            return


def _is_message(entry: dict[str, Any]) -> bool:
    ts = entry.get("ts")
    return isinstance(ts, str) and _TS.fullmatch(ts) is not None and "type" in entry


def _files_by_id(tree: Tree) -> dict[str, Member]:
    """Downloaded files beside the export, by the id of Slack (``F…``) in their name or folder."""
    found: dict[str, Member] = {}
    for member in tree.members:
        if member.name.endswith(".json"):
            continue
        for part in (member.name, member.folder.rstrip("/").rpartition("/")[2]):
            if match := _FILE_ID.search(part):
                found.setdefault(match[1], member)
    return found
