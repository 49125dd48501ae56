"""Which holds keep a record. In doubt they do: what cannot be read or evaluated is held."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archive.errors import QueryError
from archive.keeping.conversations import Conversations
from archive.keeping.scope import ScopeTest
from schemas.entry import Entry
from schemas.item import Account
from schemas.matter import Hold, Party, Scope

READ = frozenset({"read"})
"""States of a file all of whose words were read."""


@dataclass
class HoldTest:
    """One active hold, ready to judge."""

    hold: Hold
    placed_at: int
    """Index of the record that placed it."""
    parties: Mapping[str, Sequence[Party]]
    """Number → every state that the party ever had."""
    conversations: Conversations
    """Of the whole archive: titles of threads, and who talks in them."""

    def __post_init__(self) -> None:
        scope = self.hold.scope
        ids = self.conversations.titled(scope.threads)
        wide = scope.model_copy(update={"threads": (*scope.threads, *ids)}) if scope.threads else scope
        try:
            self._test: ScopeTest | None = ScopeTest(wide, self.parties, self.conversations)
        except QueryError:
            self._test = None  # a query that cannot be evaluated: it may want anything
        unasked = wide.model_copy(update={"query": None})
        self._unasked = ScopeTest(unasked, self.parties, self.conversations) if scope.query else None

    def keeps(self, entry: Entry) -> bool:
        """Say whether the hold keeps this item, which was read from the ledger with the words of its files.

        It also keeps what alone shows that somebody is in a conversation: without it the hold would let go the rest.
        """
        if not self.hold.future and entry.index > self.placed_at:
            return False
        return self.wants(entry) or (self._test is not None and self._test.shown_by(entry) is not None)

    def wants(self, entry: Entry) -> bool:
        """Say whether an item is in the scope itself, or may be."""
        return self._test is None or self._test.holds(entry) or self._may_want_unread(entry)

    @property
    def named(self) -> frozenset[int]:
        """Items that the scope names, and what tells of the same things; none where it names no items."""
        return frozenset() if self._test is None else self._test.named

    @property
    def signs(self) -> frozenset[int]:
        """Items among which are all that it keeps without wanting them."""
        return frozenset() if self._test is None else self._test.signs

    def _may_want_unread(self, entry: Entry) -> bool:
        """Say whether only words that nobody could read (an image, a recording) stand between item and hold."""
        if self._unasked is None or all(one.state in READ for one in entry.texts):
            return False
        return self._unasked.holds(entry)

    def keeps_account(self, account: Account) -> bool:
        """Say whether the hold keeps the description of an account: where it may be one of those in its scope."""
        if self.hold.scope.items:
            return False
        return self._test is None or self._test.may_mean(account)

    def may_want_unread_part(self, channel: str | None) -> bool:
        """Say whether the hold may want a part of a capture that no item tells of."""
        scope: Scope = self.hold.scope
        if scope.items:
            return False
        return not scope.channels or channel is None or channel in scope.channels
