"""Captures of web pages: WARC and WACZ.

Authority: IIPC, WARC 1.1 (ISO 28500); specs.webrecorder.net, WACZ. A page is an observation: what a server gave at
a time. Digests of the records are recomputed; one that does not fit is told with the item. A crawler's request and
its own records are no pages.
"""

import base64
import hashlib
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, ClassVar

from archive.channels.export import ExportReader, LeaveOut, Made, Run, Taker
from archive.errors import UnreadableInput
from archive.ports import Facts
from archive.reading.decoding import decode
from archive.reading.html_text import html_to_text
from archive.reading.json_fields import NotUnderstood
from archive.reading.shape import Shape, shapes
from archive.reading.times import from_iso
from archive.reading.tree import Member
from archive.reading.units import Content, Reading, UnitFailed
from schemas.item import Attachment, Body, Raw, Target, Thread

RECORD_CAP = 64 << 20
"""Bytes of one record that are read."""
_HEAD_CAP = 1 << 16
_CHUNK = 1 << 18
_VERSION = re.compile(rb"WARC/\d\.\d+\r?\n")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]*>([^<]{0,2000})", re.IGNORECASE)


@dataclass(slots=True)
class Record:
    """A record: its header fields, its block, and where it lies in the member as stored."""

    start: int
    end: int
    stored: bytes
    fields: dict[str, str]
    block: bytes
    whole: bool = True


