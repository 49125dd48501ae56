"""Conversations: ``message_N.json`` of both networks, and the end-to-end encrypted download of Messenger."""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from archive.channels.export import Made, Run, Scene, look
from archive.channels.meta.strings import decode
from archive.reading.json_fields import Fields, NotUnderstood
from archive.reading.json_walk import Value
from archive.reading.shape import Shape
from archive.reading.times import from_count
from archive.reading.tree import Member
from archive.reading.units import Reading
from archive.reading.words import load_words
from schemas.capture import Claim
from schemas.item import Actor as Somebody
from schemas.item import (
    Attachment,
    AttachmentRole,
    Deleted,
    Event,
    Raw,
    Reaction,
    Recipient,
    Target,
    Thread,
)

WORDS = load_words(Path(__file__).with_name("words_meta.toml"))
_MEDIA: tuple[tuple[str, AttachmentRole | None], ...] = (
    ("photos", "image"),
    ("videos", "video"),
    ("audio_files", "voice"),
    ("files", None),
    ("gifs", "image"),
    ("media", None),
)
_EVENTS: dict[str, Event] = {"Call": "called", "Subscribe": "joined", "Unsubscribe": "left"}
_TOLD = ("type", "call_duration", "missed", "bumped_message_metadata", "is_taken_down", "plan", "xma_link")
_HEAD = ("title", "thread_path", "threadName", "thread_type", "is_still_participant")


_NUMBERED = re.compile(r"message_([1-9]\d{0,5})\.json")
_MESSAGES = re.compile(r"(?:^|/)messages/")


def _download(member: Member) -> str:
    """The folder or zip of the download that a member is part of."""
    found = _MESSAGES.search(member.path)
    return member.path[: found.start()] if found else member.folder


def is_thread_file(shape: Shape) -> bool:
    """Whether a file is part of a conversation: by the fields of its messages or its head."""
    return shape.has("/messages/*/sender_name", "/messages/*/timestamp_ms") or shape.has(
        "/messages/*/senderName", "/messages/*/timestamp"
    )


