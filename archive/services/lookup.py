"""Looking a query up in the search index, at the head of the ledger or not at all."""

import shutil
from collections.abc import Sequence
from typing import Literal

from archive.errors import Unfinished
from archive.ports import Page
from archive.query.plan import Query
from archive.services.session import Session


def every(session: Session, query: Query, size: int) -> Sequence[int]:
    """Give the numbers of all items that a query finds, by date; ``size`` as in ``look``."""
    total = look(session, query, size, limit=0).total
    return look(session, query, size, limit=total).indexes if total else ()


def look(
    session: Session,
    query: Query,
    size: int,
    *,
    limit: int,
    offset: int = 0,
    order: Literal["newest", "oldest"] = "oldest",
) -> Page:
    """Search an index that has applied ``size`` records at least.

    Raises:
        Unfinished: another process is making the index anew, so a count would not be exact.
    """
    found = session.index.search(query, limit=limit, offset=offset, order=order)
    if found.position < size:
        raise Unfinished("another process is making the search index anew: ask again when it is done")
    return found


def forget_second(session: Session) -> None:
    """Throw away the index of the engine that is only asked for second opinions: it is made anew when asked for."""
    other = session.second_folder
    if other is not None and other.exists():
        shutil.rmtree(other)
