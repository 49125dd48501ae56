"""The desk: an unsealed working copy of a matter goes out, decisions come back and are checked before they count."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from archive.core.facets import FACETS
from archive.errors import FormatError, NotOpened, Refused, UsageError
from archive.ledger.drafts import Draft, draft_of
from archive.ledger.state import LedgerState
from archive.production import DeskInput
from archive.services import register
from archive.services.context import with_context
from archive.services.described import Described
from archive.services.journal import Looking, note
from archive.services.matter import ITEMS_A_RECORD
from archive.services.read_once import ReadOnce
from archive.services.redact import check_reason
from archive.services.session import Session
from archive.services.told import Telling
from schemas.item import Item
from schemas.matter import ExportOptions, Note, Redaction, Selection
from schemas.review import Decisions, Reviewed

LONGEST = 256 * 1024 * 1024
"""Bytes of a decisions file."""
SHOWN = 10
"""Defects of a file that are told."""


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What a decisions file changed."""

    matter: str
    decided: int
    redacted: int
    notes: int


def send_out(session: Session, matter: str, out: Path, options: ExportOptions) -> int:
    """Write the working copy of a matter into ``out``, a new or empty folder; give the number of items in it.

    Raises:
        UsageError: nothing is selected, no such matter, or the folder holds something.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} is not an empty folder; a working copy goes into a new one")
    session.ledger.refresh()
    session.catch_up()
    case, chosen = register.matter(session, matter), register.selection(session, matter)
    if not chosen:
        raise UsageError(f"{matter} has no items to look at; `beleg matter add {matter} …` selects some")
    selection = with_context(session, {item: one.decision for item, one in chosen.items()}, options)
    note(session, Looking("review", [index for index, _ in selection], matter=matter, chosen=tuple(chosen)))
    out.mkdir(parents=True, exist_ok=True)
    with ReadOnce(session) as items:
        given = DeskInput(
            origin=session.settings.origin,
            matter=case,
            known=session.ledger.state.size,
            language=options.language,
            timezone=options.timezone,
            told=Telling(session, items, selection, {}, ""),
            chosen=chosen,
            redactions=register.redactions(session, matter),
        )
        return session.write_desk(given, out)


def read_decisions(data: bytes) -> Decisions:
    """Read a decisions file.

    Raises:
        UsageError: it is none; the words do not quote it.
    """
    try:
        return Decisions.model_validate_json(data)
    except ValidationError as error:
        found = [
            f"{'.'.join(map(str, one['loc'])) or 'the whole'}: {one['type']}"
            for one in error.errors()[:SHOWN]
        ]
        raise UsageError(f"not a file of decisions: {'; '.join(found)}") from None


def take_in(session: Session, decisions: Decisions) -> TakenIn:
    """Append what was decided at the desk: all of it, or nothing.

    Raises:
        UsageError: it is of another archive, or says something that cannot be.
        Refused: an item of it was decided on by others since the working copy went out.
    """
    session.ledger.follow()
    session.catch_up()
    if decisions.origin != session.settings.origin:
        raise UsageError("these decisions are about another archive")
    if decisions.known > session.ledger.state.size:
        raise UsageError("these decisions claim to know records that there are not")
    _check(session, decisions)
    made = list(_entries(session, decisions))

    def decide(_: LedgerState) -> Sequence[Draft]:
        if register.matter(session, decisions.matter).status == "closed":
            raise UsageError(f"{decisions.matter} is closed; `beleg matter reopen {decisions.matter}`")
        conflicts = sorted(_decided_since(session, decisions) & {one.item for one in decisions.decisions})
        if conflicts:
            raise Refused(
                f"item {conflicts[0]} was decided on after the working copy went out ({len(conflicts)} such items); "
                f"nothing was taken in: `beleg review out {decisions.matter}` writes a new one"
            )
        return [draft_of(body) for body in made]

    if made:
        session.ledger.append(session.writer("legal"), decide)
    return TakenIn(
        matter=decisions.matter,
        decided=sum(one.decision is not None for one in decisions.decisions),
        redacted=sum(_redacts(one) for one in decisions.decisions),
        notes=sum(one.note is not None for one in decisions.decisions),
    )


def _check(session: Session, decisions: Decisions) -> None:
    """Refuse what cannot be meant: doubled items, other records, spans outside of a text, facets that are none."""
    register.matter(session, decisions.matter)
    chosen = register.selection(session, decisions.matter)
    bodies: dict[int, Item] = {}
    for one in decisions.decisions:
        if one.item in bodies:
            raise UsageError(f"item {one.item} stands twice in these decisions")
        bodies[one.item] = _read(session, one)
    new = [
        one.item
        for one in decisions.decisions
        if one.decision not in (None, "removed") and one.item not in chosen
    ]
    looked = [one.item for one in decisions.decisions if one.item in new or _redacts(one)]
    if looked:
        # Taken in by its number, as by `matter add`; and before its words are asked, which a reason may try.
        shown = tuple(bodies[item] for item in new)
        note(session, Looking("review in", looked, matter=decisions.matter, shown=shown))
    described = Described(session)
    for one in decisions.decisions:
        body = bodies[one.item]
        inside = one.decision != "removed" if one.decision is not None else one.item in chosen
        if (one.spans or one.facets or one.note is not None) and not inside:
            raise UsageError(f"item {one.item} is not in {decisions.matter}")
        _check_redaction(one, body)
        if _redacts(one):
            meant = _redaction(decisions.matter, one, session.now(), None)
            check_reason(one.item, described(body), meant)


def _read(session: Session, one: Reviewed) -> Item:
    """Give the item that a decision is about, if it is the one that was read at the desk."""
    if one.item >= session.ledger.state.size:
        raise UsageError(f"there is no item {one.item}")
    if session.ledger.leaf_hash(one.item).hex() != one.leaf:
        raise UsageError(f"item {one.item} is not the record that was read at the desk")
    try:
        body = session.opener("content").body(one.item)
    except NotOpened as error:
        raise FormatError(f"item {one.item} cannot be opened ({error.state})") from error
    if not isinstance(body, Item):
        raise UsageError(f"record {one.item} is no item")
    return body


def _check_redaction(one: Reviewed, item: Item) -> None:
    length = len(item.text or "")
    for start, end in one.spans or ():
        if not 0 <= start < end <= length:
            raise UsageError(f"item {one.item}: {start}-{end} is no span of its {length} characters")
    if unknown := set(one.facets) - set(FACETS[1:]):
        raise UsageError(f"item {one.item}: {len(unknown)} facets that cannot be withheld")
    if one.spans or one.facets:
        register.named(one.reason, f"item {one.item}: the reason of a redaction")


def _redacts(one: Reviewed) -> bool:
    """Say whether a decision speaks of a redaction: new, other, or taken back."""
    return one.spans is not None or bool(one.facets)


def _decided_since(session: Session, decisions: Decisions) -> set[int]:
    """Give the items on which an entry was written that the desk did not know."""
    found: set[int] = set()
    for kind in ("selection", "decision"):
        for index, body in session.bodies(kind, "matter"):
            if index >= decisions.known and getattr(body, "matter", None) == decisions.matter:
                found.update(body.items if isinstance(body, Selection) else ())
                found.update({body.item} if isinstance(body, Redaction) else ())
    return found


def _entries(session: Session, decisions: Decisions) -> Iterator[Selection | Redaction | Note]:
    person, now, matter = register.actor(session, "legal"), session.now(), decisions.matter
    by_decision: dict[str, list[int]] = {}
    for one in decisions.decisions:
        if one.decision is not None:
            by_decision.setdefault(one.decision, []).append(one.item)
    for decision, items in by_decision.items():
        for at in range(0, len(items), ITEMS_A_RECORD):
            part = tuple(items[at : at + ITEMS_A_RECORD])
            yield Selection(matter=matter, items=part, decision=decision, person=person)  # type: ignore[arg-type]
    for one in decisions.decisions:
        if _redacts(one):
            yield _redaction(matter, one, now, person)
        if one.note is not None:
            yield Note(
                matter=matter,
                text=register.named(one.note, "a note"),
                item=one.item,
                written=now,
                person=person,
            )


def _redaction(matter: str, one: Reviewed, now: str, person: str | None) -> Redaction:
    return Redaction(
        matter=matter, item=one.item, facets=one.facets, spans=one.spans or (),
        reason=one.reason.strip() or "taken back at the desk", decided=now, person=person,
    )  # fmt: skip
