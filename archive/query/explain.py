"""A query in plain words, line by line: how it was read, and what is looked up for it."""

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo

from archive.query.amounts import Amount
from archive.query.expansion import Expansion, shown
from archive.query.fuzzy import Fuzzy
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
    Reference,
    Term,
    Until,
    Varying,
    Wildcard,
    Word,
)

_STREAMS = {
    "text": "in title, text or file names", "author": "the author's name, handle or account",
    "recipients": "a recipient's name, handle or account", "via": "the account whose view it is",
    "thread": "the thread", "filename": "the name of a file", "amounts": "an amount in the text",
    "marks": "a property",
}  # fmt: skip


def explain(node: Node, expansions: tuple[Expansion, ...], zone: tzinfo = UTC) -> tuple[str, ...]:
    """Return lines that say how a query was read; deeper conditions are indented by two spaces."""
    return tuple(_lines(node, {found.word: found.terms for found in expansions}, zone, ""))


def _lines(
    node: Node | Positional | Amount, terms: dict[str, tuple[str, ...]], zone: tzinfo, indent: str
) -> Iterator[str]:
    below: tuple[Node | Positional | Amount, ...] = ()
    match node:
        case And(children):
            yield f"{indent}all of these:"
            below = children
        case Or(children):
            yield f"{indent}at least one of these:"
            below = children
        case AnyOf(alternatives):
            yield f"{indent}at least one of these:"
            below = alternatives
        case Not(child):
            yield f"{indent}not this:"
            below = (child,)
        case Near(left, right, distance, ordered):
            yield f"{indent}within {distance} words of each other{', in this order' if ordered else ''}:"
            below = (left, right)
        case In(stream, Wildcard() | Fuzzy() as pattern):
            yield f"{indent}{_STREAMS[stream]}:"
            yield f"{indent}  {_varying(pattern, terms, stream)}"
        case In(stream, leaf):
            yield f"{indent}{_STREAMS[stream]}:"
            below = (leaf,)
        case _:
            yield indent + _leaf(node, terms, zone)
    for each in below:
        yield from _lines(each, terms, zone, indent + "  ")


def _leaf(node: Node | Positional | Amount, terms: dict[str, tuple[str, ...]], zone: tzinfo) -> str:
    match node:
        case Word() | Wildcard() | Fuzzy():
            return _varying(node, terms)
        case Term(term):
            return f"exactly {term}"
        case Grouped(term):
            return f"{term}, in whatever groups it is written"
        case Phrase(parts):
            return "exactly, in this order: " + " ".join(_part(part) for part in parts)
        case OneOf(found_terms):
            return "one of: " + ", ".join(sorted(found_terms))
        case Period(start, end):
            return f"time from {_instant(start, zone)} to before {_instant(end, zone)}"
        case Amount(low, high, currency):
            return f"from {_money(low)} to {_money(high)} {(currency or 'of any currency').upper()}"
        case Reference(kind, value):
            return f"{kind} {value}"
        case Numbers(indexes):
            return f"one of {len(indexes)} items that records name"
        case Until(size):
            return f"item number below {size}"
        case Everything():
            return "every item"
        case _:
            return str(node)


def _varying(leaf: Varying, terms: dict[str, tuple[str, ...]], stream: FieldName = "text") -> str:
    kind = {Word: "the word", Wildcard: "the pattern", Fuzzy: "nearly"}[type(leaf)]
    found = terms.get(shown(leaf, stream))
    if found is None:
        return f"{kind} {shown(leaf)}"
    return f"{kind} {shown(leaf)}, that is: {', '.join(found) or 'nothing, it does not occur'}"


def _part(part: Term | Wildcard | OneOf) -> str:
    match part:
        case Term(term):
            return term
        case Wildcard(pattern):
            return pattern
        case OneOf(terms):
            return "|".join(sorted(terms))


def _instant(seconds: int | None, zone: tzinfo) -> str:
    return "any time" if seconds is None else datetime.fromtimestamp(seconds, zone).isoformat()


def _money(hundredths: int | None) -> str:
    return "any" if hundredths is None else f"{hundredths // 100}.{hundredths % 100:02}"
