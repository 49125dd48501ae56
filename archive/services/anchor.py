"""Time stamps: asking authorities for tokens over the newest checkpoint, and logging them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from archive.core import clear, layout, timestamp
from archive.core.instants import from_seconds, instant
from archive.errors import ArchiveError, FormatError, StoreError, Unfinished
from archive.ledger import anchors
from archive.ledger.anchors import APART
from archive.ledger.brackets import Brackets, Stamped
from archive.ledger.drafts import Draft, clear_draft
from archive.ledger.state import LedgerState
from archive.ports import TimestampAuthority
from archive.services import heads
from archive.services.noted import Rows, is_due, note, recall
from archive.services.session import Session
from schemas.answer import Bracket

MEMORY_FILE = "anchors.json"
ANCHORS_BACK = 64
"""Anchors that are looked at around a record, where some do not hold."""


@dataclass(frozen=True, slots=True)
class Authority:
    """An authority of the settings."""

    port: TimestampAuthority
    roots: tuple[bytes, ...]
    """Certificates (DER) that its chain must end in."""

    @property
    def name(self) -> str:
        """Give the name in the settings."""
        return self.port.name


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of asking one authority."""

    authority: str
    size: int
    time: str | None = None
    """Of the token, UTC; None: there is none."""
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class _Received:
    token: timestamp.Token
    raw: bytes
    evidence: tuple[bytes, ...]


def anchor(session: Session, authorities: Sequence[Authority]) -> list[Answer]:
    """Stamp the newest checkpoint by every authority; log the tokens that hold.

    One that gives none is told and remembered; a later token covers what this one would have.

    Raises:
        Refused: this account does not ingest.
        Unfinished: there is no checkpoint of the head.
    """
    writer = session.writer("ingest")
    session.ledger.refresh()
    head = heads.newest(session.ledger)
    answers, drafts = [], []
    received = [_received(authority, head.note) for authority in authorities]
    earlier, _ = Brackets(_around(session, head.size - 1)).of(head.size - 1)
    clocks = [session.clock(), *(one.token.time for one in received if isinstance(one, _Received))]
    for authority, one in zip(authorities, received, strict=True):
        try:
            if not isinstance(one, _Received):
                raise one
            _check_clock(one.token, earlier, clocks)
            drafts.append(_store(session, head, one))
            answers.append(Answer(authority.name, head.size, instant(one.token.time)))
        except (StoreError, FormatError) as error:
            answers.append(Answer(authority.name, head.size, problem=str(error)))
    if drafts:
        session.ledger.append(writer, lambda _: drafts)
    remember(session, answers)
    return answers


def _received(authority: Authority, note: bytes) -> _Received | StoreError | FormatError:
    """Ask, and give what was wrong as it is: the tokens of one round are judged together."""
    try:
        return _ask(authority, note)
    except (StoreError, FormatError) as error:
        return error


def _ask(authority: Authority, note: bytes) -> _Received:
    """Ask for a token, and check it at receipt: what does not hold is never stored."""
    request = timestamp.make_request(note)
    raw = timestamp.token_in(authority.port.stamp(request))
    token = timestamp.check(raw, note, authority.roots)
    if token.nonce != timestamp.nonce_of(request):
        raise FormatError("the token answers another request: its nonce differs")
    chain = [one for one in dict.fromkeys(authority.roots) if one not in token.certificates]
    return _Received(token, raw, (request, *chain, *token.certificates))


