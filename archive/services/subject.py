"""A person's items over channels and spellings: found by people, never by guess; and what the person is given."""

import html
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archive.errors import NotOpened, UsageError
from archive.ledger.drafts import Draft, draft_of
from archive.ledger.state import LedgerState
from archive.query.analysis import terms
from archive.services import register
from archive.services.agreed import papers
from archive.services.dispose.legal import items_of
from archive.services.dispose.relations import Relations
from archive.services.journal import Looking, note
from archive.services.session import Session
from schemas.item import Actor, Item, Key
from schemas.keeping import Subject

MASKED = "[another person]"


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
    for index, item in _items(session):
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


def _items(session: Session) -> Iterator[tuple[int, Item]]:
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


@dataclass(frozen=True, slots=True)
class Exported:
    """What a person was given."""

    subject: Subject
    items: int
    masked: int
    """Places where another person was masked."""


def export(session: Session, number: str, out: Path) -> Exported:
    """Write a person's items as JSON and as a page to read; other people are masked wherever they are named.

    Names that stand in running text and belong to nobody whom the archive knows cannot be seen.

    Raises:
        UsageError: there is no such subject, or ``out`` is not empty.
    """
    subjects = papers.subjects(session)
    if number not in subjects:
        raise UsageError(f"there is no subject {number}; `beleg subject list` shows them")
    if out.exists() and any(out.iterdir()):
        raise UsageError(f"{out} is not empty")
    subject = subjects[number]
    relations = Relations(session)
    relations.follow(session.ledger.state.size)
    mine = set(items_of(session, relations, subject))
    named = (subject.name, *subject.spellings, *(account.id for account in subject.accounts))
    note(session, Looking("subject export", sorted(mine), subject.name, names=named))
    masks = _Masks(session, subject, mine)
    rows = [masks.row(index, item) for index, item in _items(session) if index in mine]
    out.mkdir(parents=True, exist_ok=True)
    document = {
        "name": subject.name, "made": session.now(), "items": rows,
        "channels": dict(Counter(row["channel"] for row in rows)),
    }  # fmt: skip
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True)
    (out / "data.json").write_text(text, encoding="utf-8")
    (out / "data.html").write_text(_page(document), encoding="utf-8")
    return Exported(subject, len(rows), masks.count)


class _Masks:
    """Masks other people in what one person is given."""

    def __init__(self, session: Session, subject: Subject, mine: set[int]) -> None:
        own = {name.casefold() for name in (subject.name, *subject.spellings)}
        own |= {key.id.casefold() for key in subject.accounts}
        others: defaultdict[str, int] = defaultdict(int)
        for index, item in _items(session):
            for actor in (item.author, *(recipient.actor for recipient in item.recipients)):
                if actor is None:
                    continue
                if index in mine and actor is item.author:
                    own |= {name.casefold() for name in (actor.written, actor.handle) if name}
                    continue
                for name in (actor.written, actor.handle, actor.account.id if actor.account else None):
                    if name and len(name) > 2:
                        others[name] += 1
        parts = {word for name in others for word in name.split() if len(word) > 2}
        kept = {word for name in own for word in name.split()} | own
        names = {name for name in (*others, *parts) if name.casefold() not in kept}
        self._names = sorted(names, key=lambda name: (-len(name), name))
        self.count = 0

    def text(self, text: str | None) -> str | None:
        """Give a text with other people's names masked."""
        if text is None:
            return None
        for name in self._names:
            text, count = _replaced(text, name)
            self.count += count
        return text

    def row(self, index: int, item: Item) -> dict[str, Any]:
        """Give an item for the person who wrote it. Raw bytes are left out: they name others."""
        return {
            "number": index,
            "channel": item.key.channel,
            "time": item.time.written if item.time else None,
            "utc": item.time.utc if item.time else None,
            "event": item.event,
            "form": item.form,
            "thread": self.text(item.thread.id),
            "recipients": len(item.recipients),
            "title": self.text(item.title),
            "text": self.text(item.text),
            "attachments": [self.text(one.name) for one in item.attachments],
        }


def _replaced(text: str, name: str) -> tuple[str, int]:
    """Replace a name where it stands as words of its own, case ignored."""
    low, wanted, at, parts, count = text.casefold(), name.casefold(), 0, [], 0
    if len(low) != len(text):  # a letter whose lower case is longer: places would not fit
        low, wanted = text, name
    while (found := low.find(wanted, at)) >= 0:
        end = found + len(wanted)
        alone = not (found and text[found - 1].isalnum()) and not (end < len(text) and text[end].isalnum())
        parts.append(text[at:found] + (MASKED if alone else text[found:end]))
        count += alone
        at = end
    return "".join((*parts, text[at:])), count


def _page(document: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td>{row['number']}</td><td>{_cell(row['time'])}</td><td>{_cell(row['channel'])}</td>"
        f"<td>{_cell(row['event'])}</td><td>{_cell(' '.join(filter(None, (row['title'], row['text']))))}</td></tr>\n"
        for row in document["items"]
    )
    return (
        '<!DOCTYPE html>\n<html lang="de"><head><meta charset="utf-8"><title>Auskunft</title>'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'"></head><body>\n'
        f"<h1>Auskunft für {_cell(document['name'])}</h1>\n<p>{len(document['items'])} Einträge, {document['made']}. "
        f"Andere Personen sind durch {_cell(MASKED)} ersetzt.</p>\n"
        "<table><tr><th>Nr.</th><th>Zeit</th><th>Kanal</th><th>Art</th><th>Inhalt</th></tr>\n"
        f"{rows}</table></body></html>\n"
    )


def _cell(text: object) -> str:
    return html.escape("" if text is None else str(text))
