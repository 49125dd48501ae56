"""Places of terms in one part of a stream: phrases, and things near each other.

A place is (first, last): positions of the first and last term that it takes up. Everything here is a
pure function of a list of terms, so engines can settle with it what they cannot settle themselves.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from archive.query.expansion import test_of
from archive.query.fuzzy import Fuzzy
from archive.query.plan import AnyOf, Grouped, Near, OneOf, Phrase, Positional, Term, Wildcard, Word

Place = tuple[int, int]


def places(node: Positional, part: Sequence[str]) -> list[Place]:
    """Return all places of a node in a part, sorted, each once."""
    match node:
        case Term(term):
            return [(i, i) for i, found in enumerate(part) if found == term]
        case Word() | Wildcard() | Fuzzy():
            accepts = test_of(node).accepts
            return [(i, i) for i, found in enumerate(part) if accepts(found)]
        case OneOf(terms):
            return [(i, i) for i, found in enumerate(part) if found in terms]
        case Grouped(term):
            return [(i, end) for i in range(len(part)) if (end := _last_group(term, part, i)) is not None]
        case Phrase(parts):
            return _phrase(parts, part)
        case AnyOf(children):
            return sorted({place for child in children for place in places(child, part)})
        case Near():
            return sorted({(min(a[0], b[0]), max(a[1], b[1])) for a, b in pairs(node, part)})


def pairs(node: Near, part: Sequence[str]) -> list[tuple[Place, Place]]:
    """Return the pairs (left, right) of a ``Near`` that are close enough."""
    left, right = places(node.left, part), places(node.right, part)
    if not left or not right:
        return []
    found = [(a, b) for a, b in _following(left, right, node.distance)]
    if not node.ordered:
        found += [(b, a) for a, b in _following(right, left, node.distance)]
    return found


def _following(left: list[Place], right: list[Place], distance: int) -> list[tuple[Place, Place]]:
    """Return the pairs in which the right one begins 1 to ``distance`` words after the left one ends."""
    starts = [first for first, _ in right]
    return [
        (place, right[i])
        for place in left
        for i in range(bisect_left(starts, place[1] + 1), bisect_right(starts, place[1] + distance))
    ]


def _last_group(term: str, part: Sequence[str], start: int) -> int | None:
    """Give the last of the terms from ``start`` on that together are a code; None if they are not."""
    rest = term
    for i in range(start, len(part)):
        if not rest.startswith(part[i]):
            return None
        rest = rest[len(part[i]) :]
        if not rest:
            return i
    return None


def _phrase(parts: tuple[Term | Wildcard | OneOf, ...], part: Sequence[str]) -> list[Place]:
    starts = [first for first, _ in places(parts[0], part)]
    for offset, leaf in enumerate(parts[1:], 1):
        if not starts:
            return []
        accepted = {first for first, _ in places(leaf, part)}
        starts = [start for start in starts if start + offset in accepted]
    return [(start, start + len(parts) - 1) for start in starts]
