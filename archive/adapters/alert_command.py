"""Telling somebody by a command of theirs."""

import subprocess
from collections.abc import Sequence

from archive.errors import Unreachable

TIMEOUT = 60


def run_command(command: Sequence[str], text: str) -> None:
    """Run a command with the text on its standard input; no shell takes part.

    Raises:
        Unreachable: it could not be started, or did not end well.
    """
    try:
        done = subprocess.run(  # noqa: S603  (the command of the settings, by whoever administers this host)
            list(command),
            input=text.encode(),
            timeout=TIMEOUT,
            check=False,
            stdout=subprocess.DEVNULL,  # what it leaves behind would hold a pipe open
            stderr=subprocess.DEVNULL,
        )
    except OSError as error:
        raise Unreachable(f"{command[0]}: {error.strerror or type(error).__name__}") from error
    except subprocess.TimeoutExpired as error:
        raise Unreachable(f"{command[0]}: it took longer than {TIMEOUT} seconds") from error
    if done.returncode:
        raise Unreachable(f"{command[0]}: it ended with {done.returncode}")
