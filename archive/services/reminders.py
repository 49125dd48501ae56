"""What waits for a person: reviews of holds, acknowledgements, grounds that ended, erasures that are not done."""

from collections.abc import Iterator
from datetime import date

from archive.services import register
from archive.services.agreed import policies
from archive.services.dispose import privacy
from archive.services.dispose.certificate import receipt
from archive.services.dispose.listing import listing
from archive.services.dispose.orders import orders
from archive.services.hold_notices import notices, told
from archive.services.session import Session

SHOWN = 10


def reminders(session: Session) -> list[str]:
    """Give a line for each; needs a key that opens oversight, and reads no content."""
    found = list(_reminders(session))
    more = (
        [f"{len(found) - SHOWN} more: `beleg hold report`, `beleg erase list`"] if len(found) > SHOWN else []
    )
    return [*found[:SHOWN], *more]


def _reminders(session: Session) -> Iterator[str]:
    today, every = session.clock().date(), notices(session)
    for _, hold in register.active_holds(session):
        if date.fromisoformat(hold.review) <= today:
            yield f"the review of {hold.id} is due since {hold.review}"
        for one in told(hold.id, every, today):
            if one.overdue:
                yield f"{one.party} has not acknowledged {hold.id}"
    if short := policies.too_short(session):
        yield short
    for row in listing(session):
        for line in row.reminders:
            yield f"{row.request or row.plan}: {line}"
        if row.action == "erase" and row.state == "approved":
            yield f"{row.plan} is approved and not carried out: `beleg erase run {row.plan}`"
    if any(receipt(session, at) is None for at, _ in orders(session)):
        yield "an erasure is ordered, and keys still stand: `beleg erase run` by the account privacy"
    elif privacy.came_back(session, session.ledger.state):
        yield "destroyed keys came back with an old copy of the vault: `beleg erase run` by the account privacy"
