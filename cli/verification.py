"""The report of a verification, for people."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cli.output import safe, say
from cli.plans import spans

if TYPE_CHECKING:
    from schemas.report import VerificationReport

SHOWN = 50
UNITS = ((1440, "days"), (60, "hours"), (1, "minutes"))
VERDICTS = {0: "intact", 3: "not_intact", 4: "could_not_tell"}
"""Exit code → what a machine is told."""


def print_report(report: "VerificationReport") -> None:
    """Print the whole report."""
    say(f"Archive {report.origin or 'unknown'}, level {report.level}")
    say(
        f"{report.size} records in {report.segments} segments; {report.sealed_size} under a signed checkpoint"
    )
    cut = any(finding.kind == "rolled_back" for finding in report.findings)
    if report.root is not None and report.sealed_size < report.size and not cut:
        say(
            f"  Records {report.sealed_size} to {report.size - 1} are under none yet: that they stand in this "
            "order, the control place alone says"
        )
    say(f"Root {report.root or 'cannot be computed'}")
    if report.log_key_given:
        say("Signed by the log key that you gave.")
    elif report.log_key:
        say(f"Log key {report.log_key}")
        say("  This key comes from the archive itself: compare it with the founding slip.")
    if report.level >= 1:
        say(f"{report.objects} encrypted objects checked")
    if report.level == 2:
        say(
            f"{report.opened} records opened and compared with their commitment, {report.unopened} not opened"
        )
    if report.since:
        say(f"Records 0 to {report.since - 1} were verified earlier and not read again")
    if report.challenged:
        say(_drawn_from(report))
    for index, opens in report.challenged:
        said = {
            True: "opens to what was committed",
            False: "DOES NOT MATCH",
            None: "drawn; no key here opens it",
        }
        say(f"Challenge: record {index} {said[opens]}")
    if report.erased:
        say(f"{report.erased} records have no key any more, under listed erasures")
    _print_orders(report)
    _print_outside(report)
    say()
    _print_findings(report)


ORDERS = 20
"""Erasures that are printed."""


def _print_orders(report: "VerificationReport") -> None:
    """Say which records are gone, since when, and by whose order; why, the request says to whoever may read it."""
    for order in report.orders[-ORDERS:]:
        when = datetime.fromtimestamp(order.sealed, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        by = " and ".join(order.approved_by)
        say(f"  Erased by record {order.record} of {when}, approved by {by}: records {spans(order.targets)}")
        say(f"    on the request of record {order.request}, which says why: beleg erase list")
    if report.erasures > ORDERS:
        say(f"  and {report.erasures - ORDERS} erasures before these: --json lists them")


def _drawn_from(report: "VerificationReport") -> str:
    whose = (
        "the newest outside head"
        if report.challenged_size == report.newest_head
        else "this moment; to have the same drawn later, give a head of now with --head"
    )
    return f"Challenge: drawn from the {report.challenged_size} records of {whose}"


def _print_outside(report: "VerificationReport") -> None:
    """Say what outsiders give to it: heads and time."""
    if not report.heads:
        say("No outside head was given: that the end was cut off could not be seen from here.")
    elif report.newest_head is not None:
        say(_window(report))
    if not report.tokens:
        say("NO TIME PROOF: no time-stamp token holds.")
        return
    say(f"{report.tokens} time-stamp tokens hold:")
    for one in report.authorities:
        before = datetime.fromtimestamp(one.before, UTC)
        say(
            f"  records 0 to {one.size - 1} sealed before {before:%Y-%m-%d %H:%M:%S} UTC, by {safe(one.authority)}"
        )
    if not report.authorities_given:
        say("  These authorities come from the archive itself: compare them, or give --authority FILE.")


def _print_findings(report: "VerificationReport") -> None:
    for finding in report.findings[:SHOWN]:
        where = f" [{finding.name}]" if finding.name else ""
        heavy = finding.severity.upper()
        what = heavy if finding.kind == finding.severity else f"{heavy} {finding.kind}"
        say(safe(f"{what}: {finding.text}{where}"))
    more = len(report.findings) - SHOWN + report.truncated
    if more > 0:
        say(f"… and {more} more")
    if report.exit_code == 3:
        say(report.not_intact)
    elif report.exit_code == 4:
        say("COULD NOT TELL: see above.")
    else:
        say(report.intact)


def _age(since: datetime) -> str:
    """Say how long ago something was, in the unit that fits."""
    minutes = max(0, int((datetime.now(UTC) - since).total_seconds() // 60))
    count, unit = next((minutes // n, unit) for n, unit in UNITS if minutes >= 2 * n or n == 1)
    return f"{count} {unit}"


def _window(report: "VerificationReport") -> str:
    """Say in which window a cut could hide."""
    since = datetime.fromtimestamp(report.newest_head_time or 0, UTC)
    sealed = (
        f"The newest outside head saw {report.newest_head} records, the last of them sealed "
        f"{since:%Y-%m-%d %H:%M} UTC by the operator's clock"
    )
    if report.newest_head_ahead:
        return (
            f"{sealed}, which is still to come: that clock was wrong, and says nothing of how old the head is. What "
            "was sealed since you got it could have been cut off unseen; nothing before it."
        )
    return (
        f"{sealed}. What was sealed in the {_age(since)} since then could have been cut off unseen; nothing "
        "before it."
    )


def heads_apart(arguments: Sequence[str]) -> list[str]:
    """Give each further head of ``--head a.note b.note`` an option of its own: a shell makes that of ``*.note``."""
    found: list[str] = []
    heads = 0
    for argument in arguments:
        heads = 1 if argument == "--head" else heads + 1 if heads and argument.endswith(".note") else 0
        found += ["--head"] if heads > 2 else []
        found.append(argument)
    return found
