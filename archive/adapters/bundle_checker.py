"""Checking a bundle or a proof with our own copy of the checker that every bundle carries: never with the bundle's.

That checker reads tokens without judging the chain of their authority; here it is judged too.
"""

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
    good, lines = _check_chains(tokens, authorities)
    return (code if good else 3), text.rstrip("\n") + "\n" + "\n".join(lines) + "\n"


def _check_chains(tokens: Sequence[Path], authorities: Sequence[bytes]) -> tuple[bool, list[str]]:
    good, lines = True, []
    source = "given" if authorities else "in the bundle itself: compare them, or give --authority"
    for file in tokens:
        try:
            chain = timestamp.certificates_in(_read(file.with_suffix(".pem")))
            roots = authorities or [one for one in chain if timestamp.is_root(one)]
            token = timestamp.check(_read(file), _read(file.with_suffix(".note")), roots, chain)
        except (FormatError, OSError) as error:
            good = False
            lines.append(f"FINDING: {TOKENS}/{file.name}: {error}")
        else:
            lines.append(
                f"Time        {file.name}: {token.time:%Y-%m-%d %H:%M:%S} UTC by {token.name}; chain holds"
            )
    lines.append(f"Time        the authorities' roots are those {source}")
    if not good:
        lines.append("RESULT: NOT INTACT: a time stamp does not hold.")
    return good, lines


def _read(file: Path) -> bytes:
    limit = MAX_NOTE if file.suffix == ".note" else timestamp.MAX_TOKEN
    with file.open("rb") as stream:
        return stream.read(limit)
