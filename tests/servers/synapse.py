"""A Matrix home server (Synapse, from the package index) in one folder, on 127.0.0.1, for the tests."""

import json
import os
import secrets
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
from typing import Any

WANTED = "matrix-synapse==1.163.2"

_SETTINGS = """\
server_name: localhost
pid_file: {root}/pid
listeners:
  - port: {port}
    bind_addresses: [127.0.0.1]
    type: http
    tls: false
    resources: [{{names: [client], compress: false}}]
database: {{name: sqlite3, args: {{database: {root}/home.db}}}}
log_config: {root}/log.yaml
media_store_path: {root}/media
registration_shared_secret: {secret}
enable_registration: false
report_stats: false
macaroon_secret_key: {secret}
form_secret: {secret}
signing_key_path: {root}/signing.key
trusted_key_servers: []
federation_domain_whitelist: []
url_preview_enabled: false
rc_message: {many}
rc_login: {{address: {many}, account: {many}, failed_attempts: {many}}}
rc_joins: {{local: {many}, remote: {many}}}
rc_room_creation: {many}
rc_admin_redaction: {many}
"""
_LOG = "version: 1\ndisable_existing_loggers: false\nroot: {level: ERROR}\n"


class Synapse:
    """One server; ``start`` to ``stop``. It may be killed and started again over the same rooms."""

    def __init__(self) -> None:
        self.root: Path | None = None
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> str:
        """Install, make and start the server; give its version.

        Raises:
            RuntimeError: it cannot be installed, or did not come up.
        """
        self.root = Path(tempfile.mkdtemp(prefix="beleg-synapse-"))
        python = self.root / "venv" / "bin" / "python"
        self._run(sys.executable, "-m", "venv", self.root / "venv")
        self._run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", WANTED)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        many = "{per_second: 1000, burst_count: 10000}"
        settings = _SETTINGS.format(root=self.root, port=self.port, secret=secrets.token_hex(16), many=many)
        (self.root / "home.yaml").write_text(settings)
        (self.root / "log.yaml").write_text(_LOG)
        self._run(python, "-m", "synapse.app.homeserver", "-c", self.root / "home.yaml", "--generate-keys")
        self.up()
        return WANTED.replace("==", " ")

    def up(self) -> None:
        """Start it over the rooms that are there."""
        assert self.root is not None
        command = [
            self.root / "venv" / "bin" / "python",
            "-m",
            "synapse.app.homeserver",
            "-c",
            self.root / "home.yaml",
        ]
        with (self.root / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=self.root, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                self.ask(None, "GET", "versions", base="/_matrix/client/")
            except (OSError, urllib.error.URLError):
                time.sleep(0.1)
            else:
                return
        raise RuntimeError("synapse does not answer")

    def kill(self) -> None:
        """Kill it at once."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        self.kill()
        if self.root is not None:
            shutil.rmtree(self.root, ignore_errors=True)
            self.root = None

    def user(self, name: str) -> str:
        """Register an account; give its access token."""
        assert self.root is not None
        program = self.root / "venv" / "bin" / "register_new_matrix_user"
        self._run(program, "-c", self.root / "home.yaml", "-u", name, "-p", name, "--no-admin", self.url)
        login = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": name},
            "password": name,
        }
        return str(self.ask(None, "POST", "login", login)["access_token"])

    def ask(
        self, token: str | None, method: str, path: str, body: Any = None, base: str = "/_matrix/client/v3/"
    ) -> Any:
        """Ask the client-server interface."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}{base}{path}", data=data, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def upload(self, token: str, body: bytes) -> str:
        """Upload a file; give its address."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/octet-stream"}
        url = f"{self.url}/_matrix/media/v3/upload"
        with urllib.request.urlopen(
            urllib.request.Request(url, data=body, headers=headers), timeout=20
        ) as answer:
            return str(json.load(answer)["content_uri"])

    def send(self, token: str, room: str, content: dict[str, Any], kind: str = "m.room.message") -> str:
        """Send an event; give its id."""
        path = f"rooms/{urllib.parse.quote(room)}/send/{kind}/{secrets.token_hex(8)}"
        return str(self.ask(token, "PUT", path, content)["event_id"])

    def redact(self, token: str, room: str, event: str) -> None:
        """Redact an event."""
        path = f"rooms/{urllib.parse.quote(room)}/redact/{urllib.parse.quote(event)}/{secrets.token_hex(8)}"
        self.ask(token, "PUT", path, {"reason": "Irrtum"})

    def _run(self, *command: object) -> None:
        environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
        environment.pop("PYTHONPATH", None)
        done = subprocess.run(
            [*map(str, command)], capture_output=True, text=True, timeout=600, check=False, env=environment
        )
        if done.returncode:
            raise RuntimeError(f"{command[0]}: {(done.stderr or done.stdout).strip().splitlines()[-1:]}")
