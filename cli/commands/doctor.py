"""``beleg doctor``: put places and keys to the test."""

import sys
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import (
    ArchiveOption,
    JsonOption,
    PassphraseOption,
    common,
    find_archive,
    passphrases,
    wants_json,
)
from cli.output import Progress, answer, say, table

if TYPE_CHECKING:
    from archive.settings import Settings


def doctor(
    context: typer.Context,
    keys: Annotated[
        bool, typer.Option("--keys/--no-keys", help="Also open every key slot with the keys at hand.")
    ] = True,
    harden: Annotated[
        bool, typer.Option("--harden", help="Lock the archive bucket for good (COMPLIANCE); see --years.")
    ] = False,
    years: Annotated[
        int | None, typer.Option(min=1, max=100, help="With --harden: for how many years from today.")
    ] = None,
    owner_profile: Annotated[
        str | None,
        typer.Option(help="With --harden: the AWS profile of the buckets' owner; else asked on a terminal."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="With --harden: do not ask again.")] = False,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> int:
    """Test what the places and keys at hand really keep: promise, seen, verdict.

    Exit code 0 all hold, 3 weaker than it could be, 4 could not tell, 5 a place is unfit.

    Example: beleg doctor --archive /srv/beleg

    Example: beleg doctor --harden --years 10 --owner-profile firm-owner
    """
    from archive.errors import UsageError
    from archive.services.doctor import examine
    from archive.services.keychain import KeyChain
    from archive.settings import way_back
    from archive.wiring import key_vault, open_read_places
    from archive.wiring.stores import open_probers

    folder, settings = find_archive(context, archive)
    if harden or years or owner_profile:
        if not (harden and years):
            raise UsageError("to lock the archive for good, give --harden and --years together")
        return _harden(settings, years, owner_profile, yes, wants_json(context, as_json))
    ask = passphrases(passphrase_file or common(context).passphrase_file, settings.passphrase)
    chain = KeyChain(key_vault(folder, settings), ask, settings.origin)
    progress = Progress()
    try:
        recipients = chain.recipients() if keys else {}
        report = examine(
            open_probers(folder, settings), open_read_places(folder, settings), recipients, progress,
            partial(way_back, folder, settings),
        )  # fmt: skip
    finally:
        progress.end()
    if wants_json(context, as_json):
        answer({**report.model_dump(mode="json"), "exit_code": report.exit_code})
        return report.exit_code
    rows = [
        (probe.verdict, f"{probe.place}: {probe.what}", probe.promise, probe.seen) for probe in report.probes
    ]
    table(rows, head=("verdict", "tested", "promised", "seen"))
    return report.exit_code


def _harden(settings: "Settings", years: int, profile: str | None, yes: bool, as_json: bool) -> int:
    from archive.errors import UsageError
    from archive.wiring.stores import harden

    if not yes:
        if not sys.stdin.isatty():
            raise UsageError("--harden cannot be taken back; confirm it with --yes")
        typer.confirm(
            f"Nobody, not even the owner of the account, can delete anything for {years} years. Go on?",
            abort=True, err=True,
        )  # fmt: skip
    credentials = None
    if profile is None and sys.stdin.isatty():
        key = typer.prompt("Owner's access key id (not kept)", err=True)
        credentials = (key, typer.prompt("Owner's secret access key (not kept)", hide_input=True, err=True))
    progress = Progress()
    try:
        locked = harden(settings, years, progress, profile=profile, credentials=credentials)
    finally:
        progress.end()
    if as_json:
        answer({"locked": locked, "mode": "COMPLIANCE", "years": years})
    else:
        say(
            f"{locked} objects, and all that will be written, are locked in COMPLIANCE mode for "
            f"{'a year' if years == 1 else f'{years} years'}."
        )
    return 0
