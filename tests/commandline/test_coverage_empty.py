"""What was looked at and empty stands in coverage: an expert asks whether somebody looked there."""

from pathlib import Path

import httpx
import pytest

from tests.commandline.conftest import Beleg, replayed
from tests.commandline.test_collect_mastodon import Server
from tests.commandline.test_collect_mastodon import server as server
from tests.commandline.test_collect_slack import Workspace
from tests.commandline.test_collect_slack import workspace as workspace
from tests.commandline.test_collect_teams import CHAT, Directory
from tests.commandline.test_collect_teams import add as add_teams
from tests.commandline.test_collect_teams import directory as directory
from tests.commandline.test_coverage_live import Home


def collected(beleg: Beleg, code: int = 0) -> int:
    done = beleg("collect", "werk", "--json")
    assert done.code == code, (done.out, done.err)
    return int(done.json[0]["items"])


def empty(beleg: Beleg) -> list[str]:
    return [one["name"] for one in beleg("coverage", "--json").json["sources"][0]["empty"]]


def add_slack(beleg: Beleg) -> None:
    beleg("source", "add", "werk", "slack", "--account", "Werk", "--secret", "env:SLACK", "--only", "*")


def test_a_channel_of_slack(beleg: Beleg, archive: Path, tmp_path: Path, workspace: Workspace) -> None:
    add_slack(beleg)
    workspace.post("Angebot")
    assert collected(beleg) == 1
    assert empty(beleg) == ["channel kantine (C0000002)"]
    told = "channel kantine (C0000002): nothing was in it when it was first looked at"
    assert told in beleg("coverage", "--page", tmp_path / "page.html").out
    assert told in (tmp_path / "page.html").read_text()
    runs = beleg("coverage", "--json").json["runs"]
    assert collected(beleg) == 0
    assert beleg("coverage", "--json").json["runs"] == runs, "it is told once"
    workspace.post("Speiseplan", channel="C0000002")
    assert collected(beleg) == 1
    assert len(beleg("coverage", "--json").json["threads"]) == 2


def test_a_channel_of_which_the_plan_shows_nothing_is_no_empty_one(
    beleg: Beleg, archive: Path, workspace: Workspace
) -> None:
    add_slack(beleg)
    workspace.post("Angebot")
    workspace.plan_hides.add(workspace.post("Speiseplan", channel="C0000002"))
    collected(beleg, code=3)
    assert empty(beleg) == []
    assert "the plan of the workspace hides older messages" in beleg("coverage").out
    assert collected(beleg) == 0, "the gap is told once"


def test_a_channel_and_a_chat_of_teams(beleg: Beleg, archive: Path, directory: Directory) -> None:
    add_teams(beleg, "Einkauf/*", CHAT)
    assert collected(beleg) == 0
    assert empty(beleg) == [
        "channel Einkauf/Angebote",
        "channel Einkauf/X",
        f"chat {CHAT}",
    ]
    directory.post("Angebot", CHAT)
    assert collected(beleg) == 1
    assert len(beleg("coverage", "--json").json["threads"]) == 1


def test_a_look_that_breaks_off_tells_it_at_its_end(
    beleg: Beleg, archive: Path, directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_teams(beleg, "*")
    directory.post("Angebot", CHAT)
    with monkeypatch.context() as down:
        down.setattr(Directory, "listed", lambda *_: httpx.Response(500, json={}))
        collected(beleg, code=4)
        assert empty(beleg) == []
    assert collected(beleg) >= 1
    assert "channel Einkauf/X" in empty(beleg)


def test_direct_conversations_of_mastodon(beleg: Beleg, archive: Path, server: Server) -> None:
    beleg(
        "source", "add", "werk", "mastodon", "--url", "https://social.example", "--account", "werk",
        "--secret", "env:TOKEN", "--only", "*",
    )  # fmt: skip
    server.post(1, "Angebot")
    collected(beleg, code=beleg("collect", "werk").code)
    assert empty(beleg) == ["direct conversations"]


class Rooms(Home):
    """A second room, in which nobody ever said anything."""

    leer = "!leer:werk.example"

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path.endswith("/joined_rooms"):
            rooms = super().answer(request).json()["joined_rooms"]
            return httpx.Response(200, json={"joined_rooms": [*rooms, self.leer]})
        if self.leer in path and path.endswith("/state/m.room.name"):
            return httpx.Response(200, json={"name": "Reklamationen"})
        if self.leer in path and path.endswith("/messages") and request.url.params["dir"] == "f":
            event = {
                "type": "m.room.create", "state_key": "", "event_id": "$c", "room_id": self.leer,
                "sender": self.owner, "origin_server_ts": 1_700_000_000_000, "content": {"room_version": "10"},
            }  # fmt: skip
            chunk = [] if "from" in request.url.params else [event]
            return httpx.Response(
                200, json={"chunk": chunk, "start": "t0", **({"end": "t1"} if chunk else {})}
            )
        return super().answer(request)


def test_a_room_of_matrix(beleg: Beleg, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replayed(monkeypatch, Rooms().answer)
    monkeypatch.setenv("TOKEN", "t")
    beleg(
        "source", "add", "werk", "matrix", "--url", "https://matrix.example", "--account", "@e:werk.example",
        "--secret", "env:TOKEN", "--only", "*",
    )  # fmt: skip
    assert collected(beleg) >= 1
    assert empty(beleg) == ["room Reklamationen (!leer:werk.example)"]
    collected(beleg)
    assert empty(beleg) == ["room Reklamationen (!leer:werk.example)"]
