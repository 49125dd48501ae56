"""A zip whose directory is lost, because the download was cut off: its whole entries are found again.

Every entry begins with a header of its own (APPNOTE 4.3.7). A directory is written anew behind the last entry that
is whole, so that the zip opens like any other; what follows it is lost and is told.
"""

import io
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_CHUNK = 1 << 18
_STREAMED = 0x8
_RATIO = 1032
"""Deflate expands no further."""
_MOST = 65_000
_WIDE = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class _Found:
    offset: int
    end: int
    version: int
    flags: int
    method: int
    when: tuple[int, int]
    crc: int
    packed: int
    size: int
    name: bytes


def salvaged(source: BinaryIO) -> BinaryIO | None:
    """The zip with a new directory over its whole entries; None if not one is whole."""
    found: list[_Found] = []
    at = 0
    while len(found) < _MOST:
        entry = _entry(source, at)
        if entry is None:
            break
        found.append(entry)
        at = entry.end
    return io.BufferedReader(_Joined(source, at, _directory(found, at))) if found else None


def _entry(source: BinaryIO, at: int) -> _Found | None:
    source.seek(at)
    head = source.read(_LOCAL.size)
    if len(head) < _LOCAL.size or head[:4] != b"PK\x03\x04":
        return None
    _, version, flags, method, clock, day, crc, packed, size, name_length, extra_length = _LOCAL.unpack(head)
    name = source.read(name_length)
    begin = at + _LOCAL.size + name_length + extra_length
    if len(name) < name_length or _WIDE in (packed, size):
        return None
    if flags & _STREAMED:
        streamed = _streamed(source, begin) if method == zlib.DEFLATED else None
        if streamed is None:
            return None
        crc, packed, size, end = streamed
    else:
        end = begin + packed
        source.seek(0, io.SEEK_END)
        if end > source.tell():
            return None
    return _Found(at, end, version, flags, method, (clock, day), crc, packed, size, name)


def _streamed(source: BinaryIO, begin: int) -> tuple[int, int, int, int] | None:
    """CRC, packed and real size, and the end, of an entry whose header does not tell them: by unpacking it."""
    source.seek(begin)
    unzip, crc, size, packed = zlib.decompressobj(-15), 0, 0, 0
    while not unzip.eof:
        block = source.read(_CHUNK)
        if not block:
            return None
        packed += len(block)
        waiting = block
        while waiting and not unzip.eof:
            try:
                piece = unzip.decompress(waiting, _CHUNK)
            except zlib.error:
                return None
            crc, size, waiting = zlib.crc32(piece, crc), size + len(piece), unzip.unconsumed_tail
        if size > _RATIO * packed + _CHUNK:
            return None
    packed -= len(unzip.unused_data)
    source.seek(begin + packed)
    after = source.read(24)
    told = after[4:] if after[:4] == b"PK\x07\x08" else after
    if told[:12] != struct.pack("<3I", crc, packed & _WIDE, size & _WIDE) or size >= _WIDE:
        return None
    return crc, packed, size, begin + packed + (16 if after[:4] == b"PK\x07\x08" else 12)


def _directory(found: list[_Found], start: int) -> bytes:
    rows = b"".join(
        _CENTRAL.pack(
            b"PK\x01\x02", 20, one.version, one.flags, one.method, *one.when, one.crc, one.packed, one.size,
            len(one.name), 0, 0, 0, 0, 0, one.offset,
        ) + one.name
        for one in found
    )  # fmt: skip
    return rows + _END.pack(b"PK\x05\x06", 0, 0, len(found), len(found), len(rows), start, 0)


class _Joined(io.RawIOBase):
    """The first bytes of a stream, and others behind them."""

    def __init__(self, source: BinaryIO, length: int, tail: bytes) -> None:
        super().__init__()
        self._source, self._length, self._tail, self._at = source, length, tail, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        view = memoryview(buffer).cast("B")
        if self._at < self._length:
            self._source.seek(self._at)
            data = self._source.read(min(len(view), self._length - self._at))
        else:
            begin = self._at - self._length
            data = self._tail[begin : begin + len(view)]
        view[: len(data)] = data
        self._at += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._length + len(self._tail)}[whence]
        self._at = max(base + offset, 0)
        return self._at

    def tell(self) -> int:
        return self._at
