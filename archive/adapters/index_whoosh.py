"""The second search index: Whoosh 2.7.4, the original. Slow, independent; small archives and second opinions.

Whoosh keeps the postings, we keep the logic. Its own queries give wrong counts (``a ANDNOT b`` returns
documents with b), fail (spans inside AND, OR, NOT), and in the forks count twice after a refresh. So a
query is settled here with plain sets of documents, one posting list for each term; order of words by
the matcher's own rule on the stored terms; and a new reader is opened whenever the index has changed.
Its files hold pickles: only folders that Beleg marked are opened (``index_folder``).
"""

import warnings
from collections.abc import Collection, Iterable, Iterator
from functools import reduce
from importlib.metadata import version
from itertools import islice
from operator import and_, or_
from pathlib import Path
from typing import Any, ClassVar, Literal

from archive.adapters.index_folder import claim, discard, put_away
from archive.errors import ArchiveError, Locked, Outdated
from archive.ports import Page, Replay
from archive.query.document import BREAK, STREAMS, Document, document, joined
from archive.query.expansion import Vocabulary
from archive.query.plan import Everything, FieldName, Numbers, Period, Phrase, Query, Term, Until
from archive.query.resolve import All, AnyTerm, Lookup, Sequence, Some, Verified, Without, expand, resolve
from schemas.entry import Entry

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # code of 2016: invalid escapes, "is" with literals
    from whoosh import columns, fields, index
    from whoosh.codec import whoosh3  # noqa: F401  # or it is imported late, with its warnings
    from whoosh.filedb import filestore  # noqa: F401

BATCH = 10_000
"""Entries in one commit; Whoosh is slow at small ones."""

_ITEM, _POSITION = "entry=item", "entry=position"
_NO_TIME = 1 << 60
_MEGABYTES = 256
"""Memory of a writer before it spills."""

Documents = frozenset[int]
"""Whoosh's own numbers of documents, valid for one reader."""


def _schema() -> Any:
    found: dict[str, Any] = {stream: fields.KEYWORD(stored=True, scorable=False) for stream in STREAMS}
    found["marks"] = fields.KEYWORD(scorable=False)
    found["number"] = fields.COLUMN(columns.NumericColumn("q", default=-1))
    found["time"] = fields.COLUMN(columns.NumericColumn("q", default=_NO_TIME))
    found["position"] = fields.STORED()
    found["head"] = fields.STORED()
    return fields.Schema(**found)


class WhooshIndex:
    """A search index in a folder of its own."""

    name: ClassVar[str] = "whoosh"

    def __init__(self, folder: Path, *, anew: bool = False) -> None:
        """Open or make the index. ``anew`` removes an index of Beleg that is there, of whatever version.

        Raise ``Outdated`` for a folder that holds anything else.
        """
        if anew:
            discard(folder)
        claim(folder, self.name, version("whoosh"))
        self._folder = folder / "segments"
        self._current: _Snapshot | None = None
        self._open()

    @property
    def position(self) -> int:
        """The number of records applied."""
        return self._snapshot().position

    @property
    def head(self) -> str | None:
        """The leaf hash of the last record applied."""
        return self._snapshot().head

    def apply(self, entries: Iterable[Entry]) -> None:
        """Add the items among entries; skip entries below the position; a gap is an ``ArchiveError``."""
        position = self.position
        remaining = iter(entries)
        while batch := list(islice(remaining, BATCH)):
            documents: list[Document] = []
            before, head = position, ""
            for entry in batch:
                if entry.index < position:
                    continue
                if entry.index > position:
                    raise ArchiveError(f"the search index is at {position} and was given entry {entry.index}")
                if (found := document(entry)) is not None:
                    documents.append(found)
                position, head = position + 1, entry.leaf
            if position > before:
                self._commit(documents, position, head)

    def _commit(self, documents: list[Document], position: int, head: str) -> None:
        try:
            writer = self._index.writer(limitmb=_MEGABYTES)
        except index.LockError as error:
            raise Locked("another process writes to the search index") from error
        try:
            for found in documents:
                writer.add_document(
                    marks=" ".join([_ITEM, *found.marks]),
                    number=found.index,
                    time=_NO_TIME if found.time is None else found.time,
                    **{stream: joined(found.parts(stream)) for stream in STREAMS},
                )
            # In the same commit as the items: a kill leaves both or neither.
            writer.delete_by_term("marks", _POSITION)
            # A segment in which a column has no value breaks that column when segments are merged.
            writer.add_document(marks=_POSITION, position=position, head=head, number=-1, time=_NO_TIME)
        except BaseException:
            writer.cancel()
            raise
        writer.commit()

    def reset(self) -> None:
        """Forget everything and go back to position 0."""
        self.close()
        put_away(self._folder)
        self._open()

    def forget(self, indexes: Collection[int], replay: Replay) -> None:  # noqa: ARG002
        """Delete items and write all segments anew without them; ``replay`` is not needed."""
        snapshot = self._snapshot()
        wanted = frozenset(indexes)
        writer = self._index.writer(limitmb=_MEGABYTES)
        for document_number in snapshot.find(Numbers(wanted)):
            writer.delete_document(document_number)
        writer.commit(optimize=True)
        self.close()

    def close(self) -> None:
        """Close the reader."""
        if self._current is not None:
            self._current.close()
            self._current = None

    def search(
        self, query: Query, *, limit: int, offset: int = 0, order: Literal["newest", "oldest"] = "oldest"
    ) -> Page:
        """Find items. Order by (time of the item, index); items without a time come last."""
        snapshot = self._snapshot()
        hits = snapshot.find(resolve(query, snapshot.vocabulary))
        indexes = snapshot.ordered(hits, order)[offset : offset + limit]
        return Page(len(hits), indexes, snapshot.position, expand(query, snapshot.vocabulary))

    def vocabulary(self) -> Iterator[str]:
        """All terms of the text, once each."""
        return iter(self._snapshot().vocabulary("text").terms)

    def _open(self) -> None:
        self._folder.mkdir(exist_ok=True)
        try:
            if index.exists_in(str(self._folder)):
                self._index = index.open_dir(str(self._folder))
            else:
                self._index = index.create_in(str(self._folder), _schema())
        except (index.IndexError, OSError) as error:
            raise Outdated(
                f"the search index in {self._folder} cannot be opened: beleg rebuild index"
            ) from error

    def _snapshot(self) -> "_Snapshot":
        generation = self._index.latest_generation()
        if self._current is None or self._current.generation != generation:
            self.close()
            self._current = _Snapshot(self._index.reader(), generation)
        return self._current


