"""What stays inside whole, by decision, and its log."""

from collections.abc import Iterator

from archive.errors import UsageError
from archive.ledger.opening import unless_erased
from archive.production import Cut, KeptBack, Told
from archive.redaction import applied, betrays, needles
from archive.services import register
from archive.services.session import Session
from schemas.item import Item

KEPT = ("privileged", "withheld")
"""Decisions by which an item stays inside."""
WHOLE = Cut(frozenset({"text", "title", "attachments"}))
"""What of such an item is told nowhere."""


def kept_back(session: Session, matter: str, before: int | None) -> dict[int, str]:
    """Give item → decision of everything that stays inside."""
    chosen = register.selection(session, matter, before=before)
    return {item: one.decision for item, one in chosen.items() if one.decision in KEPT}


def privilege_log(session: Session, matter: str, before: int | None, label: str) -> Iterator[KeptBack]:
    """Give what stays inside, by index: who, to whom, when, and why; nothing of what was said, or is withheld.

    Args:
        session: where.
        matter: its decisions count.
        before: those at this index and above do not.
        label: stands in the place of a withheld name.

    Raises:
        UsageError: the note on why tells it.
    """
    chosen = register.selection(session, matter, before=before)
    redactions = register.redactions(session, matter, before=before)
    opener = session.opener("content")
    for index, one in chosen.items():
        if one.decision not in KEPT:
            continue
        item = unless_erased(opener.body, index)
        if isinstance(item, Item):
            if betrays(needles(item, WHOLE), one.note or ""):
                raise UsageError(
                    f"item {index}: the note on why it stays inside is handed out, and tells its words; decide again "
                    f"with another (`beleg matter add {matter} {index} --decision {one.decision} --note …`)"
                )
            silent = item.model_copy(update={"text": None, "title": None, "body": None, "attachments": ()})
            told = Told(index, session.ledger.leaf_hash(index).hex(), "hit", silent)
            besides = redactions.get(index)
            if besides is not None:
                told = applied(told, Cut(frozenset(besides.facets)), label)
            yield KeptBack(told, one.decision, one.note or "", one.person or "")


def withholding(session: Session, item: int) -> list[str]:
    """Name the matters in which an item, or a part of it, is not handed out."""
    return [
        matter
        for matter in register.matters(session)
        if item in kept_back(session, matter, None) or item in register.redactions(session, matter)
    ]
