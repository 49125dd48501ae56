"""Which time is covered of each thread, by which source, and what is known to be missing.

An export is a look at a moment: a thread is covered from its first item to its last, on the word of the reader of its
newest run, and nothing is said of the time after that run.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from archive.catalogue import CaptureRun, Shown
from archive.reading.times import in_utc
from archive.services.agreed.accounts import is_of_account
from archive.services.coverage.looks import Looks
from archive.services.coverage.stretches import settled
from archive.services.session import Session
from schemas.capture import Claim, Gap, RunReport
from schemas.coverage import CoverageState, Stretch, ThreadCoverage
from schemas.item import Key

_CLAIMED = {
    "exact": "the newest run claims to be complete",
    "capped": "the platform gives only so many of the newest",
    "last_state": "the export shows the last state only: earlier words and what was deleted before are not in it",
    "gaps_by_design": "such exports leave parts out",
    "unknown": "whether the export is complete is unknown",
}

_OF_EXPORTS = frozenset(("gaps_by_design", "unknown"))
"""Claims that a reader makes of any export of its platform: of what was asked for live, cursor and gaps say more."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A run that read a capture."""

    report: RunReport
    sealed: int
    """Its place among the runs."""
    failed: int
    """Units of this capture that failed in it."""


def threads_of(
    session: Session,
    reports: Sequence[RunReport],
    pairs: Sequence[CaptureRun],
    shown: Sequence[Shown],
    since: str | None,
    before: int | None = None,
    wrong: Set[str] = frozenset(),
) -> tuple[ThreadCoverage, ...]:
    """Say what is covered of each thread, as each account saw it; by the records below ``before``, if it is given.

    ``wrong``: looks whose time says nothing.
    """
    catalogue = session.catalogue
    by_id = {report.id: (report, number) for number, report in enumerate(reports)}
    reads: dict[str, list[_Read]] = defaultdict(list)
    for pair in sorted(pairs, key=lambda pair: by_id[pair.run][1]):
        _take(reads[pair.capture], _Read(*by_id[pair.run], pair.failed))
    titles = {found.key.place: found.title for found in catalogue.threads(before)}
    looks = Looks(reports, wrong)
    order = {report.id: number for number, report in enumerate(reports)}
    gaps: dict[tuple[str, str, str], dict[Gap, None]] = defaultdict(dict)
    for gap in (gap for report in reports for gap in report.gaps):
        if gap.thread is not None:  # also where its run brought nothing of the thread: then more than ever
            gaps[gap.thread.place][gap] = None
    by_thread: dict[tuple[Key, Key], list[Shown]] = defaultdict(list)
    for one in shown:
        by_thread[one.via, one.thread].append(one)
    return tuple(
        _thread(
            via,
            thread,
            parts,
            reads,
            looks,
            order,
            tuple(gaps.get(thread.place, ())),
            titles.get(thread.place),
            since,
        )
        for (via, thread), parts in by_thread.items()
    )


def newest_of(
    reports: Sequence[RunReport], pairs: Sequence[CaptureRun], shown: Sequence[Shown], now: str
) -> dict[str, str]:
    """Give by run when the newest was said of what it was the first to read, without what is dated after ``now``."""
    order = {report.id: number for number, report in enumerate(reports)}
    first: dict[str, str] = {}
    for pair in sorted(pairs, key=lambda pair: order[pair.run], reverse=True):
        first[pair.capture] = pair.run
    found: dict[str, str] = {}
    for part in shown:
        said, run = _time(part.last), first.get(part.capture or "")
        if run is not None and said is not None and said <= now:
            found[run] = max(said, found.get(run, ""))
    return found


def _take(reads: list[_Read], one: _Read) -> None:
    """Add a reading of a capture. One of kept bytes shows nothing anew: it tells what its reader could read of them.

    Of an export it also makes the claims; of what was collected, cursor and gaps say more.
    """
    if one.report.read_again is None or not reads:
        reads.append(one)
        return
    last = reads[-1]
    claims = last.report.claims if last.report.advance is not None else one.report.claims
    reads[-1] = replace(last, report=last.report.model_copy(update={"claims": claims}), failed=one.failed)


