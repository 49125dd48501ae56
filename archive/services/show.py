"""Showing one item with everything that concerns it, and a thread around it."""

from collections.abc import Iterator, Sequence

from archive.catalogue import Listed
from archive.core.instants import from_seconds
from archive.errors import NotOpened, UsageError
from archive.query.document import seconds
from archive.services.added import names_of
from archive.services.agreed import papers
from archive.services.anchor import bracket
from archive.services.asking import instant, utc, zone_of
from archive.services.journal import Looking, note
from archive.services.search import NO_FATE, hit_of
from archive.services.session import Session
from schemas.answer import Absence, Hit, Shown
from schemas.item import Item


def show(session: Session, index: int, *, context: int = 0) -> Shown:
    """Show an item, read from the ledger itself.

    Raises:
        UsageError: no item has this number.
        NotOpened: its key was destroyed, or no key at hand opens it.
    """
    size = session.ledger.state.size
    if not 0 <= index < size:
        raise UsageError(f"there is no item {index}; the ledger holds records 0 to {size - 1}")
    leaf = session.ledger.leaf(index)
    if leaf.kind != "item":
        raise UsageError(f"record {index} is no item but of the kind {leaf.kind}")
    item = session.opener("content").body(index)
    if not isinstance(item, Item):
        raise NotOpened(f"record {index} does not hold an item that this version reads", "no_key")
    page = session.catalogue.context(index, before=context, after=context)
    around = [hit_of(listed) for listed in page.items]
    at = next((number for number, hit in enumerate(around) if hit.number == index), len(around))
    listed = session.catalogue.item(index)
    fate = session.catalogue.fates([index]).get(index, NO_FATE)
    events = [one for one in session.catalogue.versions(index) if one.index != index]
    seen = [index, *(one.index for one in (*page.items, *events) if one.index != index)]
    # Beside an event (a deletion, a reaction) stand the words that it is about.
    words = (one.item for one in events if one.item.event in ("posted", "edited"))
    note(
        session,
        Looking(
            "show", seen, shown=(item, *words), names=names_of(session, {item.thread}) if context else ()
        ),
    )
    return Shown(
        number=index,
        sealed=from_seconds(leaf.time),
        unsealed=index >= session.ledger.state.sealed,
        stream=leaf.stream,
        position=leaf.stream_position,
        bracket=bracket(session, index),
        item=item,
        superseded=fate.superseded,
        deletion=fate.deleted,
        raw_sha256=listed.raw_sha256 if listed else "",
        events=tuple(hit_of(one) for one in events),
        before=tuple(around[:at]),
        after=tuple(around[at + 1 :]),
        seen_again=len(session.catalogue.sightings(index)),
        absent=tuple(_absences(session, index, item)),
        matters=tuple(
            matter for matter, chosen in session.catalogue.selected_in(index) if chosen.decision != "removed"
        ),
        restricted=tuple(
            f"{request}: {one.ground}" + (f" until {one.until}" if one.until else "")
            for request, one in papers.restrictions(session, index)
        ),
    )


def _absences(session: Session, index: int, item: Item) -> Iterator[Absence]:
    """Give the later captures that show what stood before and after an item in its thread, and not the item.

    Without what surrounds it nothing could be said: an export may simply not reach so far.
    """
    own = session.catalogue.capture_index(item.raw.capture) if item.raw.capture else None
    moment = seconds(item.time.utc) if item.time and item.time.utc else None
    if own is None or moment is None or item.event != "posted":
        return
    for extent in session.catalogue.extents(index):
        later, place = (
            session.catalogue.capture(extent.capture),
            session.catalogue.capture_index(extent.capture),
        )
        if extent.holds or not extent.start < moment < extent.end:
            continue
        if later is not None and place is not None and place > own:
            yield Absence(
                capture=later.id, origin=later.origin, received=later.received,
                start=utc(extent.start), end=utc(extent.end),
            )  # fmt: skip


def version_at(session: Session, index: int, as_of: str) -> int:
    """Give the item that stood for this one at a time: the version of the same thing that was current.

    Raises:
        UsageError: no item of this number, ``as_of`` is no time, or nothing of it stood then.
    """
    until = instant(as_of, zone_of(session))
    standing = session.catalogue.standing(until)
    if session.catalogue.item(index) is None:
        raise UsageError(f"there is no readable item {index}")
    versions = [one for one in session.catalogue.versions(index) if one.item.event in ("posted", "edited")]
    stood = [
        one.index
        for one in versions
        if one.index not in standing.gone | standing.later
        and (one.index in standing.undated or _said_by(one, until))
    ]
    if not stood:
        later = any(one.index in standing.later for one in versions)
        picked(
            session, [index], "show"
        )  # whoever may try days learns when it was said, and whether it was deleted
        if later:
            raise UsageError(
                f"item {index} had been said on {as_of}, and nobody knows what it said: it was edited after that, and "
                "the archive holds the later words alone"
            )
        raise UsageError(f"of item {index}, nothing stood on {as_of}: not yet said, or deleted by then")
    return index if index in stood else stood[-1]


def _said_by(listed: Listed, until: int) -> bool:
    time = listed.item.time
    moment = seconds(time.utc) if time and time.utc else None
    return moment is not None and moment <= until


def thread(session: Session, index: int, *, limit: int = 100, offset: int = 0) -> tuple[int, tuple[Hit, ...]]:
    """Give the thread of an item in order of time: how many items it has, and a page of them.

    Raises:
        UsageError: no readable item has this number.
    """
    listed = session.catalogue.item(index)
    if listed is None:
        raise UsageError(f"there is no readable item {index}")
    page = session.catalogue.thread(listed.item.thread, limit=limit, offset=offset)
    seen = [one.index for one in page.items]
    note(
        session, Looking("thread", seen, shown=(listed.item,), names=names_of(session, {listed.item.thread}))
    )
    return page.before + len(page.items) + page.after, tuple(hit_of(one) for one in page.items)


def picked(session: Session, indexes: Sequence[int], command: str = "pick") -> list[int]:
    """Give items that somebody picks by their numbers: it singles out whoever wrote one, as ``show`` does.

    Raises:
        Refused: the policy demands a purpose or a second person, and none was given.
    """
    shown = tuple(listed.item for listed in session.catalogue.items(indexes))
    note(session, Looking(command, indexes, shown=shown))
    return list(indexes)


def thread_indexes(session: Session, index: int) -> list[int]:
    """Give the numbers of all items in the thread of an item."""
    total, _ = thread(session, index, limit=1)
    return [hit.number for hit in thread(session, index, limit=total)[1]]
