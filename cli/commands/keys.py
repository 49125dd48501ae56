"""``beleg keys``: which keys the ledger has registered, and the copies of the vault."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.moved import tell_moved
from cli.opening import (
    ArchiveOption,
    JsonOption,
    PassphraseOption,
    common,
    find_archive,
    named_place,
    opened,
    passphrases,
    wants_json,
)
from cli.output import Progress, answer, note, safe, say, table

if TYPE_CHECKING:
    from archive.services.key_change import Change
    from archive.services.session import Session

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
            table([("log key" if row["retired"] is None else "log key, retired", row["verifier_key"])])


@app.command()
def copy(
    context: typer.Context,
    source: Annotated[int, typer.Option("--from", min=1, max=2, help="The vault copy that is good.")] = 1,
    into: Annotated[
        str | None, typer.Option(help="A new, empty place that takes the stead of the other copy.")
    ] = None,
    give_up_missing: Annotated[
        bool,
        typer.Option(
            "--give-up-missing",
            help="With --into: go on without key pages that are not good in the one copy left.",
        ),
    ] = False,
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
    from archive.errors import UsageError
    from archive.wiring.recovery import copy_keys

    if give_up_missing and into is None:
        raise UsageError("--give-up-missing belongs to --into")
    folder, settings = find_archive(context, archive)
    ask = passphrases(passphrase_file or common(context).passphrase_file, settings.passphrase)
    place = into and named_place(folder, into)
    progress = Progress()
    try:
        done = copy_keys(
            folder, settings, ask, source - 1, place, note, progress, without_missing=give_up_missing
        )
    finally:
        progress.end()
    tell_moved(folder, settings)
    if wants_json(context, as_json):
        answer({"pages": done.pages, "copied": done.copied, "zeroed": done.zeroed, "findings": done.findings})
    else:
        say(f"{done.copied} of {done.pages} key pages copied, {done.zeroed} brought to the erasures")
        for finding in done.findings:
            say(safe(f"FINDING {finding.kind}: {finding.text} [{finding.name or ''}]"))
    if done.findings and into is not None and not give_up_missing:
        note(
            "beleg.toml names the old place still, for not every key page is good here. Where the other copy is lost "
            "for good, --give-up-missing goes on without those"
        )
    return 3 if done.findings else 0


@app.command()
def rotate(
    context: typer.Context,
    epoch: Annotated[
        bool, typer.Option("--epoch", help="Replace the keys of content, oversight, auditor and recovery.")
    ] = False,
    log: Annotated[bool, typer.Option("--log", help="Replace the log key, which signs checkpoints.")] = False,
    writer: Annotated[str | None, typer.Option(help="Replace the writer key of this role.")] = None,
    kms: Annotated[
        str | None, typer.Option(help="With --log: the new one lies in AWS KMS; its id, alias or ARN.")
    ] = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Replace keys. The ledger says from which record on the new ones count; the old ones count up to there.

    --epoch: new keys for all who open, every key page re-encrypted, the old private keys destroyed here. It ends
    what a backup of the vault could bring back of erased records, and needs the key files of all roles at hand.
    --log and --writer need the owner's key file and the one that holds the key. A new log key belongs on a new
    founding slip.

    Example: beleg keys rotate --epoch

    Example: beleg keys rotate --log
    """
    from dataclasses import asdict

    from archive.errors import UsageError
    from archive.services.epoch import rotate as begin

    if epoch + log + (writer is not None) != 1:
        raise UsageError("say what is replaced, one of: --epoch, --log, --writer ROLE")
    if kms is not None and not log:
        raise UsageError("--kms belongs to --log")
    with opened(context, archive, passphrase_file) as session:
        if kms is not None:
            _changed(context, as_json, _to_kms(session, kms))
            return
        if not epoch:
            _changed(context, as_json, _to_file(session, log=log, writer=writer))
            return
        done = begin(session)
    if wants_json(context, as_json):
        answer(asdict(done))
        return
    say(f"Epoch {done.number}: {done.pages} key pages re-encrypted, {done.retired} older ones destroyed")
    say(f"New key files: {', '.join(done.files)}. Hand them over, and destroy every copy of the old ones:")
    say("while one exists, a backup of the vault from before opens what was erased since.")
    say("Then `beleg mirror`: what comes back from a mirror of before this opens nothing any more.")


def _to_kms(session: "Session", key: str) -> "Change":
    """Let a key in KMS sign from now on, and say so in beleg.toml once the ledger has registered it."""
    from archive.services.key_change import hand_over
    from archive.wiring import open_signer

    done = hand_over(session, open_signer(session.settings, key))
    _log_signer(session, f"kms:{key}")
    return done


