"""Which records tell of the same thing: read from the ledger itself, never from a projection.

Everything is kept as short numbers, so that a million items take some fifty megabytes.
"""

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from archive.core.facets import read_lines
from archive.core.seen import is_telling
from archive.errors import FormatError, NotOpened
from archive.keeping.conversations import Conversations
from archive.keeping.things import ABOUT, joined
from archive.ledger.opening import Opener
from archive.services.session import Session
from schemas.capture import RunReport, Sighting
from schemas.item import READ_AGAIN_BY, Key
from schemas.matter import Scope

QUOTING = ("reply", "root", "quote", "share", "forward")


@dataclass(frozen=True, slots=True)
class UnreadPart:
    """Bytes of a capture that no item tells of: nobody can say whether a hold wants them."""

    channel: str | None
    record: int
    """Of the run that counted them."""


class Relations:
    """The relations between items, captures and sightings of the records [0, ``size``)."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._opener: Opener = session.opener("content", "matter", "oversight")
        self._begin()

    def _begin(self) -> None:
        self.size = 0
        self._erasures = len(self._session.ledger.state.erasures)
        self.unreadable: set[int] = set()
        """Items and captures that cannot be opened, though nothing orders them gone."""
        self.conversations = Conversations()
        self._items = array("q")
        self._keys = array("q")
        self._containers = array("q")
        self._threads = array("q")
        self._described: dict[int, list[int]] = defaultdict(list)
        """Hash of the key of a thread → records that describe it."""
        self._about: dict[int, list[int]] = defaultdict(list)
        """Hash of a key → records of events on it."""
        self._once: dict[int, set[int]] = defaultdict(set)
        """Hash of a key → hashes of those that older versions of a reader gave to the same thing."""
        self._quoting: dict[int, list[int]] = defaultdict(list)
        """Hash of a key, or of channel and id where the platform tells no more → items that answer or quote it."""
        self._names = array("q")
        """Of each item the hash of its channel and id, as others name it."""
        self._words = array("q")
        """Of each item the hash of its words; 0 where they are too few to tell it from others."""
        self._attached: dict[int, list[int]] = defaultdict(list)
        """Hash of a capture id → items with it as an attachment."""
        self._captures: dict[int, list[int]] = defaultdict(list)
        """Hash of a capture id → records that hold it."""
        self._copies: dict[int, list[int]] = defaultdict(list)
        """Hash of the id of a capture that is kept as slices → records that hold a copy of it, as it was read."""
        self._seen_in: dict[int, set[int]] = defaultdict(set)
        """Item → hashes of the captures that showed it again."""
        self._shows: dict[int, set[int]] = defaultdict(set)
        """Hash of a capture id → items that it showed again."""
        self._unread: dict[int, list[UnreadPart]] = defaultdict(list)
        self._accounts: dict[int, list[int]] = defaultdict(list)
        self._described_in: dict[int, set[int]] = {}
        """Description of an account → hashes of the captures in which it came."""

    def follow(self, end: int) -> None:
        """Read the records up to ``end``, which must be in the ledger.

        Raises:
            StoreError: a record could not be had; nothing may be decided without it.
        """
        ledger = self._session.ledger
        if len(ledger.state.erasures) != self._erasures:
            self._begin()  # what is ordered gone meanwhile is no candidate any more
        for index in range(self.size, end):
            leaf = ledger.leaf(index)
            if leaf.kind == "run":
                self._run(index)
            elif leaf.record_class == "content":
                self._content(index, leaf.kind)
            if index % 5000 == 0:
                self._session.progress("reading the ledger", index, end)
        self.size = max(self.size, end)

    def _content(self, index: int, kind: str) -> None:
        if self._session.ledger.state.erasure_of(index) is not None:
            return
        try:
            if kind == "sighting":
                body = self._opener.body(index)
                if isinstance(body, Sighting):
                    self._sighting(body)
                return
            values = read_lines(self._opener.lines(index)[0])
            if kind == "item":
                self._item(index, values)
            elif kind == "thread":
                self._thread(index, values["extra"])
            elif kind == "account":
                self._accounts[_of(values["extra"]["key"])].append(index)
                self._described_in[index] = {hash((values["raw"] or {}).get("capture") or "")}
                self.conversations.take_account(values["extra"])
            elif (kept := values["extra"]["kept"]) == "whole":
                self._captures[hash(values["extra"]["id"])].append(index)
            elif kept == "masked":
                self._copies[hash(values["extra"]["inside"])].append(index)
        except NotOpened as error:
            if error.state == "no_key":
                raise
        except (FormatError, KeyError, TypeError, AttributeError):
            # Damaged, or of a later version: nobody can say what it is, so it counts as held.
            self.unreadable.add(index)

    def _thread(self, index: int, extra: dict[str, Any]) -> None:
        self._described[_of(extra["key"])].append(index)
        self.conversations.take_thread(extra)

    def _item(self, index: int, values: dict[str, Any]) -> None:
        raw, what = values["raw"] or {}, values["what"]
        key, thread = _of(what["key"]), _of(what["thread"])
        self.conversations.take_item(index, self._session.ledger.leaf(index).time, values)
        self._items.append(index)
        self._threads.append(thread)
        self._keys.append(key)
        self._names.append(_name(what["key"]["channel"], what["key"]["id"]))
        self._words.append(_words(values["title"], values["text"]))
        self._containers.append(hash(raw.get("capture") or ""))
        for target in values["targets"] or ():
            if target.get("key"):
                place = self._about if target["relation"] == ABOUT else self._quoting
                place[_of(target["key"])].append(index)
                if target["relation"] == ABOUT and _was_read_again(values["extra"]):
                    self._once[key].add(_of(target["key"]))
            elif target["relation"] != ABOUT and target.get("written_id"):
                self._quoting[_name(what["key"]["channel"], target["written_id"])].append(index)
        for one in values["attachments"] or ():
            if one.get("capture"):
                self._attached[hash(one["capture"])].append(index)

    def _sighting(self, body: Sighting) -> None:
        capture = hash(body.capture)
        for record, _, _ in body.ranges:
            if (described := self._described_in.get(record)) is not None:
                described.add(capture)
            else:
                self._seen_in[record].add(capture)
                self._shows[capture].add(record)

    def _run(self, index: int) -> None:
        if self._session.ledger.state.erasure_of(index) is not None:
            return
        body = self._opener.body(index)
        if isinstance(body, RunReport):
            for count in body.files:
                if count.capture and (count.failed or count.problem or not count.units):
                    self._unread[hash(count.capture)].append(UnreadPart(count.channel, index))

    # Asking

    def is_item(self, index: int) -> bool:
        """Say whether a record is an item that could be opened."""
        return self._place(index) is not None

    def _place(self, index: int) -> int | None:
        at = bisect_left(self._items, index)
        return at if at < len(self._items) and self._items[at] == index else None

    def things(self, indexes: Iterable[int]) -> list[frozenset[int]]:
        """Give these items, each with all that is said of the same thing, as sets without overlap.

        That is: other accounts' views of it, other readings, edits, deletions, reactions.
        """
        waiting, keys = self._keys_of(indexes), set[int]()
        while waiting:
            keys |= waiting
            on_these = (index for key in waiting for index in self._about.get(key, ()))
            once = {older for key in waiting for older in self._once.get(key, ())}
            waiting = (self._keys_of(on_these) | once) - keys
        of_key = {key: set(self._about.get(key, ())) for key in keys}
        for place, key in enumerate(self._keys):  # once, whatever is an edit of an edit
            if key in of_key:
                of_key[key].add(self._items[place])
        return joined(of_key.values())

    def _keys_of(self, indexes: Iterable[int]) -> set[int]:
        return {self._keys[place] for index in indexes if (place := self._place(index)) is not None}

    def containers(self, records: Iterable[int]) -> set[int]:
        """Give the captures (hashes of their ids) in which these items, or descriptions of accounts, lie, every time
        they came."""
        return {capture for capture in self._shown_in(records) if capture in self._captures}

    def copied(self, records: Iterable[int]) -> set[int]:
        """Give such captures that are kept as slices, and of which there is a copy as they were read."""
        return {capture for capture in self._shown_in(records) if capture in self._copies}

    def holding(self, records: Iterable[int]) -> set[int]:
        """Give the records that hold these captures, whole or as copies."""
        shown = self._shown_in(records)
        return {record for capture in shown for record in self.records(capture)}

    def _shown_in(self, records: Iterable[int]) -> set[int]:
        found: set[int] = set()
        for record in records:
            if (place := self._place(record)) is not None:
                found.add(self._containers[place])
            found |= self._seen_in.get(record, set()) | self._described_in.get(record, set())
        return found

    def attachments(self, items: set[int]) -> dict[int, list[int]]:
        """Give the captures that these items have as files → all items that have them."""
        return {
            capture: having
            for capture, having in self._attached.items()
            if capture in self._captures and not items.isdisjoint(having)
        }

    def inside(self, captures: Sequence[int]) -> dict[int, set[int]]:
        """Give capture → every item of which a part lies in it."""
        wanted = set(captures)
        found: dict[int, set[int]] = {capture: set(self._shows.get(capture, ())) for capture in wanted}
        for place, capture in enumerate(self._containers):
            if capture in wanted:
                found[capture].add(self._items[place])
        for capture in wanted:
            found[capture].update(self._attached.get(capture, ()))
        return found

    def records(self, capture: int) -> list[int]:
        """Give the records that hold a capture, or a copy of it."""
        return self._captures.get(capture) or self._copies.get(capture, [])

    def unread(self, capture: int) -> list[UnreadPart]:
        """Give the parts of a capture that no item tells of."""
        return self._unread.get(capture, [])

    def quoting(self, items: set[int]) -> list[int]:
        """Give the other items that answer, quote or share one of these, and may repeat words of it."""
        places = [place for item in items if (place := self._place(item)) is not None]
        named = {self._keys[place] for place in places} | {self._names[place] for place in places}
        return sorted({i for name in named for i in self._quoting.get(name, ())} - items)

    def echoing(self, items: set[int]) -> list[int]:
        """Give the other items that say the very same: where a platform tells no ids, they may be the same thing."""
        said = {self._words[place] for item in items if (place := self._place(item)) is not None} - {0}
        return [
            one for place, one in enumerate(self._items) if self._words[place] in said and one not in items
        ]

    def emptied(self, items: set[int]) -> set[int]:
        """Give the records that describe threads of which these are the last items."""
        left: set[int] = set()
        touched: set[int] = set()
        for place, thread in enumerate(self._threads):
            (touched if self._items[place] in items else left).add(thread)
        return {index for thread in touched - left for index in self._described.get(thread, ())}

    def accounts(self, keys: Iterable[Key]) -> set[int]:
        """Give the records that describe these accounts."""
        return {index for key in keys for index in self._accounts.get(_of(key.model_dump()), ())}

    def items(self) -> Iterator[int]:
        """Give every item that could be opened."""
        return iter(self._items)


def conversations(session: Session, scopes: Iterable[Scope]) -> Conversations:
    """Give who talks where, of the whole ledger; nothing where no scope asks for people, conversations or items.

    Raises:
        StoreError: a record could not be had.
    """
    if not any(one.parties or one.accounts or one.threads or one.items for one in scopes):
        return Conversations()
    relations = Relations(session)
    relations.follow(session.ledger.state.size)
    return relations.conversations


def _name(channel: str, id_: str) -> int:
    return hash((channel, id_))


def _was_read_again(extra: Any) -> bool:
    return any(name == READ_AGAIN_BY for name, _ in (extra or {}).get("pairs", ()))


def _words(title: Any, text: Any) -> int:
    return hash((title, text)) if is_telling(title, text) else 0


def _of(key: Any) -> int:
    if not isinstance(key, dict) or not all(isinstance(key.get(n), str) for n in ("channel", "scope", "id")):
        raise FormatError("a key that cannot be compared")
    return hash((key["channel"], key["scope"], key["id"]))
