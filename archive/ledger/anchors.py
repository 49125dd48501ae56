"""Time-stamp tokens in the ledger: reading and checking (read half; FORMAT.md §6)."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from math import ceil, floor

from archive.core import clear, layout, signed_note, timestamp
from archive.core.facets import split_frame
from archive.errors import FormatError, NotFound
from archive.ledger.brackets import Brackets, Stamped
from archive.ledger.reader import LedgerReader
from archive.ledger.state import LedgerState
from archive.ledger.walk import MAX_CHECKPOINT, is_signed
from schemas.report import Finding, FindingKind

MAX_EVIDENCE = 64
"""Pieces of evidence that are looked at for one token."""
APART = 120
"""Seconds by which honest clocks may differ."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A token of the ledger with everything that belongs to it, as stored."""

    index: int
    body: clear.Anchor
    note: bytes
    token: bytes
    evidence: tuple[bytes, ...]


def anchor_body(reader: LedgerReader, index: int) -> clear.Anchor:
    """Read an ``anchor`` record.

    Raises:
        FormatError, StoreError: it is altered, or cannot be had.
    """
    body = clear.read_body("anchor", split_frame(reader.frame(index))[1])
    if not isinstance(body, clear.Anchor):
        raise FormatError(f"record {index} is no anchor")
    return body


def load(reader: LedgerReader, index: int) -> Anchor:
    """Read an anchor with note, token and evidence, each held against its digest.

    Raises:
        NotFound, FormatError, Unreachable: a piece is gone, altered, or could not be had.
    """
    body, archive = anchor_body(reader, index), reader.places.archive

    def fetch(name: str, digest: str, limit: int) -> bytes:
        data = archive.get(name, limit=limit)
        if sha256(data).hexdigest() != digest:
            raise FormatError(f"{name}: the bytes are not those that its name says")
        return data

    note = fetch(layout.checkpoint(body.size, body.checkpoint), body.checkpoint, MAX_CHECKPOINT)
    token = fetch(layout.token(body.token), body.token, timestamp.MAX_TOKEN)
    _check_count(body)
    evidence = tuple(fetch(layout.token(one), one, timestamp.MAX_TOKEN) for one in body.evidence)
    return Anchor(index, body, note, token, evidence)


def _check_count(body: clear.Anchor) -> None:
    if len(body.evidence) > MAX_EVIDENCE:
        raise FormatError(f"more than {MAX_EVIDENCE} pieces of evidence for one token")


def check(anchor: Anchor, state: LedgerState, roots: Sequence[bytes] = ()) -> Stamped:
    """Check a token: that the note is one of this ledger's, that the token stamps it, signature and chain.

    Args:
        anchor: as loaded.
        state: of the ledger, folded at least to the anchor's size.
        roots: what the chain may end in; without any, the certificates that its own evidence brings.

    Raises:
        FormatError: it does not hold.
    """
    _check_count(anchor.body)
    note = signed_note.parse(anchor.note)
    checkpoint = signed_note.parse_checkpoint(note)
    if checkpoint.origin != state.origin or checkpoint.size != anchor.body.size:
        raise FormatError("stamps a checkpoint of another archive or size")
    if not is_signed(state, note, checkpoint.size):
        raise FormatError("stamps a checkpoint that no counting log key signed")
    request, certificates = sort_evidence(anchor.evidence)
    lists = [one for one in anchor.evidence if one != request and one not in certificates]
    nonce = timestamp.nonce_of(request) if request is not None else None
    trusted = roots or [one for one in certificates if timestamp.is_root(one)]
    token = timestamp.check(anchor.token, anchor.note, trusted, certificates)
    if nonce is not None and token.nonce != nonce:
        raise FormatError("the token answers another request: its nonce differs")
    if token.authority_sha256 != anchor.body.authority:
        raise FormatError("signed by another authority than the record names")
    for crl in lists:
        _check_revocation(crl, certificates, token)
    moment = token.time.timestamp()
    return Stamped(
        anchor.index, checkpoint.size, floor(moment - token.accuracy), ceil(moment + token.accuracy), token.name,
        int(token.authority.not_valid_after_utc.timestamp()),
    )  # fmt: skip


def sort_evidence(evidence: Sequence[bytes]) -> tuple[bytes | None, tuple[bytes, ...]]:
    """Tell the request from the certificates; the rest is left out."""
    request, certificates = None, []
    for piece in evidence:
        try:
            timestamp.is_root(piece)
            certificates.append(piece)
        except FormatError:
            with contextlib.suppress(FormatError):
                timestamp.nonce_of(piece)
                request = piece
    return request, tuple(certificates)


def _check_revocation(crl: bytes, certificates: Sequence[bytes], token: timestamp.Token) -> None:
    try:
        ended = timestamp.revoked_at(crl, certificates, token.authority.serial_number)
    except FormatError:
        return  # evidence of a kind that is not read here (OCSP): kept for others
    if ended is not None and ended <= token.time:
        raise FormatError(f"the authority's certificate was revoked on {ended:%Y-%m-%d}, before this token")


def is_believed(anchor: Anchor, state: LedgerState, roots: Sequence[bytes]) -> tuple[Stamped, bool]:
    """Check a token, and say whether its chain ends in ``roots``, where some were given.

    Raises:
        FormatError: it does not hold, whoever is believed.
    """
    try:
        return check(anchor, state, roots), True
    except FormatError:
        if not roots:
            raise
        return check(anchor, state), False


