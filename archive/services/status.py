"""An archive at a glance."""

from collections import Counter

from archive.services import register
from archive.services.journal import unsealed_since
from archive.services.session import Session
from schemas.answer import ChannelCount, Status
from schemas.capture import RunReport


def status(session: Session) -> Status:
    """Say how the archive stands; needs no key for the ledger's part, and says less without keys."""
    state = session.ledger.follow()
    channels: Counter[str] = Counter()
    for count in session.catalogue.counts():
        channels[count.channel] += count.items
    opens = session.keys.opens("oversight")
    last_run = None
    if opens and state.special.get("run"):
        body = session.opener("oversight").body(state.special["run"][-1])
        last_run = f"{body.ended}, {body.outcome.replace('_', ' ')}" if isinstance(body, RunReport) else None
    return Status(
        origin=session.settings.origin,
        folder=str(session.folder),
        mode=session.settings.mode,
        size=state.size,
        sealed=session.ledger.state.sealed,
        root=state.frontier.root().hex(),
        channels=tuple(ChannelCount(channel=name, items=n) for name, n in sorted(channels.items())),
        catalogue_position=session.catalogue.position,
        index_position=session.index.position,
        index=session.index.name,
        matters=len(register.matters(session)) if session.keys.opens("matter") else 0,
        holds=sum(gone is None for _, gone in register.holds(session)) if opens else 0,
        productions=len(register.productions(session)) if opens else 0,
        last_run=last_run,
        journal_unsealed_since=unsealed_since(session),
        warnings=tuple(_warnings(session)),
    )


def _warnings(session: Session) -> list[str]:
    state, found = session.ledger.state, ["NO TIME PROOF: no time-stamp authority is configured"]
    if session.ledger.state.sealed < state.size:
        found.append(f"{state.size - session.ledger.state.sealed} records are committed and not yet sealed")
    if session.settings.mode == "one_account":
        found.append("one-account mode: one account holds every role")
    found += session.guard()
    if session.keys.has("recovery"):
        found.append("recovery.key lies on this computer: move it to a safe")
    if len(session.settings.places.vault) < 2:
        found.append("the vault has one copy only")
    return found
