"""Searching: parse, look up, and say what was searched, what could not be, and what else agrees."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from archive.catalogue import Fate, Listed
from archive.query.document import UNADDRESSED, document
from archive.query.expansion import Expansion
from archive.query.explain import explain
from archive.query.grammar import parse
from archive.query.match import matches, spans
from archive.query.plan import And, In, Node, Not, Or, Period, Query, Term, codes, conditions
from archive.services.added import names_of
from archive.services.asking import PAGE, Asked, ask, few, singly, utc
from archive.services.counting import counts_of
from archive.services.journal import Looking, note
from archive.services.lookup import every, look
from archive.services.older_readers import read_before
from archive.services.second import recount, second_opinion
from archive.services.session import Session
from archive.services.written_otherwise import count, taken_for_ids, written_otherwise
from schemas.answer import FileExcerpt, Hit, SearchAnswer

SNIPPET = 400
NO_FATE = Fate(None, None)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What an answer is to hold beside the page of hits."""

    limit: int = 20
    offset: int = 0
    newest: bool = False
    as_of: str | None = None
    context: int = 0
    """Neighbours in the thread before and after each hit."""
    counts: bool = False
    explain: bool = False
    second_opinion: bool = False
    recount: bool = False


def search(session: Session, text: str, wishes: Wishes | None = None) -> SearchAnswer:
    """Find items by date.

    Raises:
        QueryError: the query cannot be read; the message points at the place.
        UsageError: it names a matter or hold that does not exist.
        Disagreement: another engine or the matcher found other items.
    """
    wishes = wishes or Wishes()
    asked = ask(session, text, as_of=wishes.as_of)
    page = look(
        session, asked.fixed, asked.size, limit=wishes.limit, offset=wishes.offset,
        order="newest" if wishes.newest else "oldest",
    )  # fmt: skip
    without_text, not_read = _limits(session, asked)
    missed, kept = written_otherwise(session, asked, page.expansions)
    hits = tuple(_hits(session, page.indexes, asked, wishes.context))
    shown, alone = _shown(hits), singly(session, asked, page.indexes)
    around = {one.item.thread for one in session.catalogue.items(page.indexes)} if wishes.context else set()
    note(
        session,
        Looking(
            "search", shown, text, asked.read, shown=alone, names=names_of(session, around),
            found=few(session, asked, page.total, shown),
        ),
    )  # fmt: skip
    checked = _checked(session, asked, wishes)  # that engines disagree tells what they found
    return SearchAnswer(
        query=text,
        searched=tuple((expansion.word, expansion.terms) for expansion in page.expansions),
        grouped=codes(asked.query.node),
        apart=missed,
        not_excluded=kept,
        no_ids=taken_for_ids(session, asked),
        total=page.total,
        hits=hits,
        offset=wishes.offset,
        position=asked.size,
        without_text=without_text,
        unopened=session.catalogue.unopened(),
        unread=not_read,
        read_otherwise=session.texts.otherwise(),
        read_before=sum(one.items for one in read_before(session)),
        as_of=None if asked.as_of is None else utc(asked.as_of),
        undated=asked.undated,
        reworded=count(session, asked, asked.reworded) if asked.reworded else 0,
        misdated=asked.misdated,
        maybe_reworded=count(session, asked, asked.unsure) if asked.unsure else 0,
        without_time=_timeless(session, asked),
        unaddressed=_unaddressed(session, asked),
        counts=counts_of(session, every(session, asked.fixed, asked.size)) if wishes.counts else None,
        explained=_explained(asked, page.expansions) if wishes.explain else (),
        checked=checked,
    )


def _checked(session: Session, asked: Asked, wishes: Wishes) -> tuple[str, ...]:
    """Give what else agrees, as far as somebody wants to know it; raises Disagreement."""
    if not (wishes.second_opinion or wishes.recount):
        return ()
    found = every(session, asked.fixed, asked.size)
    said = [second_opinion(session, asked, found)] if wishes.second_opinion else []
    return (*said, recount(session, asked, found)) if wishes.recount else tuple(said)


UNREAD: dict[str, str] = {
    "missing": "named, and not in the export", "image": "image or scan", "media": "sound or film",
    "protected": "encrypted", "damaged": "damaged", "too_big": "beyond the limits", "partly": "read in part only",
    "unknown": "of a kind that is not read", "gone": "cannot be opened",
}  # fmt: skip
"""State of a file → why its words are not searched."""


def _shown(hits: Sequence[Hit]) -> Sequence[int]:
    """Give every item of which something is shown: what was found, and its neighbours."""
    around = (one.number for hit in hits for one in (*hit.before, *hit.after))
    return tuple(dict.fromkeys((*(hit.number for hit in hits), *around)))


def _limits(session: Session, asked: Asked) -> tuple[int, tuple[tuple[str, int], ...]]:
    """Give what no word finds: items without text, and (why, how many items have a file that was not read).

    Counted once for each size of the ledger: it takes as long as a search.
    """
    if session.blind is None or session.blind[0] != asked.size:
        blind = count(session, asked, parse("NOT has:text NOT has:title").node)
        counted = (
            (why, count(session, asked, In("marks", Term(f"unread={state}"))))
            for state, why in UNREAD.items()
        )
        session.blind = asked.size, blind, tuple((why, count) for why, count in counted if count)
    return session.blind[1:]


