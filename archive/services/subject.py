"""A person's items over channels and spellings: found by people, never by guess."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from archive.errors import UsageError
from archive.ledger.drafts import Draft, draft_of
from archive.ledger.opening import unless_erased
from archive.ledger.state import LedgerState
from archive.query.analysis import terms
from archive.services import register
from archive.services.agreed import papers
from archive.services.journal import Looking, note
from archive.services.session import Session
from schemas.item import Account, Actor, Item, Key
from schemas.keeping import Subject


@dataclass(slots=True)
class Candidate:
    """A name or account that may be the person."""

    account: Key | None
    spelling: str | None
    items: Counter[str] = field(default_factory=Counter)
    """Channel → items that they wrote."""
    received: int = 0
    """Items that were sent to them."""
    reacted: int = 0
    """Items that show a reaction of theirs."""
    why: str = ""
    first: int | None = None
    """The first item, for whoever wants to look whether it is the person; None where only a description tells."""


@dataclass(slots=True)
class _Wanted:
    """Who is looked for."""

    words: set[str]
    parties: dict[tuple[str, str, str], str]
    """Accounts of parties of that name → the party."""
    described: dict[tuple[str, str, str], str]
    """Accounts that a description calls so → the name there."""

    def why(self, actor: Actor) -> str | None:
        """Say why somebody who acts may be the person, if they may."""
        if (own := actor.account) is not None:
            bare = own.model_copy(update={"scope": ""})
            if party := self.parties.get(own.place) or self.parties.get(bare.place):
                return f"account of {party}"
        called = (("also called", name) for name in actor.also or ())
        for what, text in (("name", actor.written), ("handle", actor.handle), *called):
            if text and self.words & set(terms(text)):
                return f"{what} {text}" if what == "also called" else what
        if own is not None and self.words & set(terms(own.id)):
            return "account"
        if own is not None and (name := self.described.get(own.place)) is not None:
            return f"described as {name}"
        return None


def find(session: Session, name: str) -> list[Candidate]:
    """Give every account and spelling that shares a word with a name, by items or by the description of an account, or
    belongs to a party of that name; first those with all the words.

    Raises:
        UsageError: the name holds no word.
    """
    words = set(terms(name))
    if not words:
        raise UsageError("the name holds no word to look for")
    party_accounts = {
        held.account.place: party.id
        for party in register.parties(session).values()
        if words & set(terms(party.name))
        for held in party.accounts
    }
    described = _described(session, words)
    wanted = _Wanted(words, party_accounts, {one.place: called for one, called in described.items()})
    found: dict[tuple[Any, ...], Candidate] = {}
    looked: dict[int, None] = {}
    for index, item in every_item(session):
        for role, actor in item.acting():
            why = wanted.why(actor)
            if why is None:
                continue
            looked[index] = None
            spelling = actor.written or actor.handle
            key = (None if actor.account is None else actor.account.place, spelling)
            one = found.setdefault(key, Candidate(actor.account, spelling, why=why, first=index))
            if role == "author":
                one.items[item.key.channel] += 1
            one.received += role == "recipient"
            one.reacted += role == "reacted"
    met = {address for address, _ in found}
    for account, called in described.items():
        if account.place not in met:
            found[account.place, called] = Candidate(account, called, why="description")
    note(session, Looking("subject find", list(looked), name, names=(name,)))
    return sorted(found.values(), key=lambda one: (not words <= _words(one), repr(_sorting(one))))


def _described(session: Session, words: set[str]) -> dict[Key, str]:
    """Give the accounts that a description calls by one of these words: many messages bear an id or a handle alone."""
    opener, ledger = session.opener("content"), session.ledger
    found: dict[Key, str] = {}
    for index in range(ledger.state.size):
        if ledger.leaf(index).kind != "account":
            continue
        body = unless_erased(opener.body, index)
        if isinstance(body, Account):
            # of several names that which says most of what is looked for
            fits = max(body.names, key=lambda name: len(words & set(terms(name))), default="")
            if words & set(terms(fits)):
                found.setdefault(body.key.model_copy(update={"derived": False}), fits)
    return found


def _words(one: Candidate) -> set[str]:
    known = (one.spelling, one.account and one.account.id, one.why)
    return {word for text in known if text for word in terms(text)}


def _sorting(one: Candidate) -> tuple[object, ...]:
    return None if one.account is None else one.account.place, one.spelling


def every_item(session: Session) -> Iterator[tuple[int, Item]]:
    """Give every item that can be opened, with its number, from the ledger itself."""
    opener, ledger = session.opener("content"), session.ledger
    for index in range(ledger.state.size):
        if ledger.leaf(index).kind != "item":
            continue
        body = unless_erased(opener.body, index)
        if isinstance(body, Item):
            yield index, body


def confirm(session: Session, name: str, chosen: list[Candidate]) -> Subject:
    """Register a person with the accounts and spellings that somebody confirmed.

    Raises:
        UsageError: nothing was chosen.
    """
    if not chosen:
        raise UsageError("choose at least one of what was found")
    accounts = tuple(dict.fromkeys(one.account for one in chosen if one.account is not None))
    # A spelling stands for the person only where no account tells people of one name apart.
    spellings = tuple(dict.fromkeys(one.spelling for one in chosen if one.account is None and one.spelling))
    made: list[Subject] = []

    def decide(_: LedgerState) -> list[Draft]:
        number = register.next_id("S", papers.subjects(session))
        made[:] = [
            Subject(id=number, name=register.named(name, "the name"), accounts=accounts, spellings=spellings)
        ]
        return [draft_of(made[0])]

    session.ledger.append(session.writer("legal"), decide)
    return made[0]
