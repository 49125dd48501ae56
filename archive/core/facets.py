"""Record keys, the twelve facets, their commitments, and the frame (FORMAT.md §3, §4)."""

import os
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256, shake_256
from struct import Struct
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from archive.core.canonical import decode_lines, encode, label
from archive.errors import FormatError

FACETS = (
    "what", "time", "author", "recipients", "targets", "title",
    "text", "body", "attachments", "reactions", "extra", "raw",
)  # fmt: skip
MAX_FACETS = 8 * 1024 * 1024
MAX_FRAME = 12 * 1024 * 1024
MAX_OBJECTS = 65_535

_KEY_LABEL = label("beleg/record-key/v1")
_FRAME_LABEL = label("beleg/frame/v1")
_OBJECT_ROW = Struct(">32sI")
_ABSENT = tuple(encode([name, None]) for name in FACETS)


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """An encrypted object as a frame names it: digest and length of the stored bytes."""

    sha256: bytes
    length: int


class RecordKey:
    """A record key and what is drawn from it. The key itself is never an AEAD key."""

    __slots__ = ("frame_key", "key", "object_key", "salts")

    def __init__(self, key: bytes | None = None) -> None:
        self.key = os.urandom(32) if key is None else key
        drawn = shake_256(_KEY_LABEL + self.key).digest(448)
        self.frame_key, self.object_key = drawn[:32], drawn[32:64]
        self.salts = tuple(drawn[at : at + 32] for at in range(64, 448, 32))


def facet_lines(values: Mapping[str, Any]) -> tuple[bytes, ...]:
    """Give the twelve canonical lines; a facet that is not in ``values`` is null."""
    unknown = values.keys() - set(FACETS)
    if unknown:
        raise FormatError(f"not a facet: {', '.join(sorted(unknown))}")
    return tuple(
        _ABSENT[i] if (value := values.get(name)) is None else encode([name, value])
        for i, name in enumerate(FACETS)
    )


def facet_commitments(salts: Sequence[bytes], lines: Sequence[bytes]) -> list[bytes]:
    """Give c_0 … c_11."""
    return [sha256(b"\2" + salt + line).digest() for salt, line in zip(salts, lines, strict=True)]


def commitment(commitments: Sequence[bytes]) -> bytes:
    """Give the commitment over twelve facet commitments."""
    return sha256(b"\3" + b"".join(commitments)).digest()


def read_lines(lines: Sequence[bytes]) -> dict[str, Any]:
    """Decode facet lines into name → value.

    Raises:
        FormatError: a line is not canonical, or not the facet that belongs there.
    """
    values: dict[str, Any] = dict.fromkeys(FACETS)
    if len(lines) != len(FACETS):
        raise FormatError("a record that has not twelve facets")
    present = [i for i, absent in enumerate(_ABSENT) if lines[i] != absent]
    for i, pair in zip(present, decode_lines([lines[i] for i in present]), strict=True):
        if not isinstance(pair, list) or len(pair) != 2 or pair[0] != FACETS[i]:
            raise FormatError(f"a facet line that is not {FACETS[i]}")
        values[FACETS[i]] = pair[1]
    return values


def object_list(objects: Sequence[ObjectRef]) -> bytes:
    """Give the part of a frame that names its objects."""
    if len(objects) > MAX_OBJECTS:
        raise FormatError(f"more than {MAX_OBJECTS} objects for one record")
    rows = b"".join(_OBJECT_ROW.pack(ref.sha256, ref.length) for ref in objects)
    return len(objects).to_bytes(2, "big") + rows


def split_frame(frame: bytes) -> tuple[list[ObjectRef], bytes]:
    """Take a frame apart: the objects it names, and its payload.

    Raises:
        FormatError: the frame is shorter than its list says.
    """
    count = int.from_bytes(frame[:2], "big")
    end = 2 + count * _OBJECT_ROW.size
    if len(frame) < end or len(frame) > MAX_FRAME:
        raise FormatError("a frame of impossible length")
    rows = _OBJECT_ROW.iter_unpack(frame[2:end])
    return [ObjectRef(digest, length) for digest, length in rows], frame[end:]


def seal_frame(
    key: RecordKey, origin: str, lines: Sequence[bytes], objects: Sequence[ObjectRef] = (), length: int = 0
) -> tuple[bytes, bytes]:
    """Encrypt facet lines, naming the record's objects and the ``length`` of its object string.

    Returns:
        (frame, commitment)
    """
    text = b"\n".join(lines)
    if len(text) > MAX_FACETS:
        raise FormatError(f"facets of more than {MAX_FACETS} bytes")
    committed = commitment(facet_commitments(key.salts, lines))
    packed = zlib.compress(text, 3)
    plain = length.to_bytes(8, "big") + len(packed).to_bytes(4, "big") + packed
    plain += bytes(-len(plain) % 64)
    head, nonce = object_list(objects), os.urandom(12)
    aad = _FRAME_LABEL + label(origin) + committed + head
    return head + nonce + AESGCM(key.frame_key).encrypt(nonce, plain, aad), committed


def open_frame(key: RecordKey, origin: str, frame: bytes, committed: bytes) -> tuple[tuple[bytes, ...], int]:
    """Decrypt a frame, and let nothing out before the commitment was recomputed.

    Returns:
        (the twelve facet lines, the length of the record's object string)

    Raises:
        FormatError: the key does not open it, or it is not what was committed to.
    """
    _, payload = split_frame(frame)
    head = frame[: len(frame) - len(payload)]
    if len(payload) < 12 + 64 + 16 or (len(payload) - 28) % 64:
        raise FormatError("an encrypted frame of impossible length")
    try:
        plain = AESGCM(key.frame_key).decrypt(
            payload[:12], payload[12:], _FRAME_LABEL + label(origin) + committed + head
        )
    except InvalidTag as error:
        raise FormatError("a frame that its key does not open") from error
    lines = tuple(_inflate(plain[8:]).split(b"\n"))
    if len(lines) != len(FACETS):
        raise FormatError("a frame that does not hold twelve facets")
    if commitment(facet_commitments(key.salts, lines)) != committed:
        raise FormatError("a frame that is not what its leaf commits to")
    return lines, int.from_bytes(plain[:8], "big")


def _inflate(plain: bytes) -> bytes:
    length = int.from_bytes(plain[:4], "big")
    packed, padding = plain[4 : 4 + length], plain[4 + length :]
    if len(packed) != length or len(padding) >= 64 or padding.strip(b"\0"):
        raise FormatError("a frame whose padding is wrong")
    inflater = zlib.decompressobj()
    try:
        text = inflater.decompress(packed, MAX_FACETS)
    except zlib.error as error:
        raise FormatError("a frame that does not inflate") from error
    if not inflater.eof or inflater.unconsumed_tail or inflater.unused_data:
        raise FormatError("a frame that inflates to more than is allowed, or has a tail")
    return text


def clear_frame(body: Mapping[str, Any], objects: Sequence[ObjectRef] = ()) -> bytes:
    """Give the frame of a clear record."""
    return object_list(objects) + encode(body)
