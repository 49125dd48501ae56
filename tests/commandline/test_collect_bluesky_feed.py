"""The public feed of a Bluesky account, replayed in the shape of its lexicon: pages, versions, what is gone."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.commandline.conftest import Beleg, replayed

DID = "did:plc:werk"


class View:
    """What an AppView knows of one account; it gives ten posts a page."""

    def __init__(self) -> None:
        self.posts: dict[str, dict[str, Any]] = {}
        self.number = 0
        self.asked: list[str] = []
        self.again = False
        self.did = DID

    def post(self, words: str) -> str:
        self.number += 1
        uri = f"at://{DID}/app.bsky.feed.post/3k2yih{self.number:07d}".replace("0", "a").replace("1", "b")
        self.posts[uri] = self.shaped(uri, words)
        return uri

    def edit(self, uri: str, words: str) -> None:
        self.posts[uri] = self.shaped(uri, words)

    def shaped(self, uri: str, words: str) -> dict[str, Any]:
        record = {"$type": "app.bsky.feed.post", "text": words, "createdAt": "2026-03-02T09:00:00.000Z"}
        author = {"did": DID, "handle": "werk.example", "displayName": "Werk"}
        cid = f"bafyrei{abs(hash(words)):020d}"
        return {
            "uri": uri,
            "cid": cid,
            "author": author,
            "record": record,
            "indexedAt": "2026-03-02T09:00:01.000Z",
        }

    def answer(self, request: httpx.Request) -> httpx.Response:
        assert "Authorization" not in request.headers
        method, asked = request.url.path.rpartition("/")[2], request.url.params
        self.asked.append(method)
        if method == "app.bsky.actor.getProfile":
            return httpx.Response(
                200, json={"did": self.did, "handle": "werk.example", "postsCount": len(self.posts)}
            )
        if method == "app.bsky.feed.getPosts":
            found = [self.posts[uri] for uri in asked.get_list("uris") if uri in self.posts]
            return httpx.Response(200, json={"posts": found})
        if asked["actor"] != "werk.example":
            return httpx.Response(400, json={"error": "ActorNotFound", "message": "x"})
        newest = list(reversed(self.posts.values()))
        start = int(asked.get("cursor", "0").partition("__")[0])
        told: dict[str, Any] = {"feed": [{"post": one} for one in newest[start : start + 10]]}
        if len(newest) > start + 10:
            told["cursor"] = "10__x" if self.again else f"{start + 10}__x"
        return httpx.Response(200, json=told)


@pytest.fixture
def view(monkeypatch: pytest.MonkeyPatch) -> View:
    said = View()
    replayed(monkeypatch, said.answer)
    return said


@pytest.fixture
def source(beleg: Beleg, archive: Path, view: View) -> Path:
    done = beleg("source", "add", "werk", "bluesky-feed", "--account", "werk.example")
    assert done.code == 0, done.err
    return archive


def collect(beleg: Beleg, code: int = 0) -> dict[str, Any]:
    done = beleg("collect", "werk", "--json")
    assert done.code == code, (done.out, done.err)
    return done.json[0]  # type: ignore[no-any-return]


def test_pages_versions_and_what_is_gone(beleg: Beleg, source: Path, view: View) -> None:
    posts = [view.post(f"Nummer {number:02d}") for number in range(25)]
    told = collect(beleg)
    assert (told["items"], told["failed"], told["gaps"]) == (25, 0, 0)
    (count,) = beleg("coverage", "--json").json["sources"][0]["counts"]
    assert (count["expected"], count["found"]) == (25, 25)
    assert collect(beleg)["items"] == 0
    view.edit(posts[3], "Fünf Jahre Garantie")
    del view.posts[posts[5]]
    view.post("Neu")
    told = collect(beleg)
    assert (told["items"], told["changed"], told["failed"]) == (3, 1, 0)
    hits = beleg("search", "channel:bluesky", "--json", "--limit", "100").json["hits"]
    assert [hit["text"] for hit in hits if hit["event"] == "edited"] == ["Fünf Jahre Garantie"]
    assert [hit["text"] for hit in hits if hit["deleted"] and hit["text"]] == ["Nummer 05"]
    assert collect(beleg)["items"] == 0
    assert beleg("verify", "--level", "2").code == 0


def test_an_account_that_is_gone_and_pages_without_end(beleg: Beleg, source: Path, view: View) -> None:
    for number in range(25):
        view.post(f"Nummer {number:02d}")
    view.again = True
    assert "again and again" in collect(beleg, code=4)["stopped"]
    beleg("source", "add", "weg", "bluesky-feed", "--account", "gone.example")
    done = beleg("collect", "weg", "--json")
    assert done.code == 5
    assert "ActorNotFound" in done.json[0]["stopped"]


def test_a_handle_that_went_to_somebody_else_is_not_read_under_the_name_of_the_first(
    beleg: Beleg, source: Path, view: View
) -> None:
    view.post("Angebot")
    collect(beleg)
    view.did = "did:plc:fremd"
    view.post("Von einem anderen")
    assert "another one than before" in collect(beleg, code=5)["stopped"]
    assert beleg("search", "anderen", "--json").json["total"] == 0
