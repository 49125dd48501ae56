"""RSMF: short messages as e-discovery programs exchange them, a mail with ``rsmf.zip`` or its manifest alone.

Authority: Relativity Short Message Format, JSON schema 1.0 and 2.0. Names of participants and conversations are
resolved; edits, reactions and receipts keep their times.
"""

import email
import email.policy
import io
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, BinaryIO, ClassVar

from archive.channels.export import ExportReader, Made, Run, Scene, Taker
from archive.errors import UnreadableInput
from archive.ports import Facts
from archive.reading.json_fields import Fields, NotUnderstood, as_text, load_json
from archive.reading.json_walk import walk
from archive.reading.media_types import media_type_of
from archive.reading.shape import Shape, shapes
from archive.reading.times import from_iso
from archive.reading.tree import Limits, Member
from archive.reading.units import Content, MemberProblem, Reading
from archive.reading.zips import Entry, Zip
from schemas.item import (
    Actor,
    Attachment,
    Deleted,
    Edited,
    Event,
    Raw,
    Reaction,
    Target,
    Thread,
    TimeStamp,
)

MAIL_CAP = 512 << 20
MANIFEST_CAP = 64 << 20
_NAME = "rsmf_manifest.json"
_EVENTS: dict[str, Event] = {
    "message": "posted",
    "join": "joined",
    "leave": "left",
    "disclaimer": "notice",
    "history": "notice",
}
_HEADER = re.compile(rb"^X-RSMF-(?:Version|Generator|EventCount)\s*:", re.IGNORECASE | re.MULTILINE)
Files = dict[str, tuple[int, Callable[[], BinaryIO], str | None]]
"""Name → length, opener, and the member in which it lies, if it is one."""


class _Reading(Run):
    def taker(self, member: Member) -> Taker | str | None:
        shape = shapes(self.tree).of(member)
        if _is_manifest(shape):
            return self._manifest
        return self._mail if _HEADER.search(shape.head) else None

    def _manifest(self, member: Member) -> Iterator[Reading]:
        with member.open() as stream:
            data = stream.read(MANIFEST_CAP + 1)
        files: Files = {
            m.name: (m.size, m.open, m.path) for m in self.tree.files() if m.folder == member.folder
        }
        yield from self._events(member, data, files, inside=False)

    def _mail(self, member: Member) -> Iterator[Reading]:
        if member.size > MAIL_CAP:
            yield MemberProblem(member.path, "a mail larger than the limit")
            return
        with member.open() as stream:
            message = email.message_from_binary_file(stream, policy=email.policy.compat32)
        for part in message.walk():
            name = part.get_filename() or ""
            if part.is_multipart() or not name.lower().endswith(".zip"):
                continue
            packed = part.get_payload(decode=True)
            if isinstance(packed, bytes):
                yield from self._packed(member, packed)
                return
        yield MemberProblem(member.path, "a mail in RSMF without the zip that holds its messages")

    def _packed(self, member: Member, packed: bytes) -> Iterator[Reading]:
        container = Zip(io.BytesIO(packed))
        files: Files = {
            entry.name: (entry.size, entry.open, None) for entry in container.entries() if _is_honest(entry)
        }
        if _NAME not in files or files[_NAME][0] > MANIFEST_CAP:
            raise UnreadableInput("a zip in RSMF without a manifest, or with one over the limit")
        with files.pop(_NAME)[1]() as stream:
            data = stream.read(MANIFEST_CAP)
        yield from self._events(member, data, files, inside=True)

    def _events(self, member: Member, data: bytes, files: Files, *, inside: bool) -> Iterator[Reading]:
        people, talks = _listed(data, "participants"), _listed(data, "conversations")
        scenes: dict[str, Scene] = {}
        for value in walk(
            io.BytesIO(data),
            lambda path: True if len(path) == 2 and path[0] == "events" else None if len(path) > 1 else False,
        ):
            if len(value.path) != 2 or value.path[0] != "events":
                continue

            def make(f: Fields, raw: Raw, made: Made) -> None:
                self._event(scenes, people, talks, files, f, raw, made)

            reading = self.unit(member, value, partial(_outside, make) if inside else make)
            yield reading

    def _event(
        self,
        scenes: dict[str, Scene],
        people: dict[str, Fields],
        talks: dict[str, Fields],
        files: Files,
        f: Fields,
        raw: Raw,
        made: Made,
    ) -> None:
        ident, kind, talk = f.id("id"), f.text("type"), f.id("conversation")
        time, body = _time(f, "timestamp"), f.text("body")
        if kind is None or (time is None and body is None):
            raise NotUnderstood("an event without type, time or words")
        scene = scenes.get(talk or "")
        if scene is None:
            scene = scenes[talk or ""] = self._scene(talk, talks, people, raw, made)

        def who(number: str | None) -> Actor | None:
            told = people.get(number or "")
            if told is None:
                return scene.person(number)
            actor = scene.actor(
                told.id("account_id") or told.text("email") or told.id("id"), told.text("display")
            )
            return actor and actor.model_copy(update={"handle": told.text("email")})

        key = (
            scene.key(ident)
            if ident
            else scene.derived(time.written if time else None, f.id("participant"), body)
        )
        edits, parent = f.objects("edits"), f.id("parent")
        author, gone = who(f.id("participant")), f.flag("deleted")
        receipts = f.objects("read_receipts")
        changed = [_time(one, "timestamp") for one in edits]
        f.known("type", "direction", "importance", "participant")
        item = scene.item(
            raw,
            key,
            event="deleted" if gone else _EVENTS.get(kind, "notice"),
            author=author,
            time=time,
            text=body,
            targets=(Target(relation="root", key=scene.key(parent), written_id=parent),) if parent else (),
            attachments=tuple(self._files(f, files, made, raw)),
            reactions=tuple(_reactions(f, who)),
            edited=Edited(time=changed[-1]) if edits else None,
            deleted=Deleted(by="unknown") if gone else None,
            history="full" if edits else "last_state",
            extra=(
                *((("edits", as_text([one.data for one in edits])),) if edits else ()),
                *made.told(f, "custom", "direction", "importance"),
            ),
        )
        made.items.append(item)
        for receipt in receipts:
            reader = who(receipt.id("participant"))
            event: Event = "read" if (receipt.text("action") or "read") == "read" else "delivered"
            made.items.append(
                scene.item(
                    raw,
                    scene.key(f"{key.id}/{event}/{receipt.id('participant')}"),
                    event=event,
                    author=reader,
                    time=_time(receipt, "timestamp"),
                    targets=(Target(relation="of", key=key, written_id=key.id, present="yes"),),
                )
            )

    def _files(self, f: Fields, files: Files, made: Made, raw: Raw) -> Iterator[Attachment]:
        for one in f.objects("attachments"):
            name, shown = one.text("id"), one.text("display")
            known = files.get(name or "")
            media = media_type_of(shown or name or "")
            if known is None or name is None:
                yield Attachment(
                    name=shown or name,
                    media_type=media,
                    state="missing",
                    reason="not in export",
                    length=one.number("size"),
                )
                continue
            locator = f"{raw.member}#{raw.pointer}/{name}"
            made.contents.append(Content(locator=locator, open=known[1], member=known[2]))
            if known[2] is not None:
                self.beside.used.add(known[2])
            yield Attachment(
                name=shown or name, media_type=media, state="present", locator=locator, length=known[0]
            )

    def _scene(
        self, talk: str | None, talks: dict[str, Fields], people: dict[str, Fields], raw: Raw, made: Made
    ) -> Scene:
        about = talks.get(talk or "") or Fields({})
        platform, title = about.text("platform"), about.text("display")
        ident = f"{platform or 'unknown'}/{talk or self.tree.name}"
        group = about.text("type") not in ("direct", None)
        scene = self.scene(ident, visibility="group" if group else "direct")
        scene.scope = ident
        members = [
            scene.person(people[n].text("display"))
            for n in about.array("participants")
            if isinstance(n, str) and n in people
        ]
        kind: Any = "group" if group else "chat"
        made.threads.append(
            Thread(
                key=scene.thread,
                via=self.via,
                kind=kind,
                title=title,
                participants=tuple(m for m in members if m),
                visibility=scene.visibility,
                raw=raw,
            )
        )
        return scene


