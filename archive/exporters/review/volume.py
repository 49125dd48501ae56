"""Writing a production for review platforms: documents numbered in order, each with its text, its family, its line."""

import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import md5
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from archive.exporters.events import Message, messages
from archive.exporters.extensions import extension
from archive.exporters.review.batched_mail import write_mail
from archive.exporters.review.family import Family, Row, digests
from archive.exporters.review.load_file import FIELDS, MAIL_FIELDS, PAGE_FIELDS, REDACTION_FIELDS
from archive.exporters.review.rsmf import collection_id, write_rsmf
from archive.exporters.review.transcript import transcript, who
from archive.exporters.review.volumes import Volumes
from archive.exporters.slices import Rule, Slice, local_time, slices, span
from archive.exporters.visible import one_line, visible
from archive.production import WITHHELD, Opening, Told, file_state
from archive.redaction import reason_of
from schemas.item import Attachment

if TYPE_CHECKING:
    from archive.exporters.report.sheets import Sheets  # the typesetter is large, and most need none

PREFIX = re.compile(r"[A-Z][A-Z0-9_]{0,15}(?<![0-9])")
"""Not ending in a digit, or a number could be read in two ways."""
ALONE = frozenset({"mail", "loose"})
"""Forms that are a document each; all others are told in conversations."""


@dataclass(frozen=True, slots=True)
class VolumeOptions:
    """How a production for review platforms is written.

    Raises:
        ValueError: the prefix is not of its form.
    """

    prefix: str
    """Of the numbers: capitals, digits and ``_``, at most 16, not ending in a digit."""
    zone: str
    """Of the days and of the times in texts."""
    rule: Rule = "day"
    """What makes a slice."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Further ``X-RSMF-…`` headers of each slice, like the id of the bundle."""
    redacted: bool = False
    """Whether something is withheld; the load file then says of which document, and why."""
    language: str = "en"
    """In which the load file says why, where no person's words do."""
    size: int | None = None
    """Bytes of a volume at most; None: one volume."""
    mails: bool = False
    """Whether slices are written as mails too."""
    sheets: "Sheets | None" = None
    """Sets documents on pages; None: there are no pages."""

    def __post_init__(self) -> None:
        if not PREFIX.fullmatch(self.prefix):
            raise ValueError(
                f"{self.prefix!r} cannot begin numbers: capitals, digits and _, no digit at the end, at most 16"
            )

    @property
    def fields(self) -> tuple[str, ...]:
        """Give the fields of the load file."""
        more = (
            (self.redacted, REDACTION_FIELDS), (self.mails, MAIL_FIELDS), (self.sheets is not None, PAGE_FIELDS)
        )  # fmt: skip
        return FIELDS + tuple(name for wanted, names in more if wanted for name in names)


@dataclass(slots=True)
class VolumeResult:
    """What was written."""

    volumes: int = 0
    documents: int = 0
    slices: int = 0
    mails: int = 0
    files: int = 0
    """Attachments and loose files among the natives."""
    missing: int = 0
    """Attachments that are not in the archive."""
    withheld: int = 0
    """Attachments that somebody withheld."""
    pages: int = 0
    replaced: int = 0
    """Characters of the load file for which the form has no room."""
    too_large: int = 0
    """Families that are larger than a volume was to be; each has one for itself."""
    paths: list[str] = field(default_factory=list)


def write_volumes(told: Iterable[Told], root: Path, options: VolumeOptions) -> VolumeResult:
    """Write volumes into ``root``, a new folder.

    Args:
        told: the items, by thread and account, and within these by time, those without a time last.
        root: where they go.
        options: how.

    Raises:
        FileExistsError: the folder is there.
    """
    volumes = Volumes(root, options.fields, options.size, pages=options.sheets is not None)
    writing = _Documents(volumes, options)
    for alone, items in groupby(told, key=lambda one: one.item.form in ALONE):
        if alone:
            for one in items:
                writing.document(one)
        else:
            for cut in slices(items, options.rule, options.zone):
                writing.conversation(cut)
    volumes.close()
    result = writing.result
    result.volumes, result.replaced, result.too_large = volumes.count, volumes.replaced, volumes.too_large
    result.paths = volumes.paths
    return result


