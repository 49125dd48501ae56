"""Which items tell of the same thing: a post, its other looks and readings, its edits, reactions, receipts."""

from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

ABOUT = "of"
"""The relation of an event to what it happened to."""


@dataclass(slots=True)
class Things:
    """What each item is, and what it is about; kept as short numbers, sixteen bytes an item and a relation.

    Items come in the order of their numbers."""

    _items: "array[int]" = field(default_factory=lambda: array("q"))
    _keys: "array[int]" = field(default_factory=lambda: array("q"))
    """Beside each of ``_items`` the hash of its key, or of the key of what it is about."""
    _joined: dict[int, frozenset[int]] = field(default_factory=dict)
    """Item → all that tells of the same thing, where others do; as it was when so many keys were known."""
    _joined_at: int = 0

    def take_item(self, index: int, values: Mapping[str, Any]) -> None:
        """Read the facets of an item. Raises KeyError or TypeError where they are none."""
        about = (one["key"] for one in values["targets"] or () if one["relation"] == ABOUT and one.get("key"))
        for key in (values["what"]["key"], *about):
            self._items.append(index)
            self._keys.append(hash((key["channel"], key["scope"], key["id"])))

    def wholes(self, items: Collection[int]) -> list[frozenset[int]]:
        """Give these items with all that tells of the same things, as sets without overlap.

        An edit brings what it edits, with all other edits of that. Numbers that are no items bring nothing.
        """
        if items and self._joined_at != len(self._keys):
            self._joined, self._joined_at = self._together(), len(self._keys)
        found = {self._joined.get(item, frozenset((item,))) for item in items if self._is_item(item)}
        return sorted(found, key=min)

    def _is_item(self, index: int) -> bool:
        at = bisect_left(self._items, index)
        return at < len(self._items) and self._items[at] == index

    def _together(self) -> dict[int, frozenset[int]]:
        """Join all that share a key at once: by following it from item to item, a long chain of edits of edits, or a
        post with very many reactions, would take the square of its length."""
        seen, shared = set[int](), set[int]()
        for key in self._keys:
            (shared if key in seen else seen).add(key)
        of_key: dict[int, list[int]] = {}
        for item, key in zip(self._items, self._keys, strict=True):
            if key in shared:
                of_key.setdefault(key, []).append(item)
        return {index: whole for whole in joined(of_key.values()) for index in whole}


def joined(sets: Iterable[Iterable[int]]) -> list[frozenset[int]]:
    """Give sets that share a member as one."""
    above: dict[int, int] = {}
    """Member → another of the same set, and the last of them itself."""
    for members in sets:
        first: int | None = None
        for index in members:
            above.setdefault(index, index)
            top = _top(above, index)
            first = top if first is None else first
            above[top] = first
    wholes: dict[int, set[int]] = {}
    for index in above:
        wholes.setdefault(_top(above, index), set()).add(index)
    return sorted(map(frozenset, wholes.values()), key=min)


def _top(above: dict[int, int], index: int) -> int:
    while above[index] != index:
        above[index] = index = above[above[index]]
    return index
