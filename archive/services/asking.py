"""From the words of a query to what is searched: parsed, bound to records, and narrowed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from archive.catalogue import Listed
from archive.errors import UsageError
from archive.keeping.held import HoldTest
from archive.keeping.scope import by_any_calendar
from archive.query.document import mark
from archive.query.grammar import parse
from archive.query.plan import (
    And,
    Everything,
    In,
    Node,
    Not,
    Numbers,
    Or,
    Period,
    Query,
    Reference,
    Term,
    Until,
    bind,
)
from archive.reading.times import in_utc
from archive.services import register
from archive.services.added import BY_PARTY, marks, with_fates, with_names, with_parties
from archive.services.dispose.relations import conversations
from archive.services.lookup import every, look
from archive.services.session import Session
from archive.services.stated import of_statement
from schemas.item import Item
from schemas.matter import Scope

PAGE = 500
FEW = 20
"""Items that a query may find and still be about them."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, ready for an engine or the matcher."""

    text: str
    read: Node
    """As it was read, before a matter, hold or source became numbers of items."""
    query: Query
    zone: ZoneInfo
    references: tuple[tuple[str, int], ...] = ()
    """(``matter:M-1``, how many items that is now)."""
    as_of: int | None = None
    undated: int = 0
    size: int = 0
    """Records of the ledger when it was asked."""
    reworded: Node | None = None
    """With a time: what the query finds in words that are later than it, so that they did not stand then."""
    unsure: Node | None = None
    """With a time: what it finds in words of which nobody knows whether they stood then already."""
    misdated: int = 0
    """With a time: items in the archive that count by their sealing, and were sealed under a clock that was wrong."""

    @property
    def fixed(self) -> Query:
        """The query on these records alone: whoever writes meanwhile changes no part of an answer."""
        return self.query.narrowed(Until(self.size))


def zone_of(session: Session) -> ZoneInfo:
    """Give the archive's calendar."""
    return ZoneInfo(session.settings.timezone or "UTC")


def ask(
    session: Session,
    text: str,
    *,
    as_of: str | None = None,
    zone: ZoneInfo | None = None,
    size: int | None = None,
) -> Asked:
    """Read a query; dates count in the archive's time zone.

    Args:
        session: its catalogue must be at the head.
        text: the query.
        as_of: a day or an instant; then only what stood then is searched.
        zone: the calendar of dates, if not the archive's.
        size: search the first records only; else all that the session's ledger has now.

    Raises:
        QueryError: the query cannot be read; the message points at the place.
        UsageError: it names a matter, hold, source or channel that does not exist, or ``as_of`` is no time.
    """
    zone = zone or zone_of(session)
    read = parse(text, zone=zone)
    check_channels(session, read.node)
    size = session.ledger.state.size if size is None else size
    node, accounts = with_parties(session, read.node)
    read, named = Query(text, node), dict[str, int]()
    if accounts:
        named[BY_PARTY] = look(session, Query(text, Or(accounts), (Until(size),)), size, limit=0).total

    def items(reference: Reference) -> Node:
        found = _RESOLVERS[reference.name](session, reference.value)
        named[f"{reference.name}:{reference.value}"] = len(found)
        return Numbers(found)

    until = None if as_of is None else instant(as_of, zone)
    node = with_names(session, with_fates(session, bind(read.node, items), until, named), named)
    query = Query(text, node)
    if until is None:
        return Asked(text, read.node, query, zone, tuple(named.items()), size=size)
    standing = session.catalogue.standing(until)
    by_then = And((Or((Period(None, until + 1), Numbers(standing.undated))), Not(Numbers(standing.gone))))
    known = Not(Numbers(standing.later))
    return Asked(
        text, read.node, query.narrowed(by_then, known), zone, tuple(named.items()), until,
        len(standing.undated), size,
        reworded=query.narrowed(by_then, Numbers(standing.later)).root,
        unsure=query.narrowed(by_then, Numbers(standing.unsure)).root,
        misdated=standing.misdated,
    )  # fmt: skip


def check_channels(session: Session, node: Node) -> None:
    """Refuse a channel that is neither read nor held here: nothing found would look like an answer."""
    asked = {term.removeprefix("channel=") for term in marks(node) if term.startswith("channel=")}
    unknown = asked - {channel.name for channel in session.channels}
    if unknown:
        held = {count.channel for count in session.catalogue.counts()}
        known = ", ".join(sorted(held)) or "nothing yet"
        for name in sorted(unknown - held):
            raise UsageError(f"channel:{name}: there is no such channel; this archive holds {known}")