def _to_file(session: "Session", *, log: bool, writer: str | None, by: str = "owner") -> "Change":
    """Replace a key by one in a key file; if it is the log key, no device signs any more."""
    from archive.services.key_change import rotate as change

    done = change(session, *(("log", "log") if log else ("writer", writer or "")), by=by)
    if log and session.settings.log_signer is not None:
        _log_signer(session, None)
    return done


def _log_signer(session: "Session", signer: str | None) -> None:
    from archive.settings import replace

    replace(session.folder, session.settings.model_copy(update={"log_signer": signer}))


def _changed(context: typer.Context, as_json: bool, done: "Change") -> None:
    from dataclasses import asdict

    if wants_json(context, as_json):
        answer(asdict(done))
        return
    where = "KMS" if done.file == "kms" else f"{done.file}.key"
    say(f"New {done.role} key {done.new} in {where}; retired: {', '.join(done.old) or 'none'}")
    if done.verifier_key:
        say(f"New log key {done.verifier_key}")
        say("Print it, sign it, keep it with the founding slip; outsiders give it to `beleg verify --key`.")


@app.command()
def recover(
    context: typer.Context,
    log: Annotated[bool, typer.Option("--log", help="A new log key in place of a lost one.")] = False,
    writer: Annotated[str | None, typer.Option(help="A new writer key for this role.")] = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Replace a lost key with the recovery key, which may register keys and nothing else of that kind.

    Where the key file of ingest, legal or privacy is lost, the new one opens what that one opened: every key page is
    encrypted anew. Then `beleg mirror`: what comes back from a mirror of before this opens nothing any more.
    Needs recovery.key at hand; take it back to its safe afterwards.

    Example: beleg keys recover --log
    """
    from archive.errors import UsageError
    from archive.services.key_recovery import open_again

    if log == (writer is not None):
        raise UsageError("say what is lost: --log or --writer ROLE")
    with opened(context, archive, passphrase_file) as session:
        done = _to_file(session, log=log, writer=writer, by="recovery")
        pages = open_again(session, writer) if writer in ("ingest", "legal", "privacy") else 0
        _changed(context, as_json, done)
        if pages:
            note(f"{pages} key pages encrypted anew to {writer}.key; `beleg mirror` is due")
        if writer == "ingest" and session.keys.signer is None and session.keys.log_key() is None:
            note(
                "no log key is here: if it lay in the lost ingest.key, nothing is sealed any more until "
                "`beleg keys recover --log` has made a new one"
            )


@app.command()
def retire(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="The id of the key, or 8 digits of it or more.")],
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Retire a key: what it signs from now on counts for nothing. Needs the owner's key file.

    Example: beleg keys retire 3f2a90c1
    """
    from archive.services.key_change import missing
    from archive.services.key_change import retire as end

    with opened(context, archive, passphrase_file) as session:
        ended = end(session, key)
        role = missing(session, ended)
    if role is not None:
        how = f"recover --writer {role}" if role != "recovery" else "rotate --writer recovery"
        note(f"nobody can write in the role {role} now; `beleg keys {how}` registers a new key")
    if wants_json(context, as_json):
        answer({"id": ended.id, "purpose": ended.purpose, "role": ended.role})
    else:
        say(f"Retired: {ended.purpose} key {ended.id} of the role {ended.role}")


@app.command()
def disown(
    context: typer.Context,
    checkpoints: Annotated[
        list[str] | None,
        typer.Argument(help="Digests of the checkpoints; without any, those in the way are shown."),
    ] = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> int:
    """Set aside checkpoints that somebody with the log key signed over another history, so that writers go on.

    Verification names them first for ever. First compare the archive with an outside head: if that does not
    agree, the archive is the false history. Then `beleg keys rotate --log`.

    Example: beleg keys disown
    """
    from archive.services.key_change import disown as set_aside
    from archive.services.key_change import strays

    with opened(context, archive, passphrase_file) as session:
        found = set_aside(session, checkpoints) if checkpoints else strays(session)
    if wants_json(context, as_json):
        answer([{"size": one.size, "sha256": one.sha256} for one in found])
    else:
        for one in found:
            say(f"{'disowned' if checkpoints else 'in the way'}: size {one.size}, {one.sha256}")
        if not found:
            say("no checkpoint stands in the way")
    return 3 if found and not checkpoints else 0
