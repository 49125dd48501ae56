"""Values of a JSON document as the exact bytes they occupy, wherever they lie, in flat memory.

Only the structure is looked at (RFC 8259 §2); whoever gets a value decodes it. So one broken element does
not take the others with it, and each can be quoted byte by byte.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from archive.errors import UnreadableInput
from archive.reading.json_stream import ELEMENT_CAP

Path = tuple[str | int, ...]
"""Names of members and positions in arrays from the root down."""
Choice = Callable[[Path], bool | None]
"""For each object or array: True gives it whole, False enters it, None passes over it."""
_CHUNK = 1 << 18
_DEPTH = 500
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+(")?|[\[\]{},:]|[^\s\[\]{},:"]++', re.DOTALL)
_INNER = re.compile(rb'"(?:[^"\\]++|\\.)*+(")?|[\[\]{}]', re.DOTALL)
_BOM = b"\xef\xbb\xbf"
_CLOSES = {0x5D: 0x5B, 0x7D: 0x7B}


class Value(NamedTuple):
    """A value at [start, end). Not ``whole``: cut off, or over the cap (data is then empty)."""

    path: Path
    start: int
    end: int
    data: bytes
    whole: bool

    @property
    def pointer(self) -> str:
        """The RFC 6901 pointer."""
        return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in self.path)


@dataclass(slots=True)
class _Frame:
    opened: int
    path: Path
    key: str | int | None
    awaits_key: bool


def walk(
    stream: BinaryIO, choose: Choice, *, offset: int = 0, cap: int = ELEMENT_CAP, chunk: int = _CHUNK
) -> Iterator[Value]:
    """Yield the chosen objects and arrays, and every scalar outside of them, in the order of the document.

    Raises UnreadableInput, after all that could be read, where the structure breaks or the document ends too
    early. Several roots one after the other are read one after the other. ``offset`` is where the stream stands
    in its member.
    """
    buffer = _Buffer(stream, offset, chunk, cap)
    stack: list[_Frame] = []
    while (match := buffer.token()) is not None:
        byte = buffer.data[match.start()]
        top = stack[-1] if stack else None
        if byte in b"]}":
            _close(stack, byte)
        elif byte == 0x2C:
            _next(top)
        elif byte == 0x3A:
            continue
        elif top is not None and top.awaits_key:
            top.key, top.awaits_key = _name(match), False
        else:
            path = () if top is None or top.key is None else (*top.path, top.key)
            if byte not in b"[{":
                start = buffer.base + match.start()
                closed = byte != 0x22 or bool(match[1])
                yield Value(path, start, start + len(match[0]), match[0], closed)
                continue
            choice = choose(path)
            if choice is False:
                _open(stack, byte, path)
                continue
            value = buffer.container(path, match.start(), keep=choice is True)
            if choice is True:
                yield value
            if not value.whole and buffer.ended:
                raise UnreadableInput("cut off: the JSON ends in the middle")
    if stack:
        raise UnreadableInput("cut off: the JSON ends in the middle")


def _open(stack: list[_Frame], byte: int, path: Path) -> None:
    if len(stack) >= _DEPTH:
        raise UnreadableInput("JSON nested deeper than the limit")
    stack.append(_Frame(byte, path, 0 if byte == 0x5B else None, awaits_key=byte == 0x7B))


def _close(stack: list[_Frame], byte: int) -> None:
    if not stack or stack[-1].opened != _CLOSES[byte]:
        raise UnreadableInput("broken JSON: a bracket closes what was not opened")
    stack.pop()


def _next(frame: _Frame | None) -> None:
    """A comma: the next position, or the next name."""
    if frame is None:
        raise UnreadableInput("broken JSON: a comma outside of arrays and objects")
    if isinstance(frame.key, int):
        frame.key += 1
    else:
        frame.awaits_key, frame.key = True, None


def _name(quoted: re.Match[bytes]) -> str:
    if not quoted[1]:
        raise UnreadableInput("broken JSON: a member without a name")
    try:
        return str(json.loads(quoted[0]))
    except ValueError:
        return quoted[0].decode("utf-8", "replace")


class _Buffer:
    """A window on the stream. Positions are relative to ``data``; ``base`` is where it begins in the
    stream."""

    def __init__(self, stream: BinaryIO, offset: int, chunk: int, cap: int) -> None:
        self._stream, self._chunk, self._cap = stream, chunk, cap
        self.data = stream.read(chunk)
        mark = len(_BOM) if self.data.startswith(_BOM) else 0
        self.base, self.data = offset + mark, self.data[mark:]
        self.at = 0
        self.ended = not self.data

    def _more(self, keep: int) -> None:
        """Drop what lies before ``keep`` and read on."""
        more = self._stream.read(max(self._chunk, len(self.data) - keep))
        self.ended = not more
        self.base += keep
        self.data = self.data[keep:] + more
        self.at = max(self.at - keep, 0)

    def token(self) -> re.Match[bytes] | None:
        """The next token; None at the end."""
        while True:
            match = _TOKEN.search(self.data, self.at)
            if match is None:
                if self.ended:
                    return None
                self._more(len(self.data))
                continue
            byte = self.data[match.start()]
            ends_here = match.end() == len(self.data) and byte not in b"[]{},:"
            if not self.ended and (not match[1] if byte == 0x22 else ends_here):
                if len(self.data) - match.start() > 2 * self._cap:
                    raise UnreadableInput("a JSON string longer than the limit")
                self._more(match.start())
                continue
            self.at = match.end()
            return match

    def container(self, path: Path, begin: int, *, keep: bool) -> Value:
        """The object or array that begins at ``begin``, up to its closing bracket."""
        start, depth, position = self.base + begin, 0, begin
        while True:
            for token in _INNER.finditer(self.data, position):
                byte = self.data[token.start()]
                if byte == 0x22:
                    if token.start(1) < 0 and not self.ended:
                        position = token.start()
                        break
                else:
                    depth += (byte in b"[{") - (byte in b"]}")
                    if not depth:
                        self.at = token.end()
                        data = self.data[begin : token.end()] if keep and begin >= 0 else b""
                        return Value(path, start, self.base + token.end(), data, whole=bool(data))
                position = token.end()
            else:
                position = len(self.data)
            if self.ended:
                self.at = len(self.data)
                return Value(path, start, self.base + len(self.data), b"", whole=False)
            if position - begin > self._cap:
                keep = False
            if len(self.data) - position > 2 * max(self._cap, self._chunk):
                raise UnreadableInput("a JSON string longer than the limit")
            drop = max(begin, 0) if keep else position
            self._more(drop)
            position -= drop
            begin = begin - drop if keep else -1
