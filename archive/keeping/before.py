"""What conversations were called before: a newer version of a reader may give the same one another id.

A hold placed under the id of then must keep what is said later; one under the id of now what was said before.
Items tell the first themselves (``Item.thread_before``). The second is told by those of now: what an older version read
into a conversation of then may have been said in this one, unless it was read again, which tells where.
"""

from collections import defaultdict
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from archive.reading.decoding import same_name
from schemas.item import READ_AGAIN_BY, THREAD_BEFORE, Item


@dataclass(slots=True)
class Before:
    """The former ids of conversations, and where what was read again was said."""

    _once: dict[tuple[str, str], dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    """Channel and former id → ids of now, and by which version of the reader they were first told."""
    _again: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    """What was read again (who it was, its words and time) → the ids under which it stands now."""

    def take_item(self, values: Mapping[str, Any]) -> None:
        """Read the facets of an item. Raises KeyError, TypeError or AttributeError where they are none."""
        what = values["what"]
        told = dict((values["extra"] or {}).get("pairs", ()))
        now = same_name(what["thread"]["id"])
        if THREAD_BEFORE in told:
            called = self._once[what["key"]["channel"], same_name(told[THREAD_BEFORE])]
            called[now] = min(_version(what["parser"]), called.get(now, _version(what["parser"])))
        if READ_AGAIN_BY in told:
            for one in values["targets"] or ():
                if one["relation"] == "of" and one.get("key"):
                    self._again[
                        _said(one["key"], values.get("title"), values.get("text"), values["time"])
                    ].add(now)

    def called_now(self, item: Item) -> Set[str]:
        """Give the ids, in plain form, that the conversation of an item has now, or may have."""
        found = {same_name(name) for name in (item.thread.id, item.thread_before) if name}
        if not self._once:
            return found
        called = self._once.get((item.key.channel, same_name(item.thread.id)), {})
        version = _version(item.parser)
        perhaps = {now for now, since in called.items() if version < since}
        if perhaps:
            time = item.time.model_dump() if item.time else None
            found |= self._again.get(_said(item.key.model_dump(), item.title, item.text, time)) or perhaps
        return found


def _version(parser: str) -> int:
    """Give the version of a reader (``name/2``); one that cannot be read counts as the oldest."""
    number = parser.rpartition("/")[2]
    return int(number) if number.isdecimal() and number.isascii() else 0


def _said(key: Mapping[str, Any], title: Any, text: Any, time: Any) -> int:
    utc = time.get("utc") if isinstance(time, Mapping) else None
    words = tuple(one if isinstance(one, str) else None for one in (title, text))
    return hash((key["channel"], key["scope"], key["id"], *words, utc))
