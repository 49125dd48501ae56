"""The auditor's walk: everything that can be held against the ledger, at three levels (read half).

L0: leaves, chain, streams, tree, checkpoints, writers and roles, key pages against erasures.
L1: also frames and objects. L2: also content, with the keys at hand.
The walk never stops at the first finding. It trusts nothing but the public key it was given.
"""

from array import array
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from archive.core import layout, signed_note
from archive.core.keys import PrivateRecipient
from archive.core.merkle import Frontier
from archive.errors import FormatError, StoreError
from archive.ledger.anchors import AnchorCheck, is_ahead
from archive.ledger.brackets import Stamped, bounds_of
from archive.ledger.challenge import challenge
from archive.ledger.fold import SegmentFold
from archive.ledger.head_checks import HeadCheck
from archive.ledger.ordered import ordered
from archive.ledger.page_judge import PageJudge
from archive.ledger.reader import LedgerReader
from archive.ledger.receipts import check_receipts
from archive.ledger.repetitions import Repetitions
from archive.ledger.resume import Resume
from archive.ledger.scan import SegmentScan
from archive.ledger.scanning import Alone, Scanned, Workers
from archive.ledger.state import LedgerState, SegmentRef
from archive.ledger.strangers import Strangers
from archive.ledger.trail import Step, Trail
from archive.ports import ReadPlaces
from schemas.report import Finding, FindingKind, Severity, VerificationReport

LISTED = 1000
"""Findings of one weight that a report lists; of the heaviest, those beyond are counted."""
WEIGHTS = get_args(Severity)
"""The heaviest first."""

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
    authorities: Sequence[bytes] = ()
    """Certificates (DER) as known from outside that the chains of time-stamp authorities must end in."""
    challenge: int = 0
    """Records to draw and open, whatever the level."""
    seed: str = ""
    """Chosen by whoever draws: with the root it decides which, so that nobody else can."""
    now: int = 0
    """The present, Unix time: only to say whose certificate has ended since, and what is dated later."""


