"""Verifying an archive: the auditor's walk over read-only places. Needs no key for levels 0 and 1."""

import time
from collections.abc import Callable

from archive.errors import UsageError
from archive.ledger.checks import Question, Verification
from archive.ledger.resume import Resume
from archive.ledger.scanning import Workers
from archive.ports import ReadPlaces
from schemas.report import Finding, VerificationReport


def verify(
    places: ReadPlaces,
    question: Question,
    progress: Callable[[int, int], None] | None = None,
    *,
    meant: str | None = None,
    workers: Workers | None = None,
    since: Resume | None = None,
    keep: Callable[[Resume], None] | None = None,
) -> VerificationReport:
    """Verify what lies in ``places``; findings are in the report, nothing is raised for them.

    Args:
        places: read only.
        question: what to verify, and against what.
        progress: told how far it is.
        meant: the origin that the settings of this host name.
        workers: who scans; by default this process alone.
        since: the end of an earlier verification, to go on from.
        keep: given what a later verification may go on from, if nothing was found.

    Raises:
        UsageError: the earlier verification went less deep than this one.
    """
    if since is not None and since.level < question.level:
        raise UsageError(
            f"the earlier verification went to level {since.level}: one of level {question.level} begins anew, "
            "without --since or with a file of its own"
        )
    started = time.monotonic()
    verification = Verification(places, question, progress, workers, since)
    report = verification.run()
    if meant is not None and report.origin is not None and report.origin != meant:
        other = Finding(
            kind="altered",
            text=f"this is the archive {report.origin}; the settings of this host name {meant}",
        )
        report = report.model_copy(update={"findings": (other, *report.findings)})
    if keep is not None and report.exit_code == 0:
        keep(verification.resume())
    return report.model_copy(update={"seconds": round(time.monotonic() - started, 3)})
