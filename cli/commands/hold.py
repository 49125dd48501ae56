"""``beleg hold``: nothing in the scope of a hold may be lost while it stands."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import (
    ArchiveOption,
    JsonOption,
    PassphraseOption,
    PersonOption,
    PurposeOption,
    SecondOption,
    asking,
    check_date,
    opened,
    wants_json,
)
from cli.output import answer, safe, say, table

if TYPE_CHECKING:
    from archive.services.hold_notices import What

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
    party: Annotated[
        Many, typer.Option(help="A party, like Y-1, and what is said where it talks; may be repeated.")
    ] = None,
    account: Annotated[Many, typer.Option(help="An account id, handle or name, or CHANNEL:ID.")] = None,
    channel: Annotated[Many, typer.Option(help="A channel.")] = None,
    thread: Annotated[Many, typer.Option(help="A thread, by id or name.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="First day, like 2021-01-01.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Last day.")] = None,
    query: Annotated[str | None, typer.Option(help="What a search finds, now and later.")] = None,
    item: Annotated[list[int] | None, typer.Option(help="An item by number; may be repeated.")] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Only count what would be held.")] = False,
    present: Annotated[
        bool, typer.Option("--present-only", help="Only what is in the archive now, not later items.")
    ] = False,
    purpose: PurposeOption = None,
    person: PersonOption = None,
    second: SecondOption = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> int:
    """Place a hold; its scope is everything that all the given options match, later items included.

    A preview is a look, and stands in the journal. A day is a day by any calendar on earth.
    Exit 3: an item that it names was erased before.
    Example: beleg hold place M-1 --channel whatsapp --query garantie --reason "Klage" --review 2027-06-30
    """
    from dataclasses import asdict

    from pydantic import ValidationError

    from archive.errors import UsageError
    from archive.services import hold as holding
    from schemas.matter import Scope

    for value in (review, start, end):
        if value is not None:
            check_date(value)
    try:
        scope = Scope(
            parties=tuple(party or ()), accounts=tuple(account or ()), channels=tuple(channel or ()),
            threads=tuple(thread or ()), start=start, end=end, query=query, items=tuple(dict.fromkeys(item or ())),
        )  # fmt: skip
    except ValidationError as error:
        raise UsageError(error.errors()[0]["msg"]) from error
    said = asking(purpose, person, second, matter)
    with opened(context, archive, passphrase_file, asking=said) as session:
        if preview or query is not None:
            session.read()
        else:
            session.ledger.follow()
        make = holding.previewed if preview else holding.place
        hold = make(session, matter, scope, reason=reason, review=review, future=not present)
        found = holding.coverage(session, hold)
    code = 3 if found.erased else 0
    if wants_json(context, as_json):
        answer({"hold": None if preview else hold, **asdict(found)})
        return code
    if not preview:
        say(f"{hold.id} placed for {matter}; review on {hold.review}")
    say(f"{found.covered} of {found.looked_at} items are in its scope now")
    if not found.covered:
        say("NOTHING is in its scope yet: look whether account, party, query and days are written as meant")
    for written, count in found.apart:
        say(f"{count} items of the archive write it otherwise, and are not meant: OR ({written})")
    for number, erase in found.erased:
        say(f"item {number} was erased at {erase}, before this hold")
    if found.gone:
        say(f"{found.gone} items were erased before: whether it would have kept them nobody can say")
    return code


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
) -> int:
    """Release a hold. This deletes nothing.

    Where the policy demands a second person, the first call only plans it (exit 4); after `beleg approve` call again.
    Example: beleg hold release H-1 --reason "Vergleich geschlossen"
    """
    from archive.services import hold as holding
    from schemas.keeping import Plan

    with opened(context, archive, passphrase_file) as session:
        session.ledger.follow()
        done = holding.release(session, number, reason)
    planned = isinstance(done, Plan)
    if wants_json(context, as_json):
        answer(done)
    elif isinstance(done, Plan):
        say(
            f"{done.id} planned: a second person approves it with beleg approve {done.id} --key FILE; {number} stands"
        )
    else:
        say(f"{number} released")
    return 4 if planned else 0


@app.command("notice")
def notice(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="The hold, like H-1.")],
    parties: Annotated[list[str], typer.Argument(help="Custodians: parties, like Y-1.")],
    by: Annotated[str | None, typer.Option(help="How: mail, letter, in person.")] = None,
    due: Annotated[str | None, typer.Option(help="Until when an acknowledgement is asked for.")] = None,
    to: Annotated[
        Many,
        typer.Option(
            "--mail", help="Send it here; as many as parties, in their order. See mail in beleg.toml."
        ),
    ] = None,
    words: Annotated[
        Path | None, typer.Option("--words", help="With --mail: a text to send in place of the packaged one.")
    ] = None,
    reminded: Annotated[bool, typer.Option("--reminded", help="They were reminded.")] = False,
    acknowledged: Annotated[bool, typer.Option("--acknowledged", help="They acknowledged it.")] = False,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Write down that custodians were told of a hold, reminded, or acknowledged it; or mail them, and write it down.

    Example: beleg hold notice H-1 Y-1 --by letter --due 2027-01-31

    Example: beleg hold notice H-1 Y-1 --mail anna@firm.example --due 2027-01-31
    """
    from archive.errors import UsageError
    from archive.services.hold_notices import notify

    if reminded and acknowledged:
        raise UsageError("--reminded or --acknowledged, not both")
    if to and (by or acknowledged or len(to) != len(parties)):
        raise UsageError(
            "--mail names one address for each party, and stands without --by and --acknowledged"
        )
    if words and not to:
        raise UsageError("--words says what --mail sends")
    if due is not None:
        check_date(due)
    with opened(context, archive, passphrase_file) as session:
        session.ledger.follow()
        if to:
            from archive.wiring.alerts import mail_notice

            sent = dict(zip(parties, to, strict=True))
            made = mail_notice(session, number, sent, reminder=reminded, due=due, words=words)
        else:
            done: What = "reminded" if reminded else "acknowledged" if acknowledged else "sent"
            made = notify(session, number, parties, what=done, by=by, due=due)
    answer(made) if wants_json(context, as_json) else say(
        f"{number}: {made[0].what} for {', '.join(parties)}"
    )


