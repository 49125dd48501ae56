"""``beleg source``: the live sources of this host."""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import ArchiveOption, JsonOption, PassphraseOption, find_archive, opened, wants_json
from cli.output import answer, safe, say, table

if TYPE_CHECKING:
    from archive.sources import SourceSettings

app = typer.Typer(
    help="Live sources: what is collected from where.", no_args_is_help=True, rich_markup_mode=None
)

ASKED = {
    "url": "Address",
    "account": "Account: the login name, or whose view it is",
    "secret": "Where the password or token is found, as env:NAME or file:PATH",
    "tenant": "Directory (tenant) of the application",
    "client": "Number of the application",
}
NameArgument = Annotated[str, typer.Argument(help="Its name: small letters, digits and hyphens.")]


@app.command("add")
def add(
    context: typer.Context,
    name: NameArgument,
    kind: Annotated[str, typer.Argument(help="What it is: `beleg channels` lists the kinds.")],
    url: Annotated[str | None, typer.Option(help="The address of the feed or server.")] = None,
    account: Annotated[str | None, typer.Option(help="Login name, or the account whose view it is.")] = None,
    secret: Annotated[
        str | None, typer.Option(help="Where password or token is found: env:NAME or file:PATH.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="A folder or room that is read; * stands for anything.")
    ] = None,
    but: Annotated[list[str] | None, typer.Option(help="Of those, one that is not.")] = None,
    minutes: Annotated[int, typer.Option(help="How often `collect --loop` asks.")] = 60,
    tenant: Annotated[str | None, typer.Option(help="Teams: the directory of the application.")] = None,
    client: Annotated[str | None, typer.Option(help="Teams: the number of the application.")] = None,
    login: Annotated[
        str | None, typer.Option(help="Teams: who gives tokens, if not Microsoft's usual one.")
    ] = None,
    days: Annotated[
        int | None, typer.Option(help="Slack: how far back edits and deletions are looked for.")
    ] = None,
    full_hours: Annotated[
        int | None, typer.Option(help="How often all that is in sight is compared.")
    ] = None,
    unencrypted: Annotated[bool, typer.Option(help="Read from another machine without TLS too.")] = False,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a source to beleg.toml; on a terminal it asks for what is not given. Nothing is read yet.

    Example: beleg source add vertrieb imap --url imaps://mail.example --account vertrieb --secret env:MAIL --only INBOX
    """
    from pydantic import ValidationError

    from archive.errors import UsageError
    from archive.settings import Settings, explain, replace
    from archive.sources import NEEDS, SOURCE_NAME

    folder, settings = find_archive(context, archive)
    if not re.fullmatch(SOURCE_NAME, name):
        raise UsageError(f"{name!a}: a source is named with small letters, digits and hyphens, at most forty")
    if name in settings.sources:
        raise UsageError(f"there is a source {name} already; its cursor and its name belong together")
    if kind not in NEEDS:
        raise UsageError(f"there is no kind {kind!r} of sources; kinds are {', '.join(sorted(NEEDS))}")
    needs = NEEDS[kind]
    given = {
        "url": url, "account": account, "secret": secret, "tenant": tenant, "client": client, "login": login
    }  # fmt: skip
    if needs.url is None:
        given["url"] = _asked(url, ASKED["url"])
    for field in needs.fields:
        given[field] = _asked(given[field], ASKED[field])
    if needs.chosen and not only:
        only = _words(_asked(None, f"What to read ({needs.chosen}), * for all"))
    given["secret"] = _whole(given["secret"])
    numbers = {"days": days, "full_hours": full_hours}
    told: dict[str, object] = {
        "kind": kind, **{key: value for key, value in {**given, **numbers}.items() if value is not None}
    }  # fmt: skip
    told |= {"only": only or [], "but": but or [], "minutes": minutes, "unencrypted": unencrypted}
    members = settings.model_dump(exclude_unset=True)
    members["sources"] = {**members.get("sources", {}), name: told}
    try:
        changed = Settings.model_validate(members)
    except ValidationError as error:
        raise UsageError(explain(error)) from error
    if changed.sources[name].names_nothing:
        raise UsageError(f"nothing would be read: name with --only what is ({needs.chosen}), or '*' for all")
    replace(folder, changed)
    if wants_json(context, as_json):
        answer(_machine(name, changed.sources[name]))
        return
    say(f"source {name} added. Now: beleg source test {name}")


@app.command("remove")
def remove(
    context: typer.Context,
    name: NameArgument,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a source out of beleg.toml. What was collected stays, and so does how far it was read.

    Example: beleg source remove vertrieb
    """
    from archive.settings import replace

    folder, settings = find_archive(context, archive)
    _known(settings.sources, name)
    rest = {other: source for other, source in settings.sources.items() if other != name}
    replace(folder, settings.model_copy(update={"sources": rest}))
    answer({"removed": name}) if wants_json(context, as_json) else say(f"source {name} removed")


@app.command("list")
def list_(
    context: typer.Context,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """List the sources, and when each last answered.

    Example: beleg source list
    """
    from archive.services.collect import newest_cursors, remembered

    with opened(context, archive, passphrase_file) as session:
        sources = session.settings.sources
        cursors = newest_cursors(session, sources.keys())
        # A look without news moves no cursor; another host's is in the ledger alone.
        told = {name: (remembered(session, name).answered, cursors[name].seen if name in cursors else None)
                for name in sources}  # fmt: skip
    seen = {name: max(filter(None, times), default=None) for name, times in told.items()}
    if wants_json(context, as_json):
        answer([{**_machine(name, source), "seen": seen[name]} for name, source in sources.items()])
        return
    rows = [
        (
            name,
            one.kind,
            one.account or "-",
            ", ".join(one.only) or "-",
            f"{one.minutes} min",
            seen[name] or "never",
        )
        for name, one in sources.items()
    ]
    table(rows, head=("source", "kind", "account", "only", "every", "last answer"))


@app.command("test")
def try_(
    context: typer.Context,
    name: NameArgument,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> int:
    """Say what would be read, with which rights, and what is missing. Nothing is kept.

    Exit 3: something is missing.
    Example: beleg source test vertrieb
    """
    from archive.services.collect import trial

    with opened(context, archive, passphrase_file) as session:
        _known(session.settings.sources, name)
        rights = list(trial(session, name))
    missing = any(right.given == "no" for right in rights)
    if wants_json(context, as_json):
        answer([{"what": one.what, "given": one.given, "why": one.why} for one in rights])
        return 3 if missing else 0
    for right in rights:
        why = f" ({right.why})" if right.why else ""
        say(safe(f"{right.given.upper() if right.given == 'no' else right.given:8} {right.what}{why}"))
    return 3 if missing else 0


@app.command("schedule")
def schedule(
    context: typer.Context,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print how this host starts collection by itself: systemd, cron, Windows. Nothing is installed.

    Example: beleg source schedule
    """
    from archive.services.collect.schedule import schedules

    folder, settings = find_archive(context, archive)
    found = schedules(settings, folder=folder.resolve(), program=_program())
    if wants_json(context, as_json):
        answer(found)
        return
    for title, text in found.items():
        say(f"# {title}")
        say(text)


def _program() -> str:
    """Give where this program lies: a scheduler knows no PATH of ours."""
    started = Path(sys.argv[0])
    return str(
        started.resolve() if started.name.startswith("beleg") else Path(sys.executable).with_name("beleg")
    )


def _known(sources: "dict[str, SourceSettings]", name: str) -> None:
    from archive.errors import UsageError

    if name not in sources:
        raise UsageError(f"there is no source {name!r}; known are: {', '.join(sources) or 'none yet'}")


def _machine(name: str, source: "SourceSettings") -> dict[str, object]:
    return {"name": name, **source.model_dump(mode="json")}


def _asked(value: str | None, what: str) -> str | None:
    """Give what was said, else ask where somebody watches."""
    if value is not None or not sys.stdin.isatty():
        return value
    return str(typer.prompt(what, err=True))


def _whole(reference: str | None) -> str | None:
    """Name a file from the root: whoever collects by a schedule starts in another folder."""
    kind, _, name = (reference or "").partition(":")
    return f"file:{Path(name).absolute()}" if kind == "file" and name else reference


def _words(told: str | None) -> list[str]:
    return [word.strip() for word in (told or "").split(",") if word.strip()]
