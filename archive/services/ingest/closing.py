"""The end of a haul: what its runs have left to seal, their reports, and what stands behind them, in one commit."""

from collections.abc import Callable, Sequence

from archive.ledger.drafts import Draft
from archive.ledger.state import LedgerState
from archive.services.ingest.batch import Batch
from archive.services.ingest.run import RECORDS_A_BATCH, WEIGHT_A_BATCH, Run
from schemas.capture import RunReport

Close = Callable[[tuple[RunReport, ...]], Sequence[Draft]]
"""Gives what is sealed behind the records of runs, from their reports. Asked again on every new head."""


def seal_together(runs: Sequence[Run], close: Close) -> None:
    """Seal what runs took, and what ``close`` gives, in one commit.

    What is more than a segment should hold goes before it, oldest first: then only its end stands in that commit.

    Raises:
        StoreError, FormatError: the archive could not be written.
    """
    for run in runs:
        if _weight(runs) > WEIGHT_A_BATCH or _records(runs) > RECORDS_A_BATCH:
            run.commit()
    last = runs[-1]
    batch = Batch(
        [candidate for run in runs for candidate in run.batch.candidates],
        ends=tuple(end for run in runs for end in run.ends.macs()),
    )
    unended = {capture for run in runs for capture in run.ends.missing()}

    def decide(head: LedgerState) -> list[Draft]:
        drafts = batch.decide(last.seen, unended, head)
        return [*drafts, *close(tuple(run.report() for run in runs))]

    last.session.ledger.append(last.writer, decide)
    last.session.sealed(last.session.ledger.state.size)
    for run in runs:
        run.tally.settle(run.batch)


def _weight(runs: Sequence[Run]) -> int:
    return sum(run.batch.weight for run in runs)


def _records(runs: Sequence[Run]) -> int:
    return sum(len(run.batch.candidates) for run in runs)
