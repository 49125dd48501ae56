"""Microsoft Teams: messages as Microsoft Graph gives them, and dumps of the same by .NET programs.

Authority: learn.microsoft.com, resource type chatMessage, and "Export content with the Teams export APIs". The
dumps write every name with a capital; names are compared by their first letter made small.
"""

import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Any, ClassVar

from archive.channels.export import ExportReader, Made, Run, Scene, Taker
from archive.ports import Facts
from archive.reading.html_text import html_to_text
from archive.reading.json_fields import Fields, NotUnderstood, load_json
from archive.reading.json_walk import Path, Value
from archive.reading.shape import Shape, shapes
from archive.reading.times import from_iso
from archive.reading.tree import Member
from archive.reading.units import Reading
from schemas.item import (
    Actor,
    Attachment,
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
_HOSTED = re.compile(r"""<img\b[^>]*?\bsrc\s*=\s*["']([^"']*hostedContents[^"']*)["']""", re.IGNORECASE)
_HOSTED_ID = re.compile(r"/hostedContents/([A-Za-z0-9_=.-]{1,1000})/\$value")
HOSTED_TYPES = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}
"""Media types of hosted contents, with the ending under which a collection keeps them."""
_TOLD = (
    "importance",
    "webUrl",
    "policyViolation",
    "messageHistory",
    "eventDetail",
    "summary",
    "lastModifiedDateTime",
)


def hosted_contents(content: str) -> list[str]:
    """Give the numbers of the images that the HTML of a message shows and Graph keeps beside it."""
    found = (_HOSTED_ID.search(url) for url in _HOSTED.findall(content))
    return list(dict.fromkeys(match[1] for match in found if match))


def hosted_name(ident: str) -> str:
    """Give the name, without ending, under which a collection keeps a hosted content; numbers are long."""
    return f"hosted-{sha256(ident.encode()).hexdigest()[:16]}"


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
        parts, attachments, targets = self._attached(member, f, scene, made)
        attachments += [self._hosted(member, url, made) for url in _HOSTED.findall(content)]
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
            author=_author(scene, f.object("from"))
            or (_author(scene, detail.object("initiator")) if detail else None),
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
            extra=made.told(f, *_TOLD, "deletedDateTime", "hostedContents"),
        )
        made.items.append(item)

    def _hosted(self, member: Member, url: str, made: Made) -> Attachment:
        """Give an image of the words, with its bytes where a collection brought them."""
        match = _HOSTED_ID.search(url)
        for ending in HOSTED_TYPES.values() if match else ():
            written = f"{hosted_name(match[1])}.{ending}" if match else ""
            if self.beside.find(written, member) is not None:
                return self.beside.attach(made.contents, written, member, role="inline", url=url)
        return Attachment(state="missing", reason="not in export", role="inline", url=url)

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

    def _attached(
        self, member: Member, f: Fields, scene: Scene, made: Made
    ) -> tuple[list[str], list[Attachment], list[Target]]:
        """Words of cards, files, and the messages that are quoted."""
        words, files, targets = [], [], []
        for one in f.objects("attachments"):
            kind, content = one.text("contentType") or "", one.text("content")
            inner = _json(content)
            if kind == "messageReference" and isinstance(inner, dict):
                quoted = Fields(inner).id("messageId")
                key = scene.key(quoted) if quoted else None
                targets.append(
                    Target(
                        relation="quote",
                        key=key,
                        written_id=quoted,
                        excerpt=Fields(inner).text("messagePreview"),
                    )
                )
            elif inner is not None and ("card" in kind.lower() or not one.text("contentUrl")):
                words += list(_card_words(inner))
            else:
                url, name = one.text("contentUrl"), one.text("name")
                files.append(self.beside.attach(made.contents, name, member, name=name, url=url))
        return words, files, targets


def _json(text: str | None) -> Any:
    if not text or text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return load_json(text)
    except NotUnderstood:
        return None


def _card_words(node: Any, depth: int = 0) -> Iterator[str]:
    """The texts of a card, in their order; addresses and ids are none."""
    if depth > 20:
        return
    if isinstance(node, list):
        for child in node:
            yield from _card_words(child, depth + 1)
    elif isinstance(node, dict):
        for name, child in node.items():
            if isinstance(child, str) and name in (
                "text",
                "title",
                "subtitle",
                "value",
                "speak",
                "summary",
                "altText",
            ):
                yield html_to_text(child)
            elif not isinstance(child, str):
                yield from _card_words(child, depth + 1)


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


def _author(scene: Scene, who: Fields | None) -> Actor | None:
    for sort in ("user", "application", "device", "conversation") if who else ():
        one = who.object(sort) if who else None
        if one is not None and (one.id("id") or one.text("displayName")):
            return scene.actor(one.id("id"), one.text("displayName"))
    return None


def _people(scene: Scene, f: Fields, detail: Fields | None) -> Iterator[Recipient]:
    for mention in f.objects("mentions"):
        actor = _author(scene, mention.object("mentioned")) or scene.person(mention.text("mentionText"))
        if actor:
            yield Recipient(role="mentioned", actor=actor)
    for member in detail.objects("members") if detail else ():
        if actor := scene.actor(member.id("id"), member.text("displayName")):
            yield Recipient(role="member", actor=actor)


def _reactions(scene: Scene, f: Fields) -> tuple[Reaction, ...]:
    found = []
    for one in f.objects("reactions"):
        actor, value = _author(scene, one.object("user")), one.text("reactionType")
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
    parser: ClassVar[str] = "teams-messages/1"
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
