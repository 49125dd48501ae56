"""Slack, Graph and feeds, replayed: answers that lie about what is behind them, and tokens that end in the middle."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.commandline.conftest import Beleg, replayed
from tests.commandline.test_collect_slack import Workspace, words
from tests.commandline.test_collect_slack import source as source
from tests.commandline.test_collect_slack import workspace as workspace
from tests.commandline.test_collect_teams import HOST, Directory, add, collect, fault


@pytest.fixture
def directory(monkeypatch: pytest.MonkeyPatch) -> Directory:
    """A directory of which each test replays its own answers."""
    said = Directory()
    monkeypatch.setenv("APP", said.secret)
    return said


def test_a_thread_that_says_there_is_more_without_a_cursor_is_read_to_its_end(
    beleg: Beleg, source: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = workspace.listed

    def without(said: list[dict[str, Any]], asked: dict[str, str], *, newest: bool) -> dict[str, Any]:
        told = listed(said, asked, newest=newest)
        told.pop("response_metadata", None)
        return told

    monkeypatch.setattr(workspace, "listed", without)
    root = workspace.post("Wurzel")
    for number in range(40):
        workspace.post(f"Antwort {number}", root=root)
    assert collect(beleg)["items"] == 41
    assert len(words(beleg)) == 41


@pytest.mark.parametrize("leads_to", ["itself", 5])
def test_replies_that_lead_nowhere_are_no_end_of_them(
    beleg: Beleg, archive: Path, directory: Directory, monkeypatch: pytest.MonkeyPatch, leads_to: object
) -> None:
    root = directory.post("Wurzel")
    for number in range(4):
        directory.post(f"Antwort {number}", root=root)
    link = f"{HOST}/replies?page=2"

    def answer(request: httpx.Request) -> httpx.Response:
        if "/replies" in request.url.path:
            following = link if leads_to == "itself" else leads_to
            return httpx.Response(200, json={"value": [], "@odata.nextLink": following})
        response = directory.answer(request)
        if "/messages" not in request.url.path:
            return response
        told = json.loads(response.content)
        told["value"] = [
            {**one, "replies": one["replies"][:2], "replies@odata.nextLink": link} for one in told["value"]
        ]
        return httpx.Response(200, json=told)

    replayed(monkeypatch, answer)
    add(beleg, "*/Angebote")
    assert "again to itself" in collect(beleg, code=4)["stopped"]


@pytest.mark.parametrize("times", [1, 9])
def test_a_token_that_ends_before_its_time_is_replaced_once(
    beleg: Beleg, archive: Path, directory: Directory, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    for number in range(5):
        directory.post(f"Nummer {number}")
    left = [times]

    def answer(request: httpx.Request) -> httpx.Response:
        if "skiptoken" in str(request.url) and left[0]:
            left[0] -= 1
            return httpx.Response(401, json=fault("InvalidAuthenticationToken"))
        return directory.answer(request)

    replayed(monkeypatch, answer)
    add(beleg, "*/Angebote")
    told = collect(beleg, code=0 if times == 1 else 5)
    assert told["items"] == (5 if times == 1 else 2)
    assert directory.tokens == 2, "a login that is really refused is not asked for again and again"
    assert ("does not accept the login" in (told["stopped"] or "")) == (times > 1)


def test_a_feed_that_says_nothing_changed_unasked_has_shown_nothing(
    beleg: Beleg, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replayed(monkeypatch, lambda _: httpx.Response(304))
    assert beleg("source", "add", "werk", "feed", "--url", "https://werk.example/feed").code == 0
    assert "HTTP 304" in collect(beleg, code=4)["stopped"]
    (told,) = beleg("coverage", "--json").json["sources"]
    assert told["state"] == "missing"
