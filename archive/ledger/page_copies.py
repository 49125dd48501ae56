"""Copying key pages from one vault copy into another, each judged first (FORMAT.md §8 and §11)."""

from collections.abc import Callable
from dataclasses import dataclass, field

from archive.core import layout
from archive.core.keypage import MAX_PAGE, SLOT, ZERO_SLOT, parse_page
from archive.core.segment import Segment
from archive.errors import FormatError, NotFound
from archive.ledger.pages import PageCheck, page_records
from archive.ledger.reader import LedgerReader
from archive.ports import ObjectStore
from schemas.report import Finding

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class CopiedPages:
    """What a copying did."""

    pages: int = 0
    """Pages that the ledger knows and that are good in the source."""
    copied: int = 0
    zeroed: int = 0
    """Pages of the target that still held a key destroyed in the source, and were overwritten."""
    findings: list[Finding] = field(default_factory=list)


class PageCopier:
    """Copies the pages of every committed segment."""

    def __init__(self, reader: LedgerReader, source: int, target: ObjectStore) -> None:
        """Copy from the vault copy numbered ``source`` (from 0) into ``target``."""
        self.reader, self.source, self.target = reader, source, target
        self.done = CopiedPages()

    def run(self, progress: Progress) -> CopiedPages:
        """Copy what the target lacks; what is not good in the source is named and left.

        Raises:
            StoreError: a place did not answer; it may be run again.
        """
        segments = self.reader.state.segments
        for number, ref in enumerate(segments):
            self._copy(self.reader.segment(ref))
            progress(number + 1, len(segments))
        return self.done

    def _copy(self, segment: Segment) -> None:
        batch = segment.header.batch
        if batch is None:
            return
        findings: list[Finding] = []
        records = page_records(segment)
        PageCheck(self.reader.state, self.reader.places, self.source, findings.append).run(segment, records)
        if any(finding.severity != "note" or finding.kind == "not_copied" for finding in findings):
            self.done.findings += findings
            return
        for one in records:
            known = self.reader.state.generations.get((batch.hex(), one.record_class))
            name = layout.page(batch, one.record_class, known[0] if known else 0)
            self._copy_page(name, segment.header.first)

    def _copy_page(self, name: str, first: int) -> None:
        page = self.reader.places.vaults[self.source].get(name, limit=MAX_PAGE)
        self.done.pages += 1
        try:
            there = self.target.get(name, limit=MAX_PAGE)
        except NotFound:
            self.target.put_new(name, page)
            self.done.copied += 1
            return
        if there == page:
            return
        if _keeps_destroyed_keys(there, page):
            self.target.overwrite(name, page)
            self.done.zeroed += 1
            return
        text = "the two vault copies differ, and not by a destroyed key; neither was changed"
        self.done.findings.append(Finding(kind="altered", text=text, name=name, index=first))


def _keeps_destroyed_keys(old: bytes, new: bytes) -> bool:
    """Say whether ``old`` is ``new`` with keys that ``new`` has destroyed, and differs in nothing else."""
    try:
        before, after = parse_page(old), parse_page(new)
    except FormatError:
        return False
    if len(old) != len(new) or before.header_sha256 != after.header_sha256:
        return False
    start = len(new) - len(after.slots) * SLOT
    same_rest = before.listed == after.listed and (after.listed is not None or old[:start] == new[:start])
    return same_rest and all(
        slot == kept or kept == ZERO_SLOT for slot, kept in zip(before.slots, after.slots, strict=True)
    )
