"""A proxy on 127.0.0.1 before an S3 server, which lets chosen requests fail in a chosen way."""

import contextlib
import http.client
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

FAULTS = ("failed", "done", "hung", "hung after", "403", "503", "cut")
"""The connection breaks before the server saw anything; after it did everything; no answer, before and after;
refusals; the connection breaks in the middle of what is sent."""

KILLS = ("kill before", "kill after")


@dataclass(frozen=True)
class Request:
    """One request as it passes."""

    number: int
    method: str
    path: str


Decide = Callable[[Request], str | None]
"""Gives the fault of a request, or None."""


class FaultProxy:
    """Passes requests on; ``decide`` says which fail and how."""

    def __init__(self, target: str) -> None:
        """Stand before ``target``, an http address."""
        self.target = urlsplit(target)
        self.decide: Decide = lambda request: None
        self.seen: list[Request] = []
        self.victim = 0
        """The process that ``kill`` faults end."""
        self._guard = threading.Lock()
        self._released = threading.Event()

    @contextlib.contextmanager
    def running(self) -> Iterator[str]:
        """Serve; gives the address."""
        proxy = self

        class Handler(_Handler):
            owner = proxy

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            self._released.set()
            server.shutdown()
            server.server_close()

    def reset(self) -> None:
        """Forget what was seen and let everything pass."""
        with self._guard:
            self.seen.clear()
            self.decide = lambda request: None

    def pass_by(self, method: str, path: str) -> str | None:
        """Note a request; give its fault."""
        with self._guard:
            request = Request(len(self.seen), method, path)
            self.seen.append(request)
            return self.decide(request)

    def wait(self) -> None:
        """Hold an answer back until the test is over, or long enough for any client to give up."""
        self._released.wait(20)

    def kill(self) -> None:
        """End the victim."""
        while not self.victim:  # zero would be this whole process group
            time.sleep(0.001)
        os.kill(self.victim, signal.SIGKILL)
        time.sleep(0.02)


class _Handler(BaseHTTPRequestHandler):
    owner: FaultProxy
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._serve()

    do_HEAD = do_PUT = do_POST = do_DELETE = do_GET  # noqa: N815  the server's names

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.owner.pass_by(self.command, self.path)
        if fault == "kill before":
            self.owner.kill()
        if fault == "hung":
            self.owner.wait()
        if fault in ("failed", "hung", "kill before"):
            return self._break()
        if fault in ("403", "503"):
            return self._refuse(int(fault))
        if fault == "cut" and body:
            self._send_half(body)
            return self._break()
        status, headers, answer = self._forward(body)
        if fault == "kill after":
            self.owner.kill()
        if fault == "hung after":
            self.owner.wait()
        if fault in ("done", "hung after", "kill after"):
            return self._break()
        self._answer(status, headers, answer, cut=fault == "cut")
        return None

    def _forward(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        target = self.owner.target
        connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=30)
        with contextlib.closing(connection):
            self._send_head(connection)
            connection.endheaders(body or None)
            response = connection.getresponse()
            return response.status, response.getheaders(), response.read()

    def _send_head(self, connection: http.client.HTTPConnection) -> None:
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in ("expect", "connection"):
                connection.putheader(name, value)

    def _send_half(self, body: bytes) -> None:
        """Let the server see the head and half of the body, then nothing more."""
        target = self.owner.target
        connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=30)
        with contextlib.closing(connection):
            self._send_head(connection)
            connection.endheaders()
            connection.send(body[: len(body) // 2])

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes, *, cut: bool) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                self.send_header(name, value)
        length = next((v for n, v in headers if n.lower() == "content-length"), str(len(body)))
        self.send_header("Content-Length", length)
        self.end_headers()
        if cut:
            if self.command != "HEAD":
                self.wfile.write(body[: len(body) // 2])
            return self._break()
        if self.command != "HEAD":
            self.wfile.write(body)
        return None

    def _refuse(self, status: int) -> None:
        code = {403: "AccessDenied", 503: "SlowDown"}[status]
        body = f"<?xml version='1.0'?><Error><Code>{code}</Code></Error>".encode()
        self.send_response_only(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _break(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.wfile.flush()
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
