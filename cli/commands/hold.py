"""``beleg hold``: nothing in the scope of a hold may be lost while it stands."""

from typing import Annotated

import typer

from cli.opening import ArchiveOption, JsonOption, PassphraseOption, opened, wants_json
from cli.output import answer, safe, say, table

app = typer.Typer(
    help="Holds: what must be kept, for which matter, until when.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Many = list[str] | None


@app.command("place")
def place(
    context: typer.Context,
    matter: Annotated[str, typer.Argument(help="The matter, like M-1.")],
    reason: Annotated[str, typer.Option(help="Why it must be kept.")],
    review: Annotated[str, typer.Option(help="When somebody looks at it again, like 2027-06-30.")],
    party: Annotated[Many, typer.Option(help="A party, like Y-1; may be repeated.")] = None,
    account: Annotated[Many, typer.Option(help="An account id, handle or name.")] = None,
    channel: Annotated[Many, typer.Option(help="A channel.")] = None,
    thread: Annotated[Many, typer.Option(help="A thread id.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="First day, like 2021-01-01.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Last day.")] = None,
    query: Annotated[str | None, typer.Option(help="What a search finds, now and later.")] = None,
    item: Annotated[list[int] | None, typer.Option(help="An item by number; may be repeated.")] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Only count what would be held.")] = False,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Place a hold; its scope is everything that all the given options match, later items included.

    Example: beleg hold place M-1 --channel whatsapp --query garantie --reason "Klage" --review 2027-06-30
    """
    from datetime import date

    from pydantic import ValidationError

    from archive.errors import UsageError
    from archive.services import hold as holding
    from schemas.matter import Scope

    for value in (review, start, end):
        if value is not None:
            try:
                date.fromisoformat(value)
            except ValueError as error:
                raise UsageError(f"{value!r} is not a date; write one like 2027-06-30") from error
    try:
        scope = Scope(
            parties=tuple(party or ()), accounts=tuple(account or ()), channels=tuple(channel or ()),
            threads=tuple(thread or ()), start=start, end=end, query=query, items=tuple(item or ()),
        )  # fmt: skip
    except ValidationError as error:
        raise UsageError(error.errors()[0]["msg"]) from error
    with opened(context, archive, passphrase_file) as session:
        session.ledger.follow()
        placed = None if preview else holding.place(session, matter, scope, reason=reason, review=review)
        covered = holding.preview(session, scope)
    if wants_json(context, as_json):
        answer({"hold": placed, "covered": covered.covered, "looked_at": covered.looked_at})
        return
    if placed:
        say(f"{placed.id} placed for {matter}; review on {placed.review}")
    say(f"{covered.covered} of {covered.looked_at} items are in its scope now")


@app.command("list")
def list_(
    context: typer.Context,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """List all holds, from the ledger itself.

    Example: beleg hold list
    """
    from archive.services import register

    with opened(context, archive, passphrase_file) as session:
        session.ledger.follow()
        found = register.holds(session)
    if wants_json(context, as_json):
        answer([{**hold.model_dump(), "released": gone} for hold, gone in found])
        return
    table(
        [
            (
                hold.id,
                hold.matter,
                "released" if gone else "active",
                hold.review,
                _scope(hold.scope.model_dump()),
                safe(hold.reason),
            )
            for hold, gone in found
        ],
        head=("hold", "matter", "state", "review", "scope", "reason"),
    )


def _scope(fields: dict[str, object]) -> str:
    parts = []
    for name, value in fields.items():
        if value:
            words = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
            parts.append(f"{name} {words}")
    return "; ".join(parts)


@app.command("release")
def release(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="The hold, like H-1.")],
    reason: Annotated[str, typer.Option(help="Why it may end.")],
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Release a hold. This deletes nothing.

    Example: beleg hold release H-1 --reason "Vergleich geschlossen"
    """
    from archive.services import hold as holding

    with opened(context, archive, passphrase_file) as session:
        released = holding.release(session, number, reason)
    answer(released) if wants_json(context, as_json) else say(f"{number} released")
