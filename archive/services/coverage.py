"""Which time is covered of each thread, by which source, and what is known to be missing.

An export is a look at a moment: a thread is covered from its first item to its last, on the word of the reader of its
newest run, and nothing is said of the time after that run.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from archive.catalogue import CaptureRun, Shown
from archive.services.session import Session
from schemas.capture import Claim, Gap, RunReport
from schemas.coverage import Coverage, CoverageState, RunCoverage, ThreadCoverage
from schemas.item import Key

_CLAIMED = {
    "exact": "the newest run claims to be complete",
    "capped": "the platform gives only so many of the newest",
    "last_state": "the export shows the last state only: earlier words and what was deleted before are not in it",
    "gaps_by_design": "such exports leave parts out",
    "unknown": "whether the export is complete is unknown",
}


@dataclass(frozen=True, slots=True)
class _Read:
    """A run that read a capture."""

    report: RunReport
    failed: int
    """Units of this capture that failed in it."""


def coverage(session: Session, since: str | None = None) -> Coverage:
    """Say what is covered; what no run has shown since ``since`` is missing from then on.

    Raises:
        Refused: this account does not open content.
    """
    session.read()
    catalogue = session.catalogue
    reports = {report.id: report for report in catalogue.runs()}
    pairs = catalogue.capture_runs()
    reads: dict[str, list[_Read]] = defaultdict(list)
    for pair in pairs:
        reads[pair.capture].append(_Read(reports[pair.run], pair.failed))
    titles = {found.key: found.described.title for found in catalogue.threads() if found.described}
    looks = _looks(reports.values())
    by_thread: dict[tuple[Key, Key], list[Shown]] = defaultdict(list)
    for one in catalogue.shown():
        by_thread[one.via, one.thread].append(one)
    threads = tuple(
        _thread(via, thread, parts, reads, looks, titles.get(thread), since)
        for (via, thread), parts in by_thread.items()
    )
    return Coverage(
        since=since,
        runs=len(reports),
        threads=threads,
        lacking=tuple(_lacking(reports.values(), pairs, {one.thread for one in threads}, since)),
    )


def _thread(
    via: Key,
    thread: Key,
    parts: Sequence[Shown],
    reads: dict[str, list[_Read]],
    looks: dict[str, RunReport],
    title: str | None,
    since: str | None,
) -> ThreadCoverage:
    mine = [read for part in parts if part.capture for read in reads.get(part.capture, ())]
    newest = max(mine, key=lambda read: read.report.ended, default=None)
    sources = sorted({read.report.source for read in mine})
    seen = [read.report.ended for read in mine]
    # A live source shows only what is new: that it was asked and had nothing more says as much.
    seen += [
        looks[source].ended for source in sources if source in looks and looks[source].outcome != "stopped"
    ]
    stopped = [looks[source] for source in sources if source in looks and looks[source].outcome == "stopped"]
    gaps = tuple(dict.fromkeys(gap for read in mine for gap in read.report.gaps if gap.thread == thread))
    state, because = _judged(newest, mine, max(seen, default=None), gaps, since)
    if stopped and state != "missing":
        told = (f"{report.source} was not read to its end: {'; '.join(report.notes)}" for report in stopped)
        state, because = "partly", (*because, *told)
    return ThreadCoverage(
        channel=thread.channel,
        via=via,
        thread=thread,
        title=title,
        sources=tuple(sources),
        items=sum(part.items for part in parts),
        first=_time(min((part.first for part in parts if part.first is not None), default=None)),
        last=_time(max((part.last for part in parts if part.last is not None), default=None)),
        seen=max(seen, default=None),
        state=state,
        because=because,
        gaps=gaps,
    )


def _looks(reports: Iterable[RunReport]) -> dict[str, RunReport]:
    """Give the newest run of each source that is collected live: each run shows only what is new."""
    live = {report.source for report in reports if report.advance is not None}
    newest: dict[str, RunReport] = {}
    for report in sorted(reports, key=lambda report: report.ended):
        if report.source in live:
            newest[report.source] = report
    return newest


def _judged(
    newest: _Read | None, reads: Sequence[_Read], seen: str | None, gaps: Sequence[Gap], since: str | None
) -> tuple[CoverageState, tuple[str, ...]]:
    """Judge a thread by the newest run that showed it, and say why."""
    if newest is None:
        return "partly", ("no run tells where this came from",)
    report = newest.report
    if since is not None and (seen is None or seen < since):
        return "missing", (f"no run has shown it since {since}",)
    because = [_CLAIMED[kind] for kind in sorted({claim.kind for claim in report.claims} or {"unknown"})]
    short = [claim for claim in report.claims if _differs(claim)]
    because += [f"{claim.scope}: {claim.expected} expected, {claim.found} found" for claim in short]
    failed = sum(read.failed for read in reads if read is newest or read.report.advance is not None)
    if failed:
        because.append(f"{failed} units of its files could not be read")
    because += [gap.reason for gap in gaps]
    if report.policy:
        because.append("a part was left out by choice: " + "; ".join(report.policy))
    whole = because == [_CLAIMED["exact"]]
    return ("covered" if whole else "partly"), tuple(because)


def _lacking(
    reports: Iterable[RunReport], pairs: Sequence[CaptureRun], known: set[Key], since: str | None
) -> Iterator[RunCoverage]:
    """Give the runs that lack something which no listed thread tells."""
    failed: dict[str, int] = defaultdict(int)
    for pair in pairs:
        failed[pair.run] += pair.failed
    for report in reports:
        gaps = tuple(gap for gap in report.gaps if gap.thread is None or gap.thread not in known)
        claims = tuple(claim for claim in report.claims if _differs(claim))
        lost = failed[report.id] + sum(file.failed for file in report.files if file.capture is None)
        stopped = "; ".join(report.notes) if report.outcome == "stopped" else None
        if (gaps or claims or lost or stopped) and (since is None or report.ended >= since):
            yield RunCoverage(
                run=report.id,
                source=report.source,
                origin=report.origin,
                ended=report.ended,
                failed=lost,
                stopped=stopped,
                claims=claims,
                gaps=gaps,
            )


def _differs(claim: Claim) -> bool:
    return claim.expected is not None and claim.found != claim.expected


def _time(seconds: int | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