class _Documents:
    def __init__(self, volumes: Volumes, options: VolumeOptions) -> None:
        self.volumes, self.options, self.zone = volumes, options, options.zone
        self.result = VolumeResult()

    def conversation(self, cut: Slice) -> None:
        """Write a slice as a document."""
        family, number = self.volumes.family(), self._number()
        told = messages(cut.items)
        row = family.document(number, TIMEZONE=self.zone, **_told_of(cut, told))
        path = family.stage("RSMF", f"{number}.rsmf", row, "RSMFPATH")
        headers = {**self.options.headers, "SliceTimezone": self.zone, "Part": cut.label}
        written = write_rsmf(cut, self.zone, number, path, headers)
        self.result.slices += 1
        row |= {"PARTICIPANTS": "; ".join(written.participants), "MESSAGECOUNT": str(written.events)}
        row |= {**self._times(cut.items), **self._redaction(cut.items), **digests(path)}
        if self.options.mails:
            write_mail(cut, self.zone, number, family.stage("EML", f"{number}.eml", row, "EMLPATH"), headers)
        self._text(family, row, transcript(cut, self.zone))
        self._pages(family, row, cut)
        files = [
            pair
            for one in told
            for pair in zip(one.filed.item.attachments, one.filed.open_files, strict=False)
        ]
        self._files(family, row, files)

    def document(self, one: Told) -> None:
        """Write a mail or a loose file as a document."""
        item, number, family = one.item, self._number(), self.volumes.family()
        self.result.mails += item.form == "mail"
        row = family.document(
            number, TIMEZONE=self.zone, DOCTYPE=item.form, SOURCEAPP=item.key.channel, FROM=who(one),
            SUBJECT=one_line(item.title or ""), TO=_recipients(one, "to"), CC=_recipients(one, "cc"),
            MESSAGECOUNT="1", CONVERSATIONID=item.thread.id, HITCOUNT=str(int(one.why == "hit")),
            RECORDRANGE=str(one.index),
        )  # fmt: skip
        row |= {**self._times([one]), **self._redaction([one])}
        if item.form == "mail" and not item.key.derived:
            row["EDRMMIH"] = mail_identity(item.key.id)
        self._text(family, row, _document_text(one, self.zone))
        if one.open_mail is not None:
            row |= digests(self._native(family, row, one.open_mail, "eml", mail=True))
        self._pages(family, row, Slice(item.thread, item.via, "whole", (one,)))
        self._files(family, row, list(zip(item.attachments, one.open_files, strict=False)))

    def _files(self, family: Family, parent: Row, files: Sequence[tuple[Attachment, Opening | None]]) -> None:
        """Write the files of a document, which follow it in number, and place the family."""
        present = [(attachment, opening) for attachment, opening in files if opening is not None]
        kept = sum(file_state(attachment) == WITHHELD for attachment, _ in files)
        self.result.withheld += kept
        self.result.missing += len(files) - len(present) - kept
        last = f"{self.options.prefix}{self.result.documents + len(present):07d}"
        ends = {"BEGATTACH": parent["BEGBATES"], "ENDATTACH": last} if present else {}
        parent |= {**ends, "ATTACHCOUNT": str(len(present))}
        same = {name: parent[name] for name in ("SOURCEAPP", "RECORDRANGE", "TIMEZONE")}
        for attachment, opening in present:
            name = one_line(attachment.name or "")
            row = family.document(
                self._number(),
                **ends,
                **same,
                PARENTBATES=parent["BEGBATES"],
                DOCTYPE="attachment",
                FILENAME=name,
            )
            ending = extension(attachment.media_type, attachment.name)
            row |= digests(self._native(family, row, opening, ending))
            self.result.files += 1
            if self.options.sheets is not None:
                told = [row[key] for key in ("FILENAME", "FILEEXT", "FILESIZE", "SHA256HASH")]
                self._sheet(family, row, self.options.sheets.slip(row["BEGBATES"], told))
        self.volumes.add(family)

    def _pages(self, family: Family, row: Row, cut: Slice) -> None:
        if self.options.sheets is not None:
            self._sheet(family, row, self.options.sheets.document(row["BEGBATES"], cut))

    def _sheet(self, family: Family, row: Row, sheet: tuple[bytes, int]) -> None:
        data, pages = sheet
        family.stage("IMAGES", f"{row['BEGBATES']}.pdf", row, pages=pages).write_bytes(data)
        row["PAGECOUNT"] = str(pages)
        self.result.pages += pages

    def _native(self, family: Family, row: Row, opening: Opening, ending: str, *, mail: bool = False) -> Path:
        path = family.stage("NATIVES", f"{row['BEGBATES']}.{ending}", row, "NATIVEPATH")
        with opening() as source, path.open("xb") as target:
            if mail:
                target.write(_begun(source))
            shutil.copyfileobj(source, target, 1 << 20)
        row["FILEEXT"] = ending
        return path

    def _text(self, family: Family, row: Row, text: str) -> None:
        family.stage("TEXT", f"{row['BEGBATES']}.txt", row, "TEXTPATH").write_bytes(text.encode())

    def _number(self) -> str:
        self.result.documents += 1
        return f"{self.options.prefix}{self.result.documents:07d}"

    def _times(self, items: Sequence[Told]) -> Row:
        times = span(items, self.zone)
        if times is None:
            return {}
        return {"DATETIMESENT_FIRST": times[0].isoformat(), "DATETIMESENT_LAST": times[1].isoformat()}

    def _redaction(self, items: Sequence[Told]) -> Row:
        """Give the fields that say what is withheld of a document."""
        if not self.options.redacted:
            return {}
        cuts = [one.cut for one in items if one.cut is not None]
        told = (reason_of(cut, self.options.language) for cut in cuts)
        reasons = dict.fromkeys(filter(None, told))
        return {"REDACTED": _flag(bool(cuts)), "REDACTIONREASON": "; ".join(map(one_line, reasons))}


def _begun(mail: BinaryIO) -> bytes:
    """Read the first line of a mail; an mbox's own line before it (RFC 4155) is no part of the mail."""
    first = mail.readline()
    return b"" if first.startswith(b"From ") else first


def _told_of(cut: Slice, told: Sequence[Message]) -> Row:
    """Give what the load file tells of a conversation."""
    first = cut.items[0]
    return {
        "DOCTYPE": "conversation", "SOURCEAPP": first.item.key.channel, "CONVERSATIONID": first.item.thread.id,
        "CONVERSATIONNAME": f"{one_line(first.thread_title or first.item.thread.id)}, {cut.label}",
        "EVENTCOLLECTIONID": collection_id(cut), "GROUPIDENTIFIER": collection_id(cut), "FROM": who(first),
        "HITCOUNT": str(sum(m.first.why == "hit" for m in told)),
        "HASEDITS": _flag(any(m.was_edited for m in told)),
        "HASDELETED": _flag(any(m.was_deleted for m in told)),
        "RECORDRANGE": " ".join(str(index) for m in told for index in m.records),
    }  # fmt: skip


def mail_identity(message_id: str) -> str:
    """Give the EDRM message identification hash: MD5 of the Message-ID with its angle brackets."""
    whole = message_id if message_id.startswith("<") else f"<{message_id}>"
    return md5(whole.encode(), usedforsecurity=False).hexdigest()


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
