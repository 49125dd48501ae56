"""The files of a Tantivy index: whether they are the bytes that were written.

Each file ends with a footer: JSON with the CRC of what stands before it, the length of the JSON, and a number by which
it is known. Tantivy writes it and reads past it; a changed bit would give another answer, and nothing would say so.
"""

import json
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archive.errors import Outdated

META = "meta.json"
_TAIL = struct.Struct("<II")
_KNOWN_BY = 1337
_PIECE = 1 << 20
_KINDS = ("idx", "pos", "term", "fast", "fieldnorm", "store")


def damaged(folder: Path) -> Outdated:
    """Give the error for an index that is not what was written."""
    return Outdated(f"the search index in {folder} is damaged: beleg rebuild index")


class Sound:
    """Checks files of one folder, each once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._good: frozenset[str] = frozenset()

    def check(self) -> None:
        """Check every file of the last commit that was not checked yet.

        Raises:
            Outdated: one is not what was written.
        """
        names = frozenset(self._names())
        for name in names - self._good:
            try:
                good = _is_whole(self._folder / name)
            except FileNotFoundError:
                continue  # merged meanwhile; one that is really missing Tantivy refuses to open without
            if not good:
                raise damaged(self._folder)
        self._good = names

    def _names(self) -> Iterator[str]:
        try:
            segments = json.loads((self._folder / META).read_bytes())["segments"]
            for segment in segments:
                name = segment["segment_id"].replace("-", "")
                yield from (f"{name}.{kind}" for kind in _KINDS)
                if deletes := segment["deletes"]:
                    yield f"{name}.{deletes['opstamp']}.del"
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise damaged(self._folder) from error


def _is_whole(file: Path) -> bool:
    with file.open("rb") as stream:
        size = stream.seek(0, 2)
        if size < _TAIL.size:
            return False
        stream.seek(size - _TAIL.size)
        length, known_by = _TAIL.unpack(stream.read())
        end = size - _TAIL.size - length
        if known_by != _KNOWN_BY or end < 0:
            return False
        stream.seek(end)
        try:
            wanted = json.loads(stream.read(length))["crc"]
        except (ValueError, LookupError, TypeError):
            return False
        stream.seek(0)
        found = 0
        while end > 0 and (piece := stream.read(min(_PIECE, end))):
            found, end = zlib.crc32(piece, found), end - len(piece)
        return bool(found == wanted)


@contextmanager
def told(folder: Path) -> Iterator[None]:
    """Say that the index is damaged where Tantivy falls over what it reads."""
    try:
        yield
    except BaseException as error:
        if (
            isinstance(error, ValueError) or type(error).__name__ == "PanicException"
        ):  # of pyo3, which names it nowhere
            raise damaged(folder) from error
        raise
