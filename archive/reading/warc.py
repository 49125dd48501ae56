"""The records of a WARC file (IIPC, WARC 1.1, ISO 28500), plain or packed, and the answers of servers in them."""

import base64
import hashlib
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from archive.errors import UnreadableInput
from archive.reading.json_fields import NotUnderstood

RECORD_CAP = 64 << 20
"""Bytes of one record that are read, and that an answer may unpack to."""
_HEAD_CAP = 1 << 16
_CHUNK = 1 << 18
VERSION = re.compile(rb"WARC/\d\.\d+\r?\n")
"""The line with which a record begins."""


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
        version = VERSION.match(source.buffer)
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


def digest_fits(told: str, data: bytes) -> bool | None:
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


def http_of(block: bytes) -> tuple[str, dict[str, str], bytes]:
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
            unpacked = unzip.decompress(body, RECORD_CAP)
        except zlib.error:
            continue
        if unzip.unconsumed_tail:
            raise NotUnderstood("expands beyond the limit")
        return unpacked
    return body


def payload(block: bytes) -> bytes:
    """The body of a response as it was sent, for its digest."""
    found = re.search(rb"\r?\n\r?\n", block)
    return block[found.end() :] if found else b""
