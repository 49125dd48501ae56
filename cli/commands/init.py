"""``beleg init``: found an archive."""

from pathlib import Path
from typing import Annotated

import typer

from cli.opening import JsonOption, PassphraseOption, common, passphrases, wants_json
from cli.output import answer, say


def init(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="The folder of the new archive.")],
    timezone: Annotated[
        str | None,
        typer.Option(help="For local times in exports without zone, like Europe/Berlin; marked as assumed."),
    ] = None,
    name: Annotated[
        str, typer.Option(help="The name in the archive's origin, like archive.firm.example/main.")
    ] = "beleg.archive",
    split: Annotated[
        bool, typer.Option("--split", help="One key folder a role, for separate accounts.")
    ] = False,
    hybrid: Annotated[
        bool, typer.Option("--hybrid", help="Wrap page keys for ML-KEM-768 with X25519 instead of X25519.")
    ] = False,
    engine: Annotated[str, typer.Option(help="The index: tantivy or whoosh.")] = "tantivy",
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Found an archive: places, keys, first records, founding slip.

    Example: BELEG_PASSPHRASE=… beleg init /srv/beleg --timezone Europe/Berlin
    """
    from pydantic import ValidationError

    from archive.errors import UsageError
    from archive.services.init import new_origin
    from archive.settings import Settings, explain
    from archive.wiring import found

    try:
        settings = Settings(
            origin=new_origin(name),
            mode="split" if split else "one_account",
            timezone=timezone,
            engine=engine,
        )
    except ValidationError as error:
        raise UsageError(explain(error)) from error
    ask = passphrases(passphrase_file or common(context).passphrase_file, new=True)
    slip = found(folder, settings, ask, kem="mlkem768_x25519" if hybrid else "x25519")
    (folder / "founding-slip.txt").write_text(slip.text(), encoding="utf-8")
    if wants_json(context, as_json):
        answer(
            {
                "folder": str(folder),
                "origin": slip.origin,
                "log_key": slip.log_key,
                "mode": slip.mode,
                "writers": dict(slip.fingerprints),
                "key_files": dict(slip.key_files),
            }
        )
        return
    say(slip.text())
    say(f"The slip also lies in {folder / 'founding-slip.txt'}.")
