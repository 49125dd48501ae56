"""``beleg approve``: a person stands behind a plan, with a key of their own."""

from pathlib import Path
from typing import Annotated

import typer

from cli.opening import ArchiveOption, JsonOption, PassphraseOption, common, opened, passphrases, wants_json
from cli.output import answer, say
from cli.plans import say_plan


def approve(
    context: typer.Context,
    plan: Annotated[str, typer.Argument(help="The plan, like D-1.")],
    key: Annotated[
        str | None,
        typer.Option("--key", help="The key file: a path, or the name of one here (legal, privacy, P-1)."),
    ] = None,
    show: Annotated[bool, typer.Option("--show", help="Only show what would be signed.")] = False,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Sign a plan: an erasure, a release of a hold, a policy. Two people of two roles are needed.

    Run it on the approver's own computer; it needs the places, a key that opens oversight, and the key file. Look at
    it first with --show.
    Example: beleg approve D-1 --key privacy
    """
    from archive.errors import UsageError
    from archive.services.agreed import papers
    from archive.services.agreed.agreement import approve as sign
    from archive.wiring import open_writer

    if show == (key is not None):
        raise UsageError("--key FILE to sign the plan, or --show to look at it")
    ask = passphrases(passphrase_file or common(context).passphrase_file)
    with opened(context, archive, passphrase_file) as session:
        session.ledger.refresh()
        _, found = papers.plan(session, plan)
        made = None if key is None else sign(session, plan, open_writer(session, Path(key), ask))
    if wants_json(context, as_json):
        answer(made or found)
    elif made is None:
        say_plan(found)
    else:
        say(f"{plan} approved with the key {made.key}")
