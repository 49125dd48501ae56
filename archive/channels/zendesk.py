"""Zendesk: tickets, comments and audits as its interface and its JSON export give them.

Authority: developer.zendesk.com (Tickets, Ticket Comments, Ticket Audits). A ticket's first words are its
description; with audits at hand they stand there once more, as the comment that they are. Incremental exports
repeat tickets; the id tells.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from archive.channels.export import ExportReader, Made, Run, Scene, Taker
from archive.ports import Facts, ReadOptions
from archive.reading.json_fields import Fields, NotUnderstood, as_text
from archive.reading.json_walk import Path
from archive.reading.private import Private, find_ranges
from archive.reading.shape import Shape, shapes
from archive.reading.times import from_iso
from archive.reading.tree import Member, Tree
from archive.reading.units import Reading
from schemas.item import Actor, Attachment, Body, Deleted, Event, Item, Rating, Raw, Thread, TimeStamp

_ADDRESSES = re.compile(rb'"ip_address"\s*:\s*"([^"\\]+)"')
_SAID = (
    "Comment",
    "VoiceComment",
    "FacebookComment",
    "FacebookEvent",
    "Tweet",
    "SMSNotification",
    "ChatStartedEvent",
    "ChatEndedEvent",
)
_PEOPLE = ("requester", "submitter", "assignee")
_TICKET = (
    *("url", "external_id", "type", "priority", "status", "recipient"),
    *("assignee_id", "organization_id", "group_id", "collaborator_ids", "follower_ids", "email_cc_ids"),
    *("forum_topic_id", "problem_id", "has_incidents", "due_at", "tags", "custom_fields"),
    *("fields", "satisfaction_rating", "brand_id", "via", "ticket_form_id", "followup_ids"),
)


class _Reading(Run):
    def __init__(self, reader: ExportReader, tree: Tree, options: ReadOptions) -> None:
        super().__init__(reader, tree, options)
        self._scenes: dict[str, Scene] = {}

    def taker(self, member: Member) -> Taker | str | None:
        shape = shapes(self.tree).of(member)
        if _kind(shape):
            return self._units
        return (
            "users, jobs and settings, no tickets"
            if shape.kind in ("json", "lines") and not self.tree.single
            else None
        )

    def _units(self, member: Member) -> Iterator[Reading]:
        def make(f: Fields, raw: Raw, made: Made) -> None:
            inner, audit = f.object("ticket"), f.object("audit")
            if audit is not None:
                self._audit(member, audit, raw, made)
                if inner is not None:
                    self._describe(inner, raw, made)
            elif inner is not None or ("subject" in f and ("requester_id" in f or "requester" in f)):
                self._ticket(member, inner or f, raw, made)
            elif "events" in f:
                self._audit(member, f, raw, made)
            elif f.data.get("type") in _SAID or "html_body" in f or ("body" in f and "author_id" in f):
                number = f.id("ticket_id") or self.options.thread or "unknown"
                self._comment(member, self._scene(number), f, raw, made, time=None, author=None)
            else:
                self._event(self._scene(f.id("ticket_id") or "unknown"), f, raw, made, None, None)

        if shapes(self.tree).of(member).kind == "lines":
            yield from self.line_units(member, make)
            return
        shape = shapes(self.tree).of(member)
        lists = ("/tickets/*", "/audits/*", "/comments/*", "/*/")
        lone = shape.has("/requester_id") or not any(path.startswith(lists) for path in shape.paths)
        yield from self.json_units(
            member, (lambda path: not path) if lone else _is_unit, lambda _, f, r, m: make(f, r, m)
        )

    def _scene(self, ticket: str) -> Scene:
        if ticket not in self._scenes:
            self._scenes[ticket] = self.scene(ticket, history="full")
            self._scenes[ticket].scope = ""
        return self._scenes[ticket]

    def _describe(self, f: Fields, raw: Raw, made: Made) -> Scene:
        ticket = f.id("id")
        if not ticket:
            raise NotUnderstood("a ticket without an id")
        scene = self._scene(ticket)
        requester = _person(scene, f, "requester")
        people = (requester,) if requester else ()
        made.threads.append(
            Thread(
                key=scene.thread,
                via=self.via,
                kind="ticket",
                title=f.text("subject", "raw_subject"),
                participants=people,
                raw=raw,
            )
        )
        return scene

    def _ticket(self, member: Member, f: Fields, raw: Raw, made: Made) -> None:
        scene, time = self._describe(f, raw, made), _time(f, "created_at")
        comments = f.objects("comments")
        status, description = f.text("status"), f.text("description")
        f.known("raw_subject", "updated_at", "submitter_id", "id", "requester_id", "subject")
        f.known(*_PEOPLE)
        if comments:
            for one in comments:
                self._comment(member, scene, one, raw, made, time=time, author=None)
            f.known("description")
            made.items[:] = _with_names(made.items, f)
            made.items.append(_state(scene, f, raw, made))
            return
        gone = status == "deleted"
        item = scene.item(
            raw,
            scene.key(f"ticket/{scene.thread.id}"),
            event="deleted" if gone else "posted",
            author=_person(scene, f, "submitter") or _person(scene, f, "requester"),
            time=time,
            title=f.text("subject"),
            text=description,
            visibility=None if f.data.get("is_public") in (None, True) else "internal",
            deleted=Deleted(by="unknown") if gone else None,
            history="last_state",
            extra=(
                ("words", "the description: what the first comment said"),
                *made.told(f, *_TICKET, "is_public", "updated_at"),
            ),
        )
        made.items.append(item)

    def _audit(self, member: Member, f: Fields, raw: Raw, made: Made) -> None:
        """One step in the life of a ticket: comments in it, and changes."""
        ticket, time = f.id("ticket_id"), _time(f, "created_at")
        if not ticket:
            raise NotUnderstood("an audit of no ticket")
        scene = self._scene(ticket)
        author = scene.actor(f.id("author_id"))
        via = f.get("via")
        f.known("metadata", "id", "events")
        rest = made.told(f)
        changes = []
        for event in f.objects("events"):
            if event.data.get("type") in _SAID:
                self._comment(
                    member,
                    scene,
                    event,
                    raw,
                    made,
                    time=time,
                    author=author,
                    more=(("via", as_text(via)), *rest),
                )
            else:
                changes.append(event)
        if changes or not made.items:
            told = tuple((str(one.data.get("type") or "change"), as_text(one.data)) for one in changes)
            made.items.append(
                scene.item(
                    raw,
                    scene.key(f"audit/{f.id('id')}"),
                    event="notice",
                    author=author,
                    time=time,
                    visibility="internal",
                    extra=(*told, *rest),
                )
            )

    def _event(
        self, scene: Scene, f: Fields, raw: Raw, made: Made, author: Actor | None, time: TimeStamp | None
    ) -> None:
        kind, ident = f.text("type"), f.id("id")
        if not kind or not ident:
            raise NotUnderstood("neither ticket, comment nor audit")
        item = scene.item(
            raw,
            scene.key(f"event/{ident}"),
            event="notice",
            author=author,
            time=time,
            visibility="internal",
            extra=made.told(f, "type"),
        )
        made.items.append(item)

    def _comment(
        self,
        member: Member,
        scene: Scene,
        f: Fields,
        raw: Raw,
        made: Made,
        *,
        time: TimeStamp | None,
        author: Actor | None,
        more: Any = (),
    ) -> None:
        ident, html = f.id("id"), f.text("html_body")
        if not ident:
            raise NotUnderstood("a comment without an id")
        spoken = (f.object("data") or Fields({})).text("transcription_text")
        text = "\n".join(part for part in (f.text("plain_body", "body"), spoken) if part) or None
        public = f.data.get("public", True)
        redacted = "redacted" in (text or "")[:40].lower() or f.flag("redacted")
        event: Event = "posted"
        f.known("public", "audit_id", "metadata", "type", "body", "plain_body")
        item = scene.item(
            raw,
            scene.key(f"comment/{ident}"),
            event=event,
            form="call" if f.data.get("type") == "VoiceComment" else "comment",
            author=scene.actor(f.id("author_id")) or author,
            time=_time(f, "created_at") or time,
            text=text,
            body=Body(type="text/html", content=html) if html else None,
            visibility="public" if public else "internal",
            attachments=tuple(self._files(member, f, made)),
            deleted=Deleted(by="admin", reason="redacted") if redacted else None,
            extra=(
                *more,
                *made.told(f, "via", "data", "formatted_from", "formatted_to", "transcription_visible"),
            ),
        )
        made.items.append(item)

    def _files(self, member: Member, f: Fields, made: Made) -> Iterator[Attachment]:
        for one in f.objects("attachments"):
            name, url = one.text("file_name", "name"), one.text("content_url")
            gone = one.flag("deleted")
            yield self.beside.attach(
                made.contents,
                None if gone else name,
                member,
                name=name,
                media_type=one.text("content_type"),
                reason="deleted on the platform" if gone else "not in export",
                url=url.partition("?")[0] if url else None,
                length=one.number("size"),
            )


def _person(scene: Scene, f: Fields, role: str) -> Actor | None:
    """Somebody of a ticket: by number, or as the export of an account tells them, with their name."""
    told = f.object(role) or Fields({})
    number, named = f.id(f"{role}_id"), told.id("id")
    return scene.actor(number or named, told.text("name") if number in (None, named) else None)


def _with_names(items: Iterable[Item], f: Fields) -> Iterator[Item]:
    """Comments of a ticket that tells of people with their names."""
    people = [one for role in _PEOPLE if (one := f.object(role)) is not None]
    names = {one.id("id"): one.text("name") for one in people}
    for item in items:
        who = item.author
        name = names.get(who.account.id) if who and who.account and not who.written else None
        yield (
            item.model_copy(update={"author": who.model_copy(update={"written": name})})
            if who and name
            else item
        )


def _state(scene: Scene, f: Fields, raw: Raw, made: Made) -> Item:
    """What a ticket with its comments says besides them: its state, its own fields, how the customer rated it."""
    rated = f.object("satisfaction_rating") or Fields({})
    score = rated.text("score")
    given = score is not None and score not in ("offered", "unoffered")
    return scene.item(
        raw,
        scene.key(f"ticket/{scene.thread.id}/state"),
        event="deleted" if f.data.get("status") == "deleted" else "notice",
        time=_time(f, "updated_at"),
        title=f.text("subject"),
        text=rated.text("comment"),
        rating=Rating(value=score or "") if given else None,
        visibility="internal",
        extra=made.told(f, *_TICKET, "is_public"),
    )


def _time(f: Fields, name: str) -> TimeStamp | None:
    written = f.text(name)
    return from_iso(written, "UTC", "by_spec") if written else None


def _is_unit(path: Path) -> bool:
    return (
        len(path) == 2
        and path[0] in ("tickets", "audits", "comments", "results")
        and isinstance(path[1], int)
    ) or (len(path) == 1 and isinstance(path[0], int))


def _kind(shape: Shape) -> str | None:
    if shape.kind not in ("json", "lines"):
        return None
    for prefix in ("", "/*", "/tickets/*", "/audits/*", "/comments/*", "/ticket", "/audit"):
        if shape.has(f"{prefix}/requester_id", f"{prefix}/submitter_id") and shape.has(f"{prefix}/subject"):
            return "tickets"
        if shape.has(f"{prefix}/requester/id", f"{prefix}/submitter/id", f"{prefix}/subject"):
            return "tickets"
        if shape.has(f"{prefix}/ticket_id", f"{prefix}/events", f"{prefix}/author_id"):
            return "audits"
        if shape.has(f"{prefix}/author_id", f"{prefix}/public", f"{prefix}/body"):
            return "comments"
        if shape.has(f"{prefix}/comment_id", f"{prefix}/public", f"{prefix}/type"):
            return "events"
    return None


class ZendeskExport(ExportReader):
    """Reads tickets with their comments and audits."""

    name: ClassVar[str] = "zendesk"
    parser: ClassVar[str] = "zendesk-export/3"
    run: ClassVar[type[Run]] = _Reading
    facts: ClassVar[Facts] = Facts(
        title="Zendesk",
        layouts=("tickets, audits, comments of the interface", "JSON export, one ticket a line"),
        ask_for="Admin Center: JSON export with comments, or the Ticket Audits of the interface",
        edits="every change, as audits",
        deletions="marked",
        receipts="no",
        direct="yes, with internal notes",
        claim="last_state",
        tested="real files",
        left_out=("IP addresses",),
    )

    def likeness(self, shape: Shape) -> tuple[int, str]:
        """By the fields of tickets, audits or comments."""
        kind = _kind(shape)
        return (
            (({"comments": 75, "events": 60}.get(kind, 95)), f"{kind} as Zendesk writes them")
            if kind
            else (0, "")
        )

    def private(self, tree: Tree) -> Iterator[Private]:
        """The addresses of the machines from which somebody wrote."""
        yield from super().private(tree)
        for member, shape in shapes(tree).every():
            if _kind(shape) and (ranges := find_ranges(member, _ADDRESSES)):
                yield Private(member.path, "IP addresses", ranges)
