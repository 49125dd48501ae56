"""Collecting from one source: haul by haul, until it has nothing more or stops answering."""

import logging
import secrets
import traceback
from collections.abc import Callable, Collection, Generator, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from threading import Event
from typing import TypeVar

from archive.core.cursors import Cursor
from archive.errors import (
    ArchiveError,
    AskedToWait,
    Forbidden,
    FormatError,
    Refused,
    SettingsError,
    Stopped,
    StoreError,
    Unreachable,
)
from archive.ledger.drafts import draft_of
from archive.reading.tree import printable
from archive.services.agreed.accounts import Ruled, channel_of, left_out, ruled
from archive.services.agreed.handed import in_force
from archive.services.collect.cursors import newest_cursors
from archive.services.collect.ending import is_empty, with_ends
from archive.services.collect.gone import Source
from archive.services.collect.haul import seal_haul
from archive.services.collect.kinds import asked_of
from archive.services.ingest.seen import forget_erased
from archive.services.session import Session
from archive.settings import to_toml
from archive.sources import NAMES_NOTHING, Haul, LiveSource, SourceSettings, has_passed
from schemas.capture import Gap, RunReport, Wait
from schemas.item import Key

log = logging.getLogger(__name__)
SEAL_A_LOOK = timedelta(hours=1)
"""A look that brought nothing is put on record at most so often: each record costs objects for ever."""
_NAMED_IN_VAIN = "`only` names {}, and nothing that is given is called that: it is not read"


def pausing(stop: Event | None = None) -> Callable[[float], None]:
    """Give a way to wait that ends when somebody stops the collection."""

    ends = stop or Event()

    def wait(seconds: float) -> None:
        if ends.wait(seconds):
            raise Stopped("stopped while it waited; the next collection goes on there")

    return wait


@dataclass(slots=True)
class Collected:
    """What became of one source in one collection."""

    source: str
    hauls: int = 0
    items: int = 0
    changed: int = 0
    seen_again: int = 0
    failed: int = 0
    gaps: int = 0
    left_out: int = 0
    """Folders, rooms or channels that the rule for the account keeps out."""
    waited: int = 0
    """Seconds."""
    stopped: str | None = None
    """Why it did not come to its end: no login, no answer, or somebody stopped it."""
    failed_to_read: bool = False
    """The source itself is why."""
    wants_rest: float | None = None
    """For how many seconds the source asked to be left alone."""
    recorded: bool = False
    """The failure is in the ledger."""
    unmet: tuple[str, ...] = ()
    """What ``only`` names and nothing is called; known where it came to its end."""
    exit_code: int = 0


def collect(
    session: Session,
    name: str,
    *,
    stop: Event | None = None,
    on_record: Callable[[str], bool] = lambda _: True,
    unmet: Collection[str] = (),
    owed: bool = False,
) -> Collected:
    """Collect everything after the newest cursor of a source; each haul is sealed when the next is there.

    Whoever asks holds the lock of the source. ``stop`` is looked at between hauls and in pauses: the haul in hand is
    sealed, and the next collection goes on there.
    ``on_record`` says whether a failure is put into the ledger: one that lasts is not, each time. ``unmet`` is what
    ``only`` named in vain at the last look: that is on record already. ``owed``: the last look broke off.

    Raises:
        StoreError, FormatError, Refused: the archive itself could not be read or written.
    """
    told = Collected(name, unmet=tuple(unmet))
    source = Source(name, session.settings.sources[name], owed)
    _collect(session, source, told, stop or Event(), on_record)
    return told


def _collect(
    session: Session, source: Source, told: Collected, stop: Event, on_record: Callable[[str], bool]
) -> None:
    session.writer("ingest")
    session.ledger.refresh()  # a crash may have left the commit that holds the newest cursor without its marker
    forget_erased(session)
    name, settings = source.name, source.settings
    before = newest_cursors(session, (name,)).get(name)
    try:
        if before is not None and before.kind != settings.kind:
            raise Refused(f"it was of kind {before.kind} before: give a source of another kind another name")
        if settings.names_nothing:
            raise SettingsError(NAMES_NOTHING)
        rule = ruled(in_force(session), settings)
        live = session.open_source(rule.settings, pausing(stop))
    except (SettingsError, Refused) as error:
        _fail(session, source, told, error, on_record)
        return
    hauls = _hauls(live, before)
    answers = Answers(hauls)
    try:
        _take(
            session,
            source,
            told,
            _named(answers, rule.settings, told, session.now()),
            before,
            rule,
            stop,
        )
    except Stopped as error:
        told.stopped, told.exit_code = str(error), error.exit_code
    except (Refused, Unreachable, Forbidden) as error:
        if isinstance(error, StoreError) and error is not answers.failed:
            raise  # the archive's own: a full disk is no fault of the source
        _fail(session, source, told, error, on_record, live.taken_waits())
    finally:
        hauls.close()  # one that was left in the middle still holds its connection
        live.close()
    told.exit_code = told.exit_code or (3 if told.failed or told.gaps else 0)
    told.left_out = len(left_out(rule.settings))


