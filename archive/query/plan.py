"""The query as a tree. The grammar makes it; matcher and engines read it; nobody changes it.

Leaves say what a person meant (a word with its forms), not what an engine looks up: that is decided
against a vocabulary in ``resolve``. All terms are folded by the analyser already.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from archive.query.amounts import Amount
from archive.query.fuzzy import Fuzzy

FieldName = Literal["text", "author", "recipients", "via", "thread", "filename", "amounts", "marks"]
"""The streams of a document, see ``document``. ``marks`` has no order; the others have positions."""


@dataclass(frozen=True, slots=True)
class Word:
    """A plain word: its forms and compounds, see ``expansion``. Searched in the text only."""

    term: str


@dataclass(frozen=True, slots=True)
class Term:
    """Exactly this term."""

    term: str


@dataclass(frozen=True, slots=True)
class Wildcard:
    """A term by pattern: ``*`` is any characters or none, ``?`` exactly one, an umlaut however it is written."""

    pattern: str


@dataclass(frozen=True, slots=True)
class Grouped:
    """A number or code, in whatever groups it is written: terms that follow each other and together are this."""

    term: str


@dataclass(frozen=True, slots=True)
class OneOf:
    """A word or pattern whose terms are known already; ``resolve`` makes it, never the grammar."""

    terms: frozenset[str]


@dataclass(frozen=True, slots=True)
class Phrase:
    """Terms that follow each other without a gap, within one part of the stream."""

    parts: tuple[Term | Wildcard | OneOf, ...]


Leaf = Word | Term | Wildcard | Fuzzy | Grouped | Phrase


@dataclass(frozen=True, slots=True)
class Near:
    """Two things within ``distance`` words of each other in one part of the text.

    Neighbours have distance 1. Between groups of words the nearest ends count. The two never share a word.
    ``ordered``: left before right.
    """

    left: "Positional"
    right: "Positional"
    distance: int
    ordered: bool


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of several things, at its place: an OR inside a ``Near``."""

    children: tuple["Positional", ...]


Positional = Word | Term | Wildcard | Fuzzy | Grouped | OneOf | Phrase | Near | AnyOf
"""What has places in the text."""


@dataclass(frozen=True, slots=True)
class In:
    """A leaf in a stream other than the text."""

    field: FieldName
    leaf: Term | Wildcard | Fuzzy | Grouped | Phrase | Amount


@dataclass(frozen=True, slots=True)
class Period:
    """Items with a time in [start, end), Unix seconds; None is open. Items without a time never match."""

    start: int | None
    end: int | None


@dataclass(frozen=True, slots=True)
class Reference:
    """Items of which other records tell: those of a matter, under a hold, with a statement, from a source.

    Nothing in an item says so. ``bind`` must put the items in before anything is searched.
    """

    name: Literal["matter", "hold", "source", "statement"]
    value: str


@dataclass(frozen=True, slots=True)
class Numbers:
    """Items with these ledger indexes."""

    indexes: frozenset[int]


@dataclass(frozen=True, slots=True)
class Until:
    """Items whose ledger index is below ``end``: what was sealed when the ledger had this size."""

    end: int


@dataclass(frozen=True, slots=True)
class And:
    """All of them."""

    children: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of them."""

    children: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Items that do not match."""

    child: "Node"


@dataclass(frozen=True, slots=True)
class Everything:
    """All items."""


Node = (
    Word
    | Term
    | Wildcard
    | Fuzzy
    | Grouped
    | Phrase
    | Near
    | In
    | Period
    | Reference
    | Numbers
    | Until
    | And
    | Or
    | Not
    | Everything
)


@dataclass(frozen=True, slots=True)
class Query:
    """A query as typed, as read, and narrowed by filters that must all hold as well."""

    text: str
    node: Node
    filters: tuple[Node, ...] = ()

    @property
    def root(self) -> Node:
        """The whole condition."""
        return And((self.node, *self.filters)) if self.filters else self.node

    def narrowed(self, *filters: Node) -> "Query":
        """Return this query with more filters."""
        return Query(self.text, self.node, (*self.filters, *filters))


def references(node: Node) -> tuple[Reference, ...]:
    """Return what must be bound before a search, in the order of the query, each once."""
    match node:
        case Reference():
            return (node,)
        case And(children) | Or(children):
            return tuple(dict.fromkeys(found for child in children for found in references(child)))
        case Not(child):
            return references(child)
        case _:
            return ()


def bind(node: Node, items: Callable[[Reference], Node]) -> Node:
    """Return a node with every reference replaced by what ``items`` says of it."""
    return replaced(node, lambda one: items(one) if isinstance(one, Reference) else one)


def replaced(node: Node, change: Callable[[Node], Node]) -> Node:
    """Return a node with each of its conditions, what is no AND, OR or NOT, changed."""
    match node:
        case And(children):
            return And(tuple(replaced(child, change) for child in children))
        case Or(children):
            return Or(tuple(replaced(child, change) for child in children))
        case Not(child):
            return Not(replaced(child, change))
        case _:
            return change(node)


def conditions(node: Node) -> Iterator[Node]:
    """Return the conditions of a node: what is no AND, OR or NOT."""
    match node:
        case And(children) | Or(children):
            for child in children:
                yield from conditions(child)
        case Not(child):
            yield from conditions(child)
        case _:
            yield node


def undated(node: Node, answer: bool = True) -> Node:
    """Return what an item of unknown time may match: a period is ``answer``, below a NOT the opposite."""
    match node:
        case Period():
            return Everything() if answer else Not(Everything())
        case And(children):
            return And(tuple(undated(child, answer) for child in children))
        case Or(children):
            return Or(tuple(undated(child, answer) for child in children))
        case Not(child):
            return Not(undated(child, not answer))
        case _:
            return node


Varying = Word | Wildcard | Fuzzy
"""Leaves whose terms depend on the vocabulary."""


def words(node: Node) -> tuple[Varying, ...]:
    """Return the leaves whose terms depend on the vocabulary, in the order of the query, each once."""
    return tuple(dict.fromkeys(leaf for leaf in _leaves(node) if isinstance(leaf, Varying)))


def codes(node: Node) -> tuple[str, ...]:
    """Return the numbers and codes that are sought in whatever groups they are written, each once."""
    return tuple(dict.fromkeys(leaf.term for leaf in _leaves(node) if isinstance(leaf, Grouped)))


def _leaves(node: Node | Positional) -> Iterator[Node | Positional]:
    match node:
        case Phrase(below) | And(below) | Or(below) | AnyOf(below):
            for one in below:
                yield from _leaves(one)
        case Near(left, right):
            yield from _leaves(left)
            yield from _leaves(right)
        case Not(child):
            yield from _leaves(child)
        case _:
            yield node
