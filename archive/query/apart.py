"""German verbs whose prefix stands at the end: *zusagen* is also *wir sagen Ihnen fünf Jahre Garantie zu*.

A plain word does not find that: verb and prefix are two words, and most sentences that hold both mean something
else. So an answer says how many items more have them apart, how many of those found have apart what NOT should have
left out, and how to ask for these.
"""

from collections.abc import Iterable

from archive.query.plan import And, Node, Not, Or, Word
from archive.query.verbs import infinitive

DISTANCE = 15
"""Words between verb and prefix, at most."""
_SHORTEST = 4
"""Letters of a verb: *tun* is too short to tell."""


def apart(word: str, terms: Iterable[str]) -> str | None:
    """Give the query for a verb whose prefix stands apart, or None for a word that is no form of such a verb.

    ``terms`` is what is searched for the word: a noun is one of a verb where the verb occurs, *Zusage* and not *Abend*.
    """
    split = infinitive(word)
    if split is None:
        return None
    verb, prefix = split
    forms = (prefix + verb, f"{prefix}ge", f"{prefix}zu")
    if len(verb) < _SHORTEST or not any(term.startswith(forms) for term in (word, *terms)):
        return None
    return f"{verb} pre/{DISTANCE} {prefix}"


def widened(node: Node, word: str, near: Node) -> Node:
    """Give a condition in which a word may stand apart as well; within phrases and distances it stays as it is."""
    match node:
        case Word(written) if written == word:
            return Or((node, near))
        case And(children):
            return And(tuple(widened(child, word, near) for child in children))
        case Or(children):
            return Or(tuple(widened(child, word, near) for child in children))
        case Not(child):
            return Not(widened(child, word, near))
        case _:
            return node


def excluded(node: Node) -> frozenset[str]:
    """Give the plain words that stand under NOT."""
    match node:
        case Not(child):
            return _plain(child)
        case And(children) | Or(children):
            return frozenset().union(*map(excluded, children))
        case _:
            return frozenset()


def _plain(node: Node) -> frozenset[str]:
    match node:
        case Word(term):
            return frozenset((term,))
        case Not(child):
            return _plain(child)
        case And(children) | Or(children):
            return frozenset().union(*map(_plain, children))
        case _:
            return frozenset()
