"""The records of a WARC file (IIPC, WARC 1.1, ISO 28500), plain or packed, and the answers of servers in them."""

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from archive.reading.content_coding import uncoded
from archive.reading.decoding import is_utf8
from archive.reading.packed_members import Damaged, members_of

RECORD_CAP = 64 << 20
"""Bytes of one record that are read, and that an answer may unpack to."""
_HEAD_CAP = 1 << 16
_CHUNK = 1 << 18
VERSION = re.compile(rb"WARC/\d\.\d+\r?\n")
"""The line with which a record begins."""
_BEGIN, _BEGIN_LENGTH = re.compile(rb"\n(WARC/\d\.\d{1,3}\r?\n)"), 16
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_PAGE = re.compile(rb"\s*<(?:!doctype\s+)?html\b", re.IGNORECASE)
"""How a page begins that a crawler unpacked, in any encoding of single bytes."""
_CHUNK_HEAD = re.compile(rb"([0-9a-fA-F]{1,8})[^\r\n]{0,200}\r?\n")


@dataclass(slots=True)
class Record:
    """A record: its header fields, its block, and where it lies in the member as stored."""

    start: int
    end: int
    stored: bytes
    fields: dict[str, str]
    block: bytes
    problem: str | None = None
    """Why these bytes are no record that can be read; those behind them are."""


class _Stream:
    """The bytes of a member, unpacked where each record (or all of them) was packed."""

    def __init__(self, stream: BinaryIO) -> None:
        """Take a member. Raises Damaged where nothing of it can be unpacked."""
        self._stream = stream
        self._members = members_of(stream)
        self.buffer, self.at = b"", 0
        """What was unpacked and not taken yet, and where that begins."""
        self._raw = b""

    def more(self) -> bool:
        """Bring more bytes into the buffer. Raises Damaged where the packing breaks."""
        if not self._members:
            block = self._stream.read(_CHUNK)
            self.buffer += block
            return bool(block)
        while True:
            self._raw = self._raw or self._stream.read(_CHUNK)
            if not self._raw:
                return False
            piece, self._raw = self._members.unpack(self._raw)
            self.buffer += piece
            if piece:
                return True

    def resume(self) -> None:
        """Pass over damage to where something packed begins again, or to the end."""
        assert self._members
        self._members.anew()
        magic = self._members.magic
        self._raw = self._raw[1:]
        while (found := self._raw.find(magic)) < 0:
            more = self._stream.read(_CHUNK)
            self._raw = self._raw[-len(magic) + 1 :] + more if more else b""
            if not more:
                return
        self._raw = self._raw[found:]

    def drop(self, count: int) -> bytes:
        """Take bytes out of the buffer."""
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        self.at += len(taken)
        return taken


def records(stream: BinaryIO) -> Iterator[Record]:
    """Yield the records. What is none, or cut off, is one with a problem; it ends where the next one begins."""
    try:
        source = _Stream(stream)
    except Damaged:
        yield Record(0, 0, b"", {}, b"", "packed by zstd with a dictionary that cannot be read")
        return
    while True:
        start = source.at
        try:
            if not _to_a_record(source):
                return
            start = source.at
            yield _record(source)
        except Damaged:
            source.drop(len(source.buffer))
            source.resume()
            yield Record(start, source.at, b"", {}, b"", "packed bytes that are damaged")


def _to_a_record(source: _Stream) -> bool:
    """Pass over the line ends between records; False at the end."""
    while True:
        source.drop(len(source.buffer) - len(source.buffer.lstrip(b"\r\n")))
        if source.buffer or not source.more():
            return bool(source.buffer)


def _record(source: _Stream) -> Record:
    start = source.at
    while not (found := _HEAD_END.search(source.buffer)) and len(source.buffer) < _HEAD_CAP and source.more():
        pass
    version = VERSION.match(source.buffer)
    if not version or not found:
        _to_the_next(source)
        return Record(start, source.at, b"", {}, b"", "no WARC record where one should begin, or cut off")
    fields = dict(_fields(source.buffer[version.end() : found.start()]))
    length = fields.get("content-length", "")
    if not (length.isascii() and length.isdigit()) or len(length) > 15:
        _to_the_next(source)
        return Record(start, source.at, b"", fields, b"", "a WARC record without a length")
    end = start + found.end() + int(length)
    problem = None
    while source.at + len(source.buffer) < end:
        if len(source.buffer) > RECORD_CAP:
            problem = "a record longer than the limit"
            source.drop(len(source.buffer))
        if not source.more():
            source.drop(len(source.buffer))
            return Record(start, source.at, b"", fields, b"", "cut off: a record ends in the middle")
    stored = source.drop(end - source.at)
    if problem:
        return Record(start, end, b"", fields, b"", problem)
    return Record(start, end, stored, fields, stored[found.end() :])


def _to_the_next(source: _Stream) -> None:
    """Pass over what is no record, to the line with which one begins."""
    source.drop(1)
    while not (found := _BEGIN.search(source.buffer)):
        source.drop(len(source.buffer) - _BEGIN_LENGTH)
        if not source.more():
            source.drop(len(source.buffer))
            return
    source.drop(found.start(1))


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
    """Status line, header fields and body, chunks put together and packing undone.

    Where the packing cannot be undone, ``content-encoding`` is still among the fields, and else it is not.
    """
    found = re.search(rb"\r?\n\r?\n", block)
    head, body = (block[: found.start()], block[found.end() :]) if found else (block, b"")
    status, _, rest = head.partition(b"\n")
    fields = dict(_fields(rest))
    if "chunked" in fields.get("transfer-encoding", "").lower():
        body = _unchunked(body)
    unpacked = uncoded(body, fields.get("content-encoding", "identity"), RECORD_CAP)
    if unpacked is not None or is_utf8(body) or _PAGE.match(body):  # crawlers unpack and leave the field
        fields.pop("content-encoding", None)
        body = body if unpacked is None else unpacked
    return status.decode("latin-1").strip(), fields, body


def _unchunked(body: bytes) -> bytes:
    whole = bytearray()
    position = 0
    while match := _CHUNK_HEAD.match(body, position):
        size = int(match[1], 16)
        if not size:
            return bytes(whole)
        whole += body[match.end() : match.end() + size]
        position = match.end() + size
        position += 2 if body[position : position + 2] == b"\r\n" else 0
    return bytes(whole) or body


def payload(block: bytes) -> bytes:
    """The body of a response as it was sent, for its digest."""
    found = re.search(rb"\r?\n\r?\n", block)
    return block[found.end() :] if found else b""
