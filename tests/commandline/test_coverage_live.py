"""What coverage says of live sources: whole where nothing is missing, and every gap at its thread."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest

from archive.services.collect.haul import seal_haul
from archive.services.coverage.disclosed import of_no_conversation
from archive.sources import fits
from schemas.coverage import RunCoverage
from tests.commandline.conftest import Beleg, replayed

ROOM = "!angebote:werk.example"


class Home:
    """A home server with one room and one message."""

    joined = True
    pages = 1
    circles = False
    heir = ""
    owner = "@e:werk.example"
    said = datetime.now(UTC)
    content: ClassVar[dict[str, Any]] = {"msgtype": "m.text", "body": "Fünf Jahre Garantie"}

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path.endswith("/joined_rooms"):
            return httpx.Response(200, json={"joined_rooms": [ROOM] if self.joined else []})
        if "/media/" in path:
            return httpx.Response(200, content=b"words", headers={"Content-Type": "text/plain"})
        if not path.endswith("/messages"):
            who = {"user_id": self.owner}
            return (
                httpx.Response(200, json=who)
                if path.endswith("/whoami")
                else httpx.Response(404, json={"errcode": "M_NOT_FOUND"})
            )
        if request.url.params["dir"] == "b":
            return httpx.Response(200, json={"chunk": [], "start": "t9"})
        event = {
            "type": "m.room.message", "event_id": "$1", "room_id": ROOM, "sender": "@lieferant:werk.example",
            "origin_server_ts": int(self.said.timestamp() * 1000), "content": self.content,
        }  # fmt: skip
        if self.heir:
            event |= {"type": "m.room.tombstone", "state_key": "", "content": {"replacement_room": self.heir}}
        place = int(request.url.params.get("from", "t0")[1:])
        if self.circles:
            return httpx.Response(200, json={"chunk": [event], "start": "t0", "end": "t1"})
        if place >= self.pages:
            return httpx.Response(200, json={"chunk": [], "start": f"t{place}"})
        event |= {"event_id": f"${place + 1}"}
        return httpx.Response(200, json={"chunk": [event], "start": f"t{place}", "end": f"t{place + 1}"})


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


def thread(beleg: Beleg, source: str = "werk") -> dict[str, Any]:
    (one,) = [one for one in beleg("coverage", "--json").json["threads"] if source in one["sources"]]
    return one  # type: ignore[no-any-return]


def of_source(beleg: Beleg, *options: str) -> dict[str, Any]:
    (one,) = beleg("coverage", *options, "--json").json["sources"]
    return one  # type: ignore[no-any-return]


def test_a_room_that_was_read_without_holes_is_covered(beleg: Beleg, home: Home) -> None:
    assert thread(beleg)["state"] == "covered"


def test_what_came_and_went_before_the_first_look_is_not_covered(
    beleg: Beleg, archive: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, covered = of_source(beleg)["stretches"]
    assert (before["state"], covered["state"]) == ("partly", "covered")
    assert "nobody looked before" in before["because"][0]
    assert before["end"] == covered["start"] == of_source(beleg)["looked"]
    home.said, home.pages = datetime(2025, 3, 3, 9, tzinfo=UTC), 2
    monkeypatch.setattr("tests.commandline.test_coverage_live.ROOM", "!alt:werk.example")
    assert beleg("collect", "werk").code == 3
    (told,) = [one for one in beleg("coverage", "--json").json["threads"] if one["thread"]["id"] == ROOM]
    assert told["state"] == "partly"
    assert {one["state"] for one in told["stretches"]} == {"partly"}, "not covered before somebody looked"
    assert any("no look before" in why for why in told["because"])


def test_time_before_the_first_look_that_nobody_asks_about_does_not_count(
    beleg: Beleg, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    for hours in (6, 12, 18, 24, 30):
        later = now + timedelta(hours=hours)
        monkeypatch.setattr("archive.wiring.clock", lambda later=later: later)
        assert beleg("collect", "werk").code == 0
    assert of_source(beleg)["state"] == "partly"
    day = (now + timedelta(hours=26)).date().isoformat()
    assert of_source(beleg, "--since", day)["state"] == "covered"


def test_a_gap_is_told_at_its_thread_also_where_its_run_brought_nothing_of_it(
    beleg: Beleg, home: Home
) -> None:
    home.joined = False
    assert beleg("collect", "werk").code == 3
    told = thread(beleg)
    assert told["state"] == "partly"
    assert any("no member any more" in gap["reason"] for gap in told["gaps"])
    assert "missing" in {one["state"] for one in told["stretches"]}


def test_a_haul_that_two_runs_read_is_live_in_both(beleg: Beleg, home: Home) -> None:
    name = "../odd\n.txt"
    home.content = {"msgtype": "m.file", "body": name, "url": "mxc://werk.example/1"}  # type: ignore[misc]
    beleg("source", "add", "zwei", "matrix", "--url", "https://matrix.example", "--account", "e",
          "--secret", "env:TOKEN", "--only", "*")  # fmt: skip
    told = beleg("collect", "zwei", "--json").json[0]
    assert (told["items"], told["failed"]) == (1, 1)
    (one,) = [one for one in beleg("coverage", "--json").json["threads"] if "zwei" in one["sources"]]
    assert not any("exports" in why for why in one["because"])


def test_what_only_names_in_vain_is_a_gap_once_and_told_when_it_is_tried(
    beleg: Beleg, archive: Path, home: Home
) -> None:
    settings = archive / "beleg.toml"
    settings.write_text(settings.read_text().replace('only = ["*"]', 'only = ["*", "[Verkauf]*", "Einkuaf"]'))
    tried = beleg("source", "test", "werk")
    assert tried.code == 3
    assert "`only` names Einkuaf" in tried.out
    done = beleg("collect", "werk", "--json")
    assert (done.code, done.json[0]["gaps"]) == (3, 2)
    assert "Einkuaf" not in done.out, "logs name no channels"
    assert beleg("collect", "werk", "--json").json[0]["gaps"] == 0, "told once"
    found = beleg("coverage", "--json").json
    assert found["sources"][0]["state"] == "partly"
    assert any("Einkuaf" in why for why in found["sources"][0]["because"])
    (run,) = [RunCoverage.model_validate_json(json.dumps(one)) for one in found["lacking"]]
    assert not list(of_no_conversation([run])), "what goes out names no other conversation"
    settings.write_text(settings.read_text().replace('"[Verkauf]*", "Einkuaf"', ROOM.join('""')))
    assert beleg("source", "test", "werk").code == 0


def test_brackets_in_a_pattern_are_brackets() -> None:
    assert fits("[Gmail]/Gesendet", "[Gmail]/*")
    assert not fits("G/Gesendet", "[Gmail]/*")
    assert not fits("Privat", "Priva?")


def test_what_a_login_gives_is_never_kept_under_the_name_of_another_account(beleg: Beleg, home: Home) -> None:
    home.owner = "@anna:werk.example"
    beleg("source", "add", "neu", "matrix", "--url", "https://matrix.example", "--account", "@e:werk.example",
          "--secret", "env:TOKEN", "--only", "*")  # fmt: skip
    done = beleg("collect", "neu", "--json")
    assert (done.code, done.json[0]["items"]) == (5, 0)
    assert "not of the account" in done.json[0]["stopped"]
    assert "anna" not in done.out


def test_another_account_does_not_go_on_where_one_ended(beleg: Beleg, archive: Path, home: Home) -> None:
    home.owner = "@anna:werk.example"
    settings = archive / "beleg.toml"
    settings.write_text(settings.read_text().replace("@e:werk.example", home.owner))
    told = beleg("collect", "werk", "--json")
    assert (told.code, told.json[0]["items"]) == (5, 0)
    assert "a name of its own" in told.json[0]["stopped"]


def test_a_source_that_beleg_toml_names_no_more_is_what_it_was(beleg: Beleg, home: Home) -> None:
    before = beleg("coverage", "--json").json["sources"][0]
    assert before["never"]
    beleg("source", "remove", "werk")
    after = beleg("coverage", "--json").json["sources"][0]
    assert (after["kind"], after["never"]) == ("matrix", before["never"])


def test_a_source_that_no_run_has_shown_since_is_missing_from_then_on(beleg: Beleg, home: Home) -> None:
    assert {one["state"] for one in of_source(beleg, "--since", "1d")["stretches"]} == {"partly", "covered"}
    (source,) = beleg("coverage", "--since", "2999-01-01", "--json").json["sources"]
    assert source["state"] == "missing"
    assert source["stretches"][-1]["start"] == source["seen"]


def test_what_is_handed_in_under_the_name_of_a_source_is_no_look(
    beleg: Beleg, home: Home, tmp_path: Path
) -> None:
    home.owner = "@anna:werk.example"
    assert beleg("collect", "werk").code == 5
    (before,) = beleg("coverage", "--json").json["sources"]
    assert before["stretches"][-1]["state"] == "missing"
    chat = tmp_path / "WhatsApp Chat mit Nord.txt"
    chat.write_text("[03.02.25, 09:15:41] Lieferant: Da habt ihr Garantie drauf\n")
    assert beleg("ingest", chat, "--mine", "Einkauf", "--source", "werk").code == 0
    (after,) = beleg("coverage", "--json").json["sources"]
    assert (after["state"], after["seen"], after["stretches"]) == (
        "partly",
        before["seen"],
        before["stretches"],
    )
    assert (before["items"], after["items"]) == (1, 2)


def test_a_conversation_was_last_shown_by_the_newest_whole_look_also_while_its_source_fails(
    beleg: Beleg, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    for hours in (5, 10):
        later = datetime.now(UTC) + timedelta(hours=hours)
        with monkeypatch.context() as patched:
            patched.setattr("archive.wiring.clock", lambda later=later: later)
            beleg("collect", "werk")
        home.owner = "@anna:werk.example"
    (source,) = beleg("coverage", "--json").json["sources"]
    assert source["looked"] < source["seen"] == thread(beleg)["seen"]


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


@pytest.mark.parametrize("cut", [1, 2])
def test_a_look_that_breaks_off_covers_nothing_until_one_comes_to_its_end(
    beleg: Beleg, home: Home, monkeypatch: pytest.MonkeyPatch, cut: int
) -> None:
    home.pages = 5
    beleg("source", "add", "neu", "matrix", "--url", "https://matrix.example", "--account", "e",
          "--secret", "env:TOKEN", "--only", "*")  # fmt: skip
    hauls = 0

    def crash(*given: Any, **named: Any) -> Any:
        nonlocal hauls
        hauls += 1
        if hauls > cut:
            raise MemoryError
        return seal_haul(*given, **named)

    with monkeypatch.context() as patched:
        patched.setattr("archive.services.collect.run.seal_haul", crash)
        assert beleg("collect", "neu").code == 1

    def told() -> tuple[str, set[str]]:
        found = beleg("coverage", "--json").json
        (source,) = [one for one in found["sources"] if one["source"] == "neu"]
        return source["state"], {one["state"] for one in found["threads"] if "neu" in one["sources"]}

    assert told() == ("partly", {"partly"})
    assert "not read to its end" in beleg("coverage").out
    assert beleg("collect", "neu", "--json").json[0]["items"] == 5 - cut
    assert told() == ("partly", {"covered"}), "of the source only what was before the first look is not known"
    sealed = beleg("status", "--json").json["size"]
    beleg("collect", "neu")
    assert beleg("status", "--json").json["size"] == sealed, "a look without news leaves nothing"


def test_a_time_in_which_nobody_looked_is_partly_covered(
    beleg: Beleg, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    for hours, seen in ((5, []), (5 + 7 * 24, ["partly"])):
        later = datetime.now(UTC) + timedelta(hours=hours)
        with monkeypatch.context() as patched:
            patched.setattr("archive.wiring.clock", lambda later=later: later)
            assert beleg("collect", "werk").code == 0
        (source,) = beleg("coverage", "--json").json["sources"]
        assert [one["state"] for one in source["stretches"] if "not read then" in one["because"][0]] == seen
        told = [
            why for why in thread(beleg)["because"] if why.startswith("no look at werk is on record from")
        ]
        assert len(told) == len(seen), (
            "the conversation says so too, for a bundle tells of conversations alone"
        )
        assert thread(beleg)["state"] == ("partly" if seen else "covered")
    (pause,) = [one for one in source["stretches"] if "not read then" in one["because"][0]]
    covered = [one for one in source["stretches"] if one["state"] == "covered"]
    assert covered[0]["end"] == pause["start"], "what was not read is not covered"
    assert all(one["start"] >= pause["end"] for one in covered[1:])
    assert (pause["start"], pause["end"]) in [
        (one["start"], one["end"]) for one in thread(beleg)["stretches"]
    ]
    assert told[0] in beleg("coverage").out


def test_what_nobody_looks_at_any_more_is_missing_since_then(
    beleg: Beleg, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = datetime.now(UTC) + timedelta(days=30)
    monkeypatch.setattr("archive.wiring.clock", lambda: later)
    done = beleg("coverage", "--json")
    (source,) = done.json["sources"]
    assert (done.code, source["state"]) == (3, "partly")
    assert [one["start"] for one in source["stretches"] if one["state"] == "missing"] == [source["seen"]]
    beleg("source", "remove", "werk")
    assert {one["state"] for one in of_source(beleg)["stretches"]} == {"partly", "covered"}, (
        "up to then, and nobody asks more"
    )


def another(beleg: Beleg) -> Any:
    """Read the same rooms as another source, from the beginning."""
    beleg("source", "add", "neu", "matrix", "--url", "https://matrix.example", "--account", "e",
          "--secret", "env:TOKEN", "--only", "*")  # fmt: skip
    return beleg("collect", "neu", "--json").json[0]


def test_a_server_that_gives_the_same_page_again_is_asked_no_more(beleg: Beleg, home: Home) -> None:
    home.circles = True
    told = another(beleg)
    assert told["hauls"] == 1
    assert "again to itself" in told["stopped"]


@pytest.mark.parametrize(("heir", "gaps"), [("!neu:werk.example", 1), (ROOM, 0)])
def test_a_room_that_goes_on_as_another_that_is_not_read_is_a_gap(
    beleg: Beleg, home: Home, heir: str, gaps: int
) -> None:
    home.heir = heir
    assert another(beleg)["gaps"] == gaps
    assert thread(beleg, "neu")["state"] == ("partly" if gaps else "covered")


def test_a_conversation_lacks_nothing_that_another_source_read_since(beleg: Beleg, home: Home) -> None:
    home.owner = "@anna:werk.example"
    assert beleg("collect", "werk").code == 5
    assert any("not read to its end" in why for why in thread(beleg)["because"])
    home.owner = "@e:werk.example"
    beleg("source", "add", "neu", "matrix", "--url", "https://matrix.example", "--account", "@e:werk.example",
          "--secret", "env:TOKEN", "--only", "*")  # fmt: skip
    assert beleg("collect", "neu").code == 0
    told = thread(beleg, "neu")
    assert told["sources"] == ["neu", "werk"]
    assert told["state"] == "covered", told["because"]


def test_a_clock_that_was_set_back_at_the_first_looks_covers_no_time(
    beleg: Beleg, archive: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    beleg("source", "add", "neu", "matrix", "--url", "https://matrix.example", "--account", "@e:werk.example",
          "--secret", "env:TOKEN", "--only", "*")  # fmt: skip
    home.said = now - timedelta(days=100)
    monkeypatch.setattr("tests.commandline.test_coverage_live.ROOM", "!neu:werk.example")

    def told() -> tuple[dict[str, Any], dict[str, Any]]:
        told = beleg("coverage", "--json").json
        source = next(one for one in told["sources"] if one["source"] == "neu")
        return source, next(one for one in told["threads"] if one["thread"]["id"] == ROOM)

    def collect_at(when: datetime) -> None:
        monkeypatch.setattr("archive.wiring.clock", lambda: when)
        assert beleg("collect", "neu").code == 0

    for hours in (0, 5, 10):
        collect_at(now - timedelta(days=365, hours=-hours))
    monkeypatch.setattr("archive.wiring.clock", lambda: now)
    source, room = told()
    assert (source["state"], source["looked"], room["state"]) == ("partly", None, "partly")
    assert any("clock was wrong" in why for one in source["stretches"] for why in one["because"])
    collect_at(now + timedelta(hours=2))
    source, room = told()
    assert source["looked"] == source["seen"]
    assert not [
        one for one in source["stretches"] if one["state"] == "covered" and one["start"] < source["looked"]
    ]
    assert any("no look before" in why for why in room["because"])


@pytest.mark.parametrize("years", [-5, 5])
def test_an_archive_that_was_founded_by_a_wrong_clock(
    beleg: Beleg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, years: int
) -> None:
    home = Home()
    home.said = datetime.now(UTC) - timedelta(days=100)
    replayed(monkeypatch, home.answer)
    monkeypatch.setenv("TOKEN", "t")
    with monkeypatch.context() as wrong:
        wrong.setattr("archive.wiring.clock", lambda: datetime.now(UTC) + timedelta(days=365 * years))
        assert beleg("init", tmp_path / "archive").code == 0
        beleg("source", "add", "werk", "matrix", "--url", "https://matrix.example", "--account", "@e:werk.example",
              "--secret", "env:TOKEN", "--only", "*")  # fmt: skip
        assert beleg("collect", "werk", "--json").json[0]["items"] == 1
    assert beleg("collect", "werk").code == 0
    told = beleg("coverage", "--json").json
    (source,), (room,) = told["sources"], told["threads"]
    assert source["looked"] == source["seen"], "the one look of which the time is known"
    assert [one["start"] for one in source["stretches"] if one["state"] == "covered"] == [source["seen"]]
    assert room["state"] == "partly"
    assert any("no look before" in why for why in room["because"])
    assert ("dated after now" in beleg("status").out) == (years > 0)
    assert beleg("verify").code == 0
