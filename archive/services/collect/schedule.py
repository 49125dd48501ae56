"""How a host starts collection by itself, as text to be installed by whoever administers it."""

import shlex
from collections.abc import Iterable
from math import gcd
from pathlib import Path

from archive.settings import Settings

_UNIT = """\
# /etc/systemd/system/beleg-collect.service
[Unit]
Description=Beleg: collect from the live sources
After=network-online.target
Wants=network-online.target

[Service]
Type=exec
ExecStart={program} collect --all --loop --json --archive {folder}
# NAME='value', a line each: passphrase of the ingest key, and what settings name as env:NAME. Readable by root alone.
EnvironmentFile=/etc/beleg/collect.env
User=beleg
Restart=on-failure
RestartSec=60
# The commit in hand is finished before it stops.
KillSignal=SIGTERM
TimeoutStopSec=300
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome={home}
PrivateTmp={tmp}
# What the settings write to. Folders that are not there yet are left out; an alert command may need more.
{writable}

[Install]
WantedBy=multi-user.target
"""
_CRON = """\
# crontab of the user beleg, who may read collect.env (NAME='value', a line each: passphrase and secrets);
# each source at its own interval, and never twice at once
{when} {command}
"""
_WINDOWS = """\
REM Beleg runs on Linux: on Windows within WSL. There, /etc/beleg/collect.sh holds this line:
REM {command}
REM So it runs only while you are logged on. With /RU NAME /RP * behind it (it asks for the password), it runs always.
schtasks /Create /TN "Beleg collect" /SC MINUTE /MO {minutes} ^
  /TR "wsl.exe -u beleg --exec /bin/sh /etc/beleg/collect.sh"
"""
_HOMES = (Path("/home"), Path("/root"), Path("/run/user"))
_TMP = (Path("/tmp"), Path("/var/tmp"))  # noqa: S108  (asked about, not written to)


def schedules(settings: Settings, *, folder: Path, program: str) -> dict[str, str]:
    """Give the text for each kind of host, by its name.

    Cron and Windows ask at a divisor of all intervals, so each source gets exactly its own.
    """
    minutes = gcd(60, *(source.minutes for source in settings.sources.values()))
    command = _command(folder, program)
    when = {1: "* * * * *", 60: "0 * * * *"}.get(minutes, f"*/{minutes} * * * *")
    return {
        "systemd": _unit(settings, folder, program),
        "cron": _CRON.format(when=when, command=command.replace("%", r"\%")),
        "Windows": _WINDOWS.format(minutes=minutes, command=command),
    }


def _command(folder: Path, program: str) -> str:
    """Give the line for a shell. What a file sets without ``set -a`` stays in the shell that reads it."""
    collect = shlex.join([program, "collect", "--all", "--due", "--archive", str(folder)])
    return f"set -a; . /etc/beleg/collect.env; exec {collect}"


def _unit(settings: Settings, folder: Path, program: str) -> str:
    written = [folder, *_written(settings, folder)]
    outside = [one for one in written if one == folder or not one.is_relative_to(folder)]
    used = [*written, *_read(settings, folder), Path(program)]
    return _UNIT.format(
        program=_quoted(program, command=True),
        folder=_quoted(str(folder), command=True),
        home="read-only" if _within(used, _HOMES) else "yes",
        tmp="no" if _within(used, _TMP) else "yes",
        writable="\n".join(f"ReadWritePaths=-{_quoted(str(one))}" for one in dict.fromkeys(outside)),
    )


def _written(settings: Settings, folder: Path) -> Iterable[Path]:
    """Give the folders that a collection writes to."""
    named = [*settings.places.each, settings.workspace, *settings.heads.copy_to]
    yield from ((folder / one).resolve() for one in named if "://" not in one)
    if settings.metrics is not None:
        yield (folder / settings.metrics).resolve().parent


def _read(settings: Settings, folder: Path) -> Iterable[Path]:
    """Give what a collection reads or runs: keys, secrets, and the files and programs that the settings name."""
    references = [source.secret for source in settings.sources.values()]
    references += [settings.mail.password, settings.passphrase, settings.catalogue]
    named = [one.removeprefix("file:") for one in references if one and one.startswith("file:")]
    named += [settings.keys, *(one.roots for one in settings.time.authorities), *settings.alerts.command]
    named += [settings.policy] if settings.policy else []
    yield from ((folder / one).resolve() for one in named)


def _within(paths: Iterable[Path], places: Iterable[Path]) -> bool:
    around = tuple(places)
    return any(path.is_relative_to(place) for path in paths for place in around)


def _quoted(text: str, *, command: bool = False) -> str:
    """Write a word of a unit file (systemd.syntax, "Quoting"; systemd.unit, "Specifiers")."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped.replace("$", "$$") if command else escaped}"'
