"""The write half: appending is deciding (FORMAT.md §11)."""

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from hashlib import sha256
from time import monotonic, sleep

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.core import layout, signed_note
from archive.core.keypage import MAX_PAGE
from archive.core.keys import key_id
from archive.core.segment import MAX_SEGMENT, Sealed, Segment, build
from archive.errors import AlreadyExists, FormatError, Refused, StoreError, Unfinished
from archive.ledger.drafts import Decide, Draft
from archive.ledger.fold import Report, fold, stop
from archive.ledger.reader import LedgerReader
from archive.ledger.sealing import Batch, leaves_of, marker_of, orphan_draft, seal
from archive.ledger.state import LedgerState, SegmentRef
from archive.ledger.strangers import demand_nothing_in
from archive.ledger.walk import advance, check_cached, check_prefixes, continuations
from archive.ports import Clock, Places

log = logging.getLogger(__name__)

TRIES = 100
PATIENCE = 30.0
"""Seconds that a writer waits for the marker of one of several continuations: their writers may be at work now."""
GLANCE = 0.2


@dataclass(frozen=True, slots=True)
class Writer:
    """A writer key with its private half."""

    private: Ed25519PrivateKey
    role: str

    @property
    def id(self) -> str:
        """Give the id under which the ledger registered it."""
        return key_id("writer", "ed25519", self.private.public_key().public_bytes_raw())


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an append did: records [first, size) are committed; ``sealed``: a checkpoint covers them."""

    first: int
    size: int
    sealed: bool


class Ledger(LedgerReader):
    """A ledger to append to. One instance a process; another process may append at the same time."""

    def __init__(
        self,
        places: Places,
        state: LedgerState,
        *,
        clock: Clock,
        lock: Callable[[], AbstractContextManager[None]],
        log_key: signed_note.PrivateKey | None = None,
        barred: str | None = None,
    ) -> None:
        """Write to ``places``.

        Args:
            places: archive, control, and every vault copy.
            state: what this host knows; brought up to the head before each decision.
            clock: gives the time of a batch.
            lock: the advisory writer lock of this host.
            log_key: signs checkpoints, if this host is the sealer.
            barred: why nothing may be written now; None: it may.
        """
        super().__init__(places.readers(), state)
        self.writable, self.clock, self.lock, self.log_key = places, clock, lock, log_key
        self.barred = barred
        self.log_next: signed_note.PrivateKey | None = None
        """A log key that signs from the record on that registers it."""
        self.tolerated: frozenset[str] = frozenset()
        """Digests of checkpoints that are about to be disowned."""
        self.judge: Report = stop
        """Takes what is wrong with a segment before it is stored; stops the commit."""
        self._checked = self._told = False
        self._lost: list[tuple[str, bytes | None, int]] = []

    def refresh(self) -> LedgerState:
        """Bring the state to the head, roll forward what a crash left, and sign what is not signed yet.

        Where writing is barred, the state is brought to the head, and that is all.

        Raises:
            RolledBack: a signed checkpoint is no prefix of what the markers give; nothing is written.
            FormatError, StoreError: the ledger cannot be read to its head.
        """
        with self.lock():
            self._advance()
        return self.state

    def follow(self) -> LedgerState:
        """Bring the state to the head without writing anything: for commands that only read.

        Raises: as ``refresh``.
        """
        if not self._checked:
            check_cached(self)
            self._checked = True
        start = self.state.size
        roots = advance(self)
        if self.state.size == 0:
            raise FormatError("there is no archive here: the control place has no first commit")
        self.state.sealed = max(self.state.sealed, check_prefixes(self, start, roots, self.tolerated))
        return self.state

    def forget(self) -> None:
        """Distrust what this host remembers: walk the ledger from its first record. Errors as ``refresh``."""
        self.blank()
        self.follow()

    def blank(self) -> None:
        """Go back to before the first record, without reading anything."""
        vars(self.state).update(vars(LedgerState(origin=self.state.origin)))
        self._tree = None

    def _advance(self) -> None:
        self.follow()
        if self.barred is not None:
            return
        names = self._continuations()
        if names:
            log.warning("rolling forward a segment that another writer left without a marker: %s", names[0])
            self._roll_forward(names[0])
        if self.state.sealed < self.state.size:
            self._sign()

    def _continuations(self) -> list[str]:
        """Give the one continuation that has no marker, if there is one; of several, wait until a marker decides."""
        end = monotonic() + PATIENCE
        while len(names := continuations(self)) > 1:
            if monotonic() > end:
                raise Unfinished(
                    f"two continuations at record {self.state.size}, and no marker says which was committed. "
                    "Run `beleg verify`, compare both, and let the owner decide."
                )
            sleep(GLANCE)
            self.follow()
        return names

    def _roll_forward(self, name: str) -> None:
        first, digest = layout.parse_numbered(name)
        data = self.places.archive.get(name, limit=MAX_SEGMENT)
        if sha256(data).hexdigest() != digest:
            raise FormatError(f"{name}: the bytes changed while it was looked at")
        header = Segment(data).header
        marker = marker_of(SegmentRef(first, header.count, digest, len(data)), header.last)
        try:
            self.writable.control.put_new(layout.marker(first), marker)
        except AlreadyExists:
            log.info("another writer committed record %d at the same moment", first)
        advance(self)

    def append(self, writer: Writer, decide: Decide) -> Receipt:
        """Append what ``decide`` decides on the head. It may run several times; only its last answer counts.

        Raises:
            whatever ``decide`` raises: nothing was appended then.
            Refused: writing is barred.
            RolledBack, FormatError, StoreError: see ``refresh``; after a StoreError the next append finds out
                whether this one was committed.
        """
        if self.barred is not None:
            raise Refused(self.barred)
        with self.lock():
            return self._append(writer, decide)

    def _append(self, writer: Writer, decide: Decide) -> Receipt:
        for _ in range(TRIES):
            self._advance()
            drafts = list(decide(self.state))
            if not drafts:
                return Receipt(self.state.size, self.state.size, self.log_key is not None)
            drafts += [orphan_draft(*lost) for lost in self._lost]
            receipt = self._commit(writer, drafts, int(self.clock().timestamp()))
            if receipt is not None:
                return receipt
        raise Unfinished(f"another writer was faster {TRIES} times in a row; nothing was appended")

    def found(self, writer: Writer, drafts: Sequence[Draft]) -> Receipt:
        """Write the founding segment, clear records only, into empty places.

        Raises:
            UsageError: a place is not empty; nothing was written.
            AlreadyExists: another process was faster.
        """
        self.demand_empty()
        with self.lock():
            receipt = self._commit(writer, drafts, int(self.clock().timestamp()))
        if receipt is None:
            raise AlreadyExists("another process founded an archive here at the same moment")
        return receipt

    def demand_empty(self) -> None:
        """Refuse places in which something lies but what tests left.

        Raises:
            UsageError: there is something, perhaps another archive.
        """
        places = self.writable
        vaults = {f"vault copy {number}": vault for number, vault in enumerate(places.vaults, 1)}
        named = {"the archive place": places.archive, "the control place": places.control, **vaults}
        for where, store in named.items():
            demand_nothing_in(store, where)

    def _commit(self, writer: Writer, drafts: Sequence[Draft], time: int) -> Receipt | None:
        first = self.state.size
        classes = {draft.record_class for draft in drafts} - {"clear"}
        batch = seal(
            drafts,
            origin=self.state.origin or "",
            recipients={name: self.state.keys.recipients(name, first) for name in classes},
            time=time,
            objects=self.writable.archive,
        )
        return self._store(writer, batch)

    def _store(self, writer: Writer, batch: Batch) -> Receipt | None:
        """Write pages, segment and marker; None if another writer won this head."""
        state, origin = self.state, self.state.origin or ""
        first = state.size
        leaves, last = leaves_of(batch, state, writer.id)
        sealed = Sealed(
            batch=batch.batch, page=batch.page, slot_hashes=batch.slot_hashes, first=first, time=batch.time,
            previous=state.last, last=last, leaves=leaves, frames=batch.frames, slots=batch.slots,
        )  # fmt: skip
        data = build(origin, sealed, writer.id, writer.private)
        ref = SegmentRef(first, len(leaves), sha256(data).hexdigest(), len(data))
        name = layout.segment(first, ref.sha256)
        # Judged as any reader will judge it, before a byte is stored: what is committed stays for ever.
        after = state.copy()
        fold(after, Segment(data), ref, name, report=self.judge, leaf_hash_of=self.leaf_hash)
        self._store_pages(batch)
        self.writable.archive.put_new(name, data)
        # A crash here leaves a segment without marker: the next writer rolls it forward.
        try:
            self.writable.control.put_new(layout.marker(first), marker_of(ref, last))
        except AlreadyExists:
            log.info("another writer committed record %d first; deciding again", first)
            self._lost.append((ref.sha256, batch.batch, first))
            return None
        # A crash here leaves a committed segment without checkpoint: the next sealer signs it.
        vars(state).update(vars(after))
        self._lost = [lost for lost in self._lost if lost[0] not in state.orphans]
        return Receipt(first, state.size, self._sign())

    def _store_pages(self, batch: Batch) -> None:
        pages = batch.pages or {}
        for vault in self.writable.vaults:
            vault.put_all(pages.items())
            for name, page in pages.items():
                if vault.get(name, limit=MAX_PAGE) != page:
                    raise StoreError(f"{name}: the vault gives back other bytes than were written")

    def _sign(self) -> bool:
        """Sign and store a checkpoint of the head, if this host is the sealer."""
        state = self.state
        try:
            note = self._signed_head()
        except StoreError as error:
            raise type(error)(
                f"{state.size - state.sealed} records are committed and not sealed, for the log key does not sign: "
                f"{error}. The next command seals them; a key that is lost: `beleg keys rotate --log`"
            ) from error
        if note is None:
            return False
        name = layout.checkpoint(state.size, sha256(note).hexdigest())
        self.writable.archive.put_new(name, note)
        state.sealed = state.size
        return True

    def _signed_head(self) -> bytes | None:
        """Sign the head by a key at hand that counts, if there is one. Raises StoreError if its device does not."""
        state = self.state
        counting = {key.public for key in state.keys.log_keys(state.size)}
        held = [key for key in (self.log_next, self.log_key) if key is not None]
        key = next((one for one in held if signed_note.public_of(one) in counting), None)
        if key is None:
            if self.log_key is not None and not self._told:
                self._told = True
                log.warning(
                    "the log key of this host does not count any more; what is committed is not sealed"
                )
            return None
        checkpoint = signed_note.Checkpoint(state.origin or "", state.size, state.frontier.root())
        note = signed_note.sign(checkpoint.text(), checkpoint.origin, key)
        if not signed_note.holds(note, checkpoint.origin, signed_note.public_of(key)):
            raise StoreError("its signature does not hold; does its name stand for another key now?")
        return note
