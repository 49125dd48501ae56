"""Telegram Desktop, machine-readable JSON: one chat, several, or the whole account.

Authority: core.telegram.org/import-export and ``export_output_json.cpp`` of Telegram Desktop. Ids of
messages count within their chat. ``date`` is the local time of the exporting computer; ``date_unixtime``,
where it is given, is the instant. Edits show their last state, deleted messages are absent.
"""

import re
from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from archive.channels.export import ExportReader, Made, Run, Scene, Taker, plain_json
from archive.errors import UnreadableInput
from archive.ports import Facts
from archive.reading.json_fields import Fields, NotUnderstood
from archive.reading.json_walk import Path, Value, walk
from archive.reading.private import Private
from archive.reading.shape import Shape, shapes
from archive.reading.times import from_count, from_iso
from archive.reading.tree import Member, Tree
from archive.reading.units import MemberProblem, Reading, UnitExcluded
from schemas.capture import Claim
from schemas.item import (
    Actor,
    Attachment,
    AttachmentRole,
    Body,
    Edited,
    Event,
    Key,
    Raw,
    Reaction,
    Recipient,
    Target,
    Thread,
    TimeStamp,
)

_PRIVATE = {
    "contacts": "contact book",
    "frequent_contacts": "contact book",
    "sessions": "sessions with IP addresses",
    "web_sessions": "sessions with IP addresses",
    "other_data": "settings and drafts of the account",
}
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
        "place_name",
        "address",
        "reply_to_peer_id",
    ),
    *(
        "contact_information",
        "location_information",
        "live_location_period_seconds",
        "game_title",
        "game_link",
    ),
    *(
        "invoice_information",
        "inline_bot_buttons",
        "schedule_date",
        "self_destruct_period_seconds",
        "inviter",
    ),
)


class _Reading(Run):
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
        account: dict[str, Any] = {}

        def scalar(path: Path, value: Any) -> None:
            if path[:1] == ("personal_information",):
                account[str(path[-1])] = value
                if path[-1] == "user_id" and not self.options.mine:
                    self.via = Key(channel=self.channel, scope="", id=f"user{value}")
            elif path:
                told.setdefault(path[:-1], {})[str(path[-1])] = value

        def make(value: Value, fields: Fields, raw: Raw, made: Made) -> None:
            chat = value.path[:-2]
            if chat not in scenes:
                scenes[chat] = self._scene(member, told.get(chat, {}), made)
            self._message(member, fields, raw, made, scenes[chat])

        yield from self.json_units(member, _is_message, make, enter=_worth_entering, scalar=scalar)
        self.claims.append(Claim(scope=member.path or self.tree.name, kind="last_state", found=self.found))

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

    def _message(self, member: Member, f: Fields, raw: Raw, made: Made, scene: Scene) -> None:
        number, kind = f.id("id"), f.text("type")
        time = _time(f, self.options.timezone)
        if time is None:
            raise NotUnderstood("a message without a time")
        words, body = _words(f)
        action = f.get("action") if kind == "service" else None
        event: Event = _EVENTS.get(str(action), "notice") if kind == "service" else "posted"
        poll = f.object("poll")
        if poll is not None:
            words = "\n".join(part for part in (words, *_poll(poll)) if part)
        author = _actor(scene, f, "from") or _actor(scene, f, "actor")
        title = f.text("new_title", "title") if kind == "service" else None
        attachments = _attachments(self, member, f, made)
        targets, edited = tuple(_targets(scene, f)), _edited(f, self.options.timezone)
        recipients, reactions = _members(f, scene), _reactions(scene, f)
        f.known("text_entities", "width", "height", "media_spoiler", "thumbnail", "thumbnail_file_size")
        if author is None and number is None and not words and not attachments and kind != "service":
            raise NotUnderstood("neither id, author nor content")
        item = scene.item(
            raw,
            scene.key(number)
            if number
            else scene.derived(time.written, author.written if author else None, words),
            event=event,
            form="call" if event == "called" else "poll" if poll else "message",
            author=author,
            recipients=recipients,
            time=time,
            targets=targets,
            title=title,
            text=words or None,
            body=body,
            attachments=attachments,
            reactions=reactions,
            edited=edited,
            extra=made.told(f, *_TOLD, "title", "poll"),
        )
        made.items.append(item)


def _is_message(path: Path) -> bool:
    return len(path) > 1 and path[-2] == "messages" and isinstance(path[-1], int)


def _worth_entering(path: Path) -> bool:
    return (
        path[:1] in ((), ("chats",), ("left_chats",), ("messages",), ("personal_information",))
        or (len(path) == 1 and isinstance(path[0], int))
        or (len(path) == 2 and path[1] == "messages")
    )


