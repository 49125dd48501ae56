"""The legal half of the door: the plan, and the decision under every hold. Needs the keys that open content."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from archive.errors import Refused, UsageError
from archive.ledger.drafts import Draft, clear_draft, draft_of
from archive.ledger.erasing import ERASABLE
from archive.ledger.state import LedgerState
from archive.services import journal, register
from archive.services.agreed import agreement, papers, policies
from archive.services.dispose.belonging import belonging
from archive.services.dispose.closure import MOST_RECORDS, cut, members, ranges
from archive.services.dispose.judging import Judge
from archive.services.dispose.relations import Relations
from archive.services.session import Session
from schemas.keeping import ErasureRequest, Plan

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
        UsageError: nothing is asked for, an item or subject that there is not, items that are all gone, or no ground.
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
        gone = register.erased(session, items)
        if items and len(gone) == len(set(items)):
            told = ", ".join(f"{item} in record {erase}" for item, erase in sorted(gone.items())[:20])
            raise UsageError(f"nothing is left of what is asked for: erased was item {told}")
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
        closure = belonging(session, relations, Judge(session, relations), request)
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
        raise UsageError(
            f"{plan.id} was ordered already, at least in part; `beleg erase list` tells what became of it"
        )
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
    closure = belonging(session, relations, Judge(session, relations), request)
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
