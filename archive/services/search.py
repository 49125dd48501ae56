"""Searching: parse, look up, and say what was searched and what could not be."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from archive.catalogue import Listed
from archive.query.grammar import parse
from archive.query.match import spans
from archive.query.plan import Query
from archive.services.session import Session
from schemas.answer import Hit, SearchAnswer

SNIPPET = 400


def read_query(session: Session, text: str) -> Query:
    """Parse a query; dates count in the archive's time zone."""
    zone = ZoneInfo(session.settings.timezone or "UTC")
    return parse(text, zone=zone)


def search(
    session: Session, text: str, *, limit: int = 20, offset: int = 0, newest: bool = False
) -> SearchAnswer:
    """Find items by date.

    Raises:
        QueryError: the query cannot be read; the message points at the place.
    """
    query = read_query(session, text)
    page = session.index.search(query, limit=limit, offset=offset, order="newest" if newest else "oldest")
    hits = tuple(hit_of(listed, query) for listed in session.catalogue.items(page.indexes))
    blind = parse("NOT has:text NOT has:title")
    return SearchAnswer(
        query=text,
        searched=tuple((expansion.word, expansion.terms) for expansion in page.expansions),
        total=page.total,
        hits=hits,
        offset=offset,
        position=session.index.position,
        without_text=session.index.search(blind, limit=0).total,
        unopened=session.catalogue.unopened(),
    )


def all_indexes(session: Session, text: str) -> Sequence[int]:
    """Give the numbers of every item that a query finds."""
    query = read_query(session, text)
    total = session.index.search(query, limit=0).total
    return session.index.search(query, limit=total).indexes if total else ()


def hit_of(listed: Listed, query: Query | None = None) -> Hit:
    """Give an item as a line of a list, around the first thing that was found."""
    item = listed.item
    text = item.text or item.title or ""
    marks = spans(query, text) if query is not None else []
    start = max(0, marks[0][0] - SNIPPET // 4) if marks and marks[0][0] > SNIPPET else 0
    end = min(len(text), start + SNIPPET)
    return Hit(
        number=listed.index,
        channel=item.key.channel,
        thread=item.thread.id,
        author=item.author.name if item.author else None,
        time=item.time.written if item.time else None,
        utc=item.time.utc if item.time else None,
        event=item.event,
        edited=item.edited is not None or item.event == "edited",
        text=text[start:end],
        marks=tuple((a - start, b - start) for a, b in marks if start <= a and b <= end),
        attachments=tuple(attachment.name or attachment.role for attachment in item.attachments),
    )
