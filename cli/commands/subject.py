"""``beleg subject``: a person's items over channels and spellings, for access and erasure."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import (
    ArchiveOption,
    JsonOption,
    PassphraseOption,
    PurposeOption,
    SecondOption,
    asking,
    check_outside,
    opened,
    wants_json,
)
from cli.output import answer, safe, say, table

if TYPE_CHECKING:
    from schemas.item import Key

app = typer.Typer(
    help="A person's items over channels and spellings.", no_args_is_help=True, rich_markup_mode=None
)


@app.command("find")
def find(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The person's name, or a part of it.")],
    confirm: Annotated[
        list[int] | None, typer.Option(help="The line that is the person; may be repeated.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every line is the person.")] = False,
    purpose: PurposeOption = None,
    second: SecondOption = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Find the accounts and spellings of who wrote or was written to; with --confirm, register them as one subject.

    Nothing is merged by guess: somebody says which lines are the person.
    Example: beleg subject find "Anna Weber" --confirm 1 --confirm 3
    """
    from archive.errors import UsageError
    from archive.services import subject as subjects

    with opened(context, archive, passphrase_file, asking=asking(purpose, None, second)) as session:
        session.read()
        found = subjects.find(session, name)
        numbers = list(range(1, len(found) + 1)) if everything else confirm or []
        if any(not 1 <= number <= len(found) for number in numbers):
            raise UsageError(f"there are {len(found)} lines; --confirm takes one of them")
        made = subjects.confirm(session, name, [found[number - 1] for number in numbers]) if numbers else None
    if wants_json(context, as_json):
        answer(
            {
                "found": [
                    {
                        "line": n,
                        "account": one.account,
                        "spelling": one.spelling,
                        "why": one.why,
                        "items": one.items,
                        "received": one.received,
                        "reacted": one.reacted,
                        "first": one.first,
                    }
                    for n, one in enumerate(found, 1)
                ],
                "subject": made,
            }
        )
        return
    rows = [
        (
            n, one.spelling or "-", _account(one.account) if one.account else "-", one.why,
            ", ".join(f"{channel} {count}" for channel, count in sorted(one.items.items())),
            one.received or "", one.reacted or "", "-" if one.first is None else one.first,
        )
        for n, one in enumerate(found, 1)
    ]  # fmt: skip
    table(rows, head=("line", "written", "account", "found by", "items", "received", "reacted", "first item"))
    if made:
        say(f"{made.id} registered: {len(made.accounts)} accounts, {len(made.spellings)} spellings")
        for known in (*map(_account, made.accounts), *made.spellings):
            say(safe(f"  {known}"))
    elif found:
        say("Say which lines are the person: --confirm LINE, or --all")
    else:
        say("Nobody wrote, was written to or is described under such a name.")


def _account(key: "Key") -> str:
    """Give an account so that two of one name in two places can be told apart."""
    return ":".join(part for part in (key.channel, key.scope, key.id) if part)


@app.command("list")
def list_(
    context: typer.Context,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """List the persons whose items were asked for.

    Example: beleg subject list
    """
    from archive.services.agreed import papers

    with opened(context, archive, passphrase_file) as session:
        session.ledger.follow()
        found = list(papers.subjects(session).values())
    if wants_json(context, as_json):
        answer(found)
        return
    table([(s.id, s.name, len(s.accounts), len(s.spellings)) for s in found],
          head=("subject", "name", "accounts", "spellings"))  # fmt: skip


@app.command("export")
def export(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="The subject, like S-1.")],
    out: Annotated[Path, typer.Option(help="A new or empty folder.")],
    files: Annotated[
        bool, typer.Option("--files", help="The files that the person sent, too; nothing is masked in them.")
    ] = False,
    purpose: PurposeOption = None,
    second: SecondOption = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Give a person their items, as JSON and as a page to read; other people are masked wherever they are known.

    Where others name the person, write to them, answer them or talk where they are, number, channel and time are told,
    not the words. Somebody should
    read it before it leaves the house: a name in running text that the archive does not know stays.

    Example: beleg subject export S-1 --out auskunft
    """
    from archive.services import subject_export

    check_outside(context, archive, out)
    with opened(context, archive, passphrase_file, asking=asking(purpose, None, second)) as session:
        session.read()
        done = subject_export.export(session, number, out, files=files)
    if wants_json(context, as_json):
        answer({
            "subject": done.subject, "items": done.items, "masked": done.masked, "named_in": done.named,
            "perhaps_named_in": done.perhaps,
            "files": done.files, "folder": str(out),
        })  # fmt: skip
        return
    say(
        f"{done.items} items of {safe(done.subject.name)} in {out}, {done.files} files; other people masked in "
        f"{done.masked} places; {done.named} items of others concern them, and in {done.perhaps} more stands a part of "
        "the name"
    )
    say("Read it before it leaves the house: names that the archive does not know are not masked.")
