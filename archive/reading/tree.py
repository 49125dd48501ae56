"""An input as a tree of members: a file, a folder, a zip, zips in zips. Limits are named; nothing is
extracted.

A member that breaks a limit or cannot be opened becomes a problem value and never harms the rest. Members
are listed once, in a stable order (by path, code point by code point), and opened when somebody reads them.
"""

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from archive.errors import UnreadableInput
from archive.reading.disk import open_file
from archive.reading.units import MemberProblem, UnitExcluded
from archive.reading.zips import Zip, is_office_document, starts_like_a_zip

SEPARATOR = "!/"
"""Stands between a container and the path inside it: ``export.zip!/chat/_chat.txt``."""


ZIPPED = (".zip", ".wacz")
"""Names of files that are opened as zips; office documents are zips by technique only."""
Opener = Callable[[], BinaryIO]
_OWN = "a part of the archive itself"


@dataclass(frozen=True, slots=True)
class Limits:
    """What an input may ask of this machine. Sizes in bytes."""

    members: int = 500_000
    containers: int = 500
    total_bytes: int = 256 << 30
    member_bytes: int = 64 << 30
    ratio: int = 250
    """Expanded by compressed size; honest text and JSON stay far below."""
    ratio_floor: int = 8 << 20
    """Below this expanded size the ratio is not looked at."""
    depth: int = 3
    """Zips in zips."""
    name_length: int = 1024


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the input. ``path`` is "" when the input itself is one file."""

    path: str
    name: str
    """The last part of the path, or the name of the input."""
    size: int
    file: Path
    """The file on disk in which the bytes lie."""
    inside: str
    """The path within that file; "" when it is the file itself."""
    container: bool
    """A zip whose members are listed too; it may be an attachment itself."""
    opener: Opener
    masked: tuple[tuple[int, int], ...] = ()
    """Byte ranges that read as ``*``."""

    def open(self) -> BinaryIO:
        """Open for reading from the start; seekable. Raises UnreadableInput, here or while reading."""
        try:
            return self.opener()
        except OSError as error:
            raise UnreadableInput(f"cannot be opened: {error.strerror}") from error

    @property
    def folder(self) -> str:
        """The path without the name, with its closing slash; "" at the top."""
        return self.path[: self.path.rfind("/") + 1]


class Tree:
    """The members of one input. Close it, or use it in a ``with`` statement: it holds zips open."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self.path = path
        self.name = printable(path.name or path.resolve().name)
        self.single = False
        """The input is one file and no container."""
        self.limits = limits
        self.chosen: frozenset[str] = frozenset()
        """The entries of the folder that were asked for; empty for all."""
        self.kept_out: frozenset[Path] = frozenset()
        """Files and folders that are no part of any input: the archive's own."""
        self.members: tuple[Member, ...] = ()
        self.left_out: tuple[MemberProblem | UnitExcluded, ...] = ()
        self.notes: dict[str, object] = {}
        """What was found out about the members and is asked for again."""
        self._found: list[Member] = []
        self._left_out: list[MemberProblem | UnitExcluded] = []
        self._zips: list[Zip] = []
        self._paths: set[str] = set()
        self._places: dict[str, Path] = {}
        """The file on disk for every path that was met, from the top of what was opened."""
        self._root = ""
        self._total = 0

    @classmethod
    def open(
        cls,
        path: Path,
        limits: Limits | None = None,
        more: Iterable[Path] = (),
        keep_out: frozenset[Path] = frozenset(),
    ) -> Self:
        """List what lies under ``path``, or in several files of one folder that belong together, without what is
        to be kept out (resolved paths).

        Raises UnreadableInput only if nothing is there at all, or all of it is to be kept out.
        """
        beside = tuple(more)
        tree = cls(path.parent if beside else path, limits or Limits())
        if beside:
            tree.name, tree.chosen = printable(path.name), frozenset(one.name for one in (path, *beside))
        tree.kept_out = keep_out
        if not keep_out.isdisjoint((where := path.resolve(), *where.parents)):
            raise UnreadableInput(_OWN)
        try:
            tree._walk()
        except BaseException:
            tree.close()
            raise
        tree.members = tuple(sorted(tree._found, key=lambda member: member.path))
        tree.left_out = tuple(sorted(tree._left_out, key=lambda left: left.member))
        return tree

    def close(self) -> None:
        """Release the zips and temporary copies."""
        while self._zips:
            self._zips.pop().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def part(self, members: Iterable[Member], left_out: Iterable[MemberProblem | UnitExcluded]) -> "Tree":
        """Some of the members as a tree of their own. It lives as long as this one, which holds the zips."""
        tree = Tree(self.path, self.limits)
        tree.name, tree.single, tree.chosen = self.name, self.single, self.chosen
        tree.members, tree.left_out = tuple(members), tuple(left_out)
        tree._places, tree._root = self._places, self._root
        return tree

    def below(self, root: str, members: Iterable[Member]) -> "Tree":
        """What lies in a folder or zip of this tree, as if that were the input. ``root`` is its path with the
        slash that ends it, ``members`` what lies in it (its container is left away)."""
        cut = len(root)
        inner = [replace(member, path=member.path[cut:]) for member in members if len(member.path) > cut]
        tree = self.part(
            inner, (replace(o, member=o.member[cut:]) for o in self.left_out if o.member.startswith(root))
        )
        bare = root.removesuffix("/").removesuffix("!")
        tree.name, tree._root = bare.rpartition("/")[2], self._root + root
        tree.path = inner[0].file if root.endswith(SEPARATOR) and inner else self.path / bare
        tree.chosen = frozenset()
        return tree

    def alone(self, member: Member) -> "Tree":
        """One member as if it were the input."""
        tree = self.part((replace(member, path=""),), ())
        tree.name, tree.path, tree.single = member.name, member.file, True
        tree._root = self._root + member.path
        return tree

    def file_of(self, path: str) -> Path | None:
        """The file on disk in which a member lies, also one that was left out; None if none can be read."""
        return self._places.get(self._root + path)

    def files(self) -> Iterator[Member]:
        """The members that are no containers."""
        return (member for member in self.members if not member.container)

    def _walk(self) -> None:
        try:
            status = self.path.stat()
        except OSError as error:
            raise UnreadableInput(error.strerror or "cannot be looked at") from error
        if stat.S_ISDIR(status.st_mode):
            self._folder(self.path)
            return
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableInput("neither a file nor a folder")
        self._places[""] = self.path
        opener = _from_disk(self.path)
        self.single = not self._expand("", self.path, "", opener, depth=0)
        if self.single:
            self._add("", self.path, "", status.st_size, opener, depth=0)

    def _folder(self, top: Path) -> None:
        waiting = [(top, "")]
        while waiting:
            folder, prefix = waiting.pop()
            try:
                entries = sorted(os.scandir(folder), key=lambda entry: entry.name, reverse=True)
            except OSError as error:
                self._problem(prefix, f"folder cannot be listed: {error.strerror}")
                continue
            for entry in entries:
                if self.chosen and not prefix and entry.name not in self.chosen:
                    continue
                path = prefix + printable(entry.name)
                try:
                    status = entry.stat(follow_symlinks=False)
                except OSError as error:
                    self._problem(path, f"cannot be looked at: {error.strerror}")
                    continue
                if stat.S_ISLNK(status.st_mode):
                    self._problem(path, "symbolic link, not followed")
                elif self._is_kept_out(entry):
                    self._left_out.append(UnitExcluded(path, _OWN))
                elif stat.S_ISDIR(status.st_mode):
                    waiting.append((Path(entry.path), path + "/"))
                elif not stat.S_ISREG(status.st_mode):
                    self._problem(path, "neither a file nor a folder, not opened")
                else:
                    self._places[path] = Path(entry.path)
                    self._file(path, Path(entry.path), status.st_size)

    def _is_kept_out(self, entry: "os.DirEntry[str]") -> bool:
        alike = any(path.name == entry.name for path in self.kept_out)
        return alike and Path(entry.path).resolve() in self.kept_out

    def _file(self, path: str, file: Path, size: int) -> None:
        zipped = file.suffix.lower() in ZIPPED
        self._add(path, file, "", size, _from_disk(file), depth=0, zipped=zipped)

    def _expand(self, path: str, file: Path, inside: str, opener: Opener, *, depth: int) -> bool:
        """List the members of a container. False if it is none; a broken one is a problem, and True."""
        try:
            with opener() as stream:
                if not starts_like_a_zip(stream):
                    return False
            if depth >= self.limits.depth:
                self._problem(path, "zips nested deeper than the limit")
                return True
            if len(self._zips) >= self.limits.containers:
                self._problem(path, "more containers than the limit")
                return True
            container = Zip.spooled(opener) if inside else Zip.on_disk(file)
        except UnreadableInput as error:
            self._problem(path, str(error))
            return True
        except OSError as error:
            self._problem(path, f"cannot be opened: {error.strerror}")
            return True
        self._zips.append(container)
        if container.damage:
            self._problem(path, container.damage)
        if is_office_document(container):
            return False
        self._entries(container, path, file, inside, depth)
        return True

    def _entries(self, container: Zip, path: str, file: Path, inside: str, depth: int) -> None:
        outer = path + SEPARATOR if path else ""
        empty = True
        within = inside + SEPARATOR if inside else ""
        limits = self.limits
        for entry in container.entries():
            name = outer + entry.name
            empty = False
            self._places[name] = file
            if entry.problem:
                self._problem(name, entry.problem)
            elif entry.size > limits.ratio_floor and entry.size > limits.ratio * max(entry.compressed, 1):
                self._problem(name, "expands beyond the ratio limit; unpack it and give its folder")
            else:
                zipped = entry.name.lower().endswith(ZIPPED)
                path_inside = within + entry.name
                self._add(name, file, path_inside, entry.size, entry.open, depth=depth + 1, zipped=zipped)
        if empty:
            self._problem(path, "the zip holds no files")

    def _add(
        self,
        path: str,
        file: Path,
        inside: str,
        size: int,
        opener: Opener,
        *,
        depth: int,
        zipped: bool = False,
    ) -> None:
        """Take a member in, and what lies in it if it is a zip."""
        refusal = self._refusal(path, size)
        if refusal:
            self._problem(path, refusal)
            return
        if _is_resource_fork(path):
            self._left_out.append(UnitExcluded(path, "resource fork or settings of the folder"))
            return
        self._paths.add(path)
        self._total += size
        container = zipped and self._expand(path, file, inside, opener, depth=depth)
        name = (path or file.name).rsplit("/", 1)[-1]
        self._found.append(Member(path, name, size, file, inside, container, opener))

    def _refusal(self, path: str, size: int) -> str | None:
        limits = self.limits
        if path in self._paths:
            return "duplicate name in its container"
        if len(path) > limits.name_length:
            return "name longer than the limit"
        if len(self._found) >= limits.members:
            return "more members than the limit"
        if size > limits.member_bytes:
            return "larger than the limit for one member"
        if self._total + size > limits.total_bytes:
            return "total expanded size over the limit"
        return None

    def _problem(self, path: str, reason: str) -> None:
        self._left_out.append(MemberProblem(path[: self.limits.name_length], reason))


def _from_disk(file: Path) -> Opener:
    return lambda: open_file(file)


def printable(name: str) -> str:
    """A file name of the disk as text: bytes that are no UTF-8 are written as ``\\xff``."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


_SETTINGS = (".DS_Store", "Thumbs.db", "desktop.ini")


def _is_resource_fork(path: str) -> bool:
    parts = path.split("/")
    return "__MACOSX" in parts[:-1] or parts[-1].startswith("._") or parts[-1] in _SETTINGS
