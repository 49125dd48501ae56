"""Holding stored checkpoints and heads kept outside against the roots of a walk (read half)."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from hashlib import sha256

from archive.core import layout, signed_note
from archive.errors import FormatError
from archive.ledger.fold import MAY_BE_LOST
from archive.ledger.state import LedgerState
from archive.ledger.walk import MAX_CHECKPOINT, is_signed, signer_of
from archive.ports import ObjectReader
from schemas.report import Finding, FindingKind


class HeadCheck:
    """Checks checkpoints, and remembers the largest good one."""

    def __init__(
        self,
        state: LedgerState,
        roots: Mapping[int, bytes],
        log_key: tuple[str, bytes] | None,
        report: Callable[[Finding], None],
        *,
        compared: Collection[str] = (),
    ) -> None:
        """Compare with ``roots`` (size → root at every segment end of the walk that led to ``state``).

        ``compared`` are names of checkpoints below that walk, which an earlier verification read and compared.
        """
        self.compared = set(compared)
        self.state, self.roots, self.log_key, self.report = state, roots, log_key, report
        self.good = self.sealed_size = self.heads = 0
        self.newest_head: int | None = None
        """Size of the largest outside head that is a prefix of this ledger."""
        self._seen: dict[int, tuple[str, bytes]] = {}
        """Size → name and root of the outside heads that bear a good signature."""
        self._blind: list[int] = []
        """Sizes of stored checkpoints behind missing records."""
        self.signer: bytes | None = None
        """The log key (raw public) that signed the largest good checkpoint: the given one, if it did."""
        self._newest: tuple[int, str, bool] | None = None
        """Size and name of the largest good checkpoint, and whether the given key signed it."""

    def _say(self, kind: FindingKind, text: str, name: str | None = None, index: int | None = None) -> None:
        self.report(Finding(kind=kind, text=text, name=name, index=index))

    @property
    def is_of_given_key(self) -> bool:
        """Say whether the log key that the verifier was given signed the largest good checkpoint."""
        return self._newest is not None and self._newest[2]

    def to_draw_from(self) -> tuple[int, bytes]:
        """Give size and root to challenge by: of the newest outside head that agrees, which all know; else of all."""
        size = self.newest_head or self.state.size
        return size, self.roots.get(size, bytes(32))

    def check_stored(self, archive: ObjectReader, names: Iterable[str]) -> None:
        """Check these checkpoints of the archive place: all that were there before the walk began.

        One that a writer signs while the walk goes on may lie beyond the walk, and says nothing against it.
        """
        earlier = 0
        for name in names:
            if name in self.compared:
                earlier += 1
                continue
            try:
                size, digest = layout.parse_numbered(name)
                data = archive.get(name, limit=MAX_CHECKPOINT)
                if sha256(data).hexdigest() != digest:
                    raise FormatError("the bytes are not those that the name says")
                self._check(data, size, name, digest)
            except FormatError as error:
                self._say("altered", f"a checkpoint that cannot be read: {error}", name)
        if self._blind:
            text = f"{len(self._blind)} checkpoints from size {min(self._blind)} on could not be compared"
            self._say("unknown", text)
        self._check_given_key()
        if not self.good and not earlier and not self._blind:
            self._say("missing", "there is no good checkpoint: nothing here is signed by the log key")

    def _check(self, data: bytes, size: int, name: str, digest: str) -> None:
        note = signed_note.parse(data)
        checkpoint, state = signed_note.parse_checkpoint(note), self.state
        if not state.segments:
            self._blind.append(size)
        elif checkpoint.origin != state.origin or checkpoint.size != size:
            self._say("unexpected", "a checkpoint of another archive or size", name)
        elif digest in state.disowned:
            self._say("disowned", f"a genuine checkpoint of size {size} was set aside by the owner", name)
        elif size > state.size and is_signed(state, note, size):
            text = f"signed at {size} records; only {state.size} are here: the archive was rolled back"
            self._say("rolled_back", text, name, state.size)
        elif state.gapped and size not in self.roots:
            self._blind.append(size)
        elif not is_signed(state, note, size):
            self._say("bad_signature", f"no log key that counts for size {size} signed this checkpoint", name)
        elif self.roots.get(size) != checkpoint.root:
            self._say("fork", f"signed another history at {size} records than lies here", name, size - 1)
        else:
            self.good += 1
            self.compared.add(name)
            self.sealed_size = max(self.sealed_size, size)
            signed = self.log_key is not None and signed_note.verify(note, *self.log_key)
            known = self._newest
            if known is None or size >= known[0]:
                signed = signed or (known is not None and size == known[0] and known[2])
                self._newest = (size, name, signed)
                self.signer = self.log_key[1] if self.log_key and signed else signer_of(state, note, size)

    def _check_given_key(self) -> None:
        """Demand that the given key signed the newest good checkpoint, whatever follows it.

        That a key is registered here says nothing: whoever forges an archive may register any public key.
        """
        if self.log_key is None or self._newest is None:
            return
        _, name, signed = self._newest
        registered = {key.public for key in self.state.keys.all() if key.purpose == "log"}
        known = self.log_key[1] in registered or self.state.gapped
        if self.log_key[0] != self.state.origin or not known:
            self._say("bad_signature", "the log key that you gave is not one of this archive", name)
        elif not signed and self.state.gapped:
            self._say("unknown", f"the log key that you gave signed none that could be compared{MAY_BE_LOST}")
        elif not signed:
            ended = next(
                (key.retired for key in self.state.keys.all() if key.public == self.log_key[1]), None
            )
            later = (
                f": record {ended} replaced it, ask the owner for the slip of the new one" if ended else ""
            )
            text = f"the newest checkpoint is not signed by the log key that you gave{later}"
            self._say("bad_signature", text, name)

    def check_outside(self, heads: Sequence[tuple[str, bytes]]) -> None:
        """Check heads that outsiders kept: only they show that an archive was cut back."""
        for name, data in heads:
            try:
                note = signed_note.parse(signed_note.as_signed(data))
                head = signed_note.parse_checkpoint(note)
            except FormatError as error:
                self._say(
                    "unknown", f"{name} was given as an outside head, and is none that can be read: {error}"
                )
                continue
            self.heads += 1
            self._compare(name, note, head)

    def _is_of_later(self, note: signed_note.Note, head: signed_note.Checkpoint) -> bool:
        """Say whether a head beyond the end bears the log key that the verifier was given, and that is not known here.

        One that is known here and does not count was ended by a record here: its thief can say nothing of later.
        """
        if self.log_key is None or head.size <= self.state.size or self.log_key[0] != head.origin:
            return False
        known = {key.public for key in self.state.keys.all()}
        return self.log_key[1] not in known and signed_note.verify(note, *self.log_key)

    def _unsigned(self, name: str, note: signed_note.Note, head: signed_note.Checkpoint) -> str:
        """Say of a head that no log key signed which counts for its size what can be said of it."""
        state = self.state
        for key in state.keys.all():
            if key.purpose == "log" and signed_note.verify(note, head.origin, key.public):
                ended = f"record {key.retired} ended" if key.retired is not None else "did not count yet"
                return f"the outside head {name} of {head.size} records is signed by a log key that {ended}"
        text = f"the outside head {name} is not signed by this archive's log key"
        if head.size > state.size:
            text += (
                f"; it saw {head.size} records, {state.size} are here: cut off before its key was registered, or "
                "not of this archive. With --key, the log key of the slip that came with it, it can be told"
            )
        return text

    def _compare(self, name: str, note: signed_note.Note, head: signed_note.Checkpoint) -> None:
        """Tell rolled back, forked and merely older apart.

        A walk has computed the root at the end of every segment, so comparing roots is the whole consistency
        proof: a genuine checkpoint ends where a segment ends.
        """
        state = self.state
        if not state.segments:
            self._say("unknown", f"the outside head {name} could not be compared: no record was walked")
            return
        if head.origin != state.origin:
            self._say("bad_signature", f"the outside head {name} is of another archive, {head.origin}")
            return
        if not is_signed(state, note, head.size) and not self._is_of_later(note, head):
            if state.gapped:
                self._say("unknown", self._unsigned(name, note, head) + MAY_BE_LOST)
            else:
                self._say("bad_signature", self._unsigned(name, note, head))
            return
        other = self._seen.setdefault(head.size, (name, head.root))
        if other[1] != head.root:
            self._say(
                "fork",
                f"the outside heads {other[0]} and {name} are both signed, of one size and of two histories: "
                "keep both, they prove it to anybody",
            )
        if head.size > state.size:
            text = (
                f"the outside head {name} saw {head.size} records, {state.size} are here: the archive was rolled "
                f"back, or its end was cut off; at least {head.size - state.size} records are gone"
            )
            self._say("rolled_back", text, index=state.size)
        elif state.gapped and head.size not in self.roots:
            self._say(
                "unknown", f"the outside head {name} could not be compared: records before it were not walked"
            )
        elif self.roots.get(head.size) != head.root:
            self._say(
                "fork",
                f"the outside head {name} saw another history of {head.size} records than lies here: "
                "something was removed, changed or put in before its end, and signed again",
                index=max(head.size - 1, 0),
            )
        else:
            self.newest_head = max(self.newest_head or 0, head.size)
            if head.size < self.sealed_size:
                text = (
                    f"the outside head {name} is older: {head.size} of {self.sealed_size} sealed records, "
                    "and consistent with them"
                )
                self._say("older_head", text)
