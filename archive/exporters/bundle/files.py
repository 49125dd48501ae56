"""Files of a bundle: written once, hashed on the way, listed."""

import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import file_digest, sha256
from pathlib import Path
from typing import BinaryIO

from archive.errors import UsageError

PATH = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*")
MAX_PATH = 120
UNFINISHED = "UNFINISHED"
"""Lies in a bundle that is being written. No checker knows it: a half bundle passes nowhere."""


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
        """Take an empty or new folder.

        Raises:
            UsageError: the folder holds something.
        """
        if root.exists() and (not root.is_dir() or any(root.iterdir())):
            raise UsageError(f"{root} is not an empty folder; a bundle goes into a new one")
        root.mkdir(parents=True, exist_ok=True)
        (root / UNFINISHED).write_text("This bundle was not finished. Delete it.\n", encoding="utf-8")
        self.root = root
        self.digests: dict[str, str] = {}
        self.lengths: dict[str, int] = {}

    def __enter__(self) -> "Folder":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        """Take away the mark of an unfinished bundle; after an error, the bundle."""
        if kind is None:
            (self.root / UNFINISHED).unlink()
            return
        for path in self.root.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()

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
