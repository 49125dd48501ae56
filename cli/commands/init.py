"""``beleg init``: found an archive."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import JsonOption, PassphraseOption, common, named_place, passphrases, wants_json
from cli.output import answer, note, say

if TYPE_CHECKING:
    from archive.settings import PlaceSettings

SHORT = 12
"""Characters of a passphrase that is worth having."""


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
    store: Annotated[
        str | None, typer.Option(help="The archive place on S3, like s3://firm-archive; else a folder.")
    ] = None,
    control: Annotated[str | None, typer.Option(help="The control place, another bucket.")] = None,
    vault: Annotated[str | None, typer.Option(help="The vault, another bucket.")] = None,
    vault_copy: Annotated[
        str | None, typer.Option(help="The second vault copy: a bucket, or a folder on this computer.")
    ] = None,
    endpoint: Annotated[
        str | None,
        typer.Option(help="The address of the S3 server; else Amazon's. Credentials as for AWS tools."),
    ] = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Found an archive: places, keys, first records, founding slip.

    Example: BELEG_PASSPHRASE=… beleg init /srv/beleg --timezone Europe/Berlin

    Example: beleg init /srv/beleg --store s3://firm-archive --control s3://firm-control
    --vault s3://firm-vault --vault-copy s3://firm-vault-copy
    """
    from pydantic import ValidationError

    from archive.errors import UsageError
    from archive.services.init import new_origin
    from archive.settings import S3Settings, Settings, explain
    from archive.wiring.founding import found

    try:
        settings = Settings(
            origin=new_origin(name),
            mode="split" if split else "one_account",
            timezone=timezone,
            engine=engine,
            places=_places(store, control, vault, vault_copy and named_place(folder, vault_copy)),
            s3=S3Settings(endpoint=endpoint),
        )
    except ValidationError as error:
        raise UsageError(explain(error)) from error
    ask = passphrases(passphrase_file or common(context).passphrase_file, new=True)
    slip = found(folder, settings, ask, kem="mlkem768_x25519" if hybrid else "x25519")
    _warn([ask(role) for role in dict(slip.key_files)], split=split)
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
                "policies": [str(path) for path in sorted((folder / "policies").glob("*.json"))],
            }
        )
        return
    say(slip.text())
    say(f"The slip also lies in {folder / 'founding-slip.txt'}.")
    if store:
        say(
            f"One policy a role for the S3 server lies in {folder / 'policies'}; `beleg doctor` tests the places."
        )


def _warn(passphrases: list[str], *, split: bool) -> None:
    """Say what a key file on a stolen disk would be worth; an archive is founded once, so it is said at once."""
    if min(map(len, passphrases)) < SHORT:
        note(
            f"a passphrase of fewer than {SHORT} characters guards a key file badly: whoever has the file guesses it"
        )
    if split and len(set(passphrases)) == 1:
        note(
            "all key files have the same passphrase: whoever knows it has every role that he has a file of; "
            "BELEG_PASSPHRASE_<ROLE> gives each its own"
        )


def _places(store: str | None, control: str | None, vault: str | None, copy: str | None) -> "PlaceSettings":
    """Give the places that were named; none: folders."""
    from archive.errors import UsageError
    from archive.settings import PlaceSettings

    if not (store or control or vault or copy):
        return PlaceSettings()
    if not (store and control and vault):
        raise UsageError("places on S3 are named together: --store, --control and --vault (and --vault-copy)")
    for name, place in (("--store", store), ("--control", control), ("--vault", vault)):
        if not place.startswith("s3://"):
            raise UsageError(f"{name} {place}: write a bucket like s3://firm-archive")
    return PlaceSettings(archive=store, control=control, vault=(vault, copy) if copy else (vault,))
