"""The channel: lists of messages, their threads, and what each message is."""

from collections.abc import Iterator
from typing import Any, ClassVar

from archive.channels.called import also_called
from archive.channels.export import ExportReader, Made, Run, Scene, Taker
from archive.channels.teams.attached import (
    ADDRESSES,
    Attached,
    attach,
    quoted_messages,
    shown_images,
    who_wrote,
)
from archive.ports import Facts
from archive.reading.html_text import html_to_text
from archive.reading.json_fields import Fields, NotUnderstood, load_json
from archive.reading.json_walk import Path, Value
from archive.reading.shape import Shape, shapes
from archive.reading.times import from_iso
from archive.reading.tree import Member
from archive.reading.units import Reading
from schemas.item import (
    Body,
    Deleted,
    Edited,
    Event,
    Raw,
    Reaction,
    Recipient,
    Target,
    Thread,
    TimeStamp,
)

_EVENTS: tuple[tuple[str, Event], ...] = (
    ("membersadded", "joined"),
    ("membersjoined", "joined"),
    ("membersdeleted", "left"),
    ("membersleft", "left"),
    ("renamed", "renamed"),
    ("call", "called"),
    ("messagepinned", "pinned"),
)
_TOLD = (
    "importance",
    "webUrl",
    "policyViolation",
    "messageHistory",
    "eventDetail",
    "summary",
    "lastModifiedDateTime",
)


def lowered(value: Any) -> Any:
    """Names with their first letter made small, all the way down."""
    if isinstance(value, dict):
        return {name[:1].lower() + name[1:]: lowered(child) for name, child in value.items()}
    return [lowered(child) for child in value] if isinstance(value, list) else value


class _Reading(Run):
    def decode(self, data: bytes) -> Any:
        return lowered(load_json(data))

    def taker(self, member: Member) -> Taker | str | None:
        shape = shapes(self.tree).of(member)
        if _likeness(shape):
            return self._messages
        if shape.kind in ("json", "lines"):
            return None if self.tree.single else "teams, members and settings, no messages"
        return None

    def _messages(self, member: Member) -> Iterator[Reading]:
        scenes: dict[str, Scene] = {}

        def make(value: Value, f: Fields, raw: Raw, made: Made) -> None:  # noqa: ARG001
            for one in (f, *f.objects("replies")):
                self._message(scenes, member, one, raw, made)

        shape = shapes(self.tree).of(member)
        if shape.kind == "lines":
            yield from self.line_units(
                member, lambda f, raw, made: make(Value((), 0, 0, b"", True), f, raw, made)
            )
            return
        lone = shape.has("/messageType") or shape.has("/MessageType")
        yield from self.json_units(member, (lambda path: not path) if lone else _is_message, make)

    def _message(self, scenes: dict[str, Scene], member: Member, f: Fields, raw: Raw, made: Made) -> None:
        ident, time = f.id("id"), _time(f, "createdDateTime")
        kind = f.text("messageType")
        if not ident or time is None or (kind is None and "body" not in f):
            raise NotUnderstood("a message without id, time or type")
        scene = self._scene(scenes, f, raw, made)
        body = f.object("body") or Fields({})
        content, html = body.text("content") or "", (body.text("contentType") or "").lower() == "html"
        detail = f.object("eventDetail")
        event = _event(kind, detail, deleted=f.text("deletedDateTime") is not None)
        parts, attachments, targets, told = found = Attached([], [], [], [])
        for one in f.objects("attachments"):
            attach(self, found, one, member, scene, made)
        attachments += shown_images(self, content, member, made)
        known = {target.written_id for target in targets}
        targets += (one for one in quoted_messages(content, scene) if one.written_id not in known)
        words = html_to_text(content) if html else content
        answered = f.id("replyToId")
        if answered:
            targets.append(Target(relation="root", key=scene.key(answered), written_id=answered))
        f.known("etag", "locale", "onBehalfOf", "@odata.context", "@odata.type")
        item = scene.item(
            raw,
            scene.key(ident),
            event=event,
            form="call" if event == "called" else "message",
            author=who_wrote(scene, f.object("from"))
            or (who_wrote(scene, detail.object("initiator")) if detail else None),
            recipients=tuple(_people(scene, f, detail)),
            time=time,
            targets=tuple(targets),
            title=f.text("subject") or (_renamed(detail) if detail and event == "renamed" else None),
            text="\n".join(part for part in (words, *parts) if part) or None,
            body=Body(type="text/html", content=content) if html and content else None,
            attachments=tuple(attachments),
            reactions=_reactions(scene, f),
            edited=Edited(time=edited) if (edited := _time(f, "lastEditedDateTime")) else None,
            deleted=Deleted(by="unknown") if event == "deleted" else None,
            extra=(*told, *made.told(f, *_TOLD, "deletedDateTime", "hostedContents")),
        )
        made.items.append(item)

    def _scene(self, scenes: dict[str, Scene], f: Fields, raw: Raw, made: Made) -> Scene:
        channel, chat = f.object("channelIdentity"), f.text("chatId")
        place = channel.text("channelId") if channel else None
        ident = place or chat or self.options.thread or self.tree.name
        if ident not in scenes:
            direct = place is None
            scene = self.scene(
                ident, derived=not (place or chat), visibility="group" if direct else "internal"
            )
            scene.scope = ident
            team = channel.text("teamId") if channel else None
            parent = None if team is None else scene.account(team)
            scenes[ident] = scene
            kind: Any = "chat" if direct else "channel"
            made.threads.append(
                Thread(
                    key=scene.thread,
                    via=self.via,
                    kind=kind,
                    title=self.options.thread,
                    parent=parent,
                    raw=raw,
                )
            )
        return scenes[ident]


