"""Checking a bundle or a proof with our own copy of the checker that every bundle carries: never with the bundle's.

That checker reads tokens without judging the chain of their authority; here it is judged too.
"""

import contextlib
import subprocess
import sys
from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path

from archive.core import timestamp
from archive.core.signed_note import MAX_NOTE
from archive.errors import FormatError

TOKENS = "signatures/tokens"


def check_bundle(
    folder: Path, log_key: str | None, heads: Sequence[Path], authorities: Sequence[bytes] = ()
) -> tuple[int, str]:
    """Run verify.py over a bundle or a proof; give its exit code and what it says.

    ``authorities`` are certificates (DER) that the chains of time-stamp authorities must end in.
    """
    with as_file(files("archive.exporters.bundle.parts") / "verify.py") as checker:
        command = [sys.executable, "-I", str(checker), str(folder), "--no-time"]
        if log_key is not None:
            command += ["--log-key", log_key]
        if heads:
            command += ["--head", *map(str, heads)]
        done = subprocess.run(  # noqa: S603  (our own interpreter and file; no shell)
            command, capture_output=True, text=True, encoding="utf-8", check=False
        )
    code, text = done.returncode, done.stdout + done.stderr
    tokens = sorted((folder / TOKENS).glob("*.tst")) if folder.is_dir() else []
    if not tokens or code not in (0, 3, 4):
        return code, text
    worst, lines = _check_chains(tokens, authorities)
    return _joined(code, text.rstrip("\n").split("\n"), worst, lines)


def _joined(code: int, said: Sequence[str], worst: int, more: Sequence[str]) -> tuple[int, str]:
    """Put two answers together under the heavier verdict, which comes last and alone."""
    final = 3 if 3 in (code, worst) else max(code, worst)
    verdicts = {by: line for by, part in ((worst, more), (code, said)) for line in part if _is_verdict(line)}
    lines = [line for line in (*said, *more) if not _is_verdict(line)]
    return final, "\n".join([*lines, verdicts[final]]) + "\n"


def _is_verdict(line: str) -> bool:
    return line.startswith("RESULT:")


def _check_chains(tokens: Sequence[Path], authorities: Sequence[bytes]) -> tuple[int, list[str]]:
    """Judge each chain; give 0, 3 (one does not hold) or 4 (none ends in what was given), and the lines to say."""
    bad, believed, lines = False, 0, list[str]()
    source = "given" if authorities else "in the bundle itself: compare them, or give --authority"
    for file in tokens:
        try:
            token, is_believed = _check(file, authorities)
        except (FormatError, OSError) as error:
            bad = True
            lines.append(f"FINDING: {TOKENS}/{file.name}: {error}")
        else:
            believed += is_believed
            chain = "chain holds" if is_believed else "it ends in none of the certificates given; not counted"
            lines.append(
                f"Time        {file.name}: {token.time:%Y-%m-%d %H:%M:%S} UTC by {token.name}; {chain}"
            )
    lines.append(f"Time        the authorities' roots are those {source}")
    if bad:
        return 3, [*lines, "RESULT: NOT INTACT: a time stamp does not hold."]
    if believed:
        return 0, lines
    return 4, [*lines, "COULD NOT TELL: NO TIME PROOF by the authorities given.", "RESULT: COULD NOT TELL."]


def _check(file: Path, authorities: Sequence[bytes]) -> tuple[timestamp.Token, bool]:
    """Check a token; whether its chain ends in the certificates given. Raises FormatError: it holds for nobody."""
    raw, note = _read(file), _read(file.with_suffix(".note"))
    chain = timestamp.certificates_in(_read(file.with_suffix(".pem")))
    if authorities:
        with contextlib.suppress(FormatError):
            return timestamp.check(raw, note, authorities, chain), True
    own = [one for one in chain if timestamp.is_root(one)]
    return timestamp.check(raw, note, own, chain), not authorities


def _read(file: Path) -> bytes:
    if not file.is_file():
        raise FormatError("no plain file")  # a pipe would be waited for
    limit = MAX_NOTE if file.suffix == ".note" else timestamp.MAX_TOKEN
    with file.open("rb") as stream:
        return stream.read(limit)
