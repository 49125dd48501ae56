"""``beleg verify``: the auditor's walk over an archive or a bundle."""

import os
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.handed_out import check, is_handed_out, refuse
from cli.opening import (
    ArchiveOption,
    JsonOption,
    PassphraseOption,
    check_new,
    check_outside,
    common,
    find_archive,
    passphrases,
    wants_json,
    write_new,
)
from cli.output import Progress, answer, journal_line, note, safe, say
from cli.verification import VERDICTS, print_report

if TYPE_CHECKING:
    from collections.abc import Callable

    from archive.ledger.checks import Question
    from archive.ledger.resume import Resume
    from schemas.report import VerificationReport


def verify(
    context: typer.Context,
    target: Annotated[
        Path | None,
        typer.Argument(
            help="The folder of an archive or a bundle; else the bundle here, or the archive found."
        ),
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
        Path | None,
        typer.Option("--report", help="Also write the report into this new file, as one HTML page."),
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
    Both give the same --head: it is drawn from the newest, else from all that lies here at this moment.

    Example: beleg verify --since last.state --report report.html

    Example: beleg verify /srv/beleg --level 2 --key firm.pub --head *.note
    """
    from archive.core.signed_note import parse_verifier_key
    from archive.errors import UsageError
    from archive.exporters.verification_page import Beside
    from archive.exporters.verification_page import page as draw
    from archive.ledger.checks import Question
    from archive.ledger.resume import Resume
    from archive.settings import is_bundle

    place = target or archive
    key = _key(key)
    if (
        place is None
        and is_bundle(Path())
        and not (common(context).archive or os.environ.get("BELEG_ARCHIVE"))
    ):
        place = Path()
    if place is not None and is_handed_out(place):
        refuse({"--level": level != 1, "--since": since, "--challenge": challenge, "--report": page})
        roots = _certificates(authority or [])
        return check(place, key, _files(head or []), roots, json=wants_json(context, as_json))
    if seed and not challenge:
        raise UsageError("--seed says what --challenge draws; give both")
    check_new(context, place, page)
    check_outside(context, place, since)
    if page is not None and since is not None and page.resolve() == since.resolve():
        raise UsageError(f"{page}: the report and the state cannot be one file")
    log_key = parse_verifier_key(key) if key is not None else None
    heads = [(path.name, _bytes(path)) for path in _files(head or [])]
    question = Question(
        level=level,  # type: ignore[arg-type]
        log_key=log_key, heads=heads, authorities=_certificates(authority or []), now=int(time.time()),
        challenge=challenge, seed=seed,
    )  # fmt: skip
    kept: list[Resume] = []
    report = _archive(context, place, question, passphrase_file, since, processes, kept.append)
    unsealed, problem = _journal(context, place)
    told_of_reads = (problem or journal_line(unsealed)) if unsealed or problem else None
    if wants_json(context, as_json):
        severities = [f.severity for f in report.findings]
        journal = {"journal_unsealed_since": unsealed, "journal_problem": problem}
        code = report.exit_code or (4 if problem else 0)
        told = {"exit_code": code, "verdict": VERDICTS.get(code)}
        answer({**told, **report.model_dump(), "severities": severities, **journal})
    else:
        print_report(report)
        if told_of_reads:
            say(f"Journal of reads on this host: {told_of_reads}")
    if page is not None:  # after the answer, which a full disk must not swallow
        beside = Beside(seed, told_of_reads, journal_unread=problem is not None)
        write_new(page, draw(report, f"{datetime.now(UTC):%Y-%m-%d %H:%M UTC}", beside).encode())
    if since is not None and kept:
        _keep(since, kept[0])
    return report.exit_code or (4 if problem else 0)


def _key(given: str | None) -> str | None:
    """Give the log key that was named, itself or in a file: alone there, or on a founding slip."""
    from archive.core.signed_note import parse_verifier_key
    from archive.errors import FormatError, UsageError

    if given is None:
        return None
    words = _text(Path(given)).split() if Path(given).is_file() else [given]
    good, problem = set(), "no log key stands in this file"
    for word in words if len(words) == 1 else (word for word in words if word.count("+") >= 2):
        try:
            parse_verifier_key(word)
        except FormatError as error:
            problem = str(error)
        else:
            good.add(word)
    if len(good) > 1:
        raise UsageError(f"--key: {given} names {len(good)} log keys; give the one that you mean")
    if not good:
        raise UsageError(f"--key: {problem}")
    return good.pop()


SIGNED = "\n\n\u2014 ".encode()
"""What stands before the signatures of a note, and in hardly anything else."""


def _files(given: list[Path]) -> list[Path]:
    """Give the files named, and the heads in folders named; what else lies there is told and passed over."""
    from archive.core.signed_note import as_signed
    from archive.errors import UsageError

    found: list[Path] = []
    for path in given:
        if not path.is_dir():
            found.append(path)
            continue
        inside = sorted(file for file in path.rglob("*") if file.is_file())
        heads = [file for file in inside if file.suffix == ".note" or SIGNED in as_signed(_bytes(file))]
        if not heads:
            raise UsageError(f"{path}: there is no head in this folder")
        for file in inside:
            if file not in heads:
                note(safe(f"{file} is no head; passed over"))
        found += heads
    return found


def _resumed(file: Path | None) -> "Resume | None":
    from archive.errors import FormatError, UsageError
    from archive.ledger.resume import Resume

    if file is None:
        return None
    if not file.exists():
        if not file.parent.is_dir():
            raise UsageError(f"{file.parent} is no folder")
        return None
    try:
        return Resume.from_bytes(file.read_bytes())
    except (OSError, FormatError) as error:
        raise UsageError(
            f"{file}: no state of an earlier verification: {error}; verify without --since"
        ) from error


def _keep(file: Path, end: "Resume") -> None:
    """Write the file anew, whole or not at all."""
    from archive.errors import UsageError

    new = file.with_name(file.name + ".new")
    try:
        new.write_bytes(end.to_bytes())
        new.replace(file)
    except OSError as error:
        raise UsageError(f"{file}: cannot be written: {error.strerror}") from error


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
        with path.open("rb") as file:
            return file.read(1024 * 1024)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error


def _journal(context: typer.Context, place: Path | None) -> tuple[str | None, str | None]:
    """Give the time of the oldest unsealed read of this host, or why its journal cannot be read."""
    from archive.core.journal import oldest
    from archive.errors import Unfinished
    from archive.wiring import open_journal

    folder, settings = find_archive(context, place)
    try:
        return oldest(open_journal(folder, settings).unsealed()), None
    except Unfinished as error:
        return None, str(error)


def _archive(
    context: typer.Context, place: Path | None, question: "Question", passphrase_file: Path | None,
    since: Path | None, processes: int | None, keep: "Callable[[Resume], None]",
) -> "VerificationReport":  # fmt: skip
    from archive.errors import UsageError
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
    before = _resumed(since)
    if before is not None and before.state.origin != settings.origin:
        raise UsageError(
            f"{since}: a state of another archive, {before.state.origin}; this is {settings.origin}"
        )
    try:
        return walk(
            places,
            question,
            lambda done, total: progress("verifying", done, total),
            meant=settings.origin,
            workers=open_workers(folder, settings, places, processes),
            since=before,
            keep=keep,
        )
    finally:
        progress.end()
