"""``beleg approve``: a person stands behind a plan, with a key of their own."""

from pathlib import Path
from typing import Annotated

import typer

from cli.opening import ArchiveOption, JsonOption, PassphraseOption, common, opened, passphrases, wants_json
from cli.output import answer, say


def approve(
    context: typer.Context,
    plan: Annotated[str, typer.Argument(help="The plan, like D-1.")],
    key: Annotated[
        str,
        typer.Option("--key", help="The key file: a path, or the name of one here (legal, privacy, P-1)."),
    ],
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Sign a plan: an erasure, a release of a hold, a policy. Two people of two roles are needed.

    Run it on the approver's own computer; it needs the places, a key that opens oversight, and the key file.
    Example: beleg approve D-1 --key privacy
    """
    from archive.services.agreed.agreement import approve as sign
    from archive.wiring import open_writer

    ask = passphrases(passphrase_file or common(context).passphrase_file)
    with opened(context, archive, passphrase_file) as session:
        writer = open_writer(session, Path(key), ask)
        session.ledger.refresh()
        made = sign(session, plan, writer)
    if wants_json(context, as_json):
        answer(made)
        return
    say(f"{plan} approved with the key {made.key}")
