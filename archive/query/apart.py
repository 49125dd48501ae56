"""German verbs whose prefix stands at the end: *zusagen* is also *wir sagen Ihnen fünf Jahre Garantie zu*.

A plain word does not find that: verb and prefix are two words, and most sentences that hold both mean something
else. So an answer says how many more items have them apart, and how to ask for these.
"""

from archive.query.plan import And, Node, Not, Or, Word

PREFIXES = (
    "zusammen", "zurueck", "weiter", "wieder", "nieder", "nach", "fest", "auf", "aus", "bei", "ein", "her", "hin",
    "los", "mit", "vor", "weg", "ab", "an", "zu",
)  # fmt: skip
"""Folded, longer ones first."""
DISTANCE = 15
"""Words between verb and prefix, at most."""
_SHORTEST = 4
"""Letters of a verb: *geben*, *tun* is too short to tell."""


def apart(word: str) -> str | None:
    """Give the query for an infinitive whose prefix stands apart, or None for a word that is none."""
    for prefix in PREFIXES:
        verb = word.removeprefix(prefix)
        if verb != word and len(verb) >= _SHORTEST and verb.endswith(("en", "ern", "eln")):
            return f"{verb} pre/{DISTANCE} {prefix}"
    return None


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
