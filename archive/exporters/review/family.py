"""Documents of a volume that belong together: a conversation or a mail, and the files that hang on it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import md5, sha256
from pathlib import Path

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Staged:
    """A file that was written, and where its place is told."""

    kind: str
    """The folder in the volume: ``TEXT``, ``NATIVES`` …"""
    name: str
    row: Row
    field: str | None
    """The field of the row that tells the path; None: no field does."""
    pages: int | None = None
    """Of the document, where this is the document set on pages."""

    @property
    def staged(self) -> str:
        """Give the name that it has until it is placed: a PDF and its own sheet bear the same one in the end."""
        return f"{self.kind}-{self.name}"


@dataclass(slots=True)
class Family:
    """A family on its way into a volume: which one, is known when all of it is written."""

    folder: Path
    """Where its files lie until then."""
    rows: list[Row] = field(default_factory=list)
    """One for each document, the parent first."""
    files: list[Staged] = field(default_factory=list)

    @property
    def length(self) -> int:
        """Give the bytes of its files."""
        return sum((self.folder / one.staged).stat().st_size for one in self.files)

    def document(self, number: str, **values: str) -> Row:
        """Begin a document; the row may be filled further."""
        row = {"BEGBATES": number, "ENDBATES": number, **values}
        self.rows.append(row)
        return row

    def stage(
        self, kind: str, name: str, row: Row, told_in: str | None = None, pages: int | None = None
    ) -> Path:
        """Give where to write a new file; it must not be there yet."""
        self.files.append(Staged(kind, name, row, told_in, pages))
        return self.folder / self.files[-1].staged

    def place(self, root: Path, paths: Iterable[tuple[Staged, str]]) -> None:
        """Move the files to where they belong, and tell it in their rows."""
        for one, path in paths:
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            (self.folder / one.staged).replace(target)
            if one.field is not None:
                one.row[one.field] = path


def digests(path: Path) -> Row:
    """Give the fields that tell what a file is."""
    old, new, length = md5(usedforsecurity=False), sha256(), 0
    with path.open("rb") as stream:
        while piece := stream.read(1 << 20):
            old.update(piece)
            new.update(piece)
            length += len(piece)
    return {"MD5HASH": old.hexdigest(), "SHA256HASH": new.hexdigest(), "FILESIZE": str(length)}
