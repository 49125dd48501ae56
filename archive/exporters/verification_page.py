"""The report of a verification as one HTML page that stands by itself: for a lawyer's file."""

import html
from dataclasses import dataclass
from datetime import UTC, datetime

from archive.exporters.visible import one_line
from schemas.report import ErasureOrder, VerificationReport

_STYLE = """
body{font:16px/1.5 Georgia,serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#111}
h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2rem}
.verdict{border:3px solid;padding:.8rem 1rem;font-weight:bold}
.good{border-color:#175c2d}.bad{border-color:#a01010}.open{border-color:#8a6100}
table{border-collapse:collapse;width:100%;font-size:.9rem}td,th{border:1px solid #bbb;padding:.3rem .5rem;
text-align:left;vertical-align:top;overflow-wrap:anywhere}th{overflow-wrap:normal}code{font-size:.85rem;overflow-wrap:anywhere}
@media print{body{margin:0;max-width:none}}
"""

MEANINGS = {
    "altered": "bytes are not what was hashed or signed",
    "missing": "something that must be there is not",
    "unexpected": "something is there that the ledger does not name",
    "bad_signature": "no registered key that counts signed it",
    "bad_role": "a key signed what its role may not",
    "bad_chain": "records do not follow each other",
    "fork": "there are two histories",
    "rolled_back": "less is here than was signed",
    "key_missing": "a key was destroyed that no erasure names",
    "key_returned": "a destroyed key is back",
    "not_opened": "a record is not what was committed to",
    "disowned": "a genuine checkpoint was set aside by the owner",
    "bad_token": "a time stamp does not hold",
    "unknown": "could not be told",
    "unreachable": "a place gave no answer",
    "duplicate": "the same bytes twice, or a lost race: harmless",
    "open_erasure": "an erasure is ordered and not carried out yet",
    "not_copied": "a key page is not in the second copy yet",
    "clock": "the operator's clock was wrong",
    "older_head": "an outside head that agrees and is older than the end",
    "not_believed": "an authority is none of those given",
    "expired": "the certificate of an authority has ended since",
}


def _cell(text: str) -> str:
    """Give text from outside for the page: its marks are text, and what turns or hides other text is shown."""
    return html.escape(one_line(text))


@dataclass(frozen=True, slots=True)
class Beside:
    """What whoever verified knows beside the report."""

    seed: str = ""
    """By which records were drawn."""
    journal: str | None = None
    """What is to be said of this host's journal of reads."""
    journal_unread: bool = False
    """Whether it could not be read, so that nothing may be called intact."""


def page(report: VerificationReport, made: str, beside: Beside = Beside()) -> str:
    """Give the page; ``made`` is the time of the verification, as told by the verifier's own clock."""
    rows = "".join(
        f"<tr><td>{_cell(f.severity)}</td><td>{_cell(MEANINGS[f.kind])}</td><td>{_cell(f.text)}</td>"
        f"<td><code>{_cell(f.name or '')}</code></td></tr>"
        for f in report.findings
    )
    head = "<tr><th>weight</th><th>what it means</th><th>what was seen</th><th>where</th></tr>"
    found = f"<table>{head}{rows}</table>" if rows else "<p>Nothing.</p>"
    if report.truncated:
        found += f"<p>And {report.truncated} more findings that are not listed.</p>"
    facts = "".join(
        f"<tr><th>{_cell(what)}</th><td>{_cell(value)}</td></tr>" for what, value in _facts(report, beside)
    )
    limits = "".join(f"<li>{_cell(line)}</li>" for line in _limits(report))
    mark, verdict = _verdict(report, beside)
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>Verification of {_cell(report.origin or 'an archive')}</title><style>{_STYLE}</style>"
        "</head><body><main>"
        f"<h1>Verification of the archive {_cell(report.origin or 'unknown')}</h1>"
        f"<p>Made {_cell(made)} by the clock of whoever verified.</p>"
        f"<p class='verdict {mark}'>{_cell(verdict)}</p>"
        f"<h2>What was checked</h2><table>{facts}</table>"
        f"<h2>What was found</h2>{found}"
        f"<h2>What this does not show</h2><ul>{limits}</ul></main></body></html>\n"
    )


def _verdict(report: VerificationReport, beside: Beside) -> tuple[str, str]:
    if report.exit_code == 3:
        return "bad", report.not_intact
    if report.exit_code == 4:
        return "open", "COULD NOT TELL: see below."
    if beside.journal_unread:
        return (
            "open",
            f"COULD NOT TELL of the journal of reads on this host: see below. The ledger: {report.intact}",
        )
    return "good", report.intact


