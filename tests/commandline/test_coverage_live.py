"""What coverage says of live sources: whole where nothing is missing, and every gap at its thread."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from archive.services.coverage.threads import newest_looks
from schemas.capture import Advance, RunReport
from tests.commandline.conftest import Beleg, replayed

ROOM = "!angebote:werk.example"


class Home:
    """A home server with one room and one message."""

    joined = True

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path.endswith("/joined_rooms"):
            return httpx.Response(200, json={"joined_rooms": [ROOM] if self.joined else []})
        if not path.endswith("/messages"):
            return httpx.Response(404, json={"errcode": "M_NOT_FOUND"})
        if request.url.params["dir"] == "b":
            return httpx.Response(200, json={"chunk": [], "start": "t9"})
        event = {
            "type": "m.room.message", "event_id": "$1", "room_id": ROOM, "sender": "@lieferant:werk.example",
            "origin_server_ts": 1740992400000, "content": {"msgtype": "m.text", "body": "Fünf Jahre Garantie"},
        }  # fmt: skip
        first = "from" not in request.url.params
        return httpx.Response(200, json={"chunk": [event] if first else [], "start": "t1"})


@pytest.fixture
def home(beleg: Beleg, archive: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    home = Home()
    replayed(monkeypatch, home.answer)
    monkeypatch.setenv("TOKEN", "t")
    assert beleg(
        "source", "add", "werk", "matrix", "--url", "https://matrix.example", "--account", "@e:werk.example",
        "--secret", "env:TOKEN", "--only", "*",
    ).code == 0  # fmt: skip
    assert beleg("collect", "werk", "--json").json[0]["items"] == 1
    return home


def thread(beleg: Beleg) -> dict[str, Any]:
    (one,) = beleg("coverage", "--json").json["threads"]
    return one  # type: ignore[no-any-return]


def test_a_room_that_was_read_without_holes_is_covered(beleg: Beleg, home: Home) -> None:
    assert thread(beleg)["state"] == "covered"


def test_a_gap_is_told_at_its_thread_also_where_its_run_brought_nothing_of_it(
    beleg: Beleg, home: Home
) -> None:
    home.joined = False
    assert beleg("collect", "werk").code == 3
    told = thread(beleg)
    assert told["state"] == "partly"
    assert any("no member any more" in gap["reason"] for gap in told["gaps"])
    assert "missing" in {one["state"] for one in told["stretches"]}


def test_the_newest_look_is_the_one_that_was_sealed_last_whatever_a_clock_said() -> None:
    def run(number: str, ended: str, outcome: str) -> RunReport:
        return RunReport(
            id=number, source="werk", started=ended, ended=ended, outcome=outcome, tool="t", parsers=(),
            settings_sha256="0" * 64, files=(), advance=Advance(after="0" * 64),
        )  # fmt: skip

    wrong = run("1", "2031-01-01T00:00:00Z", "done")
    failed = run("2", "2026-01-01T00:00:00Z", "stopped")
    assert newest_looks((wrong, failed))["werk"] is failed


@pytest.mark.parametrize(
    ("zone", "day", "start"),
    [
        ("Europe/Berlin", "2026-01-31", "2026-01-30T23:00:00Z"),
        ("Europe/Berlin", "2026-03-30", "2026-03-29T22:00:00Z"),
        ("America/St_Johns", "2026-03-08", "2026-03-08T03:30:00Z"),
        ("Pacific/Kiritimati", "2026-01-01", "2025-12-31T10:00:00Z"),
        (None, "2026-01-31", "2026-01-31T00:00:00Z"),
    ],
)
def test_a_day_begins_as_it_does_where_the_archive_is(
    beleg: Beleg, archive: Path, zone: str | None, day: str, start: str
) -> None:
    settings = archive / "beleg.toml"
    lines = [line for line in settings.read_text().splitlines() if not line.startswith("timezone")]
    lines.insert(2, f'timezone = "{zone}"' if zone else "")
    settings.write_text("\n".join(lines) + "\n")
    assert beleg("coverage", "--since", day, "--json").json["since"] == start


def test_a_page_is_written_over_nothing_and_into_no_place_of_the_archive(beleg: Beleg, archive: Path) -> None:
    before = (archive / "beleg.toml").read_bytes()
    assert beleg("coverage", "--page", archive / "beleg.toml").code == 2
    assert (archive / "beleg.toml").read_bytes() == before
    assert beleg("coverage", "--page", archive / "places" / "archive" / "page.html").code == 2
    assert not (archive / "places" / "archive" / "page.html").exists()
