"""Lines of a byte stream with their exact place, in flat memory, however long a line is."""

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

LINE_CAP = 4 << 20
"""Bytes of a line that are kept in memory; the longest message of any channel is far shorter."""
_CHUNK = 1 << 18
_HEAD = 1 << 12


class Line(NamedTuple):
    """A line with its terminator. An overlong one is not ``whole``: ``data`` is then only its beginning."""

    start: int
    end: int
    data: bytes
    whole: bool


def read_lines(stream: BinaryIO, *, cap: int = LINE_CAP, chunk: int = _CHUNK) -> Iterator[Line]:
    """Yield the lines (ended by LF; a CR before it belongs to the line) from the stream's start at offset
    0."""
    start = 0
    kept: list[bytes] = []
    length = 0
    while block := stream.read(chunk):
        pieces = block.splitlines(keepends=True) if b"\r" not in block else _at_line_feeds(block)
        for piece in pieces:
            length += len(piece)
            if length <= cap or not kept:
                kept.append(piece[: max(cap, _HEAD)])
            if piece.endswith(b"\n"):
                yield _line(kept, start, length, cap)
                start += length
                kept, length = [], 0
    if length:
        yield _line(kept, start, length, cap)


def _at_line_feeds(block: bytes) -> list[bytes]:
    """``splitlines`` would break at a lone CR too."""
    pieces = [piece + b"\n" for piece in block.split(b"\n")]
    last = pieces.pop()[:-1]
    return [*pieces, last] if last else pieces


def _line(kept: list[bytes], start: int, length: int, cap: int) -> Line:
    data = kept[0] if len(kept) == 1 else b"".join(kept)
    if length > cap:
        return Line(start, start + length, data[:_HEAD], whole=False)
    return Line(start, start + length, data, whole=True)


def read_wide_lines(stream: BinaryIO, encoding: str, skip: int) -> Iterator[Line]:
    """Yield the lines of UTF-16 text from offset ``skip`` on: a line feed counts only where a code unit begins."""
    feed = "\n".encode(encoding)
    stream.seek(skip)
    start, kept = skip, b""
    while block := stream.read(1 << 18):
        kept += block
        begin = search = 0
        while (found := kept.find(feed, search)) >= 0:
            if (found - begin) % 2:
                search = found + 1
                continue
            end = found + 2
            yield Line(start, start + end - begin, kept[begin:end], whole=True)
            start += end - begin
            begin = search = end
        kept = kept[begin:]
        if len(kept) > LINE_CAP:
            yield Line(start, start + len(kept), kept[:4096], whole=False)
            start, kept = start + len(kept), b""
    if kept:
        yield Line(start, start + len(kept), kept, whole=True)
