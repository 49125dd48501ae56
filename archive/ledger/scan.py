"""What can be said of one segment by itself: the heavy half of level 0, for any process (read half).

A scan needs no state of the ledger; ``fold`` joins scans in order. So segments are scanned side by side, and
what a scan gives back is small.
"""

from dataclasses import dataclass, field
from hashlib import sha256

from archive.core import signed_note
from archive.core.canonical import b64u, b64u_bytes
from archive.core.facets import MAX_FRAME, split_frame
from archive.core.leaf import (
    MAX_TIME,
    RECIPIENTS,
    Leaf,
    UnknownRecord,
    class_stream,
    content_members,
    decode_leaf,
    segment_digest,
)
from archive.core.merkle import subtrees
from archive.core.segment import Header, Segment
from archive.errors import FormatError
from archive.ledger.state import BULK_KINDS
from schemas.report import Finding, FindingKind

_FOUNDING = {0: "genesis", 1: "keys"}


@dataclass(slots=True)
class Run:
    """The records of one stream in a segment: consecutive positions."""

    start: int
    following: int
    index: int
    """Of the first of them."""


@dataclass(frozen=True, slots=True)
class Event:
    """A record that the ledger's state is folded from."""

    index: int
    kind: str
    payload: bytes | None
    """Of a clear record whose frame is the one its leaf names; else None."""


@dataclass(slots=True)
class SegmentScan:
    """What a segment says, and what is wrong with it by itself."""

    header: Header
    note: signed_note.Note
    last: bytes
    """Leaf hash of the last record."""
    nodes: tuple[tuple[int, bytes], ...]
    """(height, hash) of the largest whole subtrees that tile its records, in order."""
    findings: list[Finding] = field(default_factory=list)
    runs: dict[str, Run] = field(default_factory=dict)
    """Stream → its records here."""
    kinds: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    """(class, kind) → index of the first and number of the others."""
    events: list[Event] = field(default_factory=list)
    hashes: dict[int, bytes] = field(default_factory=dict)
    """Index → leaf hash, of records that approvals may sign."""
    founding: bytes | None = None
    """Frame of record 1."""
    commitments: bytes = b""
    """The first 8 characters of each, in order of index: enough to suspect a repetition."""
    pages: list[tuple[str, list[int], list[bytes]]] | None = None
    """(class, indexes, slot hashes) by class ascending; None where the leaves do not tell."""
    pages_unknown: bool = False
    """The reason why not: a class that this version does not know."""


