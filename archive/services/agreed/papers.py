"""Requests, plans, approvals, subjects and policies, folded from the ledger itself."""

from collections.abc import Iterator
from typing import TypeVar

from archive.errors import UsageError
from archive.services.session import Session
from schemas.keeping import Approval, ErasureRequest, Plan, PolicyEntry, Restriction, Subject

T = TypeVar("T", ErasureRequest, Plan, Subject)


def _all(session: Session, kind: str, record_class: str, model: type[T]) -> dict[str, tuple[int, T]]:
    """Give number → (index, paper). A number counts for the paper that bore it first."""
    found: dict[str, tuple[int, T]] = {}
    for index, body in session.bodies(kind, record_class):
        if isinstance(body, model):
            found.setdefault(body.id, (index, body))
    return found


def requests(session: Session) -> dict[str, tuple[int, ErasureRequest]]:
    """Give every request."""
    return _all(session, "request", "oversight", ErasureRequest)


def plans(session: Session) -> dict[str, tuple[int, Plan]]:
    """Give every plan."""
    return _all(session, "plan", "oversight", Plan)


def subjects(session: Session) -> dict[str, Subject]:
    """Give the last state of every subject."""
    found: dict[str, Subject] = {}
    for _, body in session.bodies("party", "matter"):
        if isinstance(body, Subject):
            found[body.id] = body
    return found


def _one(found: dict[str, tuple[int, T]], number: str, what: str, help_: str) -> tuple[int, T]:
    if number not in found:
        raise UsageError(f"there is no {what} {number}; {help_}")
    return found[number]


def request(session: Session, number: str) -> tuple[int, ErasureRequest]:
    """Give a request; raises UsageError if there is none of this number."""
    return _one(requests(session), number, "request", "`beleg erase list` shows them")


def plan(session: Session, number: str) -> tuple[int, Plan]:
    """Give a plan; raises UsageError if there is none of this number."""
    return _one(plans(session), number, "plan", "`beleg erase list` shows them")


def plans_of(session: Session, request_index: int) -> list[tuple[int, Plan]]:
    """Give the plans that carry out a request, oldest first."""
    return [pair for pair in plans(session).values() if pair[1].request == request_index]


def restrictions(session: Session, item: int) -> list[tuple[str, Restriction]]:
    """Give (request, why it stays) of each request for erasure whose newest plan must leave an item for now."""
    found = []
    newest = {plan.request: plan for _, plan in sorted(plans(session).values(), key=lambda pair: pair[0])}
    for index, asked in requests(session).values() if newest else ():
        plan = newest.get(index) if asked.cause == "erasure" else None
        found += [(asked.id, one) for one in plan.restricted if one.item == item] if plan else []
    return found


def approvals(session: Session) -> Iterator[tuple[int, Approval]]:
    """Give every approval, good or not."""
    for index, body in session.bodies("approval", "oversight"):
        if isinstance(body, Approval):
            yield index, body


def policy_entries(session: Session) -> Iterator[tuple[int, PolicyEntry]]:
    """Give every policy entry, rightly approved or not."""
    for index, body in session.bodies("policy", "oversight"):
        if isinstance(body, PolicyEntry):
            yield index, body
