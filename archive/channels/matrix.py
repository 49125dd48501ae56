"""Matrix: rooms as Element exports them, and lists of events of the client-server interface.

Authority: spec.matrix.org, client-server API, and ``JSONExport.ts`` of Element. Edits, reactions and redactions
are events of their own; what a redaction removed is gone. ``origin_server_ts`` is what a server claims.
"""

import re
from collections.abc import Iterator
from typing import ClassVar

from archive.channels.export import ExportReader, LeaveOut, Made, Run, Scene, Taker, look
from archive.ports import Facts
from archive.reading.html_text import html_to_text
from archive.reading.json_fields import Fields, NotUnderstood, as_text
from archive.reading.json_walk import Path, Value
from archive.reading.private import Private, find_ranges
from archive.reading.shape import Shape, shapes
from archive.reading.times import from_count
from archive.reading.tree import Member, Tree
from archive.reading.units import Reading
from schemas.item import (
    Account,
    Actor,
    Attachment,
    AttachmentRole,
    Body,
    Deleted,
    Event,
    Form,
    Raw,
    Reaction,
    Recipient,
    Target,
    Thread,
)

_MEDIA: dict[str, AttachmentRole] = {
    "m.image": "image",
    "m.video": "video",
    "m.audio": "audio",
    "m.file": "file",
}
_MEMBERSHIP: dict[str, Event] = {"join": "joined", "leave": "left", "ban": "left"}
_KEYS = ("m.room_key", "m.forwarded_room_key", "m.room_key_request", "m.secret.send", "m.dummy")
_SECRETS = re.compile(rb'"(?:session_key|secret)"\s*:\s*"([^"\\]+)"')
_FALLBACK = re.compile(r"(?:> ?[^\n]*\n)+\n?")
_LISTS = ("messages", "chunk", "events", "timeline", "state")