@app.command("report")
def report(
    context: typer.Context,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> int:
    """Report every hold: what it keeps, who was told and acknowledged, what is overdue. Counts on the ledger itself.

    Exit 3: a review or an acknowledgement is overdue.
    Example: beleg hold report
    """
    from dataclasses import asdict

    from archive.services.hold_upkeep import report as tell

    with opened(context, archive, passphrase_file) as session:
        session.ledger.follow()
        found = tell(session)
    late = any(one.review_due or any(told.overdue for told in one.told) for one in found)
    if wants_json(context, as_json):
        answer([{**asdict(one), "hold": one.hold, "released": one.released} for one in found])
        return 3 if late else 0
    for one in found:
        state = "released" if one.released else "active"
        say(
            f"{one.hold.id}  {state}, for {one.hold.matter}, placed {one.hold.placed}: {safe(one.hold.reason)}"
        )
        keeps, scope = "would keep" if one.released else "keeps", _scope(one.hold.scope.model_dump())
        say(f"  {keeps} {one.covered} items ({one.closed} cannot be opened); scope {scope}")
        if one.erased_before:
            say(f"  erased before it was placed, at {', '.join(map(str, one.erased_before))}")
        if one.review_due:
            say(f"  REVIEW IS DUE since {one.hold.review}")
        for told in one.told:
            stands = told.acknowledged or ("OVERDUE" if told.overdue else "not yet")
            say(
                f"  {told.party}: told {told.sent}, reminded {told.reminded or 'never'}, acknowledged {stands}"
            )
    return 3 if late else 0


@app.command("check")
def check(
    context: typer.Context,
    years: Annotated[int, typer.Option(min=1, max=100, help="Lock what is held at least so long.")] = 1,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> int:
    """Hold ledger, vault and locks against each other for everything that is held; lengthen locks that end too soon.

    Exit 3: something that is held is not whole.
    Example: beleg hold check --years 2
    """
    from dataclasses import asdict
    from datetime import timedelta

    from archive.services.hold_upkeep import check as examine

    with opened(context, archive, passphrase_file) as session:
        session.ledger.follow()
        until = session.clock().date() + timedelta(days=365 * years)
        done = examine(session, until)
    code = 3 if done.findings else 0
    if wants_json(context, as_json):
        answer(asdict(done))
        return code
    say(f"{done.items} items are held: {done.records} records, {done.objects} objects looked at")
    say(f"{done.extended} locks made longer")
    for finding in done.findings:
        say(f"FINDING {safe(finding)}")
    return code
