"""``beleg matter``: cases and what they look at."""

from typing import Annotated

import typer

from cli.commands.matter_redact import redact, release
from cli.opening import (
    ArchiveOption,
    JsonOption,
    PassphraseOption,
    PersonOption,
    SecondOption,
    asking,
    opened,
    wants_json,
)
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
    from archive.services.released import releases

    with opened(context, archive, passphrase_file) as session:
        session.ledger.follow()
        matter = register.matter(session, number)
        selection = register.selection(session, number)
        holds = [hold for hold, gone in register.holds(session) if hold.matter == number and gone is None]
        notes, redactions = register.notes(session, number), register.redactions(session, number)
        productions = [made for made in register.productions(session).values() if made.matter == number]
        released = {item: sorted(one) for item, one in releases(session, number).standing.items() if one}
        erased = register.erased(session, selection)
    if wants_json(context, as_json):
        answer(
            {
                **matter.model_dump(),
                "selection": [
                    {"number": item, "decision": s.decision, "note": s.note, "erased": erased.get(item)}
                    for item, s in selection.items()
                ],
                "holds": holds,
                "productions": productions,
                "notes": notes,
                "redactions": list(redactions.values()),
                "released": [{"item": item, "from": sources} for item, sources in sorted(released.items())],
            }
        )
        return
    say(f"{matter.id}  {safe(matter.title)}  ({matter.status})")
    say(f"Reason    {safe(matter.reason)}")
    say(f"Members   {', '.join(matter.members) or 'none named'}; review {matter.review or 'not set'}")
    say(f"Selection {len(selection)} items")
    gone = {item: f"erased, by the order of record {order}" for item, order in erased.items()}
    table([(item, one.decision, gone.get(item, ""), one.note or "") for item, one in selection.items()])
    for one in redactions.values():
        parts = [*one.facets, *(f"{start}-{end}" for start, end in one.spans)]
        say(f"Redacted  item {one.item}: {', '.join(parts)} ({safe(one.reason)})")
    for item, sources in sorted(released.items()):
        named = ["its files" if source == item else str(source) for source in sources]
        say(f"Released  item {item}: {', '.join(named)}")
    for note in notes:
        about = f" on item {note.item}" if note.item is not None else ""
        say(f"Note      {note.written}{about}: {safe(note.text)}")
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
    person: PersonOption = None,
    second: SecondOption = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Add items to a matter, by number, search or thread.

    What was decided privileged or withheld stays so where a search or a thread brings it; its number decides otherwise.
    Example: beleg matter add M-1 --search 'garantie'
    """
    from archive.errors import UsageError
    from archive.services.called_before import called_before
    from archive.services.matter import add_items
    from archive.services.search import all_indexes
    from archive.services.show import picked, thread_indexes

    if decision not in ("hit", "context", "privileged", "withheld"):
        raise UsageError(f"{decision!r} is no decision; they are hit, context, privileged, withheld")
    with opened(context, archive, passphrase_file, asking=asking(None, person, second, number)) as session:
        session.read()
        chosen = picked(session, items) if items else []
        if search is not None:
            chosen += all_indexes(session, search, matter=number)
        if thread is not None:
            chosen += thread_indexes(session, thread)
        if not chosen and search is None:
            raise UsageError("name items by number, or with --search or --thread")
        added = add_items(
            session, number, chosen, decision=decision, note=note, search=search, named=items or ()
        )
        before = called_before(session, thread) if thread is not None else ()
    if wants_json(context, as_json):
        answer(
            {"matter": number, "found": len(set(chosen)), "added": added.count, "stay_inside": added.inside}
        )
        return
    for line in added.told(f"added to {number}"):
        say(line)
    for one in before:
        say(f"Not added: {one.told()}")


@app.command("remove")
def remove(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="The matter, like M-1.")],
    items: Annotated[list[int] | None, typer.Argument(help="Numbers of items.")] = None,
    search: Annotated[str | None, typer.Option(help="Everything that this query finds.")] = None,
    thread: Annotated[int | None, typer.Option(help="The whole thread of this item.")] = None,
    note: Annotated[str | None, typer.Option(help="Why.")] = None,
    person: PersonOption = None,
    second: SecondOption = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Take items out of a matter's selection. The archive keeps them, and that they were in it.

    What was decided privileged or withheld stays inside unless its number is given.

    Example: beleg matter remove M-1 57 --note "anderes Angebot"
    """
    from archive.errors import UsageError
    from archive.services.matter import remove_items
    from archive.services.search import all_indexes
    from archive.services.show import thread_indexes

    with opened(context, archive, passphrase_file, asking=asking(None, person, second, number)) as session:
        session.read()
        chosen = list(items or [])
        if search is not None:
            chosen += all_indexes(session, search, matter=number)
        if thread is not None:
            chosen += thread_indexes(session, thread)
        if not chosen and search is None:
            raise UsageError("name items by number, or with --search or --thread")
        removed = remove_items(session, number, chosen, note, named=items or ())
    if wants_json(context, as_json):
        answer({"matter": number, "removed": removed.count, "stay_inside": removed.inside})
        return
    for line in removed.told(f"removed from {number}"):
        say(line)


@app.command("note")
def note_(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="The matter, like M-1.")],
    text: Annotated[str, typer.Argument(help="The note.")],
    item: Annotated[int | None, typer.Option(help="The item of the selection that it is about.")] = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Write a note on a matter, or on one of its items.

    Example: beleg matter note M-1 "Zusage bestätigt" --item 57
    """
    from archive.services.matter import add_note

    with opened(context, archive, passphrase_file) as session:
        session.ledger.follow()
        made = add_note(session, number, text, item)
    answer(made) if wants_json(context, as_json) else say(f"Noted on {number}")


app.command("redact")(redact)
app.command("release")(release)


@app.command("set")
def set_(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="The matter, like M-1.")],
    member: Annotated[
        list[str] | None, typer.Option(help="A person, like P-1; all of them, repeated.")
    ] = None,
    review: Annotated[str | None, typer.Option(help="When somebody looks at it again.")] = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Name the members of a matter, or its review date.

    Example: beleg matter set M-1 --member P-1 --member P-2 --review 2027-06-30
    """
    from archive.errors import UsageError
    from archive.services.matter import change_matter
    from cli.opening import check_date

    if member is None and review is None:
        raise UsageError("say what changes: --member or --review")
    if review is not None:
        check_date(review)
    with opened(context, archive, passphrase_file) as session:
        session.ledger.follow()
        made = change_matter(session, number, members=member, review=review)
    answer(made) if wants_json(context, as_json) else say(f"{number} changed")


@app.command("close")
def close(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="The matter, like M-1.")],
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Close a matter. Refused while a hold of it stands. This deletes nothing.

    Example: beleg matter close M-1
    """
    _status(context, number, "closed", archive, passphrase_file, as_json=as_json)


@app.command("reopen")
def reopen(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="The matter, like M-1.")],
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Open a closed matter again.

    Example: beleg matter reopen M-1
    """
    _status(context, number, "open", archive, passphrase_file, as_json=as_json)


def _status(
    context: typer.Context,
    number: str,
    status: str,
    archive: ArchiveOption,
    passphrase_file: PassphraseOption,
    *,
    as_json: bool,
) -> None:
    from archive.services.matter import change_matter

    with opened(context, archive, passphrase_file) as session:
        session.ledger.follow()
        made = change_matter(session, number, status=status)
    answer(made) if wants_json(context, as_json) else say(f"{number} is {status}")
