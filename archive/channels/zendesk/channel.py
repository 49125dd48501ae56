"""Zendesk: tickets, comments and audits as its interface and its JSON export give them.

Authority: developer.zendesk.com (Tickets, Ticket Comments, Ticket Audits). A ticket's first words are its
description; with audits at hand they stand there once more, as the comment that they are. Incremental exports
repeat tickets; the id tells.
"""

import re
from collections.abc import Iterator
from typing import Any, ClassVar

from archive.channels.export import ExportReader, Made, Run, Scene, Taker
from archive.channels.spaces import Hosts, numbered_once
from archive.channels.zendesk.parts import (
    PEOPLE,
    TICKET,
    is_unit,
    kind_of,
    person,
    state_of,
    time_of,
    with_names,
)
from archive.ports import Facts, ReadOptions
from archive.reading.json_fields import Fields, NotUnderstood, as_text
from archive.reading.private import Private, find_ranges
from archive.reading.shape import Shape, shapes
from archive.reading.tree import Member, Tree
from archive.reading.units import Reading
from schemas.item import Actor, Attachment, Body, Deleted, Event, Key, Raw, Thread, TimeStamp

_ADDRESSES = re.compile(rb'"ip_address"\s*:\s*"([^"\\]+)"')
_COMPANY = re.compile(rb"https?://([^/\\\"\s]{1,253})/(?:api/v2|attachments)/")
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


class _Reading(Run):
    def __init__(self, reader: ExportReader, tree: Tree, options: ReadOptions) -> None:
        super().__init__(reader, tree, options)
        self._scenes: dict[tuple[str, str], Scene] = {}
        self._hosts = Hosts(self._naming)
        self._company = ""
        """The company whose file is read: each numbers its tickets from 1."""

    def _naming(self) -> dict[Member, re.Pattern[bytes]]:
        return {one: _COMPANY for one in self.tree.files() if kind_of(shapes(self.tree).of(one))}

    def taker(self, member: Member) -> Taker | str | None:
        shape = shapes(self.tree).of(member)
        if kind_of(shape):
            return self._units
        return (
            "users, jobs and settings, no tickets"
            if shape.kind in ("json", "lines") and not self.tree.single
            else None
        )

    def _units(self, member: Member) -> Iterator[Reading]:
        self._company = self._hosts.of(member)

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
            member, (lambda path: not path) if lone else is_unit, lambda _, f, r, m: make(f, r, m)
        )

    def _scene(self, ticket: str) -> Scene:
        place = self._company, ticket
        if place not in self._scenes:
            self._scenes[place] = self.scene(ticket, history="full", scope=self._company)
            self._scenes[place].people = self._company
        return self._scenes[place]

    def _key(self, made: Made, ident: str, time: TimeStamp | None) -> Key:
        """An id and its instant: the company is not told in every file, and what it numbers others number, too."""
        key = Key(channel=self.channel, scope=(time.utc or time.written) if time else "", id=ident)
        made.former[key] = numbered_once(key)
        return key

    def _describe(self, f: Fields, raw: Raw, made: Made) -> Scene:
        ticket = f.id("id")
        if not ticket:
            raise NotUnderstood("a ticket without an id")
        scene = self._scene(ticket)
        requester = person(scene, f, "requester")
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
        scene, time = self._describe(f, raw, made), time_of(f, "created_at")
        comments = f.objects("comments")
        status, description = f.text("status"), f.text("description")
        f.known("raw_subject", "updated_at", "submitter_id", "id", "requester_id", "subject")
        f.known(*PEOPLE)
        if comments:
            for one in comments:
                self._comment(member, scene, one, raw, made, time=time, author=None)
            f.known("description")
            made.items[:] = with_names(made.items, f)
            state = self._key(made, f"ticket/{scene.thread.id}/state", time)
            made.items.append(state_of(scene, state, f, raw, made))
            return
        gone = status == "deleted"
        item = scene.item(
            raw,
            self._key(made, f"ticket/{scene.thread.id}", time),
            event="deleted" if gone else "posted",
            author=person(scene, f, "submitter") or person(scene, f, "requester"),
            time=time,
            title=f.text("subject"),
            text=description,
            visibility=None if f.data.get("is_public") in (None, True) else "internal",
            deleted=Deleted(by="unknown") if gone else None,
            history="last_state",
            extra=(
                ("words", "the description: what the first comment said"),
                *made.told(f, *TICKET, "is_public", "updated_at"),
            ),
        )
        made.items.append(item)

    def _audit(self, member: Member, f: Fields, raw: Raw, made: Made) -> None:
        """One step in the life of a ticket: comments in it, and changes."""
        ticket, time = f.id("ticket_id"), time_of(f, "created_at")
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
                    self._key(made, f"audit/{f.id('id')}", time),
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
            self._key(made, f"event/{ident}", time or time_of(f, "created_at")),
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
        said = time_of(f, "created_at") or time
        f.known("public", "audit_id", "metadata", "type", "body", "plain_body")
        item = scene.item(
            raw,
            self._key(made, f"comment/{ident}", said),
            event=event,
            form="call" if f.data.get("type") == "VoiceComment" else "comment",
            author=scene.actor(f.id("author_id")) or author,
            time=said,
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


class ZendeskExport(ExportReader):
    """Reads tickets with their comments and audits."""

    name: ClassVar[str] = "zendesk"
    parser: ClassVar[str] = "zendesk-export/4"
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
        kind = kind_of(shape)
        return (
            (({"comments": 75, "events": 60}.get(kind, 95)), f"{kind} as Zendesk writes them")
            if kind
            else (0, "")
        )

    def private(self, tree: Tree) -> Iterator[Private]:
        """The addresses of the machines from which somebody wrote."""
        yield from super().private(tree)
        for member, shape in shapes(tree).every():
            if kind_of(shape) and (ranges := find_ranges(member, _ADDRESSES)):
                yield Private(member.path, "IP addresses", ranges)
