"""Candidates, and the decision which of them are new: run again on every new head."""

import io
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Literal

from archive.core.payloads import Payload, to_payload
from archive.core.seen import SeenMacs, is_telling, seen_values
from archive.ledger.drafts import Draft, draft_of
from archive.ledger.state import LedgerState
from archive.ports import SeenRow
from archive.reading.units import Former
from archive.services.ingest.seen import Seen
from schemas.capture import Capture, Sighting
from schemas.item import READ_AGAIN_BY, THREAD_BEFORE, Account, Item, Key, Target, Thread

SIGHTINGS_A_RECORD = 1000
Outcome = Literal["new", "changed", "again"]


@dataclass(slots=True)
class Candidate:
    """A body that was read and may be sealed."""

    body: Item | Account | Thread | Capture
    stream: str
    macs: SeenMacs
    payload: Payload
    open_content: Callable[[], BinaryIO] | None = None
    outcome: Outcome | None = None
    editable: bool = True
    """Whether the platform lets items be edited: then other words under a known key are an edit."""
    again: bool = False
    """Kept bytes are read again by a newer reader."""
    told_before: Callable[[int], Item | None] = lambda _: None
    """Gives an item that is known, where kept bytes are read again."""
    reader: bytes | None = None
    """The HMAC of the version of the reader; None of a first version, before which there was none."""
    former: Former | None = None
    """What an older version of the reader called it."""
    former_identity: bytes = b""
    """The HMAC of that."""
    former_words: bytes = b""
    """The HMAC of what it said then."""
    perhaps_twice: bool = False
    """What is known under that may be it, or another."""
    same_bytes: bool = False
    """The file in which it lies was in the archive before: then what it was called there is its own."""
    thread_before: str | None = None
    """What an older version of the reader called its conversation."""
    then: tuple[SeenMacs, ...] = ()
    """The HMACs that it had under names that lacked a part."""


def candidate_of(
    seen: Seen, body: Item | Account | Thread | Capture, open_content: Callable[[], BinaryIO] | None = None
) -> Candidate:
    """Make a candidate."""
    length = body.length if isinstance(body, Capture) else 0
    payload = to_payload(body, overflow_start=length)
    identity: list[Any]
    thread: Key | None = None
    if isinstance(body, Capture):
        identity = [body.id]
    else:
        identity = [body.via.model_dump(), body.key.model_dump()]
        if isinstance(body, Item):
            thread = body.thread
        elif isinstance(body, Thread):
            thread = body.key
    return Candidate(
        body=body,
        stream=seen.secret.stream(body.via, None if isinstance(body, Thread) else thread),
        macs=seen.secret.macs(payload.kind, identity, payload),
        payload=payload,
        open_content=open_content,
    )


