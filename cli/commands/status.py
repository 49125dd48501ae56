"""``beleg status``: the archive at a glance."""

import typer

from cli.opening import ArchiveOption, JsonOption, PassphraseOption, opened, wants_json
from cli.output import answer, journal_line, say, table


def status(
    context: typer.Context,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Say how the archive stands.

    Example: beleg status --archive /srv/beleg
    """
    from archive.services.status import status as ask

    with opened(context, archive, passphrase_file) as session:
        found = ask(session)
    if wants_json(context, as_json):
        answer(found)
        return
    say(f"Archive   {found.origin}")
    say(f"Ledger    {found.size} records, {found.sealed} of them under a signed checkpoint")
    say(f"Root      {found.root}")
    say(f"Index     {found.index}, at record {found.index_position}; catalogue at {found.catalogue_position}")
    matters, holds, productions = map(_known, (found.matters, found.holds, found.productions))
    say(f"Matters   {matters} · active holds {holds} · productions {productions}")
    say(f"Last run  {_known(found.last_run)}")
    say(f"Journal   {journal_line(found.journal_unsealed_since)}")
    if found.channels:
        say()
        table([(row.channel, row.items) for row in found.channels], head=("channel", "items"))
    if found.sources:
        say()
        table(
            [
                (one.name, one.kind, one.answered or "never", one.failing_since or "-", one.items, one.gaps)
                for one in found.sources
            ],
            head=("source", "kind", "last answer", "failing since", "items", "gaps"),
        )
    say()
    for warning in found.warnings:
        say(f"! {warning}")


def _known(value: int | str | None) -> str:
    return "unknown (no key here shows it)" if value is None else str(value)
