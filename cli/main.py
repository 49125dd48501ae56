"""The command ``beleg``: its verbs, and the one place where errors become exit codes."""

import errno
import logging
import os
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.commands import (
    access,
    approve,
    channels,
    collect,
    coverage,
    demo,
    doctor,
    erase,
    export,
    hold,
    ingest,
    init,
    keys,
    matter,
    mirror,
    party,
    person,
    policy,
    proof,
    rebuild,
    retention,
    review,
    search,
    show,
    source,
    statement,
    status,
    subject,
    verify,
)
from cli.opening import ArchiveOption, Common, JsonOption, PassphraseOption
from cli.output import note, safe, say, unwritten
from cli.verification import heads_apart

if TYPE_CHECKING:
    from archive.errors import ArchiveError

EPILOG = (
    "Exit codes: 0 done · 1 a fault in Beleg · 2 wrong command line · 3 done, with findings or unread "
    "units · 4 not finished, or could not tell · 5 refused (hold, right, lock)."
)

INTERRUPTED = 130
"""What the framework makes of Ctrl-C."""

app = typer.Typer(
    name="beleg",
    help="A legally defensible archive of social communications.",
    epilog=EPILOG,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        say(f"beleg {version('beleg')}")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
    version: Annotated[  # noqa: ARG001  (answered before anything else is read)
        bool, typer.Option("--version", help="Say which version this is.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """A legally defensible archive of social communications."""
    said = context.ensure_object(Common)
    said.archive, said.as_json, said.passphrase_file = archive, as_json, passphrase_file


app.command("init", epilog=EPILOG)(init.init)
app.command("demo", epilog=EPILOG)(demo.demo)
app.command("doctor", epilog=EPILOG)(doctor.doctor)
app.command("status", epilog=EPILOG)(status.status)
app.command("ingest", epilog=EPILOG)(ingest.ingest)
app.command("collect", epilog=EPILOG)(collect.collect)
app.command("channels", epilog=EPILOG)(channels.channels)
app.command("search", epilog=EPILOG)(search.search)
app.command("show", epilog=EPILOG)(show.show)
app.command("thread", epilog=EPILOG)(show.thread)
app.command("export", epilog=EPILOG)(export.export)
app.command("access", epilog=EPILOG)(access.access)
app.command("coverage", epilog=EPILOG)(coverage.coverage)
app.command("approve", epilog=EPILOG)(approve.approve)
app.command("verify", epilog=EPILOG)(verify.verify)
app.command("mirror", epilog=EPILOG)(mirror.mirror)
app.command("rebuild", epilog=EPILOG)(rebuild.rebuild)
for name, group in (
    ("source", source.app),
    ("matter", matter.app),
    ("statement", statement.app),
    ("review", review.app),
    ("hold", hold.app),
    ("erase", erase.app),
    ("subject", subject.app),
    ("retention", retention.app),
    ("party", party.app),
    ("person", person.app),
    ("policy", policy.app),
    ("keys", keys.app),
    ("proof", proof.app),
):
    for command in group.registered_commands:
        command.epilog = EPILOG
    app.add_typer(group, name=name)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit."""
    logging.basicConfig(level=logging.WARNING, format="beleg: %(message)s", stream=sys.stderr)
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run the command line; give the exit code."""
    from archive.errors import ArchiveError

    said = Common()
    try:
        result: Any = app(
            args=heads_apart(sys.argv[1:] if arguments is None else arguments),
            standalone_mode=False,
            obj=said,
        )
    except ArchiveError as error:
        _say_refusal(said, error)
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):  # at a question: Ctrl-C, or an answer that ended before it began
        return _stopped()
    except BrokenPipeError:
        return 0
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        todo = "not finished; make room where it writes, and run it again" if full else "not finished"
        note(safe(f"{error.filename or 'the system'}: {error.strerror or type(error).__name__}; {todo}"))
        _say_beside(error)
        return 4
    except Exception as error:
        if getattr(error, "exit_code", None) == INTERRUPTED:
            return _stopped()
        if isinstance(code := getattr(error, "exit_code", None), int):
            _say_usage(error)
            return code
        if os.environ.get("BELEG_DEBUG"):
            raise
        note(f"a fault in Beleg ({type(error).__name__}); set BELEG_DEBUG=1 to see where")
        return 1
    if result == INTERRUPTED:
        return _stopped()
    code = result if isinstance(result, int) else 0
    if unwritten:
        note(f"the answer could not be written ({unwritten[0]}); what was done, was done to its end")
        unwritten.clear()
        return code or 4
    return code


def _say_refusal(said: Common, error: "ArchiveError") -> None:
    """Say what went wrong, what there is to know beside it, and how a lost place is made anew."""
    from archive.errors import PlaceGone, QueryError

    # Only a query that cannot be read is shown on lines of its own: they point at the place.
    told = str(error).split("\n") if isinstance(error, QueryError) else [str(error)]
    note("\n".join(map(safe, told)))
    _say_beside(error)
    if isinstance(error, PlaceGone):
        _say_way_back(said, error.place)


def _say_beside(error: Exception) -> None:
    """Say what there is to know beside an error, as what was done before it."""
    for further in getattr(error, "__notes__", ()):
        note(safe(further))


def _say_way_back(said: Common, place: str) -> None:
    """Say how a lost place is made anew, where it is one of the archive that the command works on."""
    from archive.settings import way_back

    if said.found and place and (way := way_back(*said.found, place)):
        note(safe(way))


def _stopped() -> int:
    note("stopped; what was committed stays")
    return 4


def _say_usage(error: Exception) -> None:
    """Say in a line what the framework found wrong with a command line; without words it has shown the help."""
    said = getattr(error, "format_message", str)()
    where = getattr(getattr(error, "ctx", None), "command_path", "beleg")
    if said and "\n" not in said.strip():
        note(f"{said.strip().rstrip('.')}; see `{where} --help`")
    elif callable(show := getattr(error, "show", None)):
        show()


if __name__ == "__main__":
    main()
