"""Telling somebody by a command of theirs."""

import os
import subprocess
from collections.abc import Sequence, Set

from archive.errors import Unreachable

TIMEOUT = 60
PASSPHRASES = "BELEG_PASSPHRASE"
"""What the names of variables with passphrases of key files begin with."""


def run_command(command: Sequence[str], text: str, secrets: Set[str] = frozenset()) -> None:
    """Run a command with the text on its standard input; no shell takes part.

    It gets the environment of this process, for it may need a token of its own, but no passphrase and none of the
    variables that the settings name as ``secrets``: what tells of a gap opens no archive.

    Raises:
        Unreachable: it could not be started, or did not end well.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in secrets and not name.startswith(PASSPHRASES)
    }
    try:
        done = subprocess.run(  # noqa: S603  (the command of the settings, by whoever administers this host)
            list(command),
            input=text.encode(),
            timeout=TIMEOUT,
            check=False,
            env=kept,
            stdout=subprocess.DEVNULL,  # what it leaves behind would hold a pipe open
            stderr=subprocess.DEVNULL,
        )
    except OSError as error:
        raise Unreachable(f"{command[0]}: {error.strerror or type(error).__name__}") from error
    except subprocess.TimeoutExpired as error:
        raise Unreachable(f"{command[0]}: it took longer than {TIMEOUT} seconds") from error
    if done.returncode:
        raise Unreachable(f"{command[0]}: it ended with {done.returncode}")
