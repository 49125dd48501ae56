"""One zip container: its entries with their names checked, opened as seekable streams that fail cleanly.

Built on ``zipfile`` (zip64, deflate, bzip2, LZMA). Declared sizes are binding there: a stream gives at most
the declared number of bytes and then compares the CRC, so a lying entry cannot expand beyond the limits.
"""

import contextlib
import io
import itertools
import re
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, Self

from archive.errors import UnreadableInput
from archive.reading.salvage import salvaged

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
"""What ``zipfile`` raises on bytes that are not what the directory says (measured with mutated files)."""
_ABSOLUTE = re.compile(r"/|[A-Za-z]:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_BUFFER = 1 << 17
_LOCAL_HEADER = 30
_ENCRYPTED = 0x1
_NAME_IS_UTF8 = 0x800


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: ``problem`` says why it must not be opened, if so."""

    name: str
    size: int
    compressed: int
    problem: str | None
    open: Callable[[], BinaryIO]


class Zip:
    """An open zip."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self.damage: str | None = None
        """That the directory is lost, and what could be found without it."""
        try:
            self._file = zipfile.ZipFile(source)
        except _BROKEN as error:
            self._file = self._without_directory(source, error)

    def _without_directory(self, source: BinaryIO, error: Exception) -> zipfile.ZipFile:
        try:
            whole = salvaged(source)
            file = zipfile.ZipFile(whole) if whole else None
        except (*_BROKEN, OSError):
            file = None
        if file is None:
            source.close()
            raise UnreadableInput("zip without a readable directory (cut off or damaged)") from error
        found = len(file.infolist())
        self.damage = f"zip without a readable directory (cut off or damaged); {found} whole entries found"
        return file

    @classmethod
    def on_disk(cls, path: Path) -> Self:
        """Open a zip that is a file."""
        return cls(path.open("rb"))

    @classmethod
    def spooled(cls, opener: Callable[[], BinaryIO]) -> Self:
        """Open a zip that lies in another one, by way of an unnamed temporary copy: its directory is at the
        end."""
        copy = tempfile.TemporaryFile()  # noqa: SIM115  (closed with the container)
        try:
            with opener() as stream:
                shutil.copyfileobj(stream, copy, _BUFFER)
            copy.seek(0)
            return cls(copy)
        except BaseException:
            copy.close()
            raise

    def close(self) -> None:
        """Release the file. Streams still open keep it until they are closed."""
        self._file.close()
        self._source.close()

    def names(self) -> Iterator[str]:
        """The names as the directory has them."""
        return (info.filename for info in self._file.infolist())

    def entries(self) -> Iterator[Entry]:
        """The entries that are no folders, in the order of the directory."""
        overlapping = _overlapping(self._file.infolist())
        for info in self._file.infolist():
            name = _name(info)
            if name.endswith("/"):
                continue
            problem = _problem(info, name) or (
                "entries overlap in the zip" if info.header_offset in overlapping else None
            )
            yield Entry(name, info.file_size, info.compress_size, problem, self._opener(info))

    def _opener(self, info: zipfile.ZipInfo) -> Callable[[], BinaryIO]:
        def opener() -> BinaryIO:
            try:
                inner = self._file.open(info)
            except _BROKEN as error:
                raise UnreadableInput("zip entry is damaged or of an unknown kind") from error
            return io.BufferedReader(_Guarded(inner), _BUFFER)

        return opener


class _Guarded(io.RawIOBase):
    """A zip entry whose damage surfaces as UnreadableInput, wherever it is met."""

    def __init__(self, inner: IO[bytes]) -> None:
        super().__init__()
        self._inner = inner

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        view = memoryview(buffer).cast("B")
        try:
            data = self._inner.read(len(view))
        except _BROKEN as error:
            raise UnreadableInput("zip entry is damaged: its bytes do not fit the directory") from error
        view[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        try:
            return self._inner.seek(offset, whence)
        except _BROKEN as error:
            raise UnreadableInput("zip entry is damaged: its bytes do not fit the directory") from error

    def tell(self) -> int:
        return self._inner.tell()

    def close(self) -> None:
        if not self.closed:
            self._inner.close()
        super().close()


def starts_like_a_zip(stream: BinaryIO) -> bool:
    """A local file header, or the end record of an empty zip (APPNOTE 4.3.7, 4.3.16)."""
    return stream.read(4) in (b"PK\x03\x04", b"PK\x05\x06")


def is_office_document(container: Zip) -> bool:
    """OOXML, OpenDocument, EPUB and JAR are zips by technique only: they stay one member."""
    return any(
        name in {"[Content_Types].xml", "mimetype", "META-INF/MANIFEST.MF"} for name in container.names()
    )


def _name(info: zipfile.ZipInfo) -> str:
    """The name; UTF-8 without the flag (common on macOS and phones) is recognised; ``\\`` separates as on
    Windows."""
    name = info.orig_filename
    if not info.flag_bits & _NAME_IS_UTF8:
        with contextlib.suppress(ValueError):  # else cp437, as the format says
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _problem(info: zipfile.ZipInfo, name: str) -> str | None:
    if _ABSOLUTE.match(name):
        return "absolute name in a zip"
    if ".." in name.split("/"):
        return "name leads out of the zip"
    if not name or _CONTROL.search(name):
        return "empty name or control characters in it"
    if info.flag_bits & _ENCRYPTED:
        return "encrypted entry"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "symbolic link in a zip"
    return None


def _overlapping(infos: list[zipfile.ZipInfo]) -> set[int]:
    """Offsets of entries whose bytes reach into the next one: a bomb by sharing (Fifield 2019)."""
    found: set[int] = set()
    ordered = sorted(infos, key=lambda info: info.header_offset)
    for info, after in itertools.pairwise(ordered):
        if info.header_offset + _LOCAL_HEADER + info.compress_size > after.header_offset:
            found.update((info.header_offset, after.header_offset))
    return found
