"""Items from messages and service lines."""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any, Literal

from archive.channels.export import Made, Run, Scene
from archive.channels.known_keys import KnownKeys
from archive.channels.spaces import by_number
from archive.channels.telegram.contents import TOLD, joined, more_words, words_of
from archive.reading.json_fields import Fields, NotUnderstood
from archive.reading.times import from_count, from_iso
from archive.reading.tree import Member
from archive.reading.units import Former
from schemas.item import (
    Actor,
    Attachment,
    AttachmentRole,
    Edited,
    Event,
    Key,
    Raw,
    Reaction,
    Recipient,
    Target,
    TimeStamp,
)

_EVENTS: dict[str, Event] = {
    "phone_call": "called",
    "group_call": "called",
    "conference_call": "called",
    "invite_members": "joined",
    "add_members": "joined",
    "join_group_by_link": "joined",
    "join_group_by_request": "joined",
    "remove_members": "left",
    "edit_group_title": "renamed",
    "edit_channel_title": "renamed",
    "topic_edit": "renamed",
    "pin_message": "pinned",
}
_ROLES: dict[str, AttachmentRole] = {
    "sticker": "sticker",
    "voice_message": "voice",
    "video_message": "video",
    "video_file": "video",
    "animation": "video",
    "audio_file": "audio",
}
_TOLD = (
    *("action", "media_type", "sticker_emoji", "performer", "duration_seconds", "discard_reason", "via_bot"),
    *(
        "forwarded_from",
        "forwarded_from_id",
        "saved_from",
        "author",
        "reply_to_peer_id",
    ),
    *("location_information", "live_location_period_seconds", "game_link"),
    *(
        "inline_bot_buttons",
        "schedule_date",
        "self_destruct_period_seconds",
        "inviter",
    ),
)


class Numbers:
    """The numbers of messages of a chat. In private chats and small groups each account counts for itself: there a
    message is told by its instant too, which no edit changes."""

    def __init__(self, scene: Scene, known: KnownKeys, *, own: bool) -> None:
        """``known``: of the whole export; ``own``: each account has its own numbers."""
        self.scene, self._known, self._own = scene, known, own

    def key(self, f: Fields, number: str) -> Key:
        """Give the key of a message."""
        if not self._own:
            return self.scene.key(number)
        instant = f.id("date_unixtime") or f.text("date")
        key = Key(channel=self.scene.channel, scope=f"{self.scene.scope} {instant}", id=number)
        self._known.put(number, key, self.scene.scope)
        return key

    def of(self, number: str) -> Key:
        """Give the key of a message that another names; of one that is not here its number alone is known."""
        known = self._known.get(number, self.scene.scope) if self._own else None
        return known or self.scene.key(number)

    def former(self, key: Key, *, told: bool) -> Former:
        """Give what it was called; ``told``: the export names its account, in which numbers are unique."""
        return Former(self.scene.key(key.id), own=told, then=partial(by_number, self.scene.scope))


def message(run: Run, member: Member, f: Fields, raw: Raw, made: Made, numbers: Numbers) -> None:
    """The item of one message or service line."""
    scene = numbers.scene
    number, kind = f.id("id"), f.text("type")
    if kind == "unsupported":
        raise NotUnderstood("of a kind that Telegram Desktop does not export: only its number is here")
    time, changed = (_time(f, name, run.options.timezone) for name in ("date", "edited"))
    if time is None:
        raise NotUnderstood("a message without a time")
    words, body = words_of(f)
    words = "\n".join(part for part in (words, *more_words(f)) if part)
    action = f.get("action") if kind == "service" else None
    event: Event = _EVENTS.get(str(action), "notice") if kind == "service" else "posted"
    author = _actor(scene, f, "from") or _actor(scene, f, "actor")
    title = f.text("new_title", "title") if kind == "service" else None
    attachments = _attachments(run, member, f, made)
    targets = tuple(_targets(numbers, f))
    key = numbers.key(f, number) if number else None
    if key is not None and key != scene.key(key.id):
        made.former[key] = numbers.former(key, told=not run.via.derived)
    recipients, reactions = _members(f, scene), _reactions(scene, f)
    f.known("text_entities", "width", "height", "media_spoiler", "thumbnail", "thumbnail_file_size")
    if author is None and number is None and not words and not attachments and kind != "service":
        raise NotUnderstood("neither id, author nor content")
    item = scene.item(
        raw,
        key or scene.derived(time.written, author.written if author else None, words),
        event=event,
        form="call" if event == "called" else "poll" if f.object("poll") else "message",
        author=author,
        recipients=recipients,
        time=time,
        targets=targets,
        title=title,
        text=words or None,
        body=body,
        attachments=attachments,
        reactions=reactions,
        edited=Edited(time=changed) if changed or f.text("edited") else None,
        extra=made.told(f, *_TOLD, *TOLD, "title"),
    )
    made.items.append(item)


