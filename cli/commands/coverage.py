"""``beleg coverage``: which time is covered, and what is known to be missing."""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from cli.opening import (
    ArchiveOption,
    JsonOption,
    PassphraseOption,
    PersonOption,
    PurposeOption,
    asking,
    check_new,
    find_archive,
    opened,
    wants_json,
    write_new,
)
from cli.output import answer, safe, say, table

if TYPE_CHECKING:
    from schemas.coverage import AccountCoverage, SourceCoverage, ThreadCoverage


def coverage(
    context: typer.Context,
    since: Annotated[
        str | None,
        typer.Option(
            help="What no run has shown since then is missing; time before it does not count: 30d, or 2026-01-31."
        ),
    ] = None,
    page: Annotated[
        Path | None, typer.Option("--page", help="Also write it into this new file, as one HTML page.")
    ] = None,
    purpose: PurposeOption = None,
    person: PersonOption = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> int:
    """Show per source, account and thread which time is covered, partly covered, missing or impossible, and why.

    Exit 3: something is only partly covered, or missing.
    Example: beleg coverage --since 30d --page coverage.html
    """
    from archive.exporters.coverage_page import counted, emptiness, lacks, stretch
    from archive.exporters.coverage_page import page as draw
    from archive.services.coverage import coverage as ask

    _, settings = find_archive(context, archive)
    start = _instant(since, ZoneInfo(settings.timezone or "UTC")) if since else None
    check_new(context, archive, page)
    with opened(context, archive, passphrase_file, asking=asking(purpose, person, None)) as session:
        found = ask(session, start)
        origin = session.ledger.state.origin or ""
    if page is not None:
        write_new(page, draw(found, origin, datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")).encode())
    states = {*(one.state for one in found.sources), *(one.state for one in found.threads)}
    whole = not found.lacking and states <= {"covered"}
    if wants_json(context, as_json):
        answer(found)
        return 0 if whole else 3
    table(
        [_source(one) for one in found.sources],
        head=("state", "source", "kind", "account", "threads", "items", "first look", "last look"),
    )
    for source in found.sources:
        for line in (
            *map(stretch, source.stretches),
            *map(counted, source.counts),
            *map(emptiness, source.empty),
        ):
            say(safe(f"  {source.source}: {line}"))
        for line in source.never:
            say(safe(f"  {source.source}: impossible at all times: {line}"))
    say()
    table(
        [_account(one) for one in found.accounts],
        head=("worst", "channel", "account", "source", "threads", "items", "from", "to", "last seen"),
    )
    say()
    table(
        [_row(one) for one in found.threads],
        head=("state", "channel", "account", "thread", "source", "items", "from", "to", "last seen"),
    )
    say()
    for one in found.threads:
        if one.state != "covered":
            say(safe(f"{one.state.upper()} {one.channel}, {_name(one)}: {'; '.join(one.because)}"))
    for run in found.lacking:
        say(safe(f"RUN {run.ended} {run.source}, {run.origin}: {'; '.join(lacks(run))}"))
    if silent := sum(bool(one.items) and one.first is None for one in found.threads):
        say(f"{silent} threads stand without times: no item has one, or the policy protects whose they are")
    say(
        f"{len(found.threads)} threads from {found.runs} runs. Covered means: between the first and the last item, on "
        "the word of the export, up to the run that last showed it."
    )
    return 0 if whole else 3


def _instant(text: str, zone: tzinfo) -> str:
    """Give the start of a time as models write it; a day begins as it does in ``zone``, as for a search."""
    if (days := re.fullmatch(r"(\d{1,5})d", text, re.ASCII)) is not None:
        return _stamp(datetime.now(UTC) - timedelta(days=int(days[1])))
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII) is None:
            raise ValueError
        return _stamp(datetime.combine(date.fromisoformat(text), time(), zone).astimezone(UTC))
    except (ValueError, OverflowError):
        raise typer.BadParameter(
            "write a number of days like 30d, or a day like 2026-01-31", param_hint="--since"
        ) from None


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _name(one: "ThreadCoverage") -> str:
    return one.title or one.thread.id


def _source(one: "SourceCoverage") -> tuple[object, ...]:
    accounts = ", ".join(one.accounts) or "-"
    times = (one.looked or "never", one.seen or "never")
    return (one.state, one.source, one.kind or "files", accounts, one.threads, one.items, *times)


def _account(one: "AccountCoverage") -> tuple[object, ...]:
    times = (one.first or "-", one.last or "-", one.seen or "-")
    return (one.state, one.channel, one.via.id or "-", ", ".join(one.sources), one.threads, one.items, *times)


def _row(one: "ThreadCoverage") -> tuple[object, ...]:
    sources = ", ".join(one.sources) or "-"
    times = (one.first or "-", one.last or "-", one.seen or "-")
    return (one.state, one.channel, one.via.id or "-", _name(one), sources, one.items, *times)