def _time(f: Fields, zone: str | None) -> TimeStamp | None:
    local, instant = f.text("date"), f.number("date_unixtime")
    if instant is not None:
        return from_count(instant, 1, str(f.get("date_unixtime")))
    return from_iso(local, zone) if local else None


def _edited(f: Fields, zone: str | None) -> Edited | None:
    local, instant = f.text("edited"), f.number("edited_unixtime")
    if instant is not None:
        return Edited(time=from_count(instant, 1))
    return Edited(time=from_iso(local, zone)) if local else None


def _words(f: Fields) -> tuple[str, Body | None]:
    """The words with the addresses of links; the entities as the body where there is more than plain text."""
    written, entities = f.get("text"), f.array("text_entities")
    parts = entities or (written if isinstance(written, list) else [written])
    texts, rich = [], False
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
        elif isinstance(part, dict) and isinstance(part.get("text"), str):
            texts.append(part["text"])
            rich = rich or part.get("type") != "plain"
            if isinstance(part.get("href"), str) and part["href"] != part["text"]:
                texts.append(f" ({part['href']})")
        elif part is not None:
            raise NotUnderstood("a text that is none")
    return "".join(texts), Body(
        type="application/x-telegram-text+json", content=plain_json(parts)
    ) if rich else None


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


def _targets(scene: Scene, f: Fields) -> Iterator[Target]:
    answered, pinned, peer = f.id("reply_to_message_id"), f.id("message_id"), f.text("reply_to_peer_id")
    if answered:
        scope = re.sub(r"\D", "", peer) if peer else scene.scope
        key = Key(channel=scene.channel, scope=scope, id=answered)
        yield Target(relation="reply", key=key, written_id=answered)
    if pinned:
        yield Target(relation="of", key=scene.key(pinned), written_id=pinned)
    if "forwarded_from" in f or "saved_from" in f:
        yield Target(relation="forward", present="unknown")


def _poll(poll: Fields) -> Iterator[str]:
    yield poll.text("question") or ""
    for answer in [*poll.objects("answers"), *poll.objects("options")]:
        votes = answer.number("voters")
        yield f"- {answer.text('text') or ''}" + (f" ({votes})" if votes is not None else "")


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


def _is_html_flavour(shape: Shape) -> bool:
    return b'class="page_wrap' in shape.head and (b"tgme" in shape.head or b"default clearfix" in shape.head)


def _likeness(shape: Shape) -> tuple[int, str]:
    if shape.kind == "html" and _is_html_flavour(shape):
        return 70, "the HTML that Telegram Desktop writes"
    if shape.kind != "json":
        return 0, ""
    entries = [path.rpartition("/messages/*/") for path in shape.paths if "/messages/*/" in path]
    names = {tail.partition("/")[0] for head, _, tail in entries if head.count("/") <= 4}
    if not {"date", "date_unixtime"} & names or "text" not in names or not {"from", "actor"} & names:
        return 0, ""
    strong = {"date_unixtime", "from_id", "actor_id", "text_entities"} & names
    return (96 if strong else 55), "messages with date, from and text as Telegram Desktop writes them"


class TelegramExport(ExportReader):
    """Reads ``result.json``."""

    name: ClassVar[str] = "telegram"
    parser: ClassVar[str] = "telegram-export/1"
    run: ClassVar[type[Run]] = _Reading
    facts: ClassVar[Facts] = Facts(
        title="Telegram",
        layouts=("JSON of one chat", "JSON of the whole account", "HTML: kept and answered, not read"),
        ask_for="Telegram Desktop: export chat history or data, format: machine-readable JSON",
        edits="last state, with time",
        deletions="absent",
        receipts="no",
        direct="yes",
        claim="last_state",
        tested="real files",
        left_out=tuple(sorted(set(_PRIVATE.values()))),
    )

    def likeness(self, member: Member, shape: Shape) -> tuple[int, str]:  # noqa: ARG002
        """By the fields of the messages."""
        return _likeness(shape)

    def private(self, tree: Tree) -> Iterator[Private]:
        """The sections of an account export that are no conversation."""
        for member, shape in shapes(tree).sample():
            if shape.kind != "json" or not any(
                path.startswith(tuple(f"/{n}" for n in _PRIVATE)) for path in shape.paths
            ):
                continue
            try:
                with member.open() as stream:
                    for value in walk(
                        stream, lambda path: True if path and path[0] in _PRIVATE else None if path else False
                    ):
                        reason = _PRIVATE.get(str(value.path[0])) if value.path else None
                        if reason and value.end > value.start:
                            yield Private(member.path, reason, ((value.start, value.end),))
            except UnreadableInput:
                continue
