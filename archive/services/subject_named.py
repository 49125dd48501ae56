"""Where other people's items concern a person: sent to them, an answer, in their conversations, or with their name.

Many exports name no recipients: a chat is a file with two names in it. What the other wrote went to them all the same.
"""

from collections.abc import Iterable, Iterator

from archive.keeping.conversations import PLACES, TOLD
from archive.services.known_names import KnownNames, parts_of, words_of
from schemas.item import Actor, Item, Thread
from schemas.keeping import Subject

PART = "a part of the name, which may mean somebody else"


class Named:
    """Says why items of others concern a person. ``take`` every item first, then ``called``."""

    def __init__(self, subject: Subject, threads: Iterable[Thread]) -> None:
        """Take the descriptions of threads: their members are there, though they never wrote."""
        self._accounts = {key.place for key in subject.accounts}
        self._called = {words_of(name) for name in (subject.name, *subject.spellings)}
        self._kinds: dict[tuple[str, str, str], str] = {}
        self._present: set[tuple[str, str, str]] = set()
        """Threads in which they are."""
        self._items: set[tuple[str, str, str]] = set()
        """What they wrote."""
        self._names = self._parts = KnownNames(())
        for one in threads:
            self._kinds[one.key.place] = one.kind
            if any(map(self.is_subject, one.participants)):
                self._present.add(one.key.place)

    def take(self, item: Item, *, mine: bool) -> None:
        """See who is where."""
        if mine:
            self._items.add(item.key.place)
        if mine or item.via.place in self._accounts or any(map(self.is_subject, beside(item))):
            self._present.add(item.thread.place)

    def called(self, names: Iterable[str]) -> None:
        """Take how the person is called anywhere."""
        every = tuple(names)
        self._called = {words_of(name) for name in every}
        self._names = KnownNames(self._called)
        self._parts = KnownNames(words for name in every for words in parts_of(name))

    def is_subject(self, actor: Actor) -> bool:
        """Say whether somebody who acts is the person."""
        if actor.account is not None and actor.account.place in self._accounts:
            return True
        return any(words_of(name) in self._called for name in actor.names)

    def why(self, item: Item) -> str | None:
        """Say why an item of somebody else concerns the person; None where nothing says that it does."""
        return next(self._reasons(item), None)

    def _reasons(self, item: Item) -> Iterator[str]:
        text = " ".join(filter(None, (item.title, item.text)))
        if any(self.is_subject(one.actor) for one in item.recipients):
            yield "recipient"
        if any(one.key is not None and one.key.place in self._items for one in item.targets):
            yield "answer"
        if any(self.is_subject(actor) for one in item.reactions for actor in one.actors):
            yield "reaction"
        if any(self._names.found(text)):
            yield "name"
        told = item.form == "mail" and not TOLD.isdisjoint(one.role for one in item.recipients)
        place = item.thread.place
        if place in self._present and not told and self._kinds.get(place) not in PLACES:
            yield "conversation"
        if any(self._parts.found(text)):
            yield PART


def beside(item: Item) -> Iterator[Actor]:
    """Give who acts in an item besides who said it."""
    return (actor for role, actor in item.acting() if role != "author")
