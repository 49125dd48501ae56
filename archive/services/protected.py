"""Whether a reading singles out a party: a query or a name that asks for it, or a single item that it wrote."""

from collections.abc import Iterator

from archive.query.analysis import terms
from archive.query.places import places
from archive.query.plan import And, In, Node, Not, Or, references
from schemas.item import Item, Key
from schemas.matter import Party

PEOPLE = ("author", "recipients", "via", "thread")
"""Streams that name people; a chat with one person bears their name."""


def singled_out_by(node: Node, party: Party) -> bool:
    """Say whether a query asks for a party: a field for people or a source that fits its names, or an exclusion.

    Fields for people are from, to, with, account and thread; who excludes some people asks for those who are left.
    """
    if _excludes(node) or any(named_by(one.value, party) for one in references(node) if one.name == "source"):
        return True
    return any(places(leaf.leaf, name) for leaf in people(node) for name in _names(party))  # type: ignore[arg-type]


def named_by(name: str, party: Party) -> bool:
    """Say whether a name, an account or a number asks for a party: one common word is enough."""
    wanted = set(terms(name))
    return name.upper() == party.id or any(wanted & set(own) for own in _names(party))


def _names(party: Party) -> list[list[str]]:
    return [terms(name) for name in (party.name, *(held.account.id for held in party.accounts))]


def _excludes(node: Node) -> bool:
    match node:
        case And(children) | Or(children):
            return any(map(_excludes, children))
        case Not(child):
            return next(people(child), None) is not None
        case _:
            return False


def people(node: Node) -> Iterator[In]:
    """Give the conditions of a query that ask for people."""
    match node:
        case And(children) | Or(children):
            for child in children:
                yield from people(child)
        case Not(child):
            yield from people(child)
        case In(stream) if stream in PEOPLE:
            yield node
        case _:
            pass


def has(party: Party, account: Key) -> bool:
    """Say whether an account is one of a party's.

    One that was registered without a scope (a team, the phone whose contact it is) is it in every one.
    """
    return any(
        (held.account.channel, held.account.id) == (account.channel, account.id)
        and held.account.scope in ("", account.scope)
        for held in party.accounts
    )


def wrote(item: Item, party: Party) -> bool:
    """Say whether an item was written by an account of a party, or under its name."""
    author = item.author
    if author is None:
        return False
    account = author.account
    if account is not None and has(party, account):
        return True
    named = {name.casefold() for name in (*author.names, account and account.id) if name}
    return party.name.casefold() in named
