"""Bytes to be captured: measured first, stored when a decision says that they are new."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import BinaryIO

from archive.services.ingest.batch import in_memory

KEEP = 256 * 1024
CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Measured:
    """Digest and length of some bytes, and a way to read them (again)."""

    sha256: bytes
    length: int
    open: Callable[[], BinaryIO]


def measure(opener: Callable[[], BinaryIO]) -> Measured:
    """Read a stream once; small ones are kept in memory so that they need not be opened again."""
    digest, length, kept = sha256(), 0, b""
    with opener() as stream:
        while piece := stream.read(CHUNK):
            digest.update(piece)
            length += len(piece)
            kept = kept + piece if length <= KEEP else b""
    return Measured(digest.digest(), length, in_memory(kept) if length <= KEEP else opener)
