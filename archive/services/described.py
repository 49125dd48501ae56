"""People under every name that the archive knows of them, also those that an item does not tell."""

from collections import defaultdict
from functools import cached_property

from archive.services.session import Session
from schemas.item import Actor, Item


class Described:
    """Gives items in which who wrote, and to whom, has the names of the description of the account too.

    A reader of before took in one name of each; and a platform may tell in its directory alone how somebody is called.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    @cached_property
    def _names(self) -> dict[tuple[str, str, str], tuple[str, ...]]:
        found: defaultdict[tuple[str, str, str], dict[str, None]] = defaultdict(dict)
        for account in self._session.catalogue.accounts():
            found[account.key.place].update(dict.fromkeys(account.names))
        return {place: tuple(names) for place, names in found.items()}

    def __call__(self, item: Item) -> Item:
        """Give the item with these names."""
        recipients = tuple(
            one.model_copy(update={"actor": self._called(one.actor)}) for one in item.recipients
        )
        author = None if item.author is None else self._called(item.author)
        return item.model_copy(update={"author": author, "recipients": recipients})

    def _called(self, actor: Actor) -> Actor:
        names = self._names.get(actor.account.place, ()) if actor.account else ()
        more = tuple(name for name in names if name not in actor.names)
        return actor.model_copy(update={"also": (*(actor.also or ()), *more)}) if more else actor
