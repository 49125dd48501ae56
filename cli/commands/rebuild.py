"""``beleg rebuild``: make catalogue and index anew from the ledger alone."""

from typing import Annotated

import typer

from cli.opening import ArchiveOption, JsonOption, PassphraseOption, opened, wants_json
from cli.output import answer, say

PARTS = ("catalogue", "index", "seen")


def rebuild(
    context: typer.Context,
    what: Annotated[str, typer.Argument(help="catalogue, index, seen or all.")] = "all",
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Throw projections away and replay the ledger into them.

    Example: beleg rebuild index
    """
    from archive.errors import UsageError
    from archive.services.rebuild import rebuild as replay

    if what not in (*PARTS, "all"):
        raise UsageError(f"{what!r} cannot be rebuilt; name one of {', '.join(PARTS)}, all")
    chosen = PARTS if what == "all" else (what,)
    with opened(context, archive, passphrase_file, anew=chosen) as session:
        done = replay(session, chosen)  # type: ignore[arg-type]
    if wants_json(context, as_json):
        answer(done)
        return
    for name, records in done.items():
        say(f"{name}: replayed {records} records")
