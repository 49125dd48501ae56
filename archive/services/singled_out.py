"""Whom a reading singles out: also by what a hold or a matter in its query stands for."""

from collections.abc import Iterator, Sequence

from archive.errors import QueryError
from archive.query.grammar import parse
from archive.query.plan import Node, references
from archive.services import register
from archive.services.protected import named_by, singled_out_by, wrote
from archive.services.session import Session
from schemas.item import Item
from schemas.matter import Hold, Party

PAGE = 500


def singled_out(
    session: Session,
    protected: Sequence[Party],
    *,
    node: Node | None = None,
    shown: Sequence[Item] = (),
    names: Sequence[str] = (),
    matter: str | None = None,
) -> list[Party]:
    """Give those of the protected parties whom a reading singles out.

    Args:
        session: its catalogue must be at the head where the query names a matter or a hold.
        protected: parties of whom the policy speaks.
        node: the query as read, before a matter or hold became numbers of items.
        shown: single items that are displayed whole.
        names: names, accounts or numbers of whom is asked for.
        matter: whose selection is looked at as a whole.
    """
    if not protected:
        return []
    asked = references(node) if node is not None else ()
    holds = [hold for one in asked if one.name == "hold" for hold in register.meant_holds(session, one.value)]
    matters = [one.value for one in asked if one.name == "matter"] + ([matter] if matter else [])
    selected = [register.selection(session, number) for number in matters]
    nodes = [*([node] if node is not None else ()), *(found for hold in holds for found in _query(hold))]
    every = [*names, *(name for hold in holds for name in _named(hold))]
    return [
        party
        for party in protected
        if any(singled_out_by(one, party) for one in nodes)
        or any(wrote(item, party) for item in shown)
        or any(named_by(name, party) for name in every)
        or any(_theirs(session, hold.scope.items, party) for hold in holds)
        or any(_theirs(session, tuple(items), party) for items in selected)
    ]


def _named(hold: Hold) -> tuple[str, ...]:
    return (*hold.scope.parties, *hold.scope.accounts, *hold.scope.threads)


def _query(hold: Hold) -> Iterator[Node]:
    if hold.scope.query is None:
        return
    try:
        yield parse(hold.scope.query).node
    except QueryError:
        return  # of a version before: a search for this hold is refused as well


def _theirs(session: Session, items: Sequence[int], party: Party) -> bool:
    """Say whether a party wrote all of these items: a list of their items singles them out as a single one does."""
    readable = False
    for at in range(0, len(items), PAGE):
        for listed in session.catalogue.items(items[at : at + PAGE]):
            readable = True
            if not wrote(listed.item, party):
                return False
    return readable
