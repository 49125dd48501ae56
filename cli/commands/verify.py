"""``beleg verify``: the auditor's walk over an archive or a bundle."""

import time
from dataclasses import replace
from datetime import UTC, datetime
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
from cli.output import Progress, answer, journal_line, safe, say

if TYPE_CHECKING:
    from archive.ledger.checks import Question
    from archive.ledger.resume import Resume
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
        list[Path] | None,
        typer.Option(help="A checkpoint kept by an outsider, or a folder of them; may be repeated."),
    ] = None,
    authority: Annotated[
        list[Path] | None,
        typer.Option(help="Certificates (PEM) that time-stamp authorities must come from; may be repeated."),
    ] = None,
    since: Annotated[
        Path | None,
        typer.Option(
            help="Your own file: go on where the last verification ended, and keep where this one ends."
        ),
    ] = None,
    challenge: Annotated[
        int, typer.Option(min=0, max=10_000, help="Draw so many records; open them if a key is here.")
    ] = 0,
    seed: Annotated[
        str, typer.Option(help="What decides the draw, with the root: the auditor says it.")
    ] = "",
    page: Annotated[
        Path | None, typer.Option("--report", help="Also write the report as one HTML page.")
    ] = None,
    processes: Annotated[
        int | None, typer.Option(min=1, max=256, help="Processes to work in; by default one a core.")
    ] = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> int:
    """Verify an archive, a bundle, or the proof of one record. Levels 0 and 1 need no passphrase.

    Exit 0: intact. 3: findings. 4: could not tell.

    For a challenge the auditor says a seed; the same records are drawn by whoever has no key, and by the
    holder of the legal key, whose run says of each whether it opens to what was committed, not what it says.

    Example: beleg verify --since last.state --report report.html

    Example: beleg verify /srv/beleg --level 2 --key firm.pub --head *.note
    """
    from archive.core.signed_note import parse_verifier_key
    from archive.errors import FormatError, UsageError
    from archive.ledger.checks import Question

    place = target or archive
    if place is not None and (place.is_file() or (place / "bag").is_dir()):
        roots = _certificates(authority or [])
        return _bundle(place, key, _files(head or []), roots, json=wants_json(context, as_json))
    log_key = None
    if key is not None:
        try:
            log_key = parse_verifier_key(_text(Path(key)) if Path(key).is_file() else key)
        except FormatError as error:
            raise UsageError(f"--key: {error}") from error
    heads = [(path.name, _bytes(path)) for path in _files(head or [])]
    question = Question(
        level=level,  # type: ignore[arg-type]
        log_key=log_key, heads=heads, authorities=_certificates(authority or []), now=int(time.time()),
        challenge=challenge, seed=seed,
    )  # fmt: skip
    report = _archive(context, place, question, passphrase_file, since, processes)
    if page is not None:
        _write_page(page, report)
    unsealed, problem = _journal(context, place)
    if wants_json(context, as_json):
        severities = [f.severity for f in report.findings]
        journal = {"journal_unsealed_since": unsealed, "journal_problem": problem}
        answer({**report.model_dump(), "severities": severities, **journal})
    else:
        _print(report)
        if unsealed is not None or problem is not None:
            say(f"Journal of reads on this host: {problem or journal_line(unsealed)}")
    return report.exit_code or (4 if problem else 0)


def _files(given: list[Path]) -> list[Path]:
    """Give the files named, and those in folders named."""
    from archive.errors import UsageError

    found: list[Path] = []
    for path in given:
        inside = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
        if not inside:
            raise UsageError(f"{path}: there is no file in this folder")
        found += inside
    return found


def _resumed(file: Path | None) -> "Resume | None":
    from archive.errors import FormatError, UsageError
    from archive.ledger.resume import Resume

    if file is None or not file.exists():
        return None
    try:
        return Resume.from_bytes(file.read_bytes())
    except (OSError, FormatError) as error:
        raise UsageError(
            f"{file}: no state of an earlier verification: {error}; verify without --since"
        ) from error


