"""Erasing on request: asked for, planned, approved by two, ordered, carried out, certified."""

from dataclasses import dataclass

from archive.errors import Refused, UsageError
from archive.services.agreed import papers
from archive.services.dispose import legal, privacy
from archive.services.dispose.certificate import ErasureCertificate, certificate
from archive.services.dispose.orders import carried_out
from archive.services.session import Session
from schemas.keeping import ErasureRequest, Plan

__all__ = ["ErasureCertificate", "Ran", "certificate", "newest_plan", "request", "run"]


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run did."""

    ordered: legal.Ordered | None
    destroyed: privacy.Destroyed | None
    waiting: tuple[str, ...]
    """What another account must do, in words."""


def request(
    session: Session, *, ground: str, subject: str | None, items: list[int], containers_only: bool = False
) -> tuple[ErasureRequest, Plan | None]:
    """Write a request down, and its plan if this account opens content. Errors as ``legal.ask`` and ``legal.plan``."""
    session.ledger.refresh()
    if subject is not None and items:
        raise UsageError("name a subject or items, not both")
    if containers_only and subject is not None:
        raise UsageError("containers are dropped by the items that lie in them: --item")
    cause = "drop" if containers_only else "erasure"
    _, asked = legal.ask(session, ground=ground, cause=cause, subject=subject, items=items)
    return asked, legal.plan(session, asked.id) if session.keys.has("legal") else None


def newest_plan(session: Session, number: str) -> str:
    """Give the number of a plan: itself, or the newest plan of a request.

    Raises:
        UsageError: there is none.
    """
    if not number.startswith("R-"):
        return number
    index, _ = papers.request(session, number)
    found = papers.plans_of(session, index)
    if not found:
        raise UsageError(f"{number} has no plan yet; `beleg erase plan {number}` makes it")
    return max(found, key=lambda pair: pair[0])[1].id


def run(session: Session, number: str | None) -> Ran:
    """Carry out what this account may: the legal half of a plan, the privacy half of everything ordered.

    Args:
        session: of the account.
        number: a plan (D-1), or a request (R-1) whose newest plan is meant; None: only what was ordered before.

    Raises:
        UsageError: there is no such plan or request.
        Refused: approvals are missing, a hold or statute stands, or this account can do neither half.
    """
    ordered: legal.Ordered | None = None
    waiting: list[str] = []
    if not session.keys.has("legal") and not session.keys.has("privacy"):
        raise Refused(
            "an erasure is ordered by the role legal and carried out by privacy; neither key file is here"
        )
    session.ledger.refresh()
    if number is not None:
        number = newest_plan(session, number)
        papers.plan(session, number)
    goes_on = number is not None and _is_left_open(session, number)
    if number is not None and session.keys.has("legal") and not goes_on:
        ordered = legal.order(session, number)
    destroyed = None
    if session.keys.has("privacy"):
        destroyed = privacy.destroy(session, sweep=number is None)
        waiting += destroyed.problems
        if number is not None and ordered is None and not _is_ordered(session, number):
            waiting.append(
                f"{number} is not ordered yet: the account legal does that, `beleg erase run {number}` there"
            )
    else:
        waiting.append("the account privacy destroys the keys: `beleg erase run` there")
    if session.keys.opens("content"):
        session.catch_up()
    return Ran(ordered, destroyed, tuple(waiting))


def _is_left_open(session: Session, plan: str) -> bool:
    """Say whether this account ordered a plan, or saw it ordered, and did not bring it to its end."""
    return session.keys.has("privacy") and _is_ordered(session, plan) and privacy.is_open(session)


def _is_ordered(session: Session, plan: str) -> bool:
    index, _ = papers.plan(session, plan)
    return index in carried_out(session)
