"""What belongs to a request: a subject's items and accounts, containers to drop, lines of the journal."""

from collections.abc import Callable, Iterable
from datetime import date

from archive.errors import NotOpened
from archive.keeping.retention import begun_everywhere
from archive.reading.decoding import same_name
from archive.services import register
from archive.services.agreed import papers
from archive.services.dispose.closure import Closure, GroundOf, Neighbourhood, close
from archive.services.dispose.judging import LATE, Ground, Judge
from archive.services.dispose.relations import Relations
from archive.services.session import Session
from schemas.item import Account, Item
from schemas.keeping import ErasureRequest, Restriction, Subject
from schemas.matter import Read
from schemas.statement import StatementDecision


def belonging(session: Session, relations: Relations, judge: Judge, request: ErasureRequest) -> Closure:
    """Find what belongs to a request, and what of it stays and why, on the head that relations and judge know."""
    if request.cause == "drop":
        return _dropped(relations, judge, request)
    day = begun_everywhere(session.clock())
    seeds = {index for index in request.items if relations.is_item(index)}
    subject = None if request.subject is None else papers.subjects(session)[request.subject]
    if subject is not None:
        wrote = authorship(subject)
        seeds |= {index for index, item in _opened(session, relations) if wrote(item)}
    ground: GroundOf = (
        _until_due(judge, day) if request.cause == "retention" else (lambda index: judge.ground(index, day))
    )
    closure = close(relations, judge, seeds, ground)
    if subject is not None:
        _add_accounts(session, relations, judge, subject, closure)
        if closure.items:
            closure.remains.append(
                f"the entry of {subject.id} with name and accounts, which says whose request this was; parties; what "
                "others wrote to this person or of them, their reactions, mentions and lists of members among it"
            )
    closure.remains += handed_out(session, closure.items)
    closure.decisions = {
        index
        for index, body in session.bodies("decision", "matter")
        if isinstance(body, StatementDecision) and body.item in closure.items
    }
    if request.cause == "erasure":
        closure.reads = _reads(session, closure.items)
        if closure.reads:
            closure.remains.append("that somebody looked for them, and when: not with which words")
    return closure


def handed_out(session: Session, items: set[int]) -> list[str]:
    """Say which bundles with some of these items were handed out: no erasure reaches them."""
    return [
        f"bundle {one.id} of {one.matter}, handed out on {one.created[:10]}, with some of these items in it"
        for one in register.productions(session).values()
        if not items.isdisjoint(item for item, _ in one.selection)
    ]


def _until_due(judge: Judge, day: date) -> GroundOf:
    def ground(index: int) -> Ground | None:
        if (bound := judge.bound(index)) is not None:
            return bound
        if not judge.lets_end:
            return Ground("the policy in force has no retention classes")
        term = judge.term(index)
        if term is None:
            return None  # an edit or a reaction goes with what it is about
        if term.late:
            return LATE
        return Ground(f"class {term.name}", term.until) if term.until >= day else None

    return ground


def _add_accounts(
    session: Session, relations: Relations, judge: Judge, subject: Subject, closure: Closure
) -> None:
    """Let the descriptions of a subject's accounts go, with every capture in which they came, but for those that an
    item which stays names, or a hold wants."""
    found = relations.accounts(subject.accounts)
    named = {
        key
        for index, item in _opened(session, relations)
        if index not in closure.items
        for key in _named(item)
    }
    neighbourhood = Neighbourhood(relations, judge, found)
    for index in sorted(found):
        body = session.opener("content").body(index)
        if not isinstance(body, Account) or body.key.place in named:
            continue
        beside = neighbourhood.ground(frozenset((index,)))
        hold = judge.hold_on_account(body) or (beside.words if beside is not None else None)
        if hold is not None:
            closure.restricted.append(Restriction(item=index, ground=hold))
            continue
        closure.accounts.add(index)
        closure.containers |= relations.holding((index,))


def _named(item: Item) -> Iterable[tuple[str, str, str]]:
    return [actor.account.place for _, actor in item.acting() if actor.account is not None]


def _opened(session: Session, relations: Relations) -> Iterable[tuple[int, Item]]:
    opener = session.opener("content")
    for index in relations.items():
        try:
            body = opener.body(index)
        except NotOpened:
            continue
        if isinstance(body, Item):
            yield index, body


def authorship(subject: Subject) -> Callable[[Item], bool]:
    """Give a test whether a subject wrote an item: by account, or by a confirmed spelling where there is no account."""
    accounts = {key.place for key in subject.accounts}
    spellings = {same_name(name) for name in subject.spellings}

    def wrote(item: Item) -> bool:
        author = item.author
        if author is None:
            return False
        if author.account is not None:
            return author.account.place in accounts
        return any(same_name(name) in spellings for name in author.names)

    return wrote


def _dropped(relations: Relations, judge: Judge, request: ErasureRequest) -> Closure:
    """Give the captures in which items came, without those that a hold may want a part of. The items stay."""
    closure = Closure()
    wanted = relations.containers(request.items) | relations.copied(request.items)
    inside = relations.inside(sorted(wanted))
    for capture in sorted(wanted):
        held = judge.hold_on_unread(capture) if judge.holds else None
        for index in sorted(inside[capture]) if judge.holds and held is None else ():
            held = held or judge.hold_on(index)
        parts = relations.unread(capture)
        ground = held or (
            f"a part could not be read, see the run of record {parts[0].record}" if parts else None
        )
        if ground is None:
            closure.containers.update(relations.records(capture))
        else:
            closure.restricted += [Restriction(item=i, ground=ground) for i in relations.records(capture)]
    return closure


def _reads(session: Session, items: set[int]) -> set[int]:
    """Give the sealed lines of journals that hold a query which showed one of these items, or found it among few.

    A line over more than a thousand items does not list them: it is taken, for nobody can say.
    """
    found = set()
    for index, body in session.bodies("read", "oversight"):
        if isinstance(body, Read) and body.query is not None:
            unlisted = not body.items and bool(body.count)
            if unlisted or not items.isdisjoint((*body.items, *(body.found or ()))):
                found.add(index)
    return found
