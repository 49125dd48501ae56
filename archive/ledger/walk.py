"""Walking the markers to the head, and holding stored checkpoints against it (read half; FORMAT.md §11)."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from hashlib import sha256

from archive.core import layout, signed_note
from archive.core.segment import MAX_SEGMENT, Segment
from archive.errors import FormatError, NotFound, RolledBack
from archive.ledger.fold import fold, stop
from archive.ledger.pages import PageCheck, page_records
from archive.ledger.reader import MAX_MARKER, LedgerReader, parse_marker
from archive.ledger.state import LedgerState, SegmentRef
from archive.ports import ObjectReader, ReadPlaces
from schemas.report import Finding

MAX_CHECKPOINT = 65_536


def advance(reader: LedgerReader) -> dict[int, bytes]:
    """Fold every committed segment beyond the state. Stops at the first problem.

    Returns:
        size → root, for the size at the start and every segment end met.

    Raises:
        FormatError: a marker or segment breaks a rule; the writer must not go on.
        StoreError: a place could not answer, or a committed segment is missing.
    """
    state = reader.state
    roots = {state.size: state.frontier.root()}
    while True:
        try:
            ref, last = _marker(reader, state.size)
        except NotFound:
            return roots
        segment = reader.segment(ref)
        fold(
            state,
            segment,
            ref,
            layout.segment(ref.first, ref.sha256),
            report=stop,
            leaf_hash_of=reader.leaf_hash,
        )
        if state.last != last:
            raise FormatError(f"{layout.marker(ref.first)}: names another last record than its segment holds")
        roots[state.size] = state.frontier.root()


def _marker(reader: LedgerReader, first: int) -> tuple[SegmentRef, bytes]:
    """Read a stored marker; see ``parse_marker``.

    Raises:
        NotFound: there is none.
        FormatError: what lies there is none; nobody can go on from it.
    """
    name = layout.marker(first)
    try:
        return parse_marker(reader.places.control.get(name, limit=MAX_MARKER), first)
    except FormatError as error:
        raise FormatError(
            f"{name} in the control place is no marker ({error}), and nothing goes on from there. If the place gives "
            "it back so: `beleg verify`, then `beleg rebuild markers --into NEW` makes the place anew"
        ) from error


def check_cached(reader: LedgerReader) -> None:
    """Hold a state that was read from a file against the control place, before anything is built on it.

    Raises:
        RolledBack: the last segment that the state knows is not committed there.
        FormatError: the marker is malformed.
    """
    state = reader.state
    if not state.segments:
        return
    ref = state.segments[-1]
    name = layout.marker(ref.first)
    try:
        found, last = _marker(reader, ref.first)
    except NotFound as error:
        lost = f" Where the place is lost: `beleg rebuild markers --into NEW`.{GIVEN_UP}"
        raise _rolled_back(f"{name} is gone, and this host has seen it", lost) from error
    if found != ref or last != state.last:
        raise _rolled_back(f"{name} names another segment than this host has seen", GIVEN_UP)


GIVEN_UP = (
    " Only where the owner gave up the newest records after a loss (`beleg rebuild archive --give-up-newer`): move "
    "state.json of this host's workspace away, then `beleg rebuild`."
)
"""How a host goes on that has seen what was given up on another: it must be told, for its memory is its only guard."""


def _rolled_back(what: str, instead: str = "") -> RolledBack:
    return RolledBack(
        f"control place rolled back: {what}. Nothing was written. "
        f"Compare the control place with a copy, and run `beleg verify`.{instead}"
    )


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A checkpoint that lies in the archive place and can be read; who signed it was not looked at."""

    size: int
    """As its name gives it."""
    name: str
    data: bytes
    note: signed_note.Note
    checkpoint: signed_note.Checkpoint

    @property
    def digest(self) -> str:
        """Give the SHA-256 of its bytes, hex, as its name gives it."""
        return self.name.rsplit("-", 1)[1]

    def is_of(self, state: LedgerState) -> bool:
        """Say whether it is of this archive, and a log key that counts for its size signed it."""
        return self.checkpoint.origin == state.origin and is_signed(state, self.note, self.size)


def checkpoints(archive: ObjectReader, start: int = 0) -> Iterator[StoredCheckpoint]:
    """Give every stored checkpoint of size ≥ ``start`` that can be read, ascending by size.

    What does not bear out its own name, or is no checkpoint, is passed over: whoever may only add objects must
    not be able to stop a writer with rubbish. ``verify`` reports it.

    Raises:
        StoreError: one could not be read.
    """
    for name in archive.names(layout.CHECKPOINTS):
        try:
            size, digest = layout.parse_numbered(name)
            if size < start:
                continue
            data = archive.get(name, limit=MAX_CHECKPOINT)
            if sha256(data).hexdigest() != digest:
                continue
            note = signed_note.parse(data)
            stored = StoredCheckpoint(size, name, data, note, signed_note.parse_checkpoint(note))
        except FormatError:
            continue
        yield stored


