"""Encrypted objects: parts of captures, attachments and long texts (FORMAT.md §7)."""

import os
from collections.abc import Iterator
from hashlib import sha256
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from archive.core.canonical import label
from archive.core.facets import ObjectRef, RecordKey
from archive.errors import FormatError

PART = 8 * 1024 * 1024
STEP = 4096
MAX_OBJECT = PART + 28

_LABEL = label("beleg/object/v1")


class Readable(Protocol):
    """What is needed of a stream."""

    def read(self, size: int, /) -> bytes:
        """Give at most ``size`` bytes; none at the end."""
        ...


def _aad(origin: str, part: int, last: bool) -> bytes:
    return _LABEL + label(origin) + part.to_bytes(4, "big") + (b"\1" if last else b"\0")


def seal_parts(key: RecordKey, origin: str, content: Readable) -> Iterator[tuple[ObjectRef, bytes]]:
    """Cut a stream into parts and encrypt each; memory is bounded by two parts."""
    cipher, part = AESGCM(key.object_key), 0
    chunk = _read_full(content)
    while True:
        following = _read_full(content) if len(chunk) == PART else b""
        padded = chunk + bytes(-len(chunk) % STEP) if chunk else bytes(STEP)
        nonce = os.urandom(12)
        stored = nonce + cipher.encrypt(nonce, padded, _aad(origin, part, not following))
        yield ObjectRef(sha256(stored).digest(), len(stored)), stored
        if not following:
            return
        chunk, part = following, part + 1


def _read_full(content: Readable) -> bytes:
    pieces: list[bytes] = []
    missing = PART
    while missing and (piece := content.read(missing)):
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)


def open_part(key: RecordKey, origin: str, stored: bytes, part: int, last: bool) -> bytes:
    """Decrypt one part, padding included.

    Raises:
        FormatError: the key does not open it at this position.
    """
    if not 12 + STEP + 16 <= len(stored) <= MAX_OBJECT:
        raise FormatError("an object of impossible length")
    try:
        return AESGCM(key.object_key).decrypt(stored[:12], stored[12:], _aad(origin, part, last))
    except InvalidTag as error:
        raise FormatError("an object that its key does not open") from error
