"""``beleg access``: who looked at what."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import ArchiveOption, JsonOption, PassphraseOption, check_date, opened, wants_json
from cli.output import answer, safe, say, table

if TYPE_CHECKING:
    from schemas.matter import Read


def access(
    context: typer.Context,
    by: Annotated[str | None, typer.Option(help="Only of this person (P-1) or login name.")] = None,
    item: Annotated[int | None, typer.Option(help="Only readings that showed this item.")] = None,
    matter: Annotated[str | None, typer.Option(help="Only for this matter.")] = None,
    since: Annotated[str | None, typer.Option(help="Only from this day on, 2026-01-31.")] = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> int:
    """Show the journal of reads to the data protection officer, sealed lines and waiting ones.

    Exit 3: a chain of lines is broken.
    Example: beleg access --by P-1 --since 2026-01-01
    """
    from archive.services.access import access as ask

    if since is not None:
        check_date(since)
    with opened(context, archive, passphrase_file) as session:
        session.ledger.follow()
        found = ask(session)
    asked = [
        read
        for read in found.reads
        if by in (None, read.person, read.operator)
        and matter in (None, read.matter)
        and (since is None or read.time >= since)
    ]
    reads = [read for read in asked if item is None or item in read.items]
    # Of more than a thousand items none is listed.
    unlisted = sum(
        item is not None and not read.items and bool(read.count) and (read.known is None or read.known > item)
        for read in asked
    )
    code = 3 if found.findings else 0
    if wants_json(context, as_json):
        answer(
            {
                "reads": reads,
                "unsealed": found.unsealed,
                "unlisted": unlisted,
                "journals": found.journals,
                "erased": found.erased,
                "findings": found.findings,
            }
        )
        return code
    table(
        [_row(read) for read in reads], head=("time", "person", "what", "purpose", "items", "which", "second")
    )
    say()
    say(
        f"{len(reads)} reads shown; {found.unsealed} of this host are not sealed yet; {found.journals} journals"
    )
    if unlisted:
        say(f"{unlisted} more reads showed so many items that none is listed: item {item} may be one of them")
    if found.erased:
        say(f"{found.erased} sealed lines were erased with the items that they had looked for")
    for finding in found.findings:
        say(f"FINDING {safe(finding)}")
    return code


def _row(read: "Read") -> tuple[object, ...]:
    return (
        read.time,
        read.person or f"({read.operator or 'unknown'})",
        read.command,
        read.matter or read.purpose or "-",
        "-" if read.count is None else read.count,
        read.query or ", ".join(map(str, read.items[:10])),
        "yes" if read.second else "",
    )
