"""Who agreed with a plan: signatures of registered writers, made and judged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from archive.core.canonical import encode, label
from archive.errors import Refused, UsageError
from archive.ledger.drafts import Draft, draft_of
from archive.ledger.state import LedgerState
from archive.ledger.writer import Writer
from archive.services.agreed import papers
from archive.services.session import Session
from schemas.keeping import Approval, Plan

AGREEING = frozenset({"owner", "legal", "privacy"})
"""Roles whose agreement counts (FORMAT.md §6)."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """One good approval of a plan."""

    index: int
    """Of the record that holds it."""
    approval: Approval
    role: str


def to_sign(session: Session, index: int, plan: Plan) -> list[bytes]:
    """Give what an approver signs: for an erasure what FORMAT.md §6 says, for each list of targets; else the plan."""
    origin = session.settings.origin
    if plan.action != "erase":
        return [label("beleg/agreement/v1") + label(origin) + session.ledger.leaf_hash(index)]
    if plan.request is None:
        raise UsageError(f"{plan.id} names no request")
    head = label("beleg/approval/v1") + label(origin) + session.ledger.leaf_hash(plan.request)
    return [head + encode([list(one) for one in targets]) for targets in plan.targets]


def approve(session: Session, number: str, writer: Writer) -> Approval:
    """Sign a plan with a person's key and append the approval.

    Raises:
        UsageError: there is no such plan, or this key has approved it.
        Refused: the key is not registered, was retired, or is of a role that does not agree to plans.
    """
    made: list[Approval] = []

    def decide(head: LedgerState) -> Sequence[Draft]:
        index, plan = papers.plan(session, number)
        key = head.keys.writer(writer.id, head.size)
        if key is None or key.role not in AGREEING:
            raise Refused("this key may not approve: it is not registered, was retired, or has another role")
        if any(one.approval.key == writer.id for one in agreements(session, index, plan)):
            raise UsageError(f"{number} was approved with this key before")
        signed = tuple(writer.private.sign(message).hex() for message in to_sign(session, index, plan))
        made[:] = [Approval(plan=number, index=index, key=writer.id, signatures=signed, given=session.now())]
        return [draft_of(made[0])]

    session.ledger.append(writer, decide)
    return made[0]


def agreements(session: Session, index: int, plan: Plan) -> list[Agreement]:
    """Give the good approvals of a plan, one a key, ascending by key, by keys that count now."""
    messages = to_sign(session, index, plan)
    state = session.ledger.state
    found: dict[str, Agreement] = {}
    for at, approval in papers.approvals(session):
        key = state.keys.writer(approval.key, state.size)
        if approval.index != index or key is None or key.role not in AGREEING:
            continue
        if holds(key.public, approval.signatures, messages):
            found.setdefault(approval.key, Agreement(at, approval, key.role))
    return [found[key] for key in sorted(found)]


def holds(public: bytes, signatures: Sequence[str], messages: Sequence[bytes]) -> bool:
    """Say whether a key signed each of these messages."""
    try:
        for signature, message in zip(signatures, messages, strict=True):
            Ed25519PublicKey.from_public_bytes(public).verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def enough(given: Iterable[Agreement]) -> bool:
    """Say whether two people of two roles agreed."""
    agreed = list(given)
    return len(agreed) >= 2 and len({one.role for one in agreed}) >= 2


def demand(session: Session, index: int, plan: Plan) -> list[Agreement]:
    """Give the approvals of a plan.

    Raises:
        Refused: they are not two of two roles.
    """
    given = agreements(session, index, plan)
    if not enough(given):
        there = ", ".join(sorted(one.role for one in given)) or "nobody"
        raise Refused(
            f"{plan.id} needs the approval of two people of two roles (owner, legal, privacy); "
            f"so far: {there}. `beleg approve {plan.id} --key FILE`"
        )
    return given
