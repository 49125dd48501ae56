"""Verifying an archive: the auditor's walk over read-only places. Needs no key for levels 0 and 1."""

import time
from collections.abc import Callable

from archive.ledger.checks import Question, Verification
from archive.ports import ReadPlaces
from schemas.report import VerificationReport


def verify(
    places: ReadPlaces, question: Question, progress: Callable[[int, int], None] | None = None
) -> VerificationReport:
    """Verify what lies in ``places``; findings are in the report, nothing is raised for them."""
    started = time.monotonic()
    report = Verification(places, question, progress).run()
    return report.model_copy(update={"seconds": round(time.monotonic() - started, 3)})
