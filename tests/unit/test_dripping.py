"""Servers that send drop by drop, and lines that are only slow."""

import socketserver
import threading
import time
from collections.abc import Iterable, Iterator
from itertools import chain, repeat
from typing import ClassVar

import pytest

from archive.adapters import dripping, objects_s3, s3_client
from archive.adapters.mail_smtp import SmtpMailer
from archive.adapters.objects_s3 import S3Store
from archive.adapters.s3_client import Address, Transient, connect
from archive.adapters.s3_reader import S3Reader
from archive.errors import Forbidden, FormatError, StoreError, Unreachable
from archive.settings import MailSettings

TIMEOUT = 0.3
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n"


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    parts: ClassVar[Iterable[bytes]] = ()
    """What it answers to anything, in pieces."""
    pause = 0.0
    """Seconds before each piece."""
    greets = False
    """Whether it speaks first."""
    takes = 0
    """Bytes of a body that it takes, one small piece after the other, before it answers."""


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server = self.server
        assert isinstance(server, _Server)
        while not server.greets and self.rfile.readline().strip():
            pass
        try:
            for _ in range(server.takes // (1 << 16)):
                time.sleep(server.pause)
                self.rfile.read(1 << 16)
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
def store(server: _Server, monkeypatch: pytest.MonkeyPatch) -> S3Store:
    for module in (s3_client, objects_s3):
        monkeypatch.setattr(module, "pauses", lambda: iter((None,)))
    address = f"http://127.0.0.1:{server.server_address[1]}"
    client = connect(address, None, TIMEOUT, credentials=("key", "secret"))
    return S3Store(client, Address("bucket", ""), locked=False)


@pytest.fixture
def reader(store: S3Store) -> S3Reader:
    return store


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


GO_ON = b"HTTP/1.1 100 Continue\r\n"
NO = b"HTTP/1.1 403 Forbidden\r\nContent-Length: %d\r\n\r\n"


@pytest.mark.parametrize("first", [NO % 5000, GO_ON, b""], ids=["refusal", "head of go on", "nothing"])
def test_what_is_said_before_a_body_was_sent_is_watched_too(
    server: _Server, store: S3Store, first: bytes
) -> None:
    """A store may answer before the body came: the library reads that past every watch."""
    server.parts, server.pause = [first, *_drops(b"x" * 5000)], 0.02
    begun = time.monotonic()
    with pytest.raises(Transient, match="drop by drop"):
        store.overwrite("name", b"x" * 100_000)
    assert time.monotonic() - begun < 5 * TIMEOUT


@pytest.mark.parametrize("said", [GO_ON, GO_ON + b"x: y\r\n", b"HTT", b"\r\n"])
def test_a_connection_that_ends_before_a_body_was_sent_is_no_answer(
    server: _Server, store: S3Store, said: bytes
) -> None:
    """Its end was read over and over, at full speed."""
    server.parts = [said]
    with pytest.raises(Transient, match="no answer"):
        store.overwrite("name", b"x" * 100_000)


def test_a_body_that_is_taken_drop_by_drop_is_not_sent_for_ever(
    server: _Server, store: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        dripping, "SLOWEST", 100 << 20
    )  # what a system's buffers hide is too much for true drops
    server.takes, server.pause = 8 << 20, 0.02
    with pytest.raises(Transient, match="taken drop by drop"):
        store.overwrite("name", bytes(server.takes))


def test_a_refusal_before_a_large_body_was_sent_is_one(server: _Server, store: S3Store) -> None:
    error = b"<Error><Code>AccessDenied</Code></Error>"
    server.parts = [NO % len(error), error]
    with pytest.raises(Forbidden, match="AccessDenied"):
        store.overwrite("name", bytes(8 << 20))


@pytest.mark.parametrize(
    ("begin", "more", "told"),
    [
        (b"", GO_ON + b"\r\n", "again and again"),
        (b"HTTP/1.1 200 OK\r\n", b"x: y\r\n", "no answer"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"10000\r\n" + b" " * 65536 + b"\r\n",
            "longer",
        ),
        (b"HTTP/1.1 404 No\r\n\r\n", b" " * 65536, "longer"),
    ],
    ids=["go on", "head", "listing", "refusal"],
)
def test_an_answer_without_end_takes_neither_time_nor_memory(
    server: _Server, store: S3Store, begin: bytes, more: bytes, told: str
) -> None:
    """It came as fast as any, and all of it was kept."""
    server.parts = chain([begin], repeat(more))
    with pytest.raises(StoreError, match=told):
        list(store.names(""))
    server.parts = chain([begin], repeat(more))
    with pytest.raises(StoreError, match=told):
        store.overwrite("name", b"x")


def test_an_object_that_says_its_length_and_goes_on_is_refused(server: _Server, reader: S3Reader) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
    server.parts = chain([head], repeat(b"10000\r\n" + b" " * 65536 + b"\r\n"))
    with pytest.raises(FormatError, match="longer than the 10 bytes"):
        reader.fetch("name", 10, None)


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
