"""Writing a volume: documents numbered in order, each with its text, its family and a line in the load file."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from hashlib import md5, sha256
from itertools import groupby
from pathlib import Path
from typing import BinaryIO

from archive.exporters.extensions import extension
from archive.exporters.review.events import messages
from archive.exporters.review.load_file import LoadFile
from archive.exporters.review.rsmf import collection_id, write_rsmf
from archive.exporters.review.slices import Rule, Slice, local_time, slices
from archive.exporters.review.transcript import transcript, who
from archive.exporters.visible import one_line, visible
from archive.production import Told
from schemas.item import Attachment

VOLUME = "VOL001"
FILES_A_FOLDER = 500
PREFIX = re.compile(r"[A-Z][A-Z0-9_]{0,15}(?<![0-9])")
"""Not ending in a digit, or a number could be read in two ways."""
ALONE = frozenset({"mail", "loose"})
"""Forms that are a document each; all others are told in conversations."""

Opening = Callable[[], AbstractContextManager[BinaryIO]]


@dataclass(slots=True)
class VolumeResult:
    """What was written."""

    documents: int = 0
    slices: int = 0
    mails: int = 0
    files: int = 0
    """Attachments and loose files among the natives."""
    missing: int = 0
    """Attachments that were not there, or are withheld."""
    replaced: int = 0
    """Characters of the load file for which the form has no room."""
    paths: list[str] = field(default_factory=list)


def write_volume(
    told: Iterable[Told],
    root: Path,
    *,
    prefix: str,
    zone: str,
    rule: Rule = "day",
    headers: Mapping[str, str] = {},
    redacted: bool = False,
) -> VolumeResult:
    """Write a volume into ``root``, a new folder.

    Args:
        told: the items, by thread and account, and within these by time, those without a time last.
        root: where it goes.
        prefix: of the numbers: capitals, digits and ``_``, at most 16, not ending in a digit.
        zone: of the days and of the times in texts.
        rule: what makes a slice.
        headers: further ``X-RSMF-…`` headers of each slice, like the id of the bundle.
        redacted: whether something is withheld; the load file then says of which document, and why.

    Raises:
        ValueError: the prefix is not of that form.
        FileExistsError: the folder is there.
    """
    if not PREFIX.fullmatch(prefix):
        raise ValueError(
            f"{prefix!r} cannot begin numbers: capitals, digits and _, no digit at the end, at most 16"
        )
    root.mkdir(parents=True)
    return _Volume(root, prefix, zone, dict(headers), redacted).write(told, rule)


class _Volume:
    def __init__(self, root: Path, prefix: str, zone: str, headers: dict[str, str], redacted: bool) -> None:
        self.root, self.prefix, self.zone, self.headers, self.redacted = root, prefix, zone, headers, redacted
        self.result = VolumeResult()
        self._in_folder: dict[str, int] = {}

    def write(self, told: Iterable[Told], rule: Rule) -> VolumeResult:
        with self._create(f"DATA/{VOLUME}.dat") as stream:
            self.load = LoadFile(stream, redacted=self.redacted)
            for alone, items in groupby(told, key=lambda one: one.item.form in ALONE):
                if alone:
                    for one in items:
                        self._document(one)
                else:
                    for cut in slices(items, rule, self.zone):
                        self._slice(cut)
            self.result.replaced = self.load.replaced
        return self.result

    def _slice(self, cut: Slice) -> None:
        number = self._number()
        path = self._path("RSMF", number, "rsmf")
        headers = {**self.headers, "SliceTimezone": self.zone, "Part": cut.label}
        written = write_rsmf(cut, self.zone, number, self.root / path, headers)
        self.result.paths.append(path)
        self.result.slices += 1
        told = messages(cut.items)
        times = [moment for one in cut.items if (moment := local_time(one, self.zone))]
        files = [
            (attachment, opening)
            for message in told
            for attachment, opening in zip(
                message.last.item.attachments, message.last.open_files, strict=False
            )
        ]
        first = cut.items[0]
        row = {
            "DOCTYPE": "conversation", "SOURCEAPP": first.item.key.channel, "CONVERSATIONID": first.item.thread.id,
            "CONVERSATIONNAME": f"{one_line(first.thread_title or first.item.thread.id)}, {cut.label}",
            "EVENTCOLLECTIONID": collection_id(cut), "GROUPIDENTIFIER": collection_id(cut),
            "PARTICIPANTS": "; ".join(written.participants), "FROM": who(first),
            "MESSAGECOUNT": str(written.events), "HITCOUNT": str(sum(m.first.why == "hit" for m in told)),
            "HASEDITS": _flag(any(m.versions for m in told)), "HASDELETED": _flag(any(m.deletion for m in told)),
            "RECORDRANGE": " ".join(str(index) for m in told for index in m.records), "RSMFPATH": path,
            "TEXTPATH": self._text(number, transcript(cut, self.zone)),
        }  # fmt: skip
        if times:
            row |= {"DATETIMESENT_FIRST": min(times).isoformat(), "DATETIMESENT_LAST": max(times).isoformat()}
        self._family(number, row | self._redaction(cut.items), files, self.root / path)

    def _document(self, one: Told) -> None:
        item, number = one.item, self._number()
        self.result.mails += item.form == "mail"
        times = local_time(one, self.zone)
        row = {
            "DOCTYPE": item.form, "SOURCEAPP": item.key.channel, "FROM": who(one),
            "SUBJECT": one_line(item.title or ""),
            "TO": _recipients(one, "to"), "CC": _recipients(one, "cc"), "MESSAGECOUNT": "1",
            "CONVERSATIONID": item.thread.id, "HITCOUNT": str(int(one.why == "hit")),
            "RECORDRANGE": str(one.index), "TEXTPATH": self._text(number, _document_text(one, self.zone)),
        }  # fmt: skip
        if times:
            row |= {"DATETIMESENT_FIRST": times.isoformat(), "DATETIMESENT_LAST": times.isoformat()}
        if item.form == "mail" and not item.key.derived:
            row["EDRMMIH"] = mail_identity(item.key.id)
        native = None
        if one.open_mail is not None:
            native = self.root / self._native(number, one.open_mail, "eml", row)
        files = list(zip(item.attachments, one.open_files, strict=False))
        self._family(number, row | self._redaction([one]), files, native)

    def _redaction(self, items: Sequence[Told]) -> dict[str, str]:
        """Give the fields that say what is withheld of a document."""
        if not self.redacted:
            return {}
        cuts = [one.cut for one in items if one.cut is not None]
        reasons = dict.fromkeys(cut.reason for cut in cuts if cut.reason)
        return {"REDACTED": _flag(bool(cuts)), "REDACTIONREASON": "; ".join(map(one_line, reasons))}

    def _family(
        self,
        number: str,
        row: dict[str, str],
        files: list[tuple[Attachment, Opening | None]],
        parent: Path | None,
    ) -> None:
        """Write the line of a document and those of its files, which follow it in number."""
        present = [(attachment, opening) for attachment, opening in files if opening is not None]
        self.result.missing += len(files) - len(present)
        if parent is not None:
            row |= _digests(parent)
        last = f"{self.prefix}{self.result.documents + len(present):07d}"
        family = {"BEGATTACH": number, "ENDATTACH": last} if present else {}
        self._add(number, {**row, **family, "ATTACHCOUNT": str(len(present))})
        for attachment, opening in present:
            child = self._number()
            name = one_line(attachment.name or "")
            line = {**family, "PARENTBATES": number, "DOCTYPE": "attachment", "FILENAME": name}
            ending = extension(attachment.media_type, attachment.name)
            path = self.root / self._native(child, opening, ending, line)
            self.result.files += 1
            same = {name: row[name] for name in ("SOURCEAPP", "RECORDRANGE")}
            self._add(child, {**line, **_digests(path), **same})

    def _add(self, number: str, row: dict[str, str]) -> None:
        self.load.add(
            {**row, "BEGBATES": number, "ENDBATES": number, "TIMEZONE": self.zone, "PRODVOLUME": VOLUME}
        )

    def _number(self) -> str:
        self.result.documents += 1
        return f"{self.prefix}{self.result.documents:07d}"

    def _native(self, number: str, opening: Opening, ending: str, row: dict[str, str]) -> str:
        path = self._path("NATIVES", number, ending)
        with opening() as source, self._create(path) as target:
            while piece := source.read(1 << 20):
                target.write(piece)
        row |= {"NATIVEPATH": path, "FILEEXT": ending}
        return path

    def _text(self, number: str, text: str) -> str:
        path = self._path("TEXT", number, "txt")
        with self._create(path) as stream:
            stream.write(text.encode())
        return path

    def _path(self, kind: str, number: str, ending: str) -> str:
        count = self._in_folder.get(kind, 0)
        self._in_folder[kind] = count + 1
        path = f"{kind}/{count // FILES_A_FOLDER + 1:03d}/{number}.{ending}"
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        return path

    def _create(self, path: str) -> BinaryIO:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        self.result.paths.append(path)
        return target.open("xb")


def mail_identity(message_id: str) -> str:
    """Give the EDRM message identification hash: MD5 of the Message-ID with its angle brackets."""
    whole = message_id if message_id.startswith("<") else f"<{message_id}>"
    return md5(whole.encode(), usedforsecurity=False).hexdigest()


def _digests(path: Path) -> dict[str, str]:
    old, new, length = md5(usedforsecurity=False), sha256(), 0
    with path.open("rb") as stream:
        while piece := stream.read(1 << 20):
            old.update(piece)
            new.update(piece)
            length += len(piece)
    return {"MD5HASH": old.hexdigest(), "SHA256HASH": new.hexdigest(), "FILESIZE": str(length)}


def _document_text(one: Told, zone: str) -> str:
    item, moment = one.item, local_time(one, zone)
    head: Iterator[tuple[str, str]] = iter(
        (
            ("From", who(one)), ("To", _recipients(one, "to")), ("Cc", _recipients(one, "cc")),
            ("Date", moment.isoformat() if moment else item.time.written if item.time else ""),
            ("Subject", item.title or ""),
        )
    )  # fmt: skip
    lines = [f"{name}: {one_line(value)}" for name, value in head if value]
    return "\n".join(lines) + "\n\n" + visible(item.text or "") + "\n"


def _recipients(one: Told, role: str) -> str:
    names = (r.actor.handle or r.actor.name or "-" for r in one.item.recipients if r.role == role)
    return "; ".join(map(one_line, names))


def _flag(value: bool) -> str:
    return "Y" if value else "N"
