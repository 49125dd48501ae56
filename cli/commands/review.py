"""``beleg review``: a matter to a desk and its decisions back."""

from pathlib import Path
from typing import Annotated

import typer

from cli.opening import (
    ArchiveOption,
    JsonOption,
    PassphraseOption,
    SecondOption,
    asking,
    check_outside,
    opened,
    wants_json,
)
from cli.output import answer, say

app = typer.Typer(
    help="Read and decide on the items of a matter at a desk, away from the archive.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("out")
def out(
    context: typer.Context,
    matter: Annotated[str, typer.Argument(help="The matter, like M-1.")],
    out: Annotated[Path, typer.Option(help="A new or empty folder.")],
    around: Annotated[
        str, typer.Option("--context", help="none, whole, thread, day, gap, ±N items or ±Nh hours.")
    ] = "thread",
    timezone: Annotated[str | None, typer.Option(help="The zone in which the page shows times.")] = None,
    language: Annotated[str, typer.Option(help="de or en.")] = "de",
    second: SecondOption = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Write a working copy: one page with everything in clear, unsealed and without proofs. Not for handing out.

    Example: beleg review out M-1 --out ~/desk/M-1
    """
    from archive.errors import UsageError
    from archive.services import review
    from archive.settings import check_timezone
    from schemas.matter import ExportOptions

    if language not in ("de", "en"):
        raise UsageError("--language is de or en")
    check_outside(context, archive, out)
    with opened(context, archive, passphrase_file, asking=asking(None, None, second)) as session:
        zone = timezone or session.settings.timezone or "UTC"
        try:
            check_timezone(zone)
        except ValueError as error:
            raise UsageError(str(error)) from error
        options = ExportOptions(context=around, timezone=zone, language=language)  # type: ignore[arg-type]
        count = review.send_out(session, matter, out, options)
    page = out / "REVIEW.html"
    if wants_json(context, as_json):
        answer({"matter": matter, "items": count, "page": str(page)})
        return
    say(
        f"{count} items of {matter} on {page}; they stand there in clear, so keep it where only the desk reads it"
    )
    say(f"Back with: beleg review in decisions.json, which the page saves. Then delete {out}")


@app.command("in")
def in_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The decisions.json that the page saved.")],
    second: SecondOption = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Check the decisions of a desk and append them to the matter: all, or none.

    Example: beleg review in ~/Downloads/decisions.json
    """
    from archive.errors import UsageError
    from archive.services import review

    try:
        with file.open("rb") as stream:
            data = stream.read(review.LONGEST + 1)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error
    if len(data) > review.LONGEST:
        raise UsageError(f"{file} is longer than a file of decisions can be")
    decisions = review.read_decisions(data)
    with opened(context, archive, passphrase_file, asking=asking(None, None, second)) as session:
        done = review.take_in(session, decisions)
    if wants_json(context, as_json):
        answer(
            {"matter": done.matter, "decided": done.decided, "redacted": done.redacted, "notes": done.notes}
        )
        return
    say(f"{done.matter}: {done.decided} items decided on, {done.redacted} redacted, {done.notes} notes")