@dataclass
class Batch:
    """Candidates that are decided together, in one segment."""

    candidates: list[Candidate] = field(default_factory=list)
    weight: int = 0
    """Bytes of facets and raw slices, roughly."""
    ends: tuple[bytes, ...] = ()
    """HMACs that say of captures that all of what was read from them is sealed with this batch."""

    def add(self, candidate: Candidate) -> None:
        """Add a candidate."""
        self.candidates.append(candidate)
        if isinstance(candidate.body, Item):
            self.weight += 2 * len(candidate.body.raw.slice) + 1024

    def decide(self, seen: Seen, unended: AbstractSet[str], head: LedgerState) -> Sequence[Draft]:
        """Give drafts for what the archive does not hold yet; mark each candidate with its outcome.

        ``unended``: captures of which no run sealed yet all that was read: what is known of these was seen again.
        """
        seen.catch_up()
        drafts: list[Draft] = []
        rows: list[tuple[int, SeenMacs]] = []
        here: dict[bytes, list[tuple[SeenMacs, int]]] = {}
        """Identity → what this batch seals of it, and under which index."""
        again: dict[tuple[str, str], list[tuple[int, int | None, int | None]]] = {}
        fresh = set(unended)
        readers = {one.reader for one in self.candidates if one.reader is not None}
        begun = {reader: seen.begun(reader) for reader in readers}

        def since(candidate: Candidate) -> int:
            """Where the version of its reader began; all that is known lies before where it begins now."""
            begins = begun.get(candidate.reader) if candidate.reader is not None else 0
            return head.size if begins is None else begins

        for candidate in self.candidates:
            known = seen.find(candidate.macs.identity)
            macs = candidate.macs
            before = here.get(macs.identity, [])
            digests = {row.digest for row in known} | {row.digest for row, _ in before}
            same = macs.digest in digests and (bool(before) or not _tells_names(candidate, known))
            if same or (digests and isinstance(candidate.body, Capture)):
                candidate.outcome = "again"
                sealed = [(row.digest, row.item) for row in known] + [(row.digest, at) for row, at in before]
                match = next((item for digest, item in sealed if digest == macs.digest), None)
                _note_sighting(candidate.body, match, fresh, again)
                continue
            once_so = None if candidate.again else _same_then(seen, candidate)
            if once_so is not None:
                candidate.outcome = "again"
                _note_sighting(candidate.body, once_so.item, fresh, again)
                continue
            once = [] if digests else _known_once(seen, candidate)
            alone = candidate.former is not None and candidate.former.alone
            if once and alone and not candidate.again and once[-1].words == macs.words:
                candidate.outcome = "again"
                _note_sighting(candidate.body, once[-1].item, fresh, again)
                continue
            candidate.outcome = "changed" if digests or once else "new"
            if once and candidate.former is not None:
                here.setdefault(macs.identity, []).append((macs, head.size + len(drafts)))
                rows.append((len(drafts), macs))
                otherwise = candidate.again or candidate.same_bytes or not candidate.then
                drafts.append(_draft(candidate, once[-1].words, again=otherwise, of=candidate.former.key))
                continue
            words = before[-1][0].words if before else (known[-1].words if known else None)
            again_read = candidate.again or (
                not before and bool(known) and known[-1].listed < since(candidate)
            )
            here.setdefault(macs.identity, []).append((macs, head.size + len(drafts)))
            rows.append((len(drafts), macs))
            drafts.append(_draft(candidate, words, again=again_read))
            if isinstance(candidate.body, Capture):
                fresh.add(candidate.body.id)
        for (capture, member), ranges in again.items():
            for at in range(0, len(ranges), SIGHTINGS_A_RECORD):
                part = tuple(ranges[at : at + SIGHTINGS_A_RECORD])
                stream = seen.secret.stream(None, None)
                drafts.append(draft_of(Sighting(capture=capture, member=member, ranges=part), stream))
        rows += [(len(drafts), SeenMacs(end, end, end)) for end in self.ends]  # rows about the list itself
        if rows:
            marks = [reader for reader, begins in begun.items() if begins is None]
            rows += [(len(drafts), SeenMacs(mark, mark, mark)) for mark in marks]
            drafts.append(Draft("state", "seen", values=seen_values(rows, seen.secret.generation)))
        return drafts


def name_once(seen: Seen, candidate: Candidate, item: Item, former: Former) -> None:
    """Tell a candidate what an older version of its reader called it."""
    candidate.former = former
    via = item.via
    if isinstance(candidate.body, Item) and (called := former.as_called(candidate.body)):
        candidate.then, via = tuple(candidate_of(seen, one).macs for one in called), called[0].via
    candidate.former_identity = seen.secret.identity("item", [via.model_dump(), former.key.model_dump()])
    candidate.former_words = candidate.macs.words
    if former.text is not None:
        candidate.former_words = seen.secret.words(to_payload(item.model_copy(update={"text": former.text})))
    new = not former.own and not seen.find(candidate.macs.identity)
    doubtful = new and bool(seen.find(candidate.former_identity))
    candidate.perhaps_twice = doubtful and not (_same_then(seen, candidate) or _known_once(seen, candidate))


