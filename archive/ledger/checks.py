"""The auditor's walk: everything that can be held against the ledger, at three levels (read half).

L0: leaves, chain, streams, tree, checkpoints, writers and roles, key pages against erasures.
L1: also frames and objects. L2: also content, with the keys at hand.
The walk never stops at the first finding. It trusts nothing but the public key it was given.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from archive.core import layout, signed_note
from archive.core.keys import PrivateRecipient
from archive.core.leaf import UnknownRecord
from archive.core.merkle import Frontier
from archive.core.segment import MAX_SEGMENT, Segment
from archive.errors import FormatError, NotFound, StoreError
from archive.ledger.content_checks import ContentCheck
from archive.ledger.fold import SegmentFold
from archive.ledger.head_checks import HeadCheck
from archive.ledger.pages import PageCheck, PageRecords, page_records
from archive.ledger.reader import MAX_MARKER, LedgerReader, Opener, parse_marker
from archive.ledger.receipts import check_receipts
from archive.ledger.state import LedgerState, SegmentRef
from archive.ledger.strangers import Strangers
from archive.ledger.stray_pages import check_targets
from archive.ports import ReadPlaces
from schemas.report import Finding, FindingKind, VerificationReport

LISTED = 1000
"""Findings beyond this many are counted, not listed."""

Progress = Callable[[int, int], None]
"""Takes (records done, records there seem to be)."""


@dataclass(frozen=True, slots=True)
class Question:
    """What to verify, and against what."""

    level: Literal[0, 1, 2] = 1
    log_key: tuple[str, bytes] | None = None
    """(origin, raw public key) as known from outside."""
    heads: Sequence[tuple[str, bytes]] = ()
    """(name for the texts, bytes) of checkpoints kept outside."""
    private: Sequence[PrivateRecipient] = ()


class Verification:
    """One verification of one archive."""

    def __init__(self, places: ReadPlaces, question: Question, progress: Progress | None = None) -> None:
        """Prepare to verify what lies in ``places``."""
        self.places, self.question, self.progress = places, question, progress
        self.state = LedgerState(origin=question.log_key[0] if question.log_key else None)
        self.reader = LedgerReader(places, self.state)
        self.content = ContentCheck(Opener(self.reader, question.private), self.report)
        self.findings: list[Finding] = []
        self.truncated = self.erased = 0
        self._roots: dict[int, bytes] = {}
        self._recheck: list[SegmentRef] = []
        self._batches: dict[str, SegmentRef] = {}
        self._classes: dict[str, frozenset[str]] = {}
        """Batch → the classes that its segment has key pages for."""
        self._adopt_next = False

    def report(self, finding: Finding) -> None:
        """Keep a finding."""
        if len(self.findings) < LISTED:
            self.findings.append(finding)
        elif finding.severity != "note":
            self.truncated += 1

    def _say(self, kind: FindingKind, text: str, name: str | None = None, index: int | None = None) -> None:
        self.report(Finding(kind=kind, text=text, name=name, index=index))

    def run(self) -> VerificationReport:
        """Walk everything; give the report."""
        heads = HeadCheck(self.state, self._roots, self.question.log_key, self.report)
        try:
            markers = self._numbers(self.places.control.names(layout.COMMITS))
            segments = self._segments()
            self._walk(markers, segments)
            self._check_pages_again()
            check_receipts(self.reader, self._batches, self.report)
            self.content.open_later()
            heads.check_stored(self.places.archive)
            heads.check_outside(self.question.heads)
            strangers = Strangers(self.reader, self._batches, self._classes, self.report)
            strangers.check(markers, segments)
        except StoreError as error:
            self._say("unreachable", str(error))
        if self.state.special.get("anchor"):
            self._say("unknown", "the archive holds time-stamp tokens, which this version does not check")
        if self.question.level == 2 and self.content.unopened:
            self._say("unknown", f"{self.content.unopened} records stay closed: no key at hand opens them")
        return self._finish(heads)

    def _finish(self, heads: HeadCheck) -> VerificationReport:
        state, given = self.state, self.question.log_key
        self.findings.sort(key=lambda f: (f.severity != "finding", f.index is None, f.index or 0))
        key = given[1] if given else next((k.public for k in state.keys.log_keys(state.size)), None)
        return VerificationReport(
            origin=state.origin,
            level=self.question.level,
            size=state.size,
            root=None if state.gapped else state.frontier.root().hex(),
            log_key=signed_note.verifier_key(state.origin, key) if key and state.origin else None,
            log_key_given=given is not None,
            checkpoints=heads.good,
            sealed_size=heads.sealed_size,
            tokens=0,
            heads=heads.heads,
            segments=len(state.segments),
            objects=self.content.objects,
            opened=self.content.opened,
            unopened=self.content.unopened,
            erased=self.erased,
            findings=tuple(self.findings),
            truncated=self.truncated,
        )

    def _numbers(self, names: Iterator[str]) -> list[int]:
        found = []
        for name in names:
            number = name.removeprefix(layout.COMMITS)
            if len(number) == 20 and number.isascii() and number.isdigit():
                found.append(int(number))
            else:
                self._say("unexpected", "no marker has such a name", name)
        return found

    def _segments(self) -> dict[int, list[str]]:
        """Give first → digests of the segment objects that are there."""
        found: dict[int, list[str]] = {}
        for name in self.places.archive.names(layout.SEGMENTS):
            try:
                first, digest = layout.parse_numbered(name)
            except FormatError:
                self._say("unexpected", "no segment has such a name", name)
            else:
                found.setdefault(first, []).append(digest)
        return found

    def _walk(self, markers: list[int], segments: dict[int, list[str]]) -> None:
        state = self.state
        firsts = sorted({*markers, *segments})
        expected = firsts[-1] if firsts else 0
        if not firsts or firsts[0] != 0:
            self._say("missing", "there is no first commit: this is no archive, or its beginning is gone")
        while True:
            ref, last = self._next(markers, segments)
            if ref is None:
                later = bisect_right(firsts, state.size)
                if later >= len(firsts) or not any(first > state.size for first in markers):
                    return
                self._skip_to(firsts[later])
                continue
            segment = self._load(ref)
            if segment is None:
                self._skip_to(ref.end)
                continue
            self._check_segment(segment, ref)
            if last is not None and state.last != last:
                self._say(
                    "altered", "the marker names another last record", layout.marker(ref.first), ref.first
                )
            self._roots[state.size] = state.frontier.root()
            if self.progress:
                self.progress(state.size, max(expected, state.size))

    def _next(
        self, markers: list[int], segments: dict[int, list[str]]
    ) -> tuple[SegmentRef | None, bytes | None]:
        """Find the segment at the present size: by its marker, or without one by being the only one there."""
        size = self.state.size
        name = layout.marker(size)
        try:
            return parse_marker(self.places.control.get(name, limit=MAX_MARKER), size)
        except NotFound:
            if not any(first > size for first in markers):
                return None, None
            self._say("missing", f"the marker of record {size} is gone", name, size)
        except FormatError as error:
            self._say("altered", str(error), name, size)
        candidates = [digest for digest in segments.get(size, []) if digest not in self.state.orphans]
        if len(candidates) != 1:
            return None, None
        try:
            data = self.places.archive.get(layout.segment(size, candidates[0]), limit=MAX_SEGMENT)
            return SegmentRef(size, Segment(data).header.count, candidates[0], len(data)), None
        except FormatError:
            return None, None

    def _load(self, ref: SegmentRef) -> Segment | None:
        name = layout.segment(ref.first, ref.sha256)
        try:
            return self.reader.segment(ref)
        except NotFound:
            text = f"the segment of records {ref.first} to {ref.end - 1} is gone"
            self._say("missing", text, name, ref.first)
        except FormatError as error:
            self._say("altered", str(error), name, ref.first)
        return None

    def _skip_to(self, first: int) -> None:
        """Go on behind records that are not there: their hashes are unknown, so no later root can be told."""
        state = self.state
        if not state.gapped:
            self._say(
                "unknown",
                f"from record {state.size} on no checkpoint can be compared, because records are missing",
                index=state.size,
            )
        state.frontier = Frontier(first, [bytes(32)] * first.bit_count())
        state.gapped = True
        state.positions.clear()
        self._adopt_next = True

    def _check_segment(self, segment: Segment, ref: SegmentRef) -> None:
        name, level = layout.segment(ref.first, ref.sha256), self.question.level
        if self._adopt_next:
            self.state.last, self._adopt_next = segment.header.previous, False
        batch = segment.header.batch
        if batch is not None:
            if batch.hex() in self._batches:
                self._say("fork", "two committed segments share one key page", name, ref.first)
            self._batches[batch.hex()] = ref
        SegmentFold(
            self.state, segment, ref, name,
            report=self.report, leaf_hash_of=self.reader.leaf_hash, check_frames=level >= 1,
        ).run()  # fmt: skip
        self._check_pages(segment, ref)
        if level >= 1:
            self.content.check_objects(segment)
        if level == 2:
            self.content.open_records(segment)

    def _check_pages(self, segment: Segment, ref: SegmentRef) -> None:
        """Judge the pages now; what a later erasure or re-encryption may explain is judged at the end."""
        findings: list[Finding] = []
        checks = [
            PageCheck(self.state, self.places, copy, findings.append)
            for copy in range(len(self.places.vaults))
        ]
        records = self._page_records(segment, ref) if checks else None
        if records is None:
            return
        if segment.header.batch is not None:
            self._classes[segment.header.batch.hex()] = frozenset(one.record_class for one in records)
        for check in checks:
            check.run(segment, records)
        if findings:
            self._recheck.append(ref)
        elif checks:
            self.erased += checks[0].erased

    def _page_records(self, segment: Segment, ref: SegmentRef) -> list[PageRecords] | None:
        """Give which keys belong to which record; None, and a finding, where the leaves do not tell."""
        try:
            return page_records(segment)
        except UnknownRecord:
            text = "the key pages of records that this version does not know cannot be judged"
            self._say("unknown", text, index=ref.first)
        except FormatError:
            self._say("altered", "its leaves do not tell which keys belong to which record", index=ref.first)
        return None

    def _check_pages_again(self) -> None:
        refs = {ref.first: ref for ref in self._recheck}
        for erasure in self.state.erasures:
            for ref in self.state.segments:
                if ref.first <= erasure.last and erasure.first < ref.end:
                    refs[ref.first] = ref
                    check_targets(self.reader, erasure, ref, self.report)
        for first in sorted(refs):
            segment = self._load(refs[first])
            if segment is None:
                continue
            records = self._page_records(segment, refs[first])
            if records is None:
                continue
            for copy in range(len(self.places.vaults)):
                check = PageCheck(self.state, self.places, copy, self.report)
                check.run(segment, records)
                if copy == 0 and refs[first] in self._recheck:
                    self.erased += check.erased
