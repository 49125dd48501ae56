"""``beleg status``: the archive at a glance."""

import typer

from cli.opening import ArchiveOption, JsonOption, PassphraseOption, opened, wants_json
from cli.output import answer, journal_line, safe, say, table


def status(
    context: typer.Context,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> int:
    """Say how the archive stands. Exit 5: nothing may be written to it until somebody has looked.

    Exit 4: the journal of reads cannot be read, so nobody is shown anything.

    Example: beleg status --archive /srv/beleg
    """
    from archive.services.status import status as ask

    with opened(context, archive, passphrase_file) as session:
        found = ask(session)
    code = 5 if found.stopped else 4 if found.journal_problem else 0
    if wants_json(context, as_json):
        answer(found)
        return code
    say(f"Archive   {found.origin}")
    say(f"Ledger    {found.size} records, {found.sealed} of them under a signed checkpoint")
    say(f"Root      {found.root}")
    say(f"Index     {found.index}, at record {found.index_position}; catalogue at {found.catalogue_position}")
    matters, holds, productions = (
        _known(one, found.stopped) for one in (found.matters, found.holds, found.productions)
    )
    say(f"Matters   {matters} · active holds {holds} · productions {productions}")
    say(f"Last run  {_known(found.last_run, found.stopped)}")
    say(f"Anchored  {found.stamped or 'never'}")
    if found.heads:
        told = [f"{one.to} has {one.size or 'none'} ({one.at or 'never'})" for one in found.heads]
        say(safe(f"Heads     {'; '.join(told)}"))
    locks = {f"source {one.name}": one.busy for one in found.sources} | {"the writer": found.writing}
    told = [name if held else f"{name} (unknown: not to be seen by this account)"
            for name, held in locks.items() if held is not False]  # fmt: skip
    say(f"Locks     {', '.join(told) or 'free'}")
    say(f"Disk      {found.free_bytes / (1 << 30):.1f} GB free")
    say(f"Journal   {safe(found.journal_problem or journal_line(found.journal_unsealed_since))}")
    if found.channels:
        say()
        table([(row.channel, row.items) for row in found.channels], head=("channel", "items"))
    if found.sources:
        say()
        table(
            [
                (
                    *(one.name, one.kind, one.answered or "never", _span(one.lag), one.failing_since or "-"),
                    *(one.items, one.gaps, "silent" if one.silent else ""),
                )
                for one in found.sources
            ],
            head=("source", "kind", "last answer", "ago", "failing since", "items", "gaps", ""),
        )
    say()
    for warning in (*([found.stopped] if found.stopped else []), *found.warnings):
        say(f"! {warning}")
    return code


def _span(seconds: int | None) -> str:
    if seconds is None:
        return "-"
    if seconds < 0:
        return "to come"  # by this clock; one of two is wrong
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def _known(value: object, stopped: str | None) -> str:
    if value is not None:
        return str(value)
    return "unknown (not looked at, see below)" if stopped else "unknown (no key here shows it)"