class AnchorCheck:
    """Checks every token of a ledger that was walked."""

    def __init__(
        self,
        reader: LedgerReader,
        roots: Mapping[int, bytes],
        times: Mapping[int, int],
        trusted: Sequence[bytes],
        report: Callable[[Finding], None],
    ) -> None:
        """Compare with ``roots`` and ``times`` (size → root, time of the segment that ends there)."""
        self.reader, self.roots, self.times, self.trusted, self.report = reader, roots, times, trusted, report
        self.good: list[Stamped] = []
        self._blind: list[int] = []
        """Anchors over checkpoints behind missing records."""
        self._not_believed: dict[str, list[int]] = {}
        """Authority → anchors whose tokens hold, but for those who believe in another."""

    def _say(self, kind: FindingKind, text: str, name: str | None = None, index: int | None = None) -> None:
        self.report(Finding(kind=kind, text=text, name=name, index=index))

    def run(self, now: int) -> None:
        """Check all of them. Raises StoreError if a place gives no answer."""
        for index in self.reader.state.special.get("anchor", []):
            self._check(index)
        if self._blind:
            text = f"{len(self._blind)} tokens from record {self._blind[0]} on could not be compared"
            self._say("unknown", f"{text}: records before them are missing", index=self._blind[0])
        for index in self.reader.state.special.get("renewal", []):
            text = f"record {index} is a renewal: this version does not compute whether its digest is right"
            self._say("unknown", text, index=index)
        self._tell_not_believed()
        self._check_order()
        self._check_ended(now)
        self._check_clock(now)

    def _check(self, index: int) -> None:
        try:
            anchor = load(self.reader, index)
            size, root = anchor.body.size, signed_note.parse_checkpoint(signed_note.parse(anchor.note)).root
            if self.reader.state.gapped and size not in self.roots:
                self._blind.append(index)
                return
            if size in self.roots and self.roots[size] != root:
                raise FormatError("stamps another history than lies here")
            stamped, believed = is_believed(anchor, self.reader.state, self.trusted)
        except NotFound as error:
            self._say("missing", f"anchor {index}: token, note or evidence is gone: {error}", index=index)
        except FormatError as error:
            self._say("bad_token", f"anchor {index}: {error}", index=index)
        else:
            if believed:
                self.good.append(stamped)
            else:
                self._not_believed.setdefault(stamped.authority, []).append(index)

    def _tell_not_believed(self) -> None:
        """Name tokens that end in none of the certificates given: no proof for who gave them, and no damage."""
        for authority, found in self._not_believed.items():
            self._say(
                "not_believed",
                f"{len(found)} tokens by {authority} end in none of the certificates that you gave; not counted",
                index=found[0],
            )
        if self._not_believed and not self.good:
            self._say("unknown", "NO TIME PROOF by the authorities that you gave")

    def _check_order(self) -> None:
        """A token over records that come after another token's entry cannot be the older one."""
        brackets = Brackets(self.good)
        for one in self.good:
            before, _ = brackets.of(one.size - 1)
            if before is not None and one.until + APART < before.time:
                self._say(
                    "bad_token",
                    f"anchor {one.index} is dated {_words(one.time)}, yet its records come after anchor "
                    f"{before.index} of {_words(before.time)}: one of both authorities is wrong",
                    index=one.index,
                )

    def _check_ended(self, now: int) -> None:
        """Name authorities whose certificate ended: a later token of a living one renews what it covers."""
        renewed = max((one.size for one in self.good if one.ended >= now), default=0)
        ended: dict[str, list[Stamped]] = {}
        for one in self.good:
            if one.ended < now:
                ended.setdefault(one.authority, []).append(one)
        for authority, tokens in ended.items():
            bare = sum(one.index >= renewed for one in tokens)
            more = (
                f"{bare} of them are under no later token of a living authority: `beleg proof anchor` renews them"
                if bare
                else "later tokens of living authorities cover all of them"
            )
            self._say(
                "expired",
                f"the certificate of {authority} ended on {_words(max(one.ended for one in tokens))}; its "
                f"{len(tokens)} tokens held when they were made; {more}",
                index=tokens[0].index,
            )

    def _check_clock(self, now: int) -> None:
        """Hold the operator's clock against the tokens on both sides, and against that of whoever verifies."""
        brackets = Brackets(self.good)
        wrong: dict[str, list[int]] = {"forwards": [], "backwards": [], AHEAD: []}
        for size, time in sorted(self.times.items()):
            before, after = brackets.of(size - 1)
            if before is not None and time + APART < before.time:
                wrong["backwards"].append(size)
            elif after is not None and time > after.until + APART:
                wrong["forwards"].append(size)
            elif is_ahead(time, now):
                wrong[AHEAD].append(size)
        for how, sizes in wrong.items():
            if sizes:
                self._say("clock", self._wrong_clock(how, sizes), index=sizes[0] - 1)

    def _wrong_clock(self, how: str, sizes: Sequence[int]) -> str:
        said = (
            f"the operator's clock was wrong ({how}) in {len(sizes)} segments: the one that ends at record "
            f"{sizes[0] - 1} says {_words(self.times[sizes[0]])}, and "
        )
        if how == AHEAD:
            return f"{said}that is still to come by the clock of this computer, unless this one is wrong"
        return f"{said}the tokens around it say otherwise; they bound the sealing"


AHEAD = "ahead"


def is_ahead(time: int | None, now: int) -> bool:
    """Say whether a time of sealing is still to come for whoever verifies; ``now`` of 0 is none to compare with."""
    return time is not None and 0 < now < time - APART


def _words(time: int) -> str:
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
