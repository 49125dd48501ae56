"""Coverage: of which time an archive holds what a source showed, by source, account and thread.

threads     what was shown of each conversation
sources     what was looked at, when, and what the platform counts itself
"""

from archive.services.coverage.sources import accounts_of, lacking, sources_of
from archive.services.coverage.threads import threads_of
from archive.services.session import Session
from schemas.coverage import Coverage

__all__ = ["coverage"]


def coverage(session: Session, since: str | None = None) -> Coverage:
    """Say what is covered; what no run has shown since ``since`` is missing from then on.

    Raises:
        Refused: this account does not open content.
    """
    session.read()
    reports = list(session.catalogue.runs())
    pairs = session.catalogue.capture_runs()
    threads = threads_of(session, reports, pairs, since)
    return Coverage(
        since=since,
        runs=len(reports),
        sources=tuple(sources_of(session, reports, threads)),
        accounts=tuple(accounts_of(threads)),
        threads=threads,
        lacking=tuple(lacking(reports, pairs, {one.thread for one in threads}, since)),
    )
