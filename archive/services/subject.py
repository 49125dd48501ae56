"""A person's items over channels and spellings: found by people, never by guess."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from archive.errors import NotOpened, UsageError
from archive.ledger.drafts import Draft, draft_of
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
    """A name or account under which somebody wrote, that may be the person."""

    account: Key | None
    spelling: str | None
    items: Counter[str] = field(default_factory=Counter)
    """Channel → items."""
    why: str = ""


def find(session: Session, name: str) -> list[Candidate]:
    """Give every account and spelling of an author that shares a word with a name, or belongs to a party of that name.

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
    looked: list[int] = []
    for index, item in every_item(session):
        author = item.author
        if author is None:
            continue
        why = _why(author, wanted, party_accounts)
        if why is None:
            continue
        looked.append(index)
        spelling = author.written or author.handle
        key = (None if author.account is None else _address(author.account), spelling)
        one = found.setdefault(key, Candidate(author.account, spelling, why=why))
        one.items[item.key.channel] += 1
    note(session, Looking("subject find", looked, name, names=(name,)))
    return [found[key] for key in sorted(found, key=repr)]


def _why(author: Actor, wanted: set[str], parties: dict[tuple[str, str, str], str]) -> str | None:
    if author.account is not None and (party := parties.get(_address(author.account))):
        return f"account of {party}"
    for what, text in (("name", author.written), ("handle", author.handle)):
        if text and wanted & set(terms(text)):
            return what
    if author.account is not None and wanted & set(terms(author.account.id)):
        return "account"
    return None


def every_item(session: Session) -> Iterator[tuple[int, Item]]:
    """Give every item that can be opened, with its number, from the ledger itself."""
    opener, ledger = session.opener("content"), session.ledger
    for index in range(ledger.state.size):
        if ledger.leaf(index).kind != "item":
            continue
        try:
            body = opener.body(index)
        except NotOpened as error:
            if error.state == "no_key":
                raise
            continue
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
