"""What was erased stays out: the next export must not bring it back.

Ingestion opens no content. It knows an erased item again by the HMAC of its identity in its ``seen`` record, which no
erasure touches: under the account for which it is read, and under those of all who take part in it and, where this host
can read the catalogue, of all whose view was ever taken in; theirs may be the one that was erased. Of a file whose very
bytes were erased nothing is taken in that is not known already: it would be what was erased, read for another account.
Where a platform gives no ids (WhatsApp), another phone names chat, people and times otherwise, so that nothing tells
whether a message is the erased one; nor where this host cannot know whose views there were. What says exactly the same
stays out then until a person says that it is another.
Where a newer version of a reader makes other ids, it names those of before too, and what was erased under them is known
by them; an id that others may have borne is a doubt.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from archive.core.payloads import to_payload
from archive.core.seen import is_telling
from archive.errors import UnreadableInput
from archive.ledger.state import LedgerState
from archive.ports import SeenRow
from archive.reading.disk import open_file
from archive.reading.tree import Tree
from archive.reading.units import Reading, UnitExcluded, UnitRead, unknown_via
from archive.services.ingest.batch import candidate_of
from archive.services.ingest.contents import measure
from archive.services.ingest.seen import Seen
from archive.services.session import Session
from schemas.item import Account, Item, Key

ONCE = "the id that something erased had once, and others may have had too: not taken in"
MANY = 10_000
"""So many times the index is asked; then it is cheaper to walk it once and to remember what was erased."""
REASON = "erased before, not taken in again"
ALIKE = (
    "the very words or file of something erased, and nothing that tells whether it is the same: not taken in"
)


class Suppression:
    """Tells what was erased. Without an erasure in the ledger it asks nothing."""

    def __init__(
        self, seen: Seen, state: LedgerState, tree: Tree, *, take_alike: bool = False,
        views: Callable[[], Sequence[Key] | None] = tuple,
    ) -> None:  # fmt: skip
        """Prepare.

        Args:
            seen: what was sealed.
            state: of the ledger.
            tree: the input.
            take_alike: somebody knows that what says the same as something erased is something else.
            views: gives all accounts whose view of anything was taken in; None: this host cannot know them.
        """
        self._seen, self._state, self._tree = seen, state, tree
        self._take_alike = take_alike
        self._views_of = views
        self._views: dict[str, list[object]] | None = None
        self._blind = False
        self._asked = 0
        self._identities: tuple[int, frozenset[bytes]] = 0, frozenset()
        """So many erasures, and the HMAC of who each record was that they took."""
        self._files: dict[Path, bool] = {}
        self._words: dict[bytes, SeenRow] | None = None
        self.counts: Counter[str] = Counter()
        """Reason → items that were left out for it so far."""
        self.accounts = 0
        """Descriptions of accounts that were left out."""
        if state.erasures:
            seen.catch_up()

    @property
    def needed(self) -> bool:
        """Say whether anything was ever erased."""
        return bool(self._state.erasures)

    def why(self, item: Item, reading: UnitRead) -> str | None:
        """Give why an item stays out, if it does: it was erased, or tells of what was (an edit, a deletion, a
        reaction); or it cannot be told from something that was."""
        keys = [item.key, *(t.key for t in item.targets if t.relation == "of" and t.key is not None)]
        known_by = ((key, reading.former[key]) for key in keys if key in reading.former)
        former = [one for key, one in known_by if one.key != key]
        keys += [one.key for one in former if one.own]
        if any(self._erased_in_a_view("item", key, _views(item)) for key in keys):
            return REASON
        if self._known(item, item.key):
            return None
        now = reading.former.get(item.key)
        called = now.as_called(item) if now is not None else ()
        if any(map(self._erased_as_it_is, called)):
            return REASON
        # A file of which something else was erased is here again, byte for byte: what was left of it stays what it is.
        if any(self._known(item, one.key) for one in former if one.own) or any(map(self._as_it_is, called)):
            return None
        if self._bytes_erased(reading.member):
            return REASON
        shared = [*(one.key for one in former if not one.own), *(one.key for one in called)]
        if not self._take_alike and any(self._erased_in_a_view("item", key, _views(item)) for key in shared):
            return ONCE
        doubtful = item.key.derived or self._blind or bool(former)
        return ALIKE if doubtful and not self._take_alike and self._is_alike(item, reading) else None

    def _known_views(self, channel: str) -> Sequence[object]:
        if self._views is None:
            self._views, given = {}, self._views_of()
            self._blind = given is None
            for view in dict.fromkeys(one.model_copy(update={"derived": False}) for one in given or ()):
                # How an account came by its id is part of who an item is, and the catalogue does not keep it.
                told = view.model_dump()
                self._views.setdefault(view.channel, []).extend((told, {**told, "derived": True}))
        return self._views.get(channel, ())

    def _erased_in_a_view(self, kind: str, key: Key, views: Iterable[Key]) -> bool:
        """Say whether what has this key was erased as one of these accounts saw it, or any that is known."""
        who, own = key.model_dump(), (view.model_dump() for view in dict.fromkeys(views))
        return any(self._was_erased(kind, [view, who]) for view in (*own, *self._known_views(key.channel)))

    def _known(self, item: Item, key: Key) -> bool:
        """Say whether something was sealed under a key, as this item's account saw it."""
        return bool(
            self._seen.find(self._seen.secret.identity("item", [item.via.model_dump(), key.model_dump()]))
        )

    def _erased_as_it_is(self, item: Item) -> bool:
        """Say whether the very same thing was erased: all that it says, not its name alone."""
        return any(self._state.erasure_of(row.item) is not None for row in self._as_it_is(item))

    def _as_it_is(self, item: Item) -> list[SeenRow]:
        """Give what is the same in all that it says."""
        macs = candidate_of(self._seen, item).macs
        return [row for row in self._seen.find(macs.identity) if row.digest == macs.digest]

    def _is_alike(self, item: Item, reading: UnitRead) -> bool:
        """Say whether an item says exactly what something erased said, or is a file that was erased."""
        if is_telling(item.title, item.text):
            if self._words is None:
                self._words = self._seen.erased_words()
            row = self._words.get(self._seen.secret.words(to_payload(item)))
            return row is not None and self._seen.confirmed(row)
        return not item.text and any(self._digest_erased(one.open) for one in reading.contents)

    def _account_erased(self, account: Account) -> bool:
        """Say whether an account was described once, and that went with its owner's items: a newer one tells more."""
        views = (account.via, unknown_via(account.key.channel), account.key)
        return self._erased_in_a_view("account", account.key, views)

    def _was_erased(self, kind: str, identity: list[object]) -> bool:
        mac = self._seen.secret.identity(kind, identity)
        self._asked += 1
        if self._asked > MANY and self._identities[0] != len(self._state.erasures):
            self._identities = len(self._state.erasures), self._seen.erased_identities()
        if self._identities[0] == len(self._state.erasures) and mac not in self._identities[1]:
            return False
        return any(self._state.erasure_of(row.item) is not None for row in self._seen.find(mac))

    def _bytes_erased(self, member: str) -> bool:
        """Say whether the file in which a member lies is, byte for byte, one that was erased."""
        file = self._tree.file_of(member)
        if file is None:
            return False
        if file not in self._files:
            self._files[file] = self._digest_erased(lambda: open_file(file))
        return self._files[file]

    def _digest_erased(self, opener: Callable[[], BinaryIO]) -> bool:
        try:
            digest = measure(opener).sha256
        except UnreadableInput:
            return False  # it is asked for again when it is captured, and counted there
        return self._was_erased("capture", [self._seen.secret.capture_id(digest)])

    def apply(self, reading: Reading) -> Reading:
        """Give a reading without what was erased."""
        if not self.needed or not isinstance(reading, UnitRead):
            return reading
        accounts = tuple(one for one in reading.accounts if not self._account_erased(one))
        self.accounts += len(reading.accounts) - len(accounts)
        if reading.accounts and not (reading.items or accounts or reading.threads):
            return UnitExcluded(reading.member, REASON)
        reading = replace(reading, accounts=accounts)
        why = [self.why(item, reading) for item in reading.items]
        kept = tuple(item for item, reason in zip(reading.items, why, strict=True) if reason is None)
        if len(kept) == len(reading.items):
            return reading
        reasons = [reason for reason in why if reason is not None]
        self.counts.update(reasons)
        if not kept:
            return UnitExcluded(reading.member, reasons[0])
        return replace(reading, items=kept)

    def members(self, readings: Iterable[Reading]) -> set[str]:
        """Give the members in which erased items lie: the files that hold them are not kept whole."""
        return {
            reading.member
            for reading in readings
            if isinstance(reading, UnitRead)
            and (
                any(self.why(item, reading) is not None for item in reading.items)
                or any(map(self._account_erased, reading.accounts))
            )
        }

    def told(self) -> Iterator[str]:
        """Say what was left out, in words and numbers."""
        yield from (f"{count} items: {reason}" for reason, count in self.counts.items())
        if self.accounts:
            yield f"{self.accounts} descriptions of accounts: {REASON}"

    def asked(self) -> Iterator[str]:
        """Ask a person about what nobody here can know."""
        if count := self.counts[ONCE]:
            yield (
                f"{count} items have the id that something erased had by an older version of this reader, and that "
                "others may have had too. They were not taken in; --take-alike takes them, if you know them to be "
                "others"
            )
        if count := self.counts[ALIKE]:
            yield (
                f"{count} items say exactly what something erased said, and nothing tells whether they are the same "
                "messages, from another phone or mailbox, or others. They were not taken in; --take-alike takes them, "
                "if you know them to be others"
            )


def _views(item: Item) -> Iterator[Key]:
    """Give the accounts whose view of an item may be known: its own, one of which nobody said whose it is, and
    those of all who take part."""
    yield from (item.via, unknown_via(item.via.channel))
    for actor in (item.author, *(recipient.actor for recipient in item.recipients)):
        if actor is not None and actor.account is not None:
            yield actor.account


def views_taken_in(session: Session) -> Sequence[Key] | None:
    """Give the accounts whose view of anything was taken in, also of what was erased since; None where this host cannot
    read the catalogue.

    Reports of before name no views, but tell whose an input was said to be.
    """
    if not session.keys.opens("content"):
        return None
    views = dict.fromkeys(session.catalogue.views())
    for report in session.catalogue.runs():
        mine = dict(report.asked).get("mine", "").strip()
        channels = {count.channel for count in report.files if count.channel and mine}
        views |= dict.fromkeys((*report.views, *(Key(channel=one, scope="", id=mine) for one in channels)))
    return tuple(views)
