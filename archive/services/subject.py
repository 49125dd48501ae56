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
from schemas.item import Actor, Item, Key
from schemas.keeping import Subject


@dataclass(slots=True)
class Candidate:
    """A name or account under which somebody wrote or was written to, that may be the person."""

    account: Key | None
    spelling: str | None
    items: Counter[str] = field(default_factory=Counter)
    """Channel → items that they wrote."""
    received: int = 0
    """Items that were sent to them."""
    why: str = ""


def find(session: Session, name: str) -> list[Candidate]:
    """Give every account and spelling that shares a word with a name, or belongs to a party of that name.

    Raises:
        UsageError: the name holds no word.
    """
    wanted = set(terms(name))
    if not wanted:
        raise UsageError("the name holds no word to look for")
    party_accounts = {
        _address(held.account): party.id
        for party in register.parties(session).values()
        if wanted & set(terms(party.name))
        for held in party.accounts
    }
    found: dict[tuple[Any, ...], Candidate] = {}
    looked: dict[int, None] = {}
    for index, item in every_item(session):
        actors = [item.author, *(recipient.actor for recipient in item.recipients)]
        for actor in actors:
            why = None if actor is None else _why(actor, wanted, party_accounts)
            if actor is None or why is None:
                continue
            looked[index] = None
            spelling = actor.written or actor.handle
            key = (None if actor.account is None else _address(actor.account), spelling)
            one = found.setdefault(key, Candidate(actor.account, spelling, why=why))
            if actor is item.author:
                one.items[item.key.channel] += 1
            else:
                one.received += 1
    note(session, Looking("subject find", list(looked), name, names=(name,)))
    return [found[key] for key in sorted(found, key=repr)]


def _why(actor: Actor, wanted: set[str], parties: dict[tuple[str, str, str], str]) -> str | None:
    if (own := actor.account) is not None:
        bare = own.model_copy(update={"scope": ""})
        if party := parties.get(_address(own)) or parties.get(_address(bare)):
            return f"account of {party}"
    for what, text in (("name", actor.written), ("handle", actor.handle)):
        if text and wanted & set(terms(text)):
            return what
    if actor.account is not None and wanted & set(terms(actor.account.id)):
        return "account"
    return None


def every_item(session: Session) -> Iterator[tuple[int, Item]]:
    """Give every item that can be opened, with its number, from the ledger itself."""
    opener, ledger = session.opener("content"), session.ledger
    for index in range(ledger.state.size):
        if ledger.leaf(index).kind != "item":
            continue
        body = unless_erased(opener.body, index)
        if isinstance(body, Item):
            yield index, body


def _address(key: Key) -> tuple[str, str, str]:
    return key.channel, key.scope, key.id


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
