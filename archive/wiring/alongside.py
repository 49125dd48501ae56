"""Catalogue, index and statements are brought up by a process of their own while this one reads and seals.

The process is started when a run turns out to be long, and is told after each commit. It reads the ledger as every
reader does, under the lock of the workspace, and seals nothing. Whatever it leaves undone, for whatever reason, the
command that started it does itself: nothing hangs on it but time.
"""

import contextlib
import logging
import multiprocessing
import signal
from collections.abc import Iterator, Mapping
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from archive.adapters.process_pool import cores
from archive.errors import ArchiveError, Refused
from archive.services.session import Session
from archive.settings import Settings
from archive.wiring import open_session

log = logging.getLogger(__name__)

WORTH = 6_000
"""Records that must be sealed before a process is started: it takes about a second to come up."""
_MORE, _END = "more", "end"


@contextlib.contextmanager
def alongside(session: Session) -> Iterator[None]:
    """Bring projections up beside whatever is sealed in here, where this account opens content and a core is free."""
    if cores() < 2 or not session.keys.opens("content"):
        yield
        return
    helper = _Helper(session)
    session.sealed = helper.sealed
    try:
        yield
    except BaseException:
        helper.leave()
        raise
    finally:
        session.sealed = lambda _size: None
    helper.finish()


class _Helper:
    """The process, seen from the one that seals."""

    def __init__(self, session: Session) -> None:
        self.session, self.begun = session, session.ledger.state.size
        self.pipe: Connection | None = None
        self.process: BaseProcess | None = None

    def sealed(self, size: int) -> None:
        """Hear of a commit."""
        if self.process is None:
            if size - self.begun < WORTH:
                return
            self._start()
        self._say(_MORE)

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        # The keys go through a pipe that only the two processes have: not by arguments, environment or files.
        self.session.opener("content", "matter", "oversight")
        given = (theirs, self.session.folder, self.session.settings, self.session.keys.opened())
        self.process = context.Process(target=_work, args=given)  # no daemon: it has processes of its own
        self.process.start()
        theirs.close()

    def _say(self, word: str) -> None:
        if self.pipe is not None:
            try:
                self.pipe.send(word)
            except OSError:
                self.pipe = None  # it ended; what it left is done here at the end

    def finish(self) -> None:
        """Let it come to the head of the ledger."""
        if self.process is None:
            return
        self._say(_END)
        self.session.progress("bringing catalogue and index up to date", 0, None)
        self.process.join()
        if self.process.exitcode:
            log.warning("the process that brought catalogue and index up ended early; going on without it")

    def leave(self) -> None:
        """Let it end after the batch in hand."""
        if self.pipe is not None:
            self.pipe.close()
        if self.process is not None:
            self.process.join()


class _Left(Exception):
    """The command that started this process has gone, or failed."""


def _work(
    pipe: Connection, folder: Path, settings: Settings, keys: Mapping[str, Mapping[str, bytes]]
) -> None:
    """Be the process: project whenever something was sealed, until told to end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the command decides
    logging.basicConfig(level=logging.WARNING, format="beleg: %(message)s")
    ending = False

    def heard(_what: str = "", _done: int = 0, _total: int | None = None) -> None:
        nonlocal ending
        try:
            while pipe.poll():
                ending = pipe.recv() == _END or ending
        except (EOFError, OSError) as error:
            raise _Left from error

    def refuse(role: str) -> str:
        raise Refused(f"the key of the role {role} was not handed on")

    try:
        with open_session(folder, settings, refuse, progress=heard, much=True) as session:
            session.keys.hold(keys)
            session.readers = None  # the one that seals, and those that find statements, have the processors
            done = False
            while not done:
                if not ending:
                    pipe.poll(None)
                    heard()
                done = ending  # heard before this look at the ledger: nothing comes after it
                session.ledger.follow()
                session.project()
    except (_Left, ArchiveError):
        raise SystemExit(4) from None
