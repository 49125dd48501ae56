"""Placing, listing and releasing holds."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from archive.errors import Refused, UsageError
from archive.keeping.called import plain
from archive.keeping.conversations import Conversations
from archive.keeping.held import HoldTest
from archive.keeping.scope import ScopeTest
from archive.ledger.drafts import Draft, draft_of
from archive.ledger.state import LedgerState
from archive.query.grammar import parse
from archive.query.plan import conditions
from archive.reading.decoding import same_name
from archive.services import register
from archive.services.added import called, marks, with_parties
from archive.services.agreed import papers, policies
from archive.services.asking import ask, check_channels, few
from archive.services.dispose.relations import conversations
from archive.services.journal import Looking, note
from archive.services.lookup import look
from archive.services.session import Session
from archive.services.written_otherwise import Counted, not_found
from schemas.item import Item, Thread
from schemas.keeping import Plan
from schemas.matter import Hold, HoldRelease, Scope


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a hold keeps now: how many items are in its scope, of how many that were looked at."""

    covered: int
    looked_at: int
    closed: int
    """Items that could not be opened; they count as held."""
    erased: tuple[tuple[int, int], ...]
    """(item that the scope names, ``erase`` record that took it)."""
    gone: int
    """All items that were erased before: what they were, and whether the scope meant them, nobody can say."""
    apart: Counted
    """(query, count): items of the archive that write a verb or a number of the scope's query otherwise."""


def coverage(session: Session, hold: Hold) -> Coverage:
    """Count what a hold keeps now, on the items of the ledger themselves."""
    state = session.ledger.state
    talks = conversations(session, [hold.scope])
    test = HoldTest(hold, state.size, register.party_states(session), talks)
    covered = looked = closed = gone = 0
    for entry in session.entries(0, state.size):
        if entry.kind != "item":
            continue
        if entry.state == "erased":
            gone += 1
            continue
        looked += 1
        closed += entry.state != "open"
        covered += test.keeps(entry)
    erased = tuple(register.erased(session, hold.scope.items).items())
    apart = not_found(session, hold.scope.query) if hold.scope.query else ()
    return Coverage(covered, looked, closed, erased, gone, apart)


def proposed(
    session: Session, matter: str, scope: Scope, *, reason: str, review: str, future: bool = True
) -> Hold:
    """Give the hold that ``place`` would place. Nothing is written.

    Raises:
        UsageError: no such matter or party, a scope that can hold nothing, a query that cannot be read, or no
            reason or review date to come.
    """
    if scope == Scope():
        raise UsageError(
            "a hold needs a scope: --party, --account, --channel, --thread, --from, --to, --query or --item"
        )
    reason = register.named(reason, "the reason of a hold")
    if not all(map(plain, scope.accounts)):
        raise UsageError("an account without a letter or a digit names nobody")
    if review < (today := session.now()[:10]):
        raise UsageError(
            f"the review date {review} is past (today is {today}): nobody would look at it again"
        )
    if scope.query:
        _check_own(session, scope.query)
    scope = _checked(session, scope)
    return _numbered(session, matter, scope, reason, review, future)


def previewed(
    session: Session, matter: str, scope: Scope, *, reason: str, review: str, future: bool = True
) -> Hold:
    """Give the hold that ``place`` would place, to count what is in it: that tells who said a word, so it is a look.

    Raises:
        UsageError: as ``proposed``.
        Refused: the policy demands a purpose or a second person, and none was given.
    """
    hold = proposed(session, matter, scope, reason=reason, review=review, future=future)
    asked = ask(session, scope.query) if scope.query else None
    found = few(session, asked, look(session, asked.fixed, asked.size, limit=0).total, ()) if asked else ()
    note(session, Looking("hold preview", found=found, query=scope.query, hold=hold))
    return hold


def place(
    session: Session, matter: str, scope: Scope, *, reason: str, review: str, future: bool = True
) -> Hold:
    """Place a hold. Raises UsageError as ``proposed``."""
    placed = [proposed(session, matter, scope, reason=reason, review=review, future=future)]

    def decide(_: LedgerState) -> Sequence[Draft]:
        placed[:] = [_numbered(session, matter, placed[0].scope, placed[0].reason, review, future)]
        return [draft_of(placed[0])]

    session.ledger.append(session.writer("legal"), decide)
    return placed[0]


