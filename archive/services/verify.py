"""Verifying an archive: the auditor's walk over read-only places. Needs no key for levels 0 and 1."""

import time
from collections.abc import Callable

from archive.ledger.checks import Question, Verification
from archive.ports import ReadPlaces
from schemas.report import Finding, VerificationReport


def verify(
    places: ReadPlaces,
    question: Question,
    progress: Callable[[int, int], None] | None = None,
    *,
    meant: str | None = None,
) -> VerificationReport:
    """Verify what lies in ``places``; findings are in the report, nothing is raised for them.

    ``meant``: the origin that the settings of this host name.
    """
    started = time.monotonic()
    report = Verification(places, question, progress).run()
    if meant is not None and report.origin is not None and report.origin != meant:
        other = Finding(
            kind="altered",
            text=f"this is the archive {report.origin}; the settings of this host name {meant}",
        )
        report = report.model_copy(update={"findings": (other, *report.findings)})
    return report.model_copy(update={"seconds": round(time.monotonic() - started, 3)})
