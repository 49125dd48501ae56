"""A place in a folder. Objects appear whole or not at all: temporary file, fsync, link, fsync of the folder.

There is no lock here that holds against whoever may write to the folder: outside heads are the only guard,
and ``verify`` says so.
"""

import os
import secrets
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from archive.errors import AlreadyExists, FormatError, NotFound, PlaceGone, StoreError, Unreachable
from archive.ports import ObjectVersion


class FolderStore:
    """An ObjectStore in a folder of the local file system."""

    versioned = False

    def __init__(self, root: Path) -> None:
        self.root = root
        self._synced: set[Path] = set()

    def _path(self, name: str) -> Path:
        parts = PurePosixPath(name).parts
        if not parts or name.startswith("/") or any(part.startswith(".") for part in parts):
            raise StoreError(f"{name[:120]!r} cannot be the name of an object")
        return self.root.joinpath(*parts)

    def get(self, name: str, *, limit: int, version: str | None = None) -> bytes:
        """Give the whole object; see ``ObjectReader.get``."""
        if version:
            raise NotFound(f"{name}: {self.root} keeps no versions")
        try:
            with open(self._path(name), "rb", opener=_at_once) as file:
                data = file.read(limit + 1)
        except (FileNotFoundError, NotADirectoryError) as error:
            self._check_root()
            raise NotFound(f"{name}: not in {self.root}") from error
        except OSError as error:
            raise Unreachable(f"{name}: {self.root} cannot be read: {error.strerror}") from error
        if len(data) > limit:
            raise FormatError(f"{name}: longer than the {limit} bytes that format 1 allows")
        return data

    def versions(self, prefix: str) -> Iterator[ObjectVersion]:
        """Give what is there: a folder keeps one version of each name."""
        for name in self.names(prefix):
            try:
                length = self._path(name).lstat().st_size
            except FileNotFoundError:
                continue  # removed meanwhile
            except OSError as error:
                raise Unreachable(f"{name}: {self.root} cannot be read: {error.strerror}") from error
            yield ObjectVersion(name, "", length, removed=False)

    def _check_root(self) -> None:
        """Tell an absent object from an absent place (a folder that is not mounted)."""
        if not self.root.is_dir():
            raise PlaceGone(f"{self.root}: there is no such folder", str(self.root.absolute()))

    def written(self, name: str) -> datetime:
        """Give when an object was written last; see ``ObjectReader.written``."""
        try:
            return datetime.fromtimestamp(self._path(name).stat().st_mtime, UTC)
        except (FileNotFoundError, NotADirectoryError) as error:
            self._check_root()
            raise NotFound(f"{name}: not in {self.root}") from error

    def names(self, prefix: str) -> Iterator[str]:
        """Give names in order; see ``ObjectReader.names``."""
        self._check_root()
        yield from self._walk("", prefix)

    def _walk(self, folder: str, prefix: str) -> Iterator[str]:
        try:
            with os.scandir(self.root / folder) as entries:
                found = sorted(
                    (entry.name + "/" if entry.is_dir(follow_symlinks=False) else entry.name)
                    for entry in entries
                    if not entry.name.startswith(".")
                )
        except OSError as error:
            raise Unreachable(f"{self.root / folder}: cannot be listed: {error.strerror}") from error
        for entry_name in found:
            name = folder + entry_name
            if name.endswith("/"):
                if name.startswith(prefix) or prefix.startswith(name):
                    yield from self._walk(name, prefix)
            elif name.startswith(prefix):
                yield name

    def put_new(self, name: str, body: bytes) -> None:
        """Create an object; see ``ObjectStore.put_new``."""
        path = self._path(name)
        temporary = self._write_temporary(path.parent, body)
        try:
            # link() fails if the name exists, so of two writers exactly one wins, with all its bytes.
            os.link(temporary, path)
            _sync_folder(path.parent)
        except FileExistsError as error:
            if self.get(name, limit=len(body) + 1) != body:
                raise AlreadyExists(f"{name}: other bytes hold this name in {self.root}") from error
            _sync_folder(path.parent)
        except OSError as error:
            raise Unreachable(f"{name}: cannot be written to {self.root}: {error.strerror}") from error
        finally:
            temporary.unlink(missing_ok=True)

    def put_all(self, objects: Iterable[tuple[str, bytes]]) -> None:
        """Create objects; see ``ObjectStore.put_all``."""
        for name, body in objects:
            self.put_new(name, body)

    def overwrite(self, name: str, body: bytes) -> None:
        """Replace an object; see ``ObjectStore.overwrite``."""
        path = self._path(name)
        temporary = self._write_temporary(path.parent, body)
        try:
            temporary.replace(path)
            # A process that was killed may have left the old bytes under a temporary name: a destroyed key
            # must not live on there.
            for left in path.parent.glob(".*.new"):
                left.unlink(missing_ok=True)
            _sync_folder(path.parent)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise Unreachable(f"{name}: cannot be written to {self.root}: {error.strerror}") from error

    def _write_temporary(self, folder: Path, body: bytes) -> Path:
        self._check_root()
        temporary = folder / f".{secrets.token_hex(8)}.new"
        try:
            if folder not in self._synced:
                self._make_folder(folder)
            with temporary.open("xb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise Unreachable(f"{self.root}: cannot be written: {error.strerror}") from error
        return temporary

    def _make_folder(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        while folder != self.root:
            _sync_folder(folder.parent)
            self._synced.add(folder)
            folder = folder.parent


def _at_once(path: str, flags: int) -> int:
    """Open without waiting for anybody who writes into a pipe, which somebody may have put under a name."""
    return os.open(path, flags | os.O_NONBLOCK)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
