"""Whom a reading singles out: also by what a hold or a matter in its query stands for."""

from collections.abc import Iterator, Sequence

from archive.catalogue import Listed
from archive.errors import QueryError
from archive.query.analysis import terms
from archive.query.grammar import parse
from archive.query.places import places
from archive.query.plan import And, In, Node, Positional, Query, Term, references
from archive.services import register
from archive.services.added import held_by
from archive.services.lookup import every
from archive.services.protected import has, named_by, people, singled_out_by, wrote
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
    chosen: Sequence[int] = (),
    hold: Hold | None = None,
) -> list[Party]:
    """Give those of the protected parties whom a reading singles out.

    Args:
        session: its catalogue and index must be at the head.
        protected: parties of whom the policy speaks.
        node: the query as read, before a matter or hold became numbers of items.
        shown: single items that are displayed whole.
        names: names, accounts or numbers of whom is asked for.
        chosen: items that somebody chose, and that are looked at together.
        hold: whose scope is looked at.
    """
    if not protected:
        return []
    asked = references(node) if node is not None else ()
    holds = [hold] if hold is not None else []
    holds += [one for ask in asked if ask.name == "hold" for one in register.meant_holds(session, ask.value)]
    lists = [chosen, *(one.scope.items for one in holds)]
    lists += [tuple(register.selection(session, one.value)) for one in asked if one.name == "matter"]
    nodes = [*([node] if node is not None else ()), *(found for one in holds for found in _query(one))]
    every_name = [*names, *(name for one in holds for name in _named(one))]
    leaves = [found.leaf for one in nodes for found in people(one)]
    leaves += [Term(word) for name in every_name for word in terms(name)]
    return [
        party
        for party in protected
        if any(singled_out_by(one, party) for one in nodes)
        or any(wrote(item, party) for item in shown)
        or any(named_by(name, party) for name in every_name)
        or any(_theirs(session, items, party) for items in lists)
        or any(_called(session, leaf, party) for leaf in leaves)  # type: ignore[arg-type]
    ]


def _called(session: Session, leaf: Positional, party: Party) -> bool:
    """Say whether a party's accounts are called as is asked for, in a description or in an item of theirs."""
    size, author = session.ledger.state.size, In("author", leaf)  # type: ignore[arg-type]
    described = (one for one in session.catalogue.accounts() if has(party, one.key))
    names = (name for one in described for name in one.names)
    return any(places(leaf, terms(name)) for name in names) or any(
        wrote(listed.item, party)
        for held in party.accounts
        if terms(held.account.id)
        for listed in _listed(
            session, every(session, Query("", And((author, held_by("author", held.account)))), size)
        )
    )


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
    for listed in _listed(session, items):
        readable = True
        if not wrote(listed.item, party):
            return False
    return readable


def _listed(session: Session, items: Sequence[int]) -> Iterator[Listed]:
    for at in range(0, len(items), PAGE):
        yield from session.catalogue.items(items[at : at + PAGE])
