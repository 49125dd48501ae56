"""``beleg verify``: the auditor's walk over an archive or a bundle."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import (
    ArchiveOption,
    JsonOption,
    PassphraseOption,
    common,
    find_archive,
    passphrases,
    wants_json,
)
from cli.output import Progress, answer, journal_line, say

if TYPE_CHECKING:
    from schemas.report import VerificationReport

SHOWN = 50


def verify(
    context: typer.Context,
    target: Annotated[
        Path | None,
        typer.Argument(help="The folder of an archive or a bundle; else the archive found from here."),
    ] = None,
    level: Annotated[
        int,
        typer.Option(min=0, max=2, help="0 chain, tree, keys · 1 also frames and objects · 2 also content."),
    ] = 1,
    key: Annotated[
        str | None, typer.Option(help="The log key of the founding slip, or a file with it.")
    ] = None,
    head: Annotated[
        list[Path] | None, typer.Option(help="A checkpoint kept by an outsider; may be repeated.")
    ] = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> int:
    """Verify an archive or a bundle. Levels 0 and 1 need no passphrase.

    Exit 0: intact. 3: findings. 4: could not tell.
    Example: beleg verify /srv/beleg --level 2 --key firm.pub --head *.note
    """
    from archive.core.signed_note import parse_verifier_key
    from archive.errors import FormatError, UsageError

    place = target or archive
    if place is not None and (place / "bag").is_dir():
        return _bundle(place, key, head or [], json=wants_json(context, as_json))
    log_key = None
    if key is not None:
        try:
            log_key = parse_verifier_key(_text(Path(key)) if Path(key).is_file() else key)
        except FormatError as error:
            raise UsageError(f"--key: {error}") from error
    heads = [(path.name, _bytes(path)) for path in head or []]
    report = _archive(context, place, level, log_key, heads, passphrase_file)
    since, problem = _journal(context, place)
    if wants_json(context, as_json):
        severities = [f.severity for f in report.findings]
        journal = {"journal_unsealed_since": since, "journal_problem": problem}
        answer({**report.model_dump(), "severities": severities, **journal})
    else:
        _print(report)
        if since is not None or problem is not None:
            say(f"Journal of reads on this host: {problem or journal_line(since)}")
    return report.exit_code or (4 if problem else 0)


def _text(path: Path) -> str:
    return _bytes(path).decode("utf-8", "replace").strip()


def _bytes(path: Path) -> bytes:
    from archive.errors import UsageError

    try:
        return path.read_bytes()[: 1024 * 1024]
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error


def _journal(context: typer.Context, place: Path | None) -> tuple[str | None, str | None]:
    """Give the time of the oldest unsealed read of this host, or why its journal cannot be read."""
    from archive.errors import Unfinished
    from archive.wiring import open_journal

    folder, settings = find_archive(context, place)
    try:
        lines = open_journal(folder, settings).unsealed()
    except Unfinished as error:
        return None, str(error)
    return (lines[0].time if lines else None), None


def _archive(
    context: typer.Context, place: Path | None, level: int, log_key: tuple[str, bytes] | None,
    heads: list[tuple[str, bytes]], passphrase_file: Path | None,
) -> "VerificationReport":  # fmt: skip
    from archive.ledger.checks import Question
    from archive.services.keychain import KeyChain
    from archive.services.verify import verify as walk
    from archive.wiring import key_vault, open_read_places

    folder, settings = find_archive(context, place)
    private = []
    if level == 2:
        ask = passphrases(passphrase_file or common(context).passphrase_file, settings.passphrase)
        chain = KeyChain(key_vault(folder, settings), ask, settings.origin)
        private = [chain.recipient(name) for name in ("content", "oversight", "state") if chain.opens(name)]
    progress = Progress()
    question = Question(level=level, log_key=log_key, heads=heads, private=private)  # type: ignore[arg-type]
    try:
        return walk(
            open_read_places(folder, settings),
            question,
            lambda done, total: progress("verifying", done, total),
            meant=settings.origin,
        )
    finally:
        progress.end()


def _print(report: "VerificationReport") -> None:
    say(f"Archive {report.origin or 'unknown'}, level {report.level}")
    say(
        f"{report.size} records in {report.segments} segments; {report.sealed_size} under a signed checkpoint"
    )
    say(f"Root {report.root or 'cannot be computed'}")
    if report.log_key_given:
        say("Signed by the log key that you gave.")
    elif report.log_key:
        say(f"Log key {report.log_key}")
        say("  This key comes from the archive itself: compare it with the founding slip.")
    if report.level >= 1:
        say(f"{report.objects} encrypted objects checked")
    if report.level == 2:
        say(
            f"{report.opened} records opened and compared with their commitment, {report.unopened} not opened"
        )
    if report.erased:
        say(f"{report.erased} records have no key any more, under listed erasures")
    if not report.heads:
        say("No outside head was given: that the end was cut off could not be seen from here.")
    if not report.tokens:
        say("NO TIME PROOF: no time-stamp tokens.")
    say()
    for finding in report.findings[:SHOWN]:
        where = f" [{finding.name}]" if finding.name else ""
        heavy = finding.severity.upper()
        what = heavy if finding.kind == finding.severity else f"{heavy} {finding.kind}"
        say(f"{what}: {finding.text}{where}")
    more = len(report.findings) - SHOWN + report.truncated
    if more > 0:
        say(f"… and {more} more")
    bad = [finding for finding in report.findings if finding.severity == "finding"]
    if bad:
        first = next((finding.index for finding in bad if finding.index is not None), None)
        where = f"; the first record touched is {first}" if first is not None else ""
        say(f"NOT INTACT: {len(bad) + report.truncated} findings{where}.")
    elif report.exit_code == 4:
        say("COULD NOT TELL: see above.")
    else:
        say("INTACT: nothing was removed, added, changed or reordered up to the newest signed checkpoint.")


def _bundle(folder: Path, key: str | None, heads: list[Path], *, json: bool) -> int:
    from archive.wiring import check_bundle

    log_key = _text(Path(key)) if key is not None and Path(key).is_file() else key
    code, text = check_bundle(folder, log_key, heads)
    if json:
        answer({"exit_code": code, "report": text.splitlines()})
    else:
        say(text.rstrip())
    return code