def _time(f: Fields, name: str) -> TimeStamp | None:
    written = f.text(name)
    return from_iso(written, "UTC", "by_spec") if written else None


def _event(kind: str | None, detail: Fields | None, *, deleted: bool) -> Event:
    if deleted:
        return "deleted"
    if detail is None:
        return "posted" if kind in (None, "message", "typing", "chatEvent") else "notice"
    sort = (detail.text("@odata.type", "odataType", "$type") or "").lower()
    return next((event for word, event in _EVENTS if word in sort), "notice")


def _renamed(detail: Fields) -> str | None:
    return detail.text("chatDisplayName", "channelDisplayName", "teamDisplayName")


def _people(scene: Scene, f: Fields, detail: Fields | None) -> Iterator[Recipient]:
    for mention in f.objects("mentions"):
        actor = who_wrote(scene, mention.object("mentioned")) or scene.person(mention.text("mentionText"))
        if actor:
            yield Recipient(role="mentioned", actor=actor)
    for member in detail.objects("members") if detail else ():
        told = (member.data.get(name) for name in ADDRESSES)
        if actor := also_called(scene.actor(member.id("id"), member.text("displayName")), *told):
            yield Recipient(role="member", actor=actor)


def _reactions(scene: Scene, f: Fields) -> tuple[Reaction, ...]:
    found = []
    for one in f.objects("reactions"):
        actor, value = who_wrote(scene, one.object("user")), one.text("reactionType")
        if value:
            found.append(Reaction(value=value, count=1, actors=(actor,) if actor else ()))
    return tuple(found)


def _is_message(path: Path) -> bool:
    return (len(path) == 2 and path[0] in ("value", "Value", "messages") and isinstance(path[1], int)) or (
        len(path) == 1 and isinstance(path[0], int)
    )


def _likeness(shape: Shape) -> int:
    if shape.kind not in ("json", "lines"):
        return 0
    names = {path.rpartition("/")[2].lower() for path in shape.paths if path.count("/") <= 3}
    places = {path.lower() for path in shape.paths}
    graph = {"messagetype", "createddatetime"} <= names
    chat = names & {"channelid", "chatid", "channelidentity"} or any(
        "/body/contenttype" in path for path in places
    )
    return 97 if graph and chat else 0


class TeamsMessages(ExportReader):
    """Reads lists of chat messages of Microsoft Graph, and .NET dumps of them."""

    name: ClassVar[str] = "teams"
    parser: ClassVar[str] = "teams-messages/5"
    run: ClassVar[type[Run]] = _Reading
    facts: ClassVar[Facts] = Facts(
        title="Microsoft Teams",
        layouts=("Graph JSON: pages, single messages, one a line", ".NET dumps with capital names"),
        ask_for="the Teams export APIs of Microsoft Graph (getAllMessages), as JSON",
        edits="last state, with time",
        deletions="marked for 21 days",
        receipts="no",
        direct="with permission of the administrator",
        claim="last_state",
        tested="real files",
    )

    def likeness(self, shape: Shape) -> tuple[int, str]:
        """By the fields of chatMessage, whatever their capitals."""
        percent = _likeness(shape)
        return percent, "messages with messageType and createdDateTime" if percent else ""
