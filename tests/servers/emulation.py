"""Emulations of platforms from the package index, on 127.0.0.1, for the long tests. They are no real servers.

``mastodon-mock`` emulates Mastodon's interface, ``backlot`` Slack's Web API; both by third parties. What passes here is
a second opinion beside the replayed answers, and no proof of how the platforms behave.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any, ClassVar


class Emulation:
    """One program in a folder of its own; ``start`` to ``stop``. It may be killed and started over the same data."""

    wanted: ClassVar[str]
    health: ClassVar[str]

    def __init__(self) -> None:
        self.root: Path | None = None
        self.port = 0
        self.token = ""
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def home(self) -> Path:
        assert self.root is not None
        return self.root

    def start(self) -> str:
        """Install and start it; give its version.

        Raises:
            RuntimeError: it cannot be installed, or did not come up.
        """
        self.root = Path(tempfile.mkdtemp(prefix="beleg-emulation-"))
        self._run(sys.executable, "-m", "venv", str(self.root / "venv"))
        pip = (
            str(self.root / "venv/bin/python"),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        )
        self._run(*pip, self.wanted)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.prepare()
        self.up()
        return f"{self.wanted.replace('==', ' ')} (an emulation)"

    def prepare(self) -> None:
        """Make what it serves."""

    def command(self) -> list[str]:
        """Give how it is started."""
        raise NotImplementedError

    def up(self) -> None:
        """Start it over the data that is there."""
        with (self.home / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self.command(),
                cwd=self.home,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                with urllib.request.urlopen(f"{self.url}{self.health}", timeout=5):
                    return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"{self.wanted} does not answer")

    def kill(self) -> None:
        """Kill it at once."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """Stop it and remove its folder."""
        self.kill()
        if self.root is not None:
            shutil.rmtree(self.root, ignore_errors=True)
            self.root = None

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> Any:
        """Ask it as the account whose token it has."""
        data = urllib.parse.urlencode(form).encode() if form is not None else None
        request = urllib.request.Request(f"{self.url}{path}", data=data, method=method)
        request.add_header("Authorization", f"Bearer {self.token}")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return {**kept, "HOME": str(self.home), "BACKLOT_DATA_DIR": str(self.home / "data")}

    def _run(self, *command: str) -> None:
        done = subprocess.run(
            command,
            cwd=self.home,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{command[0]}: {(done.stderr or done.stdout).strip().splitlines()[-1:]}")


class Backlot(Emulation):
    """Slack's Web API, with a workspace that it brings along."""

    wanted = "backlot==0.1.0"
    health = "/slack/api/api.test"

    def prepare(self) -> None:
        """Import the workspace and find a token."""
        (self.home / "data").mkdir()
        self._run(str(self.home / "venv/bin/backlot"), "import", "--bundled")
        tokens = (self.home / "data" / "tokens.yaml").read_text()
        found = re.search(r"token: (usr-[a-z0-9]+)", tokens)
        if found is None:
            raise RuntimeError("backlot made no token of a person")
        self.token = found[1]

    def command(self) -> list[str]:
        """Start it without reports to its makers."""
        return [str(self.home / "venv/bin/backlot"), "serve", "--port", str(self.port), "--disable-telemetry"]

    def say(self, method: str, **form: str) -> dict[str, Any]:
        """Call a method that writes; give its answer."""
        told: dict[str, Any] = self.ask("POST", f"/slack/api/{method}", form)
        assert told["ok"] is True, told
        return told


class MastodonMock(Emulation):
    """Mastodon's client interface, with one account."""

    wanted = "mastodon-mock==0.6.1"
    health = "/api/v1/instance"

    def prepare(self) -> None:
        """Let it keep its posts in a file."""
        self.token = "mock_token"
        (self.home / "mock.toml").write_text(f'[database]\npath = "{self.home}/posts.db"\n')

    def command(self) -> list[str]:
        """Start it over that file."""
        return [
            str(self.home / "venv/bin/mastodon_mock"), "serve", "--host", "127.0.0.1", "--port", str(self.port),
            "--config", str(self.home / "mock.toml"),
        ]  # fmt: skip