def _check_clock(token: timestamp.Token, earlier: Stamped | None, clocks: Sequence[datetime]) -> None:
    """Refuse a token of an authority whose clock is wrong: once it is in the ledger, it is a finding for good.

    Of three clocks and more (this host's, and those of the tokens of one round) the middle one is right enough;
    of two nobody knows which is wrong, so only what lies a day apart is refused.

    Raises:
        FormatError: it is dated before one that what it stamps comes after, or stands alone among the clocks.
    """
    latest = token.time.timestamp() + token.accuracy
    if earlier is not None and latest + APART < earlier.time:
        raise FormatError(
            f"the token is dated {_words(int(latest))}, yet what it stamps comes after a token of "
            f"{_words(earlier.time)} by {earlier.authority}: one of both clocks is wrong"
        )
    here, middle = clocks[0], sorted(clocks)[len(clocks) // 2]
    if abs(token.time - here) > timedelta(days=1):
        raise FormatError(
            f"the token is dated {_words(int(latest))}, and this host says {instant(here)}: one is wrong"
        )
    if len(clocks) > 2 and abs(token.time - middle).total_seconds() > APART + token.accuracy:
        raise FormatError(
            f"the token is dated {_words(int(latest))}, and most of the clocks that were asked at one time say "
            f"{instant(middle)}"
        )


def _store(session: Session, head: heads.Head, received: _Received) -> Draft:
    """Store a token with its evidence, after it was judged as any reader will judge it who was given nothing.

    Raises:
        FormatError: it would be a finding.
    """
    evidence = {sha256(one).hexdigest(): one for one in received.evidence}
    digest = sha256(received.raw).hexdigest()
    body: dict[str, Any] = {
        "authority": received.token.authority_sha256, "checkpoint": head.sha256, "evidence": list(evidence),
        "size": head.size, "token": digest,
    }  # fmt: skip
    state, pieces = session.ledger.state, tuple(evidence.values())
    anchors.check(anchors.Anchor(state.size, clear.Anchor(**body), head.note, received.raw, pieces), state)
    for name, data in ((digest, received.raw), *evidence.items()):
        session.ledger.writable.archive.put_new(layout.token(name), data)
    return clear_draft("anchor", body)


# ---- when to ask again


def _memory(session: Session) -> Path:
    return session.folder / session.settings.workspace / MEMORY_FILE


def remembered(session: Session) -> Rows:
    """Give what this host remembers of each authority: ``stamped``, ``failed`` (UTC), ``problem``."""
    return recall(_memory(session), "when each authority gave a token")


def remember(session: Session, answers: Sequence[Answer]) -> None:
    """Keep what came of asking, for the next run and for `beleg status`."""
    known, now = remembered(session), session.now()
    for answer in answers:
        row = known.setdefault(answer.authority, {})
        if answer.problem is None:
            row.update(stamped=now)
            row.pop("failed", None)
            row.pop("problem", None)
        else:
            row.update(failed=now, problem=answer.problem)
    note(_memory(session), known)


def due(session: Session, authorities: Sequence[Authority], *, failed_before: str = "~") -> list[Authority]:
    """Give the authorities to be asked: queued ones, and those whose last token is old.

    An anchor by itself triggers no anchor. Of the queued ones, only such that failed before a time (UTC).
    """
    minutes, state = session.settings.time.after_minutes, session.ledger.state
    stamped = state.special.get("anchor", [])
    if not minutes or (stamped and stamped[-1] == state.size - 1):
        return []
    limit = instant(session.clock() - timedelta(minutes=minutes))
    known = remembered(session)
    rows = [(one, known.get(one.name, {})) for one in authorities]
    return [
        one
        for one, row in rows
        if is_due(row, lacking=row.get("stamped", "") < limit, failed_before=failed_before)
    ]


def warnings(session: Session) -> list[str]:
    """Say what is to be said about time in `beleg status`."""
    settings, state = session.settings.time, session.ledger.state
    found = []
    stamped = state.special.get("anchor", [])
    if not stamped:
        why = (
            "no token is in the ledger yet"
            if settings.authorities
            else "no time-stamp authority is configured"
        )
        found.append(f"NO TIME PROOF: {why}")
    known = remembered(session)
    for authority in settings.authorities:
        row = known.get(authority.name, {})
        if "failed" in row:
            found.append(
                f"authority {authority.name} gave no token on {row['failed']}; queued for the next run: "
                f"{row.get('problem', '')}"
            )
    found += _waiting(session, stamped)
    if stamped and len(settings.authorities) == 1:
        found.append("one time-stamp authority only: with two, one that fails or lies is seen")
    return found


def _waiting(session: Session, stamped: Sequence[int]) -> Iterator[str]:
    """Say which records no token covers though one would have by the settings: nothing was asked since."""
    settings, size = session.settings.time, session.ledger.state.size
    if not stamped or not settings.authorities or stamped[-1] == size - 1:
        return
    since = session.ledger.leaf(stamped[-1] + 1).time
    if since < (session.clock() - timedelta(minutes=settings.after_minutes)).timestamp():
        yield (
            f"no time stamp covers what was sealed since {from_seconds(since)} ({size - 1 - stamped[-1]} records): the "
            "next run, or collection, or `beleg proof anchor` asks for one"
        )


# ---- the bracket of an item


def bracket(session: Session, index: int) -> Bracket:
    """Give between which times a record was sealed, by the tokens of the ledger that hold."""
    before, after = Brackets(_around(session, index)).of(index)
    return Bracket(
        after=_words(before.time if before else None), after_authority=before.authority if before else None,
        before=_words(after.until if after else None), before_authority=after.authority if after else None,
    )  # fmt: skip


def _around(session: Session, index: int) -> list[Stamped]:
    """Give the nearest tokens on both sides that hold, without reading all of them."""
    ledger = session.ledger
    indexes = ledger.state.special.get("anchor", [])
    split = next((at for at, one in enumerate(indexes) if one >= index), len(indexes))
    found: list[Stamped] = []
    for wanted, side in (("before", indexes[:split][::-1]), ("after", indexes[split:])):
        for number in side[:ANCHORS_BACK]:
            try:
                stamped = anchors.check(anchors.load(ledger, number), ledger.state)
            except ArchiveError as error:
                if isinstance(error, Unfinished):
                    continue  # `verify` names it; a bracket is made of what holds
                raise
            found.append(stamped)
            if wanted == "before" or stamped.size > index:
                break
    return found


def _words(time: int | None) -> str | None:
    return None if time is None else from_seconds(time)


def checked(state: LedgerState) -> bool:
    """Say whether the ledger holds any token."""
    return bool(state.special.get("anchor"))
