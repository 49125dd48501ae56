"""Statements: listed, explained, decided on, registered by party. Finds are a projection; decisions are entries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from archive.catalogue import Listed
from archive.errors import UsageError
from archive.ledger.drafts import Draft, draft_of
from archive.ledger.state import LedgerState
from archive.query.document import seconds
from archive.services import register
from archive.services.asking import PAGE, instant, zone_of
from archive.services.journal import Looking, note
from archive.services.session import Session
from archive.services.stated import Decided, Wanted, decided, finds, only_confirmed
from archive.statements.ports import Stated
from schemas.item import Item
from schemas.matter import Party
from schemas.statement import RegisterLine, StatementAnswer, StatementDecision, StatementLine, StatementShown

Decision = Literal["confirmed", "rejected"]


def list_statements(
    session: Session, wanted: Wanted, *, limit: int | None = None, offset: int = 0
) -> StatementAnswer:
    """List statements by item. What is shown is written down in the journal first.

    Raises:
        UsageError: a kind, modality, party or time that there is not.
    """
    known = decided(session)
    chosen = _narrowed(session, finds(session, wanted, known), wanted)
    page = chosen[offset : None if limit is None else offset + limit]
    note(session, _looking(session, "statement list", page, wanted))
    return StatementAnswer(
        lines=tuple(lines(session, page, known)),
        total=len(chosen),
        lexicon=session.catalogue.lexicon or "",
        position=session.catalogue.position,
    )


def _looking(session: Session, command: str, shown: list[tuple[Stated, bool]], wanted: Wanted) -> Looking:
    items = sorted({one.item for one, _ in shown})
    if wanted.party is None:
        return Looking(command, items, query=_told(wanted))
    # A part of a name, or a handle, is enough to be listed: whoever is, was asked for.
    authors = tuple(one.item for one in _items(session, items).values())
    return Looking(command, items, query=_told(wanted), names=(wanted.party,), shown=authors)


def _told(wanted: Wanted) -> str:
    parts = [*wanted.kinds, *wanted.modalities]
    parts += [f"party {wanted.party}"] if wanted.party else []
    parts += [f"since {wanted.since}"] if wanted.since else []
    parts += [f"strength {wanted.least}"] if wanted.least else []
    return f"statements: {', '.join(parts) or 'all'}"


def _narrowed(
    session: Session, chosen: list[tuple[Stated, bool]], wanted: Wanted
) -> list[tuple[Stated, bool]]:
    """Keep what a party said, or what was said since a time."""
    if wanted.party is None and wanted.since is None:
        return chosen
    since = instant(wanted.since, zone_of(session)) if wanted.since is not None else None
    if wanted.since is not None and len(wanted.since) == len("2021-08-04"):
        since = instant(f"{wanted.since}T00:00", zone_of(session))
    test = _party_test(session, wanted.party) if wanted.party is not None else None
    kept: list[tuple[Stated, bool]] = []
    listed = _items(session, [one.item for one, _ in chosen])
    for one, found in chosen:
        item = listed.get(one.item)
        if item is None or (test is not None and not test(item.item)):
            continue
        if since is not None and (_moment(item.item) is None or (_moment(item.item) or 0) < since):
            continue
        kept.append((one, found))
    return kept


def _moment(item: Item) -> int | None:
    return seconds(item.time.utc) if item.time and item.time.utc else None


def _party_test(session: Session, wanted: str) -> "PartyTest":
    parties = register.parties(session)
    for party in parties.values():
        if wanted in (party.id, party.name):
            return PartyTest(party, wanted)
    if wanted.startswith("Y-"):
        raise UsageError(f"there is no party {wanted}; `beleg party list` shows them")
    return PartyTest(None, wanted)


@dataclass(frozen=True, slots=True)
class PartyTest:
    """Says whether an item was said by a party: by its accounts or its name, or by a sender of this name."""

    party: Party | None
    name: str

    def __call__(self, item: Item) -> bool:
        """Say whether the author belongs to the party."""
        author = item.author
        if author is None:
            return False
        names = {name.casefold() for name in author.names}
        if self.party is None:
            return any(self.name.casefold() in name for name in names)
        accounts = {(one.account.channel, one.account.id) for one in self.party.accounts}
        if author.account is not None and (author.account.channel, author.account.id) in accounts:
            return True
        return self.party.name.casefold() in names


def _items(session: Session, indexes: Iterable[int]) -> dict[int, Listed]:
    wanted = sorted(set(indexes))
    return {
        listed.index: listed
        for at in range(0, len(wanted), PAGE)
        for listed in session.catalogue.items(wanted[at : at + PAGE])
    }


def lines(session: Session, chosen: Sequence[tuple[Stated, bool]], known: Decided) -> list[StatementLine]:
    """Give finds as lines, with names, times, parties and what answers them."""
    listed = _items(session, [one.item for one, _ in chosen])
    answering: dict[int, list[str]] = {}
    for answer in session.catalogue.answers_to(sorted(listed)):
        answering.setdefault(answer.answers or 0, []).append(_name(answer))
    parties = register.parties(session)
    return [
        _line(one, found, listed[one.item], known.of(one), answering, parties)
        for one, found in chosen
        if one.item in listed
    ]


def _name(one: Stated) -> str:
    return f"{one.item}.{one.number}"


def _line(
    one: Stated, found: bool, listed: Listed, made: StatementDecision | None,
    answering: Mapping[int, list[str]], parties: Mapping[str, Party],
) -> StatementLine:  # fmt: skip
    item = listed.item
    party = next((p.name for p in parties.values() if PartyTest(p, p.name)(item)), None)
    return StatementLine(
        id=_name(one), item=one.item, kind=one.kind, modality=one.modality, strength=one.strength,
        words=(item.text or "")[one.start : one.end], start=one.start, end=one.end, values=one.values,
        utc=item.time.utc if item.time else None, time=item.time.written if item.time else None,
        channel=item.key.channel, thread=item.thread.id, sender=item.author.name if item.author else None, party=party,
        recipients=tuple(r.actor.name or "-" for r in item.recipients if r.role in ("to", "member", "cc")),
        answers=one.answers, answered_by=tuple(answering.get(one.item, ())),
        decision=made.decision if made else None, found=found,
    )  # fmt: skip


def show_statement(session: Session, name: str) -> list[StatementShown]:
    """Explain the statements of an item (``57``), or one of them (``57.1``), from the ledger's own words.

    Raises:
        UsageError: no such statement.
    """
    item, number = _named(name)
    known = decided(session)
    found = [(one, True) for one in session.catalogue.statements_of([item])]
    found += [(one, False) for one in only_confirmed(session, Wanted(), known) if one.item == item]
    chosen = [pair for pair in found if number is None or pair[0].number == number]
    if not chosen:
        raise UsageError(f"there is no statement {name}; `beleg statement list` shows them")
    body = session.opener("content").body(item)
    answered = sorted({one.answers for one, _ in chosen if one.answers is not None})
    others = [(one, True) for one in session.catalogue.statements_of(answered)]
    later = [(one, True) for one in session.catalogue.answers_to([item])]
    seen = sorted({item, *answered, *(one.item for one, _ in later)})
    shown = (body,) if isinstance(body, Item) else ()
    note(session, Looking("statement show", seen, shown=shown))
    text = body.text or "" if isinstance(body, Item) else ""
    shown_lines = lines(session, chosen, known)
    return [
        StatementShown(
            line=line, text=text, rule=one.rule, cues=one.cues, parts=one.parts,
            lexicon=session.catalogue.lexicon or "",
            decisions=tuple(made for made in known.by_item.get(item, ()) if made.kind == one.kind),
            answered=tuple(lines(session, others, known)) if one.answers is not None else (),
            answering=tuple(lines(session, later, known)),
        )
        for line, (one, _) in zip(shown_lines, chosen, strict=True)
    ]  # fmt: skip


def _named(name: str) -> tuple[int, int | None]:
    item, dot, number = name.partition(".")
    if not item.isdigit() or (dot and not number.isdigit()):
        raise UsageError(f"{name!r} names no statement; write 57.1, or 57 for all of item 57")
    return int(item), int(number) if dot else None


def decide(
    session: Session, name: str, decision: Decision, *, note_: str | None = None, matter: str | None = None
) -> list[StatementDecision]:
    """Confirm or reject a statement, or all of an item, bound to the item and the exact words.

    Raises:
        UsageError: no such statement or matter.
    """
    item, number = _named(name)
    chosen = [one for one in session.catalogue.statements_of([item]) if number in (None, one.number)]
    if not chosen:
        raise UsageError(f"there is no statement {name}; `beleg statement list` shows them")
    body = session.opener("content").body(item)
    text = body.text or "" if isinstance(body, Item) else ""
    shown = (body,) if isinstance(body, Item) else ()
    note(session, Looking(f"statement {decision.removesuffix('ed')}", [item], shown=shown))
    made = [
        StatementDecision(
            item=item, start=one.start, end=one.end,
            words_sha256=sha256(text[one.start : one.end].encode("utf-8", "surrogatepass")).hexdigest(),
            kind=one.kind, modality=one.modality, decision=decision, rule=one.rule,
            lexicon=session.catalogue.lexicon or "", note=note_, matter=matter, decided=session.now(),
            person=register.actor(session, "legal"),
        )
        for one in chosen
    ]  # fmt: skip

    def drafts(_: LedgerState) -> Sequence[Draft]:
        if matter is not None:
            register.matter(session, matter)
        return [draft_of(one) for one in made]

    session.ledger.append(session.writer("legal"), drafts)
    return made


_PROMISES = ("promised", "conditional")


def register_of(session: Session, wanted: Wanted) -> list[RegisterLine]:
    """Give per party what was promised: by whom, to whom, until when, on which item, and what answered it."""
    if not wanted.modalities:
        wanted = Wanted(wanted.kinds, _PROMISES, wanted.party, wanted.since, wanted.least, wanted.unreviewed)
    known = decided(session)
    chosen = _narrowed(session, finds(session, wanted, known), wanted)
    note(session, _looking(session, "statement register", chosen, wanted))
    found = [
        RegisterLine(
            party=line.party or line.sender or "-", by=line.sender, to=line.recipients, kind=line.kind,
            modality=line.modality, words=line.words, until=until(line.values),
            said=line.utc[:10] if line.utc else None, statement=line.id, item=line.item,
            answered_by=line.answered_by, decision=line.decision,
        )
        for line in lines(session, chosen, known)
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.party.casefold(), one.item, one.statement))


def until(values: Mapping[str, object]) -> str | None:
    """Give until when something holds or is due, as the values say it."""
    for key in ("date_to", "date", "period"):
        if key in values:
            return str(values[key])
    return None
