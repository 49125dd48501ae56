"""Which plans were carried out, told by the ``erase`` records themselves."""

from archive.core import clear
from archive.core.facets import split_frame
from archive.errors import FormatError
from archive.services.agreed import papers
from archive.services.session import Session


def orders(session: Session) -> list[tuple[int, clear.Erase]]:
    """Give every ``erase`` record, oldest first.

    Raises:
        FormatError: a record of this kind orders no erasure.
    """
    found = []
    for index in session.ledger.state.special.get("erase", ()):
        body = clear.read_body("erase", split_frame(session.ledger.frame(index))[1])
        if not isinstance(body, clear.Erase):
            raise FormatError(f"record {index} orders no erasure")
        found.append((index, body))
    return found


def carried_out(session: Session) -> set[int]:
    """Give the records of the plans that were ordered: an order has their list of targets and bears their approvals.

    That all their records are gone is no sign of it: another plan may have taken them.
    """
    approved = {(one.index, one.key) for _, one in papers.approvals(session)}
    made = sorted(papers.plans(session).values(), key=lambda pair: pair[0], reverse=True)
    found: set[int] = set()
    for erase, body in orders(session):
        targets = tuple(body.targets)
        for index, plan in made:
            signed = all((index, one.key) in approved for one in body.approvals)
            if index < erase and plan.request == body.request and targets in plan.targets and signed:
                found.add(index)
                break
    return found
