"""An archive at a glance."""

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from archive.core import layout
from archive.core.instants import from_seconds
from archive.errors import (
    Forbidden,
    FormatError,
    JournalUnreadable,
    NotFound,
    NotOpened,
    PlaceGone,
    RolledBack,
    Unreachable,
)
from archive.services import anchor, heads, older_readers, register
from archive.services.collect import remembered
from archive.services.coverage.looks import CLOCKS
from archive.services.journal import unsealed_since
from archive.services.recover import UNVOUCHED
from archive.services.reminders import reminders
from archive.services.session import Session
from archive.settings import way_back, whereabouts
from schemas.answer import ChannelCount, HeadStatus, SourceStatus, Status
from schemas.capture import RunReport

LITTLE = 2 << 30


def status(session: Session) -> Status:
    """Say how the archive stands; needs no key for the ledger's part, and says less without keys.

    Where a signed checkpoint is no prefix of the ledger, no key is opened, and so nothing that was read is
    remembered as good; all else is told all the same.
    """
    stopped = None
    try:
        session.ledger.follow()
    except RolledBack as error:
        stopped = str(error)
    state = session.ledger.state
    channels: Counter[str] = Counter()
    for count in session.catalogue.counts():
        channels[count.channel] += count.items
    opens = stopped is None and session.keys.opens("oversight")
    last_run = _last_run(session) if opens else None
    unsealed, problem = _journal(session)
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
        matters=len(register.matters(session)) if not stopped and session.keys.opens("matter") else None,
        holds=sum(gone is None for _, gone in register.holds(session)) if opens else None,
        productions=len(register.productions(session)) if opens else None,
        last_run=last_run,
        unopened=session.catalogue.unopened(),
        journal_unsealed_since=unsealed,
        journal_problem=problem,
        sources=tuple(_sources(session)),
        stamped=_stamped(session),
        heads=tuple(_heads(session)),
        writing=session.locked(""),
        free_bytes=shutil.disk_usage(session.folder).free,
        stopped=stopped,
        warnings=tuple(_warnings(session, opens=opens)),
    )


def _journal(session: Session) -> tuple[str | None, str | None]:
    """Give the time of the oldest unsealed read, or why the journal cannot be read; the rest is told all the same."""
    try:
        return unsealed_since(session), None
    except JournalUnreadable as error:
        return None, str(error)


def _sources(session: Session) -> Iterator[SourceStatus]:
    for name, source in session.settings.sources.items():
        one = remembered(session, name)
        yield SourceStatus(
            name=name,
            kind=source.kind,
            answered=one.answered,
            failing_since=one.failing_since,
            why=one.why,
            items=one.items,
            gaps=one.gaps,
            lag=int((session.clock() - datetime.fromisoformat(one.answered)).total_seconds())
            if one.answered
            else None,
            busy=session.locked(name),
            silent=one.silent,
        )


def _unwatched(session: Session) -> Iterator[str]:
    """Say of which sources nobody asks any more, and of which nobody took an alert."""
    for name, source in session.settings.sources.items():
        one = remembered(session, name)
        if one.is_forgotten(session.clock(), source.minutes):
            yield (
                f"source {name} was last asked {one.asked} and should be every {source.minutes} minutes: does "
                "collection run? (`beleg source schedule`)"
            )
        if one.untold:
            yield f"source {name}: {len(one.untold)} alerts were taken by nobody; the next collection tells them"


def _heads(session: Session) -> Iterator[HeadStatus]:
    known = heads.remembered(session.folder / session.settings.workspace)
    for to in (*session.settings.heads.copy_to, *session.settings.heads.mail):
        one = known.get(to, {})
        yield HeadStatus(to=to, size=heads.size_of(one), at=one.get("at"), problem=one.get("problem"))


def _stamped(session: Session) -> str | None:
    anchors = session.ledger.state.special.get("anchor")
    if not anchors:
        return None
    return from_seconds(session.ledger.leaf(anchors[-1]).time)


