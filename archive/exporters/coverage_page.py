"""Coverage as one HTML page that stands by itself: what an archive holds of which time, and what it lacks."""

from collections.abc import Iterable
from html import escape

from schemas.capture import Claim, Gap
from schemas.coverage import (
    AccountCoverage,
    Coverage,
    CoverageState,
    Emptiness,
    RunCoverage,
    SourceCoverage,
    Stretch,
    ThreadCoverage,
)

_STYLE = """
body{font:15px/1.5 Georgia,serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#111}
h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2rem}
table{border-collapse:collapse;width:100%;font-size:.85rem}td,th{border:1px solid #bbb;padding:.3rem .5rem;
text-align:left;vertical-align:top;overflow-wrap:anywhere}td.n{text-align:right}
.covered{border-left:.4rem solid #175c2d}.partly{border-left:.4rem solid #8a6100}
.missing{border-left:.4rem solid #a01010}.impossible{border-left:.4rem solid #555}
@media print{body{margin:0;max-width:none}}
"""

WORDS: dict[CoverageState, str] = {
    "covered": "covered",
    "partly": "partly covered",
    "missing": "missing",
    "impossible": "impossible",
}


def page(coverage: Coverage, origin: str, made: str) -> str:
    """Give the page; ``made`` is the time of the answer by the clock of whoever asked."""
    count = {state: sum(one.state == state for one in coverage.threads) for state in WORDS}
    told = ", ".join(f"{number} {WORDS[state]}" for state, number in count.items())
    asked = f" Missing is what no run has shown since {coverage.since}." if coverage.since else ""
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>Coverage of {escape(origin)}</title><style>{_STYLE}</style></head><body><main>"
        f"<h1>Coverage of the archive {escape(origin)}</h1>"
        f"<p>Made {escape(made)}. {len(coverage.threads)} conversations from {coverage.runs} runs: {escape(told)}."
        f"{escape(asked)}</p>"
        "<p>Covered means: from the first item to the last, on the word of the export, up to the run that last "
        "showed it. Impossible is what a platform gives to nobody, or gives no more. Before and after, nothing is "
        "said.</p>"
        f"{_section('Sources', _sources(coverage.sources)) if coverage.sources else ''}"
        f"<h2>Accounts</h2>{_accounts(coverage.accounts)}"
        f"<h2>Conversations</h2>{_threads(coverage.threads)}"
        f"<h2>What runs lack that belongs to no conversation above</h2>{_runs(coverage.lacking)}</main></body></html>\n"
    )


def _section(name: str, table: str) -> str:
    return f"<h2>{name}</h2>{table}"


def _sources(sources: Iterable[SourceCoverage]) -> str:
    head = (
        "state",
        "source",
        "kind",
        "accounts",
        "first look",
        "last look",
        "items",
        "time",
        "counts",
        "never had",
    )
    return _table(head, map(_source, sources))


def _source(one: SourceCoverage) -> str:
    cells = [
        one.source,
        one.kind or "files",
        ", ".join(one.accounts),
        one.looked or "never",
        one.seen or "never",
    ]
    told = (*map(counted, one.counts), *map(emptiness, one.empty))
    counts = "<br>".join(map(escape, told))
    return (
        f"{_state(one.state)}{_cells(cells)}<td class='n'>{one.items}</td><td>{_times(one.stretches)}</td>"
        f"<td>{counts}</td><td>{'<br>'.join(map(escape, one.never))}</td></tr>"
    )


def counted(claim: Claim) -> str:
    """Say what a platform counts itself, and what was found."""
    verdict = "as here" if claim.found == claim.expected else f"{claim.found} here"
    return f"{claim.scope}: {claim.expected} by the platform's count, {verdict}"


def emptiness(one: Emptiness) -> str:
    """Say of a conversation that it was looked at, for without items it stands nowhere else."""
    return f"{one.name}: nothing was in it when it was first looked at, {one.looked}; what came later stands below"


def _accounts(accounts: Iterable[AccountCoverage]) -> str:
    head = (
        "worst",
        "channel",
        "account",
        "sources",
        "from",
        "to",
        "last seen",
        "conversations",
        "items",
        "states",
    )
    return _table(head, map(_account, accounts))


def _account(one: AccountCoverage) -> str:
    cells = [one.channel, one.via.id, ", ".join(one.sources), one.first or "", one.last or "", one.seen or ""]
    states = ", ".join(f"{count} {WORDS[state]}" for state, count in one.states)
    return (
        f"{_state(one.state)}{_cells(cells)}<td class='n'>{one.threads}</td><td class='n'>{one.items}</td>"
        f"<td>{escape(states)}</td></tr>"
    )


def _state(state: CoverageState) -> str:
    return f"<tr><td class='{state}'>{WORDS[state]}</td>"


def _times(stretches: Iterable[Stretch]) -> str:
    return "<br>".join(f"<bdi>{escape(stretch(one))}</bdi>" for one in stretches)


def stretch(one: Stretch) -> str:
    """Say a stretch of time in a line."""
    if one.start is None and one.end is None:
        time = "at all times"
    else:
        time = f"{one.start or 'the beginning'} to {one.end or 'now'}"
    because = f": {'; '.join(one.because)}" if one.because else ""
    return f"{WORDS[one.state]} {time}{because}"


def _threads(threads: Iterable[ThreadCoverage]) -> str:
    head = (
        "state",
        "channel",
        "account",
        "conversation",
        "source",
        "items",
        "from",
        "to",
        "last seen",
        "time",
    )
    return _table(head, (_thread(one) for one in threads))


def _thread(one: ThreadCoverage) -> str:
    cells = [one.channel, one.via.id or "", one.title or one.thread.id, ", ".join(one.sources)]
    times = [one.first or "", one.last or "", one.seen or ""]
    return (
        f"{_state(one.state)}{_cells(cells)}<td class='n'>{one.items}</td>{_cells(times)}"
        f"<td>{_times(one.stretches) or '<br>'.join(map(escape, one.because))}</td></tr>"
    )


def _runs(runs: Iterable[RunCoverage]) -> str:
    return _table(("ended", "source", "input", "what is lacking"), (_run(one) for one in runs))


def _run(run: RunCoverage) -> str:
    why = "<br>".join(escape(line) for line in lacks(run))
    return f"<tr>{_cells([run.ended, run.source, run.origin])}<td>{why}</td></tr>"


def lacks(run: RunCoverage) -> list[str]:
    """Say line by line what a run lacks."""
    told = [f"not finished: {run.stopped}"] if run.stopped else []
    told += [f"{run.failed} units could not be read"] if run.failed else []
    told += [f"{claim.scope}: {claim.expected} expected, {claim.found} found" for claim in run.claims]
    return told + [_gap(gap) for gap in run.gaps]


def _gap(gap: Gap) -> str:
    if gap.start is None and gap.end is None:
        return gap.reason
    return f"{gap.start or 'the beginning'} to {gap.end or 'now'}: {gap.reason}"


def _cells(values: Iterable[str]) -> str:
    # What outsiders named may turn the direction of what follows: it is shut in.
    return "".join(f"<td><bdi>{escape(value)}</bdi></td>" for value in values)


def _table(head: Iterable[str], rows: Iterable[str]) -> str:
    body = "".join(rows)
    columns = "".join(f"<th>{escape(name)}</th>" for name in head)
    return f"<table><tr>{columns}</tr>{body}</table>" if body else "<p>None.</p>"
