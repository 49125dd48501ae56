"""Other people in what one person is given of themselves: masked wherever the archive knows their names."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from archive.services import register
from archive.services.agreed import papers
from archive.services.dispose.belonging import authorship
from archive.services.known_names import KnownNames, parts_of, tells, words_of
from archive.services.protected import has
from archive.services.session import Session
from archive.services.subject import every_item
from archive.services.subject_named import Named, beside
from schemas.item import Actor, Item, Key
from schemas.keeping import Subject

MASKED = "[another person]"
_GAP = r" \u00a0\u2007\u2009\u202f"
_DASH = r"\-\u2010-\u2013"
_ADDRESSES = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?<!\w)@\d{7,15}(?!\w)"
    rf"|(?<![\w+])(?:\+|00)\d[\d{_GAP}()/.{_DASH}]{{6,}}\d"
    rf"|(?<![\w.,])0\d{{2,5}}[{_GAP}]?[/{_DASH}][{_GAP}]?\d[\d{_GAP}{_DASH}]{{3,}}\d"
)
"""Addresses of mail, and telephone numbers in the ways in which they cannot well be anything else.

A mention of WhatsApp is an @ and a number without any other sign.
"""


class Masks:
    """Masks other people in what one person is given."""

    def __init__(self, session: Session, subject: Subject) -> None:
        """Walk all items once: which are the person's, and how everybody else is called."""
        own = {subject.name, *subject.spellings, *(key.id for key in subject.accounts)}
        threads = session.catalogue.threads()
        self.named = Named(subject, threads)
        """Where items of others concern the person."""
        mine = {key.place for key in subject.accounts}
        described = [one for one in session.catalogue.accounts() if one.key.place in mine]
        own.update(name for one in described for name in _telling(*one.names))
        others = {
            *_described(session, subject),
            *(name for one in threads for name in _called(one.participants)),
        }
        wrote = authorship(subject)
        self.mine: set[int] = set()
        """The person's items."""
        for index, item in every_item(session):
            written = wrote(item) and item.author is not None
            self.named.take(item, mine=written)
            if written and item.author is not None:
                self.mine.add(index)
                own.update(item.author.names)
            else:
                others.update(_called([item.author]))
            others.update(_called(beside(item)))
        self.named.called(own)
        self._called = {words_of(name) for name in own}
        self._digits = {_digits(name) for name in own}
        kept = {words for name in own for words in parts_of(name)} | self._called
        named = {words for name in others for words in (words_of(name), *parts_of(name))}
        # The person's own names are found as well, and left: the longer name counts where two begin.
        self._kept, self._known = kept, KnownNames(named | kept)
        self.count = 0
        self._kinds = {one.key.place: one.kind for one in threads}
        self._chats: dict[tuple[str, str, str], int] = {}

    def text(self, text: str | None) -> str | None:
        """Give a text with other people's names, mail addresses and telephone numbers masked."""
        if text is None:
            return None
        parts, at = [], 0
        for start, end, masked in sorted(self._spans(text), key=lambda span: (span[0], -span[1])):
            if end <= at or (start < at and not masked):
                continue  # a name within an address
            parts += [text[at:start], MASKED if masked else text[start:end]]
            self.count += masked
            at = end
        return "".join((*parts, text[at:]))

    def _spans(self, text: str) -> Iterator[tuple[int, int, bool]]:
        """Give (start, end, whether it must not be seen) of names and addresses."""
        for found in _ADDRESSES.finditer(text):
            mine = words_of(found[0]) in self._called or (
                "@" not in found[0][1:] and _digits(found[0]) in self._digits
            )
            yield found.start(), found.end(), not mine
        for start, end, name in self._known.found(text):
            yield start, end, name not in self._kept

    def _thread(self, thread: Key) -> str | None:
        """Give the name of a thread; of a chat, which is called after the other person, a number."""
        if self._kinds.get(thread.place, "chat") != "chat" or words_of(thread.id) in self._called:
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
    """Give how people are called where they act."""
    for actor in actors:
        if actor is not None:
            yield from _telling(*actor.names, actor.account.id if actor.account else None)


def _telling(*names: str | None) -> Iterator[str]:
    yield from (name for name in names if name and tells(name))


def _digits(name: str) -> str:
    """Give the digits of a number that may be a telephone's, as it is called from abroad; nothing where it is none."""
    digits = "".join(letter for letter in name if letter.isdecimal())
    return digits.removeprefix("00") if len(digits) > 6 else name


def _described(session: Session, subject: Subject) -> Iterator[str]:
    """Give how people are called in registers and descriptions, whose own items may be gone or never were."""
    mine = {key.place for key in subject.accounts}
    for party in register.parties(session).values():
        if not any(has(party, key) for key in subject.accounts):
            yield from (party.name, *(held.account.id for held in party.accounts))
    for other in papers.subjects(session).values():
        if other.id != subject.id and mine.isdisjoint(key.place for key in other.accounts):
            yield from (other.name, *other.spellings, *(key.id for key in other.accounts))
    yield from (person.name for person in register.persons(session).values())
    for account in session.catalogue.accounts():
        if account.key.place not in mine:
            yield from _telling(*account.names, account.key.id)
