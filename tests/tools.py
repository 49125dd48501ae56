"""Servers and tools that tests use: found, installed if allowed, or absent with the installer's answer.

A test asks by name (``tools.need("chromium")``). What came of it goes into a table at the end of the run.
With CI=true an absent tool fails the test, unless the package index could not be reached.
"""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

UNREACHABLE = (
    "Temporary failure", "Could not resolve", "Could not connect", "Unable to connect",
    "Network is unreachable",
    "Failed to fetch", "Connection timed out", "No route to host", "Connection refused",
)  # fmt: skip


@dataclass(frozen=True)
class Tool:
    """How a tool is found, asked for its version, and installed."""

    name: str
    programs: tuple[str, ...]
    version: tuple[str, ...] = ("--version",)
    debian: tuple[str, ...] = ()
    """Packages that bring it."""


TOOLS: dict[str, Tool] = {}


def register(tool: Tool) -> None:
    """Make a tool known by its name."""
    TOOLS[tool.name] = tool


register(Tool("openssl", ("openssl",), ("version",), ("openssl",)))
register(Tool("go", ("go",), ("version",), ("golang-go", "golang-golang-x-mod-dev")))
register(Tool("sha256sum", ("sha256sum",), ("--version",), ("coreutils",)))
register(Tool("chromium", ("chromium", "chromium-browser", "google-chrome"), ("--version",), ("chromium",)))
register(Tool("poppler", ("pdftoppm",), ("-v",), ("poppler-utils",)))
register(Tool("firefox", ("firefox-esr", "firefox"), ("--version",), ("firefox-esr",)))


@dataclass
class Outcome:
    """What came of asking for a tool."""

    name: str
    ran: bool
    answer: str
    unreachable: bool = False
    path: str = ""


@dataclass
class Tools:
    """The registry of one run."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)

    def need(self, name: str) -> str:
        """Give the path of a tool; skip (or, with CI=true, fail) the test where it cannot be had."""
        if name not in self.outcomes:
            self.outcomes[name] = find(TOOLS[name])
        outcome = self.outcomes[name]
        if not outcome.ran:
            self._absent(outcome)
        return outcome.path

    def note(self, name: str, start: Callable[[], str], *, right: bool = False) -> None:
        """Run ``start`` once for a server or library; it gives a version or raises with the reason.

        ``right``: not a program but a right that a machine may lack; then nothing fails, and the table says so.
        """
        if name not in self.outcomes:
            try:
                self.outcomes[name] = Outcome(name, True, start())
            except (OSError, RuntimeError, ImportError) as error:
                text = str(error)
                self.outcomes[name] = Outcome(name, False, text, any(word in text for word in UNREACHABLE))
        if not self.outcomes[name].ran:
            self._absent(self.outcomes[name], right=right)

    def _absent(self, outcome: Outcome, *, right: bool = False) -> None:
        text = f"{outcome.name} cannot be had: {outcome.answer}"
        if not right and os.environ.get("CI") == "true" and not outcome.unreachable:
            pytest.fail(text)
        pytest.skip(text)

    def table(self) -> list[str]:
        """Give the lines of the table."""
        rows = sorted(self.outcomes.values(), key=lambda outcome: outcome.name)
        return [f"{row.name:<12} {'ran' if row.ran else 'absent':<7} {row.answer}" for row in rows]


def find(tool: Tool) -> Outcome:
    """Look for a tool; install it where we may."""
    path = _which(tool)
    answer = "not installed"
    if path is None and tool.debian:
        answer = install(tool.debian)
        path = _which(tool)
    if path is None:
        return Outcome(tool.name, False, answer, any(word in answer for word in UNREACHABLE))
    done = subprocess.run([path, *tool.version], capture_output=True, text=True, timeout=60, check=False)
    lines = (done.stdout or done.stderr).strip().splitlines()
    return Outcome(tool.name, True, lines[0][:100] if lines else "", path=path)


def _which(tool: Tool) -> str | None:
    return next((path for program in tool.programs if (path := shutil.which(program))), None)


def install(packages: tuple[str, ...]) -> str:
    """Install Debian packages as root, one installer at a time; give the installer's last line."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return "not installed, and this user may not install it"
    with (Path(tempfile.gettempdir()) / "beleg-tests-install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _install(packages)


def _install(packages: tuple[str, ...]) -> str:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
    text = ""
    for command in (["update", "-q"], ["install", "-y", "-q", "--no-install-recommends", *packages]):
        done = subprocess.run(
            ["apt-get", *command], capture_output=True, text=True, timeout=900, check=False, env=environment
        )
        text = (
            (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:][0][:200] if done.returncode else ""
        )
        if done.returncode:
            break
    return text or "installed"