def _timeless(session: Session, asked: Asked) -> int:
    """Give how many items no date finds, because no instant of theirs is known; 0 if no date was asked for."""
    if not _asks_for_a_time(asked.query.node):
        return 0
    return count(session, asked, Not(Or((Period(None, 0), Period(0, None)))))


def _unaddressed(session: Session, asked: Asked) -> int:
    """Give how many messages name nobody to whom they went; 0 if no recipient was asked for."""
    asks = any(isinstance(one, In) and one.field == "recipients" for one in conditions(asked.query.node))
    return count(session, asked, In("marks", Term(UNADDRESSED))) if asks else 0


def _asks_for_a_time(node: Node) -> bool:
    match node:
        case Period():
            return True
        case And(children) | Or(children):
            return any(map(_asks_for_a_time, children))
        case Not(child):
            return _asks_for_a_time(child)
        case _:
            return False


def _explained(asked: Asked, expansions: Sequence[Expansion]) -> tuple[str, ...]:
    lines = explain(asked.query.root, tuple(expansions), asked.zone)
    return (*lines, *(f"{name} is {count} items now" for name, count in asked.references))


def all_indexes(
    session: Session,
    text: str,
    *,
    as_of: str | None = None,
    matter: str | None = None,
    size: int | None = None,
) -> Sequence[int]:
    """Give the numbers of every item that a query finds; ``matter`` is what they are for, ``size`` as in ``ask``."""
    asked = ask(session, text, as_of=as_of, size=size)
    found = every(session, asked.fixed, asked.size)
    alone = singly(session, asked, found)
    note(session, Looking("select", found, text, asked.read, shown=alone, matter=matter))
    return found


def all_hits(
    session: Session, text: str, *, as_of: str | None = None, size: int | None = None
) -> Iterator[Hit]:
    """Give every item that a query finds, whole, by date; ``size`` as in ``ask``."""
    asked = ask(session, text, as_of=as_of, size=size)
    indexes = every(session, asked.fixed, asked.size)
    note(session, Looking("list", indexes, text, asked.read, shown=singly(session, asked, indexes)))
    for at in range(0, len(indexes), PAGE):
        yield from _hits(session, indexes[at : at + PAGE], asked, 0, whole=True)


def _hits(
    session: Session, indexes: Sequence[int], asked: Asked, context: int, *, whole: bool = False
) -> Iterator[Hit]:
    fates = session.catalogue.fates(indexes, asked.as_of)
    for listed in session.catalogue.items(indexes):
        hit = hit_of(listed, asked.query, fates.get(listed.index, NO_FATE), whole=whole)
        if listed.item.attachments and not _suffices(session, listed, asked.fixed):
            hit = hit.model_copy(update={"excerpt": _excerpt(session, listed, asked.query)})
        if context:
            page = session.catalogue.context(listed.index, before=context, after=context)
            around = [hit_of(one) for one in page.items]
            at = next(n for n, one in enumerate(around) if one.number == listed.index)
            hit = hit.model_copy(update={"before": tuple(around[:at]), "after": tuple(around[at + 1 :])})
        yield hit


def _suffices(session: Session, listed: Listed, query: Query) -> bool:
    """Say whether an item fits without the words of its files."""
    own = document(replace(session.entry_of(listed), texts=()))
    return own is not None and matches(query, own)


def _excerpt(session: Session, listed: Listed, query: Query) -> FileExcerpt | None:
    """Give where a query found something in the words of an item's files, if it did."""
    names = {one.sha256: one.name or one.role for one in listed.item.attachments}
    for read in session.texts.known(listed.item):
        if marks := spans(query, read.text):
            start = max(0, marks[0][0] - SNIPPET // 4)
            end = min(len(read.text), start + SNIPPET)
            near = tuple((a - start, b - start) for a, b in marks if start <= a and b <= end)
            return FileExcerpt(file=names[read.sha256] or "", text=read.text[start:end], marks=near)
    return None


def hit_of(listed: Listed, query: Query | None = None, fate: Fate = NO_FATE, *, whole: bool = False) -> Hit:
    """Give an item as a line of a list: around the first thing that was found, or ``whole``."""
    item = listed.item
    text = item.text or item.title or ""
    marks = spans(query, text) if query is not None else []
    start = max(0, marks[0][0] - SNIPPET // 4) if marks and marks[0][0] > SNIPPET and not whole else 0
    end = len(text) if whole else min(len(text), start + SNIPPET)
    title = item.title if item.text else None
    names = tuple(attachment.name or attachment.role for attachment in item.attachments)
    in_names = tuple(tuple(spans(query, name)) if query is not None else () for name in names)
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
        title=title,
        title_marks=tuple(spans(query, title)) if query is not None and title else (),
        attachments=names,
        attachment_marks=in_names if any(in_names) else (),
        superseded=fate.superseded,
        deleted=fate.deleted is not None or item.deleted is not None or item.event == "deleted",
    )
