"""Rebuilding the projections from the ledger alone."""

from collections.abc import Sequence
from typing import Literal

from archive.ports import Projection, SeenIndex
from archive.services.lookup import forget_second
from archive.services.session import Session

What = Literal["catalogue", "index", "seen", "texts"]


def rebuild(session: Session, what: Sequence[What]) -> tuple[dict[str, int], int]:
    """Throw projections away and replay the ledger into them.

    Gives name → records replayed, and how many of them could not be opened.
    """
    session.ledger.follow()
    names = [name for name in what if name != "texts"]
    if "texts" in what:
        session.texts.store.reset()
        names = list(dict.fromkeys((*names, "index")))  # or it would go on with the words of before
    parts: dict[str, Projection | SeenIndex] = {
        "catalogue": session.catalogue,
        "index": session.index,
        "seen": session.seen,
    }
    with session.projecting():
        for name in names:
            parts[name].reset()
        if "index" in names:
            forget_second(session)  # or a second opinion would be one on the words of before
    closed = session.catch_up()
    if "seen" in what and session.keys.has("ingest"):
        from archive.services.ingest.seen import Seen

        Seen(session).catch_up()
    return {name: parts[name].position for name in names}, closed
