"""``beleg party``: who communicates, ours and the other side."""

from typing import Annotated

import typer

from cli.opening import ArchiveOption, JsonOption, PassphraseOption, opened, wants_json
from cli.output import answer, safe, say, table

app = typer.Typer(
    help="Anyone who communicates: ours or the other side.", no_args_is_help=True, rich_markup_mode=None
)


@app.command("add")
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The name of the person or organisation.")],
    kind: Annotated[str, typer.Option(help="person or organisation.")] = "person",
    side: Annotated[str, typer.Option(help="ours, counterpart or other.")] = "other",
    account: Annotated[
        list[str] | None, typer.Option(help="CHANNEL:ID or CHANNEL:SCOPE:ID; may be repeated.")
    ] = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Register a party with its accounts.

    Example: beleg party add "Lieferant" --kind organisation --account email:a@firm.example
    """
    from archive.errors import UsageError
    from archive.services.matter import add_party
    from schemas.item import Key
    from schemas.matter import PartyAccount

    if kind not in ("person", "organisation") or side not in ("ours", "counterpart", "other"):
        raise UsageError("--kind is person or organisation; --side is ours, counterpart or other")
    accounts = []
    for text in account or []:
        parts = text.split(":")
        if len(parts) < 2:
            raise UsageError(f"{text!r}: write an account as CHANNEL:ID, like email:anna@firm.example")
        scope = parts[1] if len(parts) > 2 else ""
        accounts.append(
            PartyAccount(account=Key(channel=parts[0], scope=scope, id=":".join(parts[2:] or parts[1:])))
        )
    with opened(context, archive, passphrase_file) as session:
        party = add_party(session, name, kind=kind, side=side, accounts=accounts)
    answer(party) if wants_json(context, as_json) else say(f"{party.id} registered: {safe(party.name)}")


@app.command("list")
def list_(
    context: typer.Context,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """List all parties.

    Example: beleg party list
    """
    from archive.services import register

    with opened(context, archive, passphrase_file) as session:
        session.ledger.follow()
        found = list(register.parties(session).values())
    if wants_json(context, as_json):
        answer(found)
        return
    rows = [
        (p.id, p.side, p.kind, p.name, ", ".join(f"{a.account.channel}:{a.account.id}" for a in p.accounts))
        for p in found
    ]
    table(rows, head=("party", "side", "kind", "name", "accounts"))
