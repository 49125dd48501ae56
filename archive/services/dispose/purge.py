"""What projections forget after an erasure: catalogue, index, words of files, journal, temporary files.

Whether something must be forgotten is asked of the projections themselves, each time: one that was brought back from
a copy of last week forgets again.
"""

import os
import re
import shutil

from archive.query.grammar import parse
from archive.services.ingest.reparse import TEMPORARY
from archive.services.ingest.seen import forget_erased
from archive.services.lookup import forget_second
from archive.services.session import Session

EVERYTHING = "NOT id:-"


def purge(session: Session) -> int:
    """Let every projection forget what ``erase`` records name; give how many records catalogue or index still had.

    Raises:
        Refused: this account does not open content, so it has no projections.
        StoreError, Locked: a projection could not be rewritten; the next start goes on.
    """
    if not session.ledger.state.erasures:
        return 0
    erased = [(erasure.first, erasure.last) for erasure in session.ledger.state.erasures]
    forget_erased(session)
    with session.projecting():
        kept = set(session.catalogue.known(erased))
        if kept or _has_more(session):
            # The index first: what the catalogue still has, the next start still finds.
            session.index.forget(
                {i for first, last in erased for i in range(first, last + 1)}, session.entries
            )
            session.index.close()
            forget_second(session)
        if kept:
            session.catalogue.forget(kept)
        if session.catalogue.position == session.ledger.state.size:
            digests = session.texts.store.digests()
            if gone := [digest for digest in digests if not session.catalogue.attached(digest)]:
                session.texts.store.forget(gone)
        sweep(session)
    return len(kept)


def _has_more(session: Session) -> bool:
    """Say whether the index knows items that the catalogue does not: it may be a copy from before an erasure."""
    if session.index.position != session.catalogue.position:
        return False  # one of them is behind, and will be looked at when it is not
    items = sum(count.items for count in session.catalogue.counts())
    return session.index.search(parse(EVERYTHING), limit=0).total > items


def sweep(session: Session) -> None:
    """Remove what a killed process left of kept bytes in the workspace."""
    workspace = session.folder / session.settings.workspace
    for path in workspace.glob(f"{TEMPORARY}*"):
        match = re.match(rf"{TEMPORARY}(\d+)-", path.name)
        if match is None or not _lives(int(match[1])):
            shutil.rmtree(path, ignore_errors=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
