"""What was looked at: by source and account, with what the platform itself counts.

A look that came to its end covers everything since the look before, as far as the platform gives it, for it goes on
from there: short failures in between cost nothing unless a gap says so. A look that broke off covers nothing; and of
a long time in which nobody looked is lost what the platform does not tell later. The longest is that before the first
look: of it is there what had not gone by then.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import timedelta

from archive.catalogue import CaptureRun
from archive.reading.times import in_utc
from archive.services.agreed.accounts import is_left_out
from archive.services.collect.kinds import kind_told
from archive.services.collect.memory import longest_turn
from archive.services.coverage.looks import DATED_WRONG, looks_at, pauses
from archive.services.coverage.stretches import settled
from archive.services.coverage.threads import differs, why_cut
from archive.services.session import Session
from archive.sources import USUAL_MINUTES, LiveFacts
from schemas.capture import Claim, Gap, RunReport
from schemas.coverage import (
    AccountCoverage,
    CoverageState,
    Emptiness,
    RunCoverage,
    SourceCoverage,
    Stretch,
    ThreadCoverage,
)
from schemas.item import Key

_LIVE = "what was asked for, as far as the platform gives it"
_UNSEEN = "things that came and went"
_WORST: tuple[CoverageState, ...] = ("missing", "partly", "covered", "impossible")


def sources_of(
    session: Session,
    reports: Iterable[RunReport],
    threads: Sequence[ThreadCoverage],
    since: str | None = None,
    wrong: Set[str] = frozenset(),
) -> Iterator[SourceCoverage]:
    """Say of each source when it was looked at, which time that covers, and what the platform counts.

    What was not looked at since ``since`` is missing from its last look on; so is what beleg.toml names and nobody
    looked at for longer than is usual. ``wrong``: looks whose time says nothing.
    """
    told = session.live_facts()
    known = {one.thread.place for one in threads}
    by_source: dict[str, list[RunReport]] = {name: [] for name in session.settings.sources}
    shown = (one for one in reports if one.read_again is None)
    for report in shown:  # in the order of sealing, whatever a clock said
        by_source.setdefault(report.source, []).append(report)
    for name, mine in sorted(by_source.items()):
        settings = session.settings.sources.get(name)
        kind = settings.kind if settings else kind_told(mine)
        facts = told.get(kind) if kind else None
        minutes = settings.minutes if settings else USUAL_MINUTES
        late = in_utc(session.clock() - longest_turn(minutes)) if settings else None
        seen = _Seen(facts, longest_turn(minutes), since, wrong)
        due = max(filter(None, (since, late)), default=None)
        stretches = tuple(settled(list(_looked(mine, due, known, seen))))
        counts = _counts(mine)
        own = {settings.account} if settings and settings.account else set()
        here = [one for one in threads if name in one.sources]
        because = [f"{claim.scope}: the platform counts {claim.expected}, here are {claim.found}"
                   for claim in counts if differs(claim)]  # fmt: skip
        because += [why for one in stretches if one.state == "missing" for why in one.because]
        looks = [report.ended for report in _ended(looks_at(mine, wrong))]
        yield SourceCoverage(
            source=name,
            kind=kind,
            accounts=tuple(sorted({one.via.id for one in here} or own)),
            runs=len(mine),
            threads=len(here),
            items=sum(one.items for one in here),
            looked=next((one for one in looks if one <= looks[-1]), None),
            seen=looks[-1] if looks else None,
            state=_state(looks, stretches, because, since),
            because=tuple(dict.fromkeys(because)),
            stretches=stretches,
            counts=counts,
            empty=tuple(_empty(mine)),
            never=facts.never if facts else (),
        )


def accounts_of(threads: Iterable[ThreadCoverage]) -> Iterator[AccountCoverage]:
    """Sum up the threads of each account, as it saw them."""
    by_account: dict[tuple[str, Key], list[ThreadCoverage]] = defaultdict(list)
    for one in threads:
        by_account[one.channel, one.via].append(one)
    for (channel, via), mine in sorted(by_account.items(), key=lambda pair: (pair[0][0], pair[0][1].id)):
        states: tuple[tuple[CoverageState, int], ...] = tuple(
            (state, count) for state in _WORST if (count := sum(one.state == state for one in mine))
        )
        yield AccountCoverage(
            channel=channel,
            via=via,
            sources=tuple(sorted({name for one in mine for name in one.sources})),
            threads=len(mine),
            items=sum(one.items for one in mine),
            first=min((one.first for one in mine if one.first), default=None),
            last=max((one.last for one in mine if one.last), default=None),
            seen=max((one.seen for one in mine if one.seen), default=None),
            state=states[0][0],
            states=states,
        )


def lacking(
    reports: Iterable[RunReport],
    pairs: Sequence[CaptureRun],
    known: Set[tuple[str, str, str]],
    since: str | None,
) -> Iterator[RunCoverage]:
    """Give the runs that lack something which no listed thread tells."""
    failed: dict[str, int] = defaultdict(int)
    for pair in pairs:
        failed[pair.run] += pair.failed
    every = list(reports)
    counted = {id(claim) for claims in _newest_counts(every).values() for claim in claims.values()}
    for report in every:
        gaps = tuple(gap for gap in report.gaps if gap.thread is None or gap.thread.place not in known)
        # What a live source counted is settled by its newest count.
        live = report.advance is not None
        claims = tuple(
            claim for claim in report.claims if differs(claim) and (not live or id(claim) in counted)
        )
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


def _ended(reports: Iterable[RunReport]) -> list[RunReport]:
    """Give the looks that came to their end."""
    return [report for report in reports if report.is_whole]


def _left_out(reports: Sequence[RunReport]) -> list[str]:
    """Give what the rule for its account kept out of the newest look of a live source."""
    newest = [report for report in _ended(reports) if report.advance is not None][-1:]
    return [line for report in newest for line in report.policy if is_left_out(line)]


def _looked(
    reports: Sequence[RunReport],
    since: str | None,
    known: Set[tuple[str, str, str]],
    seen: "_Seen",
) -> Iterator[Stretch]:
    """Give the stretches of time of one source, by its runs in order; ``known`` are conversations that tell their own.

    One that was asked for and never given is no conversation here: its gap is one of the source.
    """
    before: str | None = None
    failing: RunReport | None = None
    cut: RunReport | None = None
    gaps: list[Stretch] = []
    unplaced: list[Gap] = []
    live = any(report.is_live for report in reports)
    for report in reports:
        unplaced += [one for one in report.gaps if one.thread is None or one.thread.place not in known]
        is_dated = report.id not in seen.wrong
        if is_dated:  # else what it lacks is placed at the next look whose time is known
            gaps += [_gap(gap, before, report) for gap in unplaced]
            unplaced = []
        if live and not report.is_live:
            continue  # handed in under the name of the source: nobody looked
        if report.outcome == "stopped":
            failing = failing or report
            continue
        failing, cut = None, None if report.is_whole else report
        before = report.ended if report.is_whole and is_dated else before
    if before is not None:
        yield from (
            _covered(reports, before, seen)
            if live
            else (Stretch(state="partly", end=before, because=("what was handed in",)),)
        )
    elif any(report.id in seen.wrong for report in reports):
        yield Stretch(state="partly", because=(DATED_WRONG,))
    if seen.unseen:
        yield from _pauses(looks_at(reports, seen.wrong), seen)
    yield from (*gaps, *(_gap(gap, before, None) for gap in unplaced))
    yield from (Stretch(state="missing", because=(line,)) for line in _left_out(reports))
    if failing is not None:
        yield Stretch(
            state="missing", start=before, because=(f"it cannot be read: {'; '.join(failing.notes)}",)
        )
    elif cut is not None:
        yield Stretch(state="partly", start=before, because=(f"it was not read to its end: {why_cut(cut)}",))
    elif before is not None and since is not None and before < since:
        yield Stretch(state="missing", start=before, because=(f"no run has shown it since {since}",))


def _covered(reports: Sequence[RunReport], last: str, seen: "_Seen") -> Iterator[Stretch]:
    """Give the time up to the last look at a live source: covered from the first look on.

    Nobody looked before: that is the longest of all pauses. A look after the last one is of a clock that was wrong.
    """
    first = next(one.ended for one in _ended(looks_at(reports, seen.wrong)) if one.ended <= last)
    if seen.since is None or seen.since < first:
        because = [f"{seen.window} were in sight at the first look"] if seen.window else []
        because.append(f"nobody looked before: {seen.unseen or _UNSEEN} are not known")
        yield Stretch(state="partly", end=first, because=tuple(because))
    yield Stretch(state="covered", start=first, end=last, because=(_LIVE,))


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a source shows of a time, by its kind, and what that time is."""

    facts: LiveFacts | None
    longest: timedelta
    """From how long a pause on it is told what is lost in it."""
    since: str | None
    """What lies before was not asked about."""
    wrong: Set[str] = frozenset()
    """Looks whose time says nothing."""

    @property
    def window(self) -> str:
        """Give what of the time before the first look is in sight, where it is not all that is left of it."""
        return self.facts.window if self.facts else ""

    @property
    def unseen(self) -> str:
        """Give what it loses while nobody looks."""
        return self.facts.unseen if self.facts else ""


