"""The legal half of the door: the plan, and the decision under every hold. Needs the keys that open content."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from archive.errors import NotOpened, Refused, UsageError
from archive.ledger.drafts import Draft, clear_draft, draft_of
from archive.ledger.erasing import ERASABLE
from archive.ledger.state import LedgerState
from archive.services import journal, register
from archive.services.agreed import agreement, papers, policies
from archive.services.dispose.closure import MOST_RECORDS, Closure, GroundOf, close, cut, members, ranges
from archive.services.dispose.judging import Ground, Judge
from archive.services.dispose.relations import Relations
from archive.services.session import Session
from schemas.item import Account, Item
from schemas.keeping import ErasureRequest, Plan, Restriction, Subject
from schemas.matter import Read

PROTECTED = frozenset(
    {"hold", "party", "policy", "request", "plan", "approval", "person", "production", "run"}
)
"""Kinds that no plan may name: by them holds stand, and it is told later what was done."""


def ask(
    session: Session, *, ground: str, cause: str = "erasure", subject: str | None = None,
    items: Sequence[int] = (),
) -> tuple[int, ErasureRequest]:  # fmt: skip
    """Write down that somebody asked for an erasure; give the record's index and the request.

    Raises:
        UsageError: nothing is asked for, an item or subject that there is not, or no ground.
        Refused: this account has neither the legal nor the privacy key.
    """
    if not ground.strip():
        raise UsageError("an erasure needs a ground, like --ground 17-1a")
    if cause != "retention" and subject is None and not items:
        raise UsageError("name a subject (S-1), or items with --item")
    if subject is not None and subject not in papers.subjects(session):
        raise UsageError(f"there is no subject {subject}; `beleg subject find` makes one")
    made: list[ErasureRequest] = []
    actor = policies.acting(session)

    def decide(head: LedgerState) -> Sequence[Draft]:
        for index in items:
            if not 0 <= index < head.size or session.ledger.leaf(index).kind != "item":
                raise UsageError(f"{index} is not the number of an item")
        number = register.next_id("R", papers.requests(session))
        made[:] = [
            ErasureRequest(
                id=number, cause=cause, ground=ground, subject=subject, items=tuple(sorted(set(items))),  # type: ignore[arg-type]
                asked=session.now(), person=actor,
            )
        ]  # fmt: skip
        return [draft_of(made[0])]

    session.ledger.append(policies.proposer(session), decide)
    index, found = papers.request(session, made[0].id)
    return index, found


def plan(session: Session, number: str) -> Plan:
    """Make the plan of a request on the present head: exactly what would go, and what stays and why.

    Raises:
        UsageError: there is no such request, or more records than a plan may name.
        Refused: this account does not open content, or has no legal key.
    """
    index, request = papers.request(session, number)
    if request.cause == "erasure":
        journal.seal(session, "legal")  # the lines that wait on this host are plain text
    session.ledger.refresh()
    relations = Relations(session)
    relations.follow(session.ledger.state.size)
    made: list[Plan] = []
    actor = register.actor(session, "legal")

    def decide(head: LedgerState) -> Sequence[Draft]:
        relations.follow(head.size)
        closure = _closure(session, relations, Judge(session, relations), request)
        targets = cut(ranges(closure.records()))
        if len(targets) > MOST_RECORDS:
            raise UsageError("these are too many records for one plan; ask for fewer items at once")
        made[:] = [
            Plan(
                id=register.next_id("D", papers.plans(session)), action="erase", known=head.size,
                made=session.now(), reason=request.ground, request=index, targets=targets, person=actor,
                counts=closure.counts(), restricted=tuple(closure.restricted), remains=tuple(closure.remains),
            )
        ]  # fmt: skip
        return [draft_of(made[0])]

    session.ledger.append(session.writer("legal"), decide)
    return made[0]


def today(session: Session) -> date:
    """Give the day in UTC."""
    return session.clock().date()


def _closure(session: Session, relations: Relations, judge: Judge, request: ErasureRequest) -> Closure:
    day = today(session)
    if request.cause == "drop":
        return _dropped(relations, judge, request)
    seeds, accounts = _seeds(session, relations, request)
    ground: GroundOf = (
        _until_due(judge, day) if request.cause == "retention" else (lambda index: judge.ground(index, day))
    )
    closure = close(relations, judge, seeds, ground, accounts)
    if request.subject is not None and closure.items:
        closure.remains.append(
            f"the entry of {request.subject} with name and accounts, which says whose request this was; parties"
        )
    if request.cause == "erasure":
        closure.reads = _reads(session, closure.items)
        if closure.reads:
            closure.remains.append("that somebody looked for them, and when: not with which words")
    return closure


def _until_due(judge: Judge, day: date) -> GroundOf:
    def ground(index: int) -> Ground | None:
        hold = judge.hold_on(index)
        if hold is not None:
            return Ground(hold)
        term = judge.term(index)
        if term is None:
            return None  # an edit or a reaction goes with what it is about
        return Ground(f"class {term.name}", term.until) if term.until >= day else None

    return ground


def _seeds(session: Session, relations: Relations, request: ErasureRequest) -> tuple[set[int], set[int]]:
    """Give the items that were asked for, and the records of the subject's accounts."""
    seeds = {index for index in request.items if relations.is_item(index)}
    if request.subject is None:
        return seeds, set()
    subject = papers.subjects(session)[request.subject]
    seeds |= set(items_of(session, relations, subject))
    keep = {key for index, item in _opened(session, relations) if index not in seeds for key in _named(item)}
    accounts = set()
    for index in relations.accounts(subject.accounts):
        body = session.opener("content").body(index)
        if isinstance(body, Account) and _address(body.key) not in keep:
            accounts.add(index)
    return seeds, accounts