def _hauls(live: LiveSource, before: Cursor | None) -> Generator[Haul]:
    """Give what is behind the newest cursor; all there is, and a gap, where that cursor cannot be read any more."""
    try:
        yield from live.collect(before.text if before else None)
    except FormatError as error:
        why = f"{error}, so everything is read again; what was deleted in between is not known"
        gaps: tuple[Gap, ...] = (Gap(reason=why),)
        for haul in live.collect(None):
            yield replace(haul, gaps=(*gaps, *haul.gaps))
            gaps = ()


def _named(hauls: Iterator[Haul], settings: SourceSettings, told: Collected, now: str) -> Iterator[Haul]:
    """Give behind the last haul a gap for what ``only`` names and nothing is called: that is known at the end."""
    cursor = ""
    for haul in hauls:
        cursor = haul.cursor
        yield haul
    known, told.unmet = told.unmet, settings.unmet
    if new := [one for one in told.unmet if one not in known]:
        yield Haul(cursor, gaps=tuple(_not_there(one, settings, now) for one in new))


def _not_there(name: str, settings: SourceSettings, now: str) -> Gap:
    """Give the gap of a conversation that was asked for and is not there."""
    thread = Key(channel=channel_of(settings), scope="", id=name, derived=True)
    return Gap(thread=thread, end=now, reason=_NAMED_IN_VAIN.format(printable(name)))


def _take(
    session: Session,
    source: Source,
    told: Collected,
    hauls: Iterator[Haul],
    last: Cursor | None,
    rule: Ruled,
    stop: Event,
) -> None:
    """Seal haul by haul."""
    for haul, ends in with_ends(hauls, stop):
        by_rule = (*rule.told, *left_out(rule.settings))
        if _is_worth_a_record(session, haul, last, owed=source.owed or told.hauls > 0):
            _count(told, seal_haul(session, source, haul, last, by_rule, ends=ends))
        last = Cursor(source.name, source.settings.kind, haul.cursor, session.now())
        told.hauls += 1
        told.waited += sum(wait.seconds for wait in haul.waits)


def _is_worth_a_record(session: Session, haul: Haul, last: Cursor | None, *, owed: bool) -> bool:
    """Say whether a haul is sealed: one that brings nothing and moves nothing only now and then.

    ``owed``: what is on record ends with a look that did not come to its end, so the end of this one is told.
    """
    moved = last is None or last.text != haul.cursor
    seen = last.seen if last else None
    return owed or moved or not is_empty(haul) or has_passed(seen, SEAL_A_LOOK, session.clock())


def _count(told: Collected, reports: tuple[RunReport, ...]) -> None:
    for report in reports:
        told.gaps += len(report.gaps)
        for file in report.files:
            told.items += file.items
            told.changed += file.changed
            told.seen_again += file.seen_again
            told.failed += file.failed


T = TypeVar("T")


class Answers(Iterator[T]):
    """Passes on what a live source gives; an answer that it stumbles over is one of no such server.

    Raises:
        Unreachable: it stumbled. One hostile server must not end the collection of all others.
    """

    def __init__(self, what: Iterator[T]) -> None:
        """Take what the source gives."""
        self._what = what
        self.failed: ArchiveError | None = None
        """What the source itself ended with."""

    def __next__(self) -> T:
        """Give the next answer."""
        try:
            return next(self._what)
        except StopIteration:
            raise
        except ArchiveError as error:
            self.failed = error
            raise
        except Exception as error:
            # Only where it happened: the words of an exception may quote what was answered.
            at, kind = traceback.extract_tb(error.__traceback__)[-1], type(error).__name__
            where = f"{kind} in {Path(at.filename).name}:{at.lineno}"
            log.error("a live source stumbled: %s", where)
            self.failed = Unreachable(f"an answer that cannot be taken for one of such a server ({where})")
            raise self.failed from error


def _fail(
    session: Session,
    source: Source,
    told: Collected,
    error: ArchiveError,
    on_record: Callable[[str], bool],
    waits: tuple[Wait, ...] = (),
) -> None:
    """Put on record that a source could not be read: that is how a lost login is found years later."""
    why, code = str(error), error.exit_code
    told.stopped, told.exit_code, told.failed_to_read = why, code, True
    told.waited += sum(wait.seconds for wait in waits)
    told.wants_rest = error.seconds if isinstance(error, AskedToWait) else None
    if not on_record(why):
        return
    told.recorded = True
    now = session.now()
    report = RunReport(
        id=secrets.token_hex(8),
        source=source.name,
        origin=source.name,
        started=now,
        ended=now,
        outcome="stopped",
        tool=session.tool,
        parsers=(),
        settings_sha256=sha256(to_toml(session.settings).encode()).hexdigest(),
        operator=session.operator,
        files=(),
        asked=asked_of(source.settings),
        notes=(why,),
        waits=waits,
    )
    session.ledger.append(session.writer("ingest"), lambda _: [draft_of(report)])
