"""The one matcher: whether an item fits a query. Engines must agree with it; holds are tested with it.

It is total: every query that is bound (``plan.bind``) gives yes or no on every document, and nothing is
guessed. It is the highlighter too, so what is marked is what was found.
"""

from collections.abc import Callable, Iterable, Iterator

from archive.errors import ArchiveError
from archive.query.amounts import Amount, AmountTest, amounts
from archive.query.analysis import Token, sigils, tokens
from archive.query.document import Document
from archive.query.expansion import test_of
from archive.query.fuzzy import Fuzzy
from archive.query.otherwise import otherwise
from archive.query.places import Place, pairs, places
from archive.query.plan import (
    And,
    AnyOf,
    Everything,
    FieldName,
    Grouped,
    In,
    Near,
    Node,
    Not,
    Numbers,
    Or,
    Period,
    Phrase,
    Positional,
    Query,
    Reference,
    Term,
    Until,
    Wildcard,
    Word,
)

Parts = list[list[str]]


def matches(query: Query, document: Document) -> bool:
    """Say whether a document fits a query with its filters."""
    streams: dict[FieldName, Parts] = {}

    def parts(stream: FieldName) -> Parts:
        if stream not in streams:
            streams[stream] = document.parts(stream)
        return streams[stream]

    return _holds(query.root, document, parts)


def matching(query: Query, documents: Iterable[Document]) -> Iterator[Document]:
    """Return the documents that fit."""
    return (document for document in documents if matches(query, document))


def spans(query: Query, text: str) -> list[tuple[int, int]]:
    """Return what a query found in one running text: character ranges [start, end), merged and sorted.

    What stands under NOT, in fields (but amounts) or in periods is not marked. The text counts as one part.
    """
    return _marked(query, text, [tokens(text), *otherwise(text), sigils(text)])


def document_spans(query: Query, document: Document) -> list[tuple[int, int]]:
    """Return the same for ``document.text``, with its parts kept apart."""
    return _marked(query, document.text, document.tokens())


def _holds(node: Node, document: Document, parts: Callable[[FieldName], Parts]) -> bool:
    match node:
        case And(children):
            return all(_holds(child, document, parts) for child in children)
        case Or(children):
            return any(_holds(child, document, parts) for child in children)
        case Not(child):
            return not _holds(child, document, parts)
        case Everything():
            return True
        case Period(start, end):
            time = document.time
            return time is not None and (start is None or start <= time) and (end is None or time < end)
        case Numbers(indexes):
            return document.index in indexes
        case Until(limit):
            return document.index < limit
        case Reference(name, value):
            raise ArchiveError(f"{name}:{value} was not bound before searching")
        case In(stream, Amount() as asked):
            accepts = AmountTest(asked).accepts
            return any(accepts(term) for part in parts(stream) for term in part)
        case In("marks", Term(term)):
            return term in document.marks
        case In(stream, leaf):
            return _found(leaf, parts(stream))  # type: ignore[arg-type]  # an Amount was above
        case _:
            return _found(node, parts("text"))


def _found(node: Positional, parts: Parts) -> bool:
    match node:
        case Term(term):
            return any(term in part for part in parts)
        case Word() | Wildcard() | Fuzzy():
            accepts = test_of(node).accepts
            return any(accepts(term) for part in parts for term in part)
        case _:
            return any(places(node, part) for part in parts)


def _marked(query: Query, text: str, parts: Iterable[list[Token]]) -> list[tuple[int, int]]:
    wanted = list(_positive(query.root))
    asked = [node for node in wanted if isinstance(node, Amount)]
    found = {
        (one.start, one.end)
        for one in (amounts(text) if asked else ())
        if any(AmountTest(amount).accepts(one.term) for amount in asked)
    }
    for part in parts:
        terms = [token.term for token in part]
        for node in wanted:
            if isinstance(node, Amount):
                continue
            for first, last in _shown(node, terms):
                found.add((part[first].start, part[last].end))
    return _merged(sorted(found))


def _positive(node: Node) -> Iterator[Positional | Amount]:
    match node:
        case And(children) | Or(children):
            for child in children:
                yield from _positive(child)
        case Word() | Term() | Wildcard() | Fuzzy() | Grouped() | Phrase() | Near():
            yield node
        case In("amounts", Amount() as asked):
            yield asked
        case _:
            pass


def _shown(node: Positional, part: list[str]) -> Iterator[Place]:
    """Return the places to mark: of things near each other, those that are, and not what lies between."""
    if isinstance(node, Near):
        for place in {place for pair in pairs(node, part) for place in pair}:
            yield from _within(node, part, place)
    else:
        yield from places(node, part)


def _within(node: Positional, part: list[str], place: Place) -> Iterator[Place]:
    inner = [side for side in _sides(node) if isinstance(side, Near)]
    for side in inner:
        for found in _shown(side, part):
            if place[0] <= found[0] and found[1] <= place[1]:
                yield found
    if not inner or place in (
        p for side in _sides(node) if not isinstance(side, Near) for p in places(side, part)
    ):
        yield place


def _sides(node: Positional) -> Iterator[Positional]:
    if isinstance(node, Near):
        yield from _sides_of(node.left)
        yield from _sides_of(node.right)


def _sides_of(node: Positional) -> Iterator[Positional]:
    if isinstance(node, AnyOf):
        for child in node.children:
            yield from _sides_of(child)
    else:
        yield node


def _merged(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    result: list[tuple[int, int]] = []
    for start, end in ranges:
        if result and start < result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result
