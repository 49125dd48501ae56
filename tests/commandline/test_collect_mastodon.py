"""Mastodon, replayed: a stand-in answers as the interface is documented (docs.joinmastodon.org). No real server."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.commandline.conftest import Beleg, replayed

ME = {
    "id": "1",
    "username": "werk",
    "acct": "werk",
    "url": "https://social.example/@werk",
    "statuses_count": 3,
}


class Server:
    """Posts by number; deleted ones answer 404, edited ones have a history."""

    def __init__(self) -> None:
        self.posts: dict[str, dict[str, Any]] = {}
        self.history: dict[str, list[dict[str, Any]]] = {}
        self.token = "good"
        self.asked: list[str] = []

    def post(self, number: int, words: str) -> None:
        self.posts[str(number)] = {
            "id": str(number), "uri": f"https://social.example/users/werk/statuses/{number}", "account": ME,
            "created_at": f"2025-03-03T09:{number % 60:02d}:00.000Z", "edited_at": None, "content": f"<p>{words}</p>",
            "spoiler_text": "", "visibility": "public", "mentions": [], "media_attachments": [], "reblog": None,
        }  # fmt: skip

    def edit(self, number: int, words: str) -> None:
        post = self.posts[str(number)]
        first = {
            "content": post["content"],
            "created_at": post["created_at"],
            "account": ME,
            "spoiler_text": "",
        }
        post |= {"content": f"<p>{words}</p>", "edited_at": "2025-03-04T10:00:00.000Z"}
        second = {**first, "content": post["content"], "created_at": post["edited_at"]}
        self.history[str(number)] = [first, second]

    def answer(self, request: httpx.Request) -> httpx.Response:
        path, asked = request.url.path, request.url.params
        self.asked.append(path)
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return httpx.Response(401, json={"error": "The access token is invalid"})
        if path == "/api/v1/accounts/verify_credentials":
            return httpx.Response(200, json={**ME, "statuses_count": len(self.posts)})
        if path == f"/api/v1/accounts/{ME['id']}/statuses":
            numbers = sorted(int(n) for n in self.posts if int(n) > int(asked["min_id"]))[
                : int(asked["limit"])
            ]
            return httpx.Response(200, json=[self.posts[str(n)] for n in reversed(numbers)])
        if path == "/api/v1/conversations":
            return httpx.Response(200, json=[])
        number, _, rest = path.removeprefix("/api/v1/statuses/").partition("/")
        if number not in self.posts:
            return httpx.Response(404, json={"error": "Record not found"})
        return httpx.Response(
            200, json=self.history.get(number, []) if rest == "history" else self.posts[number]
        )


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    server = Server()
    replayed(monkeypatch, server.answer)
    monkeypatch.setenv("TOKEN", "good")
    return server


@pytest.fixture
def source(beleg: Beleg, archive: Path, server: Server) -> Path:
    done = beleg(
        "source", "add", "werk", "mastodon", "--url", "https://social.example", "--account", "werk",
        "--secret", "env:TOKEN", "--only", "*",
    )  # fmt: skip
    assert done.code == 0, done.err
    return archive


def collect(beleg: Beleg, code: int = 0) -> dict[str, Any]:
    done = beleg("collect", "werk", "--json")
    assert done.code == code, (done.out, done.err)
    return done.json[0]  # type: ignore[no-any-return]


def hits(beleg: Beleg, query: str) -> list[dict[str, Any]]:
    return beleg("search", query, "--json").json["hits"]  # type: ignore[no-any-return]


def test_posts_edits_and_deletions(beleg: Beleg, source: Path, server: Server) -> None:
    for number in range(1, 101):
        server.post(number, f"Nummer {number:03d}")
    assert collect(beleg)["items"] == 100
    assert collect(beleg)["items"] == 0
    server.edit(7, "Fünf Jahre Garantie")
    del server.posts["9"]
    server.post(101, "Neu")
    told = collect(beleg)
    assert told["failed"] == told["gaps"] == 0
    assert hits(beleg, '"Nummer 007"'), "what was edited stays"
    assert any(hit["event"] == "edited" for hit in hits(beleg, "Garantie"))
    (gone,) = [hit for hit in hits(beleg, "deleted:yes") if hit["event"] == "deleted"]
    item = beleg("show", str(gone["number"]), "--json").json["item"]
    assert item["basis"] == "observed"
    assert item["targets"][0]["key"]["id"].endswith("/9")
    assert hits(beleg, '"Nummer 009"')[0]["deleted"]
    assert hits(beleg, "Neu")
    assert collect(beleg)["items"] == 0
    del server.posts["7"]
    assert collect(beleg)["items"] == 1, "what was edited and then deleted is told too"
    assert beleg("verify", "--level", "2").code == 0
    (told,) = beleg("coverage", "--json").json["sources"]
    (count,) = told["counts"]
    assert (count["expected"], count["found"]) == (99, 99), "a hundred and one, two of them deleted"
    assert told["kind"] == "mastodon"
    assert any("between two looks" in one for one in told["never"])


def test_a_token_that_was_withdrawn_is_told(beleg: Beleg, source: Path, server: Server) -> None:
    server.post(1, "eins")
    collect(beleg)
    server.token = "another"
    assert "login" in collect(beleg, code=5)["stopped"]


def test_what_would_be_read_is_told(beleg: Beleg, source: Path, server: Server) -> None:
    done = beleg("source", "test", "werk", "--json")
    assert done.code == 0
    assert {one["given"] for one in done.json} == {"yes"}
    assert not any("statuses" in path for path in server.asked), "nothing is read for that"
    assert json.dumps(done.json)


def test_what_was_read_of_an_account_is_not_gone_on_with_for_another(
    beleg: Beleg, source: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.post(1, "eins")
    collect(beleg)
    monkeypatch.setitem(ME, "id", "2")
    assert "another one than before" in collect(beleg, code=5)["stopped"]
    monkeypatch.setitem(ME, "id", "1")
    monkeypatch.setitem(ME, "acct", "privat")
    monkeypatch.setitem(ME, "username", "privat")
    assert "not of the account" in collect(beleg, code=5)["stopped"]
    monkeypatch.setitem(ME, "acct", "werk")
    settings = source / "beleg.toml"
    settings.write_text(settings.read_text().replace('account = "werk"', 'account = "@werk@social.example"'))
    assert collect(beleg)["stopped"] is None
    settings.write_text(settings.read_text().replace("social.example", "other.example"))
    assert "another one than before" in collect(beleg, code=5)["stopped"], "numbers are those of a server"


def test_a_stream_that_was_not_asked_for_meanwhile_is_a_gap(
    beleg: Beleg, source: Path, server: Server
) -> None:
    server.post(1, "eins")
    collect(beleg)
    settings = source / "beleg.toml"
    text = settings.read_text()
    settings.write_text(text.replace('only = ["*"]', 'only = ["direct"]'))
    assert collect(beleg, code=3)["gaps"] == 1
    assert collect(beleg)["gaps"] == 0, "told once"
    server.post(2, "zwei")
    settings.write_text(text)
    told = collect(beleg, code=3)
    assert (told["items"], told["gaps"]) == (1, 1)
    assert collect(beleg)["gaps"] == 0
    (found,) = beleg("coverage", "--json").json["sources"]
    assert any("what came and went in between is not known" in why for why in found["because"])