class Scanner:
    """Scans one segment."""

    def __init__(self, segment: Segment, first: int, name: str, *, check_frames: bool) -> None:
        """Prepare; ``first`` is where its marker puts it, ``check_frames`` hashes all frames (level 1)."""
        self.segment, self.first, self.name, self.check_frames = segment, first, name, check_frames
        header = segment.header
        self.digest = segment_digest(
            writer=header.writer, batch=header.batch, page=header.page,
            slots=header.slots, first=header.first, count=header.count,
        )  # fmt: skip
        self.scan = SegmentScan(header, segment.note, header.previous, ())
        self._slots: dict[str, int] = {}
        self._streams: dict[str, str] = {}
        self._previous = b64u_bytes(header.previous)
        self._due = (self.digest.encode(), b"%d" % header.time if header.time < MAX_TIME else b"")
        self._commitments = bytearray()
        self._classes: list[str | None] = []

    def run(self) -> SegmentScan:
        """Look at every record."""
        scan, header, hashes = self.scan, self.segment.header, []
        for ordinal, raw in enumerate(self.segment.leaves()):
            hashed = sha256(b"\0" + raw).digest()
            if not self._takes_as_due(raw, ordinal):
                self._look_closely(raw, ordinal, hashed)
            hashes.append(hashed)
            self._previous = b64u_bytes(hashed)
        scan.last, scan.nodes = hashes[-1], tuple(subtrees(self.first, hashes))
        scan.commitments = bytes(self._commitments)
        if scan.last != header.last:
            self._say("altered", "the header names another last record than the segment holds")
        if header.first == 0 and header.count > 1:
            scan.founding = self.segment.frame(1)
        self._group_pages()
        return scan

    def _takes_as_due(self, raw: bytes, ordinal: int) -> bool:
        """Take a record in that is in every way the one that is due here; of any other take nothing, and say False.

        Nearly all are content and honest. What is wrong with the others ``_look_closely`` finds out.
        """
        members = content_members(raw)
        if members is None:
            return False
        commitment, length, frame_sha256, index, kind, previous, digest, stream, position, time = (
            members.groups()
        )
        row, scan = self.segment.rows[ordinal], self.scan
        number, at, slot = int(index), int(position), self._slots.get("content", 0)
        run = scan.runs.get(name := stream.decode())
        if (
            previous != self._previous
            or (digest, time) != self._due
            or number != scan.header.first + ordinal
            or row.slot != slot
            or not 2 <= row.frame_length == int(length) <= MAX_FRAME
            or (run is not None and run.following != at)
            or (
                self.check_frames and b64u_bytes(sha256(self.segment.frame(ordinal)).digest()) != frame_sha256
            )
        ):
            return False
        if run is None:
            scan.runs[name] = Run(at, at + 1, number)
        else:
            run.following = at + 1
        self._slots["content"] = slot + 1
        scan.kinds.setdefault(("content", kind.decode()), [number, -1])[1] += 1
        self._commitments += commitment[:8]
        self._classes.append("content")
        return True

    def _look_closely(self, raw: bytes, ordinal: int, hashed: bytes) -> None:
        """Take a record in, and say all that is wrong with it."""
        index = self.segment.header.first + ordinal
        leaf: Leaf | None = None
        try:
            known = decode_leaf(raw)
        except UnknownRecord as error:
            leaf = error.leaf
            self._say("unknown", f"record {index}: {error}", index)
            if leaf is not None:
                self._check_place(leaf, index, ordinal)
        except FormatError as error:
            self._say("altered", f"record {index}: {error}", index)
        else:
            leaf = known
            self._check_leaf(known, index, ordinal)
        self._classes.append(leaf.record_class if leaf else None)
        if leaf is not None and leaf.kind == "request":
            self.scan.hashes[index] = hashed

    def _say(self, kind: FindingKind, text: str, index: int | None = None) -> None:
        first = self.segment.header.first if index is None else index
        self.scan.findings.append(Finding(kind=kind, text=text, name=self.name, index=first))

    def _check_leaf(self, leaf: Leaf, index: int, ordinal: int) -> None:
        self._check_place(leaf, index, ordinal)
        scan, clear_record = self.scan, leaf.record_class == "clear"
        if leaf.record_class != "content" and leaf.stream != self._class_stream(leaf.record_class):
            self._say("altered", f"record {index} is not in the stream of its class", index)
        if leaf.kind != _FOUNDING.get(index, leaf.kind):
            self._say("altered", f"record {index} is no {_FOUNDING[index]} record", index)
        seen = scan.kinds.setdefault((leaf.record_class, leaf.kind), [index, -1])
        seen[1] += 1
        if leaf.commitment is not None:
            self._commitments += leaf.commitment[:8].encode()
        payload = None
        if self.check_frames or clear_record:
            frame = self.segment.frame(ordinal)
            if b64u(sha256(frame).digest()) != leaf.frame_sha256:
                self._say("altered", f"record {index}: the frame is not the one its leaf names", index)
                return
            if clear_record:
                payload = self._payload(frame, index)
        if leaf.kind not in BULK_KINDS:
            scan.events.append(Event(index, leaf.kind, payload))

    def _payload(self, frame: bytes, index: int) -> bytes | None:
        try:
            objects, payload = split_frame(frame)
            if objects:
                raise FormatError("a clear record that names objects")
        except FormatError as error:
            self._say("altered", f"record {index}: {error}", index)
            return None
        return payload

    def _check_place(self, leaf: Leaf, index: int, ordinal: int) -> None:
        """Check what holds for every leaf, also one of a kind that this version does not know."""
        header, scan, row = self.segment.header, self.scan, self.segment.rows[ordinal]
        if leaf.index != index:
            self._say("bad_chain", f"record {index} calls itself {leaf.index}", index)
        if leaf.previous != self._previous.decode():
            self._say("bad_chain", f"record {index} does not follow record {index - 1}", index)
        if leaf.time != header.time or leaf.segment != self.digest:
            self._say("altered", f"record {index} does not belong to this segment", index)
        position, run = leaf.stream_position, scan.runs.get(leaf.stream)
        if run is None:
            scan.runs[leaf.stream] = Run(position, position + 1, index)
        else:
            if position != run.following:
                text = f"record {index} is number {position} of its stream, not {run.following}"
                self._say("bad_chain", text, index)
            run.following = position + 1
        slot = None if leaf.record_class == "clear" else self._slots.get(leaf.record_class, 0)
        if row.slot != slot or not row.frame_length == leaf.frame_length <= MAX_FRAME:
            self._say("altered", f"record {index}: the index table does not fit its leaf", index)
        if slot is not None:
            self._slots[leaf.record_class] = slot + 1

    def _class_stream(self, record_class: str) -> str:
        if record_class not in self._streams:
            self._streams[record_class] = class_stream(self.segment.header.origin, record_class)
        return self._streams[record_class]

    def _group_pages(self) -> None:
        """Say which keys belong to which record, as ``pages.page_records`` does, without reading leaves again."""
        found: dict[str, tuple[list[int], list[bytes]]] = {}
        hashes = iter(self.segment.slot_hashes)
        for ordinal, row in enumerate(self.segment.rows):
            if row.slot is None:
                continue
            record_class = self._classes[ordinal]
            if record_class not in RECIPIENTS:
                self.scan.pages_unknown = record_class is not None
                return
            indexes, listed = found.setdefault(record_class, ([], []))
            indexes.append(self.segment.header.first + ordinal)
            listed.append(next(hashes))
        self.scan.pages = [(name, *found[name]) for name in sorted(found)]
