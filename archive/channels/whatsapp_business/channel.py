"""The channel: payloads, their changes, and the messages and statuses in them."""

import io
from collections.abc import Iterator
from typing import Any, ClassVar

from archive.channels.export import ExportReader, Made, Run, Scene, Taker
from archive.channels.whatsapp_business.contents import content_of
from archive.errors import UnreadableInput
from archive.ports import Facts
from archive.reading.json_fields import Fields, NotUnderstood
from archive.reading.json_stream import ELEMENT_CAP
from archive.reading.json_walk import Path, Value, walk
from archive.reading.lines import read_lines
from archive.reading.shape import Shape, shapes
from archive.reading.times import from_count
from archive.reading.tree import Member
from archive.reading.units import Reading, UnitExcluded, UnitFailed
from schemas.item import (
    Deleted,
    Event,
    Item,
    Key,
    Raw,
    Reaction,
    Recipient,
    Target,
    Thread,
)

_STATUSES: dict[str, Event] = {
    "delivered": "delivered",
    "read": "read",
    "played": "read",
    "deleted": "deleted",
}
_LISTS = ("messages", "message_echoes", "statuses")


class _Change:
    """What the messages of one change have in common."""

    def __init__(self, run: "_Reading", data: bytes) -> None:
        self.fields: dict[Path, Any] = {}
        try:
            for value in walk(
                io.BytesIO(data), lambda path: None if path and path[-1] in (*_LISTS, "history") else False
            ):
                if value.whole and value.data[:1] not in b"{[":
                    self.fields[value.path] = run.decode(value.data)
        except (UnreadableInput, ValueError):
            pass  # what can be told of a broken change is told; its messages fail for themselves
        number = self.fields.get(("value", "metadata", "phone_number_id"))
        self.own = str(number) if number else None
        self.display = self.fields.get(("value", "metadata", "display_phone_number"))
        self.names: dict[str, str] = {}
        for path, value in self.fields.items():
            if path[:2] == ("value", "contacts") and path[-1] == "wa_id":
                name = self.fields.get((*path[:3], "profile", "name"))
                if isinstance(name, str):
                    self.names[str(value)] = name


class _Reading(Run):
    def taker(self, member: Member) -> Taker | str | None:
        shape = shapes(self.tree).of(member)
        if _likeness(shape) or (self.tree.single and shape.kind in ("json", "lines")):
            return self._lines if shape.kind == "lines" else self._payloads
        return None

    def _lines(self, member: Member) -> Iterator[Reading]:
        with member.open() as stream:
            for line in read_lines(stream, cap=ELEMENT_CAP):
                if not line.data.strip():
                    continue
                try:
                    yield from self._walk(member, io.BytesIO(line.data), line.start)
                except UnreadableInput:
                    yield UnitFailed(member.path, "a line that is no payload", line.start, line.end)

    def _payloads(self, member: Member) -> Iterator[Reading]:
        with member.open() as stream:
            yield from self._walk(member, stream, 0)

    def _walk(self, member: Member, stream: Any, offset: int) -> Iterator[Reading]:
        for change in walk(stream, lambda path: len(path) > 1 and path[-2] == "changes", offset=offset):
            if len(change.path) > 1 and change.path[-2] == "changes":
                yield from self._change(member, change)

    def _change(self, member: Member, change: Value) -> Iterator[Reading]:
        if not change.whole:
            if change.end - change.start > ELEMENT_CAP:
                yield UnitFailed(member.path, "longer than the limit", change.start, change.end)
            return  # cut off: the walk says so
        about, count = _Change(self, change.data), 0
        try:
            for value in walk(io.BytesIO(change.data), _is_entry, offset=change.start):
                if _is_entry(value.path):
                    count += 1
                    yield self.unit(member, value, self._maker(about, member, value.path))
        except UnreadableInput:
            yield UnitFailed(member.path, "a change that is no JSON", change.start, change.end)
            return
        if not count:
            yield UnitExcluded(member.path, "a change without messages (settings, templates, errors)")

    def _maker(self, about: _Change, member: Member, path: Path) -> Any:
        def make(f: Fields, raw: Raw, made: Made) -> None:
            own = about.own if not self.options.mine else None
            self.via = Key(channel=self.channel, scope="", id=own) if own else self.as_told()
            kind = path[-2]
            other = (
                f.id("recipient_id")
                if kind == "statuses"
                else f.id("to")
                if kind == "message_echoes"
                else f.id("from")
            )
            if path[1:2] == ("history",):
                other = str(about.fields.get((*path[:-2], "id")) or "") or _other(f, about)
            scene = self.scene(f"{about.own or 'unknown'}/{other or 'unknown'}", visibility="direct")
            scene.scope = ""
            thread = Thread(
                key=scene.thread,
                via=self.via,
                kind="chat",
                title=about.names.get(other or "") or other,
                raw=raw,
            )
            made.threads.append(thread)
            if kind == "statuses":
                self._status(scene, f, raw, made)
            else:
                self._message(scene, about, member, f, raw, made)

        return make

    def _status(self, scene: Scene, f: Fields, raw: Raw, made: Made) -> None:
        ident, status, seconds = f.id("id"), f.text("status"), f.number("timestamp")
        if not ident or not status:
            raise NotUnderstood("a status of nothing")
        other = scene.thread.id.partition("/")[2]
        f.known("recipient_id")
        event = _STATUSES.get(status, "notice")
        item = scene.item(
            raw,
            scene.key(f"{ident}/{status}/{other}"),
            event=event,
            author=scene.actor(other),
            time=from_count(seconds, 1) if seconds is not None else None,
            targets=(Target(relation="of", key=scene.key(ident), written_id=ident),),
            deleted=Deleted(by="unknown") if event == "deleted" else None,
            extra=(
                ("status", status),
                *made.told(f, "errors", "conversation", "pricing", "recipient_user_id"),
            ),
        )
        made.items.append(item)

    def _message(self, scene: Scene, about: _Change, member: Member, f: Fields, raw: Raw, made: Made) -> None:
        ident, kind, seconds = f.id("id"), f.text("type"), f.number("timestamp")
        sender, to = f.id("from"), f.id("to")
        if not ident or seconds is None:
            raise NotUnderstood("a message without id or time")
        edit = f.object("edit") if kind == "edit" else None
        said = (edit.object("message") if edit else None) or f
        kind_said = said.text("type") or kind or ""
        text, attachments, extra = content_of(self, said, kind_said, member, made)
        event, original, reaction = _event(f, kind, edit)
        context = said.object("context")
        own = about.own is not None and sender in (about.own, about.display)
        author = self.via if own else scene.account(sender) if sender else None
        item: Item = scene.item(
            raw,
            scene.key(ident),
            event=event,
            author=(
                scene.actor(sender, about.names.get(sender or ""))
                if author is None or not own
                else scene.actor(self.via.id, str(about.display))
            ),
            recipients=tuple(
                Recipient(role="to", actor=a)
                for a in [scene.actor(to, about.names.get(to or ""))]
                if a and to
            ),
            time=from_count(seconds, 1, str(f.get("timestamp"))),
            targets=tuple(_targets(scene, original, context)),
            text=text,
            attachments=attachments,
            reactions=(Reaction(value=reaction),) if reaction else (),
            deleted=Deleted(by="author") if event == "deleted" else None,
            history="full",
            extra=(
                *extra,
                *made.told(f, "type", "errors", "referral", "identity", "history_context", "status"),
            ),
        )
        if said is not f:
            made.unknown |= said.unknown()
        made.items.append(item)


