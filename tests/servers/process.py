"""Running ``beleg`` as a process of its own, as a user of the S3 server."""

import contextlib
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from tests.servers.ceph import Credentials

ROOT = Path(__file__).parents[2]
PROGRAM = (sys.executable, "-c", "from cli.main import main; main()")
MEASURED = """
import atexit, os, pathlib
def tell():
    status = pathlib.Path("/proc/self/status").read_text()
    pathlib.Path(os.environ["PEAK"]).write_text(status.split("VmHWM:")[1].split()[0])
atexit.register(tell)
from cli.main import main
main()
"""


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def environment(user: Credentials | None, folder: Path, **more: str) -> dict[str, str]:
    """Give the environment of a command: no credentials but the user's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "BELEG_"))}
    return {
        **kept, "PYTHONPATH": str(ROOT), "BELEG_PASSPHRASE": "tests", "BELEG_ARCHIVE": str(folder),
        "HOME": str(folder.parent), **(user.environment() if user else {}), **more,
    }  # fmt: skip


def start(user: Credentials | None, folder: Path, *arguments: str | Path) -> "subprocess.Popen[str]":
    """Start a command."""
    return subprocess.Popen(
        [*PROGRAM, *map(str, arguments)], env=environment(user, folder), cwd=folder.parent,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def beleg_measured(user: Credentials | None, folder: Path, *arguments: str | Path) -> tuple[Done, int]:
    """Run a command to its end; give also the most memory that it took, in bytes.

    It tells so itself: what the system says of a child counts the moment before it became one.
    """
    peak = folder.parent / "peak"
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *map(str, arguments)], cwd=folder.parent,
        env=environment(user, folder, PEAK=str(peak)), capture_output=True, text=True, check=False,
    )  # fmt: skip
    return Done(done.returncode, done.stdout, done.stderr), int(peak.read_text()) * 1024


def beleg(user: Credentials | None, folder: Path, *arguments: str | Path, timeout: float = 240) -> Done:
    """Run a command to its end."""
    process = start(user, folder, *arguments)
    out, err = process.communicate(timeout=timeout)
    return Done(process.returncode, out, err)


def here(user: Credentials | None, folder: Path, *arguments: str | Path) -> Done:
    """Run a command to its end in this process, which is faster: nothing is started.

    Key files that it makes open at once: the cost of scrypt is not what such tests are about.
    """
    from archive.adapters import places
    from archive.core import keyfile
    from archive.wiring import founding
    from cli.main import run

    places.s3_client.cache_clear()  # a process has one client, of one user
    out, err = io.StringIO(), io.StringIO()
    cheap = mock.patch.dict(founding.found.__kwdefaults__, {"scrypt_n": 2**10})
    as_user = mock.patch.dict(os.environ, environment(user, folder), clear=True)
    with (
        cheap, mock.patch.object(keyfile, "DEFAULT_N", 2**10), as_user,
        contextlib.redirect_stdout(out), contextlib.redirect_stderr(err),
    ):  # fmt: skip
        code = run([str(argument) for argument in arguments])
    return Done(code, out.getvalue(), err.getvalue())


def founded(folder: Path) -> Path:
    """Found an archive on folders."""
    done = here(None, folder, "init", folder, "--timezone", "Europe/Berlin")
    assert done.code == 0, done.err
    return folder


def chat(folder: Path, name: str, start: int, end: int) -> Path:
    """Write a WhatsApp chat of numbered messages."""
    first = datetime(2024, 4, 1)  # noqa: DTZ001  a chat tells local times
    lines = [
        f"[{first + timedelta(minutes=n):%d.%m.%y, %H:%M:%S}] Anna: Nachricht Nummer {n} an {name}\n"
        for n in range(start, end)
    ]
    file = folder / f"WhatsApp Chat mit {name}.txt"
    file.write_text("".join(lines), encoding="utf-8")
    return file


def numbers(user: Credentials | None, folder: Path, name: str) -> list[int]:
    """Give the message numbers of a thread, by what the archive holds."""
    done = beleg(user, folder, "search", f"nummer {name}", "--limit", "100000", "--json")
    assert done.code == 0, done.err
    return sorted(int(hit["text"].split()[2]) for hit in done.json["hits"])
