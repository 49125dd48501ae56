"""Judging key pages: by what the workers saw where that is enough, else slot by slot (read half)."""

from collections.abc import Callable, Iterator, Mapping

from archive.core.keypage import page_digest
from archive.errors import FormatError, NotFound
from archive.ledger.pages import PageCheck, page_records
from archive.ledger.reader import LedgerReader
from archive.ledger.scan import SegmentScan
from archive.ledger.scanning import Scanned
from archive.ledger.state import SegmentRef
from archive.ledger.stray_pages import check_targets
from schemas.report import Finding


class PageJudge:
    """Judges pages as the walk goes, and again at its end."""

    def __init__(
        self, reader: LedgerReader, batches: Mapping[str, SegmentRef], report: Callable[[Finding], None]
    ) -> None:
        """Judge what ``reader`` reads, by its state; ``batches`` gives the committed segment of each batch."""
        self.reader, self.batches, self.report = reader, batches, report
        self._judged = dict(reader.state.generations)
        """The re-encryptions that an earlier verification knew, and judged."""
        self.erased = 0
        """Records whose key was found destroyed under an erasure."""
        self._recheck: list[SegmentRef] = []

    def judge(self, scan: SegmentScan, scanned: Scanned) -> None:
        """Judge the pages of the segment that was folded last."""
        if scanned.classes and not self._is_clean(scan, scanned):
            self._check(scanned.ref)

    def _is_clean(self, scan: SegmentScan, scanned: Scanned) -> bool:
        """Say whether the workers saw good pages in every copy, and the state asks nothing further of them."""
        batch, first, keys = (scan.header.batch or b"").hex(), scan.header.first, self.reader.state.keys
        classes = scanned.classes or frozenset()
        if any((batch, name) in self.reader.state.generations for name in classes):
            return False
        due = {name: {one.id for one in keys.recipients(name, first)} for name in classes}
        return all(
            clean.keys() == classes
            and all(set(wraps) == due[name] for name, (_, wraps) in clean.items())
            and page_digest({name: header for name, (header, _) in clean.items()}) == scan.header.page
            for clean in scanned.clean
        )

    def _check(self, ref: SegmentRef) -> None:
        """Judge the pages now; what a later erasure or re-encryption may explain is judged at the end."""
        findings: list[Finding] = []
        segment = self.reader.segment(ref)
        records = page_records(segment)
        checks = [
            PageCheck(self.reader.state, self.reader.places, copy, findings.append)
            for copy in range(len(self.reader.places.vaults))
        ]
        for check in checks:
            check.run(segment, records)
        if findings:
            self._recheck.append(ref)

    def encrypted_anew(self) -> Iterator[SegmentRef]:
        """Give the segments of which a page was encrypted anew since an earlier verification; some several times."""
        for (batch, record_class), known in self.reader.state.generations.items():
            if batch in self.batches and self._judged.get((batch, record_class)) != known:
                yield self.batches[batch]

    def judge_again(self) -> None:
        """Judge at the end what something was said of on the way, and what later records touch.

        Those are erasures, and re-encryptions: an old page that is whole says nothing of the one that is to be there.
        """
        refs = {ref.first: ref for ref in self._recheck}
        refs.update((ref.first, ref) for ref in self.encrypted_anew())
        for erasure in self.reader.state.erasures:
            for ref in self.reader.state.segments:
                if ref.first <= erasure.last and erasure.first < ref.end:
                    refs[ref.first] = ref
                    check_targets(self.reader, erasure, ref, self.report)
        for first in sorted(refs):
            try:
                segment = self.reader.segment(refs[first])
                records = page_records(segment)
            except (NotFound, FormatError):
                continue  # the scan has named it
            for copy in range(len(self.reader.places.vaults)):
                check = PageCheck(self.reader.state, self.reader.places, copy, self.report)
                check.run(segment, records)
                self.erased += check.erased if copy == 0 else 0
