"""Other people in what one person is given of themselves: masked wherever the archive knows their names."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from archive.services import register
from archive.services.agreed import papers
from archive.services.dispose.belonging import authorship
from archive.services.session import Session
from archive.services.subject import every_item
from schemas.item import Actor, Item, Key
from schemas.keeping import Subject

MASKED = "[another person]"
_ADDRESSES = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?<![\w+])(?:\+|00)\d[\d ()/.-]{6,}\d"
    r"|(?<![\w.,])0\d{2,5} ?[/-] ?\d[\d -]{3,}\d",
    re.A,
)
"""Addresses of mail, and telephone numbers in the ways in which they cannot well be anything else."""


class Masks:
    """Masks other people in what one person is given."""

    def __init__(self, session: Session, subject: Subject) -> None:
        """Walk all items once: which are the person's, and how everybody else is called."""
        self._accounts = {key.place for key in subject.accounts}
        own = {subject.name, *subject.spellings, *(key.id for key in subject.accounts)}
        others = set(_described(session, subject))
        wrote = authorship(subject)
        self.mine: set[int] = set()
        """The person's items."""
        for index, item in every_item(session):
            if wrote(item) and item.author is not None:
                self.mine.add(index)
                own.update(name for name in (item.author.written, item.author.handle) if name)
            else:
                others.update(_called([item.author]))
            others.update(_called(recipient.actor for recipient in item.recipients))
            others.update(_called(actor for reaction in item.reactions for actor in reaction.actors))
        self._own = {_plain(name) for name in own}
        kept = {word for name in self._own for word in name.split()} | self._own
        named = {_plain(name) for name in others}
        parts = {word for name in named for word in name.split() if len(word) > 2}
        self._names = sorted((named | parts) - kept, key=lambda name: (-len(name), name))
        self.count = 0
        self._kinds = {
            thread.key.place: thread.described.kind
            for thread in session.catalogue.threads()
            if thread.described is not None
        }
        self._chats: dict[tuple[str, str, str], int] = {}

    def names_subject(self, item: Item) -> bool:
        """Say whether an item of somebody else names the person, or was sent to them."""
        if any(self._is_subject(recipient.actor) for recipient in item.recipients):
            return True
        said = unicodedata.normalize("NFC", " ".join(filter(None, (item.title, item.text))))
        return any(_replaced(said, name)[1] for name in self._own)

    def _is_subject(self, actor: Actor) -> bool:
        if actor.account is not None and actor.account.place in self._accounts:
            return True
        return any(_plain(name) in self._own for name in (actor.written, actor.handle) if name)

    def text(self, text: str | None) -> str | None:
        """Give a text with other people's names, mail addresses and telephone numbers masked."""
        if text is None:
            return None
        text = _ADDRESSES.sub(self._address, unicodedata.normalize("NFC", text))
        for name in self._names:
            text, count = _replaced(text, name)
            self.count += count
        return text

    def _address(self, found: re.Match[str]) -> str:
        if _plain(found[0]) in self._own:
            return found[0]
        self.count += 1
        return MASKED

    def _thread(self, thread: Key) -> str | None:
        """Give the name of a thread; of a chat, which is called after the other person, a number."""
        if self._kinds.get(thread.place, "chat") != "chat" or _plain(thread.id) in self._own:
            return self.text(thread.id)
        return f"chat {self._chats.setdefault(thread.place, len(self._chats) + 1)}"

    def row(self, index: int, item: Item, files: Sequence[str | None]) -> dict[str, Any]:
        """Give an item for the person who wrote it. Raw bytes are left out: they name others."""
        return {
            "number": index,
            "channel": item.key.channel,
            "time": item.time.written if item.time else None,
            "utc": item.time.utc if item.time else None,
            "event": item.event,
            "form": item.form,
            "thread": self._thread(item.thread),
            "recipients": len(item.recipients),
            "title": self.text(item.title),
            "text": self.text(item.text),
            "attachments": [self.text(one.name) for one in item.attachments],
            "files": list(files),
        }


def _called(actors: Iterable[Actor | None]) -> Iterator[str]:
    """Give how people are called where they act; two letters are no name that could be looked for."""
    for actor in actors:
        if actor is not None:
            names = (actor.written, actor.handle, actor.account.id if actor.account else None)
            yield from (name for name in names if name and len(name) > 2)


def _described(session: Session, subject: Subject) -> Iterator[str]:
    """Give how people are called in registers and descriptions, whose own items may be gone or never were."""
    mine = {key.place for key in subject.accounts}
    for party in register.parties(session).values():
        if not any(held.account.place in mine for held in party.accounts):
            yield from (party.name, *(held.account.id for held in party.accounts))
    for other in papers.subjects(session).values():
        if other.id != subject.id and mine.isdisjoint(key.place for key in other.accounts):
            yield from (other.name, *other.spellings, *(key.id for key in other.accounts))
    yield from (person.name for person in register.persons(session).values())
    for account in session.catalogue.accounts():
        if account.key.place not in mine:
            names = (account.name, account.handle, account.address, account.key.id)
            yield from (name for name in names if name and len(name) > 2)
    for thread in session.catalogue.threads():
        if thread.described is not None:
            yield from _called(thread.described.participants)


def _plain(text: str) -> str:
    """Give a text as names are looked for in it: composed letters, each in lower case where that is one letter."""
    composed = unicodedata.normalize("NFC", text)
    low = composed.lower()
    if len(low) == len(composed):
        return low
    return "".join(small if len(small := letter.lower()) == 1 else letter for letter in composed)


def _replaced(text: str, name: str) -> tuple[str, int]:
    """Replace a name, as ``_plain`` gives it, where it stands in a composed text as words of its own."""
    low, wanted, at, parts, count = _plain(text), name, 0, [], 0
    while (found := low.find(wanted, at)) >= 0:
        end = found + len(wanted)
        alone = not (found and text[found - 1].isalnum()) and not (end < len(text) and text[end].isalnum())
        parts.append(text[at:found] + (MASKED if alone else text[found:end]))
        count += alone
        at = end
    return "".join((*parts, text[at:])), count
