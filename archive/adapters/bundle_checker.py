"""Checking a bundle with our own copy of the checker that every bundle carries: never with the bundle's."""

import subprocess
import sys
from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path


def check_bundle(folder: Path, log_key: str | None, heads: Sequence[Path]) -> tuple[int, str]:
    """Run verify.py over a bundle; give its exit code and what it says."""
    with as_file(files("archive.exporters.bundle.parts") / "verify.py") as checker:
        command = [sys.executable, "-I", str(checker), str(folder)]
        if log_key is not None:
            command += ["--log-key", log_key]
        if heads:
            command += ["--head", *map(str, heads)]
        done = subprocess.run(  # noqa: S603  (our own interpreter and file; no shell)
            command, capture_output=True, text=True, encoding="utf-8", check=False
        )
    return done.returncode, done.stdout + done.stderr
