"""``beleg policy``: what must be said before content is shown."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import (
    ArchiveOption,
    JsonOption,
    PassphraseOption,
    check_new,
    opened,
    wants_json,
    write_new,
)
from cli.output import answer, safe, say
from cli.plans import say_policy

if TYPE_CHECKING:
    from schemas.keeping import Policy

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
    from archive.services.agreed.policies import current
    from archive.services.journal import policy

    with opened(context, archive, passphrase_file) as session:
        session.ledger.follow()
        found, signed = policy(session), current(session)
    if wants_json(context, as_json):
        answer({**found.model_dump(), "policy": signed} if found else None)
        return
    if found is None:
        say("No policy was decided: a purpose may be given, and nobody needs a second person.")
        return
    say(f"Decided   {found.decided}: {safe(found.reason)}")
    say(f"Purpose   {'demanded' if found.purpose_demanded else 'may be given'}")
    say(f"Second    {', '.join(found.second_person) or 'for nobody'}")
    if signed is None:
        say("It was decided by the owner alone; `beleg policy propose` makes one that two people sign.")
        return
    say_policy(signed)


@app.command("propose")
def propose(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A TOML file with the policy; see the README.")],
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Propose a policy: purposes, four eyes, allow-lists, retention. Two people approve it, the owner puts it in force.

    Example: beleg policy propose policy.toml
    """
    from archive.services.agreed.policies import propose as write

    policy = _read(file)
    with opened(context, archive, passphrase_file) as session:
        session.ledger.refresh()
        plan = write(session, policy)
    if wants_json(context, as_json):
        answer(plan)
        return
    say(f"{plan.id} proposes a policy: {', '.join(f'{count} {what}' for what, count in plan.counts)}")
    say(
        f"Two people of two roles approve it: beleg approve {plan.id} --key FILE; then: beleg policy enact {plan.id}"
    )


@app.command("enact")
def enact(
    context: typer.Context,
    plan: Annotated[str, typer.Argument(help="The approved plan, like D-1.")],
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Put an approved policy in force. Needs the owner's key; it never shortens what was sealed before.

    Example: beleg policy enact D-1
    """
    from archive.services.agreed.policies import enact as put

    with opened(context, archive, passphrase_file) as session:
        session.ledger.refresh()
        made = put(session, plan)
    answer(made) if wants_json(context, as_json) else say(f"The policy of {plan} counts from now on.")


@app.command("hand-out")
def hand_out(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A new file to write it into.")],
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Write the policy in force, signed by the owner, for a host that collects and cannot read it.

    There `policy = "FILE"` in beleg.toml names it. A later policy ends it.
    Example: beleg policy hand-out policy.json
    """
    from archive.services.agreed.handed import hand_out as sign

    check_new(context, archive, file)
    with opened(context, archive, passphrase_file) as session:
        session.ledger.follow()
        made = sign(session)
    write_new(file, (made.model_dump_json(indent=1) + "\n").encode())
    answer({"file": str(file), "policy": made.index}) if wants_json(context, as_json) else say(
        f"{file} written"
    )


def _read(file: Path) -> "Policy":
    """Read a policy from TOML; raises UsageError that says what is wrong, and not what was written."""
    import tomllib

    from pydantic import ValidationError

    from archive.errors import UsageError
    from archive.services.ingest import parse_rule
    from archive.settings import explain
    from schemas.keeping import Policy

    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        policy = Policy.model_validate(_tuples(data))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: the policy cannot be read") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{file}: not valid TOML: {error}") from error
    except ValidationError as error:
        raise UsageError(f"{file}: {explain(error)}") from error
    if not policy.reason.strip():
        raise UsageError(f"{file}: a policy needs a reason: by whose agreement")
    for rule in policy.allow:
        parse_rule(rule)
    return policy


def _tuples(value: object) -> object:
    """Give lists as the tuples that models hold."""
    if isinstance(value, dict):
        return {str(name): _tuples(member) for name, member in value.items()}
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


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