def _named(item: Item) -> Iterable[tuple[str, str, str]]:
    actors = [item.author, *(recipient.actor for recipient in item.recipients)]
    return [_address(actor.account) for actor in actors if actor is not None and actor.account is not None]


def _address(key: object) -> tuple[str, str, str]:
    return (getattr(key, "channel", ""), getattr(key, "scope", ""), getattr(key, "id", ""))


def _opened(session: Session, relations: Relations) -> Iterable[tuple[int, Item]]:
    opener = session.opener("content")
    for index in relations.items():
        try:
            body = opener.body(index)
        except NotOpened:
            continue
        if isinstance(body, Item):
            yield index, body


def items_of(session: Session, relations: Relations, subject: Subject) -> Iterable[int]:
    """Give the items that a subject wrote, by account or by a confirmed spelling, from the ledger itself."""
    accounts = {_address(key) for key in subject.accounts}
    spellings = {name.casefold() for name in subject.spellings}
    for index, item in _opened(session, relations):
        author = item.author
        if author is None:
            continue
        named = {name.casefold() for name in (author.written, author.handle) if name}
        known = author.account is not None and _address(author.account) in accounts
        if known or named & spellings:
            yield index


def _dropped(relations: Relations, judge: Judge, request: ErasureRequest) -> Closure:
    """Give the captures in which items came, without those that a hold may want a part of. The items stay."""
    closure = Closure()
    wanted = relations.containers(request.items)
    inside = relations.inside(sorted(wanted))
    for capture in sorted(wanted):
        held = judge.hold_on_unread(capture) if judge.holds else None
        for index in sorted(inside[capture]) if judge.holds and held is None else ():
            held = held or judge.hold_on(index)
        parts = relations.unread(capture)
        ground = held or (
            f"a part could not be read, see the run of record {parts[0].record}" if parts else None
        )
        if ground is None:
            closure.containers.update(relations.records(capture))
        else:
            closure.restricted += [Restriction(item=i, ground=ground) for i in relations.records(capture)]
    return closure