class _Reading(Run):
    def taker(self, member: Member) -> Taker | str | None:
        shape = shapes(self.tree).of(member)
        return self._events if _likeness(shape) else None

    def _events(self, member: Member) -> Iterator[Reading]:
        head = look(member, lambda _: False, enter=lambda path: not path)
        scenes: dict[str, Scene] = {}
        named: dict[str, float] = {}
        name = head.get("/room_name")

        def make(f: Fields, raw: Raw, made: Made) -> None:
            if f.data.get("type") in _KEYS:
                raise LeaveOut("keys of encrypted rooms", private=True)
            room = f.id("room_id") or self.options.thread or (str(name) if name else self.tree.name)
            if room not in scenes:
                scenes[room] = self.scene(
                    room, derived="room_id" not in f, visibility="group", history="full"
                )
                scenes[room].scope = ""
                made.threads.append(self._room(scenes[room], str(name) if name else None, raw))
            stamp = f.number("origin_server_ts") or 0
            if not name and f.data.get("type") == "m.room.name" and stamp >= named.get(room, 0):
                named[room] = stamp
                content = f.object("content") or Fields({})
                made.threads.append(self._room(scenes[room], content.text("name"), raw))
            self._event(scenes[room], member, f, raw, made)

        if shapes(self.tree).of(member).kind == "lines":
            yield from self.line_units(member, make)
            return
        lone = shapes(self.tree).of(member).has("/type", "/sender")

        def take(_: Value, f: Fields, raw: Raw, made: Made) -> None:
            make(f, raw, made)

        yield from self.json_units(member, (lambda path: not path) if lone else _is_event, take)

    def _room(self, scene: Scene, title: str | None, raw: Raw) -> Thread:
        return Thread(key=scene.thread, via=self.via, kind="group", title=title, raw=raw)

    def _take_name(self, scene: Scene, f: Fields, content: Fields, raw: Raw, made: Made) -> None:
        """Take in how an account calls itself: messages bear its id alone."""
        who, name = f.data.get("state_key"), content.data.get("displayname")
        if f.data.get("type") != "m.room.member" or content.data.get("membership") != "join":
            return
        if not (isinstance(who, str) and isinstance(name, str) and name) or name in self.called.get(who, ()):
            return
        self.called[who] = (*self.called.get(who, ()), name)
        made.accounts.append(Account(key=scene.account(who), via=self.via, kind="person", name=name, raw=raw))

    def _event(self, scene: Scene, member: Member, f: Fields, raw: Raw, made: Made) -> None:
        kind, ident, stamp = f.text("type"), f.id("event_id"), f.number("origin_server_ts")
        content = f.object("content") or Fields({})
        self._take_name(scene, f, content, raw, made)
        sender = self.named(scene.actor(f.text("sender", "user_id")))
        unsigned = f.object("unsigned") or Fields({})
        if not kind or sender is None:
            raise NotUnderstood("an event without type or sender")
        time = from_count(stamp, 1000) if stamp is not None else None
        relates = content.object("m.relates_to") or Fields({})
        redacts = f.id("redacts") or content.id("redacts")
        said = content.object("m.new_content") or content
        gone = not content.data and (
            kind in ("m.room.message", "m.sticker", "m.room.encrypted", "m.reaction")
        )
        event, form, title, people = _what(scene, kind, content, relates, f)
        targets = list(_targets(scene, relates, redacts if kind == "m.room.redaction" else None))
        text = _text(kind, said, answered=any(t.relation == "reply" for t in targets))
        formatted = said.text("formatted_body") if said.text("format") == "org.matrix.custom.html" else None
        value = relates.text("key") if kind == "m.reaction" else None
        f.known("age", "user_id", "room_id", "redacts", "prev_content")
        if kind == "m.room.message" or kind == "m.sticker":
            extra_content: list[tuple[str, str]] = [
                (name, as_text(v)) for name, v in content.data.items() if name not in _CONTENT
            ]
            made.unknown |= content.data.keys() - {*_CONTENT, *_KNOWN}
        else:
            extra_content = [(name, as_text(v)) for name, v in content.data.items()]
        item = scene.item(
            raw,
            scene.key(ident)
            if ident
            else scene.derived(kind, time.written if time else None, as_text(content.data)),
            event="deleted" if gone else event,
            form=form,
            author=sender,
            recipients=people,
            time=time,
            targets=tuple(targets),
            title=title,
            text=text,
            body=Body(type="text/html", content=formatted) if formatted else None,
            attachments=tuple(self._media(member, kind, said, made)),
            reactions=(Reaction(value=value, actors=(sender,)),) if value else (),
            deleted=Deleted(by="unknown", reason=content.text("reason"))
            if gone or kind == "m.room.redaction"
            else None,
            extra=(
                ("type", kind),
                *extra_content,
                *unsigned.tell("redacted_because", "replaces_state"),
                *made.told(f, "state_key"),
            ),
        )
        made.items.append(item)

    def _media(self, member: Member, kind: str, said: Fields, made: Made) -> Iterator[Attachment]:
        role = "sticker" if kind == "m.sticker" else _MEDIA.get(said.text("msgtype") or "")
        if role is None:
            return
        info = said.object("info") or Fields({})
        url = said.text("url") or (said.object("file") or Fields({})).text("url")
        name = said.text("filename", "body")
        voice: AttachmentRole | None = "voice" if "org.matrix.msc3245.voice" in said else None
        shown: AttachmentRole = voice or role
        yield self.beside.attach(
            made.contents,
            name,
            member,
            name=name,
            media_type=info.text("mimetype"),
            role=shown,
            url=url,
            length=info.number("size"),
        )


_CONTENT = (
    *(
        "body",
        "msgtype",
        "format",
        "formatted_body",
        "m.relates_to",
        "m.new_content",
        "url",
        "file",
        "info",
        "filename",
    ),
    "m.mentions",
)


_KNOWN = (
    "geo_uri",
    "m.location",
    "m.asset",
    "m.ts",
    "m.text",
    "org.matrix.msc1767.text",
    "org.matrix.msc3245.voice",
)
"""Further fields of messages that say nothing new: they stay in ``extra``."""


def _what(
    scene: Scene, kind: str, content: Fields, relates: Fields, f: Fields
) -> tuple[Event, Form, str | None, tuple[Recipient, ...]]:
    """The event, its form, a new name, and who is meant."""
    people: tuple[Actor | None, ...] = tuple(
        scene.actor(one)
        for one in (content.object("m.mentions") or Fields({})).array("user_ids")
        if isinstance(one, str)
    )
    mentioned = tuple(Recipient(role="mentioned", actor=actor) for actor in people if actor)
    if kind == "m.room.member":
        who = scene.actor(f.text("state_key"), content.text("displayname"))
        event = _MEMBERSHIP.get(content.text("membership") or "", "notice")
        before = (f.object("unsigned") or Fields({})).object("prev_content") or f.object("prev_content")
        renamed = before is not None and before.text("membership") == content.text("membership") == "join"
        title = content.text("displayname") if renamed else None
        return (
            ("renamed" if renamed else event),
            "message",
            title,
            (Recipient(role="member", actor=who),) if who else (),
        )
    if kind == "m.room.name":
        return "renamed", "message", content.text("name"), ()
    if kind == "m.room.redaction":
        return "deleted", "message", None, ()
    if kind == "m.reaction":
        return "reacted", "message", None, ()
    if kind.startswith("m.call."):
        return "called", "call", None, ()
    if "poll.start" in kind:
        return "posted", "poll", None, mentioned
    if "poll.response" in kind:
        return "voted", "poll", None, ()
    if kind == "m.room.pinned_events":
        return "pinned", "message", None, ()
    if kind in ("m.room.message", "m.sticker", "m.room.encrypted"):
        return ("edited" if relates.text("rel_type") == "m.replace" else "posted"), "message", None, mentioned
    return "notice", "message", None, ()


