"""``beleg ingest``: take files into the archive."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import ArchiveOption, JsonOption, PassphraseOption, opened, wants_json
from cli.output import answer, note, safe, say

if TYPE_CHECKING:
    from schemas.capture import RunReport


def ingest(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="Exports: files, zips, folders.")],
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
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> int:
    """Read exports, capture their bytes, and seal what the archive does not hold yet.

    Example: beleg ingest chat.zip --mine "Anna Weber"
    """
    from archive.errors import UnreadableInput, UsageError
    from archive.ports import ReadOptions
    from archive.services.ingest import IngestOptions, parse_rule, together
    from archive.services.ingest import ingest as take
    from archive.settings import check_timezone

    if timezone is not None:
        try:
            check_timezone(timezone)
        except ValueError as error:
            raise UsageError(str(error)) from error
    absent = [str(path) for path in paths if not path.exists()]
    if absent:
        raise UsageError(f"there is nothing at {', '.join(absent)}; nothing was ingested")
    read = ReadOptions(
        timezone=timezone, mine=mine, source=source, thread=thread, author=author, when=when,
        recipients=tuple(recipients or ()),
    )  # fmt: skip
    options = IngestOptions(
        channel=channel,
        read=read,
        only=tuple(map(parse_rule, only or ())),
        but=tuple(map(parse_rule, but or ())),
    )
    runs: list[RunReport] = []
    unread = 0
    with opened(context, archive, passphrase_file) as session:
        session.ledger.follow()
        for parts in together(paths):
            try:
                for report in take(session, parts[0], options, *parts[1:]):
                    runs.append(report)
                    if not wants_json(context, as_json):
                        _print(report)
            except UnreadableInput as error:
                unread += 1
                note(f"{', '.join(map(str, parts))}: {error}")
        if session.keys.opens("content"):
            session.catch_up()
    if wants_json(context, as_json):
        answer([_machine(report) for report in runs])
    elif mine is None and any(_totals(report)["items"] for report in runs):
        say(
            "no --mine: whose exports these are is recorded as unknown; with another --mine they count as new"
        )
    return 3 if unread or any(report.outcome != "done" for report in runs) else 0


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


def _print(report: "RunReport") -> None:
    totals = _totals(report)
    first = report.files[0] if report.files else None
    channel = first.channel if first else None
    sure = f" ({first.confidence} % sure)" if first and first.confidence is not None else ""
    name = safe(report.origin)
    say(
        f"{name}: {channel or 'not recognised'}{sure}: {totals['units']} units = {totals['read']} read + "
        f"{totals['failed']} failed + {totals['excluded']} excluded; "
        f"{totals['items']} items sealed, {totals['seen_again']} seen before"
    )
    left_out: Counter[str] = Counter()
    for count in report.files:
        where = f"{name}: {safe(count.member)}" if count.member else name
        if count.problem:
            note(f"{where}: {safe(count.problem)}")
        for failure in count.failures:
            note(f"{where}: {safe(failure)}")
        left_out.update(dict(count.exclusions))
    for reason, units in sorted(left_out.items()):
        say(f"  {units} excluded: {safe(reason)}")
    for line in report.policy:
        say(f"  {safe(line)}")
    for claim in report.claims:
        if claim.expected is not None and claim.expected != claim.found:
            note(f"{name}: {safe(claim.scope)}: the export says {claim.expected}, found {claim.found}")
    for gap in report.gaps:
        note(f"{name}: gap: {safe(gap.reason)}")
