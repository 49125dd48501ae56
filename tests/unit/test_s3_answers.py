"""Answers that HTTP allows and few S3 servers give, and pages that something before a server gives in its stead."""

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest

from archive.adapters import objects_s3, s3_client, s3_reader
from archive.adapters.objects_s3 import S3Store
from archive.adapters.s3_client import Address, Client, ask, connect
from archive.errors import AlreadyExists, FormatError, NotFound, StoreError, Unreachable

LOGIN = b"<html><body>Please log in.</body></html>"
VERSIONS = b"""<ListVersionsResult><IsTruncated>%s</IsTruncated>%s<Version><Key>%s</Key><VersionId>v</VersionId>
<Size>1</Size></Version></ListVersionsResult>"""


class _Answers(BaseHTTPRequestHandler):
    """Gives bodies in chunks, without their length; whoever asks for a list gets the pages of ``listing``."""

    protocol_version = "HTTP/1.1"
    body = b"bytes"
    status = 200
    headers_more: tuple[tuple[str, str], ...] = ()
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
        self.send_response(self.status)
        self.send_header("Transfer-Encoding", "chunked")
        for name, value in self.headers_more:
            self.send_header(name, value)
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


def test_a_person_is_told_of_a_listing_that_takes_long(
    answers: type[_Answers], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A store that makes up new names for ever was waited for in silence."""
    monkeypatch.setattr(s3_reader, "LONG_LISTING", 0)
    answers.listing[""] = VERSIONS % (b"false", b"", b"a")
    assert [one.name for one in store(answers).versions("")] == ["a"]
    assert "1 names after 0 s so far" in caplog.text


@pytest.mark.parametrize("marker", [b"", b"<NextKeyMarker>a</NextKeyMarker>"])
def test_a_listing_that_does_not_say_where_it_goes_on_is_told(answers: type[_Answers], marker: bytes) -> None:
    page = VERSIONS % (b"true", marker, b"a")
    answers.listing |= {"": page, "a": page}
    with pytest.raises(StoreError, match=r"there is more, and not where|the same again"):
        list(store(answers).versions(""))


NAMES = b"""<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>keys/other/content/0</Key></Contents>
</ListBucketResult>"""
AGAIN = b"<NextKeyMarker>%s</NextKeyMarker><NextVersionIdMarker>%s</NextVersionIdMarker>"


@pytest.mark.parametrize(
    ("pages", "told"),
    [
        # Marks that are ever new, and always the same rows.
        ({mark: VERSIONS % (b"true", AGAIN % (b"k%d" % n, b"1"), b"a") for n, mark in enumerate(["", "k0"])},
         "the same again"),
        # A name that stands in two places has a second version that nobody puts beside the first.
        ({"": VERSIONS % (b"true", AGAIN % (b"b", b"v"), b"b"), "b": VERSIONS % (b"false", b"", b"a")}, "in no order"),
        ({"": (VERSIONS % (b"false", b"", b"")).replace(b"<Key></Key>", b"")}, "tells no Key"),
        ({"": (VERSIONS % (b"false", b"<EncodingType>url</EncodingType>", b"")).replace(b"<Key></Key>", b"")},
         "cannot be read"),
        ({"": (VERSIONS % (b"false", b"", b"a")).replace(b"<Size>1<", b"<Size>many<")}, "cannot be read"),
    ],
)  # fmt: skip
def test_a_listing_that_nothing_can_rest_on_is_told(
    answers: type[_Answers], pages: dict[str, bytes], told: str
) -> None:
    answers.listing |= pages
    with pytest.raises(StoreError, match=told):
        list(store(answers).versions(""))


def test_planted_names_of_other_letters_stop_no_listing(answers: type[_Answers]) -> None:
    """Bytes that are no UTF-8 stand before them at the server, and behind them here."""
    planted = "segments/\ufffd".encode()
    answers.listing |= {
        "": VERSIONS % (b"true", AGAIN % (b"x", b"1"), planted),
        "x": VERSIONS % (b"true", AGAIN % (b"y", b"1"), "segments/é".encode()),
        "y": VERSIONS % (b"false", b"", b"segments/z"),
    }
    assert [one.name[-1] for one in store(answers).versions("segments/")] == ["\ufffd", "é", "z"]


def test_a_listing_that_is_empty_without_end_is_told(
    answers: type[_Answers], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_reader, "EMPTY_PAGES", 2)
    page = b"<ListVersionsResult><IsTruncated>true</IsTruncated>%s</ListVersionsResult>"
    answers.listing |= {
        mark: page % (AGAIN % (b"k%d" % n, b"")) for n, mark in enumerate(["", "k0", "k1", "k2"])
    }
    with pytest.raises(StoreError, match="there is more, and gives nothing"):
        list(store(answers).versions(""))


def test_names_that_were_not_asked_for_are_not_given(answers: type[_Answers]) -> None:
    """Who destroys the keys of one batch walks over what is listed under its name."""
    answers.listing[""] = NAMES
    with pytest.raises(StoreError, match="not asked for"):
        list(store(answers).names("keys/one/"))
    answers.listing[""] = VERSIONS % (b"false", b"", b"keys/other/content/0")
    with pytest.raises(StoreError, match="not asked for"):
        list(store(answers).versions("keys/one/"))


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.get_bucket_versioning(Bucket="bucket"),
        lambda client: client.get_bucket_lifecycle_configuration(Bucket="bucket"),
        lambda client: client.get_object_lock_configuration(Bucket="bucket"),
        lambda client: client.get_bucket_policy(Bucket="bucket"),
    ],
)
def test_a_page_for_people_is_no_setting_of_a_bucket(
    answers: type[_Answers], call: Callable[[Client], object]
) -> None:
    """It would say that the bucket keeps no versions, has no rules, locks nothing."""
    answers.body = b"<!DOCTYPE html>\n" + LOGIN
    with pytest.raises(Unreachable, match=r"bucket: the answer \(200\) is none of an S3 server"):
        ask(lambda: call(store(answers).client), "bucket")


def test_a_page_that_says_404_is_no_absence(answers: type[_Answers]) -> None:
    """A proxy without its server says so of every name, and a control place was called rolled back."""
    answers.status, answers.body = 404, LOGIN
    with pytest.raises(StoreError, match="none of an S3 server") as raised:
        store(answers).get("commits/0", limit=99)
    assert not isinstance(raised.value, NotFound)
    answers.body = b"<Error><Code>NoSuchKey</Code></Error>"
    with pytest.raises(NotFound):
        store(answers).get("commits/0", limit=99)


def test_a_stored_page_for_people_is_an_object(answers: type[_Answers]) -> None:
    answers.body = LOGIN
    assert store(answers).get("name", limit=99) == LOGIN


@pytest.mark.parametrize(
    "header",
    [
        ("Last-Modified", "once"),
        ("x-amz-object-lock-retain-until-date", "for ever"),
        ("x-amz-missing-meta", "x"),
    ],
)
def test_dates_and_numbers_that_are_none_are_told(answers: type[_Answers], header: tuple[str, str]) -> None:
    answers.headers_more = (header,)
    with pytest.raises(StoreError, match="cannot be read"):
        store(answers).head("name")


def test_an_answer_without_what_every_server_tells_is_told(answers: type[_Answers]) -> None:
    with pytest.raises(StoreError, match="name: the answer of the store tells no LastModified"):
        store(answers).written("name")
