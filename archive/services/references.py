"""What items refer to, and ids and digests that would tell what is withheld. An alias stands in the place of such an
id; the bytes of who names a digest go along."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from archive.production import Cut
from archive.redaction import ALONG, both, closed, tells_content, texts_of
from schemas.item import Item, Key

Link = tuple[int, Key, tuple[tuple[Key | None, str | None], ...]]
"""An item, its key, what it refers to: a key, or an id as it is written."""

CID = "baf"
_DIGEST = re.compile(r"\bsha(?:1|256|512):[A-Za-z0-9+/=]{27,}|baf[a-z2-7]{56}")
"""As WARC writes digests, and as atproto does (CID): whoever tries all words that come into question finds the ones."""


class References:
    """Knows the references of everything that is handed out."""

    def __init__(self) -> None:
        self.links: list[Link] = []
        self._first: dict[Key, int] = {}
        """Key → the first item that has it."""
        self._aliased: dict[Key | tuple[str, str], int] = {}
        """Keys that are not told (channel and id, where others name it without a key) → an item that has it."""
        self._naming: dict[int, tuple[Key, frozenset[Key | str]]] = {}
        """Item → its key, and what its bytes may name by a digest: what it refers to, and the digests of WARC."""
        self._hidden: dict[Key | str, int] = {}
        """Key or digest of what is shown in part → an item that has it."""

    def add(self, index: int, item: Item) -> None:
        """Take in an item, in order."""
        self._first.setdefault(item.key, index)
        if item.targets:
            self.links.append((index, item.key, tuple((one.key, one.written_id) for one in item.targets)))

    def look(self, index: int, item: Item) -> None:
        """Look for digests in the bytes of an item that is handed out."""
        if digests := _digests(item):
            keys = (one.key for one in item.targets if one.key is not None)
            self._naming[index] = item.key, frozenset((*keys, *digests))

    def hide(self, index: int, item: Item) -> None:
        """Take in that something of an item is not told."""
        self._hidden.update(dict.fromkeys((item.key, *_digests(item) - {CID}), index))

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
        """Give item → its cut, of all that refer to such an id, or name such a digest."""
        more = {
            index: both(found.get(index, Cut()), Cut(ALONG, follows=source))
            for index, source in self._named()
        }
        for index, own, targets in self.links:
            named = (key or (own.channel, written or "") for key, written in targets)
            sources = [self._aliased[one] for one in named if one in self._aliased]
            if sources:
                before = more.get(index) or found.get(index, Cut(follows=sources[0]))
                more[index] = closed(replace(before, facets=before.facets | {"targets"}))
        return more

    def _named(self) -> Iterator[tuple[int, int]]:
        """Give the items that name by a digest what is hidden, and what; then those are hidden, and named by others."""
        hidden, waiting, more = {**self._hidden}, {**self._naming}, True
        while more:
            more = False
            for index, (key, names) in list(waiting.items()):
                sources = [hidden[name] for name in names if hidden.get(name, index) != index]
                if sources:
                    del waiting[index]
                    hidden.setdefault(key, index)
                    more = True
                    yield index, min(sources)


def _digests(item: Item) -> frozenset[str]:
    """Give the digests in the bytes of an item; CIDs as one, for they are of whatever it refers to."""
    found = (digest for text in texts_of(item) for digest in _DIGEST.findall(text))
    return frozenset(CID if digest.startswith(CID) else digest for digest in found)
