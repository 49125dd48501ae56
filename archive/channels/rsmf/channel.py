"""The channel: events of a manifest as items."""

import email
import email.policy
import io
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import ClassVar

from archive.channels.export import ExportReader, Made, Run, Taker
from archive.channels.rsmf.manifest import Manifest
from archive.channels.rsmf.talks import Files, Talks
from archive.errors import UnreadableInput
from archive.ports import Facts
from archive.reading.json_fields import Fields
from archive.reading.json_walk import walk
from archive.reading.shape import Shape, shapes
from archive.reading.tree import Limits, Member
from archive.reading.units import MemberProblem, Reading, UnitExcluded, UnitFailed, UnitRead
from archive.reading.zips import Entry, Zip
from schemas.capture import Claim
from schemas.item import Raw

MAIL_CAP = 512 << 20
MANIFEST_CAP = 64 << 20
_DIGITS = 16
_NAME = "rsmf_manifest.json"
_FIELDS = {"version", "participants", "conversations", "events", "eventcollectionid"}
_HEADER = re.compile(rb"^X-RSMF-(?:Version|Generator|EventCount)\s*:", re.IGNORECASE | re.MULTILINE)


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
                yield from self._counted(
                    member, message.get("X-RSMF-EventCount"), self._packed(member, packed)
                )
                return
        yield MemberProblem(member.path, "a mail in RSMF without the zip that holds its messages")

    def _counted(self, member: Member, stated: str | None, events: Iterator[Reading]) -> Iterator[Reading]:
        """Hold the events against the number that the mail states."""
        found = 0
        for reading in events:
            found += isinstance(reading, UnitRead | UnitFailed)
            yield reading
        if stated and (expected := stated.strip()).isdecimal() and len(expected) < _DIGITS:
            scope = f"events of {member.path or self.tree.name}"
            self.claims.append(Claim(scope=scope, kind="exact", expected=int(expected), found=found))

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
        talk = Talks(self, Manifest(data), files)
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
        claim="exact",
        tested="real files",
    )

    def likeness(self, shape: Shape) -> tuple[int, str]:
        """By the fields of the mail's header or of the manifest."""
        if _is_manifest(shape):
            return 95, "an RSMF manifest"
        return (99, "a mail with RSMF header fields") if _HEADER.search(shape.head) else (0, "")