def signer_of(state: LedgerState, note: signed_note.Note, size: int) -> bytes | None:
    """Give the log key (raw public) that counts for ``size`` and signed this checkpoint; of several the newest.

    None: none of them did, or one of them badly.
    """
    origin = state.origin or ""
    at = min(size, state.size)
    good = None
    for key in state.keys.log_keys(at):
        identifier = signed_note.key_id(origin, key.public)
        for line in note.signatures:
            if line.name == origin and line.key_id == identifier:
                if not signed_note.verify(note, origin, key.public):
                    return None
                good = key.public
    return good


def is_signed(state: LedgerState, note: signed_note.Note, size: int) -> bool:
    """Say whether a log key that counts for ``size`` signed this checkpoint, and none of them badly."""
    return signer_of(state, note, size) is not None


def is_ours(state: LedgerState, data: bytes, size: int) -> bool:
    """Say whether stored bytes are a checkpoint of this archive at ``size``, signed by a log key that counts."""
    try:
        note = signed_note.parse(data)
        checkpoint = signed_note.parse_checkpoint(note)
    except FormatError:
        return False
    return checkpoint.origin == state.origin and checkpoint.size == size and is_signed(state, note, size)


def check_prefixes(
    reader: LedgerReader, start: int, roots: dict[int, bytes], tolerated: Collection[str] = ()
) -> int:
    """Hold stored checkpoints of size ≥ ``start`` against the ledger; give the largest good size.

    Args:
        reader: a reader whose state reaches to the head.
        start: sizes below this were compared before.
        roots: size → root, for segment ends that the caller knows; those of segments that another writer commits
            and signs meanwhile are added, for the state follows it.
        tolerated: digests of checkpoints that stop nobody, for they are about to be disowned.

    Raises:
        RolledBack: a good checkpoint is no prefix of what the markers give.
    """
    state, sealed = reader.state, 0
    for stored in checkpoints(reader.places.archive, start):
        size = stored.size
        if size > state.size:
            roots.update(advance(reader))
        if stored.checkpoint.size != size or not stored.is_of(state):
            continue
        if stored.digest in state.disowned or stored.digest in tolerated:
            continue
        if roots.get(size) != stored.checkpoint.root:
            raise _rolled_back(
                f"{stored.name} was signed, and the markers do not lead to it",
                " If it was made anew elsewhere meanwhile, run this again; if a thief of the log key signed it: "
                "`beleg keys disown`.",
            )
        sealed = size
    return sealed


def continuations(reader: LedgerReader) -> list[str]:
    """Give the names of segments at the head that are valid and whose pages are good, but have no marker."""
    state, found = reader.state, []
    for name in reader.places.archive.names(f"{layout.SEGMENTS}{state.size:020d}-"):
        try:
            _, digest = layout.parse_numbered(name)
        except FormatError:
            continue  # planted rubbish stops nobody; `verify` reports it
        if digest not in state.orphans and _continues(reader, name):
            found.append(name)
    return found


def _continues(reader: LedgerReader, name: str) -> bool:
    state = reader.state
    first, digest = layout.parse_numbered(name)
    try:
        data = reader.places.archive.get(name, limit=MAX_SEGMENT)
        if sha256(data).hexdigest() != digest:
            return False
        segment = Segment(data)
        trial = state.copy()
        ref = state_ref(segment, digest, len(data))
        fold(trial, segment, ref, name, report=stop, leaf_hash_of=reader.leaf_hash)
        return first == state.size and has_good_pages(reader.places, trial, segment)
    except (FormatError, NotFound):
        return False


def has_good_pages(places: ReadPlaces, state: LedgerState, segment: Segment) -> bool:
    """Say whether the key pages of a segment, folded into ``state``, are good in every copy that is written.

    Raises:
        FormatError: its leaves do not tell which keys belong to which record.
    """
    written = len(places.written_vaults)
    return all(
        finding.severity == "note"
        for copy in range(written)
        for finding in page_findings(places, state, segment, copy)
    )


def page_findings(places: ReadPlaces, state: LedgerState, segment: Segment, copy: int) -> list[Finding]:
    """Give what is wrong with the pages of a segment in the vault copy of this number. Errors as above."""
    findings: list[Finding] = []
    PageCheck(state, places, copy, findings.append).run(segment, page_records(segment))
    return findings


def state_ref(segment: Segment, digest: str, length: int) -> SegmentRef:
    """Give the reference of a segment that is at hand."""
    return SegmentRef(segment.header.first, segment.header.count, digest, length)
