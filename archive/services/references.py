"""What items refer to, and ids that would tell what is withheld: an alias stands in their place."""

from collections.abc import Mapping
from dataclasses import replace

from archive.production import Cut
from archive.redaction import closed, tells_content
from schemas.item import Item, Key

Link = tuple[int, Key, tuple[tuple[Key | None, str | None], ...]]
"""An item, its key, what it refers to: a key, or an id as it is written."""


class References:
    """Knows the references of everything that is handed out."""

    def __init__(self) -> None:
        self.links: list[Link] = []
        self._first: dict[Key, int] = {}
        """Key → the first item that has it."""
        self._aliased: dict[Key | tuple[str, str], int] = {}
        """Keys that are not told (channel and id, where others name it without a key) → an item that has it."""

    def add(self, index: int, item: Item) -> None:
        """Take in an item, in order."""
        self._first.setdefault(item.key, index)
        if item.targets:
            self.links.append((index, item.key, tuple((one.key, one.written_id) for one in item.targets)))

    def unguessed(self, item: Item, cut: Cut) -> Cut:
        """Withhold an id that tells what is withheld: a hash of it, or, on many platforms, the time."""
        key, first = item.key, self._first[item.key]
        if "time" in cut.facets:
            self._aliased.setdefault((key.channel, key.id), first)
        elif not tells_content(key):
            return cut
        self._aliased.setdefault(key, first)
        return replace(cut, facets=cut.facets | {"what"}, alias=f"record {first}")

    def cuts(self, found: Mapping[int, Cut]) -> dict[int, Cut]:
        """Give item → its cut, of all that refer to such an id."""
        more = {}
        for index, own, targets in self.links:
            named = (key or (own.channel, written or "") for key, written in targets)
            sources = [self._aliased[one] for one in named if one in self._aliased]
            if sources:
                before = found.get(index, Cut(follows=sources[0]))
                more[index] = closed(replace(before, facets=before.facets | {"targets"}))
        return more