def _is_honest(entry: Entry) -> bool:
    """Whether an entry may be opened: named well, and not expanding beyond all measure."""
    limits = Limits()
    small = entry.size <= limits.ratio_floor or entry.size <= limits.ratio * max(entry.compressed, 1)
    return entry.problem is None and small


def _outside(make: Callable[[Fields, Raw, Made], None], f: Fields, raw: Raw, made: Made) -> None:
    """The bytes lie packed in the mail: they have no place in it."""
    make(
        f,
        raw.model_copy(update={"start": None, "end": None, "pointer": f"rsmf.zip!/{_NAME}{raw.pointer}"}),
        made,
    )


def _listed(data: bytes, name: str) -> dict[str, Fields]:
    """The participants or conversations by id; what is broken among them is passed over."""
    found: dict[str, Fields] = {}
    try:
        for value in walk(
            io.BytesIO(data),
            lambda path: True if len(path) == 2 and path[0] == name else None if len(path) > 1 else False,
        ):
            if value.path[:1] == (name,) and value.whole:
                try:
                    fields = Fields(load_json(value.data))
                except NotUnderstood:
                    continue
                if ident := fields.id("id"):
                    found[ident] = fields
    except UnreadableInput:
        return found
    return found


def _reactions(f: Fields, who: Callable[[str | None], Actor | None]) -> Iterator[Reaction]:
    for one in f.objects("reactions"):
        value = one.text("value")
        if value:
            people = tuple(actor for n in one.array("participants") if (actor := who(str(n))))
            yield Reaction(value=value, count=one.number("count"), actors=people)


def _time(f: Fields, name: str) -> TimeStamp | None:
    written = f.text(name)
    return (from_iso(written, "UTC", "by_spec") or TimeStamp(written=written)) if written else None


def _is_manifest(shape: Shape) -> bool:
    return (
        shape.kind == "json"
        and shape.has("/participants", "/conversations", "/events")
        and shape.has("/version")
    )


class RsmfFiles(ExportReader):
    """Reads RSMF."""

    name: ClassVar[str] = "rsmf"
    parser: ClassVar[str] = "rsmf/1"
    run: ClassVar[type[Run]] = _Reading
    facts: ClassVar[Facts] = Facts(
        title="RSMF",
        layouts=("mails with rsmf.zip", "rsmf_manifest.json with its files"),
        ask_for="the other side's production of short messages",
        edits="every edit with its time",
        deletions="marked",
        receipts="yes",
        direct="as produced",
        claim="unknown",
        tested="real files",
    )

    def likeness(self, shape: Shape) -> tuple[int, str]:
        """By the fields of the mail's header or of the manifest."""
        if _is_manifest(shape):
            return 95, "an RSMF manifest"
        return (99, "a mail with RSMF header fields") if _HEADER.search(shape.head) else (0, "")
