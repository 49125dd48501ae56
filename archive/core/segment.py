"""The segment of FORMAT.md §9: a signed header, and regions that tile the object."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from struct import Struct
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.core import signed_note
from archive.core.canonical import unhex
from archive.errors import FormatError

MAGIC = b"BELEGSG1"
MAX_RECORDS = 4096
MAX_SEGMENT = 64 * 1024 * 1024
CLOSE_AT = 16 * 1024 * 1024
MAX_HEADER = 4096
NO_SLOT = 0xFFFF
SLOT_HASH = 32

_ROW = Struct(">IHHII")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,15}")
_FIELDS = (
    "origin",
    "writer",
    "batch",
    "first",
    "count",
    "time",
    "previous",
    "last",
    "index",
    "page",
    "slots",
)


@dataclass(frozen=True, slots=True)
class Header:
    """What the writer signs; ``batch``, ``page``, ``slots`` are None where all records are clear."""

    origin: str
    writer: str
    batch: bytes | None
    first: int
    count: int
    time: int
    previous: bytes
    last: bytes
    index: bytes
    page: bytes | None
    slots: bytes | None

    def text(self) -> str:
        """Give the text to sign."""
        values = (getattr(self, name) for name in _FIELDS)
        lines = (f"{name} {_word(value)}\n" for name, value in zip(_FIELDS, values, strict=True))
        return "beleg/segment/v1\n" + "".join(lines)


def _word(value: object) -> str:
    if value is None:
        return "none"
    return value.hex() if isinstance(value, bytes) else str(value)


def writer_name(origin: str, writer: str) -> str:
    """Give the signed-note key name of a writer."""
    return f"{origin}/writer/{writer}"


class Row(NamedTuple):
    """Where a record lies in its segment; ``slot`` within its key page, None for a clear record."""

    leaf_offset: int
    leaf_length: int
    slot: int | None
    frame_offset: int
    frame_length: int


class Segment:
    """A segment taken apart. Nothing is judged yet but the shape: regions tile, hashes of the header fit."""

    def __init__(self, data: bytes) -> None:
        """Take ``data`` apart.

        Raises:
            FormatError: the bytes are not a segment.
        """
        if data[:8] != MAGIC or not 12 <= len(data) <= MAX_SEGMENT:
            raise FormatError("an object that is not a segment")
        length = int.from_bytes(data[8:12], "big")
        if length > MAX_HEADER or 12 + length > len(data):
            raise FormatError("a segment header of impossible length")
        self.data = data
        self.header_note = data[12 : 12 + length]
        """The signed header as stored."""
        self.note = signed_note.parse(self.header_note)
        if len(self.note.signatures) != 1:
            raise FormatError("a segment header without exactly one signature")
        self.header = parse_header(self.note.text)
        start = 12 + length
        self._leaves = start + self.header.count * _ROW.size
        if self._leaves > len(data):
            raise FormatError("a segment that is too short for its index table")
        table = data[start : self._leaves]
        if sha256(table).digest() != self.header.index:
            raise FormatError("an index table that is not the one signed")
        self.rows = self._parse_rows(table)
        self._check_tail()

    def _parse_rows(self, table: bytes) -> list[Row]:
        rows: list[Row] = []
        leaf_at = frame_at = slots = 0
        for leaf_offset, leaf_length, slot, frame_offset, frame_length in _ROW.iter_unpack(table):
            if leaf_offset != leaf_at + 2 or frame_offset != frame_at:
                raise FormatError("an index table that does not tile the segment")
            slots += slot != NO_SLOT
            leaf_at, frame_at = leaf_offset + leaf_length, frame_offset + frame_length
            rows.append(
                Row(leaf_offset, leaf_length, None if slot == NO_SLOT else slot, frame_offset, frame_length)
            )
        self._frames = self._leaves + leaf_at
        self._slot_hashes = self._frames + frame_at
        self.slots = slots
        return rows

    def _check_tail(self) -> None:
        header = self.header
        if self._slot_hashes + self.slots * SLOT_HASH != len(self.data):
            raise FormatError("a segment whose regions do not tile it")
        present = (header.batch is not None, header.page is not None, header.slots is not None)
        if present != (bool(self.slots),) * 3:
            raise FormatError("a segment header whose key page does not fit its records")
        if header.slots is not None and sha256(self.data[self._slot_hashes :]).digest() != header.slots:
            raise FormatError("a list of slot hashes that is not the one signed")
        at = self._leaves
        for row in self.rows:
            if int.from_bytes(self.data[at : at + 2], "big") != row.leaf_length:
                raise FormatError("a leaf whose length is not that of its row")
            at += 2 + row.leaf_length

    def leaf(self, ordinal: int) -> bytes:
        """Give the leaf of the record ``first + ordinal``."""
        start = self._leaves + self.rows[ordinal].leaf_offset
        return self.data[start : start + self.rows[ordinal].leaf_length]

    def frame(self, ordinal: int) -> bytes:
        """Give the frame of the record ``first + ordinal``."""
        start = self._frames + self.rows[ordinal].frame_offset
        return self.data[start : start + self.rows[ordinal].frame_length]

    def leaves(self) -> Iterator[bytes]:
        """Give all leaves in order."""
        return map(self.leaf, range(self.header.count))

    @cached_property
    def slot_hashes(self) -> list[bytes]:
        """Give the slot hashes as listed."""
        start = self._slot_hashes
        return [self.data[at : at + SLOT_HASH] for at in range(start, len(self.data), SLOT_HASH)]


def parse_header(text: str) -> Header:
    """Read the text of a segment header.

    Raises:
        FormatError: other lines than format 1 has.
    """
    lines = text.split("\n")
    if len(lines) != len(_FIELDS) + 2 or lines[0] != "beleg/segment/v1" or lines[-1]:
        raise FormatError("a segment header with other lines than format 1 has")
    words: dict[str, str] = {}
    for name, line in zip(_FIELDS, lines[1:], strict=False):
        key, _, value = line.partition(" ")
        if key != name:
            raise FormatError(f"a segment header without its line {name}")
        words[name] = value
    numbers = [words[name] for name in ("first", "count", "time")]
    if not all(_NUMBER.fullmatch(number) for number in numbers):
        raise FormatError("a segment header with a malformed number")
    first, count, time = map(int, numbers)
    if not 1 <= count <= MAX_RECORDS:
        raise FormatError("a segment with an impossible number of records")

    def optional(name: str, length: int) -> bytes | None:
        return None if words[name] == "none" else unhex(words[name], length)

    return Header(
        words["origin"], unhex(words["writer"], 16).hex(), optional("batch", 16), first, count, time,
        unhex(words["previous"], 32), unhex(words["last"], 32), unhex(words["index"], 32),
        optional("page", 32), optional("slots", 32),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sealed:
    """The parts of a segment before its header is signed: what the header must say follows from them."""

    batch: bytes | None
    page: bytes | None
    slot_hashes: Sequence[bytes]
    first: int
    time: int
    previous: bytes
    last: bytes
    leaves: Sequence[bytes]
    frames: Sequence[bytes]
    slots: Sequence[int | None]


def build(origin: str, sealed: Sealed, writer: str, private: Ed25519PrivateKey) -> bytes:
    """Lay out and sign a segment."""
    table, leaf_at, frame_at = bytearray(), 0, 0
    region = bytearray()
    for leaf, frame, slot in zip(sealed.leaves, sealed.frames, sealed.slots, strict=True):
        table += _ROW.pack(leaf_at + 2, len(leaf), NO_SLOT if slot is None else slot, frame_at, len(frame))
        leaf_at, frame_at = leaf_at + 2 + len(leaf), frame_at + len(frame)
        region += len(leaf).to_bytes(2, "big") + leaf
    hashes = b"".join(sealed.slot_hashes)
    header = Header(
        origin=origin,
        writer=writer,
        batch=sealed.batch,
        first=sealed.first,
        count=len(sealed.leaves),
        time=sealed.time,
        previous=sealed.previous,
        last=sealed.last,
        index=sha256(table).digest(),
        page=sealed.page,
        slots=sha256(hashes).digest() if hashes else None,
    )
    note = signed_note.sign(header.text(), writer_name(origin, writer), private)
    return b"".join([MAGIC, len(note).to_bytes(4, "big"), note, table, region, *sealed.frames, hashes])