def _pauses(looks: Sequence[RunReport], seen: _Seen) -> Iterator[Stretch]:
    """Give the times in which nobody looked for longer than is usual."""
    because = f"it was not read then: {seen.unseen} are not known"
    for one in pauses(looks, seen.longest):
        yield Stretch(state="partly", start=one.start, end=one.end, because=(because,))


def _gap(gap: Gap, before: str | None, report: RunReport | None) -> Stretch:
    """Place a gap in time: where it does not say, between the look before and the one that found it, if it is dated."""
    known = gap.start is not None or gap.end is not None
    return Stretch(
        state="missing",
        start=gap.start if known else before,
        end=gap.end if known or report is None else report.ended,
        because=(gap.reason,),
    )


def _state(
    looks: Sequence[str], stretches: Sequence[Stretch], because: Sequence[str], since: str | None
) -> CoverageState:
    if not looks and any(one.state == "partly" for one in stretches):
        return "partly"  # the first look has not come to its end
    if not looks or (since is not None and looks[-1] < since):
        return "missing"
    if because or any(one.state != "covered" for one in stretches):
        return "partly"
    return "covered"


def _counts(reports: Sequence[RunReport]) -> tuple[Claim, ...]:
    found: dict[str, Claim] = {}
    for claims in _newest_counts(reports).values():
        found |= claims
    return tuple(found[scope] for scope in sorted(found))


def _empty(reports: Iterable[RunReport]) -> Iterator[Emptiness]:
    """Give what looks at a live source found empty, each by the newest that read it from the beginning."""
    looked = {
        name: one.ended for one in reports if one.advance for claim in one.claims if (name := claim.empty)
    }
    return (Emptiness(name=name, looked=looked[name]) for name in sorted(looked))


def _newest_counts(reports: Iterable[RunReport]) -> dict[str, dict[str, Claim]]:
    """Give of each live source what the platform itself counted the last time, by what is counted.

    What is counted no more, a folder that is there no more, has no count.
    """
    found: dict[str, dict[str, Claim]] = defaultdict(dict)
    for report in reports:
        counts = {claim.scope: claim for claim in report.claims if claim.expected is not None}
        if report.advance is not None and counts:
            found[report.source] = counts
    return found
