"""The channel: chats of an export, and what of an account is no conversation."""

import re
from collections.abc import Iterator
from typing import Any, ClassVar

from archive.channels.export import ExportReader, Made, Run, Scene, Taker, plain_json
from archive.channels.known_keys import KnownKeys
from archive.channels.telegram.messages import Numbers, message, story
from archive.errors import UnreadableInput
from archive.ports import Facts
from archive.reading.json_fields import Fields
from archive.reading.json_walk import Path, Value, walk
from archive.reading.private import Private
from archive.reading.shape import Shape, shapes
from archive.reading.tree import Member, Tree
from archive.reading.units import MemberProblem, Reading, UnitExcluded
from schemas.item import (
    Key,
    Raw,
    Thread,
)

_PRIVATE = {
    "contacts": "contact book",
    "frequent_contacts": "contact book",
    "sessions": "sessions with IP addresses",
    "web_sessions": "sessions with IP addresses",
    "other_data": "settings and drafts of the account",
}
_SECTIONS = ("personal_information", "contacts", "frequent_contacts", "sessions", "chats")
"""With which the export of an account begins; before its chats stands all that fills the first bytes."""
_ENTERED = ("personal_information", "stories", "chats", "left_chats", "messages")
_ESCAPES = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|.)", re.DOTALL)
_KINDS: dict[str, tuple[Any, Any]] = {
    "personal_chat": ("chat", "direct"),
    "bot_chat": ("chat", "direct"),
    "saved_messages": ("chat", "direct"),
    "replies": ("chat", "direct"),
    "private_group": ("group", "group"),
    "private_supergroup": ("group", "group"),
    "public_supergroup": ("group", "public"),
    "private_channel": ("channel", "group"),
    "public_channel": ("channel", "public"),
}


_OWN = ("personal_chat", "bot_chat", "saved_messages", "replies", "private_group")
"""Kinds of chat in which each account numbers the messages for itself."""


class _Reading(Run):
    def decode(self, data: bytes) -> Any:
        """A value; control characters, which Telegram Desktop writes as ``\\x0B``, as JSON has them."""
        return super().decode(_ESCAPES.sub(lambda at: b"\\u00" + at[1] if at[1] else at[0], data))

    def taker(self, member: Member) -> Taker | str | None:
        shape = shapes(self.tree).of(member)
        if shape.kind == "html" and _is_html_flavour(shape):
            return self._html
        percent, _ = _likeness(shape)
        return self._chats if percent or (self.tree.single and shape.kind == "json") else None

    def _html(self, member: Member) -> Iterator[Reading]:
        beside = member.folder + "result.json"
        if any(other.path == beside for other in self.tree.members):
            yield UnitExcluded(member.path, "HTML rendering; the JSON beside it is read")
        else:
            yield MemberProblem(
                member.path, "HTML export: it is kept, not read; export again as machine-readable JSON"
            )

    def _chats(self, member: Member) -> Iterator[Reading]:
        told: dict[Path, dict[str, Any]] = {}
        scenes: dict[Path, Scene] = {}
        chats: dict[Path, Numbers] = {}
        known = KnownKeys(self.channel)
        account: dict[str, Any] = {}
        self.via = self.as_told()

        def scalar(path: Path, value: Any) -> None:
            if _section(path) == "personal_information":
                account[str(path[-1])] = value
                if path[-1] == "user_id" and not self.options.mine:
                    self.via = Key(channel=self.channel, scope="", id=f"user{value}")
            elif path:
                told.setdefault(path[:-1], {})[str(path[-1])] = value

        def make(value: Value, fields: Fields, raw: Raw, made: Made) -> None:
            if _section(value.path) == "stories":
                place = value.path[:-1]
                if place not in scenes:
                    scenes[place] = self._stories(raw, made)
                story(self, member, fields, raw, made, scenes[place])
                return
            chat = value.path[:-2]
            if chat not in chats:
                about = told.get(chat, {})
                chats[chat] = Numbers(self._scene(member, about, made), known, own=about.get("type") in _OWN)
            message(self, member, fields, raw, made, chats[chat])

        yield from self.json_units(member, _is_unit, make, enter=_worth_entering, scalar=scalar)

    def _stories(self, raw: Raw, made: Made) -> Scene:
        scene = self.scene(f"{self.via.id}/stories", derived=True)
        scene.scope = scene.thread.id
        made.threads.append(Thread(key=scene.thread, via=self.via, kind="wall", title="stories", raw=raw))
        return scene

    def _scene(self, member: Member, chat: dict[str, Any], made: Made) -> Scene:
        name, kind = chat.get("name"), chat.get("type")
        title = name if isinstance(name, str) and name else None
        ident = str(chat["id"]) if isinstance(chat.get("id"), int) else None
        sort, visibility = _KINDS.get(str(kind), ("chat", None))
        told = self.options.thread or title or self.tree.name
        scene = self.scene(ident or told, derived=ident is None, visibility=visibility)
        scene.scope = ident or told
        slice_ = plain_json({k: v for k, v in chat.items() if k in ("name", "type", "id")}).encode()
        described = Raw(member=member.path, pointer="the head of the chat", slice=slice_)
        made.threads.append(
            Thread(
                key=scene.thread,
                via=self.via,
                kind=sort,
                title=title or told,
                visibility=scene.visibility,
                raw=described,
            )
        )
        return scene


