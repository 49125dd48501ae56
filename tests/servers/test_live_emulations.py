"""Emulations of Slack and Mastodon, no real servers: what was said, edited and deleted, against the archive."""

from pathlib import Path
from typing import Any

import pytest

from tests.servers.emulation import Backlot, MastodonMock
from tests.servers.process import founded, start
from tests.servers.process import here as beleg

pytestmark = pytest.mark.long


def added(tmp_path: Path, *source: str) -> Path:
    folder = tmp_path / "archive"
    founded(folder)
    done = beleg(None, folder, "source", "add", "werk", *source)
    assert done.code == 0, done.err
    return folder


def collect(archive: Path, code: int = 0) -> dict[str, Any]:
    done = beleg(None, archive, "collect", "werk", "--json")
    assert done.code == code, (done.out, done.err)
    return done.json[0]  # type: ignore[no-any-return]


def told(archive: Path, word: str) -> list[tuple[str, str]]:
    done = beleg(None, archive, "search", word, "--json", "--limit", "1000")
    return sorted((hit["event"], hit["text"]) for hit in done.json["hits"])


def gone(archive: Path) -> list[str]:
    """The words of what the archive knows to be deleted."""
    hits = beleg(None, archive, "search", "zusage", "--json", "--limit", "1000").json["hits"]
    return sorted(hit["text"] for hit in hits if hit["deleted"])


def whole(archive: Path) -> None:
    assert beleg(None, archive, "verify", "--level", "2").code == 0


@pytest.fixture
def slack(tmp_path: Path, backlot: Backlot, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SLACK", backlot.token)
    return added(
        tmp_path, "slack", "--url", f"{backlot.url}/slack/api", "--account", "acme", "--secret", "env:SLACK",
        "--only", "general", "--full-hours", "1",
    )  # fmt: skip


def general(backlot: Backlot) -> str:
    listed = backlot.ask("GET", "/slack/api/conversations.list")["channels"]
    return next(str(one["id"]) for one in listed if one["name"] == "general")


def test_slack_threads_edits_deletions(slack: Path, backlot: Backlot) -> None:
    channel = general(backlot)
    price = backlot.say("chat.postMessage", channel=channel, text="Zusage 80 Euro")["ts"]
    wrong = backlot.say("chat.postMessage", channel=channel, text="Zusage falsch")["ts"]
    root = backlot.say("chat.postMessage", channel=channel, text="Zusage Frage")["ts"]
    backlot.say("chat.postMessage", channel=channel, text="Zusage Antwort", thread_ts=root)
    first = collect(slack)
    assert (first["failed"], first["gaps"]) == (0, 0)
    assert len(told(slack, "zusage")) == 4
    listed, cursor = 0, ""
    while True:
        page = backlot.ask(
            "GET", f"/slack/api/conversations.history?channel={channel}&limit=100&cursor={cursor}"
        )
        listed += len(page["messages"]) + sum(one.get("reply_count", 0) for one in page["messages"])
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            break
    assert first["items"] == listed, "all that the channel holds"
    again = collect(slack)
    assert (again["items"], again["seen_again"]) == (0, 0)

    backlot.say("chat.update", channel=channel, ts=price, text="Zusage 90 Euro")
    backlot.say("chat.delete", channel=channel, ts=wrong)
    backlot.say("chat.postMessage", channel=channel, text="Zusage spät", thread_ts=root)
    second = collect(slack)
    assert (second["items"], second["failed"], second["gaps"]) == (3, 0, 0)
    assert ("edited", "Zusage 90 Euro") in told(slack, "zusage")
    assert ("posted", "Zusage spät") in told(slack, "zusage")
    assert gone(slack) == ["Zusage falsch"]
    assert beleg(None, slack, "source", "test", "werk").code in (0, 3)
    whole(slack)


def test_a_collection_of_slack_that_is_killed_loses_and_doubles_nothing(
    slack: Path, backlot: Backlot
) -> None:
    """Not the server: what backlot is told it forgets when it ends."""
    channel = general(backlot)
    for number in range(250):
        backlot.say("chat.postMessage", channel=channel, text=f"{number:04d} Lieferung")
    process = start(None, slack, "collect", "werk", "--json")
    segments = slack / "places" / "archive" / "segments"
    while process.poll() is None and len(list(segments.glob("*"))) < 6:
        pass
    process.kill()
    process.communicate(timeout=120)
    collect(slack)
    assert told(slack, "lieferung") == [("posted", f"{number:04d} Lieferung") for number in range(250)]
    whole(slack)


@pytest.fixture
def mastodon(tmp_path: Path, mastodon_mock: MastodonMock, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOKEN", mastodon_mock.token)
    return added(
        tmp_path, "mastodon", "--url", mastodon_mock.url, "--account", "testuser", "--secret", "env:TOKEN",
        "--only", "statuses",
    )  # fmt: skip


def test_mastodon_edits_deletions_and_killed_in_the_middle(
    mastodon: Path, mastodon_mock: MastodonMock
) -> None:
    def post(words: str) -> str:
        return str(mastodon_mock.ask("POST", "/api/v1/statuses", {"status": words})["id"])

    price, wrong, kept = post("Zusage 80 Euro"), post("Zusage falsch"), post("Zusage bleibt")
    assert (kept, collect(mastodon)["items"]) == (kept, 3)
    assert collect(mastodon)["items"] == 0
    mastodon_mock.ask("PUT", f"/api/v1/statuses/{price}", {"status": "Zusage 90 Euro"})
    mastodon_mock.ask("DELETE", f"/api/v1/statuses/{wrong}")
    second = collect(mastodon)
    assert (second["failed"], second["gaps"]) == (0, 0)
    assert ("edited", "Zusage 90 Euro") in told(mastodon, "zusage")
    assert gone(mastodon) == ["Zusage falsch"]

    for number in range(150):
        post(f"{number:04d} Lieferung")
    process = start(None, mastodon, "collect", "werk", "--json")
    segments = mastodon / "places" / "archive" / "segments"
    before = len(list(segments.glob("*")))
    while process.poll() is None and len(list(segments.glob("*"))) < before + 2:
        pass
    mastodon_mock.kill()
    process.communicate(timeout=120)
    assert process.returncode in (0, 4)
    mastodon_mock.up()
    collect(mastodon)
    assert told(mastodon, "lieferung") == [("posted", f"{number:04d} Lieferung") for number in range(150)]
    whole(mastodon)
