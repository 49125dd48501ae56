"""Who takes part in which conversation: for what was said to somebody without telling to whom.

Many exports name no recipients: a chat is a file with two names in it. What the one wrote went to the other all the
same, and a hold on the other must keep it. So a conversation is whole: where somebody wrote, was written to, reacted
or is named as a member, everything said there may concern them. A wall, a mailbox, a feed or the reviews of a place
are no conversations; there, it is what somebody answered, and what was answered to them or to the same thing.

In doubt an item is reached: equal ids of two workspaces are one here, and a thread of unknown kind is a conversation.
Kept as short numbers, some forty bytes an item.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from archive.reading.decoding import same_name
from schemas.item import Item

PLACES = frozenset({"wall", "location", "feed", "mailbox", "folder"})
"""Kinds of threads in which people stand beside each other, rather than talk with each other."""
TOLD = frozenset({"to", "cc", "bcc"})

Named = tuple[str | None, str | None, str | None, str | None]
"""Name as written, handle, channel and id of the account: as one item names somebody."""


def names(named: Named) -> Iterator[str]:
    """Give everything by which somebody may be named in a scope, as ``same_name`` gives it."""
    written, handle, channel, account = named
    yield from (same_name(name) for name in (written, handle, account) if name)
    if channel and account:
        yield same_name(with_channel(channel, account))


def with_channel(channel: str, account: str) -> str:
    """Give an account as ``party add`` takes it."""
    return f"{channel}:{account}"


@dataclass(frozen=True, slots=True)
class Reach:
    """The conversations of somebody, and the things that they said, answered or reacted to."""

    names: frozenset[str] = frozenset()
    threads: frozenset[int] = frozenset()
    met: frozenset[int] = frozenset()

    def covers(self, item: Item) -> bool:
        """Say whether an item may have been said to them, or in answer to what they met."""
        if same_name(item.thread.id) in self.names:
            return True
        mail = item.form == "mail" and any(one.role in TOLD for one in item.recipients)
        if not mail and hash(item.thread.place) in self.threads:
            return True
        channel = item.key.channel
        about = [one.key.id if one.key else one.written_id for one in item.targets]
        return any(_thing(channel, id_) in self.met for id_ in (item.key.id, *about) if id_)


@dataclass(slots=True)
class Conversations:
    """What the items and descriptions of threads tell of who talks where."""

    titles: dict[str, set[tuple[str, str, str]]] = field(default_factory=lambda: defaultdict(set))
    """Title of a thread, as ``same_name`` gives it → the threads that bear it, by channel, scope and id."""
    _cast: dict[Named, int] = field(default_factory=dict)
    _present: dict[int, "array[int]"] = field(default_factory=lambda: defaultdict(lambda: array("q")))
    """One of the cast → threads in which they are, nearly each once."""
    _met: dict[int, "array[int]"] = field(default_factory=lambda: defaultdict(lambda: array("q")))
    """One of the cast → what they said, and what that is about."""
    _talks: set[int] = field(default_factory=set)
    _places: set[int] = field(default_factory=set)

    def take_thread(self, extra: Mapping[str, Any]) -> None:
        """Read the description of a thread. Raises KeyError, TypeError or AttributeError where it is none."""
        key, thread = extra["key"], _thread(extra["key"])
        (self._places if extra.get("kind") in PLACES else self._talks).add(thread)
        if extra.get("title"):
            self.titles[same_name(str(extra["title"]))].add((key["channel"], key["scope"], key["id"]))
        for one in extra.get("participants") or ():
            self._enter(self._number(one), thread)

    def take_item(self, values: Mapping[str, Any]) -> None:
        """Read the facets of an item. Raises KeyError, TypeError or AttributeError where they are none."""
        what = values["what"]
        channel, thread = what["key"]["channel"], _thread(what["thread"])
        things = [_thing(channel, id_) for id_ in (what["key"]["id"], *_targets(values)) if _text(id_)]
        reactions = (values["reactions"] or {}).get("reactions") or ()
        reacting = [one for reaction in reactions for one in reaction.get("actors") or ()]
        for one in [values["author"], *reacting] if values["author"] else reacting:
            number = self._number(one)
            self._enter(number, thread)
            self._met[number].extend(things)
        for one in values["recipients"] or ():
            self._enter(self._number(one["actor"]), thread)

    def _number(self, actor: Mapping[str, Any]) -> int:
        account = actor.get("account") or {}
        named = (actor.get("written"), actor.get("handle"), account.get("channel"), account.get("id"))
        written, handle, channel, id_ = map(_text, named)
        return self._cast.setdefault((written, handle, channel, id_), len(self._cast))

    def _enter(self, number: int, thread: int) -> None:
        threads = self._present[number]
        if not threads or threads[-1] != thread:
            threads.append(thread)

    def of(self, wanted: Set[str]) -> Reach:
        """Give the conversations of everybody who is named by one of these names, as ``same_name`` gives them."""
        if not wanted:
            return Reach()
        chosen = [number for named, number in self._cast.items() if not wanted.isdisjoint(names(named))]
        threads = {thread for number in chosen for thread in self._present.get(number, ())}
        # A chat is often called after the one with whom it is, who may never have answered.
        threads |= {hash(key) for name in wanted for key in self.titles.get(name, ())}
        met = frozenset(thing for number in chosen for thing in self._met.get(number, ()))
        return Reach(frozenset(wanted), frozenset(threads - (self._places - self._talks)), met)

    def titled(self, titles: Iterable[str]) -> list[str]:
        """Give the ids of the threads that bear one of these titles."""
        return [id_ for name in titles for _, _, id_ in self.titles.get(same_name(name), ())]


def _targets(values: Mapping[str, Any]) -> Iterator[Any]:
    for one in values["targets"] or ():
        yield one["key"]["id"] if one.get("key") else one.get("written_id")


def _text(value: Any) -> str | None:
    """Give a name or id; None where there is none, or one so long that it stands elsewhere in the record."""
    return value if isinstance(value, str) else None


def _thread(key: Mapping[str, Any]) -> int:
    return hash((key["channel"], key["scope"], key["id"]))


def _thing(channel: str, id_: str) -> int:
    return hash((channel, id_))
