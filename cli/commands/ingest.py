"""``beleg ingest``: take files into the archive."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import ArchiveOption, JsonOption, PassphraseOption, opened, wants_json
from cli.output import answer, note, safe, say

if TYPE_CHECKING:
    from archive.services.session import Session
    from schemas.capture import RunReport

LISTED = 50
"""Files and units that could not be read are named on a terminal up to so many a run."""


NAMED = 10
"""Unknown fields are named on a terminal up to so many a run."""


def ingest(
    context: typer.Context,
    paths: Annotated[list[Path] | None, typer.Argument(help="Exports: files, zips, folders.")] = None,
    channel: Annotated[str | None, typer.Option(help="The channel, where it cannot be recognised.")] = None,
    mine: Annotated[
        str | None, typer.Option(help="The display name of the account whose export this is.")
    ] = None,
    timezone: Annotated[
        str | None, typer.Option(help="For local times without zone; else the archive's.")
    ] = None,
    thread: Annotated[
        str | None, typer.Option(help="The name of the chat, where the export does not tell it.")
    ] = None,
    source: Annotated[str, typer.Option(help="The configured source, else import.")] = "import",
    author: Annotated[str | None, typer.Option("--from", help="Loose files: from whom.")] = None,
    when: Annotated[
        str | None, typer.Option("--when", help="Loose files: when, like 2021-08-04 14:30.")
    ] = None,
    recipients: Annotated[
        list[str] | None, typer.Option("--to", help="Loose files: to whom; may be repeated.")
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(help="Take only account=, thread=, folder= or kind=NAME; * and ? match."),
    ] = None,
    but: Annotated[
        list[str] | None, typer.Option("--except", help="Leave out account=, thread=, folder= or kind=NAME.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--reparse", help="Read kept captures again, where the reader is newer; no PATH.")
    ] = False,
    alike: Annotated[
        bool,
        typer.Option(
            "--take-alike",
            help="Take in what says exactly what something erased said and has no id: you know it to be another.",
        ),
    ] = False,
    mapping: Annotated[
        Path | None, typer.Option(help="Tables: a TOML file that says which column is what.")
    ] = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> int:
    """Read exports, capture their bytes, and seal what the archive does not hold yet.

    Example: beleg ingest chat.zip --mine "Anna Weber"
    """
    from contextlib import nullcontext
    from dataclasses import replace

    from archive.errors import UnreadableInput
    from archive.ports import ReadOptions
    from archive.services.agreed.handed import allowed
    from archive.services.ingest import IngestOptions, parse_rule, together
    from archive.services.ingest import ingest as take
    from archive.wiring.alongside import alongside
    from archive.wiring.proof import after_run

    _check(paths or [], timezone, again=again)
    read = ReadOptions(
        timezone=timezone, mine=mine, source=source, thread=thread, author=author, when=when,
        recipients=tuple(recipients or ()), mapping=_mapping(mapping),
    )  # fmt: skip
    options = IngestOptions(
        channel=channel or ("table" if mapping else None),
        read=read,
        only=tuple(map(parse_rule, only or ())),
        but=tuple(map(parse_rule, but or ())),
        take_alike=alike,
    )
    runs: list[RunReport] = []
    unread = 0
    with opened(context, archive, passphrase_file) as session:
        session.ledger.follow()
        options = replace(options, allowed=allowed(session))
        if again:
            unread += _reparse(session, channel, runs, quiet=wants_json(context, as_json))
        with alongside(session) if _projects(session) else nullcontext():
            for parts in together(paths or ()):
                try:
                    for report in take(session, parts[0], options, *parts[1:]):
                        runs.append(report)
                        if not wants_json(context, as_json):
                            _print(report, _sealed(session))
                except UnreadableInput as error:
                    unread += 1
                    note(f"{', '.join(map(str, parts))}: {error}")
        # Told before the projections are brought up: what was sealed is sealed, whatever comes of them.
        if wants_json(context, as_json):
            answer([_machine(report) for report in runs])
        if _projects(session):
            session.catch_up()
        problems = after_run(session) if runs else []
    for problem in problems:
        note(problem)
    if wants_json(context, as_json) or again or mine is not None:
        pass
    elif any(_totals(report)["items"] for report in runs):
        say(
            "no --mine: where an export does not name its account, whose it is is recorded as unknown; "
            "with another --mine it counts as new"
        )
    found = unread or any(report.outcome != "done" for report in runs)
    return 3 if found else 4 if problems else 0


def _projects(session: "Session") -> bool:
    """Say whether this account keeps catalogue and index; in split mode the next legal command brings them up."""
    return session.settings.mode == "one_account" and session.keys.opens("content")


def _check(paths: list[Path], timezone: str | None, *, again: bool) -> None:
    """Refuse what cannot be meant, before anything is opened."""
    from archive.errors import UsageError
    from archive.settings import check_timezone

    if timezone is not None:
        try:
            check_timezone(timezone)
        except ValueError as error:
            raise UsageError(str(error)) from error
    if again == bool(paths):
        raise UsageError("name what to ingest, or --reparse for what is kept already; not both")
    absent = [str(path) for path in paths if not path.exists()]
    if absent:
        raise UsageError(f"there is nothing at {', '.join(absent)}; nothing was ingested")


def _reparse(session: "Session", channel: str | None, runs: "list[RunReport]", *, quiet: bool) -> int:
    """Read kept captures again; give how many inputs could not be."""
    from archive.services.ingest import NotRead, reparse

    unread = 0
    for report in reparse(session, channel, None):
        if isinstance(report, NotRead):
            unread += 1
            note(f"{safe(report.origin)}: not read again: {safe(report.reason)}")
            continue
        runs.append(report)
        if not quiet:
            _print(report, _sealed(session))
            changed = sum(count.changed for count in report.files)
            say(f"  read again: {changed} items understood otherwise stand beside the old ones")
    if not runs and not unread and not quiet:
        say("every capture was read by the reader of today")
    return unread


def _mapping(path: Path | None) -> dict[str, object] | None:
    """Read a mapping of columns; raises UsageError that says what may stand in it."""
    import tomllib

    from archive.channels.table import ROLES
    from archive.errors import UsageError

    if path is None:
        return None
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: no mapping in TOML: {error}") from error
    for role, columns in told.items():
        names = [columns] if isinstance(columns, str) else columns
        if (
            role not in ROLES
            or not isinstance(names, list)
            or not all(isinstance(name, str) for name in names)
        ):
            raise UsageError(f"{path}: {role!r} is no role with columns; roles are {', '.join(ROLES)}")
    return told


def _totals(report: "RunReport") -> dict[str, int]:
    names = ("units", "read", "failed", "excluded", "items", "seen_again")
    return {name: sum(getattr(count, name) for count in report.files) for name in names}


def _machine(report: "RunReport") -> dict[str, object]:
    channels = sorted({count.channel for count in report.files if count.channel})
    return {
        **report.model_dump(),
        **_totals(report),
        "channel": channels[0] if len(channels) == 1 else None,
    }


def _unread(report: "RunReport", name: str) -> Iterator[str]:
    """Give a line for each file or unit that could not be read."""
    for count in report.files:
        where = f"{name}: {safe(count.member)}" if count.member else name
        if count.problem:
            yield f"{where}: {safe(count.problem)}"
        for failure in count.failures:
            yield f"{where}: {safe(failure)}"


def _sealed(session: "Session") -> str:
    """Say in one word what was appended is: it is sealed only under a signed checkpoint."""
    state = session.ledger.state
    return "sealed" if state.sealed == state.size else "committed and NOT YET SEALED"


def _print(report: "RunReport", sealed: str) -> None:
    totals = _totals(report)
    first = report.files[0] if report.files else None
    channel = first.channel if first else None
    sure = ""
    if first and channel:
        sure = " (as named)" if first.confidence is None else f" ({first.confidence} % sure)"
    name = safe(report.origin)
    say(
        f"{name}: {channel or 'not recognised'}{sure}: {totals['units']} units = {totals['read']} read + "
        f"{totals['failed']} failed + {totals['excluded']} excluded; "
        f"{totals['items']} items {sealed}, {totals['seen_again']} seen before"
    )
    left_out: Counter[str] = Counter()
    for count in report.files:
        left_out.update(dict(count.exclusions))
    for line in islice(_unread(report, name), LISTED):
        note(line)
    more = sum(1 for _ in islice(_unread(report, name), LISTED, None))
    if more:
        note(f"{name}: and {more} more like these; the report of the run names all, as --json does")
    for reason, units in sorted(left_out.items()):
        say(f"  {units} excluded: {safe(reason)}")
    if unknown := sorted({field for count in report.files for field in count.unknown_fields}):
        names = ", ".join(map(safe, [*unknown[:NAMED], *(["…"] if len(unknown) > NAMED else [])]))
        say(
            f"  {len(unknown)} fields that this reader does not know, kept with their items "
            f"(`show` prints them, no search finds their words): {names}"
        )
    for line in report.policy:
        say(f"  {safe(line)}")
    for claim in report.claims:
        if claim.expected is not None and claim.expected != claim.found:
            note(f"{name}: {safe(claim.scope)}: the export says {claim.expected}, found {claim.found}")
    for line in report.notes:
        note(f"{name}: {safe(line)}")
    for gap in report.gaps:
        note(f"{name}: gap: {safe(gap.reason)}")
