"""What a query does not find because it is written otherwise: told beside what it finds, never searched in secret."""

from collections.abc import Sequence

from archive.query.apart import apart, excluded, widened
from archive.query.expansion import Expansion
from archive.query.grammar import parse
from archive.query.plan import And, In, Node, Not, Query, Term, Until, conditions
from archive.query.together import together
from archive.services.asking import Asked, ask
from archive.services.lookup import look
from archive.services.session import Session

_LONGEST = 16
"""Digits of a number that no archive reaches."""
Counted = tuple[tuple[str, int], ...]
"""(query, how many items), of those that are any."""


def written_otherwise(
    session: Session, asked: Asked, searched: Sequence[Expansion]
) -> tuple[Counted, Counted]:
    """Give what a query does not find: a verb whose prefix stands at the end, a code in other groups than typed.

    And what verbs under NOT did not leave out for the same reason.
    """
    node, filters = asked.query.node, asked.query.filters
    missed: list[tuple[str, int]] = []
    kept: list[tuple[str, int]] = []
    for one in searched:
        written = apart(one.word, one.terms)
        if written is not None:
            wider = widened(node, one.word, parse(written).node)
            missed.append((written, count(session, asked, And((wider, Not(node), *filters)))))
            if one.word in excluded(node):
                kept.append((written, count(session, asked, And((node, Not(wider), *filters)))))
    for code, wider in together(node):
        missed.append((code, count(session, asked, And((wider, Not(node), *filters)))))
    return _some(missed), _some(kept)


def not_found(session: Session, text: str) -> Counted:
    """Give what a query that stands for a scope does not find; catalogue and index are brought to the head."""
    session.catch_up()
    asked = ask(session, text)
    page = look(session, asked.fixed, asked.size, limit=0)
    return written_otherwise(session, asked, page.expansions)[0]


def taken_for_ids(session: Session, asked: Asked) -> Counted:
    """Give (field, number) where ``id:`` or ``thread:`` asks for an item by its number: no platform gave that id."""
    found: list[tuple[str, int]] = []
    for one in conditions(asked.read):
        match one:
            case In("marks" | "thread" as stream, Term(text)):
                field, _, number = text.rpartition("=") if stream == "marks" else ("thread", "", text)
            case _:
                continue
        if (
            field in ("id", "thread")
            and number.isdecimal()
            and len(number) < _LONGEST
            and not count(session, asked, one)
        ):
            found += [(field, listed.index) for listed in session.catalogue.items([int(number)])]
    return tuple(dict.fromkeys(found))


def count(session: Session, asked: Asked, node: Node) -> int:
    """Give how many of the records that were asked fit a condition."""
    return look(session, Query("", node, (Until(asked.size),)), asked.size, limit=0).total


def _some(counted: Sequence[tuple[str, int]]) -> Counted:
    return tuple(one for one in counted if one[1])
