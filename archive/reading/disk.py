"""Files on disk, opened so that trouble in reading them surfaces as UnreadableInput, wherever it is met."""

import io
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from archive.errors import UnreadableInput

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_BUFFER = 1 << 17


def open_file(file: Path) -> BinaryIO:
    """Open for reading, buffered and seekable. Raises UnreadableInput, here or while reading."""
    try:
        return io.BufferedReader(_File(file), _BUFFER)
    except OSError as error:
        raise UnreadableInput(f"cannot be opened: {error.strerror}") from error


class _File(io.FileIO):
    def readinto(self, buffer: "WriteableBuffer", /) -> int | None:
        try:
            return super().readinto(buffer)
        except OSError as error:
            raise UnreadableInput(f"cannot be read: {error.strerror}") from error

    def readall(self) -> bytes:
        try:
            return super().readall()
        except OSError as error:
            raise UnreadableInput(f"cannot be read: {error.strerror}") from error
