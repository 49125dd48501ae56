"""Bytes to be captured: measured first, stored when a decision says that they are new."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import BinaryIO, cast

from archive.errors import UnreadableInput
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
    if length <= KEEP:
        return Measured(digest.digest(), length, in_memory(kept))
    known = digest.digest()
    return Measured(known, length, lambda: cast(BinaryIO, _Same(opener(), known)))


class _Same(io.RawIOBase):
    """A stream that must give the bytes that were measured: a file may change until it is sealed.

    Else a capture would be sealed that is not what it says, and the archive would never verify again.
    """

    def __init__(self, stream: BinaryIO, expected: bytes) -> None:
        self._stream, self._expected, self._digest = stream, expected, sha256()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """Read; raises UnreadableInput at the end if the bytes were others."""
        piece = self._stream.read(size)
        self._digest.update(piece)
        if not piece and self._digest.digest() != self._expected:
            raise UnreadableInput("a file changed while it was being ingested; run the command again")
        return piece

    def close(self) -> None:
        self._stream.close()
        super().close()
