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
from archive.reading.json_stream import ELEMENT_CAP, pass_string

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


class _Token(NamedTuple):
    """A token at [start, end) of the member; of a string that is not ``whole`` only the beginning is kept."""

    start: int
    end: int
    data: bytes
    whole: bool


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
    while (token := buffer.token()) is not None:
        byte = token.data[0]
        top = stack[-1] if stack else None
        if byte in b"]}":
            _close(stack, byte)
        elif byte == 0x2C:
            _next(top)
        elif byte == 0x3A:
            continue
        elif top is not None and top.awaits_key:
            top.key, top.awaits_key = _name(token), False
        else:
            path = () if top is None or top.key is None else (*top.path, top.key)
            if byte not in b"[{":
                fits = token.end - token.start <= cap
                yield Value(path, token.start, token.end, token.data if fits else b"", token.whole and fits)
                continue
            choice = choose(path)
            if choice is False:
                _open(stack, byte, path)
                continue
            value = buffer.container(path, token.start - buffer.base, keep=choice is True)
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


def _name(quoted: _Token) -> str:
    if not quoted.whole or not quoted.data.startswith(b'"'):
        raise UnreadableInput("broken JSON: a member without a name")
    try:
        return str(json.loads(quoted.data))
    except ValueError:
        return quoted.data.decode("utf-8", "replace")


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
        more = self._stream.read(max(self._chunk, min(len(self.data) - keep, self._cap // 4)))
        self.ended = not more
        self.base += keep
        self.data = self.data[keep:] + more
        self.at = max(self.at - keep, 0)

    def token(self) -> _Token | None:
        """The next token; None at the end."""
        while True:
            match = _TOKEN.search(self.data, self.at)
            if match is None:
                if self.ended:
                    return None
                self._more(len(self.data))
                continue
            start = self.base + match.start()
            byte = self.data[match.start()]
            closed = byte != 0x22 or bool(match[1])
            ends_here = match.end() == len(self.data) and byte not in b"[]{},:"
            if not self.ended and (not closed if byte == 0x22 else ends_here):
                if len(self.data) - match.start() <= self._cap:
                    self._more(match.start())
                    continue
                if byte != 0x22:
                    raise UnreadableInput("a JSON number or word longer than the limit")
                self._pass_string(match.start())
                return _Token(start, self.base, b'"', whole=False)
            self.at = match.end()
            return _Token(start, self.base + self.at, match[0], closed)

    def _pass_string(self, begin: int) -> None:
        """Go behind a string that is longer than the limit; ``base`` is then where it ends."""
        length, rest = pass_string(self._stream, self.data[begin:], self._chunk)
        self.base, self.data, self.at = self.base + begin + length, rest, 0

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
                        fits = keep and begin >= 0 and token.end() - begin <= self._cap
                        data = self.data[begin : token.end()] if fits else b""
                        return Value(path, start, self.base + token.end(), data, whole=bool(data))
                position = token.end()
            else:
                position = len(self.data)
            if self.ended:
                self.at = len(self.data)
                return Value(path, start, self.base + len(self.data), b"", whole=False)
            if len(self.data) - begin > self._cap:
                keep = False
                if position < len(self.data):
                    self._pass_string(position)
                    begin, position = -1, 0
                    continue
            drop = max(begin, 0) if keep else position
            self._more(drop)
            position -= drop
            begin = begin - drop if keep else -1
