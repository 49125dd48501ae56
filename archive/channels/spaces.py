"""Spaces of ids: programs that each company or board runs for itself all number from 1, so a number alone is nobody's.

A reader that did not tell them apart once says here how it called an item then.
"""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from archive.reading.tree import Member
from archive.reading.units import Former
from schemas.item import Item, Key

_PIECE = 1 << 20
_OVERLAP = 512


def spaceless(item: Item) -> Item:
    """Give an item as it was called before keys of its channel had a space: all of them stood in one."""
    return respaced(item, lambda _: "")


def by_number(space: str, item: Item) -> Item:
    """Give an item as it was called when a number in a space was enough: scopes there go on with more by now."""
    return respaced(item, lambda scope: space if scope.startswith(f"{space} ") else scope)


def numbered_once(key: Key) -> Former:
    """Say that a thing was called by its number alone, as others may have been."""
    return Former(key.model_copy(update={"scope": ""}), own=False, then=spaceless)


def respaced(item: Item, then: Callable[[str], str]) -> Item:
    """Give an item as it was called when the scopes of its channel were other ones."""
    told = {name: _respaced(value, item.key.channel, then) for name, value in item.model_dump().items()}
    return Item.model_validate(told)


def _respaced(value: Any, channel: str, then: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        inner = {name: _respaced(one, channel, then) for name, one in value.items()}
        is_key = inner.keys() == {"channel", "scope", "id", "derived"} and inner["channel"] == channel
        return {**inner, "scope": then(inner["scope"])} if is_key else inner
    return tuple(_respaced(one, channel, then) for one in value) if isinstance(value, list | tuple) else value


def host_in(member: Member, named: re.Pattern[bytes]) -> str:
    """Give the host that a file names most often, by the groups of a pattern; "" for none."""
    found: Counter[str] = Counter()
    rest = b""
    with member.open() as stream:
        while piece := stream.read(_PIECE):
            text, last = rest + piece.replace(b"\\/", b"/"), 0
            for match in named.finditer(text):
                host = next(group for group in match.groups() if group)
                found[host.decode("ascii", "replace").lower().removeprefix("www.")] += 1
                last = match.end()
            rest = text[max(last, len(text) - _OVERLAP) :]
    return min(found, key=lambda name: (-found[name], name), default="")


class Hosts:
    """The hosts that the files of an input name; a file that names none is of the only one that lies beside it."""

    def __init__(self, members: Callable[[], dict[Member, re.Pattern[bytes]]]) -> None:
        """``members``: the files that may name one, and how; asked for once, where it is needed."""
        self._members = members
        self._found: dict[str, str] | None = None

    def of(self, member: Member) -> str:
        """Give the host of a file; "" where nothing tells."""
        if self._found is None:
            self._found = {one.path: host_in(one, named) for one, named in self._members().items()}
        named = {host for host in self._found.values() if host}
        return self._found.get(member.path) or (next(iter(named)) if len(named) == 1 else "")
