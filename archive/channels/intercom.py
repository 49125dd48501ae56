"""Intercom: conversations and tickets as its interface and its exports give them.

Authority: Intercom's OpenAPI description. The first message is ``source``; parts follow, of which an interface
gives at most 500. Times are seconds, bodies HTML.

**Scope.** Ids are unique within a workspace, which few answers name. So a thing is told by its instant too, which no
edit changes, and a conversation by when it began; people by the workspace, where their conversation or ticket names it.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from archive.channels.export import ExportReader, Made, Run, Scene, Taker
from archive.channels.spaces import numbered_once
from archive.ports import Facts, ReadOptions
from archive.reading.html_tags import tags
from archive.reading.html_text import html_to_text
from archive.reading.json_fields import Fields, NotUnderstood
from archive.reading.json_walk import Path, Value
from archive.reading.media_types import media_type_of
from archive.reading.shape import Shape, shapes
from archive.reading.times import from_count
from archive.reading.tree import Member, Tree
from archive.reading.units import Completeness, Reading
from schemas.capture import Claim
from schemas.item import (
    Actor,
    Attachment,
    Body,
    Deleted,
    Edited,
    Event,
    Item,
    Key,
    Rating,
    Raw,
    Target,
    Thread,
    TimeStamp,
)

_WORKSPACE = re.compile(rb'(?<!\\)"workspace_id"\s*:\s*"([^"\\\s]{1,100})"')
_SAID = ("comment", "note", "quick_reply", "open", "note_and_reopen", "message", "conversation")
_TOLD = (
    *(
        "state",
        "open",
        "priority",
        "tags",
        "admin_assignee_id",
        "team_assignee_id",
        "custom_attributes",
        "statistics",
    ),
    *(
        "sla_applied",
        "linked_objects",
        "ticket_attributes",
        "ticket_type",
        "ticket_state",
        "category",
        "snoozed_until",
    ),
)


class _Reading(Run):
    def __init__(self, reader: ExportReader, tree: Tree, options: ReadOptions) -> None:
        super().__init__(reader, tree, options)
        self._expected = self._parts = 0

    def _scene(self, ident: str, raw: Raw, began: TimeStamp | None = None, **more: Any) -> Scene:
        scene = self.scene(ident, scope=_instant(began), **more)
        if found := _WORKSPACE.search(raw.slice):
            scene.people = found[1].decode("utf-8", "replace")
        return scene

    def _key(self, made: Made, ident: str, time: TimeStamp | None) -> Key:
        key = Key(channel=self.channel, scope=_instant(time), id=ident)
        made.former[key] = numbered_once(key)
        return key

    def taker(self, member: Member) -> Taker | str | None:
        shape = shapes(self.tree).of(member)
        if _likeness(shape):
            return self._units
        return (
            "contacts, tags and jobs, no conversations"
            if shape.kind in ("json", "lines") and not self.tree.single
            else None
        )

    def completeness(self) -> Completeness:
        """The number of parts that conversations state against those that are here."""
        if self._expected:
            self.claims.append(
                Claim(
                    scope="parts of conversations", kind="exact", expected=self._expected, found=self._parts
                )
            )
        return super().completeness()

    def _units(self, member: Member) -> Iterator[Reading]:
        def make(f: Fields, raw: Raw, made: Made) -> None:
            if f.data.get("type") in ("conversation", "ticket"):
                self._conversation(member, f, raw, made)
            else:
                scene = self._scene(
                    f.id("conversation_id", "ticket_id") or self.options.thread or "unknown",
                    raw,
                    derived="conversation_id" not in f,
                )
                made.items.append(self._part(member, scene, f, raw, made, None))

        if shapes(self.tree).of(member).kind == "lines":
            yield from self.line_units(member, make)
            return
        listed = any(
            path.startswith(("/conversations/*", "/tickets/*", "/*/"))
            for path in shapes(self.tree).of(member).paths
        )

        def take(_: Value, f: Fields, raw: Raw, made: Made) -> None:
            make(f, raw, made)

        yield from self.json_units(member, _is_unit if listed else (lambda path: not path), take)

    def _conversation(self, member: Member, f: Fields, raw: Raw, made: Made) -> None:
        ident, time = f.id("id"), _time(f, "created_at")
        if not ident or time is None:
            raise NotUnderstood("a conversation without id or time")
        scene = self._scene(ident, raw, time, visibility="direct", history="last_state")
        attributes = f.object("ticket_attributes")
        title = f.text("title") or (attributes.text("_default_title_") if attributes else None)
        people = [_author(scene, one) for one in (f.object("contacts") or Fields({})).objects("contacts")]
        kind: Any = "ticket" if f.data.get("type") == "ticket" else "chat"
        source = f.object("source")
        subject = html_to_text(source.text("subject") or "") if source else ""
        made.threads.append(
            Thread(
                key=scene.thread,
                via=self.via,
                kind=kind,
                title=title or subject or None,
                participants=tuple(person for person in people if person),
                raw=raw,
            )
        )
        rating = f.object("conversation_rating")
        parts = f.object("conversation_parts") or f.object("ticket_parts") or Fields({})
        listed = [*parts.objects("conversation_parts"), *parts.objects("ticket_parts")]
        self._expected += parts.number("total_count") or 0
        self._parts += len(listed)
        f.known(
            "type",
            "updated_at",
            "waiting_since",
            "first_contact_reply",
            "teammates",
            "topics",
            "ticket",
            "ai_agent",
            "read",
        )
        f.known("ai_agent_participated", "contacts", "id", "ticket_id", "is_shared")
        extra = made.told(f, *_TOLD)
        if source is not None:
            first = self._part(member, scene, source, raw, made, time)
            rated = Rating(value=str(rating.get("rating"))) if rating and rating.get("rating") else None
            made.items.append(first.model_copy(update={"extra": (*first.extra, *extra), "rating": rated}))
        else:
            description = attributes.text("_default_description_") if attributes else None
            made.items.append(
                scene.item(
                    raw,
                    self._key(made, f"ticket/{ident}", time),
                    event="notice",
                    time=time,
                    title=title,
                    text=description,
                    extra=extra,
                )
            )
        for one in listed:
            made.items.append(self._part(member, scene, one, raw, made, None))
        if rating is not None and (remark := rating.text("remark")):
            made.items.append(self._remark(scene, rating, remark, raw, made))

    def _part(
        self, member: Member, scene: Scene, f: Fields, raw: Raw, made: Made, time: TimeStamp | None
    ) -> Any:
        ident, kind = f.id("id"), f.text("part_type") or f.text("type") or ""
        time = _time(f, "created_at") or time
        if not ident:
            raise NotUnderstood("a part without an id")
        html, edited = f.text("body"), _time(f, "updated_at")
        gone = f.flag("redacted")
        event: Event = "deleted" if gone else "posted" if kind in _SAID or html else "notice"
        f.known("type", "part_type")
        return scene.item(
            raw,
            self._key(made, ident, time),
            event=event,
            author=_author(scene, f.object("author")),
            time=time,
            title=html_to_text(f.text("subject") or "") or None,
            text=html_to_text(html) if html else None,
            body=Body(type="text/html", content=html) if html else None,
            visibility="internal" if "note" in kind else scene.visibility,
            attachments=(*(files := tuple(self._files(member, f, made))), *_pictures(html or "", files)),
            deleted=Deleted(by="admin", reason="redacted") if gone else None,
            edited=Edited(time=edited) if edited and time and edited.utc != time.utc else None,
            targets=(Target(relation="share", written_id=url, present="no"),)
            if (url := f.text("url"))
            else (),
            extra=(
                ("kind", kind),
                *made.told(
                    f,
                    "delivered_as",
                    "assigned_to",
                    "previous_ticket_state",
                    "ticket_state",
                    "notified_at",
                    "app_package_code",
                    "external_id",
                ),
            ),
        )

    def _remark(self, scene: Scene, rating: Fields, remark: str, raw: Raw, made: Made) -> Item:
        """What the customer wrote to a rating."""
        time = _time(rating, "created_at")
        return scene.item(
            raw,
            self._key(made, f"{scene.thread.id}/rating", time),
            form="review",
            author=_author(scene, rating.object("contact") or rating.object("customer")),
            time=time,
            text=remark,
            rating=Rating(value=str(rating.get("rating"))) if rating.get("rating") else None,
        )

    def _files(self, member: Member, f: Fields, made: Made) -> Iterator[Attachment]:
        for one in f.objects("attachments"):
            url, name = one.text("url"), one.text("name")
            yield self.beside.attach(
                made.contents,
                name,
                member,
                name=name,
                media_type=one.text("content_type"),
                url=url.partition("?")[0] if url else None,
                length=one.number("filesize"),
                reason="expired url" if url else "not in export",
            )


def _pictures(html: str, listed: Sequence[Attachment]) -> Iterator[Attachment]:
    """Pictures within the words, which are links: their bytes are in no export."""
    known = {one.url for one in listed}
    for tag in tags(html):
        url = (tag.attributes.get("src") or "").partition("?")[0]
        if tag.name == "img" and url and url not in known and not url.startswith("data:"):
            name = url.rpartition("/")[2] or None
            yield Attachment(
                name=name,
                media_type=media_type_of(name or ""),
                state="missing",
                reason="expired url",
                role="image",
                url=url,
            )


def _author(scene: Scene, who: Fields | None) -> Actor | None:
    if who is None:
        return None
    actor = scene.actor(who.id("id"), who.text("name", "email"))
    return actor and actor.model_copy(update={"handle": who.text("email")})


def _instant(time: TimeStamp | None) -> str:
    return "" if time is None else time.utc or time.written


def _time(f: Fields, name: str) -> TimeStamp | None:
    seconds = f.number(name)
    return from_count(seconds, 1) if seconds is not None else None


def _is_unit(path: Path) -> bool:
    return (
        len(path) == 2 and path[0] in ("conversations", "tickets", "data") and isinstance(path[1], int)
    ) or (len(path) == 1 and isinstance(path[0], int))


def _likeness(shape: Shape) -> int:
    if shape.kind not in ("json", "lines"):
        return 0
    for prefix in ("", "/*", "/conversations/*", "/tickets/*", "/data/*"):
        if shape.has(f"{prefix}/source/delivered_as") or shape.has(
            f"{prefix}/conversation_parts", f"{prefix}/created_at"
        ):
            return 95
        if shape.has(f"{prefix}/ticket_parts", f"{prefix}/created_at"):
            return 95
        if shape.has(f"{prefix}/part_type", f"{prefix}/author", f"{prefix}/created_at"):
            return 90
        if shape.has(f"{prefix}/ticket_attributes", f"{prefix}/ticket_state"):
            return 90
    return 0


class IntercomExport(ExportReader):
    """Reads conversations and tickets with their parts."""

    name: ClassVar[str] = "intercom"
    parser: ClassVar[str] = "intercom-export/5"
    run: ClassVar[type[Run]] = _Reading
    facts: ClassVar[Facts] = Facts(
        title="Intercom",
        layouts=("conversations and tickets of the interface, single, listed, one a line",),
        ask_for="the interface: conversations with their parts, or the data export to a bucket",
        edits="last state, with time",
        deletions="redacted parts are marked",
        receipts="no",
        direct="yes, with internal notes",
        claim="capped",
        tested="real files",
        left_out=("contacts and settings",),
    )

    def likeness(self, shape: Shape) -> tuple[int, str]:
        """By source, parts and tickets."""
        percent = _likeness(shape)
        return percent, "conversations with source and parts" if percent else ""
