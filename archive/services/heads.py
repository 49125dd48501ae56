"""Outside heads: giving the newest checkpoint to those who keep it where the operator cannot reach it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from archive.core import layout
from archive.errors import StoreError, Unfinished, UsageError
from archive.ledger.reader import LedgerReader
from archive.ledger.walk import checkpoints
from archive.ports import Mailer, ObjectStore
from archive.services.noted import Rows, is_due, note, recall

MEMORY = "heads.json"


@dataclass(frozen=True, slots=True)
class Head:
    """A stored checkpoint with a good signature."""

    origin: str
    size: int
    root: bytes
    note: bytes

    @property
    def sha256(self) -> str:
        """Give the digest of the note, as its object name bears it."""
        return sha256(self.note).hexdigest()

    @property
    def file_name(self) -> str:
        """Give a name for a file outside: archive, size, digest."""
        return f"{self.origin.replace('/', '_')}-{self.size}-{self.sha256[:16]}.note"

    def words(self) -> str:
        """Say to an outsider what this is and what to do with it."""
        return (
            f"This is the head of the archive {self.origin}: {self.size} records,\n"
            f"root {self.root.hex()}.\n\n"
            "Please keep the attached file, unchanged, where the archive's operator cannot reach it.\n"
            "Whoever checks the archive later gives it with:  beleg verify --head FILE\n"
            "It shows whether records were removed or changed, or the end was cut off, since this was sent.\n"
            "It holds no content.\n\n"
            f"SHA-256 of the file  {self.sha256}\n"
        )


def newest(ledger: LedgerReader) -> Head:
    """Give the newest good checkpoint; ``ledger`` was followed to its head.

    Raises:
        Unfinished: there is none.
    """
    state = ledger.state
    for stored in checkpoints(ledger.places.archive, state.sealed):
        if stored.size != state.sealed:
            break
        if stored.checkpoint.size == stored.size and stored.is_of(state):
            return Head(stored.checkpoint.origin, stored.size, stored.checkpoint.root, stored.data)
    raise Unfinished("there is no good checkpoint to hand out; run `beleg verify`")


def write(head: Head, out: Path) -> Path:
    """Write the head into a file, or under its own name into a folder; never over another file.

    Raises:
        UsageError: other bytes are there, or it cannot be written.
    """
    path = out / head.file_name if out.is_dir() else out
    try:
        if path.exists():
            if path.read_bytes() == head.note:
                return path
            raise UsageError(f"{path}: there is another file; a head is never written over another")
        with path.open("xb") as file:
            file.write(head.note)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from error
    return path


@dataclass(frozen=True, slots=True)
class Handed:
    """To whom a head went, or why not."""

    to: str
    problem: str | None = None


def hand_out(
    head: Head, places: Sequence[tuple[str, ObjectStore]], addresses: Sequence[str], mailer: Mailer
) -> list[Handed]:
    """Copy the head to places and mail it. What fails is told; the others get it all the same."""
    done: list[Handed] = []
    for to, store in places:
        try:
            store.put_new(layout.checkpoint(head.size, head.sha256), head.note)
            done.append(Handed(to))
        except StoreError as error:
            done.append(Handed(to, str(error)))
    subject = f"Head of {head.origin}: {head.size} records"
    for address in addresses:
        try:
            mailer.send(address, subject, head.words(), (head.file_name, head.note))
            done.append(Handed(address))
        except StoreError as error:
            done.append(Handed(address, str(error)))
    return done


def remember(folder: Path, handed: Sequence[Handed], size: int, now: str) -> None:
    """Note for `beleg status`, and for the next run, who has which head, and what did not work."""
    known = remembered(folder)
    for one in handed:
        known[one.to] = (
            {"size": str(size), "at": now}
            if one.problem is None
            else {**known.get(one.to, {}), "failed": now, "problem": one.problem}
        )
    note(folder / MEMORY, known)


def remembered(folder: Path) -> Rows:
    """Give what is noted of each outsider: ``size`` and ``at`` of the newest head, ``failed`` and ``problem``."""
    return recall(folder / MEMORY, "who has which head")


def size_of(row: Mapping[str, str]) -> int | None:
    """Give the size of the newest head that an outsider is noted to have."""
    size = row.get("size", "")
    return int(size) if size.isdecimal() else None


def lacking(
    folder: Path, outsiders: Sequence[str], size: int, *, failed_before: str = "~"
) -> tuple[str, ...]:
    """Give the outsiders that are not noted to have the head of this size.

    Of those that could not be given one, only such that were tried last before a time (UTC, as it is noted).
    """
    known = remembered(folder)
    rows = [(one, known.get(one, {})) for one in outsiders]
    return tuple(
        one for one, row in rows if is_due(row, lacking=size_of(row) != size, failed_before=failed_before)
    )
