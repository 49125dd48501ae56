"""Who takes part in which conversation: for what was said to somebody without telling to whom.

Many exports name no recipients: a chat is a file with two names in it. What the one wrote went to the other all the
same, and a hold on the other must keep it. So a conversation is whole: where somebody wrote, was written to, reacted
or is named as a member, everything said there may concern them. A wall, a mailbox, a feed or the reviews of a place
are no conversations; there, it is what somebody answered, and what was answered to them or to the same thing.

In doubt an item is reached: equal ids of two workspaces are one here, and a thread of unknown kind is a conversation.
One account may bear several names; in mail each mail bears its own, for what sends on behalf of many has one address.

What alone shows that somebody is in a conversation is a *sign*: were it lost, nobody could say any more that the rest
concerns them, and a hold would end with it. Kept as short numbers, some hundred bytes an item.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from archive.keeping.before import Before
from archive.keeping.called import Named, names, plain, with_channel
from archive.keeping.things import Things
from archive.query.document import seconds
from schemas.item import THREAD_BEFORE, Item

PLACES = frozenset({"wall", "location", "feed", "mailbox", "folder"})
"""Kinds of threads in which people stand beside each other, rather than talk with each other."""
TOLD = frozenset({"to", "cc", "bcc"})
UNKNOWN = "unknown"
"""Of the account whose view an export shows, where nobody said whose it is."""
NO_SIGN = -1
"""In place of an item: a description, or a mail that is judged by whom it names, shows it too."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The conversations of somebody, and the things that they said, answered or reacted to."""

    names: frozenset[str] = frozenset()
    """By which they were asked for, and their accounts, as ``with_channel`` gives them."""
    threads: frozenset[int] = frozenset()
    met: frozenset[int] = frozenset()
    signs: Mapping[int, int] = field(default_factory=dict)
    """Item that alone shows that they are in a conversation → the last moment there, in Unix seconds."""

    def covers(self, item: Item) -> bool:
        """Say whether an item may have been said to them, or in answer to what they met."""
        if plain(item.thread.id) in self.names:
            return True
        if not _told(item.form, (one.role for one in item.recipients)) and not self.threads.isdisjoint(
            _threads(item)
        ):
            return True
        channel = item.key.channel
        about = [one.key.id if one.key else one.written_id for one in item.targets]
        return any(_thing(channel, id_) in self.met for id_ in (item.key.id, *about) if id_)

    def shown_by(self, index: int, item: Item) -> int | None:
        """Give the last moment of a conversation in which this item alone shows them; None if it is no such sign."""
        return None if plain(item.thread.id) in self.names else self.signs.get(index)


