"""Stanzas cut out of a stream, a piece of it in memory at a time.

Markup is ASCII in every encoding but the wide ones, so it is looked for byte by byte, and each stanza is decoded
alone: one damaged byte makes no other stanza unreadable.
"""

import io
import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from archive.channels.feeds.markup import ELEMENT, closing
from archive.reading.decoding import decode

# A dump of a server (XEP-0227) holds what is archived without a message around it.
STANZA = re.compile(r"<(?:[\w.-]+:)?(message|iq|presence|result)(?=[\s>/])", re.IGNORECASE)
STANZA_CAP = 8 << 20
"""Bytes of one stanza."""
WIDE_CAP = 32 << 20
"""Bytes of a file in UTF-16 or UTF-32, which is read whole."""
_CHUNK = 1 << 20
_LONGEST_NAME = 256
_MOST_OPEN = 20
"""Stanzas that never close; what comes behind so many is one piece."""


class Stanza(NamedTuple):
    """A stanza at [start, end) of the stream; ``whole`` False: only how it begins, or what nobody can cut."""

    kind: str
    start: int
    end: int
    data: bytes
    whole: bool


def narrow(stream: BinaryIO) -> BinaryIO | None:
    """Give the stream itself, or its text in UTF-8 if it is in a wide encoding; None if that is too long."""
    head = stream.read(4)
    stream.seek(0)
    if b"\0" not in head and head[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        return stream
    data = stream.read(WIDE_CAP + 1)
    return io.BytesIO(decode(data).text.encode()) if len(data) <= WIDE_CAP else None


def stanzas(stream: BinaryIO) -> Iterator[Stanza]:
    """Yield the stanzas. One that does not close is passed over at its first mark: those within it are read."""
    buffer, base, want, ended, left = b"", 0, _CHUNK, False, _MOST_OPEN
    while not ended or buffer:
        more = stream.read(max(want - len(buffer), 1))
        buffer, ended = buffer + more, not more
        source, at = buffer.decode("latin-1"), 0
        want = _CHUNK
        while match := STANZA.search(source, at):
            begin = match.start()
            end = _end(source, begin)
            if end is None and not ended and len(source) - begin < STANZA_CAP:
                at, want = begin, 2 * (len(source) - begin) + _CHUNK
                break
            left -= end is None
            stop = match.end() if end is None else end
            if left < 0:
                yield Stanza(match[1].lower(), base + begin, base + len(source), b"", whole=False)
                return
            yield Stanza(match[1].lower(), base + begin, base + stop, buffer[begin:stop], end is not None)
            at = stop
        else:
            at = len(source) if ended else max(at, len(source) - _LONGEST_NAME)
        buffer, base = buffer[at:], base + at


def _end(source: str, begin: int) -> int | None:
    """Where a stanza ends; None if it does not, as far as the text goes."""
    opened = ELEMENT.match(source, begin)
    if opened is None:
        return None
    if opened[3]:
        return opened.end()
    inner, end = closing(source, opened[1], opened.end())
    return end if inner < end else None
