"""Captures, sightings and runs: what was received, seen again, and counted."""

from typing import Literal

from schemas.base import Model, Sha256, UtcTime
from schemas.item import Key


class Capture(Model):
    """Bytes exactly as received, with how, when, by what they came."""

    id: str
    """Opaque; stable for equal bytes within one archive."""
    source: str
    """The configured source, or ``import`` for files given by hand."""
    via: Key | None = None
    method: Literal["export", "api", "webhook", "mail", "loose", "attachment"]
    origin: str
    """The file name or address it came from, as given."""
    received: UtcTime
    exported: UtcTime | None = None
    exporter: str | None = None
    media_type: str | None = None
    start: int = 0
    """Where the content begins in the record's object string (FORMAT.md §7)."""
    length: int
    sha256: Sha256
    """Of the bytes that are kept; of nothing where only slices are, for nothing else is here."""
    kept: Literal["whole", "slices", "masked"]
    """``masked``: the file ``inside``, kept as slices, as it was read; of a zip a zip of what was read."""
    received_length: int | None = None
    received_sha256: Sha256 | None = None
    """Of the whole as received, where only slices of it are kept, in the items."""
    masked: tuple[tuple[int, int], ...] = ()
    inside: str | None = None
    """Id of the capture in which this one lay (an attachment in a zip), and where: see ``member``."""
    member: str | None = None
    operator: str | None = None
    tool: str


class Sighting(Model):
    """Items and descriptions of accounts that a later capture showed again, unchanged: their second provenance."""

    capture: str
    member: str
    ranges: tuple[tuple[int, int | None, int | None], ...]
    """(index of the record, start, end) with the byte range in the member where it has one."""


class FileCount(Model):
    """What became of one file of a run: units = read + failed + excluded."""

    capture: str | None = None
    member: str
    channel: str | None = None
    confidence: int | None = None
    """How sure the recognition was, 0 to 100."""
    units: int = 0
    read: int = 0
    failed: int = 0
    excluded: int = 0
    items: int = 0
    """Items sealed from this file."""
    changed: int = 0
    """Of the items: those that the archive held in other words, or as another reader understood them."""
    seen_again: int = 0
    """Items that the archive already held, unchanged."""
    failures: tuple[str, ...] = ()
    """One line for each kind of failure, without content; at most twenty."""
    exclusions: tuple[tuple[str, int], ...] = ()
    """Why units were excluded, and how many."""
    unknown_fields: tuple[str, ...] = ()
    problem: str | None = None
    """Why the file as a whole could not be read, if so."""


class Gap(Model):
    """Something that is known to be missing."""

    via: Key | None = None
    thread: Key | None = None
    start: UtcTime | None = None
    end: UtcTime | None = None
    reason: str


class Claim(Model):
    """What a channel claims about completeness, and the platform's own count where it gives one."""

    scope: str
    kind: Literal["exact", "capped", "last_state", "gaps_by_design", "unknown"]
    expected: int | None = None
    found: int | None = None

    @classmethod
    def of_nothing(cls, said: str) -> "Claim":
        """Tell that a conversation was looked at from its beginning to its end, and nothing was in it."""
        return cls(scope=f"{NOTHING_IN}{said}", kind="exact", found=0)

    @property
    def empty(self) -> str | None:
        """What was looked at and empty; None: the claim is another one."""
        return self.scope.removeprefix(NOTHING_IN) if self.scope.startswith(NOTHING_IN) else None


NOTHING_IN = "looked at, and nothing was in it: "
"""So begins the scope of a claim that tells this of a conversation, for it stands nowhere else."""


class Wait(Model):
    """That a source made Beleg wait."""

    seconds: int
    reason: str


class Advance(Model):
    """How far a run moved in a source; the cursors themselves are state, and stand here by their SHA-256."""

    before: Sha256 | None = None
    """None: it was read from the beginning."""
    after: Sha256
    ends: bool | None = None
    """Whether the source had nothing more behind it; None: of before that was told, and taken to be so."""


READ_AGAIN = "read_again"
"""In ``asked``: kept bytes were read again, that had been ``given`` or ``collected``."""


class RunReport(Model):
    """One run of ingestion: what came in, what was read, what was not."""

    id: str
    source: str
    origin: str = ""
    """The name of the input as given."""
    started: UtcTime
    ended: UtcTime
    outcome: Literal["done", "with_failures", "stopped"]
    tool: str
    parsers: tuple[str, ...]
    settings_sha256: Sha256
    operator: str | None = None
    files: tuple[FileCount, ...]
    asked: tuple[tuple[str, str], ...] = ()
    """What a person said about the input: ``mine``, ``timezone``, ``thread`` …; and that kept bytes were read again."""
    policy: tuple[str, ...] = ()
    """What was asked for, and what was masked or left out by itself, in words."""
    claims: tuple[Claim, ...] = ()
    gaps: tuple[Gap, ...] = ()
    notes: tuple[str, ...] = ()
    """What a person should look at: known bytes that gave new items."""
    advance: Advance | None = None
    """Of a source that is collected live."""
    waits: tuple[Wait, ...] = ()
    views: tuple[Key, ...] = ()
    """Accounts whose view was read: what is erased of it is known again in everybody's. Reports of before name none."""

    @property
    def read_again(self) -> Literal["given", "collected"] | None:
        """Whether kept bytes were read again by a newer reader, and how they had come: that shows nothing anew."""
        told = dict(self.asked).get(READ_AGAIN)
        return "collected" if told == "collected" else "given" if told else None

    @property
    def is_collected(self) -> bool:
        """Whether what it read had come from a live source."""
        return self.advance is not None or self.read_again == "collected"

    @property
    def is_live(self) -> bool:
        """Whether a source was asked, or asked in vain; else files were handed in."""
        return self.advance is not None or self.outcome == "stopped"

    @property
    def is_whole(self) -> bool:
        """Whether it was read to its end; of a source that is collected live a run is a part of a look."""
        return self.outcome != "stopped" and (self.advance is None or self.advance.ends is not False)
