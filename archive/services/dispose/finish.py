"""At each start: carry out what a stopped process left open, and destroy keys that came back."""

import logging

from archive.services.dispose import privacy, purge
from archive.services.session import Session

log = logging.getLogger(__name__)


def finish(session: Session) -> None:
    """Bring vault and projections to the erasures of the ledger, as far as this account's keys go.

    The ledger must be at its head. Without an erasure in it, this does nothing.

    Raises:
        StoreError: a place did not answer.
    """
    state = session.ledger.state
    if not state.erasures:
        return
    if session.keys.has("privacy") and not session.settings.read_only and privacy.is_open(session):
        done = privacy.destroy(session)
        if done.returned:
            log.warning(
                "%d destroyed keys had come back with an old copy of the vault; they are zero again",
                done.returned,
            )
        for problem in done.problems:
            log.warning("%s", problem)
    if session.keys.opens("content"):
        purge.purge(session)
