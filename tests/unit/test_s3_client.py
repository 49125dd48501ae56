"""Asking an S3 server: what a person is told while it says nothing."""

import logging
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from botocore.exceptions import ReadTimeoutError

from archive.adapters import s3_client
from archive.adapters.s3_client import Transient, ask, connect
from archive.errors import StoreError


@pytest.mark.parametrize(("seconds", "told"), [(60.0, True), (0.1, False)])
def test_a_long_silence_is_told(
    seconds: float, told: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clock = iter([0.0, seconds])
    monkeypatch.setattr(s3_client.time, "monotonic", lambda: next(clock, seconds))

    def silent() -> None:
        raise ReadTimeoutError(endpoint_url="http://store")

    with caplog.at_level(logging.WARNING), pytest.raises(Transient, match="no answer"):
        ask(silent, "s3://bucket: name")
    assert ("s3://bucket: name: the store gave no answer for 60 s" in caplog.text) == told


class _Elsewhere(BaseHTTPRequestHandler):
    """Sends every request to the same path under https, as servers do."""

    def do_HEAD(self) -> None:
        status = int(self.path.rpartition("/")[2][1:])
        self.send_response(status)
        self.send_header("Location", f"https://s3.example{self.path}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirection_is_told_and_not_followed(status: int) -> None:
    """The library looks for the region of the bucket then, and is redirected again, without end."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Elsewhere)
    Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    client = connect(address, None, 5, credentials=("key", "secret"))
    with pytest.raises(StoreError, match=f"{address} sends requests elsewhere to https://s3.example,"):
        ask(lambda: client.head_bucket(Bucket=f"b{status}"), "s3://bucket")
    server.shutdown()
    server.server_close()