def _last_run(session: Session) -> str | None:
    runs = session.ledger.state.special.get("run")
    if not runs:
        return "none"
    try:
        body = session.opener("oversight").body(runs[-1])
    except (FormatError, NotFound, NotOpened):
        return None  # `unopened` counts it
    return f"{body.ended}, {body.outcome.replace('_', ' ')}" if isinstance(body, RunReport) else None


def _warnings(session: Session, *, opens: bool) -> list[str]:
    state, found = session.ledger.state, anchor.warnings(session)
    if session.ledger.state.sealed < state.size:
        how = "the account with the log key does that when it writes next"
        if session.keys.has("ingest"):  # beside which that key lies, or lay
            how += "; where that key is lost: `beleg keys recover --log`"
        unsealed = state.size - session.ledger.state.sealed
        found.append(f"{unsealed} records are committed and not yet sealed: {how}")
    if session.settings.read_only:
        found.append(UNVOUCHED)
    if session.settings.mode == "one_account":
        found.append("one-account mode: one account holds every role")
    if closed := session.catalogue.unopened():
        found.append(f"{closed} records could not be opened: `beleg verify --level 2` names them")
    if older := older_readers.told(session):
        found.append(older)
    found += session.guard()
    found += [
        f"source {one.name} cannot be read: {one.why}" for one in _sources(session) if one.failing_since
    ]
    found += _unwatched(session)
    found += _dated_ahead(session)
    found += [f"the head could not go to {one.to}: {one.problem}" for one in _heads(session) if one.problem]
    found += _full_disks(session)
    if session.keys.has("recovery"):
        found.append("recovery.key lies on this computer: move it to a safe")
    if opens:
        found += reminders(session)
    if len(session.settings.places.vault) < 2:
        found.append("the vault has one copy only")
    return [*found, *_silent_vaults(session)]


def _dated_ahead(session: Session) -> Iterator[str]:
    """Say that the archive was founded, or last written, by a clock that was ahead of the one here.

    No time stamp of before could be taken back: what is dated so stays so, and whoever reads its times must know.
    """
    state, now = session.ledger.state, session.clock() + CLOCKS
    dates = (
        (("the archive was founded", 0), ("its newest record was sealed", state.size - 1))
        if state.size
        else ()
    )
    for what, index in dates:
        sealed = from_seconds(session.ledger.leaf(index).time)
        if datetime.fromisoformat(sealed) > now:
            yield (
                f"{what} on {sealed}, which is dated after now: a clock was ahead then, or is behind here; "
                "`beleg verify` names where it went back"
            )


def _full_disks(session: Session) -> Iterator[str]:
    """Name the disks on which little is left: that of the workspace, and those of places in folders."""
    settings, told = session.settings, set()
    for name in (settings.workspace, *settings.places.each):
        path = Path(whereabouts(session.folder, name))
        if name.startswith("s3://") or not path.is_dir():  # a place that is gone is told by whatever needs it
            continue
        device = path.stat().st_dev
        if device not in told and shutil.disk_usage(path).free < LITTLE:
            told.add(device)
            whose = "the workspace" if name == settings.workspace else name
            yield f"less than 2 GB are left on the disk of {whose}"


def _silent_vaults(session: Session) -> Iterator[str]:
    """Name the copies of the vault that give no answer: without them nothing more is sealed, or opened."""
    for number, vault in enumerate(session.vaults, 1):
        try:
            next(vault.names(layout.KEYS), None)
        except Forbidden:
            continue  # a copy that another account pulls is no business of this one
        except (NotFound, Unreachable) as error:
            gone = error.place if isinstance(error, PlaceGone) else ""
            way = gone and way_back(session.folder, session.settings, gone)
            yield f"vault copy {number} gives no answer: {error}" + (f"; {way}" if way else "")
