"""Which items tell of the same thing: a post, its other looks and readings, its edits, reactions, receipts."""

from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

ABOUT = "of"
"""The relation of an event to what it happened to."""


@dataclass(slots=True)
class Things:
    """What each item is, and what it is about; kept as short numbers, sixteen bytes an item and a relation."""

    _items: "array[int]" = field(default_factory=lambda: array("q"))
    _keys: "array[int]" = field(default_factory=lambda: array("q"))
    """Beside each of ``_items`` the hash of its key, or of the key of what it is about."""

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
        waiting, met = set(items), set[int]()
        of_key: dict[int, set[int]] = {}
        while waiting:
            met |= waiting
            keys = {key for item, key in self._pairs() if item in waiting} - of_key.keys()
            for item, key in self._pairs() if keys else ():
                if key in keys:
                    of_key.setdefault(key, set()).add(item)
            waiting = {item for key in keys for item in of_key[key]} - met
        return joined(of_key.values())

    def _pairs(self) -> Iterator[tuple[int, int]]:
        return zip(self._items, self._keys, strict=True)


def joined(sets: Iterable[set[int]]) -> list[frozenset[int]]:
    """Give sets that share a member as one."""
    owner: dict[int, set[int]] = {}
    for members in sets:
        whole = set(members)
        for other in {id(owner[index]): owner[index] for index in members if index in owner}.values():
            whole |= other
        for index in whole:
            owner[index] = whole
    return sorted({frozenset(whole) for whole in owner.values()}, key=min)
