"""``beleg export``: hand out a matter as a bundle."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from cli.commands.export_answers import export_answer, export_lines, preview_answer, preview_lines
from cli.commands.export_options import Said, given_of, options_of
from cli.opening import (
    ArchiveOption,
    JsonOption,
    PassphraseOption,
    SecondOption,
    asking,
    certificate_passphrase,
    check_outside,
    opened,
    wants_json,
)
from cli.output import answer, say


def export(
    context: typer.Context,
    matter: Annotated[str | None, typer.Argument(help="The matter, like M-1.")] = None,
    out: Annotated[Path | None, typer.Option(help="A new or empty folder.")] = None,
    again: Annotated[
        str | None, typer.Option(help="Write an earlier production, like E-1, once more.")
    ] = None,
    preview: Annotated[
        bool,
        typer.Option("--preview", help="Say what would go out and what would be withheld; write nothing."),
    ] = False,
    around: Annotated[
        str, typer.Option("--context", help="none, whole, thread, day, gap, ±N items or ±Nh hours.")
    ] = "thread",
    timezone: Annotated[str | None, typer.Option(help="The zone in which the page shows times.")] = None,
    language: Annotated[str, typer.Option(help="de or en.")] = "de",
    profile: Annotated[
        str,
        typer.Option(
            help="full; court-de: report and proof; review: a volume for review platforms; opposing: a privilege log."
        ),
    ] = "full",
    exhibit: Annotated[
        str | None, typer.Option(help='What stands on every page of the report: "K 7" gives Anlage K 7.')
    ] = None,
    prefix: Annotated[
        str | None,
        typer.Option(
            "--bates",
            help="What Bates numbers begin with, like ACME_: of the report's pages, with review of documents.",
        ),
    ] = None,
    slices: Annotated[
        str | None,
        typer.Option(help="review: a document for each day, gap (24 hours) or whole conversation."),
    ] = None,
    volume_size: Annotated[
        str | None, typer.Option(help="review: bytes of a volume at most, like 2GB or 650MB.")
    ] = None,
    images: Annotated[
        bool, typer.Option("--images", help="review: each document on numbered pages too, PDF and OPT.")
    ] = False,
    mails: Annotated[bool, typer.Option("--mails", help="review: each conversation as a mail too.")] = False,
    certificate: Annotated[
        Path | None,
        typer.Option(help="A PKCS #12 file: its key seals the bundle besides (CAdES), with a time stamp."),
    ] = None,
    second: SecondOption = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> int:
    """Write a bundle: records, proofs, originals, a page that verifies itself, and verify.py.

    Example: beleg export M-1 --out /media/stick/M-1
    """
    from archive.errors import UsageError
    from archive.services import export as exporting
    from archive.settings import check_timezone
    from archive.wiring.proof import certificate_seal

    if (matter is None) == (again is None) or (out is None) != preview or (preview and matter is None):
        raise UsageError(
            "name a matter or --again with a production, and --out with a new folder; or a matter and --preview"
        )
    if again is not None and (said := given_of(context)):
        raise UsageError(f"--again hands out what was handed out: it takes no {', '.join(said)}")
    check_outside(context, archive, out)
    secret = certificate_passphrase(certificate) if certificate and not preview else b""
    with opened(context, archive, passphrase_file, asking=asking(None, None, second)) as session:
        if again is None:
            zone = timezone or session.settings.timezone or "UTC"
            try:
                check_timezone(zone)
            except ValueError as error:
                raise UsageError(str(error)) from error
            options = options_of(
                Said(around, zone, language, profile, exhibit, prefix, slices, volume_size, images, mails)
            )
        if out is None:
            planned, withheld = exporting.preview(session, matter or "", options)
            tell(
                wants_json(context, as_json),
                preview_answer(planned, withheld),
                preview_lines(planned, withheld),
            )
            return 0
        seal = (
            certificate_seal(session.folder, session.settings, certificate, secret) if certificate else None
        )
        done = (
            exporting.export_again(session, again, out, seal)
            if again is not None
            else exporting.export(session, matter or "", out, options, seal)
        )
    tell(wants_json(context, as_json), export_answer(done, out), export_lines(done, out))
    if done.same is False:
        return 3
    sealed = done.result.sealed
    return 4 if sealed is not None and sealed.problems and not sealed.stamped_by else 0


def tell(as_json: bool, value: dict[str, object], lines: Iterable[str]) -> None:
    """Give the answer to a machine or to a person."""
    if as_json:
        answer(value)
    else:
        for line in lines:
            say(line)
