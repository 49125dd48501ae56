"""``beleg person``: who operates Beleg."""

from typing import Annotated

import typer

from cli.opening import ArchiveOption, JsonOption, PassphraseOption, common, opened, passphrases, wants_json
from cli.output import answer, safe, say, table

app = typer.Typer(
    help="Who operates Beleg, each with a key and a role.", no_args_is_help=True, rich_markup_mode=None
)


@app.command("add")
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The person's name.")],
    role: Annotated[str, typer.Option(help="owner, ingest, legal or privacy.")],
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Register a person, with a writer key of their own.

    The new key file takes its passphrase from BELEG_PASSPHRASE_P_1 (by its number), else as usual.
    Example: beleg person add "Justiziarin" --role legal
    """
    from archive.services.person import add_person

    file = passphrase_file or common(context).passphrase_file
    with opened(context, archive, passphrase_file) as session:
        session.ledger.follow()
        person, path = add_person(session, name, role, passphrases(file, new=True))
    if wants_json(context, as_json):
        answer({**person.model_dump(), "key_file": path})
        return
    say(f"{person.id} registered: {safe(person.name)}, {person.role}; writer key {person.writer}")
    say(f"The key file is {path}; hand it over and delete it here.")


@app.command("list")
def list_(
    context: typer.Context,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """List all persons: role, writer key, and whether the key counts.

    Example: beleg person list
    """
    from archive.services import register

    with opened(context, archive, passphrase_file) as session:
        state = session.ledger.follow()
        found = list(register.persons(session).values())
        counts = {one.id: state.keys.writer(one.writer, state.size) is not None for one in found}
    if wants_json(context, as_json):
        answer([{**one.model_dump(), "counts": counts[one.id]} for one in found])
        return
    rows = [(p.id, p.role, p.name, p.writer, "counts" if counts[p.id] else "retired") for p in found]
    table(rows, head=("person", "role", "name", "writer key", "state"))
