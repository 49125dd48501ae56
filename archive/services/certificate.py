"""Certificates: what a search found, on record; and asking the same again years later."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from zoneinfo import ZoneInfo

from archive.catalogue import STANDING
from archive.errors import UsageError
from archive.ledger.drafts import Draft, draft_of
from archive.ledger.state import LedgerState
from archive.query.analysis import ANALYSER, UNICODE
from archive.query.expansion import RULES
from archive.query.explain import explain
from archive.services import register
from archive.services.asking import ask, singly, utc
from archive.services.journal import Looking, note
from archive.services.lookup import every
from archive.services.session import Session
from schemas.answer import Replay, SearchAnswer
from schemas.matter import Certificate

STOOD = "what stood at a time"
"""The rules of ``--as-of``: they decide nothing where no time was asked for."""
EXPLAINED = 100
"""Items that are explained one by one."""


def certify(session: Session, text: str, answer: SearchAnswer, *, as_of: str | None = None) -> Certificate:
    """Record a search that was just answered under the next free number.

    Raises:
        Refused: this account has no legal key.
    """
    asked = ask(session, text, as_of=as_of, size=answer.position)
    items = sorted(every(session, asked.fixed, asked.size))
    listed = to_ranges(items)
    counts: dict[str, int] = {}
    for outline in session.catalogue.outlines(items):
        counts[outline.channel] = counts.get(outline.channel, 0) + 1
    made: list[Certificate] = []

    def decide(_: LedgerState) -> Sequence[Draft]:
        number = register.next_id("C", register.certificates(session))
        made[:] = [
            Certificate(
                id=number,
                created=session.now(),
                person=session.asking.person,
                purpose=session.asking.purpose,
                matter=session.asking.matter,
                query=text,
                timezone=asked.zone.key,
                as_of=None if asked.as_of is None else utc(asked.as_of),
                references=asked.references,
                explained=explain(asked.query.root, (), asked.zone),
                searched=answer.searched,
                position=asked.size,
                head=session.ledger.leaf_hash(asked.size - 1).hex(),
                versions=versions(session),
                total=len(items),
                items=listed,
                items_sha256=sha256(listed.encode()).hexdigest(),
                counts=tuple(sorted(counts.items())),
                limits=limits(answer),
                checked=answer.checked,
            )
        ]
        return [draft_of(made[0])]

    session.ledger.append(session.writer("legal"), decide)
    return made[0]


def limits(answer: SearchAnswer) -> tuple[tuple[str, int], ...]:
    """Give what no word could find or leave out, as an answer says it."""
    return (
        ("items without text", answer.without_text),
        *answer.unread,
        *_some(("files read under other rules", answer.read_otherwise)),
        *_some(("items read by an older version of their reader", answer.read_before)),
        *_some(("records that could not be opened", answer.unopened)),
        *_some(("items without a known instant", answer.without_time)),
        *_some(("items without a time that count as of then", answer.undated)),
        *_some(("items first seen edited after then, and left out", answer.reworded)),
        *_some(("items edited at a time that nobody tells", answer.maybe_reworded)),
        *_some(("items sealed under a clock that was wrong, and left out", answer.misdated)),
        *_some(("messages that do not say to whom they went", answer.unaddressed)),
        *((f"not searched: {query}", count) for query, count in answer.apart),
        *((f"not left out: {query}", count) for query, count in answer.not_excluded),
    )


def _some(limit: tuple[str, int]) -> Iterable[tuple[str, int]]:
    return (limit,) if limit[1] else ()


def versions(session: Session) -> tuple[tuple[str, str], ...]:
    """Give (name, version) of everything that decides what a query finds."""
    data = files("archive.query")
    return (
        ("program", session.tool),
        ("analyser", f"{ANALYSER}, Unicode {UNICODE}"),
        *(
            (name, sha256(data.joinpath(name).read_bytes()).hexdigest())
            for name in ("families.txt", "verbs.txt", "languages.txt")
        ),
        ("expansion", RULES),
        (STOOD, STANDING),
        ("files", session.texts.extractor.rules),
        ("stemmer", version("snowballstemmer")),
        ("engine", f"{session.index.name} {version(session.index.name)}"),
    )


def replay(session: Session, number: str) -> Replay:
    """Ask what a certificate asked, on the records that there were, and compare.

    Raises:
        UsageError: there is no such certificate.
    """
    known = register.certificates(session)
    if number not in known:
        raise UsageError(f"there is no certificate {number}; there are: {', '.join(known) or 'none yet'}")
    before = known[number]
    zone = ZoneInfo(before.timezone)
    size = min(before.position, session.ledger.state.size)
    asked = ask(session, before.query, as_of=before.as_of, zone=zone, size=size)
    then, now = from_ranges(before.items), set(every(session, asked.fixed, asked.size))
    found = sorted(now)
    note(session, Looking("replay", found, before.query, asked.read, shown=singly(session, asked, found)))
    state = session.ledger.state
    same_ledger = before.position <= state.size and (
        session.ledger.leaf_hash(before.position - 1).hex() == before.head
    )
    changes = _Changes.between(session, before, asked.references)
    return Replay(
        certificate=before,
        same_ledger=same_ledger,
        total=len(now),
        gone=tuple(sorted(then - now)),
        new=tuple(sorted(now - then)),
        changes=changes.lines,
        explained=tuple(_explained(session, sorted(then - now), sorted(now - then), changes)),
    )


@dataclass(frozen=True, slots=True)
class _Changes:
    """What is other than it was when the certificate was made."""

    lines: tuple[str, ...]

    @classmethod
    def between(
        cls, session: Session, before: Certificate, references: tuple[tuple[str, int], ...]
    ) -> "_Changes":
        was = dict(before.versions)
        lines = [
            f"{name} was {was.get(name, 'not there')}, is {value}"
            for name, value in versions(session)
            if was.get(name) != value and (name != STOOD or before.as_of is not None)
        ]
        meant = dict(before.references)
        lines += [
            f"{name} meant {meant.get(name, 0)} items, means {count}"
            for name, count in references
            if meant.get(name) != count
        ]
        return cls(tuple(lines))


def _explained(session: Session, gone: Sequence[int], new: Sequence[int], changes: _Changes) -> Iterable[str]:
    opener = session.opener("content")
    for index in gone[:EXPLAINED]:
        state = opener.entry(index).state
        erasure = session.ledger.state.erasure_of(index)
        if state == "erased" and erasure is not None:
            yield f"item {index} is gone: its key was destroyed under the erasure of record {erasure.erase}"
        elif state != "open":
            yield f"item {index} is gone: it cannot be opened ({state}); run `beleg verify`"
        else:
            yield f"item {index} is gone: {_reason(changes)}"
    for index in new[:EXPLAINED]:
        yield f"item {index} is new: {_reason(changes)}"


def _reason(changes: _Changes) -> str:
    if changes.lines:
        return "see what changed since"
    return "records sealed later, or the text of a file that was read since; else run `beleg rebuild` and ask again"


def to_ranges(indexes: Sequence[int]) -> str:
    """Write ascending numbers as ``3,7-9``."""
    parts: list[str] = []
    start = end = None
    for index in [*indexes, None]:
        if index is not None and end is not None and index == end + 1:
            end = index
            continue
        if start is not None:
            parts.append(str(start) if start == end else f"{start}-{end}")
        start = end = index
    return ",".join(parts)


def from_ranges(text: str) -> set[int]:
    """Read what ``to_ranges`` wrote."""
    found: set[int] = set()
    for part in text.split(",") if text else ():
        first, _, last = part.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return found
