"""``beleg erase``: forgetting, so that it can be shown."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import ArchiveOption, JsonOption, PassphraseOption, opened, wants_json
from cli.output import answer, safe, say, table
from cli.plans import counted, say_plan, say_restricted

if TYPE_CHECKING:
    from archive.services.erase import ErasureCertificate
    from schemas.keeping import Plan

app = typer.Typer(
    help="Erasing on request: asked for, approved by two, carried out, certified.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("request")
def request(
    context: typer.Context,
    subject: Annotated[str | None, typer.Argument(help="A subject, like S-1; or use --item.")] = None,
    item: Annotated[list[int] | None, typer.Option(help="An item by number; may be repeated.")] = None,
    ground: Annotated[str, typer.Option(help="On which ground, like 17-1a.")] = "",
    containers: Annotated[
        bool,
        typer.Option("--containers-only", help="Only the files in which the items came; the items stay."),
    ] = False,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> int:
    """Write down a request for erasure, and plan exactly what would go. Erases nothing.

    Exit 5: all of it must stay for now, because of a hold or a statute.
    Example: beleg erase request S-1 --ground 17-1a
    """
    from archive.services.erase import request as ask

    with opened(context, archive, passphrase_file) as session:
        session.ledger.follow()
        asked, plan = ask(
            session, ground=ground, subject=subject, items=item or [], containers_only=containers
        )
    if wants_json(context, as_json):
        answer({"request": asked, "plan": plan})
        return _code(plan)
    say(f"{asked.id} written down: {safe(asked.ground)}")
    if plan is None:
        say(f"The account legal plans it: beleg erase plan {asked.id}")
    else:
        _print(plan)
    return _code(plan)


@app.command("plan")
def plan(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="The request, like R-1.")],
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> int:
    """Plan a request on what the archive holds now. Erases nothing.

    Example: beleg erase plan R-1
    """
    from archive.services.dispose import legal

    with opened(context, archive, passphrase_file) as session:
        session.ledger.follow()
        made = legal.plan(session, number)
    if wants_json(context, as_json):
        answer({"plan": made})
    else:
        _print(made)
    return _code(made)


@app.command("run")
def run(
    context: typer.Context,
    number: Annotated[
        str | None, typer.Argument(help="A plan (D-1) or request (R-1); none: finish what was ordered.")
    ] = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> int:
    """Carry out an approved plan, as far as this account may: legal orders, privacy destroys the keys.

    Every hold is tested on the items themselves, in the moment of the order. Exit 4: another account must go on.
    Example: beleg erase run R-1
    """
    from archive.services.dispose.closure import stays
    from archive.services.erase import run as carry_out

    with opened(context, archive, passphrase_file) as session:
        done = carry_out(session, number)
    code = 4 if done.waiting else 0
    if wants_json(context, as_json):
        answer(
            {
                "plan": done.ordered.plan.id if done.ordered else None,
                "erase": done.ordered.erases if done.ordered else (),
                "zeroed": done.destroyed.zeroed if done.destroyed else None,
                "returned": done.destroyed.returned if done.destroyed else None,
                "waiting": done.waiting,
            }
        )
        return code
    if done.ordered:
        records = ", ".join(map(str, done.ordered.erases))
        say(f"{done.ordered.plan.id} ordered in record {records}: erases {counted(done.ordered.plan.counts)}")
        say_restricted(stays(done.ordered.plan.restricted))
    if done.destroyed:
        say(f"{done.destroyed.zeroed} key slots are zero now, over all vault copies")
    for line in done.waiting:
        say(f"OPEN {safe(line)}")
    return code


@app.command("list")
def list_(
    context: typer.Context,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """List requests, their plans, who approved, and what is restricted until when.

    Example: beleg erase list
    """
    from archive.services.dispose.listing import listing

    with opened(context, archive, passphrase_file) as session:
        session.ledger.follow()
        found = listing(session)
    if wants_json(context, as_json):
        answer([row.as_dict() for row in found])
        return
    table(
        [row.cells() for row in found], head=("plan", "for", "state", "approved by", "records", "restricted")
    )
    for row in found:
        for line in row.reminders:
            say(f"REMINDER {row.request or row.plan}: {safe(line)}")


@app.command("certificate")
def certificate(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="The request, like R-1.")],
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> int:
    """Certify an erasure: removed on, beyond recovery on, by whom, on which ground, what remains.

    Exit 4: it is not carried out yet.
    Example: beleg erase certificate R-1
    """
    from dataclasses import asdict

    from archive.services.erase import certificate as certify

    with opened(context, archive, passphrase_file) as session:
        session.ledger.follow()
        found = certify(session, number)
    if wants_json(context, as_json):
        answer(
            {
                **asdict(found),
                "request": found.request,
                "restricted": [r.model_dump() for r in found.restricted],
            }
        )
    else:
        _certify(found)
    return 0 if found.removed else 4


def _code(plan: "Plan | None") -> int:
    return 5 if plan is not None and not plan.targets else 0


def _print(plan: "Plan") -> None:
    say_plan(plan)
    if plan.targets:
        say(f"Two people of two roles approve it: beleg approve {plan.id} --key FILE")


def _certify(found: "ErasureCertificate") -> None:
    request = found.request
    say(f"CERTIFICATE OF ERASURE for {request.id}")
    say(f"Asked            {request.asked}, on the ground {safe(request.ground)}")
    say(f"Approved by      {safe(', '.join(found.approved_by)) or 'nobody'}")
    say(f"Ordered          {found.ordered or 'not yet'}")
    say(f"Removed          {found.removed or 'NOT YET: a key may still stand'}")
    beyond = found.beyond_recovery or "not yet: a backup of the vault and a key of this epoch would open it"
    say(f"Beyond recovery  {beyond}")
    say(f"Records          {', '.join(f'{count} {what}' for what, count in found.counts) or 'none'}")
    for line in found.remains:
        say(f"Remains          {safe(line)}")
    for one in found.restricted:
        say(
            f"Restricted       item {one.item}: {safe(one.ground)}{f', until {one.until}' if one.until else ''}"
        )
    table(
        [(r.index, r.record_class, r.kind, r.size_class, r.sealed, r.stream) for r in found.rest],
        head=("record", "class", "kind", "size class", "sealed", "stream"),
    )
    say("The clock is the operator's. That nothing else was removed: beleg verify")
