"""What stays inside whole, by decision, and its log."""

from collections.abc import Iterator

from archive.errors import NotOpened
from archive.production import KeptBack, Told
from archive.services import register
from archive.services.session import Session
from schemas.item import Item

KEPT = ("privileged", "withheld")
"""Decisions by which an item stays inside."""


def kept_back(session: Session, matter: str, before: int | None) -> dict[int, str]:
    """Give item → decision of everything that stays inside."""
    chosen = register.selection(session, matter, before=before)
    return {item: one.decision for item, one in chosen.items() if one.decision in KEPT}


def privilege_log(session: Session, matter: str, before: int | None) -> Iterator[KeptBack]:
    """Give what stays inside, by index: who, to whom, when, and why; nothing of what was said."""
    chosen = register.selection(session, matter, before=before)
    opener = session.opener("content")
    for index, one in chosen.items():
        if one.decision not in KEPT:
            continue
        try:
            item = opener.body(index)
        except NotOpened as error:
            if error.state == "no_key":
                raise
            continue
        if isinstance(item, Item):
            silent = item.model_copy(update={"text": None, "title": None, "body": None, "attachments": ()})
            told = Told(index, session.ledger.leaf_hash(index).hex(), "hit", silent)
            yield KeptBack(told, one.decision, one.note or "", one.person or "")