def _keep(file: Path, end: "Resume") -> None:
    """Write the file anew, whole or not at all."""
    new = file.with_name(file.name + ".new")
    new.write_bytes(end.to_bytes())
    new.replace(file)


def _write_page(file: Path, report: "VerificationReport") -> None:
    from archive.exporters.verification_page import page

    file.write_text(page(report, datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")), encoding="utf-8")


def _certificates(files: list[Path]) -> list[bytes]:
    from archive.core.timestamp import certificates_in
    from archive.errors import FormatError, UsageError

    found: list[bytes] = []
    for file in files:
        try:
            found += certificates_in(_bytes(file))
        except FormatError as error:
            raise UsageError(f"{file}: {error}") from error
    return found


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
    context: typer.Context, place: Path | None, question: "Question", passphrase_file: Path | None,
    since: Path | None, processes: int | None,
) -> "VerificationReport":  # fmt: skip
    from archive.services.keychain import KeyChain
    from archive.services.verify import verify as walk
    from archive.wiring import key_vault, open_read_places
    from archive.wiring.proof import open_workers

    folder, settings = find_archive(context, place)
    if question.level == 2 or question.challenge:
        ask = passphrases(passphrase_file or common(context).passphrase_file, settings.passphrase)
        chain = KeyChain(key_vault(folder, settings), ask, settings.origin)
        private = [chain.recipient(name) for name in ("content", "oversight", "state") if chain.opens(name)]
        question = replace(question, private=private)
    progress = Progress()
    places = open_read_places(folder, settings)
    try:
        return walk(
            places,
            question,
            lambda done, total: progress("verifying", done, total),
            meant=settings.origin,
            workers=open_workers(folder, settings, places, processes),
            since=_resumed(since),
            keep=(lambda end: _keep(since, end)) if since is not None else None,
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
    if report.since:
        say(f"Records 0 to {report.since - 1} were verified earlier and not read again")
    for index, opens in report.challenged:
        said = {
            True: "opens to what was committed",
            False: "DOES NOT MATCH",
            None: "drawn; no key here opens it",
        }
        say(f"Challenge: record {index} {said[opens]}")
    if report.erased:
        say(f"{report.erased} records have no key any more, under listed erasures")
    _print_outside(report)
    say()
    _print_findings(report)


def _print_outside(report: "VerificationReport") -> None:
    """Say what outsiders give to it: heads and time."""
    if not report.heads:
        say("No outside head was given: that the end was cut off could not be seen from here.")
    elif report.newest_head is not None:
        say(_window(report))
    if not report.tokens:
        say("NO TIME PROOF: no time-stamp tokens.")
        return
    newest = datetime.fromtimestamp(report.newest_token or 0, UTC)
    say(
        f"{report.tokens} time-stamp tokens hold; records 0 to {report.timed_size - 1} were sealed before "
        f"{newest:%Y-%m-%d %H:%M:%S} UTC by"
    )
    for name in report.authorities:
        say(f"  {safe(name)}")
    if not report.authorities_given:
        say("  These authorities come from the archive itself: compare them, or give --authority FILE.")


def _print_findings(report: "VerificationReport") -> None:
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


def _window(report: "VerificationReport") -> str:
    """Say in which window a cut could hide."""
    since = datetime.fromtimestamp(report.newest_head_time or 0, UTC)
    days = max(0, (datetime.now(UTC) - since).days)
    return (
        f"The newest outside head saw {report.newest_head} records, the last of them sealed "
        f"{since:%Y-%m-%d %H:%M} UTC by the operator's clock. What was sealed in the {days} days since then "
        "could have been cut off unseen; nothing before it."
    )


def _bundle(folder: Path, key: str | None, heads: list[Path], authorities: list[bytes], *, json: bool) -> int:
    from archive.wiring import check_bundle

    log_key = _text(Path(key)) if key is not None and Path(key).is_file() else key
    code, text = check_bundle(folder, log_key, heads, authorities)
    if json:
        answer({"exit_code": code, "report": text.splitlines()})
    else:
        say(text.rstrip())
    return code
