"""Items from the chat items of an export: messages with their revisions, updates, calls, receipts."""

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from archive.channels.export import Made, Run, Scene
from archive.channels.signal.people import People
from archive.reading.json_fields import Fields, NotUnderstood, as_text
from archive.reading.media_types import endings_of
from archive.reading.times import from_count
from archive.reading.tree import Member
from schemas.item import (
    Actor,
    Attachment,
    AttachmentRole,
    Body,
    Deleted,
    Event,
    Item,
    Raw,
    Reaction,
    Target,
    TimeStamp,
)
from schemas.item import Recipient as To

_CONTENTS = (
    *("standardMessage", "contactMessage", "stickerMessage", "remoteDeletedMessage", "updateMessage", "poll"),
    *(
        "paymentNotification",
        "giftBadge",
        "viewOnceMessage",
        "directStoryReplyMessage",
        "adminDeletedMessage",
    ),
)
_FLAGS: dict[str, AttachmentRole] = {"VOICE_MESSAGE": "voice", "GIF": "video"}
_RECEIPTS: dict[str, Event] = {"delivered": "delivered", "read": "read", "viewed": "read"}


class ChatItems:
    """Makes the items of one chat."""

    def __init__(self, run: Run, people: People, member: Member) -> None:
        self.run, self.people, self.member = run, people, member

    def add(self, scene: Scene, f: Fields, raw: Raw, made: Made) -> None:
        """One line: the item, each of its earlier revisions, each receipt."""
        revisions = f.objects("revisions")
        states = [*revisions, f]
        first: Item | None = None
        for at, state in enumerate(states):
            item = self._one(scene, state, raw, made, first, full=bool(revisions))
            made.items.extend(item)
            first = first or item[0]
            if at == len(states) - 1:
                made.items.extend(self._receipts(scene, state, item[0], raw, made))

    def _one(
        self, scene: Scene, f: Fields, raw: Raw, made: Made, first: Item | None, *, full: bool
    ) -> list[Item]:
        sent, author = f.number("dateSent"), self.people.actor(f.id("authorId"), made)
        name = next((one for one in _CONTENTS if one in f), None)
        if sent is None or name is None:
            raise NotUnderstood("a chat item without time or content of a known kind")
        time, content = from_count(sent, 1000), f.object(name) or Fields({})
        who = author.account.id if author and author.account else "unknown"
        ident = f"{who}:{sent}"
        f.known("chatId", "incoming", "outgoing", "directionless", "sms", "expireStartDate", "sealedSender")
        expires = f.number("expiresInMs")
        extra = [("expires_after_ms", str(expires))] if expires else []
        if name == "updateMessage":
            return list(self._updates(scene, content, ident, author, time, raw, made, f))
        words, body = _words(content, name)
        event: Event = "deleted" if name in ("remoteDeletedMessage", "adminDeletedMessage") else "posted"
        targets = list(self._targets(scene, content, made))
        if first is not None and event == "posted":
            event = "edited"
            targets.insert(0, Target(relation="of", key=first.key, written_id=first.key.id, present="yes"))
        item = scene.item(
            raw,
            scene.key(ident),
            event=event,
            form="poll" if name == "poll" else "message",
            author=author,
            time=time,
            targets=tuple(targets),
            text="\n".join(words) or None,
            body=body,
            attachments=tuple(self._attachments(content, name, made)),
            reactions=self._reactions(content, made),
            deleted=Deleted(by="admin" if name.startswith("admin") else "author")
            if event == "deleted"
            else None,
            history="full" if full else "last_state",
            extra=(
                *((("content", name),) if name != "standardMessage" else ()),
                *extra,
                *self._rest(f, content, made),
            ),
        )
        return [item]

    def _rest(self, f: Fields, content: Fields, made: Made) -> tuple[tuple[str, str], ...]:
        content.known("longText", "linkPreview", "hasEnded", "allowMultiple")
        told = made.told(
            f, *(name for name in _CONTENTS if name in ("paymentNotification", "giftBadge")), "pinDetails"
        )
        return (*told, *made.told(content, "options"))

    def _updates(
        self,
        scene: Scene,
        content: Fields,
        ident: str,
        author: Actor | None,
        time: TimeStamp | None,
        raw: Raw,
        made: Made,
        f: Fields,
    ) -> Iterator[Item]:
        """What the app says in the middle of a chat; one update of a group may tell of several changes."""
        listed: list[tuple[str, Any]] = []
        for name, value in content.data.items():
            changes = value.get("updates") if isinstance(value, dict) else None
            if name == "groupChange" and isinstance(changes, list):
                listed += [
                    (key, inner)
                    for change in changes
                    if isinstance(change, dict)
                    for key, inner in change.items()
                ]
            else:
                listed.append((name, value))
        extra = made.told(f)
        for at, (name, value) in enumerate(listed or [("nothing", {})]):
            about = Fields(value) if isinstance(value, dict) else Fields({})
            actor = self.people.by_id(about.text("updaterAci"), made) or author
            people = [
                self.people.by_id(one.text("memberAci", "inviteeAci", "userId"), made)
                for one in (about, *about.objects("invitees"))
            ]
            event = _update_event(name, about)
            yield scene.item(
                raw,
                scene.key(f"{ident}/update/{at}" if at else f"{ident}/update"),
                event=event,
                form="call" if event == "called" else "message",
                author=actor,
                recipients=tuple(To(role="member", actor=one) for one in people if one),
                time=time,
                title=about.text("newGroupName", "newName") if event == "renamed" else None,
                history="none",
                extra=(("update", name), (name, as_text(value)), *extra),
            )

    def _receipts(self, scene: Scene, f: Fields, item: Item, raw: Raw, made: Made) -> Iterator[Item]:
        outgoing = f.object("outgoing")
        for status in outgoing.objects("sendStatus") if outgoing else ():
            kind = next((name for name in _RECEIPTS if name in status), None)
            reader, at = self.people.actor(status.id("recipientId"), made), status.number("timestamp")
            if kind is None or reader is None or reader.account is None:
                continue
            yield scene.item(
                raw,
                scene.key(f"{item.key.id}/{kind}/{reader.account.id}"),
                event=_RECEIPTS[kind],
                author=reader,
                time=from_count(at, 1000) if at else None,
                targets=(Target(relation="of", key=item.key, written_id=item.key.id, present="yes"),),
                history="none",
            )

    def _targets(self, scene: Scene, content: Fields, made: Made) -> Iterator[Target]:
        quote = content.object("quote")
        if quote is None:
            return
        sent, author = quote.number("targetSentTimestamp"), self.people.actor(quote.id("authorId"), made)
        text = (quote.object("text") or Fields({})).text("body")
        who = author.account.id if author and author.account else None
        key = scene.key(f"{who}:{sent}") if who and sent is not None else None
        yield Target(
            relation="quote", key=key, written_id=str(sent) if sent is not None else None, excerpt=text
        )

    def _attachments(self, content: Fields, name: str, made: Made) -> Iterator[Attachment]:
        listed: list[tuple[Fields, AttachmentRole | None]] = [
            (one.object("pointer") or Fields({}), _FLAGS.get(one.text("flag") or ""))
            for one in content.objects("attachments")
        ]
        sticker, once, long = (
            content.object("sticker"),
            content.object("attachment"),
            content.object("longText"),
        )
        if sticker is not None:
            listed.append((sticker.object("data") or Fields({}), "sticker"))
        if once is not None:
            listed.append((once.object("pointer") or Fields({}), None))
        if long is not None:
            listed.append((long, "inline"))
        if name == "viewOnceMessage" and once is None:
            yield Attachment(state="missing", reason="view once", role="image")
        for pointer, role in listed:
            mime = pointer.text("contentType")
            locator = pointer.object("locatorInfo") or Fields({})
            stem = _hex(locator.text("plaintextHash"))
            names = [
                pointer.text("fileName"),
                stem,
                *(f"{stem}.{ending}" for ending in endings_of(mime) if stem),
            ]
            found = next((one for one in names if one and self.run.beside.find(one, self.member)), None)
            yield self.run.beside.attach(
                made.contents,
                found or pointer.text("fileName"),
                self.member,
                name=pointer.text("fileName"),
                media_type=mime,
                role=role,
                length=locator.number("size"),
            )

    def _reactions(self, content: Fields, made: Made) -> tuple[Reaction, ...]:
        by_value: dict[str, list[Actor]] = {}
        for reaction in content.objects("reactions"):
            value, actor = reaction.text("emoji"), self.people.actor(reaction.id("authorId"), made)
            if value:
                by_value.setdefault(value, []).extend([actor] if actor else [])
        return tuple(
            Reaction(value=value, count=len(who) or None, actors=tuple(who))
            for value, who in by_value.items()
        )


