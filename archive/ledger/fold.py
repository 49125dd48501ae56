"""Folding a segment into the state: every rule of level 0 that a segment by itself can break (read half).

Writers, readers and verifiers run this same code. A writer hands in ``stop``, which raises at the first
problem; a verifier hands in a list's ``append`` and walks on.
"""

from collections.abc import Callable
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from archive.core import clear, signed_note
from archive.core.canonical import b64u, encode, label
from archive.core.facets import MAX_FRAME, split_frame
from archive.core.keys import KeyRing
from archive.core.leaf import WRITERS, Leaf, UnknownRecord, class_stream, decode_leaf, segment_digest
from archive.core.merkle import leaf_hash
from archive.core.segment import Segment, writer_name
from archive.errors import FormatError
from archive.ledger.state import BULK_KINDS, Erasure, LedgerState, SegmentRef
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

_FOUNDING = {0: "genesis", 1: "keys"}


def stop(finding: Finding) -> None:
    """Raise a finding: for writers and readers, who must not go on.

    Raises:
        FormatError: always, unless it is only a note.
    """
    if finding.severity != "note":
        raise FormatError(f"{finding.name or 'the ledger'}: {finding.text}")


class SegmentFold:
    """Fold one segment into a state."""

    def __init__(
        self,
        state: LedgerState,
        segment: Segment,
        ref: SegmentRef,
        name: str,
        *,
        report: Report,
        leaf_hash_of: LeafHashOf,
        check_frames: bool = False,
    ) -> None:
        """Prepare.

        Args:
            state: what is known up to ``segment.header.first``; changed by ``run``.
            segment: the segment, taken apart.
            ref: what the marker says of it.
            name: its object name, for findings.
            report: takes each finding.
            leaf_hash_of: gives the leaf hash of an earlier record.
            check_frames: hash the frames too (level 1); those of clear records always are.
        """
        self.state, self.segment, self.ref, self.name = state, segment, ref, name
        self.report, self.leaf_hash_of, self.check_frames = report, leaf_hash_of, check_frames
        self.role: str | None = None
        self._streams: dict[str, str] = {}

    def run(self) -> None:
        """Check and fold. The state afterwards reaches to the end of the segment, whatever was found."""
        header, state = self.segment.header, self.state
        if state.origin is None:
            state.origin = header.origin
        self._check_header()
        self._find_role()
        digest = segment_digest(
            writer=header.writer, batch=header.batch, page=header.page,
            slots=header.slots, first=header.first, count=header.count,
        )  # fmt: skip
        slots: dict[str, int] = {}
        for ordinal, raw in enumerate(self.segment.leaves()):
            index = header.first + ordinal
            try:
                leaf: Leaf | None = decode_leaf(raw)
            except UnknownRecord as error:
                leaf = None
                self._say("unknown", f"record {index}: {error}", index)
                if error.leaf is not None:
                    self._check_place(error.leaf, index, ordinal, digest, slots)
            except FormatError as error:
                leaf = None
                self._say("altered", f"record {index}: {error}", index)
            if leaf is not None:
                self._check_leaf(leaf, index, ordinal, digest, slots)
            state.last = leaf_hash(raw)
            state.frontier.add(state.last)
        if state.last != header.last:
            self._say("altered", "the header names another last record than the segment holds")
        if header.time < state.time:
            self._say("clock", "the clock went back: this segment is older than the one before it")
        state.time = header.time
        state.segments.append(self.ref)

    def _say(self, kind: FindingKind, text: str, index: int | None = None) -> None:
        first = self.segment.header.first if index is None else index
        self.report(Finding(kind=kind, text=text, name=self.name, index=first))

    def _check_header(self) -> None:
        header, state = self.segment.header, self.state
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
        header, keys = self.segment.header, self.state.keys
        if header.first == 0:
            keys = KeyRing()
            try:
                self._apply_keys(keys, self.segment.frame(1), 1)
            except (FormatError, IndexError) as error:
                self._say("altered", f"record 1 does not register the founding keys: {error}", 1)
        key = keys.writer(header.writer, header.first)
        if key is None:
            self._say("bad_signature", f"writer {header.writer} is not registered for this segment")
        elif not signed_note.verify(self.segment.note, writer_name(header.origin, header.writer), key.public):
            self._say("bad_signature", f"the signature of writer {header.writer} does not hold")
        else:
            self.role = key.role

    def _check_leaf(self, leaf: Leaf, index: int, ordinal: int, digest: str, slots: dict[str, int]) -> None:
        self._check_place(leaf, index, ordinal, digest, slots)
        clear_record = leaf.record_class == "clear"
        if leaf.record_class != "content" and leaf.stream != self._class_stream(leaf.record_class):
            self._say("altered", f"record {index} is not in the stream of its class", index)
        if leaf.kind != _FOUNDING.get(index, leaf.kind):
            self._say("altered", f"record {index} is no {_FOUNDING[index]} record", index)
        if self.role is not None and self.role not in WRITERS[leaf.record_class][leaf.kind]:
            self._say("bad_role", f"record {index}: the role {self.role} may not write {leaf.kind}", index)
        if self.check_frames or clear_record:
            frame = self.segment.frame(ordinal)
            if b64u(sha256(frame).digest()) != leaf.frame_sha256:
                self._say("altered", f"record {index}: the frame is not the one its leaf names", index)
                return
            if clear_record:
                self._fold_clear(leaf, frame, index)
        if leaf.kind not in BULK_KINDS:
            self.state.special.setdefault(leaf.kind, []).append(index)

    def _check_place(self, leaf: Leaf, index: int, ordinal: int, digest: str, slots: dict[str, int]) -> None:
        """Check what holds for every leaf, also one of a kind that this version does not know."""
        header, state, row = self.segment.header, self.state, self.segment.rows[ordinal]
        if leaf.index != index:
            self._say("bad_chain", f"record {index} calls itself {leaf.index}", index)
        if leaf.previous != b64u(state.last):
            self._say("bad_chain", f"record {index} does not follow record {index - 1}", index)
        if leaf.time != header.time or leaf.segment != digest:
            self._say("altered", f"record {index} does not belong to this segment", index)
        due = state.positions.get(leaf.stream, leaf.stream_position if state.gapped else 0)
        if leaf.stream_position != due:
            text = f"record {index} is number {leaf.stream_position} of its stream, not {due}"
            self._say("bad_chain", text, index)
        state.positions[leaf.stream] = leaf.stream_position + 1
        slot = None if leaf.record_class == "clear" else slots.get(leaf.record_class, 0)
        if row.slot != slot or not row.frame_length == leaf.frame_length <= MAX_FRAME:
            self._say("altered", f"record {index}: the index table does not fit its leaf", index)
        if slot is not None:
            slots[leaf.record_class] = slot + 1

    def _class_stream(self, record_class: str) -> str:
        if record_class not in self._streams:
            self._streams[record_class] = class_stream(self.segment.header.origin, record_class)
        return self._streams[record_class]

    def _fold_clear(self, leaf: Leaf, frame: bytes, index: int) -> None:
        try:
            objects, payload = split_frame(frame)
            if objects:
                raise FormatError("a clear record that names objects")
            self._apply(leaf.kind, clear.read_body(leaf.kind, payload), index)
        except UnknownRecord as error:
            self._say("unknown", f"record {index}: {error}", index)
        except FormatError as error:
            self._say("altered", f"record {index}: {error}", index)

    def _apply_keys(self, keys: KeyRing, frame: bytes, index: int) -> None:
        body = clear.read_body("keys", split_frame(frame)[1])
        if isinstance(body, clear.Keys):
            header = self.segment.header
            keys.apply(
                body.changes, index=index, segment_first=header.first, segment_end=header.first + header.count
            )

    def _apply(self, kind: str, body: clear.ClearBody, index: int) -> None:
        state = self.state
        if (kind == "genesis") != (index == 0):
            raise FormatError("a genesis record is the first, and only the first")
        match body:
            case clear.Genesis():
                if body.origin != self.segment.header.origin:
                    raise FormatError("the founding names another origin")
            case clear.Keys():
                header = self.segment.header
                end = header.first + header.count
                state.keys.apply(body.changes, index=index, segment_first=header.first, segment_end=end)
            case clear.Erase():
                self._check_erase(body, index)
                state.erasures.extend(Erasure(first, last, index) for first, last in body.targets)
            case clear.Erased():
                self._fold_erased(body, index)
            case clear.Resealed():
                self._fold_resealed(body)
            case clear.Orphan():
                self._fold_orphan(body)
            case clear.Disowned():
                state.disowned.update(body.checkpoints)
            case clear.StreamEnds() | clear.Recovered() | clear.Restored() | clear.Renewal() | clear.Anchor():
                if body.size > index:
                    raise FormatError("speaks of a size that the ledger did not have")

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
        first = self.segment.header.first
        return self.leaf_hash_of(index) if index < first else leaf_hash(self.segment.leaf(index - first))

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
            + label(self.segment.header.origin)
            + self._leaf_hash(body.request)
            + encode([list(target) for target in body.targets])
        )
        names = [approval.key for approval in body.approvals]
        roles = set()
        for approval in body.approvals:
            key = self.state.keys.writer(approval.key, self.segment.header.first)
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
