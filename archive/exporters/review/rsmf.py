"""One slice of a conversation as RSMF 2.0: a mail whose text is the transcript, with ``rsmf.zip``.

Authority: Relativity Short Message Format 2.0 and its JSON schema. The bytes depend on the slice alone: fixed
dates in the zip, nothing packed, ids and the boundary derived from the manifest.
"""

import io
import json
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO, cast

from archive.exporters.events import Message, messages, words_of
from archive.exporters.extensions import extension
from archive.exporters.review.mail_form import address, encoded, head, write_part
from archive.exporters.review.transcript import transcript
from archive.exporters.slices import Slice, local_time, span
from archive.exporters.table import rated
from archive.exporters.visible import one_line, visible
from archive.production import Told
from archive.reading.times import in_utc
from schemas.item import Actor, Key

VERSION = "2.0.0"
GENERATOR = "Beleg"
MOST_FILES = 500 << 20
"""Bytes of attachments in one ``rsmf.zip``; further ones are only among the natives, and the event says so."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
_TYPES = {"joined": "join", "left": "leave", "notice": "disclaimer"}
_SAID = frozenset({"posted", "edited", "deleted", "restored"})


@dataclass(slots=True)
class Written:
    """What was written of a slice."""

    events: int
    attachments: int
    participants: tuple[str, ...]


@dataclass(slots=True)
class _Manifest:
    cut: Slice
    zone: str
    number: str
    """The document's number: names of files begin with it."""
    participants: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    files: list[tuple[str, Told, int]] = field(default_factory=list)
    """(name in the zip, item, number of its attachment)."""
    length: int = 0
    posts: dict[Key, str] = field(default_factory=dict)
    """Key of what was posted here → the id of its event."""

    def build(self) -> dict[str, Any]:
        """Give the manifest; participants in order of their first event."""
        told = messages(self.cut.items)
        self.posts = {one.item.key: str(one.index) for one in self.cut.items if one.item.event == "posted"}
        events = [self._event(message) for message in told]
        ids = [row["id"] for row in self.participants.values()]
        first = self.cut.items[0]
        many = len(ids) > 2
        conversation = {
            "id": "C1", "platform": first.item.key.channel, "participants": ids,
            "type": "channel" if many else "direct", "display": one_line(first.thread_title or first.item.thread.id),
            "custom": _custom(thread=first.item.thread.id, seen_by=first.item.via.id or "-"),
        }  # fmt: skip
        return {
            "version": VERSION,
            "eventcollectionid": collection_id(self.cut),
            "participants": list(self.participants.values()),
            "conversations": [conversation],
            "events": events,
        }

    def _participant(self, actor: Actor | None) -> str:
        if actor is None:
            actor = Actor(written="unknown")
        account = actor.account.id if actor.account else ""
        key = (account, "" if account else actor.name or "unknown")
        if key not in self.participants:
            row: dict[str, Any] = {"id": f"P{len(self.participants) + 1}"}
            row["display"] = one_line(actor.name or "unknown")
            if account:
                row["account_id"] = one_line(account)
            self.participants[key] = row
        identity: str = self.participants[key]["id"]
        return identity

    def _event(self, message: Message) -> dict[str, Any]:
        item, last = message.first.item, message.last.item
        kind = "message" if item.event in _SAID else _TYPES.get(item.event, "unknown")
        event: dict[str, Any] = {
            "id": str(message.first.index), "type": kind, "conversation": "C1",
            "participant": self._participant(item.author),
            "body": visible(last.text or ("" if kind == "message" else item.event)),
        }  # fmt: skip
        if moment := local_time(message.first, "UTC"):
            event["timestamp"] = in_utc(moment)
        if parent := self._parent(message):
            event["parent"] = parent
        if message.was_deleted:
            event["deleted"] = True
        if edits := list(self._edits(message)):
            event["edits"] = edits
        if reactions := self._reactions(message):
            event["reactions"] = reactions
        if receipts := list(self._receipts(message)):
            event["read_receipts"] = receipts
        files = list(self._files(message.filed))
        if attachments := [one for one in files if one is not None]:
            event["attachments"] = attachments
        left_out = len(files) - len(attachments)
        event["custom"] = _custom(
            inclusion=message.first.why, records=" ".join(map(str, message.records)), leaf=message.first.leaf,
            attachments_not_here=str(left_out) if left_out else "",
            edited="yes" if last.edited is not None and not message.versions else "",
            rating=visible(rated(last.rating)) if last.rating else "",
        )  # fmt: skip
        return event

    def _parent(self, message: Message) -> str | None:
        for target in message.first.item.targets:
            if target.relation in ("reply", "root") and target.key in self.posts:
                return self.posts[target.key]
        return None

    def _edits(self, message: Message) -> Iterator[dict[str, Any]]:
        before = message.first
        for version in message.versions:
            edit = {
                "participant": self._participant(version.item.author or before.item.author),
                "previous": visible(before.item.text or ""), "new": visible(version.item.text or ""),
            }  # fmt: skip
            time = version.item.edited.time if version.item.edited else version.item.time
            if time and time.utc:
                edit["timestamp"] = time.utc
            yield edit
            before = version

    def _reactions(self, message: Message) -> list[dict[str, Any]]:
        """Give the reactions that stood at the end, by value: those of the state, and each that came as an event."""
        found: dict[str, list[str]] = {}
        counts: dict[str, int] = {}
        for reaction in message.reactions:
            who = found.setdefault(reaction.value, [])
            who += [self._participant(actor) for actor in reaction.actors]
            counts[reaction.value] = reaction.count if reaction.count is not None else len(who)
        for one in message.around:
            value, who_did = words_of(one) or "reaction", self._participant(one.item.author)
            if one.item.event == "reacted":
                found.setdefault(value, []).append(who_did)
                counts[value] = counts.get(value, 0) + 1
            elif one.item.event == "unreacted":
                for taken in (value,) if words_of(one) else tuple(found):
                    if who_did in found.get(taken, ()):
                        found[taken].remove(who_did)
                        counts[taken] -= 1
        return [
            {"value": visible(value) or "reaction", "count": counts[value], "participants": who}
            for value, who in found.items()
            if counts[value]
        ]

    def _receipts(self, message: Message) -> Iterator[dict[str, Any]]:
        for one in message.around:
            if one.item.event in ("read", "delivered"):
                receipt = {"participant": self._participant(one.item.author), "action": one.item.event}
                if one.item.time and one.item.time.utc:
                    receipt["timestamp"] = one.item.time.utc
                yield receipt

    def _files(self, told: Told) -> Iterator[dict[str, Any] | None]:
        for number, (attachment, opening) in enumerate(
            zip(told.item.attachments, told.open_files, strict=False)
        ):
            if opening is None or self.length + (attachment.length or 0) > MOST_FILES:
                yield None
                continue
            self.length += attachment.length or 0
            ending = extension(attachment.media_type, attachment.name)
            name = f"{self.number}_{told.index}_{number + 1}.{ending}"
            self.files.append((name, told, number))
            yield {
                "id": name, "display": one_line(attachment.name or name), "size": attachment.length or 0,
            }  # fmt: skip


