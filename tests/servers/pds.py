"""A Bluesky server (PDS, from the npm registry) with a directory of accounts, on 127.0.0.1, for the long tests."""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

WANTED = ("@atproto/pds@0.4.217", "@did-plc/server@0.0.1")
DOMAIN = ".test"

_HOME = """
// Whoever listens without naming a host listens on this machine alone.
const net = require("net"), listen = net.Server.prototype.listen
net.Server.prototype.listen = function (...given) {
  if (typeof given[0] === "number" && typeof given[1] !== "string") given.splice(1, 0, "127.0.0.1")
  else if (given[0] && typeof given[0] === "object" && given[0].port !== undefined) given[0].host ??= "127.0.0.1"
  return listen.apply(this, given)
}
"""
# The directory keeps accounts in memory: it is a process of its own, so that the server may be killed beside it.
_DIRECTORY = """
const { PlcServer, Database } = require("@did-plc/server")
PlcServer.create({ db: Database.mock(), port: Number(process.env.PORT) }).start()
"""
_SERVER = """
const { PDS, envToCfg, envToSecrets } = require("@atproto/pds")
const env = JSON.parse(process.env.SETTINGS)
PDS.create(envToCfg(env), envToSecrets(env)).then((it) => it.start())
"""


class Pds:
    """One server; ``start`` to ``stop``. It may be killed and started again over the same repositories."""

    def __init__(self) -> None:
        self.root: Path | None = None
        self.port = 0
        self._settings: dict[str, Any] = {}
        self._directory: subprocess.Popen[bytes] | None = None
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> str:
        """Install, make and start the server; give its version.

        Raises:
            RuntimeError: it cannot be installed, or did not come up.
        """
        if shutil.which("npm") is None or shutil.which("node") is None:
            raise RuntimeError("node and npm are not there")
        self.root = Path(tempfile.mkdtemp(prefix="beleg-pds-"))
        (self.root / "package.json").write_text('{"private": true, "allowScripts": {"better-sqlite3": true}}')
        self._run("npm", "install", "--no-fund", "--no-audit", "--loglevel=error", *WANTED)
        if not list(self.root.glob("node_modules/better-sqlite3/build/Release/better_sqlite3.node")):
            self._run("npm", "rebuild", "--foreground-scripts", "--loglevel=error", "better-sqlite3")
        for name, text in (("home.js", _HOME), ("directory.js", _DIRECTORY), ("server.js", _SERVER)):
            (self.root / name).write_text(text)
        directory, self.port = _free(), _free()
        data = self.root / "data"
        data.mkdir()
        self._settings = {
            "port": self.port, "hostname": "localhost", "devMode": True, "dataDirectory": str(data),
            "blobstoreDiskLocation": str(data / "blobs"), "blobstoreDiskTmpLocation": str(data / "tmp"),
            "didPlcUrl": f"http://127.0.0.1:{directory}", "serviceHandleDomains": [DOMAIN], "inviteRequired": False,
            "jwtSecret": secrets.token_hex(16), "adminPassword": secrets.token_hex(16),
            "plcRotationKeyK256PrivateKeyHex": secrets.token_hex(32), "disableSsrfProtection": True,
            "rateLimitsEnabled": False, "trustedOAuthClients": [], "rateLimitBypassIps": [],
            "handleBackupNameservers": [], "crawlers": [],
        }  # fmt: skip
        self._directory = self._node("directory.js", PORT=str(directory))
        self.up()
        return f"Bluesky PDS {WANTED[0].rpartition('@')[2]}"

    def up(self) -> None:
        """Start it over the repositories that are there."""
        self._server = self._node("server.js", SETTINGS=json.dumps(self._settings), LOG_ENABLED="false")
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                self.ask(None, "GET", "_health")
            except (OSError, urllib.error.URLError):
                time.sleep(0.1)
            else:
                return
        raise RuntimeError("the PDS does not answer")

    def kill(self) -> None:
        """Kill the server at once; the directory of accounts stays."""
        if self._server is not None:
            self._server.send_signal(signal.SIGKILL)
            self._server.wait()
            self._server = None

    def forget_events(self) -> None:
        """Kill the server, take its event log away, and start it: it numbers anew."""
        assert self.root is not None
        self.kill()
        for file in (self.root / "data").glob("sequencer.sqlite*"):
            file.unlink()
        self.up()

    def stop(self) -> None:
        """Stop everything and remove its folder."""
        self.kill()
        if self._directory is not None:
            self._directory.kill()
            self._directory.wait()
        if self.root is not None:
            shutil.rmtree(self.root, ignore_errors=True)
            self.root = None

    def account(self, name: str) -> tuple[str, str]:
        """Make an account; give its DID and a token."""
        told = self.ask(
            None, "POST", "com.atproto.server.createAccount",
            {"email": f"{name}@firma.example", "handle": f"{name}{DOMAIN}", "password": secrets.token_hex(8)},
        )  # fmt: skip
        return str(told["did"]), str(told["accessJwt"])

    def ask(
        self, token: str | None, method: str, name: str, body: object = None, content: bytes | None = None
    ) -> dict[str, Any]:
        """Ask a method of the server."""
        data = content if content is not None else None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/xrpc/{name}", data=data, method=method)
        request.add_header("Content-Type", "application/json" if content is None else "image/png")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        with urllib.request.urlopen(request, timeout=60) as answer:
            told: dict[str, Any] = json.loads(answer.read() or b"{}")
        return told

    def post(self, account: tuple[str, str], words: str, **more: object) -> str:
        """Post; give the address of the record."""
        record = {
            "$type": "app.bsky.feed.post",
            "text": words,
            "createdAt": "2026-03-02T09:00:00.000Z",
            **more,
        }
        body = {"repo": account[0], "collection": "app.bsky.feed.post", "record": record}
        return str(self.ask(account[1], "POST", "com.atproto.repo.createRecord", body)["uri"])

    def edit(self, account: tuple[str, str], uri: str, words: str) -> None:
        """Put other words into a record."""
        record = {"$type": "app.bsky.feed.post", "text": words, "createdAt": "2026-03-02T09:00:00.000Z"}
        body = {"repo": account[0], "collection": "app.bsky.feed.post", "rkey": uri.rpartition("/")[2]}
        self.ask(account[1], "POST", "com.atproto.repo.putRecord", {**body, "record": record})

    def delete(self, account: tuple[str, str], uri: str) -> None:
        """Delete a record."""
        body = {"repo": account[0], "collection": "app.bsky.feed.post", "rkey": uri.rpartition("/")[2]}
        self.ask(account[1], "POST", "com.atproto.repo.deleteRecord", body)

    def upload(self, account: tuple[str, str], data: bytes) -> dict[str, Any]:
        """Upload a picture; give the blob that a record names."""
        told = self.ask(account[1], "POST", "com.atproto.repo.uploadBlob", content=data)
        return dict(told["blob"])

    def _node(self, file: str, **environment: str) -> "subprocess.Popen[bytes]":
        assert self.root is not None
        with (self.root / f"{file}.log").open("ab") as log:
            return subprocess.Popen(
                ["node", "-r", "./home.js", file], cwd=self.root, env={**os.environ, **environment},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    def _run(self, *command: str) -> None:
        done = subprocess.run(
            command, cwd=self.root, capture_output=True, text=True, timeout=1200, check=False
        )
        if done.returncode:
            said = (done.stderr or done.stdout).strip().splitlines()
            raise RuntimeError(f"{command[0]}: {' '.join(said[-2:])[:300]}")


def _free() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
