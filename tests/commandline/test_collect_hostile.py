"""Servers that answer what no such server answers: told, on record, and no harm to the other sources."""

from base64 import b32encode
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from archive.channels.live.atproto import Atproto
from archive.channels.live.web import Web
from archive.errors import Unreachable
from tests.commandline.conftest import Beleg, as_sent, replayed
from tests.commandline.test_collect import feed

URL = "https://social.example"


@pytest.fixture
def two(beleg: Beleg, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hostile server before a good one."""
    monkeypatch.setenv("TOKEN", "t")
    for kind, only in (("mastodon", "statuses"), ("matrix", "*"), ("slack", "*")):
        assert beleg(
            "source", "add", kind, kind, "--url", URL, "--account", "a", "--secret", "env:TOKEN", "--only", only
        ).code == 0  # fmt: skip
    assert beleg("source", "add", "werk", "feed", "--url", "https://werk.example/feed").code == 0


@pytest.mark.parametrize(
    "body", [b"{}", b"[]", b'{"id": "1", "joined_rooms": 5, "ok": true}', b"[[[", b"null"]
)
def test_nonsense_stops_its_source_alone(
    beleg: Beleg, two: None, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    good = feed(("1", "eins"))
    replayed(
        monkeypatch, lambda r: httpx.Response(200, content=good if r.url.host == "werk.example" else body)
    )
    done = beleg("collect", "--all", "--json")
    assert done.code == 4
    told = {one["source"]: one for one in done.json}
    assert told["werk"]["items"] == 1
    assert told["mastodon"]["failed_to_read"]
    assert told["matrix"]["failed_to_read"]
    stopped = {run["source"] for run in beleg("coverage", "--json").json["lacking"] if run["stopped"]}
    assert {"mastodon", "matrix"} <= stopped, "on record"
    assert beleg("source", "test", "matrix").code == 4


def test_what_a_reader_stumbles_over_is_told_by_its_place_and_not_by_its_words(
    beleg: Beleg, two: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(request: httpx.Request) -> httpx.Response:
        raise KeyError("Geheimnis")

    replayed(monkeypatch, stumble)
    done = beleg("collect", "mastodon", "--json")
    assert done.code == 4
    assert "KeyError in test_collect_hostile.py" in done.json[0]["stopped"]
    assert "Geheimnis" not in done.out + done.err


def test_a_full_disk_of_the_archive_is_no_fault_of_a_source(
    beleg: Beleg, two: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    replayed(monkeypatch, lambda _: httpx.Response(200, content=feed(("1", "eins"))))

    def full(*_: object, **__: object) -> None:
        raise Unreachable("places/archive: cannot be written: No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("archive.services.collect.run.seal_haul", full)
        done = beleg("collect", "werk")
    assert (done.code, done.out) == (4, "")
    assert "beleg: places/archive: cannot be written: No space left on device" in done.err
    assert "werk" not in done.err
    assert not any(run["stopped"] for run in beleg("coverage", "--json").json["lacking"])


@pytest.mark.parametrize("token", [b"", b"\xff\xfe", "p\u00e4ss".encode(), b"a\nX-Evil: 1"])
def test_what_cannot_be_a_token_stops_its_source_alone(
    beleg: Beleg, two: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, token: bytes
) -> None:
    file = tmp_path / "token"
    file.write_bytes(token)
    assert beleg(
        "source", "add", "a", "mastodon", "--url", URL, "--account", "a", "--secret", f"file:{file}", "--only", "*"
    ).code == 0  # fmt: skip
    replayed(monkeypatch, lambda _: httpx.Response(200, content=feed(("1", "eins"))))
    done = beleg("collect", "a", "werk", "--json")
    assert done.code == 2
    bad, good = done.json
    assert str(file) in bad["stopped"]
    assert good["items"] == 1


def test_pauses_of_a_collection_that_failed_are_on_record(
    beleg: Beleg, two: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    replayed(monkeypatch, lambda _: httpx.Response(429, headers={"Retry-After": "3"}))
    (told,) = beleg("collect", "werk", "--json").json
    assert told["failed_to_read"]
    assert told["waited"] >= 4 * 3


@pytest.mark.parametrize(
    ("state", "closed"),
    [
        (httpx.Response(404, json={"errcode": "M_NOT_FOUND", "error": "no such state"}), False),
        (httpx.Response(200, json={"algorithm": "m.megolm.v1.aes-sha2"}), True),
    ],
)
def test_a_room_is_called_encrypted_only_where_it_is(
    beleg: Beleg, two: None, monkeypatch: pytest.MonkeyPatch, state: httpx.Response, closed: bool
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/m.room.encryption"):
            return state
        return httpx.Response(200, json={"user_id": "a", "joined_rooms": ["!r:x"], "name": "Angebote"})

    replayed(monkeypatch, answer)
    told = beleg("source", "test", "matrix", "--json").json
    assert any(one["what"].startswith("words of") for one in told) == closed


def test_a_source_of_another_kind_under_an_old_name_stops_itself_alone(
    beleg: Beleg, two: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    replayed(monkeypatch, lambda _: httpx.Response(200, content=feed(("1", "eins"))))
    assert beleg("collect", "werk").code == 0
    beleg("source", "remove", "werk")
    beleg("source", "add", "werk", "bluesky", "--url", URL, "--account", "did:plc:a", "--only", "*")
    beleg("source", "add", "zwei", "feed", "--url", "https://werk.example/feed")
    done = beleg("collect", "werk", "zwei", "--json")
    assert done.code == 5
    assert "kind feed before" in done.json[0]["stopped"]
    assert done.json[1]["stopped"] is None


def test_a_cursor_that_cannot_be_read_is_a_gap_and_a_new_reading(
    beleg: Beleg, two: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = feed(("1", "eins"))
    replayed(monkeypatch, lambda _: httpx.Response(200, content=body))
    with monkeypatch.context() as other:
        other.setattr("archive.channels.live.feed._Look.text", lambda _: "of another version")
        assert beleg("collect", "werk", "--json").json[0]["items"] == 1
    body = feed(("1", "eins"), ("2", "zwei"))
    done = beleg("collect", "werk", "--json")
    assert (done.code, done.json[0]["items"], done.json[0]["gaps"]) == (3, 1, 1)
    assert beleg("collect", "werk", "--json").json[0]["gaps"] == 0


def test_a_login_page_is_no_file_of_a_room(beleg: Beleg, two: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def event(number: int, name: str, kind: str) -> dict[str, object]:
        content = {"msgtype": "m.file", "body": name, "url": f"mxc://x/{number}", "info": {"mimetype": kind}}
        return {
            "type": "m.room.message", "event_id": f"${number}", "room_id": "!r:x", "sender": "@l:x",
            "origin_server_ts": 1740992400000, "content": content,
        }  # fmt: skip

    told = [event(1, "angebot.pdf", "application/pdf"), event(2, "seite.html", "text/html")]

    def answer(request: httpx.Request) -> httpx.Response:
        path, asked = request.url.path, request.url.params
        if "/media/" in path:
            return httpx.Response(200, content=b"<html>words</html>", headers={"Content-Type": "text/html"})
        if path.endswith("/messages"):
            chunk = told if asked["dir"] == "f" and "from" not in asked else []
            return httpx.Response(200, json={"chunk": chunk, "start": "t"})
        known = path.endswith(("rooms", "whoami"))
        return httpx.Response(200 if known else 404, json={"joined_rooms": ["!r:x"], "user_id": "@a:x"})

    replayed(monkeypatch, answer)
    (got,) = beleg("collect", "matrix", "--json").json
    assert (got["items"], got["gaps"]) == (2, 1)
    hits = beleg("search", "channel:matrix", "--json").json["hits"]
    items = [beleg("show", str(hit["number"]), "--json").json["item"] for hit in hits]
    states = {one["attachments"][0]["name"]: one["attachments"][0]["state"] for one in items}
    assert states == {"angebot.pdf": "missing", "seite.html": "present"}


@pytest.mark.parametrize(
    ("body", "named"), [(b"picture", True), (b"<html>login</html>", False)], ids=["itself", "a login page"]
)
def test_a_picture_of_bluesky_is_what_its_name_says(body: bytes, named: bool) -> None:
    raw = b"\x01\x55\x12\x20" + sha256(b"picture").digest()
    cid = "b" + b32encode(raw).decode().rstrip("=").lower()
    client = httpx.Client(transport=httpx.MockTransport(lambda _: as_sent(httpx.Response(200, content=body))))
    answers, missed = Atproto("https://pds.example", Web(client=client)).blobs("did:plc:a", [cid], "records")
    assert (len(answers), missed) == ((1, 0) if named else (0, 1))


def test_the_key_of_a_feed_for_subscribers_goes_no_further_than_the_settings(
    beleg: Beleg, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replayed(monkeypatch, lambda _: httpx.Response(200, content=feed(("1", "eins"))))
    beleg("source", "add", "werk", "feed", "--url", "https://werk.example/feed?key=GEHEIM")
    done = beleg("collect", "werk", "--json")
    assert done.json[0]["items"] == 1
    kept = [file.read_bytes() for file in (archive / "workspace").rglob("*") if file.is_file()]
    assert any(b"https://werk.example/feed" in body for body in kept)
    assert not any(b"GEHEIM" in body for body in kept)
