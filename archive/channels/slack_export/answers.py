"""Answers of the Web API, as a collection keeps them: lists of messages, and who and what they speak of.

Authority: docs.slack.dev/reference/methods. A list of messages does not name its channel: the folder in which it lies
does. ``auth.test`` names the workspace and the account whose view it is.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Literal

from archive.channels.slack_export.messages import message_item
from archive.channels.slack_export.workspace import CHANNEL, Workspace, account, load, thread
from archive.errors import UnreadableInput
from archive.ports import ReadOptions
from archive.reading.json_walk import Path, Value, walk
from archive.reading.shape import Shape, shapes
from archive.reading.tree import Member, Tree
from archive.reading.units import (
    Completeness,
    MemberProblem,
    Reading,
    UnitExcluded,
    UnitFailed,
    UnitRead,
)
from schemas.capture import Claim
from schemas.item import Key, Raw

Kind = Literal["messages", "people", "channels", "token"]
_BROKEN = (ValueError, TypeError, KeyError, AttributeError, RecursionError)
_LISTS = ("messages", "members", "channels")
_FILE = re.compile(r"F[A-Z0-9]{7,12}")
_LIMIT = 64 << 20


def kind_of(shape: Shape) -> Kind | None:
    """Say which answer a file is, by its outline; None if it is none."""
    if shape.kind != "json" or not shape.has("/ok"):
        return None
    if shape.has("/messages"):
        return "messages"
    if shape.has("/user/id") or shape.has("/members/*/id"):
        return "people"
    if shape.has("/channel/id") or shape.has("/channels/*/id"):
        return "channels"
    return "token" if shape.has("/team_id", "/user_id") else None


def answers(tree: Tree) -> list[tuple[Member, Kind]]:
    """Give the answers in a tree."""
    found = (
        (member, kind_of(shapes(tree).of(member))) for member in tree.files() if member.name.endswith(".json")
    )
    return [(member, kind) for member, kind in found if kind is not None]


def read_answers(
    tree: Tree, options: ReadOptions, found: Sequence[tuple[Member, Kind]], parser: str
) -> Iterator[Reading]:
    """Read all answers; what is none, and no file of a message, is left to others."""
    workspace = _workspace(found, options)
    files = {
        member.folder.rstrip("/").rpartition("/")[2]: member
        for member in tree.members
        if _FILE.fullmatch(member.folder.rstrip("/").rpartition("/")[2])
    }
    mine = {member.path for member, _ in found} | {member.path for member in files.values()}
    count = 0
    for member, kind in found:
        if kind == "token":
            yield UnitExcluded(member.path, "whose token it is, no messages")
            continue
        folder = member.folder.rstrip("/").rpartition("/")[2] or options.thread or tree.name
        empty = True
        try:
            for value in _units(member):
                empty = False
                reading = _unit(member, kind, value, workspace, folder, files, parser)
                count += len(reading.items) if isinstance(reading, UnitRead) else 0
                yield reading
        except UnreadableInput as error:
            yield MemberProblem(member.path, str(error))
            continue
        if empty:
            yield UnitExcluded(member.path, "holds nothing to read")
    for member in tree.files():
        if member.path not in mine:
            yield MemberProblem(
                member.path, "no answer of the Web API, and no message names it", foreign=True
            )
    yield Completeness(claims=(Claim(scope=tree.name, kind="last_state", found=count),))


def _units(member: Member) -> Iterator[Value]:
    with member.open() as stream:
        for value in walk(stream, lambda path: True if _is_unit(path) else False if _leads(path) else None):
            if _is_unit(value.path) and (not value.whole or value.data[:1] == b"{"):
                yield value


def _is_unit(path: Path) -> bool:
    return (len(path) == 2 and path[0] in _LISTS) or path in (("user",), ("channel",))


def _leads(path: Path) -> bool:
    return not path or (len(path) == 1 and path[0] in _LISTS)


def _unit(
    member: Member,
    kind: Kind,
    value: Value,
    workspace: Workspace,
    folder: str,
    files: dict[str, Member],
    parser: str,
) -> Reading:
    entry = load(value)
    if not isinstance(entry, dict):
        reason = "no JSON object" if value.whole else "cut off, or longer than the limit"
        return UnitFailed(member.path, reason, value.start, value.end)
    raw = Raw(member=member.path, start=value.start, end=value.end, pointer=value.pointer, slice=value.data)
    try:
        if kind == "messages":
            item, contents, unknown = message_item(workspace, folder, entry, raw, parser, files)
            return UnitRead(member.path, items=(item,), contents=contents, unknown_fields=unknown)
        if kind == "people" and (person := account(workspace, entry, raw)):
            return UnitRead(member.path, accounts=(person,))
        if kind == "channels" and (channel := thread(workspace, entry, list_of(entry), raw)):
            return UnitRead(member.path, threads=(channel,))
    except _BROKEN as error:
        return UnitFailed(
            member.path, f"not as Slack writes it ({type(error).__name__})", value.start, value.end
        )
    return UnitFailed(member.path, "nothing with an id", value.start, value.end)


def list_of(channel: dict[str, Any]) -> str:
    """Give the file of an export in which such a channel would stand: it tells kind and visibility."""
    if channel.get("is_im") is True:
        return "dms.json"
    if channel.get("is_mpim") is True:
        return "mpims.json"
    return (
        "groups.json"
        if channel.get("is_private") is True or channel.get("is_group") is True
        else "channels.json"
    )


def _workspace(found: Sequence[tuple[Member, Kind]], options: ReadOptions) -> Workspace:
    """Gather who and what the messages speak of. What is broken surfaces when it is read as a unit."""
    workspace = Workspace("", scope=f"source:{options.source}", scope_derived=True)
    viewer: str | None = None
    if options.view is not None and not options.view.derived:
        workspace.scope, workspace.scope_derived, viewer = options.view.scope, False, options.view.id
    for member, kind in found:
        if kind == "messages":
            continue
        for entry in _objects(member, kind):
            if kind == "token":
                team, user = entry.get("team_id"), entry.get("user_id")
                if isinstance(team, str) and isinstance(user, str):
                    workspace.scope, workspace.scope_derived, viewer = team, False, user
            elif isinstance(ident := entry.get("id"), str) and kind == "people":
                workspace.note_user(ident, entry)
            elif isinstance(ident, str):
                workspace.note_channel(ident, entry.get("name"), list_of(entry))
    own = viewer or options.mine or "unknown"
    workspace.via = Key(channel=CHANNEL, scope=workspace.scope, id=own, derived=viewer is None)
    return workspace


def _objects(member: Member, kind: Kind) -> Iterator[dict[str, Any]]:
    try:
        if kind == "token":
            with member.open() as stream:
                told = json.loads(stream.read(_LIMIT))
            if isinstance(told, dict):
                yield told
            return
        for value in _units(member):
            entry = load(value)
            if isinstance(entry, dict):
                yield entry
    except (UnreadableInput, ValueError, RecursionError):
        return
