"""Volumes ``VOL001``, ``VOL002`` …: families in order, each volume with its load files, none larger than asked.

DAT is described in ``load_file``. OPT names the pages of documents, a line each without header:
``key,volume,path,Y,,,pages``; there is no specification but custom.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from archive.exporters.review.family import Family, Staged
from archive.exporters.review.load_file import LoadFile

FILES_A_FOLDER = 500


class Volumes:
    """Places families; a family is never cut, so one that is larger than a volume has one for itself."""

    def __init__(self, root: Path, fields: tuple[str, ...], size: int | None, *, pages: bool) -> None:
        """Begin with the first volume: there is always one.

        Args:
            root: a new folder.
            fields: of the load files.
            size: bytes that a volume has at most, without its load files; None: there is one volume.
            pages: whether documents are set on pages, and an OPT file says where.
        """
        root.mkdir(parents=True)
        self.root, self.fields, self.size, self.pages = root, fields, size, pages
        self.staging = root / "staged"
        self.staging.mkdir()
        self.count = self.replaced = self.too_large = 0
        self.paths: list[str] = []
        self._volume = self._next()

    def family(self) -> Family:
        """Begin a family; it must be added before the next one begins."""
        return Family(self.staging)

    def add(self, family: Family) -> None:
        """Place a family in the volume at hand, or in a new one if that has no room."""
        length = family.length
        if self.size is not None:
            self.too_large += length > self.size
            if self._volume.length and self._volume.length + length > self.size:
                self._end()
                self._volume = self._next()
        self.paths += [f"{self._volume.name}/{path}" for path in self._volume.take(family, length)]

    def close(self) -> None:
        """End the last volume."""
        self._end()
        self.staging.rmdir()

    def _next(self) -> "_Volume":
        self.count += 1
        made = _Volume(self.root / f"VOL{self.count:03d}", self.fields, pages=self.pages)
        self.paths += [f"{made.name}/{path}" for path in made.load_files]
        return made

    def _end(self) -> None:
        self.replaced += self._volume.close()


class _Volume:
    def __init__(self, root: Path, fields: tuple[str, ...], *, pages: bool) -> None:
        self.root, self.name, self.length = root, root.name, 0
        self._in_folder: Counter[str] = Counter()
        (root / "DATA").mkdir(parents=True)
        self.load_files = [f"DATA/{self.name}.dat"]
        self._stream = (root / self.load_files[0]).open("xb")
        self._load = LoadFile(self._stream, fields)
        self._images = None
        if pages:
            self.load_files.append(f"DATA/{self.name}.opt")
            self._images = (root / self.load_files[1]).open("xb")

    def take(self, family: Family, length: int) -> Iterator[str]:
        """Move a family in and write its lines; give the paths of its files."""
        self.length += length
        placed = [(one, self._path(one)) for one in family.files]
        family.place(self.root, placed)
        for row in family.rows:
            self._load.add({**row, "PRODVOLUME": self.name})
        if self._images is not None:
            for one, path in placed:
                if one.pages is not None:
                    where = path.replace("/", "\\")
                    line = f"{one.row['BEGBATES']},{self.name},{where},Y,,,{one.pages}\r\n"
                    self._images.write(line.encode("ascii"))
        return (path for _, path in placed)

    def close(self) -> int:
        """End the load files; give the characters for which their form had no room."""
        self._stream.close()
        if self._images is not None:
            self._images.close()
        return self._load.replaced

    def _path(self, one: Staged) -> str:
        path = f"{one.kind}/{self._in_folder[one.kind] // FILES_A_FOLDER + 1:03d}/{one.name}"
        self._in_folder[one.kind] += 1
        return path
