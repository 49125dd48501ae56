"""One shard of the Tantivy index: the records of one range of the ledger, in a folder of their own.

Each commit holds, beside the items, one document with the position, replaced each time. So items and
position are stored at one instant, and a kill leaves the one commit or the other.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import tantivy
from tantivy import Occur

from archive.adapters.tantivy_files import Sound, told
from archive.errors import Locked, Outdated, Unfinished
from archive.query.document import STREAMS, Document, joined
from archive.query.plan import Everything, FieldName, Numbers, Period, Until
from archive.query.resolve import All, AnyTerm, Lookup, Sequence, Some, Verified, Without

LOCAL_BITS = 20
"""Of a sort key: the low bits are the place in the shard, the rest is the time in seconds."""

_LOCAL = (1 << LOCAL_BITS) - 1
_NO_TIME = 1 << 60
_ITEM, _POSITION = "entry=item", "entry=position"
_HEAP = 60_000_000

Order = Literal["newest", "oldest"]


@dataclass(frozen=True, slots=True)
class Found:
    """Hits of one shard: how many, and the first of them as (sort key, index)."""

    total: int
    first: list[tuple[int, int]]


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for stream in STREAMS:
        builder.add_text_field(stream, stored=True, tokenizer_name="terms", index_option="position")
    builder.add_text_field("marks", tokenizer_name="terms", index_option="basic")
    builder.add_text_field("head", stored=True, tokenizer_name="raw", index_option="basic")
    for name in ("local", "time", "oldest", "newest", "position"):
        builder.add_integer_field(name, fast=True, indexed=name == "local")
    return builder.build()


class Shard:
    """The records [base, base + size) of the ledger."""

    def __init__(self, folder: Path, base: int) -> None:
        self.base = base
        self._folder = folder
        self._sound = Sound(folder)
        self._schema = _schema()
        self._writer: tantivy.IndexWriter | None = None
        folder.mkdir(parents=True, exist_ok=True)
        with told(folder):
            try:
                self._index = tantivy.Index(self._schema, path=str(folder))
            except (ValueError, OSError) as error:
                raise Outdated(
                    f"the search index in {folder} cannot be opened ({error}): beleg rebuild index"
                ) from error
        terms = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        self._index.register_tokenizer("terms", terms)
        with told(folder):
            self._index.config_reader("manual")
        self.refresh()

    def refresh(self) -> None:
        """See what was committed last, by whatever process.

        Raises:
            Unfinished: another process put the shard away in this very moment.
            Outdated: its files are not what was written.
        """
        with told(self._folder):
            try:
                self._index.reload()
            except ValueError as error:
                raise Unfinished(f"the search index is being made anew ({error}): ask again") from error
            self._sound.check()
            self._searcher = self._index.searcher()
            self.position, self.head = self._place()

    def _place(self) -> tuple[int, str | None]:
        """Give how many records were applied, and the leaf hash of the last."""
        hits = self._searcher.search(self._term("marks", _POSITION), limit=10, count=False).hits
        addresses = [address for _, address in hits]
        positions = self._searcher.fast_field_values("position", addresses)
        known = [(int(p), address) for p, address in zip(positions, addresses, strict=True) if p is not None]
        position, newest = max(known, default=(self.base, None), key=lambda pair: pair[0])
        return position, None if newest is None else str(self._searcher.doc(newest).get_first("head") or "")

    @property
    def generation(self) -> tuple[int, int, int]:
        """Changes whenever the content changes."""
        return self.base, self.position, self._searcher.num_docs

    def add(self, documents: Iterable[Document], position: int, head: str) -> None:
        """Add documents and set position and head, in one commit."""
        writer = self._open_writer()
        try:
            for document in documents:
                writer.add_document(self._document(document))
            writer.delete_documents_by_term("marks", _POSITION)
            place = {"marks": _POSITION, "position": position, "head": head}
            writer.add_document(tantivy.Document.from_dict(place, self._schema))
            writer.commit()
        except BaseException:
            writer.rollback()  # or the next commit would bring half of this one
            raise
        self.refresh()

    def terms(self, stream: FieldName) -> Iterator[str]:
        """Return the terms of a stream, the break included."""
        with told(self._folder):
            return iter([term for term, _ in self._searcher.terms_with_prefix(stream, "")])

    def search(self, lookup: Lookup, *, first: int, order: Order) -> Found:
        """Count the hits and return the first of them in order."""
        size = self._searcher.num_docs
        if not size:
            return Found(0, [])
        with told(self._folder):
            result = self._searcher.search(
                self._compile(lookup),
                limit=max(1, min(first, size)),
                order_by_field=order,
                order=tantivy.Order.Asc if order == "oldest" else tantivy.Order.Desc,
            )
        keys = [int(key) for key, _ in result.hits[:first]]
        total = int(result.count or 0)  # type: ignore[attr-defined]  # not in the stubs
        return Found(total, [(key >> LOCAL_BITS, self.base + (key & _LOCAL)) for key in keys])

    def close(self) -> None:
        """Wait for merges and release the lock."""
        if self._writer is not None:
            self._writer.wait_merging_threads()
            self._writer = None

    def _open_writer(self) -> tantivy.IndexWriter:
        if self._writer is None:
            try:
                self._writer = self._index.writer(_HEAP, 1)
            except ValueError as error:
                raise Locked(f"another process writes to the search index ({error})") from error
        return self._writer

    def _document(self, document: Document) -> tantivy.Document:
        local = document.index - self.base
        fields: dict[str, object] = {
            "marks": " ".join([_ITEM, *document.marks]),
            "local": local,
            "oldest": (_NO_TIME if document.time is None else document.time << LOCAL_BITS) + local,
            "newest": (-_NO_TIME if document.time is None else document.time << LOCAL_BITS) + local,
        }
        if document.time is not None:
            fields["time"] = document.time
        for stream in STREAMS:
            if text := joined(document.parts(stream)):
                fields[stream] = text
        return tantivy.Document.from_dict(fields, self._schema)

    def _term(self, stream: str, term: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, stream, term, index_option="basic")

    def _compile(self, lookup: Lookup) -> tantivy.Query:
        match lookup:
            case AnyTerm(stream, (term,)):
                return self._term(stream, term)
            case AnyTerm(stream, terms):
                if not terms:
                    return tantivy.Query.empty_query()
                return tantivy.Query.term_set_query(self._schema, stream, list(terms))
            case Sequence(stream, terms):
                return tantivy.Query.phrase_query(self._schema, stream, list(terms))
            case All(children):
                # What is here altogether needs no look at the number of each item.
                narrowing = tuple(child for child in children if not self._is_below(child))
                return self._boolean(Occur.Must, narrowing or (Everything(),))
            case Some(children):
                return self._boolean(Occur.Should, children)
            case Without(child):
                # The document with the position is no item and must not be found.
                return tantivy.Query.boolean_query(
                    [(Occur.Must, self._term("marks", _ITEM)), (Occur.MustNot, self._compile(child))]
                )
            case Everything():
                return self._term("marks", _ITEM)
            case Period(start, end):
                return self._period(start, end)
            case Numbers() | Until():
                return self._numbered(lookup)
            case Verified():
                return self._verified(lookup)

    def _is_below(self, lookup: Lookup) -> bool:
        return isinstance(lookup, Until) and self.position <= lookup.end

    def _boolean(self, occur: Occur, children: tuple[Lookup, ...]) -> tantivy.Query:
        return tantivy.Query.boolean_query([(occur, self._compile(child)) for child in children])

    def _period(self, start: int | None, end: int | None) -> tantivy.Query:
        low = -_NO_TIME if start is None else start
        high = _NO_TIME if end is None else end
        return tantivy.Query.range_query(
            self._schema,
            "time",
            tantivy.FieldType.Integer,
            low,
            high,
            include_lower=True,
            include_upper=False,
        )

    def _verified(self, lookup: Verified) -> tantivy.Query:
        """Settle by the matcher's own rule which candidates stand, and look those up by number."""
        candidates = self._compile(lookup.candidates)
        size = max(1, self._searcher.num_docs)
        hits = self._searcher.search(candidates, limit=size, count=False, order_by_field="local").hits
        kept = [
            int(local)
            for local, address in hits
            if lookup.accepts(str(self._searcher.doc(address).get_first(lookup.stream) or ""))
        ]
        return self._local(kept)

    def _local(self, numbers: Iterable[int]) -> tantivy.Query:
        """Look items up by their place in the shard; those of other shards are left out."""
        here = [number for number in numbers if 0 <= number <= _LOCAL]
        if not here:
            return tantivy.Query.empty_query()
        return tantivy.Query.term_set_query(self._schema, "local", here)

    def _numbered(self, lookup: Numbers | Until) -> tantivy.Query:
        if isinstance(lookup, Numbers):
            return self._local(index - self.base for index in lookup.indexes)
        end = lookup.end - self.base
        return tantivy.Query.range_query(
            self._schema, "local", tantivy.FieldType.Integer, 0, max(0, end), include_upper=False
        )