class _Snapshot:
    """The index as of one commit."""

    def __init__(self, reader: Any, generation: int) -> None:
        self.generation = generation
        self._reader = reader
        self._vocabularies: dict[FieldName, Vocabulary] = {}
        self._all: Documents | None = None
        self._columns: dict[str, list[int]] = {}
        found = self._having("marks", _POSITION)
        stored = [reader.stored_fields(number) for number in found]
        last: dict[str, Any] = max(stored, default={}, key=lambda fields: int(fields["position"]))
        self.position = int(last.get("position", 0))
        self.head: str | None = last.get("head")

    def close(self) -> None:
        self._reader.close()

    def vocabulary(self, stream: FieldName) -> Vocabulary:
        if stream not in self._vocabularies:
            terms = {term.decode("utf-8") for term in self._reader.lexicon(stream)}
            self._vocabularies[stream] = Vocabulary(terms - {BREAK})
        return self._vocabularies[stream]

    def ordered(self, hits: Documents, order: Literal["newest", "oldest"]) -> list[int]:
        """Return the ledger indexes of documents, sorted."""
        times, numbers = self._column("time"), self._column("number")
        sign = 1 if order == "oldest" else -1
        keys = ((times[hit], numbers[hit]) for hit in hits)
        return [
            number
            for _, _, number in sorted((time == _NO_TIME, (sign * time, sign * n), n) for time, n in keys)
        ]

    def find(self, lookup: Lookup) -> Documents:
        """Return the documents that fit."""
        match lookup:
            case AnyTerm(stream, terms):
                return frozenset().union(*(self._having(stream, term) for term in terms))
            case All(children):
                return reduce(and_, (self.find(child) for child in children))
            case Some(children):
                return reduce(or_, (self.find(child) for child in children))
            case Without(child):
                return self._items() - self.find(child)
            case Everything():
                return self._items()
            case Period(start, end):
                return self._during(start, end)
            case Numbers(indexes):
                numbers = self._column("number")
                return frozenset(hit for hit in self._items() if numbers[hit] in indexes)
            case Until(end):
                numbers = self._column("number")
                return frozenset(hit for hit in self._items() if numbers[hit] < end)
            case Verified(stream, candidates):
                return frozenset(n for n in self.find(candidates) if lookup.accepts(self._stored(n, stream)))
            case Sequence(stream, terms):
                return self._sequence(stream, terms)

    def _sequence(self, stream: FieldName, terms: tuple[str, ...]) -> Documents:
        candidates = All(tuple(AnyTerm(stream, (term,)) for term in dict.fromkeys(terms)))
        return self.find(Verified(stream, candidates, Phrase(tuple(Term(term) for term in terms))))

    def _having(self, stream: str, term: str) -> Documents:
        if (stream, term) not in self._reader:
            return frozenset()
        return frozenset(self._reader.postings(stream, term).all_ids())

    def _items(self) -> Documents:
        if self._all is None:
            self._all = self._having("marks", _ITEM)
        return self._all

    def _during(self, start: int | None, end: int | None) -> Documents:
        low = -_NO_TIME if start is None else start
        high = _NO_TIME if end is None else end
        times = self._column("time")
        return frozenset(number for number in self._items() if low <= times[number] < high)

    def _stored(self, number: int, stream: str) -> str:
        return str(self._reader.stored_fields(number).get(stream) or "")

    def _column(self, name: Literal["time", "number"]) -> list[int]:
        """Return the values of a column by document number."""
        if name not in self._columns:
            self._columns[name] = list(self._reader.column_reader(name)) if self._items() else []
        return self._columns[name]
