"""Scanning many segments: what one worker does, and a worker in this process (read half)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol

from archive.core import layout
from archive.core.keypage import MAX_PAGE, PageId, parse_page
from archive.core.keys import PrivateRecipient
from archive.errors import FormatError, NotFound, StoreError
from archive.ledger.content_checks import ContentCheck
from archive.ledger.opening import Opener
from archive.ledger.reader import LedgerReader
from archive.ledger.scan import Scanner, SegmentScan
from archive.ledger.state import LedgerState, SegmentRef
from archive.ports import ObjectReader, ReadPlaces
from schemas.entry import Entry
from schemas.report import Finding, FindingKind

CleanPages = dict[str, tuple[bytes, tuple[str, ...]]]
"""Class → (header digest, recipients) of a first page whose every slot is the one that the segment lists."""


@dataclass(slots=True)
class Scanned:
    """What one worker says of one segment."""

    ref: SegmentRef
    scan: SegmentScan | None = None
    classes: frozenset[str] | None = None
    """Classes that the segment has key pages for; None where the leaves do not tell."""
    clean: list[CleanPages] = field(default_factory=list)
    """For each vault copy."""
    findings: list[Finding] = field(default_factory=list)
    objects: int = 0
    named: bytes = b""
    """The first eight bytes of the digest of each object."""


@dataclass(slots=True)
class Opened:
    """What opening the records of one segment gave."""

    findings: list[Finding] = field(default_factory=list)
    opened: int = 0
    unopened: int = 0


class Workers(Protocol):
    """Who scans. Answers come in the order of the tasks."""

    def scans(self, refs: Iterable[SegmentRef], level: int) -> Iterator[Scanned]:
        """Scan segments; level 1 hashes frames and objects too."""
        ...

    def opens(
        self, refs: Sequence[SegmentRef], state: LedgerState, private: Sequence[PrivateRecipient]
    ) -> Iterator[Opened]:
        """Open every record of these segments that the keys open, and compare it with its commitment."""
        ...


class Readers(Protocol):
    """Who opens many records for a projection."""

    def entries(
        self, state: LedgerState, private: Sequence[PrivateRecipient], start: int, end: int
    ) -> Iterator[Entry]:
        """Give the entries of records [start, end) in order, as ``Opener.entries`` does."""
        ...


class Alone:
    """Scans in this process, one segment after the other."""

    def __init__(self, places: ReadPlaces) -> None:
        self.places = places

    def scans(self, refs: Iterable[SegmentRef], level: int) -> Iterator[Scanned]:
        """Scan segments; see ``Workers.scans``."""
        for ref in refs:
            yield scan_segment(self.places, ref, level)

    def opens(
        self, refs: Sequence[SegmentRef], state: LedgerState, private: Sequence[PrivateRecipient]
    ) -> Iterator[Opened]:
        """Open records; see ``Workers.opens``."""
        reader = LedgerReader(self.places, state)
        for ref in refs:
            yield open_segment(reader, ref, private)


def scan_segment(places: ReadPlaces, ref: SegmentRef, level: int) -> Scanned:
    """Read and scan one segment, its first key pages and, at level 1, its objects."""
    found, name = Scanned(ref), layout.segment(ref.first, ref.sha256)

    def say(kind: FindingKind, text: str) -> Scanned:
        found.findings.append(Finding(kind=kind, text=text, name=name, index=ref.first))
        return found

    reader = LedgerReader(places, LedgerState())
    try:
        segment = reader.segment(ref)
    except NotFound:
        return say("missing", f"the segment of records {ref.first} to {ref.end - 1} is gone")
    except FormatError as error:
        return say("altered", str(error))
    except StoreError as error:
        return say("unreachable", str(error))
    scan = found.scan = Scanner(segment, ref.first, name, check_frames=level >= 1).run()
    pages, scan.pages = scan.pages, None  # the slot hashes stay here
    if pages is not None:
        found.classes = frozenset(name for name, _, _ in pages)
        seen: dict[str, tuple[bytes, tuple[bytes, tuple[str, ...]]]] = {}
        found.clean = [_clean(vault, scan, pages, seen) for vault in places.vaults]
    elif scan.pages_unknown:
        say("unknown", "the key pages of records that this version does not know cannot be judged")
    elif places.vaults:
        say("altered", "its leaves do not tell which keys belong to which record")
    if level >= 1:
        check = ContentCheck(Opener(reader, ()), found.findings.append)
        try:
            check.check_objects(segment)
        except StoreError as error:
            say("unreachable", str(error))
        found.objects, found.named = check.objects, bytes(check.named)
    return found


def _clean(
    vault: ObjectReader,
    scan: SegmentScan,
    pages: list[tuple[str, list[int], list[bytes]]],
    seen: dict[str, tuple[bytes, tuple[bytes, tuple[str, ...]]]],
) -> CleanPages:
    """Look at the first pages of a segment; what is not plainly good is left to the judge with the state.

    ``seen`` keeps the good pages of another copy: equal bytes are as good here.
    """
    batch, found = scan.header.batch, CleanPages()
    if batch is None:
        return found
    for record_class, indexes, hashes in pages:
        try:
            data = vault.get(layout.page(batch, record_class), limit=MAX_PAGE)
            known = seen.get(record_class)
            if known is not None and known[0] == data:
                found[record_class] = known[1]
                continue
            page = parse_page(data)
        except (FormatError, StoreError):
            continue
        good = page.id == PageId(scan.header.origin, batch, record_class) and len(page.slots) == len(indexes)
        # A destroyed slot does not hash as listed either.
        if good and [sha256(b"\5" + slot).digest() for slot in page.slots] == hashes:
            found[record_class] = (page.header_sha256, tuple(page.wraps))
            seen[record_class] = (data, found[record_class])
    return found


def open_segment(reader: LedgerReader, ref: SegmentRef, private: Sequence[PrivateRecipient]) -> Opened:
    """Open the records of one segment; ``reader`` knows the whole ledger."""
    found = Opened()
    check = ContentCheck(Opener(reader, private), found.findings.append)
    try:
        check.open_records(reader.segment(ref))
    except (FormatError, NotFound):
        pass  # the scan has named it
    except StoreError as error:
        found.findings.append(Finding(kind="unreachable", text=str(error), index=ref.first))
    found.opened, found.unopened = check.opened, check.unopened
    return found
