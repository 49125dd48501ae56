"""Whether an item lies in the scope of a hold. In doubt it does: unreadable or undated means held.

A day is a day by any calendar on earth: nobody may lose a message of half past midnight because the settings of this
host name another time zone than the one in which the hold was thought of.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone

from archive.errors import QueryError
from archive.keeping.called import names, plain
from archive.keeping.conversations import Conversations
from archive.query.document import document
from archive.query.grammar import parse
from archive.query.match import matches
from archive.query.plan import Numbers, Query, bind, references, undated
from archive.reading.decoding import same_name
from archive.reading.times import by_zone
from archive.statements.asked import any_of, kinds_and_modalities
from archive.statements.finder import finder
from archive.statements.of_item import message_of, speaks
from schemas.entry import Entry
from schemas.item import Account, Actor, Item
from schemas.matter import Party, Scope

LATEST, EARLIEST = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))
"""Where a day begins first, and where last."""
CALENDARS = (UTC, LATEST, EARLIEST)
"""Every day that an instant has anywhere on earth, it has in one of these."""


def by_any_calendar(text: str) -> list[Query]:
    """Read a query once for each calendar by which its dates may be meant; equal readings once.

    Raises:
        QueryError: the query cannot be read.
    """
    found: list[Query] = []
    for zone in CALENDARS:
        if (query := parse(text, zone=zone)) not in found:
            found.append(query)
    return found


class ScopeTest:
    """Tests items against one scope: all fields given must match, within a field one value is enough."""

    def __init__(
        self,
        scope: Scope,
        parties: Mapping[str, Sequence[Party]],
        conversations: Conversations,
        *,
        statements: bool = False,
    ) -> None:
        """Prepare the test; ``parties`` resolves party numbers to every state that the party ever had.

        An account that a party had once is meant too: what a later entry leaves out must not end a hold.

        ``conversations``: of the whole archive; what others say there may be said to a party.

        ``statements``: the query may ask for statements; they are found in the item's own words, by the lexicon at
        hand and without what was said before. A hold must not hang on a lexicon, so it may not ask for them.

        Raises:
            QueryError: the scope's query cannot be read, or asks what no item says of itself.
        """
        self.scope = scope
        self._before = conversations.before
        self._threads = {same_name(name) for name in scope.threads}
        self._queries = by_any_calendar(scope.query) if scope.query else []
        asked = references(self._queries[0].node) if self._queries else ()
        self._stated = tuple(one.value for one in asked) if statements else ()
        outside = [one for one in asked if not statements or one.name != "statement" or not _known(one.value)]
        if outside:
            name = f"{outside[0].name}:"
            raise QueryError(
                f"a hold judges items by what they say themselves; {name} asks what other records tell of them",
                query=scope.query or "",
                column=max(0, (scope.query or "").casefold().find(name)),
            )
        members = [state for identifier in scope.parties for state in parties.get(identifier, ())]
        of_parties = {plain(account.account.id) for party in members for account in party.accounts}
        of_parties |= {plain(party.name) for party in members}
        wanted = {plain(name) for name in scope.accounts}
        self._reached = [conversations.of(named) for named in (of_parties, wanted)]
        self.named = frozenset(scope.items).union(*conversations.things.wholes(scope.items))
        """Items that the scope names, and what tells of the same things, whenever it is sealed."""
        # A party that is not known (yet) cannot be told apart from anyone: everything is held.
        self._unknown_party = not all(parties.get(identifier) for identifier in scope.parties)

    @property
    def signs(self) -> frozenset[int]:
        """Items that alone show that somebody in the scope is in a conversation; see ``shown_by``."""
        return frozenset(index for reach in self._reached for index in reach.signs)

    def shown_by(self, entry: Entry) -> int | None:
        """Give the last moment of a conversation that is in the scope by this item alone; None where it is no sign.

        Such an item need not be asked for itself, by day or query: the others would go out of the scope with it.
        """
        item = entry.body
        if not isinstance(item, Item) or self.scope.items or not self._lies_there(item):
            return None
        found = [reach.shown_by(entry.index, item) for reach in self._reached]
        return max((moment for moment in found if moment is not None), default=None)

    def holds(self, entry: Entry) -> bool:
        """Say whether the item of this entry is held."""
        item = entry.body
        if not isinstance(item, Item):
            return True
        if self.scope.items and entry.index not in self.named:
            return False
        if not self._lies_there(item) or not self._in_period(item) or not self._of_account(item):
            return False
        if self._queries:
            found = document(entry)
            return found is None or any(matches(query, found) for query in self._asked(entry, item))
        return True

    def _asked(self, entry: Entry, item: Item) -> Iterator[Query]:
        """Give the queries of which one must match, with what they ask about statements answered for one item."""
        finds = finder().find(message_of(item)) if self._stated and speaks(item) else ()
        own, none = Numbers(frozenset((entry.index,))), Numbers(frozenset())
        for query in self._queries:
            node = bind(query.node, lambda asked: own if any_of(finds, asked.value) else none)
            if item.time is None or item.time.utc is None:
                node = undated(node)
            yield Query(query.text, node, query.filters)

    def _in_period(self, item: Item) -> bool:
        if item.time is None or item.time.utc is None or not (self.scope.start or self.scope.end):
            return True
        moment = datetime.fromisoformat(item.time.utc[:19]).replace(tzinfo=UTC)
        first, last = (day_by(zone, moment) for zone in (EARLIEST, LATEST))
        return last >= (self.scope.start or last) and first <= (self.scope.end or first)

    def _lies_there(self, item: Item) -> bool:
        """Say whether an item lies in a channel and a thread of the scope."""
        if self.scope.channels and item.key.channel not in self.scope.channels:
            return False
        return not self._threads or not self._threads.isdisjoint(self._before.called_now(item))

    def may_mean(self, account: Account) -> bool:
        """Say whether the scope may mean what this account does, by channel, name and party."""
        channel = account.key.channel
        present = {plain(name) for name in account.names}
        present.update(names((None, None, channel, account.key.id)))
        if self.scope.channels and channel not in self.scope.channels:
            return False
        return self._means([not present.isdisjoint(reach.names) for reach in self._reached])

    def _of_account(self, item: Item) -> bool:
        if not self.scope.parties and not self.scope.accounts:
            return True
        present = set(_names(item))
        return self._means(
            [not present.isdisjoint(reach.names) or reach.covers(item) for reach in self._reached]
        )

    def _means(self, found: Sequence[bool]) -> bool:
        """Judge by whether one of the parties, and one of the accounts, is found."""
        party, account = found
        of_party = party or not self.scope.parties or self._unknown_party
        return of_party and (account or not self.scope.accounts)


def day_by(zone: timezone, moment: datetime) -> str:
    """Give the day of an instant by a calendar; the first or last day there is where the calendar ends."""
    return by_zone(moment, zone).date().isoformat()


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
        account = actor.account
        yield from map(plain, actor.also or ())
        yield from names(
            (
                actor.written,
                actor.handle,
                account.channel if account else None,
                account.id if account else None,
            )
        )
    yield from names((None, None, item.via.channel, item.via.id))
