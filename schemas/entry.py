"""A decoded record, as projections and services see it."""

from dataclasses import dataclass
from typing import Literal

from schemas.capture import Capture, RunReport, Sighting
from schemas.item import Account, Item, Thread
from schemas.keeping import Approval, ErasureRequest, HoldNotice, Plan, PolicyEntry, Subject
from schemas.matter import (
    Certificate,
    Hold,
    HoldRelease,
    Matter,
    Note,
    Party,
    Person,
    Production,
    Read,
    ReadPolicy,
    Redaction,
    Selection,
)
from schemas.statement import StatementDecision

RecordClass = Literal["clear", "state", "oversight", "matter", "content"]

EntryBody = (
    Item
    | Account
    | Thread
    | Capture
    | Sighting
    | RunReport
    | Matter
    | Selection
    | Note
    | Redaction
    | Party
    | Person
    | Hold
    | HoldRelease
    | Production
    | Read
    | ReadPolicy
    | Certificate
    | Subject
    | HoldNotice
    | ErasureRequest
    | Plan
    | Approval
    | PolicyEntry
    | StatementDecision
)


FileState = Literal["read", "partly", "image", "media", "protected", "damaged", "too_big", "unknown", "gone"]
"""What could be read of a file: all its words; some; none, for it is an image or scan, sound or film, encrypted,
damaged, beyond the limits, of a kind that is not read; or its bytes cannot be opened."""


@dataclass(frozen=True, slots=True)
class FileText:
    """The words of an attached file, as a reader of files found them. A projection, no evidence."""

    sha256: str
    state: FileState
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One record of the ledger, opened.

    ``body`` is None for classes that projections do not need (clear, state) and for records that cannot
    be opened; ``state`` says which: ``damaged`` records are not what was sealed, and count as held.
    ``time`` is the whole second of sealing, Unix time.
    """

    index: int
    time: int
    record_class: RecordClass
    kind: str
    stream: str
    position: int
    body: EntryBody | None
    state: Literal["open", "no_key", "erased", "not_decoded", "damaged"]
    leaf: str = ""
    """Hex leaf hash of the record: through it a projection knows which ledger it followed."""
    texts: tuple[FileText, ...] = ()
    """Of an item: the words of its files, in their order."""


def unopened(entry: Entry) -> bool:
    """Say whether an entry should have been opened and could not be; an erased one is not missed."""
    meant = entry.record_class in ("content", "matter", "oversight")
    return meant and entry.state in ("no_key", "damaged", "not_decoded")
