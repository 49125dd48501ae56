"""Whether an item lies in the scope of a hold. In doubt it does: unreadable or undated means held."""

from collections.abc import Iterator, Mapping

from archive.errors import QueryError
from archive.query.document import document
from archive.query.grammar import parse
from archive.query.match import matches
from archive.query.plan import Everything, Numbers, Query, bind, references
from archive.statements.asked import any_of, kinds_and_modalities
from archive.statements.finder import finder
from archive.statements.of_item import message_of, speaks
from schemas.entry import Entry
from schemas.item import Actor, Item
from schemas.matter import Party, Scope


class ScopeTest:
    """Tests items against one scope: all fields given must match, within a field one value is enough."""

    def __init__(self, scope: Scope, parties: Mapping[str, Party], *, statements: bool = False) -> None:
        """Prepare the test; ``parties`` resolves party numbers to accounts.

        ``statements``: the query may ask for statements; they are found in the item's own words, by the lexicon at
        hand and without what was said before. A hold must not hang on a lexicon, so it may not ask for them.

        Raises:
            QueryError: the scope's query cannot be read, or asks what no item says of itself.
        """
        self.scope = scope
        self._query = parse(scope.query) if scope.query else None
        asked = references(self._query.node) if self._query else ()
        self._stated = tuple(one.value for one in asked) if statements else ()
        outside = [one for one in asked if not statements or one.name != "statement" or not _known(one.value)]
        if outside:
            name = f"{outside[0].name}:"
            raise QueryError(
                f"a hold judges items by what they say themselves; {name} asks for later decisions",
                query=scope.query or "",
                column=max(0, (scope.query or "").casefold().find(name)),
            )
        members = [parties[identifier] for identifier in scope.parties if identifier in parties]
        self._accounts = {account.account.id.casefold() for party in members for account in party.accounts}
        self._accounts |= {party.name.casefold() for party in members}
        # A party that is not known (yet) cannot be told apart from anyone: everything is held.
        self._unknown_party = len(members) != len(scope.parties)

    def holds(self, entry: Entry) -> bool:
        """Say whether the item of this entry is held."""
        item = entry.body
        if not isinstance(item, Item):
            return True
        scope = self.scope
        if scope.items and entry.index not in scope.items:
            return False
        if scope.channels and item.key.channel not in scope.channels:
            return False
        if not self._in_period(item) or not self._in_thread(item):
            return False
        if not self._of_account(item):
            return False
        if self._query is not None:
            found = document(entry)
            return found is None or matches(self._bound(entry, item), found)
        return True

    def _bound(self, entry: Entry, item: Item) -> Query:
        """Give the query with what it asks about statements answered for one item."""
        query = self._query or Query("", Everything())
        if not self._stated:
            return query
        finds = finder().find(message_of(item)) if speaks(item) else ()
        own, none = Numbers(frozenset((entry.index,))), Numbers(frozenset())
        node = bind(query.node, lambda asked: own if any_of(finds, asked.value) else none)
        return Query(query.text, node, query.filters)

    def _in_period(self, item: Item) -> bool:
        if item.time is None or item.time.utc is None:
            return True
        day = item.time.utc[:10]
        return (self.scope.start or day) <= day <= (self.scope.end or day)

    def _in_thread(self, item: Item) -> bool:
        wanted = {name.casefold() for name in self.scope.threads}
        return not wanted or item.thread.id.casefold() in wanted

    def _of_account(self, item: Item) -> bool:
        present = set(_names(item))
        if self.scope.parties and not self._unknown_party and not present & self._accounts:
            return False
        wanted = {name.casefold() for name in self.scope.accounts}
        return not wanted or bool(present & wanted)


def _known(value: str) -> bool:
    try:
        kinds_and_modalities(value)
    except ValueError:
        return False
    return True


def _names(item: Item) -> Iterator[str]:
    """Give everything by which an account that took part in an item may be named."""
    actors: list[Actor] = [recipient.actor for recipient in item.recipients]
    if item.author is not None:
        actors.append(item.author)
    for actor in actors:
        yield from (name.casefold() for name in (actor.written, actor.handle) if name)
        if actor.account is not None:
            yield actor.account.id.casefold()
    yield item.via.id.casefold()
