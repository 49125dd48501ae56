"""Deciding what must be said before content is shown."""

from collections.abc import Sequence

from archive.errors import Refused, UsageError
from archive.ledger.drafts import Draft, draft_of
from archive.ledger.state import LedgerState
from archive.services import register
from archive.services.agreed import policies
from archive.services.session import Session
from schemas.matter import ReadPolicy


def decide_policy(
    session: Session, *, purpose_demanded: bool, second_person: Sequence[str], reason: str
) -> ReadPolicy:
    """Log a policy; it counts from now on, in place of the one before.

    Raises:
        UsageError: a party that there is not.
        Refused: this account has no owner key, or a signed policy is in force.
    """
    if policies.counting(session):
        raise Refused("a policy that two people signed is in force; `beleg policy propose` proposes another")
    known = register.parties(session) if second_person else {}
    for party in second_person:
        if party not in known:
            raise UsageError(f"there is no party {party}; `beleg party list` shows them")
    made = ReadPolicy(
        purpose_demanded=purpose_demanded,
        second_person=tuple(second_person),
        reason=reason,
        decided=session.now(),
    )

    def decide(_: LedgerState) -> Sequence[Draft]:
        return [draft_of(made)]

    session.ledger.append(session.writer("owner"), decide)
    return made
