"""The channel: events of a manifest as items."""

import email
import email.policy
import io
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, BinaryIO, ClassVar

from archive.channels.export import ExportReader, Made, Run, Scene, Taker
from archive.channels.rsmf.manifest import Manifest
from archive.errors import UnreadableInput
from archive.ports import Facts
from archive.reading.json_fields import Fields, NotUnderstood, as_text
from archive.reading.json_walk import walk
from archive.reading.media_types import media_type_of
from archive.reading.shape import Shape, shapes
from archive.reading.times import from_iso
from archive.reading.tree import Limits, Member
from archive.reading.units import Content, MemberProblem, Reading, UnitExcluded
from archive.reading.zips import Entry, Zip
from schemas.item import (
    Actor,
    Attachment,
    Deleted,
    Edited,
    Event,
    Key,
    Raw,
    Reaction,
    Target,
    Thread,
    TimeStamp,
)

MAIL_CAP = 512 << 20
MANIFEST_CAP = 64 << 20
_NAME = "rsmf_manifest.json"
_FIELDS = {"version", "participants", "conversations", "events", "eventcollectionid"}
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
        talk = _Talks(self, Manifest(data), files)
        for value in walk(
            io.BytesIO(data),
            lambda path: True if len(path) == 2 and path[0] == "events" else None if len(path) > 1 else False,
        ):
            if len(value.path) == 2 and value.path[0] == "events":
                make = partial(_outside, talk.event) if inside else talk.event
                yield self.unit(member, value, make)
        for name in sorted(talk.manifest.pictures & files.keys()):
            if (path := files[name][2]) is not None and path not in self.beside.used:
                self.beside.used.add(path)
                yield UnitExcluded(path, "picture of a participant or a platform")


class _Talks:
    """The conversations of one manifest while its events are read."""

    def __init__(self, run: Run, manifest: Manifest, files: Files) -> None:
        self.manifest, self._run, self._files = manifest, run, files
        self._scenes: dict[str, Scene] = {}
        self._keys: dict[tuple[str, str], Key] = {}
        """Conversation and id of an event that was read → its key."""

    def event(self, f: Fields, raw: Raw, made: Made) -> None:
        """One event: its first state, each edit, each receipt."""
        ident, kind, talk = f.id("id"), f.text("type"), f.id("conversation") or ""
        time, body, number = _time(f, "timestamp"), f.text("body"), f.id("participant")
        if kind is None or (time is None and body is None):
            raise NotUnderstood("an event without type, time or words")
        scene = self._scenes.get(talk)
        if scene is None:
            scene = self._scenes[talk] = self._scene(talk, raw, made)
        who = partial(self.manifest.who, scene)
        edits, parent, gone, author = f.objects("edits"), f.id("parent"), f.flag("deleted"), who(number)
        acted = author.account.id if author and author.account else None
        # An id alone is that of one manifest; with time and sender it stays the same when the words change.
        when = time.written if time else None
        key = scene.derived(ident, when, acted) if ident and time else scene.derived(ident, when, acted, body)
        if ident:
            self._keys[talk, ident] = key
        answered = self._keys.get((talk, parent or ""))
        receipts = f.objects("read_receipts")
        states = _states(edits, body)
        f.known("type", "direction", "importance", "participant")
        event: Event = "deleted" if gone and len(states) == 1 else _EVENTS.get(kind, "notice")
        item = scene.item(
            raw,
            key,
            event=event,
            author=author,
            time=time,
            text=states[0],
            targets=(Target(relation="root", key=answered, written_id=parent),) if parent else (),
            attachments=tuple(self._attachments(f, made, raw)),
            reactions=tuple(_reactions(f, who)),
            edited=Edited(time=_time(edits[-1], "timestamp")) if edits else None,
            deleted=Deleted(by="unknown") if event == "deleted" else None,
            history="full" if edits else "last_state",
            extra=(
                *((("event_id", ident),) if ident else ()),
                *((("edits", as_text([one.data for one in edits])),) if edits else ()),
                *made.told(f, "custom", "direction", "importance"),
                *self.manifest.said_of(number, talk),
            ),
        )
        made.items.append(item)
        for at, (edit, words) in enumerate(zip(edits, states[1:], strict=False), 1):
            last = at == len(states) - 1
            state: Event = "deleted" if gone and last else "edited"
            made.items.append(
                scene.item(
                    raw,
                    scene.derived(key.id, "edit", str(at), edit.text("timestamp")),
                    event=state,
                    author=who(edit.id("participant")) or author,
                    time=_time(edit, "timestamp"),
                    text=words,
                    targets=(Target(relation="of", key=key, written_id=ident, present="yes"),),
                    edited=Edited(time=_time(edit, "timestamp")),
                    deleted=Deleted(by="unknown") if state == "deleted" else None,
                    history="full",
                )
            )
        for receipt in receipts:
            of: Event = "read" if (receipt.text("action") or "read") == "read" else "delivered"
            made.items.append(
                scene.item(
                    raw,
                    scene.derived(key.id, of, receipt.id("participant")),
                    event=of,
                    author=who(receipt.id("participant")),
                    time=_time(receipt, "timestamp"),
                    targets=(Target(relation="of", key=key, written_id=ident, present="yes"),),
                )
            )

    def _attachments(self, f: Fields, made: Made, raw: Raw) -> Iterator[Attachment]:
        for one in f.objects("attachments"):
            name, shown = one.text("id"), one.text("display")
            known = self._files.get(name or "")
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
                self._run.beside.used.add(known[2])
            yield Attachment(
                name=shown or name, media_type=media, state="present", locator=locator, length=known[0]
            )

    def _scene(self, talk: str, raw: Raw, made: Made) -> Scene:
        about = self.manifest.talks.get(talk) or Fields({})
        ident = self.manifest.name_of(talk, self._run.tree.name)
        group = about.text("type") not in ("direct", None)
        scene = self._run.scene(ident, visibility="group" if group else "direct")
        scene.scope = ident
        members = (self.manifest.who(scene, n) for n in about.array("participants") if isinstance(n, str))
        kind: Any = "group" if group else "chat"
        made.threads.append(
            Thread(
                key=scene.thread,
                via=self._run.via,
                kind=kind,
                title=about.text("display"),
                participants=tuple(member for member in members if member),
                visibility=scene.visibility,
                raw=raw,
            )
        )
        return scene


def _states(edits: list[Fields], body: str | None) -> list[str | None]:
    """The words at first and behind each edit; the last are those of the event. One state where none is told."""
    if not any(one.text("previous") for one in edits):
        return [body]
    before = [one.text("previous") for one in edits]
    after = [one.text("new") for one in edits]
    return [before[0], *(new or old for new, old in zip(after[:-1], before[1:], strict=True)), body]


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
    """By its fields; of a long one only the first may lie within what was looked at."""
    fields = {path.split("/")[1] for path in shape.paths if path.startswith("/")}
    if shape.kind != "json" or "version" not in fields:
        return False
    if {"participants", "conversations", "events"} <= fields:
        return True
    return fields <= _FIELDS and any(shape.has(place) for place in ("/participants/*/id", "/events/*/type"))


class RsmfFiles(ExportReader):
    """Reads RSMF."""

    name: ClassVar[str] = "rsmf"
    parser: ClassVar[str] = "rsmf/2"
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