def story(run: Run, member: Member, f: Fields, raw: Raw, made: Made, scene: Scene) -> None:
    """The post that a story of the account is."""
    time, expires = (_time(f, name, run.options.timezone) for name in ("date", "expires"))
    if time is None:
        raise NotUnderstood("a story without a time")
    written, words = f.text("media"), joined(f.first("caption", "text"))
    absent = written is not None and written.startswith(("(File", "(Photo"))
    shown = run.beside.attach(
        made.contents, None if absent else written, member, reason=_why_absent(written or "")
    )
    f.known("id", "text_entities")
    item = scene.item(
        raw,
        scene.derived(time.written),
        form="post",
        author=Actor(account=run.via) if run.via.id != "unknown" else None,
        time=time,
        text=words or None,
        attachments=(shown,) if written else (),
        expires=expires,
        extra=made.told(f, "pinned"),
    )
    made.items.append(item)


def _time(f: Fields, name: str, zone: str | None) -> TimeStamp | None:
    """A time by the instant that newer exports tell, else by the clock of the computer that exported."""
    local, instant = f.text(name), f.number(f"{name}_unixtime")
    if instant is not None:
        return from_count(instant, 1, str(f.get(f"{name}_unixtime")))
    return from_iso(local, zone) if local else None


def _actor(scene: Scene, f: Fields, field: str) -> Actor | None:
    """By the name and id beside it; a name of null is an account that was deleted."""
    name, ident = f.text(field), f.text(f"{field}_id")
    gone = field in f and f.data[field] is None
    return scene.actor(ident, name, "deleted" if gone and ident else "unknown")


def _members(f: Fields, scene: Scene) -> tuple[Recipient, ...]:
    found = []
    for member in f.array("members"):
        name = member.get("name") if isinstance(member, dict) else member
        ident = member.get("id") if isinstance(member, dict) else None
        actor = scene.actor(
            ident if isinstance(ident, str) else None, name if isinstance(name, str) else None
        )
        if actor:
            found.append(Recipient(role="member", actor=actor))
    return tuple(found)


def _targets(numbers: Numbers, f: Fields) -> Iterator[Target]:
    answered, pinned, peer = f.id("reply_to_message_id"), f.id("message_id"), f.text("reply_to_peer_id")
    if answered:
        elsewhere = re.sub(r"\D", "", peer) if peer else numbers.scene.scope
        key = (
            numbers.of(answered)
            if elsewhere == numbers.scene.scope
            else Key(channel=numbers.scene.channel, scope=elsewhere, id=answered)
        )
        yield Target(relation="reply", key=key, written_id=answered)
    if pinned:
        yield Target(relation="of", key=numbers.of(pinned), written_id=pinned)
    if "forwarded_from" in f or "saved_from" in f:
        yield Target(relation="forward", present="unknown")


def _attachments(run: Run, member: Member, f: Fields, made: Made) -> tuple[Attachment, ...]:
    found = []
    role = _ROLES.get(f.text("media_type") or "")
    for field, standard in (("photo", "image"), ("file", None), ("contact_vcard", "contact")):
        written = f.text(field)
        if written is None:
            continue
        absent = written.startswith("(File")
        size = f.number("file_size" if field == "file" else "photo_file_size")
        kind: Any = standard or role
        attachment = run.beside.attach(
            made.contents,
            None if absent else written,
            member,
            name=f.text("file_name") if field == "file" else None,
            media_type=f.text("mime_type") if field == "file" else None,
            role=kind,
            reason=_why_absent(written) if absent else "not in export",
            length=size,
        )
        found.append(attachment)
    return tuple(found)


def _why_absent(placeholder: str) -> Literal["size limit", "placeholder", "not in export"]:
    return (
        "size limit"
        if "exceeds" in placeholder
        else "placeholder"
        if "unavailable" in placeholder
        else "not in export"
    )


def _reactions(scene: Scene, f: Fields) -> tuple[Reaction, ...]:
    found = []
    for reaction in f.objects("reactions"):
        value = reaction.text("emoji", "document_id", "type")
        actors = [scene.actor(who.text("from_id"), who.text("from")) for who in reaction.objects("recent")]
        if value:
            known = tuple(actor for actor in actors if actor)
            found.append(Reaction(value=value, count=reaction.number("count"), actors=known))
    return tuple(found)
