"""Coverage: of which time an archive holds what a source showed, by source, account and thread.

threads     what was shown of each conversation
sources     what was looked at, when, and what the platform counts itself
"""

from collections.abc import Sequence, Set

from archive.core.instants import from_seconds
from archive.services.coverage.disclosed import of_no_conversation, undated, unnamed
from archive.services.coverage.looks import by_wrong_clock
from archive.services.coverage.sources import accounts_of, lacking, sources_of
from archive.services.coverage.threads import newest_of, threads_of
from archive.services.journal import Looking, note, policy, protected
from archive.services.protected import has, named_by
from archive.services.session import Session
from schemas.coverage import Coverage, ThreadCoverage
from schemas.item import Key
from schemas.matter import Party

__all__ = ["coverage", "coverage_of"]


def coverage(session: Session, since: str | None = None) -> Coverage:
    """Say what is covered; what no run has shown since ``since`` is missing from then on.

    Which conversations there are, how they are called and when they last said something is content: somebody looks.
    Of a party whom the policy protects nobody is told when they write: a table of all is no way around two people.

    Raises:
        Refused: this account does not open content, or the policy demands a purpose.
    """
    session.read()
    note(session, Looking("coverage"))
    reports = list(session.catalogue.runs())
    pairs = session.catalogue.capture_runs()
    shown = session.catalogue.shown()
    wrong = by_wrong_clock(
        reports, _sealed(session, 0), session.now(), newest_of(reports, pairs, shown, session.now())
    )
    threads = threads_of(session, reports, pairs, shown, since, wrong=wrong)
    people = protected(session, policy(session))
    told = tuple(undated(one) if _is_of(one, people) else one for one in threads)
    return Coverage(
        since=since,
        runs=len(reports),
        sources=tuple(sources_of(session, reports, threads, since, wrong)),
        accounts=tuple(accounts_of(told)),
        threads=told,
        lacking=tuple(lacking(reports, pairs, {one.thread.place for one in threads}, since)),
    )


def _is_of(one: ThreadCoverage, people: Sequence[Party]) -> bool:
    """Say whether a conversation is one of these people's: seen by an account of theirs, or called after them."""
    names = [name for name in (one.title, one.thread.id) if name]
    return any(has(party, one.via) or any(named_by(name, party) for name in names) for party in people)


def _sealed(session: Session, index: int) -> str:
    """Give when a record was sealed, by the clock of then."""
    return from_seconds(session.ledger.leaf(index).time)


def coverage_of(
    session: Session, wanted: Set[Key], before: int, *, titled: bool, dated: bool = True
) -> Coverage:
    """Say what is covered of some conversations, as the records below one tell it; always the same of the same.

    Sources are left out: what they never give depends on the settings of the day. So is all that names another
    conversation.

    Args:
        session: its catalogue must be at the head.
        wanted: the conversations.
        before: records at this index and above do not count.
        titled: whether conversations stand with their names.
        dated: whether the times of first and last items are told.
    """
    reports = list(session.catalogue.runs(before))
    pairs = session.catalogue.capture_runs(before)
    shown, then = session.catalogue.shown(before), _sealed(session, before - 1)
    wrong = by_wrong_clock(reports, _sealed(session, 0), then, newest_of(reports, pairs, shown, then))
    every = threads_of(session, reports, pairs, shown, None, before, wrong)
    places = {key.place for key in wanted}
    threads = tuple(one if titled else unnamed(one) for one in every if one.thread.place in places)
    threads = threads if dated else tuple(map(undated, threads))
    sources = {name for one in threads for name in one.sources}
    short = lacking(reports, pairs, {one.thread.place for one in every}, None)
    return Coverage(
        since=None,
        runs=len(reports),
        sources=(),
        accounts=tuple(accounts_of(threads)),
        threads=threads,
        lacking=tuple(of_no_conversation(one for one in short if one.source in sources)),
    )