def _words(content: Fields, name: str) -> tuple[list[str], Body | None]:
    text = content.object("text") or (content.object("textReply") or Fields({})).object("text") or Fields({})
    words, ranges, body = [], text.array("bodyRanges"), text.text("body")
    if body:
        words.append(body)
    if name == "poll":
        words.append(content.text("question") or "")
        words += [f"- {option.text('option') or ''}" for option in content.objects("options")]
    if name == "stickerMessage":
        words += [emoji for one in [content.object("sticker") or Fields({})] if (emoji := one.text("emoji"))]
    if name == "contactMessage":
        words.append(as_text(content.get("contact")))
    if name == "directStoryReplyMessage" and (emoji := content.text("emoji")):
        words.append(emoji)
    for preview in content.objects("linkPreview"):
        words += [
            part
            for part in (preview.text("title"), preview.text("url"))
            if part and part not in "\n".join(words)
        ]
    rich = Body(type="application/x-signal-text+json", content=as_text(text.data)) if ranges else None
    return words, rich


def _update_event(name: str, about: Fields) -> Event:
    lower = name.lower()
    if "call" in lower:
        return "called"
    if "name" in lower or name == "profileChange" or about.text("type") == "CHANGE_NUMBER":
        return "renamed"
    if (
        "joined" in lower
        or "added" in lower
        or "joinrequestapproval" in lower
        or "invitationaccepted" in lower
    ):
        return "joined"
    if "left" in lower or "removed" in lower:
        return "left"
    return "pinned" if "pin" in lower and "message" in lower else "notice"


def _hex(hash_: str | None) -> str | None:
    try:
        return base64.b64decode(hash_, validate=True).hex() if hash_ else None
    except (binascii.Error, ValueError):
        return None
