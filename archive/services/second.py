"""Asking twice: another engine, or the matcher over every item of the ledger, must find exactly the same."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import cast

from archive.errors import Disagreement
from archive.query.document import document
from archive.query.match import matches
from archive.services.asking import Asked
from archive.services.session import BATCH, Session
from archive.services.texts import ReadAnew, Texts
from schemas.item import Item

SHOWN = 5


def second_opinion(session: Session, asked: Asked, found: Sequence[int]) -> str:
    """Search with the other engine too, after bringing its index to the head; say so in a line.

    Raises:
        Disagreement: it found other items, or another order.
    """
    size = asked.size
    other = session.open_second()
    try:
        if other.position and not session.follows(other):
            other.reset()
        with session.projecting():
            replayed = session.entries(min(other.position, size), size)
            while batch := list(islice(replayed, BATCH)):
                other.apply(batch)
                session.progress(f"bringing the {other.name} index up to date", other.position, size)
        page = other.search(asked.fixed, limit=max(1, len(found) + SHOWN))
        _compare(session.index.name, found, other.name, page.indexes, page.total)
    finally:
        other.close()
    return f"{other.name} gave the same {len(found)} items"


def recount(session: Session, asked: Asked, found: Sequence[int]) -> str:
    """Try the matcher on every item of the ledger, decrypted anew, with files read anew; say so in a line.

    Raises:
        Disagreement: it found other items, or another order; or the catalogue tells one otherwise than the ledger.
    """
    size, hits, items = asked.size, [], 0
    texts, told = Texts(ReadAnew(), session.texts.extractor), dict[int, Item]()
    for number, entry in enumerate(session.entries(0, size, texts), 1):
        one = document(entry)
        if one is not None:
            items += 1
            if matches(asked.query, one):
                hits.append((one.time is None, one.time or 0, one.index))
                told[one.index] = cast(Item, entry.body)
        if number == size or not number % BATCH:
            _compare_told(session, told)
            told.clear()
            texts.store.reset()
            session.progress("recounting", number, size)
    counted = [index for _, _, index in sorted(hits)]
    _compare(session.index.name, found, "the matcher", counted, len(counted))
    taken = ", ".join(name for name, _ in asked.references)
    rest = f"; not counted anew, but taken over from the search: {taken}" if taken else ""
    return f"the matcher, tried on all {items} items of the ledger, gave the same {len(found)} items{rest}"


def _compare_told(session: Session, told: Mapping[int, Item]) -> None:
    """Hold what the catalogue says of items against the ledger: lists show the catalogue's words."""
    known = {one.index: _without_bytes(one.item) for one in session.catalogue.items(list(told))}
    for index, item in told.items():
        if known.get(index) != _without_bytes(item):
            raise Disagreement(
                f"the catalogue does not hold item {index} as the ledger does: run `beleg rebuild catalogue`, ask "
                "again, and report it"
            )


def _without_bytes(item: Item) -> Item:
    """Leave out what the catalogue does not keep: the slice, and a long body in the platform's own form."""
    return item.model_copy(update={"raw": item.raw.model_copy(update={"slice": b""}), "body": None})


def _compare(name: str, mine: Sequence[int], other: str, theirs: Sequence[int], total: int) -> None:
    if total == len(mine) and list(mine) == list(theirs):
        return
    only_mine = sorted(set(mine) - set(theirs))[:SHOWN]
    only_theirs = sorted(set(theirs) - set(mine))[:SHOWN]
    raise Disagreement(
        f"{name} found {len(mine)} items, {other} {total}; only the first: {only_mine or 'none'}, only the "
        f"second: {only_theirs or 'none'}. Trust neither: run `beleg rebuild texts` (it makes the index anew too), ask "
        "again, and report it"
    )
