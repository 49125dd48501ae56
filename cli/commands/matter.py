"""``beleg matter``: cases and what they look at."""

from typing import Annotated

import typer

from cli.opening import ArchiveOption, JsonOption, PassphraseOption, opened, wants_json
from cli.output import answer, safe, say, table

app = typer.Typer(
    help="Cases and inquiries, and the items they look at.", no_args_is_help=True, rich_markup_mode=None
)


@app.command("open")
def open_(
    context: typer.Context,
    title: Annotated[str, typer.Argument(help="What the matter is called.")],
    reason: Annotated[str, typer.Option(help="Why it is opened.")],
    reference: Annotated[str | None, typer.Option(help="A file number of yours.")] = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Open a matter.

    Example: beleg matter open "Pumpe 7" --reason "Klage vor dem Landgericht"
    """
    from archive.services.matter import open_matter

    with opened(context, archive, passphrase_file) as session:
        matter = open_matter(session, title, reason, reference)
    answer(matter) if wants_json(context, as_json) else say(f"{matter.id} opened: {safe(matter.title)}")


@app.command("list")
def list_(
    context: typer.Context,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """List all matters.

    Example: beleg matter list
    """
    from archive.services import register

    with opened(context, archive, passphrase_file) as session:
        session.ledger.follow()
        found = list(register.matters(session).values())
    if wants_json(context, as_json):
        answer(found)
        return
    table([(m.id, m.status, m.title, m.reason) for m in found], head=("matter", "status", "title", "reason"))


@app.command("show")
def show(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="The matter, like M-1.")],
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Show a matter: its selection, holds and productions.

    Example: beleg matter show M-1
    """
    from archive.services import register

    with opened(context, archive, passphrase_file) as session:
        session.ledger.follow()
        matter = register.matter(session, number)
        selection = register.selection(session, number)
        holds = [hold for hold, gone in register.holds(session) if hold.matter == number and gone is None]
        productions = [made for made in register.productions(session).values() if made.matter == number]
    if wants_json(context, as_json):
        answer(
            {
                **matter.model_dump(),
                "selection": [
                    {"number": item, "decision": s.decision, "note": s.note} for item, s in selection.items()
                ],
                "holds": holds,
                "productions": productions,
            }
        )
        return
    say(f"{matter.id}  {safe(matter.title)}  ({matter.status})")
    say(f"Reason    {safe(matter.reason)}")
    say(f"Selection {len(selection)} items")
    table([(item, chosen.decision, chosen.note or "") for item, chosen in selection.items()])
    say(f"Holds     {', '.join(hold.id for hold in holds) or 'none'}")
    say(f"Produced  {', '.join(made.id for made in productions) or 'nothing yet'}")


@app.command("add")
def add(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="The matter, like M-1.")],
    items: Annotated[list[int] | None, typer.Argument(help="Numbers of items.")] = None,
    search: Annotated[str | None, typer.Option(help="Everything that this query finds.")] = None,
    thread: Annotated[int | None, typer.Option(help="The whole thread of this item.")] = None,
    decision: Annotated[str, typer.Option(help="hit, context, privileged or withheld.")] = "hit",
    note: Annotated[str | None, typer.Option(help="A note on the decision.")] = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Add items to a matter, by number, search or thread.

    Example: beleg matter add M-1 --search 'garantie'
    """
    from archive.errors import UsageError
    from archive.services.matter import add_items
    from archive.services.search import all_indexes
    from archive.services.show import thread_indexes

    if decision not in ("hit", "context", "privileged", "withheld"):
        raise UsageError(f"{decision!r} is no decision; they are hit, context, privileged, withheld")
    with opened(context, archive, passphrase_file) as session:
        session.read()
        chosen = list(items or [])
        if search is not None:
            chosen += all_indexes(session, search, matter=number)
        if thread is not None:
            chosen += thread_indexes(session, thread)
        if not chosen and search is None:
            raise UsageError("name items by number, or with --search or --thread")
        added = add_items(session, number, chosen, decision=decision, note=note, search=search)
    if wants_json(context, as_json):
        answer({"matter": number, "found": len(set(chosen)), "added": added})
        return
    say(f"{added} items added to {number}")
