"""Files of a bundle: written once, hashed on the way, listed."""

import fcntl
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import file_digest, sha256
from pathlib import Path
from typing import BinaryIO

from archive.errors import FormatError, Refused, UsageError

PATH = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*")
MAX_PATH = 120
UNFINISHED = "UNFINISHED"
"""Lies in a bundle that is being written. No checker knows it: a half bundle passes nowhere."""


MARK = "This bundle was not finished. Export into this folder again, or delete it.\n"
ORIGINALS = "bag/data/originals"
TOP = (
    "bag", "signatures", "certificates", "README.txt", "VERIFY.txt", "verify.py", "START_verify.html",
)  # fmt: skip
"""All that lies at the top of a bundle."""


class HashedFile:
    """A file that is written from start to end, and hashed on the way."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._hash = sha256()
        self.length = 0

    def write(self, data: bytes) -> None:
        """Append bytes."""
        self._stream.write(data)
        self._hash.update(data)
        self.length += len(data)

    def sha256(self) -> str:
        """Give the digest of everything written so far."""
        return self._hash.hexdigest()


class Folder:
    """The bundle's folder; ``digests`` and ``lengths`` of every file written, by path."""

    def __init__(self, root: Path) -> None:
        """Take a new or empty folder, or one in which a bundle was left unfinished.

        Of that one only originals stay: their names are their digests, so each says itself whether it is whole.

        Raises:
            UsageError: the folder holds something else, or another export writes into it.
        """
        self.root = root
        self.digests: dict[str, str] = {}
        self.lengths: dict[str, int] = {}
        self.kept: dict[str, int] = {}
        """Path and length of what is there already; what nobody asks for is deleted in the end."""
        self.too_large = 0
        """Documents that are larger, with their files, than a volume was to be."""
        if root.exists() and (not root.is_dir() or any(root.iterdir())) and not _is_left(root):
            raise UsageError(f"{root} is not an empty folder; a bundle goes into a new one")
        root.mkdir(parents=True, exist_ok=True)
        self._mark = _locked(root / UNFINISHED)
        self._take_up()

    def __enter__(self) -> "Folder":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        """Take away the mark of an unfinished bundle.

        What cannot be handed out leaves nothing behind; what was interrupted, or found a place or the disk wanting,
        stays to be taken up again.
        """
        try:
            if kind is None:
                for path in self.kept:
                    self._forget(path)
                (self.root / UNFINISHED).unlink()
            elif issubclass(kind, UsageError | Refused | FormatError):
                for found in self.root.iterdir():
                    shutil.rmtree(found) if found.is_dir() else found.unlink()
        finally:
            os.close(self._mark)  # and with it the lock

    def _take_up(self) -> None:
        originals = self.root / ORIGINALS
        every = [found for name in TOP for found in (self.root / name, *(self.root / name).rglob("*"))]
        for found in sorted(filter(_is_there, every), reverse=True):
            if found.is_dir() and not found.is_symlink():
                if not any(found.iterdir()):
                    found.rmdir()
            elif found.is_file() and originals in found.parents and _is_whole(found):
                self.kept[str(found.relative_to(self.root))] = found.stat().st_size
            else:
                found.unlink()

    def _forget(self, path: str) -> None:
        (self.root / path).unlink()
        if not any((self.root / path).parent.iterdir()):
            (self.root / path).parent.rmdir()

    def keep(self, path: str, digest: str, length: int) -> bool:
        """List an original that is there from before; False if it is not."""
        if self.kept.get(path) != length:
            return False
        del self.kept[path]
        self.digests[path], self.lengths[path] = digest, length
        return True

    @contextmanager
    def create(self, path: str) -> Iterator[HashedFile]:
        """Create a file, once, under a path of the allowed form."""
        if not PATH.fullmatch(path) or len(path) > MAX_PATH or path in self.digests:
            raise ValueError(f"not a path of a bundle, or written twice: {path!r}")
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as stream:
            file = HashedFile(stream)
            yield file
        self.digests[path], self.lengths[path] = file.sha256(), file.length

    def add(self, path: str, data: bytes) -> str:
        """Create a file from bytes; give its digest."""
        with self.create(path) as file:
            file.write(data)
        return self.digests[path]

    def adopt(self, below: str, paths: Iterable[str]) -> None:
        """List files that a renderer has written under ``below``."""
        for path in (below + path for path in paths):
            if not PATH.fullmatch(path) or len(path) > MAX_PATH or path in self.digests:
                raise ValueError(f"not a path of a bundle, or written twice: {path!r}")
            with (self.root / path).open("rb") as stream:
                self.digests[path] = file_digest(stream, "sha256").hexdigest()
                self.lengths[path] = stream.tell()

    def manifest(self, below: str, prefix: str = "") -> bytes:
        """Give the BagIt lines of the files under ``below``, sorted by path, ``prefix`` cut off."""
        lines = (
            f"{self.digests[path]}  {path.removeprefix(prefix)}\n"
            for path in sorted(self.digests)
            if path.startswith(below)
        )
        return "".join(lines).encode("ascii")


def _is_left(root: Path) -> bool:
    """Say whether a folder holds a bundle of ours that was not finished, and nothing else: the rest would be lost."""
    mark = root / UNFINISHED
    if not root.is_dir() or mark.is_symlink() or not mark.is_file() or mark.stat().st_size > len(MARK):
        return False
    names = {found.name for found in root.iterdir() if not found.is_symlink()}
    every = {found.name for found in root.iterdir()}
    return mark.read_text(encoding="utf-8", errors="replace") == MARK and names == every <= {*TOP, UNFINISHED}


def _locked(mark: Path) -> int:
    """Write the mark of an unfinished bundle and lock it: a second export would take the first one's files away."""
    descriptor = os.open(mark, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not mark.exists() or not os.path.samestat(os.fstat(descriptor), mark.stat()):
            raise BlockingIOError  # whoever had it has just finished
        os.pwrite(descriptor, MARK.encode(), 0)
    except OSError as error:
        os.close(descriptor)
        if not isinstance(error, BlockingIOError):
            raise
        raise UsageError(
            f"another export writes into {mark.parent}; wait for it, or name another folder"
        ) from error
    return descriptor


def _is_there(path: Path) -> bool:
    return path.is_symlink() or path.exists()


def _is_whole(file: Path) -> bool:
    if file.is_symlink():
        return False
    with file.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest() == file.name.split(".")[0]
