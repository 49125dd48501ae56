"""Folding a segment into the state: every rule of level 0 that a segment by itself can break (read half).

Writers, readers and verifiers run this same code. A writer hands in ``stop``, which raises at the first
problem; a verifier hands in a list's ``append`` and walks on.
"""

from collections.abc import Callable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from archive.core import clear, signed_note
from archive.core.canonical import encode, label
from archive.core.facets import split_frame
from archive.core.keys import KeyRing
from archive.core.leaf import WRITERS, UnknownRecord
from archive.core.segment import Segment, writer_name
from archive.errors import FormatError
from archive.ledger.scan import Event, Scanner, SegmentScan
from archive.ledger.state import Erasure, LedgerState, SegmentRef
from schemas.report import Finding, FindingKind

Report = Callable[[Finding], None]
LeafHashOf = Callable[[int], bytes]

RESEALERS = {
    "state": frozenset({"ingest", "recovery"}),
    "oversight": frozenset({"legal", "recovery"}),
    "matter": frozenset({"legal", "recovery"}),
    "content": frozenset({"legal", "recovery"}),
}
"""Class → roles whose ``resealed`` counts (FORMAT.md §5)."""


MAY_BE_LOST = "; what would tell may lie in the records that are missing"
"""Ends what is said of a ledger with a gap, and hangs on what came before."""


def stop(finding: Finding) -> None:
    """Raise a finding: for writers and readers, who must not go on.

    Raises:
        FormatError: always, unless it is only a note.
    """
    if finding.severity != "note":
        raise FormatError(f"{finding.name or 'the ledger'}: {finding.text}")


def fold(
    state: LedgerState,
    segment: Segment,
    ref: SegmentRef,
    name: str,
    *,
    report: Report,
    leaf_hash_of: LeafHashOf,
) -> None:
    """Scan a segment and fold it into a state; see ``SegmentFold``."""
    scan = Scanner(segment, ref.first, name, check_frames=False).run()
    SegmentFold(state, scan, ref, name, report=report, leaf_hash_of=leaf_hash_of).run()