def _bare(path: Path) -> Path:
    """A place in the export, which may stand in a list."""
    return path[1:] if path and isinstance(path[0], int) else path


def _section(path: Path) -> str:
    """The part of an export of an account in which a place lies; "" for none."""
    return str(_bare(path)[0]) if _bare(path) else ""


def _is_private(path: Path) -> bool | None:
    """Give the private sections whole, enter what holds sections, pass over the rest."""
    return True if _section(path) in _PRIVATE else None if _bare(path) else False


def _is_unit(path: Path) -> bool:
    bare = _bare(path)
    return len(bare) > 1 and bare[-2] in ("messages", "stories") and isinstance(bare[-1], int)


def _worth_entering(path: Path) -> bool:
    return _section(path) in ("", *_ENTERED)


def _is_html_flavour(shape: Shape) -> bool:
    return b'class="page_wrap' in shape.head and (b"tgme" in shape.head or b"default clearfix" in shape.head)


def _likeness(shape: Shape) -> tuple[int, str]:
    if shape.kind == "html" and _is_html_flavour(shape):
        return 70, "the HTML that Telegram Desktop writes"
    if shape.kind != "json":
        return 0, ""
    if any(
        shape.has(f"{root}/about", f"{root}/{name}/{part}")
        for root in ("", "/*")
        for name in _SECTIONS
        for part in ("about", "user_id")
    ):
        return 96, "sections of an account as Telegram Desktop writes them"
    entries = [path.rpartition("/messages/*/") for path in shape.paths if "/messages/*/" in path]
    names = {tail.partition("/")[0] for head, _, tail in entries if head.count("/") <= 4}
    if not {"date", "date_unixtime"} & names or "text" not in names or not {"from", "actor"} & names:
        return 0, ""
    strong = {"date_unixtime", "from_id", "actor_id", "text_entities"} & names
    return (96 if strong else 55), "messages with date, from and text as Telegram Desktop writes them"


class TelegramExport(ExportReader):
    """Reads ``result.json``."""

    name: ClassVar[str] = "telegram"
    parser: ClassVar[str] = "telegram-export/3"
    run: ClassVar[type[Run]] = _Reading
    facts: ClassVar[Facts] = Facts(
        title="Telegram",
        layouts=(
            "JSON of one chat",
            "JSON of the whole account, with stories",
            "HTML: kept and answered, not read",
        ),
        ask_for="Telegram Desktop: export chat history or data, format: machine-readable JSON",
        edits="last state, with time",
        deletions="absent",
        receipts="no",
        direct="yes",
        claim="last_state",
        tested="real files",
        left_out=tuple(sorted(set(_PRIVATE.values()))),
    )

    def likeness(self, shape: Shape) -> tuple[int, str]:
        """By the fields of the messages."""
        return _likeness(shape)

    def private(self, tree: Tree) -> Iterator[Private]:
        """The sections of an account export that are no conversation."""
        for member, shape in shapes(tree).every():
            if shape.kind != "json":
                continue
            try:
                with member.open() as stream:
                    for value in walk(stream, _is_private):
                        reason = _PRIVATE.get(_section(value.path))
                        if reason and value.end > value.start:
                            yield Private(member.path, reason, ((value.start, value.end),))
            except UnreadableInput:
                continue