def perhaps_twice(count: int) -> Iterator[str]:
    """Say that items may stand here twice, where an id of before proves nothing."""
    if count:
        yield (
            f"{count} items have an id that an older version of this reader gave to items of the archive, and that "
            "others may bear too: they may be the same, and stand here twice"
        )


def _tells_names(candidate: Candidate, known: list[SeenRow]) -> bool:
    """Say whether kept bytes that are read again tell further names of people, which are no part of what is compared:
    no export doubles what is known, and whoever asks for the names gets them once."""
    if not (candidate.again and known and isinstance(candidate.body, Item)):
        return False
    names = _further_names(candidate.body)
    told = [candidate.told_before(row.item) for row in known] if names else []
    return bool(told) and not any(one is None or names <= _further_names(one) for one in told)


def _further_names(item: Item) -> set[tuple[str | None, str]]:
    return {
        (actor.account.id if actor.account else None, name)
        for _, actor in item.acting()
        for name in actor.also or ()
    }


def _same_then(seen: Seen, candidate: Candidate) -> SeenRow | None:
    """The very same thing in all but the part of its name that an older version lacked."""
    found = ((row, then) for then in candidate.then for row in seen.find(then.identity))
    return next((row for row, then in found if row.digest == then.digest), None)


def _known_once(seen: Seen, candidate: Candidate) -> list[SeenRow]:
    """What is known under the id of an older version of the reader. One that others may have borne counts only where
    the same words prove it: in the bytes of then, or where only a part of the name was lacking and they are long."""
    former = candidate.former
    if former is None or not (former.own or candidate.again or candidate.same_bytes or candidate.then):
        return []
    found = seen.find(candidate.former_identity)
    if former.own:
        return found
    payload = candidate.payload.values
    proven = candidate.again or candidate.same_bytes or is_telling(payload.get("title"), payload.get("text"))
    return [row for row in found if proven and row.words == candidate.former_words]


def _note_sighting(
    body: Item | Account | Thread | Capture,
    match: int | None,
    fresh: set[str],
    again: dict[tuple[str, str], list[tuple[int, int | None, int | None]]],
) -> None:
    """Remember a second provenance, if this capture is new: the same file again tells nothing new.

    Also within one batch: by it an erasure finds every capture in which an item, or the description of an account,
    came.
    """
    if isinstance(body, Item | Account) and match is not None and body.raw.capture in fresh:
        place = (body.raw.capture or "", body.raw.member)
        again.setdefault(place, []).append((match, body.raw.start, body.raw.end))


def _draft(candidate: Candidate, words_before: bytes | None, *, again: bool, of: Key | None = None) -> Draft:
    """``again``: what is known was read by an earlier version of the reader, which may have understood it otherwise,
    and called it ``of``."""
    body, payload = candidate.body, candidate.payload
    if isinstance(body, Item) and candidate.thread_before is not None:
        body = body.model_copy(update={"extra": (*body.extra, (THREAD_BEFORE, candidate.thread_before))})
        payload = to_payload(body)
    if words_before is not None and isinstance(body, Item) and again:
        pointer = Target(relation="of", key=of or body.key, present="yes")
        told = (*body.extra, (READ_AGAIN_BY, body.parser))
        body = body.model_copy(update={"targets": (*body.targets, pointer), "extra": told})
        payload = to_payload(body)
    elif words_before is not None and isinstance(body, Item):
        changed = candidate.editable and words_before != candidate.macs.words
        body = body.model_copy(
            update={
                "basis": "observed",
                "event": "edited" if changed and body.event == "posted" else body.event,
                "targets": (*body.targets, Target(relation="of", key=of or body.key, present="yes")),
            }
        )
        payload = to_payload(body)
    return draft_of(body, candidate.stream, open_content=candidate.open_content, payload=payload)


def in_memory(data: bytes) -> Callable[[], BinaryIO]:
    """Give an opener of bytes that are at hand."""
    return lambda: io.BytesIO(data)
