"""``beleg export``: hand out a matter as a bundle."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

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

if TYPE_CHECKING:
    from archive.services.export import Exported


def export(
    context: typer.Context,
    matter: Annotated[str | None, typer.Argument(help="The matter, like M-1.")] = None,
    out: Annotated[Path | None, typer.Option(help="A new or empty folder.")] = None,
    again: Annotated[
        str | None, typer.Option(help="Write an earlier production, like E-1, once more.")
    ] = None,
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

    if out is None or (matter is None) == (again is None):
        raise UsageError("name a matter or --again with a production, and --out with a new folder")
    if again is not None and (said := given_of(context)):
        raise UsageError(f"--again hands out what was handed out: it takes no {', '.join(said)}")
    check_outside(context, archive, out)
    secret = certificate_passphrase(certificate) if certificate else b""
    with opened(context, archive, passphrase_file, asking=asking(None, None, second)) as session:
        seal = (
            certificate_seal(session.folder, session.settings, certificate, secret) if certificate else None
        )
        if again is not None:
            done = exporting.export_again(session, again, out, seal)
        else:
            zone = timezone or session.settings.timezone or "UTC"
            try:
                check_timezone(zone)
            except ValueError as error:
                raise UsageError(str(error)) from error
            options = options_of(
                Said(around, zone, language, profile, exhibit, prefix, slices, volume_size, images, mails)
            )
            done = exporting.export(session, matter or "", out, options, seal)
    if wants_json(context, as_json):
        answer(_answer(done, out))
    else:
        for line in _lines(done, out):
            say(line)
    if done.same is False:
        return 3
    sealed = done.result.sealed
    return 4 if sealed is not None and sealed.problems and not sealed.stamped_by else 0


def _answer(done: "Exported", out: Path) -> dict[str, object]:
    made, result, sealed = done.production, done.result, done.result.sealed
    told = (
        {"subject": sealed.subject, "stamped_by": sealed.stamped_by, "problems": sealed.problems}
        if sealed
        else None
    )
    return {
        "production": made.id,
        "matter": made.matter,
        "folder": str(out),
        "start": str(out / "START_verify.html"),
        "size": made.size,
        "data_sha256": result.data_sha256,
        "same_as_before": done.same,
        "rerendered": list(done.rerendered),
        "erased": list(done.erased),
        "redacted": list(done.redacted),
        "doubtful": list(done.doubtful),
        "unseen": list(done.unseen),
        "sealed": told,
        **result.counts,
    }


def _ranges(items: Sequence[int]) -> str:
    """Write numbers, those in a row as a range: a person is to look at each, so none is left out."""
    runs: list[list[int]] = []
    for one in sorted(items):
        if runs and one == runs[-1][1] + 1:
            runs[-1][1] = one
        else:
            runs.append([one, one])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def _lines(done: "Exported", out: Path) -> Iterator[str]:
    made, result, sealed = done.production, done.result, done.result.sealed
    yield f"{made.id} of {made.matter}: {len(made.selection)} items, proofs up to record {made.size}"
    yield f"bag/data has the SHA-256 {result.data_sha256}"
    if done.same is not None:
        yield "the same bytes as the first time" if done.same else "NOT the bytes of the first time"
    if done.rerendered and done.same is False:
        names = ", ".join(done.rerendered)
        yield f"written by another version than the first time: {names}; records and proofs do not depend on it"
    if done.redacted:
        yield f"of {len(done.redacted)} items something is withheld; bag/data/metadata/redaction_log.xlsx says what"
    if done.doubtful:
        yield (
            "short words, figures, parts or phrases of what is withheld also stand in "
            f"{len(done.doubtful)} items: {_ranges(done.doubtful)}"
        )
        yield f"look at them (`beleg show {done.doubtful[0]}`), and redact there too if the same is meant"
    if done.unseen:
        yield (
            "pictures, sound and what is encrypted or damaged were not searched for what is withheld; such files "
            f"go out with {len(done.unseen)} items: {_ranges(done.unseen)}"
        )
    if done.erased:
        yield f"{len(done.erased)} items have no key any more: only their proof is in"
    if sealed is not None:
        stamp = f"time stamp by {sealed.stamped_by}" if sealed.stamped_by else "WITHOUT A TIME STAMP"
        yield f"sealed by {sealed.subject}, {stamp}"
        yield from (f"no time stamp by {problem}" for problem in sealed.problems)
    yield f"Open {out / 'START_verify.html'}, or run: python verify.py . (in that folder)"