class _Stream:
    """The bytes of a member, unpacked where each record (or all of them) was packed by gzip."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._packed = stream.read(2) == b"\x1f\x8b"
        stream.seek(0)
        self.buffer, self._raw, self._unzip = b"", b"", zlib.decompressobj(31)

    def more(self) -> bool:
        """Bring more bytes into the buffer. Raises UnreadableInput where the packing breaks."""
        if not self._packed:
            block = self._stream.read(_CHUNK)
            self.buffer += block
            return bool(block)
        while True:
            self._raw = self._raw or self._stream.read(_CHUNK)
            if not self._raw:
                return False
            try:
                piece = self._unzip.decompress(self._raw, _CHUNK)
            except zlib.error as error:
                raise UnreadableInput("packed records that are damaged") from error
            rest = self._unzip.unconsumed_tail or self._unzip.unused_data
            self._raw = rest
            self.buffer += piece
            if self._unzip.eof:
                self._unzip = zlib.decompressobj(31)
            if piece:
                return True


def records(stream: BinaryIO) -> Iterator[Record]:
    """Yield the records. Raises UnreadableInput where a record does not begin as one or the file is cut off."""
    source = _Stream(stream)
    at = 0  # bytes of the unpacked stream before the buffer
    while True:
        while not source.buffer.strip(b"\r\n") and source.more():
            pass
        lead = len(source.buffer) - len(source.buffer.lstrip(b"\r\n"))
        source.buffer, at = source.buffer[lead:], at + lead
        if not source.buffer:
            return
        while (
            b"\r\n\r\n" not in source.buffer
            and b"\n\n" not in source.buffer
            and len(source.buffer) < _HEAD_CAP
            and source.more()
        ):
            pass
        version = _VERSION.match(source.buffer)
        found = re.search(rb"\r?\n\r?\n", source.buffer)
        if not version or not found:
            raise UnreadableInput("no WARC record where one should begin, or cut off")
        fields = dict(_fields(source.buffer[version.end() : found.start()]))
        length = fields.get("content-length", "")
        if not length.isdigit() or len(length) > 15:
            raise UnreadableInput("a WARC record without a length")
        need = found.end() + int(length)
        dropped = 0
        while len(source.buffer) + dropped < need:
            if len(source.buffer) > RECORD_CAP:
                dropped += len(source.buffer)
                source.buffer = b""
            if not source.more():
                yield Record(at, at + dropped + len(source.buffer), b"", fields, b"", whole=False)
                raise UnreadableInput("cut off: a record ends in the middle")
        keep = need - dropped
        whole = not dropped
        data = source.buffer[:keep] if whole else b""
        source.buffer = source.buffer[keep:]
        yield Record(at, at + need, data, fields, data[found.end() :] if whole else b"", whole=whole)
        at += need


def _fields(head: bytes) -> Iterator[tuple[str, str]]:
    for line in head.splitlines():
        name, colon, value = line.partition(b":")
        if colon:
            yield name.decode("ascii", "replace").strip().lower(), value.decode("utf-8", "replace").strip()


def _digest_fits(told: str, data: bytes) -> bool | None:
    """Whether a digest like ``sha1:BASE32`` is that of the bytes; None for one of another kind."""
    kind, _, value = told.partition(":")
    kind = kind.lower().replace("-", "")
    if kind not in ("sha1", "sha256", "md5") or not value:
        return None
    found = hashlib.new(kind, data, usedforsecurity=False).digest()
    return value.lower() in (
        found.hex(),
        base64.b32encode(found).decode().lower(),
        base64.b32encode(found).decode().rstrip("=").lower(),
    )


def _http(block: bytes) -> tuple[str, dict[str, str], bytes]:
    """Status line, header fields and body, chunks put together and packing undone where we can."""
    found = re.search(rb"\r?\n\r?\n", block)
    head, body = (block[: found.start()], block[found.end() :]) if found else (block, b"")
    status, _, rest = head.partition(b"\n")
    fields = dict(_fields(rest))
    if "chunked" in fields.get("transfer-encoding", "").lower():
        body = _unchunked(body)
    if fields.get("content-encoding", "").lower() in ("gzip", "deflate", "x-gzip"):
        body = _unpacked(body)
    return status.decode("latin-1").strip(), fields, body


def _unchunked(body: bytes) -> bytes:
    parts: list[bytes] = []
    position = 0
    while match := re.compile(rb"([0-9a-fA-F]{1,8})[^\r\n]{0,200}\r?\n").match(body, position):
        size = int(match[1], 16)
        if not size:
            return b"".join(parts)
        parts.append(body[match.end() : match.end() + size])
        position = match.end() + size
        position += 2 if body[position : position + 2] == b"\r\n" else 0
    return b"".join(parts) if parts else body


def _unpacked(body: bytes) -> bytes:
    for window in (47, -15):
        unzip = zlib.decompressobj(window)
        try:
            return unzip.decompress(body, RECORD_CAP)
        except zlib.error:
            continue
    return body


class _Reading(Run):
    def taker(self, member: Member) -> Taker | str | None:
        shape = shapes(self.tree).of(member)
        if _is_warc(shape) or self.tree.single:
            return self._records
        if re.search(
            r"(?:^|/)(?:datapackage(?:-digest)?\.json|pages/[^/]+\.jsonl|indexes/[^/]+)$", member.path
        ):
            return "index and description of the capture"
        return None

    def _records(self, member: Member) -> Iterator[Reading]:
        with member.open() as stream:
            packed = stream.read(2) == b"\x1f\x8b"
            stream.seek(0)
            for number, record in enumerate(records(stream)):
                start, end = (None, None) if packed else (record.start, record.end)
                if not record.whole:
                    yield UnitFailed(member.path, "longer than the limit, or cut off", start, end)
                    continue
                raw = Raw(
                    member=member.path, start=start, end=end, pointer=f"record {number}", slice=record.stored
                )
                yield self._one(member, record, raw)

    def _one(self, member: Member, record: Record, raw: Raw) -> Reading:
        made = Made()
        return self._made(member, made, raw.start or 0, raw.end or 0, lambda: self._page(record, raw, made))

    def _page(self, record: Record, raw: Raw, made: Made) -> None:
        fields, kind = record.fields, record.fields.get("warc-type", "")
        if kind in ("request", "warcinfo", "metadata", "conversion", "continuation"):
            raise LeaveOut(f"{kind}: a record of the crawler, no page")
        if kind not in ("response", "resource", "revisit"):
            raise NotUnderstood("a record of a kind that WARC does not know")
        url, written, ident = (
            fields.get("warc-target-uri", "").strip("<>"),
            fields.get("warc-date"),
            fields.get("warc-record-id"),
        )
        if not url or not written:
            raise NotUnderstood("a page without address or time")
        http = "application/http" in fields.get("content-type", "")
        status, head, body = _http(record.block) if http else ("", {}, record.block)
        extra = [("warc_type", kind)] + ([("status", status)] if status else [])
        extra += [
            (name, fields[name])
            for name in ("warc-ip-address", "warc-refers-to-target-uri", "warc-refers-to-date")
            if name in fields
        ]
        for name, data in (
            ("warc-block-digest", record.block),
            ("warc-payload-digest", _payload(record.block) if http else body),
        ):
            fits = _digest_fits(fields[name], data) if name in fields and kind != "revisit" else None
            if fits is not None:
                extra.append((name, "fits" if fits else "DOES NOT FIT"))
        media = (head.get("content-type") if http else fields.get("content-type")) or ""
        bare = media.partition(";")[0].strip().lower()
        charset = _CHARSET.search(media)
        scene = self.scene(
            re.sub(r"^(https?://[^/?#]+).*", r"\1", url), derived=True, visibility="public", history="none"
        )
        made.threads.append(
            Thread(key=scene.thread, via=self.via, kind="feed", title=scene.thread.id, url=url, raw=raw)
        )
        page = bare in ("text/html", "application/xhtml+xml")
        words = (
            decode(body, charset[1] if charset else None).text if bare.startswith("text/") or page else None
        )
        title = _TITLE.search(words) if words and page else None
        name = url.partition("?")[0].rstrip("/").rpartition("/")[2] or "index"
        attachments: tuple[Attachment, ...] = ()
        if body and kind != "revisit":
            locator = f"{raw.member}#{raw.pointer}"
            attachments = (
                Attachment(
                    name=name,
                    media_type=bare or None,
                    state="present",
                    locator=locator,
                    url=url,
                    length=len(body),
                ),
            )
            made.contents.append(Content(locator=locator, open=_Opener(body)))
        made.items.append(
            scene.item(
                raw,
                scene.key((ident or f"{url} {written}").strip("<>")),
                form="article",
                basis="observed",
                time=from_iso(written, "UTC", "by_spec"),
                title=html_to_text(title[1]) if title else url,
                text=(html_to_text(words) if page else words) if words else None,
                body=Body(type=bare, content=words) if page and words else None,
                attachments=attachments,
                targets=(Target(relation="of", written_id=fields["warc-refers-to"], present="unknown"),)
                if "warc-refers-to" in fields
                else (),
                extra=(("url", url), *extra),
            )
        )


def _payload(block: bytes) -> bytes:
    """The body of a response as it was sent, for its digest."""
    found = re.search(rb"\r?\n\r?\n", block)
    return block[found.end() :] if found else b""


class _Opener:
    """Opens bytes that are at hand."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __call__(self) -> Any:
        return io.BytesIO(self._data)


def _is_warc(shape: Shape) -> bool:
    if _VERSION.match(shape.head):
        return True
    if shape.head[:2] != b"\x1f\x8b":
        return False
    try:
        return bool(_VERSION.match(zlib.decompressobj(31).decompress(shape.head, 64)))
    except zlib.error:
        return False


class WebCaptures(ExportReader):
    """Reads WARC files, alone or in a WACZ."""

    name: ClassVar[str] = "web"
    parser: ClassVar[str] = "web-capture/1"
    run: ClassVar[type[Run]] = _Reading
    facts: ClassVar[Facts] = Facts(
        title="Captures of web pages",
        layouts=("WARC, plain or packed", "WACZ"),
        ask_for="a capture of the pages with a browser or crawler that writes WARC",
        edits="each capture is one observation",
        deletions="absent",
        receipts="no",
        direct="no",
        claim="unknown",
        tested="real files",
    )

    def likeness(self, shape: Shape) -> tuple[int, str]:
        """By the version line of the first record."""
        return (97, "WARC records") if _is_warc(shape) else (0, "")