def _is_entry(path: Path) -> bool:
    return len(path) > 1 and isinstance(path[-1], int) and path[-2] in _LISTS


def _other(f: Fields, about: _Change) -> str | None:
    sender, to = f.id("from"), f.id("to")
    return to if sender in (about.own, about.display) else sender


def _event(f: Fields, kind: str | None, edit: Fields | None) -> tuple[Event, str | None, str | None]:
    """The event, the message it is about, the reaction."""
    if edit is not None:
        return "edited", edit.id("original_message_id"), None
    if kind == "revoke":
        revoked = f.object("revoke")
        return "deleted", revoked.id("original_message_id") if revoked else None, None
    if kind == "reaction":
        reaction = f.object("reaction") or Fields({})
        value = reaction.text("emoji")
        return ("reacted" if value else "unreacted"), reaction.id("message_id"), value
    return ("notice" if kind == "system" else "posted"), None, None


def _targets(scene: Scene, original: str | None, context: Fields | None) -> Iterator[Target]:
    if original:
        yield Target(relation="of", key=scene.key(original), written_id=original)
    if context is None:
        return
    if context.flag("forwarded") or context.flag("frequently_forwarded"):
        yield Target(relation="forward", present="no")
    if answered := context.id("id"):
        yield Target(relation="reply", key=scene.key(answered), written_id=answered)


def _likeness(shape: Shape) -> int:
    if shape.kind not in ("json", "lines"):
        return 0
    if shape.ends("/changes/*/value/messaging_product", "/changes/*/field"):
        return 98
    return 90 if shape.ends("/changes/*/value/messaging_product") else 0


class WhatsAppBusiness(ExportReader):
    """Reads payloads of webhooks as they were stored."""

    name: ClassVar[str] = "whatsapp-business"
    parser: ClassVar[str] = "whatsapp-business/2"
    run: ClassVar[type[Run]] = _Reading
    facts: ClassVar[Facts] = Facts(
        title="WhatsApp Business (Cloud API)",
        layouts=(
            "webhook payloads: one a file, an array, one a line",
            "history of a number that moved to the API",
        ),
        ask_for="the stored webhook payloads of the number, with the media that were fetched",
        edits="every edit",
        deletions="every revocation",
        receipts="delivered, read",
        direct="yes",
        claim="gaps_by_design",
        tested="real files",
    )

    def likeness(self, shape: Shape) -> tuple[int, str]:
        """By entry, changes and the product that they name."""
        percent = _likeness(shape)
        return percent, "webhook payloads of the WhatsApp Business Platform" if percent else ""
