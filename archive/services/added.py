"""What other records add to a query: later events to ``deleted:``, names to ``thread:`` and ``from:``.

No item says of itself that it was deleted later, what its conversation is called, or which party its author is. So what
these records mean goes into the query, as numbers of items and as accounts: all engines and the matcher find the same.
"""

from collections.abc import Collection, Iterator, Sequence

from archive.query.amounts import Amount
from archive.query.analysis import terms
from archive.query.document import AccountIn, account_marks, mark
from archive.query.leaves import exact
from archive.query.places import places
from archive.query.plan import (
    And,
    In,
    Node,
    Not,
    Numbers,
    Or,
    Positional,
    Term,
    conditions,
    replaced,
)
from archive.services.session import Session
from schemas.item import Key
from schemas.matter import Party

LATEST = 2**53 - 1
"""After every instant."""
BY_NAME = "what conversations of that name hold"
BY_PARTY = "what accounts of parties of that name show"


def marks(node: Node) -> Iterator[str]:
    """Give the marks that a query asks for, like ``channel=email``."""
    for one in conditions(node):
        match one:
            case In("marks", Term(text)):
                yield text


def with_fates(session: Session, node: Node, until: int | None, named: dict[str, int]) -> Node:
    """Let ``edited:`` and ``deleted:`` mean what events by ``until`` did, too: an answer marks the items so.

    ``named`` takes what was added: how many items that is.
    """
    asked = {one.partition("=")[0] for one in marks(node)} & {"edited", "deleted"}
    if not asked:
        return node
    standing = session.catalogue.standing(LATEST if until is None else until)
    later = {"edited": standing.superseded, "deleted": standing.deleted}
    named.update({f"what a later event {name}": len(later[name]) for name in sorted(asked)})

    def change(one: Node) -> Node:
        match one:
            case In("marks", Term("edited=yes" | "deleted=yes" as term)):
                return Or((one, Numbers(later[term.partition("=")[0]])))
            case In("marks", Term("edited=no" | "deleted=no" as term)):
                return And((one, Not(Numbers(later[term.partition("=")[0]]))))
            case _:
                return one

    return replaced(node, change)


def with_names(session: Session, node: Node, named: dict[str, int]) -> Node:
    """Let ``thread:`` find conversations by the name that they had last, too; ``named`` as above."""

    def change(one: Node) -> Node:
        found = called(session, one)
        if not found:
            return one
        items = session.catalogue.of_threads(found)
        named[BY_NAME] = named.get(BY_NAME, 0) + len(items)
        return Or((one, Numbers(items)))

    return replaced(node, change)


def with_parties(session: Session, node: Node) -> tuple[Node, tuple[Node, ...]]:
    """Let fields for people find a party by its name, too: each account that it has. Give the additions as well."""
    parties = session.catalogue.parties()
    added: dict[Node, None] = {}

    def change(one: Node) -> Node:
        match one:
            case In("author" | "recipients" | "via" as stream, leaf) if not isinstance(leaf, Amount):
                found = tuple(held_by(stream, key) for key in _accounts(parties, leaf))
                added.update(dict.fromkeys(found))
                return Or((one, *found)) if found else one
            case _:
                return one

    return replaced(node, change), tuple(added)


def _accounts(parties: Sequence[Party], leaf: Positional) -> list[Key]:
    """Give the accounts of parties of a name, but those whose id says the same."""
    keys = (held.account for party in parties if _fits(leaf, party.name) for held in party.accounts)
    return [key for key in dict.fromkeys(keys) if terms(key.id) and not _fits(leaf, key.id)]


def held_by(stream: AccountIn, key: Key) -> Node:
    """Give the condition that an account, and no other that is called alike, stands in a field for people."""
    channel, own = mark("channel", key.channel.casefold()), account_marks(stream, key)[-1]
    return And((In("marks", Term(channel)), In("marks", Term(own)), In(stream, exact(key.id))))


def called(session: Session, node: Node) -> list[Key]:
    """Give the conversations that a ``thread:`` means by their name and not by their id."""
    match node:
        case In("thread", leaf) if not isinstance(leaf, Amount):
            return [
                thread.key
                for thread in session.catalogue.threads()
                if _fits(leaf, thread.title)
                and not any(_fits(leaf, own) for own in (thread.key.id, thread.key.scope))
            ]
        case _:
            return []


def names_of(session: Session, conversations: Collection[Key]) -> tuple[str, ...]:
    """Give ids and names of conversations: one with a person is often called after them."""
    if not conversations:
        return ()
    places = {key.place for key in conversations}
    titles = (one.title for one in session.catalogue.threads() if one.key.place in places and one.title)
    return (*(key.id for key in conversations), *titles)


def _fits(leaf: Positional, name: str | None) -> bool:
    return bool(name and places(leaf, terms(name)))
