"""Servers that send drop by drop, and lines that are only slow."""

import socketserver
import threading
import time
from collections.abc import Iterator
from typing import ClassVar

import pytest

from archive.adapters import s3_client
from archive.adapters.mail_smtp import SmtpMailer
from archive.adapters.s3_client import Address, Transient, connect
from archive.adapters.s3_reader import S3Reader
from archive.errors import Unreachable
from archive.settings import MailSettings

TIMEOUT = 0.3
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n"


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    parts: ClassVar[list[bytes]] = []
    """What it answers to anything, in pieces."""
    pause = 0.0
    """Seconds before each piece."""
    greets = False
    """Whether it speaks first."""


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server = self.server
        assert isinstance(server, _Server)
        while not server.greets and self.rfile.readline().strip():
            pass
        try:
            for part in server.parts:
                time.sleep(server.pause)
                self.wfile.write(part)
        except OSError:
            return  # whoever asked is gone


@pytest.fixture
def server() -> Iterator[_Server]:
    with _Server(("127.0.0.1", 0), _Handler) as made:
        threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True).start()
        yield made
        made.shutdown()


@pytest.fixture
def reader(server: _Server, monkeypatch: pytest.MonkeyPatch) -> S3Reader:
    monkeypatch.setattr(s3_client, "pauses", lambda: iter((None,)))
    address = f"http://127.0.0.1:{server.server_address[1]}"
    client = connect(address, None, TIMEOUT, credentials=("key", "secret"))
    return S3Reader(client, Address("bucket", ""), versioned=False)


def _drops(data: bytes) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))]


@pytest.mark.parametrize("where", ["body", "head"])
def test_a_server_that_sends_drop_by_drop_holds_nobody(server: _Server, reader: S3Reader, where: str) -> None:
    """Each read ended in time, and so no command ever did."""
    head = HEAD % 5000 + b"x-long: " + b"x" * 5000 + b"\r\n\r\n"
    server.parts = [head, *_drops(b"x" * 5000)] if where == "body" else _drops(head)
    server.pause = 0.02
    begun = time.monotonic()
    with pytest.raises(Transient, match="drop by drop"):
        reader.fetch("name", 10_000, None)
    with pytest.raises(Transient, match="drop by drop"):
        list(reader.names(""))
    assert time.monotonic() - begun < 5 * TIMEOUT


def test_a_slow_line_brings_it_all(server: _Server, reader: S3Reader) -> None:
    """Three times as long as one read may take, at 5 KB/s."""
    body = b"x" * 250
    server.parts, server.pause = [HEAD % 5000 + b"\r\n", *[body] * 20], 0.05
    assert reader.fetch("name", 10_000, None) == body * 20


def test_a_server_that_thinks_before_it_answers_is_not_slow(server: _Server, reader: S3Reader) -> None:
    server.parts, server.pause = [HEAD % 5 + b"\r\n", b"words"], TIMEOUT * 0.7
    assert reader.fetch("name", 10, None) == b"words"


def test_a_mail_server_that_answers_drop_by_drop_holds_no_run(server: _Server) -> None:
    """A head goes out after each run, and an alert during one: neither ever ended."""
    server.greets, server.parts, server.pause = True, _drops(b"220 " + b"x" * 500), 0.03
    settings = MailSettings(
        host="127.0.0.1", port=server.server_address[1], security="none", sender="beleg@firm.example", timeout=0.05
    )  # fmt: skip
    begun = time.monotonic()
    with pytest.raises(Unreachable, match="no end of it"):
        SmtpMailer(settings).send("audit@firm.example", "head", "text")
    assert time.monotonic() - begun < 2