def write_rsmf(cut: Slice, zone: str, number: str, path: Path, headers: dict[str, str]) -> Written:
    """Write a slice to ``path``.

    Args:
        cut: what to write.
        zone: in which the transcript tells times.
        number: of the document.
        path: the new file.
        headers: further ``X-RSMF-…`` headers, name after the prefix → value.
    """
    building = _Manifest(cut, zone, number)
    manifest = building.build()
    data = json.dumps(manifest, ensure_ascii=False, sort_keys=True, indent=1).encode()
    names = tuple(row["display"] for row in manifest["participants"])
    counts = {"EventCount": str(len(manifest["events"])), "AttachmentCount": str(len(building.files))}
    boundary = f"beleg-{sha256(data).hexdigest()[:40]}"
    with TemporaryFile() as packed, path.open("xb") as out:
        _pack(packed, data, building.files)
        packed.seek(0)
        out.write(_head(cut, manifest, boundary, {**counts, **headers}))
        text = io.BytesIO(transcript(cut, zone).encode())
        write_part(out, boundary, ["Content-Type: text/plain; charset=utf-8"], text)
        kind = ["Content-Type: application/zip", "Content-Disposition: attachment; filename=rsmf.zip"]
        write_part(out, boundary, kind, cast(BinaryIO, packed))
        out.write(f"--{boundary}--\r\n".encode())
    return Written(len(manifest["events"]), len(building.files), names)


def collection_id(cut: Slice) -> str:
    """Give what all slices of one conversation share."""
    thread = cut.thread
    return sha256("\0".join((thread.channel, thread.scope, thread.id, cut.via.id)).encode()).hexdigest()[:32]


def _custom(**values: str) -> list[dict[str, str]]:
    return [{"name": name, "value": one_line(value)} for name, value in values.items() if value]


def _pack(stream: Any, manifest: bytes, files: list[tuple[str, Told, int]]) -> None:
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as packed:
        packed.writestr(zipfile.ZipInfo("rsmf_manifest.json", _EPOCH), manifest)
        for name, told, number in files:
            opening = told.open_files[number]
            if opening is not None:
                with opening() as source, packed.open(zipfile.ZipInfo(name, _EPOCH), "w") as target:
                    shutil.copyfileobj(source, target, 1 << 20)


def _head(cut: Slice, manifest: dict[str, Any], boundary: str, more: dict[str, str]) -> bytes:
    people = [row["display"] for row in manifest["participants"]]
    times = span(cut.items, "UTC")
    fields: dict[str, str] = {
        "X-RSMF-Version": VERSION,
        "X-RSMF-Generator": GENERATOR,
        "X-RSMF-Application": cut.items[0].item.key.channel,
        "X-RSMF-EventCollectionID": manifest["eventcollectionid"],
        "X-RSMF-Participants": encoded(", ".join(people)[:250]),
    }
    if times is not None:
        begin, end = (in_utc(moment) for moment in times)
        fields |= {"X-RSMF-BeginDate": begin, "X-RSMF-EndDate": end}
    fields |= {f"X-RSMF-{name}": encoded(value) for name, value in more.items()}
    addresses = [address(name, number) for number, name in enumerate(people, 1)]
    return head(cut, fields, addresses, manifest["conversations"][0]["display"], boundary)