@dataclass(slots=True)
class Conversations:
    """What the items and descriptions of threads and accounts tell of who talks where."""

    titles: dict[str, set[tuple[str, str, str]]] = field(default_factory=lambda: defaultdict(set))
    """Title of a thread, as ``plain`` gives it → the threads that bear it, by channel, scope and id."""
    _cast: dict[Named, int] = field(default_factory=dict)
    _described: set[int] = field(default_factory=set)
    """Those of the cast of whom a description of an account tells."""
    _present: dict[int, "array[int]"] = field(default_factory=lambda: defaultdict(lambda: array("q")))
    """One of the cast → pairs of a thread in which they are, nearly each once, and the item that shows it first."""
    _met: dict[int, "array[int]"] = field(default_factory=lambda: defaultdict(lambda: array("q")))
    """One of the cast → triples of what they said or what that is about, the item that shows it, and its thread."""
    _answered: "array[int]" = field(default_factory=lambda: array("q"))
    """What items are about."""
    _last: dict[int, int] = field(default_factory=dict)
    """Thread → its last moment."""
    _talks: set[int] = field(default_factory=set)
    _places: set[int] = field(default_factory=set)
    _posted: set[str] = field(default_factory=set)
    """Channels of mail."""
    before: Before = field(default_factory=Before)
    """What they were called by older versions of a reader."""
    things: Things = field(default_factory=Things)
    """Which items tell of the same thing."""

    def take_account(self, extra: Mapping[str, Any]) -> None:
        """Read the description of an account. Raises KeyError, TypeError or AttributeError where it is none."""
        for name in (extra.get("name"), extra.get("address"), *(extra.get("also") or ())):
            named = {"written": name, "handle": extra.get("handle"), "account": extra["key"]}
            self._described.add(self._number(named))

    def take_thread(self, extra: Mapping[str, Any]) -> None:
        """Read the description of a thread. Raises KeyError, TypeError or AttributeError where it is none."""
        key, thread = extra["key"], _thread(extra["key"])
        (self._places if extra.get("kind") in PLACES else self._talks).add(thread)
        if extra.get("title"):
            self.titles[plain(str(extra["title"]))].add((key["channel"], key["scope"], key["id"]))
        for one in extra.get("participants") or ():
            self._enter_all(one, thread, NO_SIGN)

    def take_item(self, index: int, sealed: int, values: Mapping[str, Any]) -> None:
        """Read the facets of an item. Raises KeyError, TypeError or AttributeError where they are none."""
        what, recipients = values["what"], values["recipients"] or ()
        channel, thread = what["key"]["channel"], _thread(what["thread"])
        if what["form"] == "mail":
            self._posted.add(channel)
        told = _told(what["form"], (one["role"] for one in recipients))
        about = [_thing(channel, id_) for id_ in _targets(values) if _text(id_)]
        self._answered.extend(about)
        self.before.take_item(values)
        self.things.take_item(index, values)
        moment, once = _moment(values["time"], sealed), _once(what["thread"], values["extra"])
        for one in (thread, once) if once is not None else (thread,):
            self._last[one] = max(self._last.get(one, 0), moment)
        sign = NO_SIGN if told else index
        reactions = (values["reactions"] or {}).get("reactions") or ()
        reacting = [one for reaction in reactions for one in reaction.get("actors") or ()]
        for one in [values["author"], *reacting] if values["author"] else reacting:
            number = self._enter_all(one, thread, sign)
            for thing in (_thing(channel, what["key"]["id"]), *about):
                self._met[number].extend((thing, sign, thread))
        for one in recipients:
            self._enter_all(one["actor"], thread, sign)
        if what["via"]["id"] != UNKNOWN:
            self._enter(self._number({"account": what["via"]}), thread, sign)

    def _enter_all(self, actor: Mapping[str, Any], thread: int, sign: int) -> int:
        """Enter somebody under each of their names; give the number of the first, under which they act."""
        number = self._number(actor)
        self._enter(number, thread, sign)
        for name in actor.get("also") or ():
            self._enter(self._number({**actor, "written": name}), thread, sign)
        return number

    def _number(self, actor: Mapping[str, Any]) -> int:
        account = actor.get("account") or {}
        named = (actor.get("written"), actor.get("handle"), account.get("channel"), account.get("id"))
        written, handle, channel, id_ = map(_text, named)
        return self._cast.setdefault((written, handle, channel, id_), len(self._cast))

    def _enter(self, number: int, thread: int, sign: int) -> None:
        present = self._present[number]
        if not present or present[-2] != thread or (sign == NO_SIGN and present[-1] != NO_SIGN):
            present.extend((thread, sign))

    def of(self, wanted: Set[str]) -> Reach:
        """Give the conversations of everybody who is named by one of these names, as ``plain`` gives them."""
        if not wanted:
            return Reach()
        accounts = {
            named[2:]
            for named in self._cast
            if all(named[2:]) and named[2] not in self._posted and not wanted.isdisjoint(names(named))
        }
        chosen = [
            number
            for named, number in self._cast.items()
            if named[2:] in accounts or not wanted.isdisjoint(names(named))
        ]
        places = self._places - self._talks
        # A chat is often called after the one with whom it is, who may never have answered.
        shown = dict.fromkeys((hash(key) for name in wanted for key in self.titles.get(name, ())), NO_SIGN)
        for number in chosen:
            present = self._present.get(number, ())
            for thread, sign in zip(present[::2], present[1::2], strict=True):
                shown[thread] = min(sign, shown.get(thread, sign))
        met = [self._met[number] for number in chosen if number in self._met]
        return Reach(
            names=frozenset(wanted | {plain(with_channel(str(one), str(id_))) for one, id_ in accounts}),
            threads=frozenset(shown.keys() - places),
            met=frozenset(thing for things in met for thing in things[::3]),
            signs=self._signs(shown, met, places, self._naming(wanted, accounts)),
        )

    def _naming(self, wanted: Set[str], accounts: Set[tuple[str | None, str | None]]) -> list[int]:
        """Give the items that alone show that an account bears one of these names."""
        first: dict[tuple[str | None, str | None], int] = {}
        for named, number in self._cast.items():
            account = named[2:]
            if account not in accounts or not wanted.isdisjoint(names((None, None, *account))):
                continue
            if not wanted.isdisjoint(names(named)):
                told = number in self._described or number not in self._present
                shows = NO_SIGN if told else min(self._present[number][1::2])
                first[account] = min(shows, first.get(account, shows))
        return [sign for sign in first.values() if sign != NO_SIGN]

    def _signs(
        self, shown: Mapping[int, int], met: Iterable["array[int]"], places: Set[int], naming: Iterable[int]
    ) -> dict[int, int]:
        """Give the items on which it hangs that somebody is in a conversation, or that an answer concerns them."""
        signs: dict[int, int] = {}
        first: dict[int, tuple[int, int]] = {}
        for things in met:
            for thing, sign, thread in zip(things[::3], things[1::3], things[2::3], strict=True):
                if thread in places:
                    first[thing] = min((sign, thread), first.get(thing, (sign, thread)))
        answered = first.keys() & set(self._answered)
        hanging = [(sign, thread) for thread, sign in shown.items() if thread not in places]
        for sign, thread in (*hanging, *(first[thing] for thing in answered)):
            if sign != NO_SIGN:
                signs[sign] = max(signs.get(sign, 0), self._last[thread])
        # All that hangs on an account hangs on what shows that it is called so.
        signs.update(dict.fromkeys(naming, max((self._last.get(thread, 0) for thread in shown), default=0)))
        return signs

    def titled(self, titles: Iterable[str]) -> list[str]:
        """Give the ids of the threads that bear one of these titles."""
        return [id_ for name in titles for _, _, id_ in self.titles.get(plain(name), ())]


