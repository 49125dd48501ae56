"""``beleg keys``: which keys the ledger has registered, and the copies of the vault."""

from typing import Annotated

import typer

from cli.opening import (
    ArchiveOption,
    JsonOption,
    PassphraseOption,
    common,
    find_archive,
    opened,
    passphrases,
    wants_json,
)
from cli.output import Progress, answer, note, say, table

app = typer.Typer(help="The registered keys.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_(context: typer.Context, archive: ArchiveOption = None, as_json: JsonOption = False) -> None:
    """List every key that the ledger has registered, and from when to when it counts. Needs no passphrase.

    Example: beleg keys list
    """
    from archive.core.signed_note import verifier_key
    from archive.wiring import open_ledger

    folder, settings = find_archive(context, archive)
    state = open_ledger(folder, settings, note).follow()
    rows = [
        {
            "id": key.id, "purpose": key.purpose, "role": key.role, "algorithm": key.algorithm,
            "public": key.public.hex(), "from": key.start, "retired": key.retired,
            "verifier_key": verifier_key(settings.origin, key.public) if key.purpose == "log" else None,
        }
        for key in state.keys.all()
    ]  # fmt: skip
    if wants_json(context, as_json):
        answer(rows)
        return
    head = ("purpose", "role", "algorithm", "id", "from", "retired")
    table([[row[name] if row[name] is not None else "-" for name in head] for row in rows], head=head)
    for row in rows:
        if row["verifier_key"]:
            table([("log key", row["verifier_key"])])


@app.command()
def copy(
    context: typer.Context,
    source: Annotated[int, typer.Option("--from", min=1, max=2, help="The vault copy that is good.")] = 1,
    into: Annotated[
        str | None, typer.Option(help="A new, empty place that takes the stead of the other copy.")
    ] = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> int:
    """Copy key pages from one vault copy into the other; each is judged first, and nothing else is written.

    Where the second copy is pulled, the account privacy runs this on a schedule. Keys that the source has
    destroyed are destroyed in the copy too. Needs no passphrase without --into.

    Example: beleg keys copy

    Example: beleg keys copy --from 1 --into /mnt/second/vault
    """
    from archive.wiring.recovery import copy_keys

    folder, settings = find_archive(context, archive)
    ask = passphrases(passphrase_file or common(context).passphrase_file, settings.passphrase)
    progress = Progress()
    try:
        done = copy_keys(folder, settings, ask, source - 1, into, note, progress)
    finally:
        progress.end()
    if wants_json(context, as_json):
        answer({"pages": done.pages, "copied": done.copied, "zeroed": done.zeroed, "findings": done.findings})
    else:
        say(f"{done.copied} of {done.pages} key pages copied, {done.zeroed} brought to the erasures")
        for finding in done.findings:
            say(f"FINDING {finding.kind}: {finding.text} [{finding.name or ''}]")
    return 3 if done.findings else 0


@app.command()
def rotate(
    context: typer.Context,
    epoch: Annotated[
        bool, typer.Option("--epoch", help="Replace the keys of content, oversight, auditor and recovery.")
    ] = False,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Begin a new epoch: new keys for all who open, every key page re-encrypted, the old private keys destroyed here.

    Ends what a backup of the vault could bring back of erased records. Needs the key files of all roles at hand.
    Example: beleg keys rotate --epoch
    """
    from dataclasses import asdict

    from archive.errors import UsageError
    from archive.services.epoch import rotate as begin

    if not epoch:
        raise UsageError("say what is replaced: --epoch")
    with opened(context, archive, passphrase_file) as session:
        done = begin(session)
    if wants_json(context, as_json):
        answer(asdict(done))
        return
    say(f"Epoch {done.number}: {done.pages} key pages re-encrypted, {done.retired} older ones destroyed")
    say(f"New key files: {', '.join(done.files)}. Hand them over, and destroy every copy of the old ones:")
    say("while one exists, a backup of the vault from before opens what was erased since.")
