"""Opening matters and selecting items for them."""

from collections.abc import Sequence

from archive.errors import UsageError
from archive.ledger.drafts import Draft, draft_of
from archive.ledger.state import LedgerState
from archive.services import register
from archive.services.session import Session
from schemas.matter import Matter, Party, PartyAccount, Selection

ITEMS_A_RECORD = 5000


def open_matter(session: Session, title: str, reason: str, reference: str | None = None) -> Matter:
    """Open a matter under the next free number. Raises UsageError for an empty title or reason."""
    title, reason = register.named(title, "the title of a matter"), register.named(reason, "the reason")
    opened: list[Matter] = []

    def decide(_: LedgerState) -> Sequence[Draft]:
        number = register.next_id("M", register.matters(session))
        opened[:] = [Matter(id=number, title=title, reason=reason, reference=reference)]
        return [draft_of(opened[0])]

    session.ledger.append(session.writer("legal"), decide)
    return opened[0]


def add_items(
    session: Session, matter: str, items: Sequence[int], *, decision: str = "hit",
    note: str | None = None, search: str | None = None,
) -> int:  # fmt: skip
    """Add items to a matter's selection; give how many were not in it with this decision before.

    Raises:
        UsageError: no such matter, or a number that is no item.
    """
    added = 0

    def decide(head: LedgerState) -> Sequence[Draft]:
        nonlocal added
        register.matter(session, matter)
        for index in items:
            if not 0 <= index < head.size or session.ledger.leaf(index).kind != "item":
                raise UsageError(f"{index} is not the number of an item")
        present = register.selection(session, matter)
        new = sorted({i for i in items if i not in present or present[i].decision != decision})
        added = len(new)
        return [
            draft_of(
                Selection(
                    matter=matter, items=tuple(new[at : at + ITEMS_A_RECORD]), decision=decision,  # type: ignore[arg-type]
                    note=note, search=search,
                )
            )
            for at in range(0, len(new), ITEMS_A_RECORD)
        ]  # fmt: skip

    session.ledger.append(session.writer("legal"), decide)
    return added


def add_party(
    session: Session, name: str, *, kind: str, side: str, accounts: Sequence[PartyAccount] = ()
) -> Party:
    """Register a party under the next free number. Raises UsageError for an empty name."""
    name = register.named(name, "the name of a party")
    added: list[Party] = []

    def decide(_: LedgerState) -> Sequence[Draft]:
        number = register.next_id("Y", register.parties(session))
        added[:] = [Party(id=number, name=name, kind=kind, side=side, accounts=tuple(accounts))]  # type: ignore[arg-type]
        return [draft_of(added[0])]

    session.ledger.append(session.writer("legal"), decide)
    return added[0]
