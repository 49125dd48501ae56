"""The default search index: Tantivy, in shards of fixed ranges of the ledger.

A shard is what is rebuilt after an erasure, and what bounds a commit. Shards are filled one after the
other, so the position of the last one is the position of all.
"""

import heapq
from collections.abc import Collection, Iterable, Iterator
from importlib.metadata import version
from itertools import islice, takewhile
from pathlib import Path
from typing import ClassVar

from archive.adapters.index_folder import building, claim, discard, put_away
from archive.adapters.tantivy_shard import LOCAL_BITS, Order, Shard
from archive.errors import ArchiveError
from archive.ports import Page, Replay
from archive.query.document import BREAK, Document, document
from archive.query.expansion import Vocabulary
from archive.query.plan import FieldName, Query
from archive.query.resolve import expand, resolve
from schemas.entry import Entry

SHARD = 250_000
"""Records of the ledger in one shard; at most 2 to the ``LOCAL_BITS``."""

BATCH = 20_000
"""Entries in one commit."""

REPLAYED = 4_000
"""Entries in one commit while a shard is made anew: they are opened from the ledger, and held in memory whole."""


class TantivyIndex:
    """A search index in a folder of its own."""

    name: ClassVar[str] = "tantivy"

    def __init__(self, folder: Path, *, anew: bool = False, shard_size: int = SHARD) -> None:
        """Open or make the index. ``anew`` removes an index of Beleg that is there, of whatever version.

        Raise ``Outdated`` for a folder that holds anything else.
        """
        if not 0 < shard_size <= 1 << LOCAL_BITS:
            raise ArchiveError(f"a shard holds at most {1 << LOCAL_BITS} records")
        if anew:
            discard(folder)
        claim(folder, self.name, f"{version('tantivy')}; shards of {shard_size}")
        self._folder = folder / "shards"
        self._size = shard_size
        self._shards: list[Shard] = []
        self._vocabularies: dict[FieldName, Vocabulary] = {}
        self._generation: tuple[object, ...] = ()
        self._refresh()

    @property
    def position(self) -> int:
        """The number of records applied, by whatever process."""
        self._refresh()
        return self._reached()

    def _reached(self) -> int:
        return self._shards[-1].position if self._shards else 0

    @property
    def head(self) -> str | None:
        """The leaf hash of the last record applied, as ``position`` last saw it."""
        return self._shards[-1].head if self._shards else None

    def apply(self, entries: Iterable[Entry]) -> None:
        """Add the items among entries; skip entries below the position; a gap is an ``ArchiveError``."""
        self._refresh()
        remaining = iter(entries)
        while batch := list(islice(remaining, BATCH)):
            self._apply(batch)

    def _apply(self, batch: list[Entry]) -> None:
        position, head = self._reached(), self.head or ""
        documents: list[Document] = []
        for entry in batch:
            if entry.index < position:
                continue
            if entry.index > position:
                raise ArchiveError(f"the search index is at {position} and was given entry {entry.index}")
            if position // self._size >= len(self._shards):
                self._commit(documents, position, head)
                documents = []
                self._open_next()
            found = document(entry)
            if found is not None:
                documents.append(found)
            position, head = position + 1, entry.leaf
        self._commit(documents, position, head)

    def _commit(self, documents: list[Document], position: int, head: str) -> None:
        if self._shards and position > self._reached():
            self._shards[-1].add(documents, position, head)

    def _open_next(self) -> None:
        if self._shards:
            self._shards[-1].close()
        number = len(self._shards)
        place = self._folder / f"{number:06}"
        put_away(place)  # what lies behind a gap, which a crash while forgetting may leave, is made anew
        self._shards.append(Shard(place, number * self._size))

    def forget(self, indexes: Collection[int], replay: Replay) -> None:
        """Build every shard that holds one of these items anew, and put it in the place of the old one.

        Deleting alone would leave words in the dictionary and texts in the store until some later merge.
        """
        self._refresh()
        forgotten = set(indexes)
        for number in sorted({index // self._size for index in forgotten}):
            if number < len(self._shards):
                self._rebuild(number, forgotten, replay)
        self._refresh()

    def _rebuild(self, number: int, forgotten: set[int], replay: Replay) -> None:
        old, place = self._shards[number], self._folder / f"{number:06}"
        put_away(building(place))
        new, start, end = Shard(building(place), old.base), old.base, old.position
        while start < end:
            batch = list(replay(start, min(start + REPLAYED, end)))
            kept = [found for entry in batch if entry.index not in forgotten and (found := document(entry))]
            start = min(start + REPLAYED, end)
            new.add(kept, start, batch[-1].leaf)
        new.close()
        old.close()
        put_away(place)
        building(place).rename(place)
        self._shards[number] = Shard(place, old.base)
        self._generation = ()

    def reset(self) -> None:
        """Forget everything and go back to position 0."""
        self.close()
        put_away(self._folder)
        self._shards = []
        self._refresh()

    def close(self) -> None:
        """Wait for merges and release the locks."""
        for shard in self._shards:
            shard.close()

    def search(self, query: Query, *, limit: int, offset: int = 0, order: Order = "oldest") -> Page:
        """Find items. Order by (time of the item, index); items without a time come last."""
        self._refresh()
        lookup = resolve(query, self._vocabulary)
        found = [shard.search(lookup, first=offset + limit, order=order) for shard in self._shards]
        merged = heapq.merge(*(part.first for part in found), reverse=order == "newest")
        indexes = [index for _, index in islice(merged, offset, offset + limit)]
        total = sum(part.total for part in found)
        return Page(total, indexes, self._reached(), expand(query, self._vocabulary))

    def vocabulary(self) -> Iterator[str]:
        """All terms of the text, once each."""
        self._refresh()
        return iter(self._vocabulary("text").terms)

    def _vocabulary(self, stream: FieldName) -> Vocabulary:
        if stream not in self._vocabularies:
            terms = {term for shard in self._shards for term in shard.terms(stream)}
            self._vocabularies[stream] = Vocabulary(terms - {BREAK})
        return self._vocabularies[stream]

    def _refresh(self) -> None:
        there = takewhile(self._exists, range(len(self._shards)))
        self._shards = [self._shards[number] for number in there]  # another process may make the index anew
        while self._exists(number := len(self._shards)):
            self._shards.append(Shard(self._folder / f"{number:06}", number * self._size))
        for shard in self._shards:
            shard.refresh()
        generation = tuple(shard.generation for shard in self._shards)
        if generation != self._generation:
            self._generation = generation
            self._vocabularies = {}

    def _exists(self, number: int) -> bool:
        return (self._folder / f"{number:06}" / "meta.json").exists()
