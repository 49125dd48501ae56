"""From drafts to the parts of a segment: record keys, frames, key pages, leaves (write half)."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from os import urandom
from typing import BinaryIO

from archive.core import layout
from archive.core.canonical import b64u, encode
from archive.core.facets import ObjectRef, RecordKey, clear_frame, facet_lines, seal_frame
from archive.core.keypage import PageId, page_digest, parse_page, seal_page
from archive.core.keys import Recipient
from archive.core.leaf import VERSION, Leaf, class_stream, encode_leaf, segment_digest
from archive.core.merkle import leaf_hash
from archive.core.objects import seal_parts
from archive.core.segment import MAX_RECORDS
from archive.errors import ArchiveError
from archive.ledger.drafts import Draft, clear_draft
from archive.ledger.state import LedgerState, SegmentRef
from archive.ports import ObjectStore


@dataclass(frozen=True, slots=True)
class Batch:
    """Sealed drafts that have no place in the ledger yet."""

    drafts: Sequence[Draft]
    time: int
    frames: Sequence[bytes]
    commitments: Sequence[bytes | None]
    slots: Sequence[int | None]
    """Slot within the key page of the record's class; None for a clear record."""
    batch: bytes | None = None
    slot_hashes: Sequence[bytes] = ()
    page: bytes | None = None
    """Digest over the page headers, as the segment header signs it."""
    pages: Mapping[str, bytes] | None = None
    """Object name → key page."""


def seal(
    drafts: Sequence[Draft],
    *,
    origin: str,
    recipients: Mapping[str, Sequence[Recipient]],
    time: int,
    objects: ObjectStore,
) -> Batch:
    """Encrypt drafts under fresh record keys, store their objects, make their key pages.

    Args:
        drafts: at most 4,096.
        origin: the archive's origin.
        recipients: class → the recipients that count on this head.
        time: Unix time of the batch.
        objects: where the encrypted objects go.
    """
    if len(drafts) > MAX_RECORDS:
        raise ArchiveError(f"a decision of {len(drafts)} records, where {MAX_RECORDS} is the most")
    sealing = _Sealing(drafts, origin)
    objects.put_all(sealing.run())
    batch = Batch(drafts, time, sealing.frames, sealing.commitments, sealing.slots)
    return _with_pages(batch, sealing.keys, recipients, origin) if sealing.keys else batch


class _Sealing:
    """Seals drafts one after the other, and gives out their objects for storing as they come."""

    def __init__(self, drafts: Sequence[Draft], origin: str) -> None:
        self._drafts, self._origin = drafts, origin
        self.frames: list[bytes] = []
        self.commitments: list[bytes | None] = []
        self.slots: list[int | None] = []
        self.keys: dict[str, list[bytes]] = {}

    def run(self) -> Iterator[tuple[str, bytes]]:
        """Fill the lists; give (name, stored bytes) of each object. Memory holds one object at a time."""
        for draft in self._drafts:
            if draft.clear is not None:
                self._add(clear_frame(draft.clear), None, None)
                continue
            key = RecordKey()
            refs: list[ObjectRef] = []
            length = yield from self._objects(draft, key, refs)
            frame, committed = seal_frame(key, self._origin, facet_lines(draft.values or {}), refs, length)
            of_class = self.keys.setdefault(draft.record_class, [])
            self._add(frame, committed, len(of_class))
            of_class.append(key.key)

    def _add(self, frame: bytes, committed: bytes | None, slot: int | None) -> None:
        self.frames.append(frame)
        self.commitments.append(committed)
        self.slots.append(slot)

    def _objects(
        self, draft: Draft, key: RecordKey, refs: list[ObjectRef]
    ) -> Generator[tuple[str, bytes], None, int]:
        """Encrypt the object string part by part; give its length at the end."""
        if not draft.has_objects:
            return 0
        with draft.object_string() as stream:
            content = _Counted(stream)
            for ref, stored in seal_parts(key, self._origin, content):
                refs.append(ref)
                yield layout.object_name(ref.sha256.hex()), stored
        return content.length


def _with_pages(
    sealed: Batch,
    keys: Mapping[str, Sequence[bytes]],
    recipients: Mapping[str, Sequence[Recipient]],
    origin: str,
) -> Batch:
    batch = urandom(16)
    pages, headers, hashes = {}, {}, {}
    for name, record_keys in keys.items():
        if not recipients.get(name):
            raise ArchiveError(f"no recipient counts for the class {name}")
        page, listed = seal_page(PageId(origin, batch, name), recipients[name], record_keys)
        pages[layout.page(batch, name)] = page
        headers[name] = parse_page(page).header_sha256
        hashes[name] = iter(listed)
    encrypted = (draft.record_class for draft in sealed.drafts if draft.record_class != "clear")
    in_order = [next(hashes[record_class]) for record_class in encrypted]
    return replace(sealed, batch=batch, pages=pages, slot_hashes=in_order, page=page_digest(headers))


class _Counted:
    """Counts what is read from a stream."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self.length = stream, 0

    def read(self, size: int) -> bytes:
        piece = self._stream.read(size)
        self.length += len(piece)
        return piece


def slots_digest(batch: Batch) -> bytes | None:
    """Give the digest over the slot hashes, as the segment header signs it."""
    return sha256(b"".join(batch.slot_hashes)).digest() if batch.slot_hashes else None


def leaves_of(batch: Batch, state: LedgerState, writer: str) -> tuple[list[bytes], bytes]:
    """Give the leaves of a batch on this head, and the leaf hash of the last."""
    origin = state.origin or ""
    segment = segment_digest(
        writer=writer, batch=batch.batch, page=batch.page,
        slots=slots_digest(batch), first=state.size, count=len(batch.drafts),
    )  # fmt: skip
    positions: dict[str, int] = {}
    leaves: list[bytes] = []
    last = state.last
    rows = zip(batch.drafts, batch.frames, batch.commitments, strict=True)
    for index, (draft, frame, committed) in enumerate(rows, start=state.size):
        stream = draft.stream or class_stream(origin, draft.record_class)
        position = positions.get(stream, state.positions.get(stream, 0))
        positions[stream] = position + 1
        leaf = encode_leaf(
            Leaf(
                record_class=draft.record_class,
                commitment=None if committed is None else b64u(committed),
                frame_length=len(frame),
                frame_sha256=b64u(sha256(frame).digest()),
                index=index,
                kind=draft.kind,
                previous=b64u(last),
                segment=segment,
                stream=stream,
                stream_position=position,
                time=batch.time,
                version=VERSION,
            )
        )
        last = leaf_hash(leaf)
        leaves.append(leaf)
    return leaves, last


def marker_of(ref: SegmentRef, last: bytes) -> bytes:
    """Give the commit marker of a segment."""
    return encode(
        {
            "count": ref.count,
            "first": ref.first,
            "last": last.hex(),
            "length": ref.length,
            "segment": ref.sha256,
            "version": 1,
        }
    )


def orphan_draft(digest: str, batch: bytes | None, first: int) -> Draft:
    """Give the draft that logs a segment lost to another writer."""
    return clear_draft("orphan", {"batch": batch.hex() if batch else None, "first": first, "segment": digest})
