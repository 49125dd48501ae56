"""Trying a source: what would be read, with which rights, what is missing. Nothing is kept."""

from collections.abc import Iterator

from archive.errors import Refused
from archive.services.agreed.accounts import ruled
from archive.services.agreed.handed import in_force
from archive.services.collect import run
from archive.services.session import Session
from archive.sources import NAMES_NOTHING, Right


def trial(session: Session, name: str) -> Iterator[Right]:
    """Say what a source would give, first of all whether the policy lets it.

    Raises:
        SettingsError: its secret is not where the settings say.
        Refused, Unreachable: the login is not accepted, or there is no answer.
    """
    session.ledger.follow()
    settings = session.settings.sources[name]
    if settings.names_nothing:
        yield Right("collection", given="no", why=NAMES_NOTHING)
    try:
        rule = ruled(in_force(session), settings)
    except Refused as error:
        yield Right("collection", given="no", why=str(error))
        return
    for told in rule.told:
        yield Right(told, given="yes")
    live = session.open_source(rule.settings, run.pausing())
    try:
        yield from run.Answers(live.test())
    finally:
        live.close()
    for pattern in rule.settings.unmet:
        yield Right(f"`only` names {pattern}", given="no", why="nothing that is given is called that")