def _told(form: str, roles: Iterable[str]) -> bool:
    """Say whether it is a mail that names to whom it goes: then nobody else need be meant."""
    return form == "mail" and not TOLD.isdisjoint(roles)


def _moment(time: Any, sealed: int) -> int:
    """Give when something was said, in Unix seconds; where that is unknown, or lies after the sealing, the sealing."""
    utc = time.get("utc") if isinstance(time, dict) else None
    moment = seconds(utc) if isinstance(utc, str) else None
    return sealed if moment is None else min(sealed, moment)


def _targets(values: Mapping[str, Any]) -> Iterator[Any]:
    for one in values["targets"] or ():
        yield one["key"]["id"] if one.get("key") else one.get("written_id")


def _text(value: Any) -> str | None:
    """Give a name or id; None where there is none, or one so long that it stands elsewhere in the record."""
    return value if isinstance(value, str) else None


def _thread(key: Mapping[str, Any]) -> int:
    return hash((key["channel"], key["scope"], key["id"]))


def _once(key: Mapping[str, Any], extra: Any) -> int | None:
    """Give the thread as an older version of the reader called it; None where it is called so still."""
    before = dict((extra or {}).get("pairs", ())).get(THREAD_BEFORE)
    return None if before is None else _thread({**key, "id": before})


def _threads(item: Item) -> list[int]:
    """Give the thread of an item as it is called, and as it was called before: whoever was there then is there now."""
    before = item.thread_before
    called = [item.thread] if before is None else [item.thread, item.thread.model_copy(update={"id": before})]
    return [hash(key.place) for key in called]


def _thing(channel: str, id_: str) -> int:
    return hash((channel, id_))
