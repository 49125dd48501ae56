"""What a file of records packs its members by, one after the other: gzip (RFC 1952) and zstd (RFC 8878).

A dictionary may lie in front of members of zstd, in a skippable frame, itself packed or not (IIPC, Zstandard
Compression for WARC Files 1.0).
"""

import io
import zlib
from typing import BinaryIO, ClassVar, Protocol

import zstandard

GZIP = b"\x1f\x8b\x08"
ZSTD = b"\x28\xb5\x2f\xfd"
DICTIONARY = b"\x5d\x2a\x4d\x18"
PACKED = GZIP[:2], ZSTD, DICTIONARY
"""How a packed file begins."""
_OUT = 1 << 18
_BEGIN = 64
_IN = 1 << 10
"""Bytes of zstd that are given at a time: it takes no bound for what comes out, and four bytes may stand for 128 KB."""
_MOST_DICTIONARY = 16 << 20
_WINDOW = 1 << 26


class Damaged(Exception):
    """The packing broke."""


class Members(Protocol):
    """Members, unpacked one after the other."""

    magic: ClassVar[bytes]
    """How each of them begins."""

    def unpack(self, packed: bytes, most: int = _OUT) -> tuple[bytes, bytes]:
        """Give what some bytes tell, about so many at most, and what of them is left for the next call.

        Raises Damaged.
        """
        ...

    def anew(self) -> None:
        """Begin with another member."""
        ...


def members_of(stream: BinaryIO) -> Members | None:
    """Give what unpacks a stream, which then stands where that begins; None for one that is not packed.

    Raises:
        Damaged: the dictionary in front is none.
    """
    head = stream.read(4)
    if head == DICTIONARY:
        return Zstd(_dictionary(stream))
    stream.seek(0)
    if head[:2] == GZIP[:2]:
        return Gzip()
    return Zstd() if head == ZSTD else None


def begins(head: bytes) -> bytes:
    """Give how what is packed begins, as far as the first bytes of a file tell."""
    try:
        members = members_of(io.BytesIO(head))
        return members.unpack(head, _BEGIN)[0] if members and not head.startswith(DICTIONARY) else b""
    except Damaged:
        return b""


def _dictionary(stream: BinaryIO) -> bytes:
    length = int.from_bytes(stream.read(4), "little")
    found = stream.read(min(length, _MOST_DICTIONARY))
    if not length or len(found) != length:
        raise Damaged
    if not found.startswith(ZSTD):
        return found
    try:
        with zstandard.ZstdDecompressor(max_window_size=_WINDOW).stream_reader(found) as unpacked:
            plain = unpacked.read(_MOST_DICTIONARY + 1)
    except zstandard.ZstdError as error:
        raise Damaged from error
    if len(plain) > _MOST_DICTIONARY:
        raise Damaged
    return plain


class Gzip:
    """Members of gzip."""

    magic: ClassVar[bytes] = GZIP

    def __init__(self) -> None:
        """Begin with the first."""
        self.anew()

    def anew(self) -> None:
        """See ``Members``."""
        self._unzip = zlib.decompressobj(31)

    def unpack(self, packed: bytes, most: int = _OUT) -> tuple[bytes, bytes]:
        """See ``Members``."""
        try:
            found = self._unzip.decompress(packed, most)
        except zlib.error as error:
            raise Damaged from error
        rest = self._unzip.unconsumed_tail or self._unzip.unused_data
        if self._unzip.eof:
            self.anew()
        return found, rest


class Zstd:
    """Frames of zstd."""

    magic: ClassVar[bytes] = ZSTD

    def __init__(self, dictionary: bytes = b"") -> None:
        """Take the dictionary of all frames. Raises Damaged where it is none."""
        try:
            known = zstandard.ZstdCompressionDict(dictionary) if dictionary else None
            self._unpacker = zstandard.ZstdDecompressor(dict_data=known, max_window_size=_WINDOW)
        except zstandard.ZstdError as error:
            raise Damaged from error
        self.anew()

    def anew(self) -> None:
        """See ``Members``."""
        self._frame = self._unpacker.decompressobj()

    def unpack(self, packed: bytes, most: int = _OUT) -> tuple[bytes, bytes]:
        """See ``Members``."""
        found, at = bytearray(), 0
        while at < len(packed) and len(found) < most:
            try:
                found += self._frame.decompress(packed[at : at + _IN])
            except zstandard.ZstdError as error:
                raise Damaged from error
            at += _IN
            if self._frame.eof:
                rest = self._frame.unused_data + packed[at:]
                self.anew()
                return bytes(found), rest
        return bytes(found), packed[at:]
