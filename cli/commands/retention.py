"""``beleg retention``: what is due by its class, and letting it go. Nothing goes by itself."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.commands.approve import approve
from cli.opening import ArchiveOption, JsonOption, PassphraseOption, opened, wants_json
from cli.output import answer, safe, say, table
from cli.plans import counted, say_plan, say_restricted

if TYPE_CHECKING:
    from archive.services.retention import Due

app = typer.Typer(
    help="Retention: what is due by its class. Nothing goes by itself.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("plan")
def plan(
    context: typer.Context,
    count_only: Annotated[bool, typer.Option("--count", help="Only count; write no plan down.")] = False,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Count what is due, with samples and reasons, and write down the plan to let it go. Erases nothing.

    Example: beleg retention plan
    """
    from dataclasses import asdict

    from archive.services import retention

    with opened(context, archive, passphrase_file) as session:
        session.ledger.follow()
        if count_only:
            found, asked, made = retention.due(session), None, None
        else:
            found, asked, made = retention.plan(session)
    if wants_json(context, as_json):
        answer({**asdict(found), "request": asked, "plan": made})
        return
    _say_due(found)
    if made is None:
        say(f"Would erase {counted(found.counts)}")
        say_restricted(found.restricted)
        say("Nothing was written down.")
        return
    say_plan(made)
    if made.targets:
        say(f"Two people of two roles release exactly this: beleg retention release {made.id} --key FILE")


def _say_due(found: "Due") -> None:
    say(f"{found.items} items looked at, {found.unclassed} of them without a class")
    if found.late:
        say(
            f"{found.late} items were sealed under a policy that gave them no class, so the class of a later one does "
            "not end them; a policy with `also_unclassed = true` does, or a request: beleg erase request --item N"
        )
    if found.running:
        table([(*row, "running") for row in found.running], head=("class", "items", "first ends", ""))
    for name, count in found.due:
        say(f"{count} items of the class {safe(name)} are due, and not held themselves")
    if found.beyond:
        say(f"{found.beyond} of them are for the next plan")
    say(f"{found.held} items are due and held: no plan asks for them")
    if found.samples:
        table(found.samples, head=("may go", "class", "ended"))


app.command("release")(approve)


@app.command("run")
def run(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="The released plan, like D-2.")],
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> int:
    """Carry out a released plan. Every hold is tested again on the items themselves.

    Example: beleg retention run D-2
    """
    from cli.commands.erase import run as carry_out

    return carry_out(context, number, archive, as_json, passphrase_file)