def _thread(
    via: Key,
    thread: Key,
    parts: Sequence[Shown],
    reads: dict[str, list[_Read]],
    looks: Looks,
    order: Mapping[str, int],
    gaps: tuple[Gap, ...],
    title: str | None,
    since: str | None,
) -> ThreadCoverage:
    mine = [read for part in parts if part.capture for read in reads.get(part.capture, ())]
    newest = max(mine, key=lambda read: read.sealed, default=None)
    sources = sorted({read.report.source for read in mine})
    # A live source shows only what is new: that it was asked and had nothing more says as much.
    shown = [read.report for read in mine]
    shown += [looks.newest_whole[source] for source in sources if source in looks.newest_whole]
    last_shown = max(shown, key=lambda report: order[report.id], default=None)
    seen = last_shown.ended if last_shown else None
    every = [looks.newest[source] for source in sources if source in looks.newest]
    whole = max(
        (order[looks.newest_whole[one].id] for one in sources if one in looks.newest_whole), default=-1
    )
    # One that another source read to its end since then lacks nothing: a source may be called otherwise now.
    cut = [report for report in every if not report.is_whole and order[report.id] > whole]
    state, because = _judged(newest, mine, seen, gaps, since)
    if cut and state != "missing":
        broken = (f"{report.source} was not read to its end: {why_cut(report)}" for report in cut)
        state, because = "partly", (*because, *broken)
    first = _time(min((part.first for part in parts if part.first is not None), default=None))
    last = _time(max((part.last for part in parts if part.last is not None), default=None))
    stretches = list(_stretches(state, because, newest, first, last, gaps))
    in_order = sorted((read.report for read in mine), key=lambda report: order[report.id])
    for pause, why in (*looks.before(in_order, seen, first, since), *looks.unread(sources, first)):
        state, because = "partly" if state == "covered" else state, (*because, why)
        stretches.append(Stretch(state="partly", start=pause.start, end=pause.end, because=(why,)))
    return ThreadCoverage(
        channel=thread.channel,
        via=via,
        thread=thread,
        title=title,
        sources=tuple(sources),
        items=sum(part.items for part in parts),
        first=first,
        last=last,
        seen=seen,
        state=state,
        because=because,
        gaps=gaps,
        stretches=tuple(settled(stretches)),
    )


def _stretches(
    state: CoverageState,
    because: tuple[str, ...],
    newest: _Read | None,
    first: str | None,
    last: str | None,
    gaps: Sequence[Gap],
) -> Iterator[Stretch]:
    """Say which time is in which state: what was shown, what is known to be missing, what nobody is given."""
    if newest is not None and first and any(claim.kind == "capped" for claim in newest.report.claims):
        yield Stretch(state="impossible", end=first, because=(_CLAIMED["capped"],))
    if first:
        told = "partly" if state == "missing" else state
        yield Stretch(state=told, start=first, end=last, because=() if state == "missing" else because)
    for gap in gaps:
        yield Stretch(state="missing", start=gap.start, end=gap.end, because=(gap.reason,))
    if state == "missing":
        yield Stretch(state="missing", start=last, because=because)


def _judged(
    newest: _Read | None, reads: Sequence[_Read], seen: str | None, gaps: Sequence[Gap], since: str | None
) -> tuple[CoverageState, tuple[str, ...]]:
    """Judge a thread by the newest run that showed it, and say why."""
    if newest is None:
        return "partly", ("no run tells where this came from",)
    report = newest.report
    if since is not None and (seen is None or seen < since):
        return "missing", (f"no run has shown it since {since}",)
    kinds = {claim.kind for claim in report.claims} or {"unknown"}
    if report.advance is not None:
        kinds -= _OF_EXPORTS
    because = [_CLAIMED[kind] for kind in sorted(kinds - {"exact"} or {"exact"})]
    short = [claim for claim in report.claims if differs(claim)]
    because += [f"{claim.scope}: {claim.expected} expected, {claim.found} found" for claim in short]
    failed = sum(read.failed for read in reads if read is newest or read.report.advance is not None)
    if failed:
        because.append(f"{failed} units of its files could not be read")
    because += [gap.reason for gap in gaps]
    if chosen := [line for line in report.policy if not is_of_account(line)]:
        because.append("a part was left out by choice: " + "; ".join(chosen))
    whole = because == [_CLAIMED["exact"]]
    return ("covered" if whole else "partly"), tuple(because)


def why_cut(report: RunReport) -> str:
    """Say why a look did not come to its end."""
    return (
        "; ".join(report.notes)
        if report.outcome == "stopped"
        else f"broken off at {report.ended}, or going on"
    )


def differs(claim: Claim) -> bool:
    """Say whether the platform counts other than was found."""
    return claim.expected is not None and claim.found != claim.expected


def _time(seconds: int | None) -> str | None:
    return None if seconds is None else in_utc(datetime.fromtimestamp(seconds, UTC))
