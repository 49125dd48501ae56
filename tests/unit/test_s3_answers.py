"""Answers that HTTP allows and few S3 servers give, and pages that something before a server gives in its stead."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest

from archive.adapters import objects_s3, s3_client
from archive.adapters.objects_s3 import S3Store
from archive.adapters.s3_client import Address, connect
from archive.errors import AlreadyExists, FormatError, StoreError

LOGIN = b"<html><body>Please log in.</body></html>"
VERSIONS = b"""<ListVersionsResult><IsTruncated>%s</IsTruncated>%s<Version><Key>%s</Key><VersionId>v</VersionId>
<Size>1</Size></Version></ListVersionsResult>"""


class _Answers(BaseHTTPRequestHandler):
    """Gives bodies in chunks, without their length; whoever asks for a list gets the pages of ``listing``."""

    protocol_version = "HTTP/1.1"
    body = b"bytes"
    listing: dict[str, bytes]

    def do_HEAD(self) -> None:
        self._begin()

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query, keep_blank_values=True)
        body = self.listing[asked.get("key-marker", [""])[0]] if "prefix" in asked else self.body
        self._begin()
        self.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(412)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _begin(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[_Answers]]:
    for module in (s3_client, objects_s3):
        monkeypatch.setattr(module, "pauses", lambda: iter([0.0, None]))

    class Handler(_Answers):
        pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    Handler.listing = {"": b"", "address": f"http://127.0.0.1:{server.server_port}".encode()}
    yield Handler
    server.shutdown()
    server.server_close()


def store(answers: type[_Answers]) -> S3Store:
    client = connect(answers.listing["address"].decode(), None, 5, credentials=("key", "secret"))
    return S3Store(client, Address("bucket", ""), locked=False)


def test_a_body_in_chunks_is_read_up_to_the_cap(answers: type[_Answers]) -> None:
    """A proxy that packs bodies, or speaks another HTTP behind, knows no length beforehand."""
    assert store(answers).get("name", limit=5) == b"bytes"
    with pytest.raises(FormatError, match="longer than the 4 bytes"):
        store(answers).get("name", limit=4)


@pytest.mark.parametrize(("body", "same"), [(b"bytes", True), (b"byte", False), (b"bytes and more", False)])
def test_what_holds_a_name_is_compared_without_a_length(
    answers: type[_Answers], body: bytes, same: bool
) -> None:
    answers.body = body
    if same:
        return store(answers).put_new("name", b"bytes")
    with pytest.raises(AlreadyExists):
        store(answers).put_new("name", b"bytes")
    return None


def test_a_page_for_people_is_no_empty_listing(answers: type[_Answers]) -> None:
    """Else `verify` calls a place empty of strangers that it never saw, and erasing one of older pages."""
    answers.listing[""] = LOGIN
    for listed in (store(answers).names, store(answers).versions):
        with pytest.raises(StoreError, match="none of an S3 server"):
            list(listed(""))


def test_a_listing_goes_on_where_the_page_before_said(answers: type[_Answers]) -> None:
    """Some servers name the key alone, without the version."""
    marker = b"<NextKeyMarker>a</NextKeyMarker>"
    answers.listing |= {"": VERSIONS % (b"true", marker, b"a"), "a": VERSIONS % (b"false", b"", b"b")}
    assert [one.name for one in store(answers).versions("")] == ["a", "b"]


@pytest.mark.parametrize("marker", [b"", b"<NextKeyMarker>a</NextKeyMarker>"])
def test_a_listing_that_does_not_say_where_it_goes_on_is_told(answers: type[_Answers], marker: bytes) -> None:
    page = VERSIONS % (b"true", marker, b"a")
    answers.listing |= {"": page, "a": page}
    with pytest.raises(StoreError, match="there is more, and not where"):
        list(store(answers).versions(""))
