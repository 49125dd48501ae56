"""What the directory files of a Slack export tell: accounts, channels, and the scope of the workspace.

**Scope.** Ids of Slack are unique within a workspace, named by its team id (``T…``; ``team_id`` in
users.json). Where no file gives it, the scope is ``channel:`` and the oldest channel's id (shortest, then
smallest), which later exports of the workspace share; failing that ``source:`` and the name of the source.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal

from archive.channels.called import others
from archive.errors import UnreadableInput
from archive.reading.json_fields import NotUnderstood, load_json
from archive.reading.json_stream import Element, array_elements
from archive.reading.json_walk import Value
from archive.reading.tree import Member, Tree
from schemas.item import Account, Actor, Key, Raw, Thread

CHANNEL = "slack"
PEOPLE = ("users.json", "org_users.json")
CHANNELS = ("channels.json", "groups.json", "dms.json", "mpims.json")
OTHER = (
    "integration_logs.json",
    "canvases.json",
    "huddle_transcripts.json",
    "lists.json",
    "file_conversations.json",
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\.json")
_ID = re.compile(r"[CGD][A-Z0-9]{6,}")
Visibility = Literal["internal", "group", "direct"]
_VISIBILITY: dict[str, Visibility] = {
    "channels.json": "internal",
    "groups.json": "group",
    "dms.json": "direct",
    "mpims.json": "group",
}
_KIND: dict[str, Literal["channel", "group", "chat"]] = {
    "channels.json": "channel",
    "groups.json": "group",
    "dms.json": "chat",
    "mpims.json": "group",
}


@dataclass(slots=True)
class Workspace:
    """The directory of one export: the folder in which ``users.json`` and ``channels.json`` lie."""

    root: str
    scope: str = ""
    scope_derived: bool = False
    names: dict[str, str] = field(default_factory=dict)
    """Display name by user id."""
    also: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What else a user is called."""
    deleted: set[str] = field(default_factory=set)
    channels: dict[str, str] = field(default_factory=dict)
    """Channel name by id."""
    ids: dict[str, str] = field(default_factory=dict)
    """Channel id by the name of its folder."""
    visibility: dict[str, Visibility] = field(default_factory=dict)
    via: Key = field(default_factory=lambda: Key(channel=CHANNEL, scope="", id="unknown", derived=True))

    def user_key(self, user: str) -> Key:
        """The key of an account."""
        return Key(channel=CHANNEL, scope=self.scope, id=user)

    def actor(self, user: str, written: str | None = None, *more: str | None) -> Actor:
        """Somebody by id, with the names that the directory gives; an unknown user is one too.

        ``more``: further names that a message tells of them.
        """
        named = self.beside(user, written)
        also = others((*self.also.get(user, ()), *more), named.written, user)
        return named.model_copy(update={"also": also}) if also else named

    def beside(self, user: str, written: str | None = None) -> Actor:
        """Somebody who reacted, or is one of the members, with one name: the others stand in the description of the
        account, which goes with its owner's items, and not in everybody else's."""
        state: Literal["active", "deleted", "unknown"] = "unknown"
        if user in self.names:
            state = "deleted" if user in self.deleted else "active"
        return Actor(account=self.user_key(user), written=self.names.get(user) or written, state=state)

    def thread_key(self, folder: str) -> Key:
        """The key of the channel whose day files lie in a folder; the folder's name where no list has it."""
        known = self.ids.get(folder)
        if known is None and _ID.fullmatch(folder):
            known = folder
        return Key(channel=CHANNEL, scope=self.scope, id=known or folder, derived=known is None)

    def note_user(self, user: str, entry: dict[str, Any]) -> None:
        """Take in what an object of a user tells."""
        shown = self.names[user] = display_name(entry) or user
        if also := others(every_name(entry), shown, user):
            self.also[user] = also
        if entry.get("deleted") is True:
            self.deleted.add(user)

    def note_channel(self, channel: str, name: object, file: str) -> None:
        """Take in a channel that stands in such a list of an export."""
        self.channels[channel] = name if isinstance(name, str) and name else channel
        self.ids[self.channels[channel]] = channel
        self.ids[channel] = channel
        self.visibility[channel] = _VISIBILITY[file]


LOOK_AT = 5
"""Objects at the start of a file that tell what it is."""


def is_day_file(member: Member) -> bool:
    """A file of messages: ``<channel>/2024-03-05.json``."""
    return _DAY.fullmatch(member.name) is not None


def roots(tree: Tree) -> list[str]:
    """The folders that are exports: those with directory files, and the folders above day files outside of these."""
    found = {member.folder for member in tree.files() if member.name in (*PEOPLE, *CHANNELS)}
    for member in tree.files():
        if is_day_file(member) and not member.path.startswith(tuple(found)):
            above = _above(member.folder)
            if not found or above in found or _has_messages(member):
                found.add(above)
    return sorted(found) or [""]


