"""``beleg party``: who communicates, ours and the other side."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import ArchiveOption, JsonOption, PassphraseOption, opened, wants_json
from cli.output import answer, note, safe, say, table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archive.services.session import Session
    from schemas.matter import PartyAccount

app = typer.Typer(
    help="Anyone who communicates: ours or the other side.", no_args_is_help=True, rich_markup_mode=None
)

StartOption = Annotated[
    str | None, typer.Option("--from", help="First day on which the accounts are theirs.")
]
EndOption = Annotated[str | None, typer.Option("--to", help="Last day.")]
UseOption = Annotated[str, typer.Option(help="business, private, mixed or unknown.")]


@app.command("add")
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The name of the person or organisation.")],
    kind: Annotated[str, typer.Option(help="person or organisation.")] = "person",
    side: Annotated[str, typer.Option(help="ours, counterpart or other.")] = "other",
    account: Annotated[
        list[str] | None, typer.Option(help="CHANNEL:ID or CHANNEL:SCOPE:ID; may be repeated.")
    ] = None,
    start: StartOption = None,
    end: EndOption = None,
    use: UseOption = "unknown",
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Register a party with its accounts.

    Example: beleg party add "Lieferant" --kind organisation --account email:a@firm.example
    """
    from archive.errors import UsageError
    from archive.services.matter import add_party
    from archive.services.party import KINDS, SIDES, parse_account
    from archive.services.party import account as made

    if kind not in KINDS or side not in SIDES:
        raise UsageError("--kind is person or organisation; --side is ours, counterpart or other")
    accounts = [made(parse_account(text), start, end, use) for text in account or []]
    with opened(context, archive, passphrase_file) as session:
        party = add_party(session, name, kind=kind, side=side, accounts=accounts)
        _doubt(session, accounts)
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
    rows = [(p.id, p.side, p.kind, p.name, "; ".join(map(_told, p.accounts))) for p in found]
    table(rows, head=("party", "side", "kind", "name", "accounts"))


def _told(held: "PartyAccount") -> str:
    key = held.account
    period = f" {held.start or ''}..{held.end or ''}" if held.start or held.end else ""
    use = f" ({held.use})" if held.use != "unknown" else ""
    return f"{key.channel}:{f'{key.scope}:' if key.scope else ''}{key.id}{period}{use}"


@app.command("link")
def link(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="The party, like Y-1.")],
    others: Annotated[list[str] | None, typer.Argument(help="Parties that are the same: Y-2.")] = None,
    account: Annotated[
        list[str] | None, typer.Option(help="CHANNEL:ID or CHANNEL:SCOPE:ID; may be repeated.")
    ] = None,
    start: StartOption = None,
    end: EndOption = None,
    use: UseOption = "unknown",
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Link accounts to a party, or the accounts of other parties that are the same. Nothing is merged by guess.

    Example: beleg party link Y-1 --account email:anna@firm.example --from 2021-01-01 --use business
    """
    from archive.services.party import account as made
    from archive.services.party import link as join
    from archive.services.party import parse_account

    accounts = [made(parse_account(text), start, end, use) for text in account or []]
    with opened(context, archive, passphrase_file) as session:
        session.ledger.follow()
        done = join(session, number, accounts, others or [])
        _doubt(session, accounts)
    if wants_json(context, as_json):
        answer({"party": done.party, "shared": done.shared})
        return
    say(f"{number} has {len(done.party.accounts)} accounts now")
    for key, other in done.shared:
        say(f"  {safe(key)} belongs to {other} too")


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A CSV with name, kind, side, account, from, to, use, party.")],
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Register parties from a table, a line an account; lines of one name are one party. All of it or nothing.

    A name that the archive has is no sign that it is the same: the column party says so (Y-1), or new.

    Example: beleg party import kontakte.csv
    """
    from archive.errors import UsageError
    from archive.services import register
    from archive.services.party import import_parties

    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{file}: the table is not in UTF-8; a table program saves it as CSV UTF-8"
        ) from error
    with opened(context, archive, passphrase_file) as session:
        session.ledger.follow()
        done = import_parties(session, text)
        _doubt(session, [held for party in register.parties(session).values() for held in party.accounts])
    if wants_json(context, as_json):
        answer(dict(done))
        return
    say(f"{done['new']} parties registered, {done['extended']} extended, {done['known']} known as they are")


def _doubt(session: "Session", accounts: "Iterable[PartyAccount]") -> None:
    """Tell of channels that nobody knows: by a slip of the pen a hold on such an account would keep nothing."""
    from archive.services.party import matching_nothing

    for channel in matching_nothing(session, accounts):
        note(
            f"no channel is called {safe(channel)}: such an account matches no item; `beleg channels` lists them"
        )