class Verification:
    """One verification of one archive."""

    def __init__(
        self,
        places: ReadPlaces,
        question: Question,
        progress: Progress | None = None,
        workers: Workers | None = None,
        since: Resume | None = None,
    ) -> None:
        """Prepare to verify what lies in ``places``; ``since`` goes on where an earlier verification ended."""
        self.places, self.question, self.progress = places, question, progress
        self.workers: Workers = workers or Alone(places)
        self.since = since
        self.state = LedgerState(origin=question.log_key[0] if question.log_key else None)
        self._batches: dict[str, SegmentRef] = {}
        self._classes: dict[str, frozenset[str]] = {}
        """Batch → the classes that its segment has key pages for."""
        if since is not None:
            self.state = since.state.copy()
            self._batches.update(since.batches)
            self._classes.update(since.classes)
        self.start = self.state.size
        self.reader = LedgerReader(places, self.state)
        self.findings: list[Finding] = []
        self._listed: Counter[Severity] = Counter()
        self.truncated = self.objects = self.opened = self.unopened = 0
        self._roots: dict[int, bytes] = dict(since.roots) if since else {}
        self._times: dict[int, int] = dict(since.times) if since else {}
        """Size at a segment end → time of that segment."""
        compared = since.settled if since else ()
        self._heads = HeadCheck(self.state, self._roots, question.log_key, self.report, compared=compared)
        self._pages = PageJudge(self.reader, self._batches, self.report)
        self._adopt_next = False
        self._repeated = Repetitions()
        if since is not None:
            self._repeated.add(since.commitments)
        self._lost: list[SegmentRef] = []
        """Committed segments that cannot be read, or are gone: that has been said."""
        self._named = array("Q")
        """The beginnings of the digests of all objects that records name."""
        self.challenged: list[tuple[int, bool | None]] = []

    def report(self, finding: Finding) -> None:
        """Keep a finding; of each weight so many, so that none hides behind lighter ones."""
        self._listed[finding.severity] += 1
        if self._listed[finding.severity] <= LISTED:
            self.findings.append(finding)
        elif finding.severity == "finding":
            self.truncated += 1

    def _say(self, kind: FindingKind, text: str, name: str | None = None, index: int | None = None) -> None:
        self.report(Finding(kind=kind, text=text, name=name, index=index))

    def run(self) -> VerificationReport:
        """Walk everything; give the report."""
        question = self.question
        anchors = AnchorCheck(self.reader, self._roots, self._times, question.authorities, self.report)
        heads = self._heads
        try:
            stored = list(self.places.archive.names(layout.CHECKPOINTS))
            markers = self._numbers(self.places.control.names(layout.COMMITS))
            segments = self._segments()
            if self.since is not None and (against := self.since.check(self.places, markers, segments)):
                return self._anew(against)
            self._walk(markers, segments)
            if self.since is not None and (
                against := self.since.check_pages(self.places, self.state.generations)
            ):
                return self._anew(against)
            self._pages.judge_again()
            check_receipts(self.reader, self._batches, self._classes, self.report)
            heads.check_stored(self.places.archive, stored)
            heads.check_outside(question.heads)
            anchors.run(question.now)
            whole = self.question.level >= 1 and not self.start and not self.state.gapped
            strangers = Strangers(
                self.reader, self._batches, self._classes, self.report, self._named if whole else None
            )
            strangers.check(markers, segments, self._lost)
            self._repeated.tell(self.reader, self.report)
            self._open_records()
            if question.challenge:
                self.challenged = challenge(
                    self.reader, heads.to_draw_from(), question.private, question.seed, question.challenge,
                    self.report,
                )  # fmt: skip
        except StoreError as error:
            self._say("unreachable", str(error))
        return self._finish(anchors.good)

    def _anew(self, against: Sequence[Finding]) -> VerificationReport:
        """Verify all of it, for an earlier verification does not speak of what lies here; say so first."""
        report = Verification(self.places, self.question, self.progress, self.workers).run()
        told = [
            one.model_copy(update={"text": f"{one.text}; all of it was verified anew"}) for one in against
        ]
        return report.model_copy(update={"findings": (*told, *report.findings)})

    def resume(self) -> Resume:
        """Give what a later verification may go on from."""
        level = min(self.question.level, self.since.level if self.since else 2)
        return Resume(
            self.state, dict(self._batches), dict(self._classes), level, dict(self._roots), dict(self._times),
            frozenset(self._heads.compared), self._repeated.to_bytes(),
        )  # fmt: skip

    def _finish(self, stamped: Sequence[Stamped]) -> VerificationReport:
        state, heads = self.state, self._heads
        self.findings.sort(
            key=lambda f: (f.kind != "disowned", WEIGHTS.index(f.severity), f.index is None, f.index or 0)
        )
        key = heads.signer
        return VerificationReport(
            origin=state.origin,
            level=self.question.level,
            size=state.size,
            since=self.start,
            root=None if state.gapped else state.frontier.root().hex(),
            log_key=signed_note.verifier_key(state.origin, key) if key and state.origin else None,
            log_key_given=heads.is_of_given_key,
            checkpoints=heads.good,
            sealed_size=heads.sealed_size,
            tokens=len(stamped),
            authorities=bounds_of(stamped),
            authorities_given=bool(self.question.authorities),
            heads=heads.heads,
            newest_head=heads.newest_head,
            newest_head_time=self._times.get(heads.newest_head or 0),
            newest_head_ahead=is_ahead(self._times.get(heads.newest_head or 0), self.question.now),
            segments=len(state.segments),
            objects=self.objects,
            opened=self.opened,
            unopened=self.unopened,
            erased=self._pages.erased,
            challenged=tuple(self.challenged),
            challenged_size=heads.to_draw_from()[0] if self.challenged else 0,
            keys_changed=len(state.special.get("keys", [])),
            erasures=len(state.special.get("erase", [])),
            orders=ordered(self.reader),
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
        """Follow the markers; the segments they name are scanned ahead by the workers, and folded in order."""
        expected = max([*markers, *segments], default=0)
        if not self.start and 0 not in segments and 0 not in markers:
            self._say("missing", "there is no first commit: this is no archive, or its beginning is gone")
        trail = Trail(self.places, markers, segments, self.start)
        steps: deque[Step] = deque()

        def refs() -> Iterator[SegmentRef]:
            for step in trail.steps():
                steps.append(step)
                if step.ref is not None:
                    yield step.ref

        for scanned in self.workers.scans(refs(), min(self.question.level, 1)):
            while (step := steps.popleft()).ref is None:
                self._tell(step)
            self._tell(step)
            self._fold(step, scanned)
            if self.progress:
                self.progress(self.state.size, max(expected, self.state.size))
        while steps:
            self._tell(steps.popleft())
        if not self.state.size and segments:
            text = "segments are there and no marker of them: the control place is lost, or beleg.toml names another"
            self._say("missing", f"{text}; `beleg rebuild markers` makes it anew", index=0)
            self.state.gapped = True

    def _tell(self, step: Step) -> None:
        """Say what stood in the way before a segment, and skip what is not there."""
        for finding in step.findings:
            self.report(finding)
        if step.first > self.state.size:
            self._skip_to(step.first)

    def _fold(self, step: Step, scanned: Scanned) -> None:
        ref, state = scanned.ref, self.state
        for finding in scanned.findings:
            self.report(finding)
        self.objects += scanned.objects
        self._named.frombytes(scanned.named)
        if scanned.scan is None:
            self._lost.append(ref)
            self._skip_to(ref.end)
            return
        self._check_segment(scanned.scan, scanned)
        if step.last is not None and state.last != step.last:
            self._say("altered", "the marker names another last record", layout.marker(ref.first), ref.first)
        if not state.gapped:
            self._roots[state.size] = state.frontier.root()
        self._times[state.size] = state.time

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

    def _check_segment(self, scan: SegmentScan, scanned: Scanned) -> None:
        ref = scanned.ref
        name = layout.segment(ref.first, ref.sha256)
        if self._adopt_next:
            self.state.last, self._adopt_next = scan.header.previous, False
        batch = scan.header.batch
        if batch is not None:
            if batch.hex() in self._batches:
                self._say("fork", "two committed segments share one key page", name, ref.first)
            self._batches[batch.hex()] = ref
            self._classes[batch.hex()] = scanned.classes or frozenset()
        SegmentFold(self.state, scan, ref, name, report=self.report, leaf_hash_of=self.reader.leaf_hash).run()
        self._repeated.add(scan.commitments)
        self._pages.judge(scan, scanned)

    def _open_records(self) -> None:
        """Open content (level 2) of all segments that are new, or whose keys were encrypted anew."""
        if self.question.level < 2:
            return
        anew = {ref.first for ref in self._pages.encrypted_anew()}
        refs = [ref for ref in self.state.segments if ref.first >= self.start or ref.first in anew]
        done = self.start
        for ref, opened in zip(
            refs, self.workers.opens(refs, self.state, self.question.private), strict=True
        ):
            for finding in opened.findings:
                self.report(finding)
            self.opened += opened.opened
            self.unopened += opened.unopened
            done = ref.end
            if self.progress:
                self.progress(done, self.state.size)
        if self.unopened:
            self._say("unknown", f"{self.unopened} records stay closed: no key at hand opens them")
