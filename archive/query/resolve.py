"""A query against one vocabulary: what an engine must look up.

Words and patterns become sets of terms. What engines do differently or not at all (patterns inside
phrases, things near each other) becomes ``Verified``: the engine gives candidates and their stream, and
``places`` decides. So every engine gives the same items.
"""

from collections.abc import Callable
from dataclasses import dataclass

from archive.errors import ArchiveError
from archive.query.amounts import Amount
from archive.query.document import divided
from archive.query.expansion import Expansion, Vocabulary, shown, test_of
from archive.query.fuzzy import Fuzzy
from archive.query.grouping import Ways, ways
from archive.query.places import places
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
    OneOf,
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
    conditions,
    words,
)

MOST_WAYS = 200
"""Ways to group a code that are looked up one by one."""


@dataclass(frozen=True, slots=True)
class AnyTerm:
    """Documents with at least one of these terms in a stream; none when there are none."""

    stream: FieldName
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sequence:
    """Documents with these terms directly after each other (two at least)."""

    stream: FieldName
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verified:
    """Documents among ``candidates`` whose stream stands the test."""

    stream: FieldName
    candidates: "Lookup"
    node: Positional

    def accepts(self, stream: str) -> bool:
        """Test a stream as ``document.joined`` wrote it."""
        return any(places(self.node, part) for part in divided(stream))


@dataclass(frozen=True, slots=True)
class All:
    """Documents that fit all of these."""

    children: tuple["Lookup", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """Documents that fit at least one of these."""

    children: tuple["Lookup", ...]


@dataclass(frozen=True, slots=True)
class Without:
    """Documents that do not fit."""

    child: "Lookup"


Lookup = AnyTerm | Sequence | Verified | All | Some | Without | Period | Numbers | Until | Everything

Vocabularies = Callable[[FieldName], Vocabulary]


def resolve(query: Query, vocabularies: Vocabularies) -> Lookup:
    """Return what to look up for a query."""
    return _Resolver(vocabularies).node(query.root)


def expand(query: Query, vocabularies: Vocabularies) -> tuple[Expansion, ...]:
    """Return what is searched for each plain word and pattern of the text, and for each pattern in a field."""
    found: dict[str, tuple[str, ...]] = {}
    for leaf in words(query.node):
        found[shown(leaf)] = vocabularies("text").select(test_of(leaf))
    for one in conditions(query.node):
        match one:
            case In(stream, Wildcard() | Fuzzy() as leaf):
                found[shown(leaf, stream)] = vocabularies(stream).select(test_of(leaf))
            case _:
                pass
    return tuple(Expansion(name, terms) for name, terms in found.items())


class _Resolver:
    def __init__(self, vocabularies: Vocabularies) -> None:
        self._vocabularies = vocabularies

    def node(self, node: Node) -> Lookup:
        match node:
            case And(children):
                return All(tuple(self.node(child) for child in children))
            case Or(children):
                return Some(tuple(self.node(child) for child in children))
            case Not(child):
                return Without(self.node(child))
            case Period() | Numbers() | Until() | Everything():
                return node
            case Reference(name, value):
                raise ArchiveError(f"{name}:{value} was not bound before searching")
            case In(stream, Amount() as asked):
                return AnyTerm(stream, self._vocabularies(stream).select(test_of(asked)))
            case In(stream, leaf):
                return self._positional(leaf, stream)  # type: ignore[arg-type]  # an Amount was above
            case _:
                return self._positional(node, "text")

    def _positional(self, node: Positional, stream: FieldName) -> Lookup:
        match node:
            case Term(term):
                return AnyTerm(stream, (term,))
            case Word() | Wildcard() | Fuzzy():
                return AnyTerm(stream, self._vocabularies(stream).select(test_of(node)))
            case Phrase(parts) if len(parts) == 1:
                return self._positional(parts[0], stream)
            case OneOf(terms):
                return AnyTerm(stream, tuple(sorted(terms)))
            case Grouped(term):
                return self._grouped(node, stream, ways(term, self._vocabularies(stream).holds))
            case Phrase(parts):
                exact = tuple(part.term for part in parts if isinstance(part, Term))
                if len(exact) == len(parts):
                    return Sequence(stream, exact)
                candidates = All(tuple(self._positional(part, stream) for part in parts))
                return Verified(stream, candidates, self._known(node, stream))
            case AnyOf(children):
                return Some(tuple(self._positional(child, stream) for child in children))
            case Near(left, right):
                candidates = All((self._positional(left, stream), self._positional(right, stream)))
                return Verified(stream, candidates, self._known(node, stream))

    @staticmethod
    def _grouped(node: Grouped, stream: FieldName, found: Ways) -> Lookup:
        """Look up each way to group a code; of very many, what begins and ends like one of them is tried."""
        if found.count <= MOST_WAYS:
            whole, apart = AnyTerm(stream, (node.term,)), (way for way in found.each() if len(way) > 1)
            return Some((whole, *(Sequence(stream, way) for way in apart)))
        ends = (found.first, found.last)
        return Verified(stream, All(tuple(AnyTerm(stream, terms) for terms in ends)), node)

    def _known(self, node: Positional, stream: FieldName) -> Positional:
        """Return a node with the terms of its words and patterns put in: each candidate is tested faster."""
        match node:
            case Word() | Wildcard() | Fuzzy():
                return OneOf(frozenset(self._vocabularies(stream).select(test_of(node))))
            case Phrase(parts):
                return Phrase(
                    tuple(
                        OneOf(frozenset(self._vocabularies(stream).select(test_of(part))))
                        if isinstance(part, Wildcard)
                        else part
                        for part in parts
                    )
                )
            case AnyOf(children):
                return AnyOf(tuple(self._known(child, stream) for child in children))
            case Near(left, right, distance, ordered):
                return Near(self._known(left, stream), self._known(right, stream), distance, ordered)
            case _:
                return node