def _has_messages(member: Member) -> bool:
    """Say whether objects with a ``ts`` stand at the start: other exports name files by the day, too."""
    return any("ts" in entry for _, entry in islice(objects(member), LOOK_AT))


def _above(folder: str) -> str:
    return folder.rstrip("/").rpartition("/")[0] + "/" if "/" in folder.rstrip("/") else ""


def read_workspace(tree: Tree, root: str, source: str, mine: str | None) -> Workspace:
    """Read the directory files once. What is broken in them surfaces when their units are read."""
    workspace = Workspace(root)
    teams: Counter[str] = Counter()
    for member in tree.files():
        if member.folder != root:
            continue
        for _, entry in objects(member):
            if member.name in PEOPLE:
                _note_user(workspace, entry, teams)
            elif member.name in CHANNELS and isinstance(entry.get("id"), str):
                workspace.note_channel(entry["id"], entry.get("name"), member.name)
    if teams:
        most = max(teams.values())
        workspace.scope = min(team for team, count in teams.items() if count == most)
    else:
        workspace.scope_derived = True
        oldest = min(workspace.channels, key=lambda channel: (len(channel), channel), default=None)
        workspace.scope = f"channel:{oldest}" if oldest else f"source:{source}"
    viewer = next((user for user, name in workspace.names.items() if mine and mine in (user, name)), None)
    workspace.via = (
        workspace.user_key(viewer)
        if viewer
        else Key(channel=CHANNEL, scope=workspace.scope, id=mine or "unknown", derived=True)
    )
    return workspace


def objects(member: Member) -> Iterator[tuple[Element, dict[str, Any]]]:
    """The well-formed objects of a file; nothing if it cannot be read. For looking ahead, not for
    counting."""
    if not member.name.endswith(".json"):
        return
    try:
        with member.open() as stream:
            for element in array_elements(stream):
                entry = load(element)
                if isinstance(entry, dict):
                    yield element, entry
    except UnreadableInput:
        return


def load(element: Element | Value) -> object:
    """The decoded element; None if it is no JSON. Numbers with a fraction stay text: a ``ts`` is an id."""
    if not element.whole:
        return None
    try:
        return load_json(element.data)
    except NotUnderstood:
        return None


def _note_user(workspace: Workspace, entry: dict[str, Any], teams: Counter[str]) -> None:
    user = entry.get("id")
    if not isinstance(user, str):
        return
    workspace.note_user(user, entry)
    if isinstance(entry.get("team_id"), str):
        teams[entry["team_id"]] += 1


def display_name(entry: dict[str, Any]) -> str | None:
    """The name that others saw."""
    profile = entry.get("profile") if isinstance(entry.get("profile"), dict) else {}
    for source, name in (
        (profile, "display_name"),
        (profile, "real_name"),
        (entry, "real_name"),
        (entry, "name"),
    ):
        value = source.get(name) if isinstance(source, dict) else None
        if isinstance(value, str) and value:
            return value
    return None


def every_name(entry: dict[str, Any]) -> Iterator[object]:
    """Every name and address by which an object of a user tells who that is."""
    profile = entry.get("profile")
    for source in (profile, entry):
        for name in ("display_name", "real_name", "name", "email"):
            yield source.get(name) if isinstance(source, dict) else None


def account(workspace: Workspace, entry: dict[str, Any], raw: Raw) -> Account | None:
    """The account that an object of users.json describes."""
    user = entry.get("id")
    if not isinstance(user, str):
        return None
    profile = entry.get("profile")
    address = profile.get("email") if isinstance(profile, dict) else None
    name, handle = display_name(entry), entry.get("name")
    handle = handle if isinstance(handle, str) else None
    address = address if isinstance(address, str) else None
    return Account(
        key=workspace.user_key(user),
        via=workspace.via,
        kind="bot" if entry.get("is_bot") is True else "person",
        name=name,
        handle=handle,
        address=address,
        also=others(every_name(entry), name, handle, address),
        state="deleted" if entry.get("deleted") is True else "active",
        raw=raw,
    )


def thread(workspace: Workspace, entry: dict[str, Any], file: str, raw: Raw) -> Thread | None:
    """The channel, group or direct conversation that an object of a list describes."""
    channel = entry.get("id")
    if not isinstance(channel, str):
        return None
    members = entry.get("members")
    return Thread(
        key=Key(channel=CHANNEL, scope=workspace.scope, id=channel),
        via=workspace.via,
        kind=_KIND[file],
        title=workspace.channels.get(channel),
        participants=tuple(
            workspace.beside(user)
            for user in (members if isinstance(members, list) else ())
            if isinstance(user, str)
        ),
        visibility=_VISIBILITY[file],
        raw=raw,
    )