def _reads(session: Session, items: set[int]) -> set[int]:
    """Give the sealed lines of journals that hold a query which found one of these items.

    A line over more than a thousand items does not list them: it is taken, for nobody can say.
    """
    found = set()
    for index, body in session.bodies("read", "oversight"):
        if isinstance(body, Read) and body.query is not None:
            unlisted = not body.items and bool(body.count)
            if unlisted or not items.isdisjoint(body.items):
                found.add(index)
    return found


@dataclass(frozen=True, slots=True)
class Ordered:
    """What a run of the legal half appended."""

    plan: Plan
    erases: tuple[int, ...]
    """Indexes of the ``erase`` records."""


def order(session: Session, number: str) -> Ordered:
    """Carry out the legal half of an approved plan: test every hold on this very head, then append ``erase``.

    Raises:
        UsageError: there is no such plan of an erasure, or it was carried out.
        Refused: approvals are missing, a hold or statute stands, or more belongs to it than was signed.
        StoreError, FormatError: something could not be read, so nothing was lost.
    """
    session.ledger.refresh()
    index, found = papers.plan(session, number)
    _open_targets(session.ledger.state, found)
    agreement.demand(session, index, found)  # before the long walk; again on the head that counts
    journal.seal(session, "legal")  # what was looked for since the plan stands in plain text on this host
    relations = Relations(session)
    relations.follow(session.ledger.state.size)

    def decide(head: LedgerState) -> Sequence[Draft]:
        relations.follow(head.size)
        targets = _open_targets(head, found)
        given = agreement.demand(session, index, found)
        _check_kinds(session, targets)
        _check_still_free(session, relations, found, targets)
        return [
            clear_draft(
                "erase",
                {
                    "approvals": [
                        {"key": one.approval.key, "signature": one.approval.signatures[at]} for one in given
                    ],
                    "request": found.request,
                    "targets": [list(pair) for pair in part],
                },
            )
            for at, part in enumerate(found.targets)
        ]

    receipt = session.ledger.append(session.writer("legal"), decide)
    erases = [i for i in session.ledger.state.special.get("erase", []) if receipt.first <= i < receipt.size]
    return Ordered(found, tuple(erases))


def _open_targets(head: LedgerState, plan: Plan) -> set[int]:
    """Give the records that a plan names.

    Raises:
        UsageError: it is no plan of an erasure, names nothing, or was carried out.
    """
    if plan.action != "erase" or plan.request is None:
        raise UsageError(f"{plan.id} is no plan of an erasure")
    targets = members(plan.targets)
    if not targets:
        raise UsageError(f"{plan.id} names nothing that may go")
    if any(head.erasure_of(one) is not None for one in targets):
        raise UsageError(f"{plan.id} was carried out, at least in part")
    return targets


def _check_kinds(session: Session, targets: Iterable[int]) -> None:
    for index in sorted(targets):
        leaf = session.ledger.leaf(index)
        if leaf.record_class not in ERASABLE or leaf.kind in PROTECTED:
            raise Refused(f"record {index} is of the kind {leaf.kind}, which nobody may erase")


def _check_still_free(session: Session, relations: Relations, found: Plan, targets: set[int]) -> None:
    """Find on this head again what belongs to the request, and hold it against what was signed."""
    request_index = found.request if found.request is not None else -1
    request = next(body for at, body in papers.requests(session).values() if at == request_index)
    closure = _closure(session, relations, Judge(session, relations), request)
    for one in closure.restricted:
        if one.item in targets:
            until = f" until {one.until}" if one.until else ""
            raise Refused(
                f"item {one.item} must stay: {one.ground}{until}. Nothing was erased. `beleg erase plan {request.id}` "
                "makes a plan without it; the item is restricted until the ground ends"
            )
    strange = targets - closure.records()
    if strange:
        first = min(strange)
        raise Refused(f"record {first} does not belong to {request.id} any more; make a new plan")
    more = closure.records() - closure.reads - targets
    if more:
        raise Refused(
            f"since the plan was signed {len(more)} more records belong to it (record {min(more)}); nothing was "
            f"erased. `beleg erase plan {request.id}` makes a new one"
        )
