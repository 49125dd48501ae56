"""CAR files: blocks by their name, DAG-CBOR, and the walk over the Merkle search tree.

Authority: ipld.io (CAR 1, DAG-CBOR), atproto.com/specs/repository. Everything is bounded: lengths before they are
read, depth, paths, and how much is read for a file of this size, however often the tree names one block.
"""

import base64
import hashlib
import struct
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

from archive.errors import UnreadableInput

BLOCK_CAP = 8 << 20
"""Bytes of one block; the specification allows 1 MB for a record."""
_MOST_BLOCKS = 5_000_000
_NODE_CAP = 1 << 20
"""Bytes of a commit or a node of the tree."""
_PATH_CAP = 1024
"""Bytes of a path; the specification allows no more."""
_DEPTH = 64
_CID = 36
"""Bytes of a CID of version 1 with SHA-256: version, codec, hash kind, length, digest."""
_SHA_256 = b"\x12\x20"


class Link(str):
    """A link to another block, by its CID in base32."""

    __slots__ = ()


class Block(NamedTuple):
    """A block at [start, end) of the file."""

    start: int
    end: int


class Broken(ValueError):
    """Bytes that are no DAG-CBOR, or no block."""


def cid_text(data: bytes) -> str:
    """A CID as it is written: base32 with ``b`` before it."""
    return "b" + base64.b32encode(data).decode().rstrip("=").lower()


def read_cbor(data: bytes) -> Any:
    """Decode one DAG-CBOR value. Raises Broken."""
    value, end = _value(data, 0, 0)
    if end != len(data):
        raise Broken("bytes behind the value")
    return value


def read_cbor_at(data: bytes, at: int) -> tuple[Any, int]:
    """Decode the DAG-CBOR value that begins at ``at``; give it and where it ends. Raises Broken."""
    return _value(data, at, 0)


