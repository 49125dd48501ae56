"""Microsoft Graph, replayed in the shapes of its documentation: delta links, throttling, 410, soft-deleted messages."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from tests.commandline.conftest import Beleg, replayed

HOST = "https://graph.microsoft.com/v1.0"
CHANNEL = "19:angebote@thread.tacv2"
CHAT = "19:einkauf-anna@unq.gbl.spaces"
TEAM = "11111111-2222-3333-4444-555555555555"


class Directory:
    """What a directory holds, and how Graph tells it. Every change has a number; a delta link names the last one."""

    def __init__(self) -> None:
        self.messages: dict[str, dict[str, Any]] = {}
        self.changed: dict[str, int] = {}
        self.number = 0
        self.tokens = 0
        self.secret = "app secret"
        self.expired = False
        self.throttled = 0
        self.refused: set[str] = set()
        self.others: list[dict[str, Any]] = []
        """Teams before ours."""
        self.hosted: dict[str, httpx.Response] = {}
        """By the path of the content."""
        self.asked: list[str] = []
        self.page = 2

    def _touch(self, ident: str) -> str:
        self.number += 1
        self.changed[ident] = self.number
        stamp = f"2026-03-02T09:{self.number // 60:02d}:{self.number % 60:02d}.123Z"
        self.messages[ident]["lastModifiedDateTime"] = stamp
        return stamp

    def post(self, words: str, where: str = CHANNEL, root: str | None = None) -> str:
        ident = str(1_772_442_000_000 + self.number)
        place = (
            {"channelIdentity": {"teamId": TEAM, "channelId": where}, "chatId": None}
            if where == CHANNEL
            else {"channelIdentity": None, "chatId": where}
        )
        self.messages[ident] = {
            "id": ident, "replyToId": root, "etag": ident, "messageType": "message", "createdDateTime": "",
            "lastModifiedDateTime": "", "lastEditedDateTime": None, "deletedDateTime": None, "subject": None,
            "importance": "normal", "locale": "de-de", **place,
            "from": {"user": {"id": "anna-id", "displayName": "Anna", "userIdentityType": "aadUser"}},
            "body": {"contentType": "text", "content": words}, "attachments": [], "mentions": [], "reactions": [],
        }  # fmt: skip
        self.messages[ident]["createdDateTime"] = self._touch(ident)
        if root:
            self.changed[root] = self.number
        return ident

    def edit(self, ident: str, words: str) -> None:
        self.messages[ident]["body"]["content"] = words
        self.messages[ident]["lastEditedDateTime"] = self._touch(ident)

    def delete(self, ident: str) -> None:
        """Graph keeps the message and takes its words."""
        self.messages[ident]["deletedDateTime"] = self._touch(ident)
        self.messages[ident]["body"] = {"contentType": "html", "content": ""}

    def answer(self, request: httpx.Request) -> httpx.Response:
        path, query = request.url.path, {k: v[0] for k, v in parse_qs(request.url.query.decode()).items()}
        self.asked.append(str(request.url))
        if path.endswith("/oauth2/v2.0/token"):
            form = {k: v[0] for k, v in parse_qs(request.content.decode()).items()}
            assert "Authorization" not in request.headers
            if form["client_secret"] != self.secret:
                return httpx.Response(
                    401, json={"error": "invalid_client", "error_description": "AADSTS7000215: …"}
                )
            self.tokens += 1
            return httpx.Response(
                200, json={"token_type": "Bearer", "expires_in": 3599, "access_token": "tok"}
            )
        assert request.headers["Authorization"] == "Bearer tok"
        if self.throttled:
            self.throttled -= 1
            return httpx.Response(429, headers={"Retry-After": "11"}, json=fault("TooManyRequests"))
        path = path.removeprefix("/v1.0")
        if any(word in path for word in self.refused):
            return httpx.Response(403, json=fault("Forbidden"))
        if path in self.hosted:
            return self.hosted[path]
        if path == "/teams":
            return self.values([*self.others, {"id": TEAM, "displayName": "Einkauf"}])
        if path == f"/teams/{TEAM}/channels":
            return self.values(
                [{"id": CHANNEL, "displayName": "Angebote"}, {"id": "19:kantine", "displayName": "X"}]
            )
        if path == "/users/anna@werk.example":
            return httpx.Response(200, json={"id": "anna-number", "userPrincipalName": "anna@werk.example"})
        if path == "/users/anna@werk.example/chats":
            return self.values([{"id": CHAT, "topic": None, "chatType": "oneOnOne"}])
        if path.endswith(("/messages/delta", "/getAllMessages/delta")):
            return self.delta(path, query)
        if path.endswith("/messages"):
            return self.listed(path, query)
        return httpx.Response(404, json=fault("ItemNotFound"))

    def of(self, path: str) -> list[dict[str, Any]]:
        chat = "/chats" in path
        return [one for one in self.messages.values() if bool(one["chatId"]) == chat]

    def shaped(self, one: dict[str, Any]) -> dict[str, Any]:
        if one["chatId"]:
            return one
        return {**one, "replies": [r for r in self.messages.values() if r["replyToId"] == one["id"]]}

    def delta(self, path: str, query: dict[str, str]) -> httpx.Response:
        since, start = int(query.get("$deltatoken", "0")), int(query.get("$skiptoken", "0"))
        if since and self.expired:
            return httpx.Response(410, json=fault("syncStateNotFound"))
        roots = [one for one in self.of(path) if not one["replyToId"] and self.changed[one["id"]] > since]
        told: dict[str, Any] = {
            "@odata.context": "x",
            "value": [self.shaped(o) for o in roots[start : start + self.page]],
        }
        if len(roots) > start + self.page:
            told["@odata.nextLink"] = f"{HOST}{path}?$deltatoken={since}&$skiptoken={start + self.page}"
        else:
            told["@odata.deltaLink"] = f"{HOST}{path}?$deltatoken={self.number}"
        return httpx.Response(200, json=told)

    def listed(self, path: str, query: dict[str, str]) -> httpx.Response:
        found = [one for one in self.of(path) if not one["replyToId"]]
        if "$filter" in query:
            since = query["$filter"].removeprefix("lastModifiedDateTime gt ")
            found = [one for one in found if one["lastModifiedDateTime"] > since]
        found.sort(key=lambda one: str(one["lastModifiedDateTime"]), reverse=True)
        start = int(query.get("$skiptoken", "0"))
        told: dict[str, Any] = {"value": [self.shaped(one) for one in found[start : start + self.page]]}
        if len(found) > start + self.page:
            told["@odata.nextLink"] = f"{HOST}{path}?$skiptoken={start + self.page}"
        return httpx.Response(200, json=told)

    @staticmethod
    def values(found: list[dict[str, Any]]) -> httpx.Response:
        return httpx.Response(200, json={"value": found})


def fault(code: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": "Anna may not", "innerError": {"request-id": "x"}}}


@pytest.fixture
def directory(monkeypatch: pytest.MonkeyPatch) -> Directory:
    said = Directory()
    replayed(monkeypatch, said.answer)
    monkeypatch.setenv("APP", said.secret)
    return said


def add(beleg: Beleg, *only: str) -> None:
    done = beleg(
        "source", "add", "werk", "teams", "--account", "anna@werk.example", "--secret", "env:APP",
        "--tenant", "werk.example", "--client", "app-id", *(word for one in only for word in ("--only", one)),
    )  # fmt: skip
    assert done.code == 0, done.err


def collect(beleg: Beleg, code: int = 0) -> dict[str, Any]:
    done = beleg("collect", "werk", "--json")
    assert done.code == code, (done.out, done.err)
    return done.json[0]  # type: ignore[no-any-return]


def words(beleg: Beleg, event: str = "posted") -> list[str]:
    hits = beleg("search", "channel:teams", "--json", "--limit", "1000").json["hits"]
    return sorted(hit["text"] for hit in hits if hit["event"] == event)


@pytest.mark.parametrize("only", ["Einkauf/Angebote", CHAT, "chats"])
def test_posts_edits_and_soft_deletions(beleg: Beleg, archive: Path, directory: Directory, only: str) -> None:
    where = CHANNEL if only.startswith("Einkauf") else CHAT
    add(beleg, only)
    posted = [directory.post(f"Nummer {number}", where) for number in range(5)]
    directory.post("Anderswo", CHAT if where == CHANNEL else CHANNEL)
    told = collect(beleg)
    assert (told["items"], told["failed"], told["gaps"]) == (5, 0, 0)
    assert collect(beleg)["items"] == 0
    directory.edit(posted[1], "Fünf Jahre Garantie")
    directory.delete(posted[2])
    directory.post("Neu", where)
    if where == CHANNEL:
        directory.post("Antwort", where, root=posted[0])
    told = collect(beleg)
    assert (told["items"], told["failed"], told["gaps"]) == (4 if where == CHANNEL else 3, 0, 0)
    assert words(beleg, "edited") == ["Fünf Jahre Garantie"]
    assert "Nummer 2" in words(beleg), "what was read before it was deleted stays"
    assert len(words(beleg, "deleted")) == 1
    assert "Anderswo" not in words(beleg)
    assert directory.tokens == 3, "one token a collection"
    assert beleg("verify", "--level", "2").code == 0


def test_a_delta_link_that_expired_is_a_gap_and_doubles_nothing(
    beleg: Beleg, archive: Path, directory: Directory
) -> None:
    add(beleg, "*/Angebote")
    for number in range(5):
        directory.post(f"Nummer {number}")
    collect(beleg)
    directory.expired = True
    directory.post("Neu")
    told = collect(beleg, code=3)
    assert (told["items"], told["gaps"]) == (1, 1)
    (thread,) = beleg("coverage", "--json").json["threads"]
    assert any("refuses the place" in why for why in thread["because"])
    directory.expired = False
    assert collect(beleg)["gaps"] == 0
    assert words(beleg) == ["Neu", *(f"Nummer {number}" for number in range(5))]


def test_throttling_is_obeyed_and_told(beleg: Beleg, archive: Path, directory: Directory) -> None:
    add(beleg, "*/Angebote")
    directory.post("eins")
    directory.throttled = 2
    told = collect(beleg)
    assert told["items"] == 1
    assert told["waited"] >= 22


def test_what_the_application_may_not_read_is_a_gap_once(
    beleg: Beleg, archive: Path, directory: Directory
) -> None:
    add(beleg, "*/Angebote", CHAT)
    directory.post("eins")
    directory.post("zwei", CHAT)
    directory.refused = {"/users/"}
    told = collect(beleg, code=3)
    assert (told["items"], told["gaps"]) == (1, 1)
    assert collect(beleg)["gaps"] == 0
    assert beleg("source", "test", "werk", "--json").code in (0, 3)
    directory.refused.clear()
    assert collect(beleg)["items"] == 1
    assert "Anna may not" not in json.dumps(beleg("coverage", "--json").json)


def test_a_team_that_is_refused_is_a_gap_once_and_stops_no_other(
    beleg: Beleg, archive: Path, directory: Directory
) -> None:
    add(beleg, "*/Angebote", "Einkauf/Gibt es nicht")
    directory.others = [{"id": "aaa", "displayName": "Vertrieb"}]
    directory.refused = {"/teams/aaa/"}
    directory.post("eins")
    told = collect(beleg, code=3)
    assert (told["items"], told["gaps"]) == (1, 1)
    assert collect(beleg)["gaps"] == 0
    tried = beleg("source", "test", "werk", "--json")
    assert tried.code == 3
    assert {"what": "team Vertrieb", "given": "no", "why": "HTTP 403, Forbidden"} in tried.json
    found = beleg("coverage", "--json").json
    assert found["sources"][0]["state"] == "partly"
    assert any("team Vertrieb" in why for why in found["sources"][0]["because"])
    directory.refused.clear()
    assert collect(beleg, code=3)["gaps"] == 1, "all is listed: now it is known what nothing is called"


def test_a_secret_that_ran_out_is_told_without_it(
    beleg: Beleg, archive: Path, directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(beleg, "*")
    monkeypatch.setenv("APP", "old secret")
    told = collect(beleg, code=5)
    assert "invalid_client" in told["stopped"]
    assert "old secret" not in json.dumps(told)


def test_links_that_lead_elsewhere_or_nowhere_are_not_followed(
    beleg: Beleg, archive: Path, directory: Directory
) -> None:
    add(beleg, "*/Angebote")
    directory.post("eins")
    there = {"value": [], "@odata.nextLink": "https://evil.example/steal"}
    directory.listed = lambda *_: httpx.Response(200, json=there)  # type: ignore[method-assign]
    assert "another server" in collect(beleg, code=4)["stopped"]
    assert not any("evil" in url for url in directory.asked)
    directory.listed = lambda *_: httpx.Response(200, json={"value": []})  # type: ignore[method-assign]
    directory.delta = lambda *_: httpx.Response(200, json={"value": []})  # type: ignore[method-assign]
    assert "nowhere" in collect(beleg, code=4)["stopped"]


def test_what_would_be_read_is_told(beleg: Beleg, archive: Path, directory: Directory) -> None:
    add(beleg, "*/Angebote")
    rows = {one["what"]: one["given"] for one in beleg("source", "test", "werk", "--json").json}
    assert rows["channel Einkauf/Angebote"] == "yes"
    assert rows["channel Einkauf/X"] == "left out"
    assert not any("messages" in url for url in directory.asked), "nothing is read for that"


def shows(directory: Directory, ident: str, *urls: str) -> None:
    """Let the words of a message show images."""
    told = "".join(f'<img alt="x" src="{url}" style="w">' for url in urls)
    directory.messages[ident]["body"] = {"contentType": "html", "content": f"<p>Siehe Bild</p>{told}"}
    directory._touch(ident)


@pytest.mark.parametrize("where", [CHANNEL, CHAT])
def test_images_that_were_pasted_come_with_their_message(
    beleg: Beleg, archive: Path, directory: Directory, where: str
) -> None:
    add(beleg, "*")
    ident = directory.post("", where)
    reply = directory.post("", where, root=ident) if where == CHANNEL else directory.post("", where)
    place = f"/teams/{TEAM}/channels/{CHANNEL}" if where == CHANNEL else f"/chats/{CHAT}"
    below = f"{ident}/replies/{reply}" if where == CHANNEL else reply
    for at, number in ((ident, "aWQ9eF8w"), (below, "aWQ9eF8x")):
        path = f"{place}/messages/{at}/hostedContents/{number}/$value"
        directory.hosted[path] = httpx.Response(
            200, content=b"\x89PNG" + number.encode(), headers={"Content-Type": "image/png"}
        )
        shows(directory, at.rpartition("/")[2], HOST + path)
    assert collect(beleg)["gaps"] == 0
    hits = [
        hit for hit in beleg("search", "channel:teams", "--json").json["hits"] if hit["event"] == "posted"
    ]
    shown = [beleg("show", str(hit["number"]), "--json").json["item"]["attachments"] for hit in hits]
    assert [[one["state"] for one in found] for found in shown] == [["present"]] * 2
    assert {one["length"] for found in shown for one in found} == {12}
    assert beleg("verify", "--level", "2").code == 0


def test_what_a_message_names_as_an_image_is_asked_for_nowhere_else(
    beleg: Beleg, archive: Path, directory: Directory
) -> None:
    add(beleg, "Einkauf/Angebote")
    ident = directory.post("")
    secret = "/users/chef@werk.example/messages/1/hostedContents/geheim/$value"
    directory.hosted[secret] = httpx.Response(200, content=b"x", headers={"Content-Type": "image/png"})
    page = f"/teams/{TEAM}/channels/{CHANNEL}/messages/{ident}/hostedContents/seite/$value"
    directory.hosted[page] = httpx.Response(200, content=b"<html>", headers={"Content-Type": "text/html"})
    shows(
        directory, ident, HOST + secret, HOST + page, "https://evil.example/hostedContents/x/$value",
        f"{HOST}/users?x=hostedContents", f"{HOST}/hostedContents/../../users/$value",
    )  # fmt: skip
    told = collect(beleg, code=3)
    assert told["gaps"] == 2, "what could not be had is a gap, by the list and by the first delta"
    asked = [url for url in directory.asked if "hostedContents" in url]
    assert all(f"/messages/{ident}/hostedContents/" in url for url in asked)
    assert not any("evil" in url or "chef" in url for url in directory.asked)
    gaps = [gap for one in beleg("coverage", "--json").json["threads"] for gap in one["gaps"]]
    assert "pasted images" in gaps[0]["reason"]


def test_the_view_of_another_person_is_another_source(
    beleg: Beleg, archive: Path, directory: Directory
) -> None:
    add(beleg, "Einkauf/Angebote")
    directory.post("Nur von Anna gelesen")
    collect(beleg)
    settings = archive / "beleg.toml"
    settings.write_text(settings.read_text().replace("anna@werk.example", "bernd@werk.example"))
    assert "a name of its own" in collect(beleg, code=5)["stopped"]
