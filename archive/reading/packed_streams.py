"""Bytes that lie packed in a file without being a file of their own: what gzip holds, and the parts of a PDF.

A PDF says more than its pages show, and most of it packed: addresses of links, words for who cannot see a picture,
names of layers, of marks and of files in it, scripts, and what programs keep there for themselves.
"""

import bz2
import lzma
import re
import zlib
from collections.abc import Iterator

_PDF = b"%PDF-"
_GZIP, _BZIP2, _XZ = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00"
_STREAM = re.compile(rb"stream\r?\n")
_UNPACKED = re.compile(rb"stream\r?\n.*?endstream", re.DOTALL)
_PICTURE = re.compile(rb"/(?:Subtype\s*/Image|FontFile|Length[123])\b")
_BEFORE = 512
"""Bytes before a stream in which it is said what it is."""
_WHOLE = 1 << 30


def inflated(data: bytes, most: int) -> Iterator[bytes]:
    """Give what gzip, bzip2 or xz packed, as far as it can be read, ``most`` bytes of it."""
    try:
        if data.startswith(_GZIP):
            yield zlib.decompressobj(31).decompress(data, min(most, _WHOLE))
        elif data.startswith(_BZIP2):
            yield bz2.BZ2Decompressor().decompress(data, min(most, _WHOLE))
        elif data.startswith(_XZ):
            yield lzma.LZMADecompressor().decompress(data, min(most, _WHOLE))
    except (zlib.error, OSError, lzma.LZMAError, EOFError):
        return  # who asks takes such a file for one that cannot be looked into, whatever it holds


def within_pdf(data: bytes, most: int) -> Iterator[bytes]:
    """Give the objects of a PDF, and what is packed in it but for pictures and fonts; ``most`` bytes of it."""
    if _PDF not in data[:1024]:
        return
    yield _UNPACKED.sub(b"\n", data)
    view = memoryview(data)
    for match in _STREAM.finditer(data):
        if most < 1:
            return
        said = data[max(0, match.start() - _BEFORE) : match.start()]
        if _PICTURE.search(said[said.rfind(b" obj") + 1 :]):
            continue
        try:
            found = zlib.decompressobj().decompress(view[match.end() :], most)
        except zlib.error:  # packed otherwise, or not: then it is looked at as it lies
            continue
        most -= len(found)
        yield found