def _facts(report: VerificationReport, beside: Beside) -> list[tuple[str, str]]:
    levels = {0: "chain, tree, signatures, keys", 1: "also frames and objects", 2: "also content"}
    facts = [
        ("Depth", f"level {report.level}: {levels[report.level]}"),
        (
            "Records",
            f"{report.size} in {report.segments} segments; {report.sealed_size} under a signed checkpoint"
            + _unsigned(report),
        ),
        ("Root of the tree", report.root or "cannot be computed"),
        ("Log key", report.log_key or "none"),
        (
            "Log key known from",
            "outside, as it should be"
            if report.log_key_given
            else "the archive itself only: compare it with the founding slip",
        ),
        ("Checkpoints", f"{report.checkpoints} agree"),
        ("Records about keys", str(report.keys_changed)),
        ("Erasures", f"{report.erasures} ordered; {report.erased} records have no key any more under them"),
        ("Outside heads", _heads(report)),
        ("Time", _time(report)),
    ]
    facts += [(f"Erased by record {one.record}", _order(one)) for one in report.orders]
    if report.since:
        facts.append(("Earlier verification", f"records 0 to {report.since - 1} were not read again"))
    if report.level >= 1:
        facts.append(("Encrypted objects", f"{report.objects} checked"))
    if report.challenged:
        facts.append(("Challenge", _drawn(report, beside.seed)))
    if report.level == 2:
        facts.append(("Opened", f"{report.opened} records; {report.unopened} stay closed"))
    if beside.journal is not None:
        facts.append(("Journal of reads on this host", beside.journal))
    return facts


def _order(order: ErasureOrder) -> str:
    records = ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in order.targets)
    return (
        f"records {records}; sealed {_at(order.sealed)}, approved by {' and '.join(order.approved_by)}, on the request "
        f"of record {order.request}, which says why to whoever may read it"
    )


def _unsigned(report: VerificationReport) -> str:
    cut = any(finding.kind == "rolled_back" for finding in report.findings)
    if cut or report.root is None or report.sealed_size >= report.size:
        return ""
    return (
        f". Records {report.sealed_size} to {report.size - 1} are under none yet: that they stand in this order, the "
        "control place alone says"
    )


def _heads(report: VerificationReport) -> str:
    if not report.heads:
        return "none was given: that the end was cut off could not be seen"
    if report.newest_head is None:
        return f"{report.heads} compared, none agrees"
    return (
        f"{report.heads} compared; the newest that agrees saw {report.newest_head} records, the last of them sealed "
        f"{_at(report.newest_head_time)} by the operator's clock{_ahead(report)} could have been cut off unseen; "
        "nothing before it"
    )


def _ahead(report: VerificationReport) -> str:
    if report.newest_head_ahead:
        return ", which is still to come: that clock was wrong. What was sealed since you got that head"
    return ". What was sealed since then"


def _drawn(report: VerificationReport, seed: str) -> str:
    """Say what was drawn, from what and by which seed: so that anybody draws the same."""
    said = (
        (True, "open to what was committed"), (False, "DO NOT MATCH"), (None, "no key at hand opens these")
    )  # fmt: skip
    parts = []
    for answer, words in said:
        drawn = [str(index) for index, opens in report.challenged if opens is answer]
        parts += [f"{len(drawn)} {words} ({', '.join(drawn)})"] if drawn else []
    by = f"by the seed {seed!r}" if seed else "without a seed"
    return f"{len(report.challenged)} of the first {report.challenged_size} records were drawn {by}: {'; '.join(parts)}"


def _time(report: VerificationReport) -> str:
    if not report.tokens:
        return (
            "NO TIME PROOF: no time stamp holds, so the operator's clock alone says when records were sealed"
        )
    source = "known from outside" if report.authorities_given else "known from the archive itself only"
    rows = "; ".join(
        f"the first {one.size} records were sealed before {_at(one.before)}, by {one.authority}"
        for one in report.authorities
    )
    return f"{report.tokens} time stamps hold: {rows}. These authorities are {source}"


def _at(time: int | None) -> str:
    return "unknown" if time is None else datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _limits(report: VerificationReport) -> list[str]:
    lines = [
        "that a platform sent a message, that it is true, who sat at the keyboard",
        "what was never captured, and when a message was written",
        "which thread a record was put into: that is the operator's word",
    ]
    if report.newest_head is None or report.newest_head < report.sealed_size:
        lines.append("that nothing was cut off after the newest outside head")
    if report.tokens and report.timed_size < report.size:
        lines.append(
            f"when the records from {report.timed_size} on were sealed: no time stamp covers them yet"
        )
    if report.level == 2 and report.unopened:
        lines.append(f"that the {report.unopened} records that stay closed hold what was promised")
    if report.level < 2:
        lines.append("that a record opens, or holds what was promised: that needs a key, or a challenge")
    return lines