class SegmentFold:
    """Fold one segment into a state."""

    def __init__(
        self,
        state: LedgerState,
        scan: SegmentScan,
        ref: SegmentRef,
        name: str,
        *,
        report: Report,
        leaf_hash_of: LeafHashOf,
    ) -> None:
        """Prepare.

        Args:
            state: what is known up to the segment; changed by ``run``.
            scan: what the segment says by itself.
            ref: what the marker says of it.
            name: its object name, for findings.
            report: takes each finding.
            leaf_hash_of: gives the leaf hash of an earlier record.
        """
        self.state, self.scan, self.ref, self.name = state, scan, ref, name
        self.report, self.leaf_hash_of = report, leaf_hash_of
        self.role: str | None = None

    def run(self) -> None:
        """Check and fold. The state afterwards reaches to the end of the segment, whatever was found."""
        scan, header, state = self.scan, self.scan.header, self.state
        if state.origin is None:
            state.origin = header.origin
        self._check_header()
        self._find_role()
        for finding in scan.findings:
            self.report(finding)
        self._check_kinds()
        for event in scan.events:
            if event.payload is not None:
                self._fold_clear(event)
            state.special.setdefault(event.kind, []).append(event.index)
        self._check_streams()
        for height, node in scan.nodes:
            state.frontier.add_subtree(height, node)
        state.last = scan.last
        if header.time < state.time:
            self._say("clock", "the clock went back: this segment is older than the one before it")
        state.time = header.time
        state.segments.append(self.ref)

    def _say(self, kind: FindingKind, text: str, index: int | None = None) -> None:
        first = self.scan.header.first if index is None else index
        self.report(Finding(kind=kind, text=text, name=self.name, index=first))

    def _doubt(self, kind: FindingKind, text: str, index: int | None = None) -> None:
        """Say what hangs on the records before: where some are missing, they may say otherwise."""
        self._say(*(("unknown", text + MAY_BE_LOST) if self.state.gapped else (kind, text)), index)

    def _check_header(self) -> None:
        header, state = self.scan.header, self.state
        if header.origin != state.origin:
            self._say("altered", "a segment of another archive")
        if header.first != state.size:
            self._say("bad_chain", f"begins at {header.first}, where {state.size} was due")
        if header.previous != state.last:
            self._say("bad_chain", "does not follow the record before it")
        if (header.first, header.count) != (self.ref.first, self.ref.count):
            self._say("altered", "the marker tells another first record or count")

    def _find_role(self) -> None:
        """Find the writer and check its signature; the founding segment brings its own keys."""
        header, keys = self.scan.header, self.state.keys
        if header.first == 0:
            keys = KeyRing()
            try:
                if self.scan.founding is None:
                    raise FormatError("the founding segment has no second record")
                self._apply_keys(keys, self.scan.founding, 1)
            except FormatError as error:
                self._say("altered", f"record 1 does not register the founding keys: {error}", 1)
        key = keys.writer(header.writer, header.first)
        if key is None:
            self._doubt("bad_signature", f"writer {header.writer} is not registered for this segment")
        elif not signed_note.verify(self.scan.note, writer_name(header.origin, header.writer), key.public):
            self._say("bad_signature", f"the signature of writer {header.writer} does not hold")
        else:
            self.role = key.role

    def _check_kinds(self) -> None:
        """Hold the kinds of the records against the role of the writer."""
        if self.role is None:
            return
        for (record_class, kind), (index, more) in self.scan.kinds.items():
            if self.role not in WRITERS[record_class][kind]:
                also = f", and {more} more records" if more else ""
                self._say(
                    "bad_role", f"record {index}{also}: the role {self.role} may not write {kind}", index
                )

    def _check_streams(self) -> None:
        """Join the streams of the segment to what came before: position 0, 1, 2 … without hole or repetition."""
        positions, gapped = self.state.positions, self.state.gapped
        for stream, run in self.scan.runs.items():
            due = positions.get(stream, run.start if gapped else 0)
            if run.start != due:
                text = f"record {run.index} is number {run.start} of its stream, not {due}"
                self._say("bad_chain", text, run.index)
            positions[stream] = run.following

    def _fold_clear(self, event: Event) -> None:
        index = event.index
        say = self._say
        try:
            body = clear.read_body(event.kind, event.payload or b"")
            say = self._doubt
            self._apply(event.kind, body, index)
        except UnknownRecord as error:
            self._say("unknown", f"record {index}: {error}", index)
        except FormatError as error:
            say("altered", f"record {index}: {error}", index)

    def _apply_keys(self, keys: KeyRing, frame: bytes, index: int) -> None:
        body = clear.read_body("keys", split_frame(frame)[1])
        if isinstance(body, clear.Keys):
            self._fold_keys(keys, body, index)

    def _fold_keys(self, keys: KeyRing, body: clear.Keys, index: int) -> None:
        header = self.scan.header
        keys.apply(
            body.changes, index=index, segment_first=header.first, segment_end=header.first + header.count
        )

    def _apply(self, kind: str, body: clear.ClearBody, index: int) -> None:
        state = self.state
        if (kind == "genesis") != (index == 0):
            raise FormatError("a genesis record is the first, and only the first")
        match body:
            case clear.Genesis():
                if body.origin != self.scan.header.origin:
                    raise FormatError("the founding names another origin")
            case clear.Keys():
                self._fold_keys(state.keys, body, index)
            case clear.Erase() | clear.Erased() | clear.Resealed():
                self._fold_losses(body, index)
            case clear.Orphan():
                self._fold_orphan(body)
            case clear.StreamEnds():
                self._check_stream_ends(body, index)
            case clear.Disowned():
                state.disowned.update(body.checkpoints)
            case clear.Recovered() | clear.Restored() | clear.Renewal() | clear.Anchor():
                if body.size > index:
                    raise FormatError("speaks of a size that the ledger did not have")

    def _fold_losses(self, body: clear.Erase | clear.Erased | clear.Resealed, index: int) -> None:
        """Fold what destroys keys or moves them to other pages."""
        match body:
            case clear.Erase():
                self._check_erase(body, index)
                self.state.erasures.extend(Erasure(first, last, index) for first, last in body.targets)
            case clear.Erased():
                self._fold_erased(body, index)
            case clear.Resealed():
                self._fold_resealed(body)

    def _check_stream_ends(self, body: clear.StreamEnds, index: int) -> None:
        """Hold the ends of streams against the positions at the beginning of the segment, where they are known."""
        if body.size > index:
            raise FormatError("speaks of a size that the ledger did not have")
        streams = [stream for stream, _ in body.ends]
        if streams != sorted(set(streams)):
            raise FormatError("ends of streams that are not in order, or twice")
        if self.state.gapped:
            return
        exact = body.size == self.scan.header.first
        for stream, last in body.ends:
            known = self.state.positions.get(stream, 0)
            if last >= known or (exact and last + 1 != known):
                raise FormatError("names another last position of a stream than there is")

    def _fold_erased(self, body: clear.Erased, index: int) -> None:
        if body.erase not in self.state.special.get("erase", []):
            raise FormatError("a receipt for an erasure that there is not")
        self.state.erased_pages.update({name: index for name, _ in body.pages})
        self.state.page_digests.update(dict(body.pages))

    def _fold_orphan(self, body: clear.Orphan) -> None:
        segments = self.state.segments
        if all(ref.first != body.first for ref in segments):
            # Else a segment could be called lost before it is committed, and never be rolled forward.
            raise FormatError("an orphan at a record where no other segment was committed")
        if any(ref.sha256 == body.segment for ref in segments):
            raise FormatError("calls a committed segment an orphan")
        self.state.orphans.add(body.segment)

    def _fold_resealed(self, body: clear.Resealed) -> None:
        generations = self.state.generations
        for page in body.pages:
            if self.role is not None and self.role not in RESEALERS[page.record_class]:
                raise FormatError(f"the role {self.role} may not re-encrypt the class {page.record_class}")
            known = generations.get((page.batch, page.record_class), (0, "", ""))
            if page.generation <= known[0]:
                raise FormatError("a re-encryption that is not newer than the one before it")
            generations[page.batch, page.record_class] = (page.generation, page.header, page.slots)

    def _leaf_hash(self, index: int) -> bytes:
        here = self.scan.hashes.get(index)
        return here if here is not None else self.leaf_hash_of(index)

    def _check_erase(self, body: clear.Erase, index: int) -> None:
        """Hold an erasure against FORMAT.md §6: ranges, request, and a quorum of two roles."""
        ends = [edge for target in body.targets for edge in target]
        ordered = all(a < b for a, b in zip(ends[1::2], ends[2::2], strict=False))
        if not ordered or any(first > last for first, last in body.targets) or ends[-1] >= index:
            raise FormatError("an erasure whose ranges are not in order, or not below it")
        if body.request not in self.state.special.get("request", []):
            raise FormatError("an erasure without a request")
        if any(first <= body.request <= last for first, last in body.targets):
            raise FormatError("an erasure of its own request")
        signed = (
            label("beleg/approval/v1")
            + label(self.scan.header.origin)
            + self._leaf_hash(body.request)
            + encode([list(target) for target in body.targets])
        )
        names = [approval.key for approval in body.approvals]
        roles = set()
        for approval in body.approvals:
            key = self.state.keys.writer(approval.key, self.scan.header.first)
            if key is None or key.role not in ("owner", "legal", "privacy"):
                raise FormatError("an erasure approved by a key that may not")
            try:
                Ed25519PublicKey.from_public_bytes(key.public).verify(
                    bytes.fromhex(approval.signature), signed
                )
            except InvalidSignature as error:
                raise FormatError("an erasure with a bad approval") from error
            roles.add(key.role)
        if names != sorted(set(names)) or len(roles) < 2:
            raise FormatError("an erasure without two approvals of two roles")