def _value(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    if at >= len(data) or depth > _DEPTH:
        raise Broken("cut off, or nested deeper than the limit")
    kind, small = data[at] >> 5, data[at] & 31
    at += 1
    if kind == 7:
        return _simple(data, small, at)
    if small < 24:
        number = small
    elif small in (24, 25, 26, 27):
        width = 1 << (small - 24)
        number = int.from_bytes(data[at : at + width])
        at += width
    else:
        raise Broken("a length that is not definite")
    if kind == 0:
        return number, at
    if kind == 1:
        return -1 - number, at
    if kind in (2, 3):
        if number > len(data) - at:
            raise Broken("cut off")
        piece = data[at : at + number]
        return (piece if kind == 2 else piece.decode("utf-8", "replace")), at + number
    if kind == 6:
        inner, at = _value(data, at, depth + 1)
        if number != 42 or not isinstance(inner, bytes) or inner[:1] != b"\0":
            raise Broken("a tag that DAG-CBOR does not know")
        return Link(cid_text(inner[1:])), at
    if number > len(data) - at:
        raise Broken("cut off")
    return _many(data, at, depth, kind, number)


def _simple(data: bytes, small: int, at: int) -> tuple[Any, int]:
    if small in (20, 21, 22):
        return {20: False, 21: True, 22: None}[small], at
    if small == 27 and at + 8 <= len(data):
        return str(struct.unpack(">d", data[at : at + 8])[0]), at + 8
    raise Broken("a value that DAG-CBOR does not know")


def _many(data: bytes, at: int, depth: int, kind: int, number: int) -> tuple[Any, int]:
    if kind == 4:
        values = []
        for _ in range(number):
            value, at = _value(data, at, depth + 1)
            values.append(value)
        return values, at
    named: dict[str, Any] = {}
    for _ in range(number):
        name, at = _value(data, at, depth + 1)
        if not isinstance(name, str) or name in named:
            raise Broken("a name that is none, or that comes twice: DAG-CBOR knows neither")
        named[name], at = _value(data, at, depth + 1)
    return named, at


class Car:
    """The blocks of a CAR file by CID. The stream must stay open."""

    def __init__(self, stream: BinaryIO) -> None:
        """Raises UnreadableInput if it is none; a block that is cut off ends the list."""
        self._stream = stream
        self._size = stream.seek(0, 2)
        self._left = 2 * self._size + _NODE_CAP
        """Bytes that may still be read: each block once is half of it."""
        stream.seek(0)
        self.blocks: dict[str, Block] = {}
        self.broken: list[Block] = []
        """Stretches that hold no block; neighbours are one."""
        header = self._header()
        self.roots = [root for root in header.get("roots", []) if isinstance(root, Link)]
        self._index()

    def _header(self) -> dict[str, Any]:
        length = self._varint()
        if length is None or not 0 < length < 1 << 16:
            raise UnreadableInput("no CAR file: it begins with no header")
        try:
            header = read_cbor(self._stream.read(length))
        except Broken as error:
            raise UnreadableInput(f"no CAR file: {error}") from error
        if not isinstance(header, dict) or not isinstance(header.get("roots"), list):
            raise UnreadableInput("no CAR file: a header without roots")
        return header

    def _varint(self) -> int | None:
        number = shift = 0
        while byte := self._stream.read(1):
            number |= (byte[0] & 0x7F) << shift
            shift += 7
            if byte[0] < 0x80:
                return number
            if shift > 63:
                raise UnreadableInput("a length in a CAR file that is none")
        return None

    def _index(self) -> None:
        for _ in range(_MOST_BLOCKS):
            length = self._varint()
            if length is None:
                return
            begin = self._stream.tell()
            if length == 0 or begin + length > self._size + BLOCK_CAP:
                self._no_block(
                    begin, self._size
                )  # padding, or a length that lies: nothing behind it is found
                return
            head = self._stream.read(min(length, _CID))
            if length > BLOCK_CAP or len(head) < _CID or head[2:4] != _SHA_256:
                self._no_block(begin, begin + length)
            else:
                self.blocks.setdefault(cid_text(head), Block(begin + _CID, begin + length))
            self._stream.seek(begin + length)
        if self._stream.tell() < self._size:
            self._no_block(self._stream.tell(), self._size)

    def _no_block(self, begin: int, end: int) -> None:
        if self.broken and begin - self.broken[-1].end <= 10:  # nothing but a length between them
            begin = self.broken.pop().start
        self.broken.append(Block(begin, end))

    def read(self, cid: str) -> bytes | None:
        """The bytes of a block; None if it is not here. Raises Broken if they are not what the CID says, or if
        the same blocks were read so often that the file multiplies."""
        block = self.blocks.get(cid)
        if block is None:
            return None
        self._left -= block.end - block.start
        if self._left < 0:
            raise Broken("named so often that all of it would be many times the file")
        self._stream.seek(block.start)
        data = self._stream.read(block.end - block.start)
        padded = cid[1:].upper() + "=" * (-len(cid[1:]) % 8)
        if hashlib.sha256(data).digest() != base64.b32decode(padded)[4:]:
            raise Broken("a block that is not what its name says")
        return data


class Entry(NamedTuple):
    """A record of the tree: its path ``collection/key`` and its CID."""

    path: str
    cid: str


class Tree:
    """The walk from the commit: records in order; ``missing`` are nodes that are not in the file, ``broken`` what
    is no commit and no node."""

    def __init__(self, car: Car) -> None:
        self._car = car
        self.did: str | None = None
        self.reached: set[str] = set()
        self.missing = 0
        self.broken = 0

    def entries(self) -> Iterator[Entry]:
        """Yield the records that the commit names; ``did`` is the account of the commit in hand."""
        self.broken += not self._car.roots
        for root in self._car.roots:
            commit = self._load(root)
            if not isinstance(commit, dict):
                continue
            did, top = commit.get("did"), commit.get("data")
            self.did = did if isinstance(did, str) else None
            if isinstance(top, Link):
                yield from self._walk(top)
            else:
                self.broken += 1

    def _load(self, cid: str) -> Any:
        self.reached.add(cid)
        try:
            data = self._car.read(cid)
            if data is not None and len(data) > _NODE_CAP:
                raise Broken("a commit or node larger than the limit")
            value = None if data is None else read_cbor(data)
        except Broken:
            self.broken += 1
            return None
        self.missing += data is None
        return value

    def _walk(self, top: Link) -> Iterator[Entry]:
        waiting: list[Link | Entry] = [top]
        while waiting:
            one = waiting.pop()
            if isinstance(one, Entry):
                self.reached.add(one.cid)
                yield one
                continue
            if one in self.reached:
                continue
            node = self._load(one)
            if isinstance(node, dict):
                waiting.extend(reversed(list(self._parts(node))))

    def _parts(self, node: dict[str, Any]) -> Iterator[Link | Entry]:
        """The left subtree, then each record with the subtree behind it."""
        if isinstance(node.get("l"), Link):
            yield node["l"]
        before = b""
        for entry in node.get("e") or ():
            if not isinstance(entry, dict):
                continue
            prefix, rest = entry.get("p"), entry.get("k")
            if isinstance(prefix, int) and isinstance(rest, bytes) and isinstance(entry.get("v"), Link):
                before = before[: max(prefix, 0)] + rest
                if len(before) > _PATH_CAP:
                    self.broken += 1
                    return
                yield Entry(before.decode("utf-8", "replace"), entry["v"])
            if isinstance(entry.get("t"), Link):
                yield entry["t"]
