"""Asking an S3 server: what a person is told while it says nothing."""

import logging
import pickle
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError, SSLError

from archive.adapters import s3_client
from archive.adapters.s3_client import Transient, ask, clock_offset, connect
from archive.errors import Forbidden, PlaceGone, StoreError, Unreachable


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


@pytest.mark.parametrize(
    ("said", "told", "again"),
    [
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate (_ssl.c:1006)",
         "is not believed (certificate verify failed: self-signed certificate); AWS_CA_BUNDLE", False),
        ("[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)", "speaks no TLS", False),
        ("[SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred (_ssl.c:1006)", "no answer (EOF occurred)", True),
        ("cut", "no answer (SSLError)", True),
    ],
)  # fmt: skip
def test_what_is_wrong_with_tls_is_told_at_once(said: str, told: str, again: bool) -> None:
    """A certificate of a company's own authority was "no answer", after as many attempts as a network gets."""

    def refused() -> None:
        raise SSLError(endpoint_url="https://store", error=said)

    with pytest.raises(Unreachable) as raised:
        ask(refused, "s3://bucket")
    assert (told in str(raised.value), isinstance(raised.value, Transient)) == (True, again), raised.value


@pytest.mark.parametrize(("behind", "kind"), [(259_200, StoreError), (-259_200, StoreError), (0, Forbidden)])
def test_a_wrong_clock_is_told_where_the_refusal_has_no_words(behind: int, kind: type[StoreError]) -> None:
    """As the answer to a HEAD: people looked for rights."""

    def refused() -> None:
        date = format_datetime(datetime.now(UTC) + timedelta(seconds=behind), usegmt=True)
        answer = {"HTTPStatusCode": 403, "HTTPHeaders": {"date": date}}
        raise ClientError({"Error": {"Code": "403"}, "ResponseMetadata": answer}, "HeadBucket")  # type: ignore[typeddict-item]

    with pytest.raises(StoreError) as raised:
        ask(refused, "s3://bucket")
    assert type(raised.value) is kind
    assert ("s behind" if behind > 0 else "s ahead" if behind < 0 else "refuses this account") in str(
        raised.value
    )


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


@pytest.mark.parametrize(("date", "known"), [("gestern", False), ("", False), (None, False), ("now", True)])
def test_a_date_that_is_none_is_no_clock(date: str | None, known: bool) -> None:
    """It ended every command that was refused anything as a fault of ours."""

    class Client:
        @staticmethod
        def head_bucket(**_: str) -> object:
            now = format_datetime(datetime.now(UTC), usegmt=True)
            headers = {} if date is None else {"date": now if date == "now" else date}
            answer = {"HTTPStatusCode": 403, "HTTPHeaders": headers}
            raise ClientError({"Error": {"Code": "403"}, "ResponseMetadata": answer}, "HeadBucket")  # type: ignore[typeddict-item]

    assert (clock_offset(Client, "bucket", "s3://bucket") is not None) == known
    with pytest.raises(Forbidden):
        ask(Client.head_bucket, "s3://bucket")


def test_a_bucket_that_is_gone_is_told_as_such_from_another_process() -> None:
    """Processes that verify hand on what they meet."""

    def gone() -> None:
        raise ClientError({"Error": {"Code": "NoSuchBucket"}}, "GetObject")

    with pytest.raises(PlaceGone) as raised:
        ask(gone, "control, s3://firm-control/main: commits/0")
    told = pickle.loads(pickle.dumps(raised.value))
    assert (str(told), told.place) == (str(raised.value), "s3://firm-control/main")