def _numbered(session: Session, matter: str, scope: Scope, reason: str, review: str, future: bool) -> Hold:
    if register.matter(session, matter).status == "closed":
        raise UsageError(f"{matter} is closed; `beleg matter reopen {matter}` opens it again")
    parties = register.party_states(session)
    for identifier in scope.parties:
        if identifier not in parties:
            raise UsageError(f"there is no party {identifier}; `beleg party list` shows them")
    ScopeTest(scope, parties, Conversations())
    return Hold(
        id=register.next_id("H", (hold.id for hold, _ in register.holds(session))),
        matter=matter, reason=reason, scope=scope, future=future, review=review,
        placed=session.now(), person=register.actor(session, "legal"),
    )  # fmt: skip


def _check_own(session: Session, query: str) -> None:
    """Refuse what no item says of itself: the search of these words finds more then than the hold would keep.

    The catalogue must be at the head: one that is behind does not know every name.
    """
    node = parse(query).node
    check_channels(session, node)
    if any(called(session, one) for one in conditions(node)):
        raise UsageError("no item says how its conversation is called: name it by --thread, not in the query")
    if with_parties(session, node)[1]:
        raise UsageError(
            "no item says which party its account belongs to: name it by --party, not in the query"
        )
    found = {"edited", "deleted"} & {asked.partition("=")[0] for asked in marks(node)}
    if found:
        raise UsageError(
            f"{min(found)}: asks what became of items later, and a hold may not hang on that; name what the search "
            "finds: --item NUMBER"
        )


def _checked(session: Session, scope: Scope) -> Scope:
    """Give a scope with the ids of threads in place of their names.

    Raises:
        UsageError: it holds nothing, by a slip of the pen: nobody would miss what it does not keep.
    """
    if scope.start and scope.end and scope.start > scope.end:
        raise UsageError(f"the period begins on {scope.start}, after its end on {scope.end}")
    size = session.ledger.follow().size
    for item in scope.items:
        if not 0 <= item < size or session.ledger.leaf(item).kind != "item":
            raise UsageError(f"there is no item {item}")
    known = {channel.name for channel in session.channels}
    if not scope.threads and set(scope.channels) <= known:
        return scope
    threads: defaultdict[str, set[str]] = defaultdict(set)
    """Id or title → ids."""
    for entry in session.entries(0, size):
        body = entry.body
        if isinstance(body, Item):
            known.add(body.key.channel)
            threads[same_name(body.thread.id)].add(body.thread.id)
        elif isinstance(body, Thread) and body.title:
            threads[same_name(body.title)].add(body.key.id)
    for channel in scope.channels:
        if channel not in known:
            raise UsageError(f"there is no channel {channel!r}; known are {', '.join(sorted(known))}")
    for thread in scope.threads:
        if same_name(thread) not in threads:
            raise UsageError(f"there is no thread {thread!r}; `beleg show NUMBER` tells an item's thread")
    ids = sorted({id_ for thread in scope.threads for id_ in threads[same_name(thread)]})
    return scope.model_copy(update={"threads": tuple(ids)})


def release(session: Session, identifier: str, reason: str) -> HoldRelease | Plan:
    """Release a hold; where the policy demands a second person, and none has agreed, only plan it.

    Raises:
        UsageError: no such hold, it was released before, or no reason is given.
        Refused: it is planned, and nobody else has approved the plan yet.
    """
    reason = register.named(reason, "the reason why a hold may end")
    released: list[HoldRelease | Plan] = []
    writer, actor = session.writer("legal"), register.actor(session, "legal")

    def decide(head: LedgerState) -> Sequence[Draft]:
        known = {hold.id: gone for hold, gone in register.holds(session)}
        if identifier not in known:
            raise UsageError(f"there is no hold {identifier}; `beleg hold list` shows them")
        if known[identifier] is not None:
            raise UsageError(f"hold {identifier} was released before")
        if not policies.needs_second(session, head.size):
            released[:] = [HoldRelease(hold=identifier, reason=reason, released=session.now(), person=actor)]
        elif (planned := policies.release_plan(session, identifier)) is None:
            released[:] = [
                Plan(
                    id=register.next_id("D", papers.plans(session)), action="release", known=head.size,
                    made=session.now(), reason=reason, hold=identifier, person=actor,
                )
            ]  # fmt: skip
        else:
            index, plan = planned
            if not policies.second_agreed(session, index, plan, writer.id):
                raise Refused(f"{plan.id} waits for a second person: `beleg approve {plan.id} --key FILE`")
            released[:] = [
                HoldRelease(hold=identifier, reason=reason, released=session.now(), plan=index, person=actor)
            ]
        return [draft_of(released[0])]

    session.ledger.append(writer, decide)
    return released[0]