def few(session: Session, asked: Asked, total: int, shown: Sequence[int]) -> tuple[int, ...]:
    """Give what was found and not shown, if little was found: its words single these items out as showing them does."""
    if total > FEW:
        return ()
    told = set(shown)
    return tuple(one for one in every(session, asked.fixed, asked.size) if one not in told)


def singly(session: Session, asked: Asked, indexes: Sequence[int]) -> tuple[Item, ...]:
    """Give items whose authors are singled out, as by ``show``: a query that names an id asks for one item."""
    if not any(term.startswith("id=") for term in marks(asked.read)):
        return ()
    return tuple(one.item for one in session.catalogue.items(indexes))


def instant(written: str, zone: ZoneInfo) -> int:
    """Give the Unix second of a time, or the last one of a day.

    Raises:
        UsageError: it is neither.
    """
    try:
        if len(written) == len("2021-08-04"):
            day = datetime.combine(date.fromisoformat(written) + timedelta(days=1), time(), zone)
            return int(day.timestamp()) - 1
        moment = datetime.fromisoformat(written)
        return int((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp())
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"{written!r} is no time; write a day, 2021-08-04, or an instant, 2021-08-04T12:00"
        ) from error


def utc(seconds: int) -> str:
    """Give an instant as models write it."""
    return in_utc(datetime.fromtimestamp(seconds, UTC))


def _of_matter(session: Session, number: str) -> frozenset[int]:
    register.matter(session, number)
    return frozenset(register.selection(session, number))


def _of_hold(session: Session, number: str) -> frozenset[int]:
    """Give the items in the scope of a hold, or with ``any`` of every hold that stands."""
    chosen = register.meant_holds(session, number)
    if not chosen and number != "ANY":
        known = ", ".join(hold.id for hold, _ in register.holds(session)) or "none yet"
        raise UsageError(f"there is no hold {number}; there are: {known}; hold:any is every one that stands")
    parties = register.party_states(session)
    talks = conversations(session, [hold.scope for hold in chosen])
    found: set[int] = set()
    for hold in chosen:
        test = HoldTest(hold, _placed_at(session, hold.id), parties, talks)
        found |= {
            one.index for one in _candidates(session, hold.scope, test) if test.keeps(session.entry_of(one))
        }
    return frozenset(found)


def _placed_at(session: Session, number: str) -> int:
    """Give the record that placed a hold: what is sealed later is not in it."""
    for index, body in session.bodies("hold", "oversight"):
        if getattr(body, "id", None) == number:
            return index
    return session.ledger.state.size


def _candidates(session: Session, scope: Scope, test: HoldTest) -> list[Listed]:
    """Give items among which are all that a hold of this scope keeps; the hold's own test decides."""
    query = Query(scope.query or "", Everything())
    if scope.query is not None:
        # What has no time, a file whose words nobody read, or shows who was there, it may keep though the query does
        # not find it.
        doubtful = (Not(Period(None, None)), parse("has:file").node, Numbers(test.signs))
        query = query.narrowed(Or((*(one.node for one in by_any_calendar(scope.query)), *doubtful)))
    if scope.channels:
        marks = (In("marks", Term(mark("channel", name.casefold()))) for name in scope.channels)
        query = query.narrowed(Or(tuple(marks)))
    if scope.items:
        query = query.narrowed(Numbers(test.named))
    size = session.ledger.state.size
    indexes = every(session, query.narrowed(Until(size)), size)
    return [
        listed
        for at in range(0, len(indexes), PAGE)
        for listed in session.catalogue.items(indexes[at : at + PAGE])
    ]


def _of_source(session: Session, name: str) -> frozenset[int]:
    """Give what a configured source showed, first or again; ``import`` are files given by hand."""
    captures = session.catalogue.captures()
    known = {capture.source for capture in captures} | {*session.settings.sources}
    if name not in map(str.casefold, known):
        said = ", ".join(sorted(known)) or "none yet"
        raise UsageError(f"source:{name}: there is no such source; this archive knows {said}")
    return session.catalogue.of_captures([one.id for one in captures if one.source.casefold() == name])


_RESOLVERS: dict[str, Callable[[Session, str], frozenset[int]]] = {
    "matter": _of_matter,
    "hold": _of_hold,
    "source": _of_source,
    "statement": of_statement,
}
