"""Numbers and codes that were typed in groups: ``0171 234 56 78``, ``K 80``, ``"DE89 3704 0044"``.

Words side by side mean AND, and quotes mean what they hold: neither finds *01712345678* or *K80*. So an answer says how
many items more have the groups together, and how to ask for these.
"""

from collections.abc import Iterator
from itertools import combinations, groupby

from archive.query.leaves import code
from archive.query.plan import And, Grouped, Node, OneOf, Or, Phrase, Term, Word

LETTERS = 3
"""Letters of a word that may be a group: *K*, *DIN*, *kW*."""
MOST = 8
"""Groups that one code has; more numbers side by side are a list of them."""


def together(node: Node) -> Iterator[tuple[str, Node]]:
    """Give (code, the condition widened by it) for each code that groups of a query may be; none below NOT."""
    match node:
        case Phrase(parts) if all(map(_is_group, parts)) and (whole := _code_of(parts)):
            yield whole, Or((node, Grouped(whole)))
        case Or(children):
            for n, child in enumerate(children):
                for whole, wider in together(child):
                    yield whole, Or((*children[:n], wider, *children[n + 1 :]))
        case And(children):
            for n, child in enumerate(children):
                for whole, wider in together(child):
                    yield whole, And((*children[:n], wider, *children[n + 1 :]))
            for start, end in _runs(children):
                groups = children[start:end]
                if whole := _code_of(groups):
                    wider = Or((And(groups), Grouped(whole)))
                    yield whole, And((*children[:start], wider, *children[end:]))
        case _:
            pass


def _runs(children: tuple[Node, ...]) -> Iterator[tuple[int, int]]:
    """Give [start, end) of each two groups or more that stand side by side."""
    at = 0
    for is_group, run in groupby(children, _is_group):
        size = len(list(run))
        if is_group and size <= MOST:
            yield from (
                (at + start, at + end) for start, end in combinations(range(size + 1), 2) if end > start + 1
            )
        at += size


def _is_group(one: Node | OneOf) -> bool:
    match one:
        case Word(term) | Term(term):
            return code(term) is not None or term.isdigit() or (term.isalpha() and len(term) <= LETTERS)
        case Grouped():
            return True
        case _:
            return False


def _code_of(groups: tuple[Node | OneOf, ...]) -> str | None:
    return code("".join(one.term for one in groups if isinstance(one, Word | Term | Grouped)))
