"""``beleg keys``: which keys the ledger has registered."""

import typer

from cli.opening import ArchiveOption, JsonOption, find_archive, wants_json
from cli.output import answer, note, table

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