def _targets(scene: Scene, relates: Fields, redacted: str | None) -> Iterator[Target]:
    kind, other = relates.text("rel_type"), relates.id("event_id")
    answered = (relates.object("m.in_reply_to") or Fields({})).id("event_id")
    if redacted:
        yield Target(relation="of", key=scene.key(redacted), written_id=redacted)
    if other:
        yield Target(relation="root" if kind == "m.thread" else "of", key=scene.key(other), written_id=other)
    if answered and not (kind == "m.thread" and relates.flag("is_falling_back")):
        yield Target(relation="reply", key=scene.key(answered), written_id=answered)


def _text(kind: str, said: Fields, *, answered: bool) -> str | None:
    """The words; the quote that older clients repeat before an answer is none of them."""
    body = said.text("body")
    if kind == "m.room.encrypted":
        return None
    if body is None:
        poll = said.object("org.matrix.msc3381.poll.start") or said.object("m.poll")
        if poll is not None:
            answers = [_plain(one) or as_text(one.data) for one in poll.objects("answers")]
            question = _plain(poll.object("question") or Fields({}))
            return "\n".join([question or "", *(f"- {one}" for one in answers)])
        return said.text("topic", "name", "reason") or _plain(said)
    if answered and body.startswith("> "):
        return _FALLBACK.sub("", body, count=1) or body
    return html_to_text(body) if said.text("msgtype") is None and body.startswith("<p") else body


def _plain(said: Fields) -> str | None:
    """A text as events of polls have it (MSC1767): one string, or the same in several types."""
    kinds = said.objects("m.text")
    plain = next((one for one in kinds if one.text("mimetype") in (None, "text/plain")), None)
    return said.text("body", "org.matrix.msc1767.text") or (plain.text("body") if plain else None)


def _is_event(path: Path) -> bool:
    return bool(path) and isinstance(path[-1], int) and (len(path) == 1 or path[-2] in _LISTS)


def _likeness(shape: Shape) -> int:
    if shape.kind not in ("json", "lines"):
        return 0
    for prefix in ("", "/*", *(f"/{name}/*" for name in _LISTS)):
        if shape.has(f"{prefix}/type", f"{prefix}/sender", f"{prefix}/content"):
            if shape.has(f"{prefix}/event_id", f"{prefix}/origin_server_ts"):
                return 96
            if (
                shape.kind == "json"
                and not prefix
                and any(path.startswith("/content/") for path in shape.paths)
            ):
                return 60
    return 0


class MatrixExport(ExportReader):
    """Reads room exports of Element and event lists."""

    name: ClassVar[str] = "matrix"
    parser: ClassVar[str] = "matrix-export/5"
    run: ClassVar[type[Run]] = _Reading
    facts: ClassVar[Facts] = Facts(
        title="Matrix",
        layouts=("Element: export chat as JSON", "event lists of the client-server interface"),
        ask_for="Element: room info, export chat, JSON, with attachments",
        edits="every version",
        deletions="marked, content gone",
        receipts="no",
        direct="yes; undecrypted messages stay closed",
        claim="gaps_by_design",
        tested="real files",
        left_out=("keys of encrypted rooms",),
    )

    def likeness(self, shape: Shape) -> tuple[int, str]:
        """By the fields of events."""
        percent = _likeness(shape)
        return percent, "events with type, sender and content" if percent else ""

    def private(self, tree: Tree) -> Iterator[Private]:
        """Keys that open encrypted rooms."""
        yield from super().private(tree)
        for member, shape in shapes(tree).every():
            if _likeness(shape) and (ranges := find_ranges(member, _SECRETS)):
                yield Private(member.path, "keys of encrypted rooms", ranges)
