"""``beleg policy``: what must be said before content is shown."""

from typing import Annotated

import typer

from cli.opening import ArchiveOption, JsonOption, PassphraseOption, opened, wants_json
from cli.output import answer, safe, say

app = typer.Typer(
    help="What must be said before content is shown.", no_args_is_help=True, rich_markup_mode=None
)


@app.command("show")
def show(
    context: typer.Context,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Show the policy that counts.

    Example: beleg policy show
    """
    from archive.services.journal import policy

    with opened(context, archive, passphrase_file) as session:
        session.ledger.follow()
        found = policy(session)
    if wants_json(context, as_json):
        answer(found.model_dump() if found else None)
        return
    if found is None:
        say("No policy was decided: a purpose may be given, and nobody needs a second person.")
        return
    say(f"Decided   {found.decided}: {safe(found.reason)}")
    say(f"Purpose   {'demanded' if found.purpose_demanded else 'may be given'}")
    say(f"Second    {', '.join(found.second_person) or 'for nobody'}")


@app.command("set")
def set_(
    context: typer.Context,
    reason: Annotated[str, typer.Option(help="Why, and by whose agreement.")],
    purpose: Annotated[
        bool, typer.Option("--demand-purpose", help="Nothing is shown without --purpose.")
    ] = False,
    second: Annotated[
        list[str] | None,
        typer.Option("--second-person", help="A party (Y-3) who is singled out only by two people."),
    ] = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Decide a policy, in place of the one before. Needs the owner's key.

    Example: beleg policy set --demand-purpose --second-person Y-3 --reason "works agreement of 4 May"
    """
    from archive.services.reading_policy import decide_policy

    with opened(context, archive, passphrase_file) as session:
        session.ledger.follow()
        made = decide_policy(session, purpose_demanded=purpose, second_person=second or [], reason=reason)
    answer(made) if wants_json(context, as_json) else say("The policy counts from now on.")
