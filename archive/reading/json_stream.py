"""The elements of a JSON array, each as the exact bytes it occupies, in flat memory.

Only the structure is looked at here (strings, brackets, commas, RFC 8259 §2); whoever gets an element decodes
it. So one broken element does not take the others with it, and each can be quoted byte by byte.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from archive.errors import UnreadableInput

ELEMENT_CAP = 32 << 20
"""Bytes of one element that are kept; a longer one is passed over and reported as not whole."""
_CHUNK = 1 << 18
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+(")?|[\[\]{},]', re.DOTALL)
_SPACE = b" \t\r\n"
_BOM = b"\xef\xbb\xbf"


class Element(NamedTuple):
    """Element ``number`` of the array at [start, end). Not ``whole``: cut off, or over the cap (data is
    "")."""

    number: int
    start: int
    end: int
    data: bytes
    whole: bool


def array_elements(stream: BinaryIO, *, cap: int = ELEMENT_CAP, chunk: int = _CHUNK) -> Iterator[Element]:
    """Yield the elements of the array that the stream holds. Raises UnreadableInput if it holds none."""
    base, buffer = _to_the_bracket(stream, chunk)
    position = begin = 0  # both relative to buffer; base is the offset of buffer[0] in the stream
    depth = index = 0
    skipped = False
    while True:
        closed = False
        for token in _TOKEN.finditer(buffer, position):
            byte = buffer[token.start()]
            if byte == 0x22:
                if token.start(1) < 0:  # the string goes on beyond the buffer
                    position = token.start()
                    break
            elif depth or byte in b"[{":
                depth += (byte in b"[{") - (byte in b"]}")
            else:
                yield from _element(buffer, base, begin, token.start(), index, skipped, cap, byte == 0x2C)
                index, begin, skipped = index + 1, token.end(), False
                closed = byte != 0x2C
                if closed:
                    break
            position = token.end()
        else:
            position = len(buffer)
        if closed:
            return
        if len(buffer) - begin > cap:
            skipped = True
            if position < len(buffer):
                length, rest = pass_string(stream, buffer[position:], chunk)
                begin -= position + length
                base, buffer, position = base + position + length, rest, 0
                continue
        drop = position if skipped else begin
        more = stream.read(min(max(chunk, len(buffer) - begin), max(chunk, cap // 4)))
        if not more:
            yield from _cut_off(buffer, base, begin, index, skipped)
            return
        base, buffer = base + drop, buffer[drop:] + more
        position -= drop
        begin = 0 if not skipped else begin - drop


_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+', re.DOTALL)
_STRING_END = re.compile(rb'(?:[^"\\]++|\\.)*+(")?', re.DOTALL)


def pass_string(stream: BinaryIO, begun: bytes, chunk: int = _CHUNK) -> tuple[int, bytes]:
    """Read on to the end of a string of which only the beginning is at hand; nothing of it is kept.

    Gives its length in bytes, and what was read beyond it.
    """
    inside = _STRING.match(begun)
    escaped = inside is not None and inside.end() < len(begun)  # a lone backslash at the end
    length = len(begun)
    while block := stream.read(chunk):
        match = _STRING_END.match(block, 1 if escaped else 0)
        if match is not None and match[1]:
            return length + match.end(), block[match.end() :]
        escaped = match is not None and match.end() < len(block)
        length += len(block)
    return length, b""


def _to_the_bracket(stream: BinaryIO, chunk: int) -> tuple[int, bytes]:
    """Skip the byte order mark, white space and the opening bracket."""
    base = 0
    first = True
    while block := stream.read(chunk):
        if first and block.startswith(_BOM):
            block, base = block[3:], 3
        first = False
        rest = block.lstrip(_SPACE)
        base += len(block) - len(rest)
        if rest:
            if not rest.startswith(b"["):
                break
            return base + 1, rest[1:]
    raise UnreadableInput("no JSON array")


def _element(
    buffer: bytes, base: int, begin: int, end: int, index: int, skipped: bool, cap: int, comma: bool
) -> Iterator[Element]:
    """One element between two separators; none where an array is empty or ends with a comma."""
    data = buffer[max(begin, 0) : end]
    stripped = data.strip(_SPACE)
    if skipped or len(stripped) > cap:
        yield Element(index, base + begin, base + end, b"", whole=False)
    elif stripped or comma:
        start = base + begin + len(data) - len(data.lstrip(_SPACE))
        yield Element(index, start, start + len(stripped), stripped, whole=bool(stripped))


def _cut_off(buffer: bytes, base: int, begin: int, index: int, skipped: bool) -> Iterator[Element]:
    """The array never closed: what is left is one broken element."""
    if skipped or buffer[max(begin, 0) :].strip(_SPACE):
        yield Element(index, base + begin, base + len(buffer), b"", whole=False)