class Threads:
    """The conversations of a tree; the files of one thread share a scene.

    Each download has a scene of its own: what a second one repeats is the same message, not one more that is
    equal.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._scenes: dict[tuple[str, str], Scene] = {}
        self._series: defaultdict[str, set[int]] = defaultdict(set)

    def claims(self) -> Iterator[Claim]:
        """Of each thread whose series ``message_1`` to ``message_N`` lacks a number: how many there should be."""
        for ident, numbers in sorted(self._series.items()):
            if len(numbers) < max(numbers):
                scope = f"{ident}: message_1 to message_{max(numbers)}"
                yield Claim(scope=scope, kind="exact", expected=max(numbers), found=len(numbers))

    def read(self, member: Member) -> Iterator[Reading]:
        """The messages of one file."""
        head = look(
            member,
            lambda path: path == ("participants",),
            enter=lambda path: not path,
            decode=lambda data: decode(data) if data[:1] != b"[" else decode(data)[""],
        )
        scene, described = self._scene(member, head)
        waiting = [described] if described else []

        def make(_: Value, fields: Fields, raw: Raw, made: Made) -> None:
            message(self._run, scene, member, fields, raw, made)
            made.threads.extend(waiting)
            waiting.clear()

        yield from self._run.json_units(
            member,
            lambda path: len(path) == 2 and path[0] == "messages",
            make,
            enter=lambda path: len(path) < 2,
        )

    def _scene(self, member: Member, head: dict[str, Any]) -> tuple[Scene, Thread | None]:
        title = head.get("/title") or head.get("/threadName")
        people = [name for entry in _as_list(head.get("/participants")) if (name := _name(entry))]
        written = head.get("/thread_path")
        folder = member.folder.rstrip("/").rpartition("/")[2]
        ident = str(written).rstrip("/").rpartition("/")[2] if written else None
        if "/threadName" in head or not ident:
            told = "|".join([str(title or ""), *sorted(people)])
            ident = ident or (self._run.options.thread or told or folder or self._run.tree.name)
        if numbered := _NUMBERED.fullmatch(member.name):
            self._series[ident].add(int(numbered[1]))
        place = (_download(member), ident)
        known = self._scenes.get(place)
        if known:
            return known, None
        visibility = "group" if len(people) > 2 else "direct"
        scene = self._run.scene(ident, derived=not written, visibility=visibility)
        scene.scope = ident
        self._scenes[place] = scene
        told_head = {name: head[f"/{name}"] for name in _HEAD if f"/{name}" in head}
        raw = Raw(
            member=member.path,
            pointer="the head of the thread",
            slice=repr(sorted(told_head.items())).encode(),
        )
        members = tuple(actor for name in people if (actor := scene.person(name)))
        return scene, Thread(
            key=scene.thread,
            via=scene.via,
            kind="group" if len(people) > 2 else "chat",
            title=str(title) if title else None,
            participants=members,
            visibility=scene.visibility,
            raw=raw,
        )


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _name(entry: Any) -> str | None:
    name = entry.get("name") if isinstance(entry, dict) else entry
    return name if isinstance(name, str) and name else None


def message(run: Run, scene: Scene, member: Member, f: Fields, raw: Raw, made: Made) -> None:
    """The item of one message, old layout or encrypted one."""
    instant = f.number("timestamp_ms")
    if instant is None:
        instant = f.number("timestamp")
    time = from_count(instant, 1000) if instant is not None else None
    sender = f.text("sender_name", "senderName")
    if time is None or ("sender_name" not in f and "senderName" not in f):
        raise NotUnderstood("a message without time or sender")
    text = f.text("content", "text")
    attachments = tuple(_attachments(run, member, f, made))
    event, extra = _event(f, text, bool(attachments))
    share = f.object("share")
    said = [text] if text else []
    if share is not None:
        said += [part for part in (share.text("share_text"), share.text("link")) if part and part not in said]
        extra += share.tell("original_content_owner", "profile_share_username", "profile_share_name")
    found = WORDS.first("renamed", text or "") if event == "renamed" else None
    f.known("is_geoblocked_for_viewer", "is_unsent_image_by_messenger_kid_parent", "ip")
    item = scene.item(
        raw,
        scene.derived(time.written, sender, text),
        event=event,
        form="call" if event == "called" else "message",
        author=scene.person(sender, "unknown" if sender else "deleted"),
        recipients=_people(scene, f),
        time=time,
        targets=(Target(relation="share", written_id=share.text("link")),)
        if share and share.text("link")
        else (),
        title=next((g for g in found[1].groups() if g), None) if found else None,
        text="\n".join(said) or None,
        attachments=attachments,
        reactions=_reactions(scene, f),
        deleted=Deleted(by="author") if event == "deleted" else None,
        extra=(*extra, *made.told(f, *_TOLD)),
    )
    made.items.append(item)


def _event(f: Fields, text: str | None, has_media: bool) -> tuple[Event, list[tuple[str, str]]]:
    """What a message is, by its type, its marks, or the words that the app put into somebody's mouth."""
    kind = f.text("type") or ""
    if f.flag("isUnsent") or f.flag("is_unsent"):
        return "deleted", []
    if f.number("call_duration") is not None or kind in _EVENTS:
        return _EVENTS.get(kind, "called"), []
    if text and not has_media:
        told: tuple[tuple[str, Event], ...] = (
            ("unsent", "deleted"),
            ("reacted", "reacted"),
            ("renamed", "renamed"),
            ("called", "called"),
            ("joined", "joined"),
            ("left", "left"),
        )
        for words, event in told:
            if found := WORDS.first(words, text):
                value = found[1].groupdict().get("value")
                return event, [("event_from", "words")] + ([("reaction", value)] if value else [])
    return "posted", []


def _people(scene: Scene, f: Fields) -> tuple[Recipient, ...]:
    names = [_name(entry) for entry in f.array("users")]
    return tuple(Recipient(role="member", actor=a) for name in names if (a := scene.person(name)))


def _attachments(run: Run, member: Member, f: Fields, made: Made) -> Iterator[Attachment]:
    listed = [(role, entry) for name, role in _MEDIA for entry in f.objects(name)]
    sticker = f.object("sticker")
    if sticker is not None:
        listed.append(("sticker", sticker))
    for role, entry in listed:
        yield attached(run, member, entry, made, role)


def attached(run: Run, member: Member, entry: Fields, made: Made, role: AttachmentRole | None) -> Attachment:
    """A file by its ``uri``: beside the data, on the web, or the literal note that it could not be had."""
    uri = entry.text("uri", "path")
    if not uri:
        return Attachment(state="missing", reason="not in export", role=role or "file")
    web = re.match(r"https?://", uri)
    failed = not web and "/" not in uri and "." not in uri and " " in uri
    return run.beside.attach(
        made.contents,
        None if web or failed else uri,
        member,
        role=role,
        reason="failed download" if failed else "not in export",
        url=uri if web else None,
    )


def _reactions(scene: Scene, f: Fields) -> tuple[Reaction, ...]:
    by_value: dict[str, list[Somebody]] = {}
    for reaction in f.objects("reactions"):
        value = reaction.text("reaction")
        actor = scene.person(reaction.text("actor"))
        if value:
            by_value.setdefault(value, []).extend([actor] if actor else [])
    return tuple(
        Reaction(value=value, count=len(who) or None, actors=tuple(who)) for value, who in by_value.items()
    )
