"""What is remembered of collections, and told: nobody answered who did not, and nothing is lost on the way."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from archive.adapters.lock_file import LockFile
from archive.services.collect.memory import SourceMemory
from tests.commandline.conftest import Beleg
from tests.commandline.test_collect import Site, feed
from tests.commandline.test_collect import site as site
from tests.commandline.test_collect import source as source
from tests.servers.process import PROGRAM, ROOT


def memory(archive: Path, name: str = "werk") -> Path:
    return archive / "workspace" / "collecting" / f"{name}.json"


def row(beleg: Beleg, name: str = "werk") -> dict[str, object]:
    return next(one for one in beleg("status", "--json").json["sources"] if one["name"] == name)


def test_a_source_that_was_not_asked_has_not_answered(beleg: Beleg, source: Path) -> None:
    Site.body, Site.status = b"", 404
    assert beleg("collect", "werk").code == 4
    before = row(beleg)
    assert before["failing_since"]
    assert before["answered"] is None
    with LockFile(source / "workspace" / "collecting" / "werk.lock", lambda _: None).at_once():
        assert beleg("collect", "werk").code == 5
        assert beleg("collect", "werk", "--due", "--json").json == [], (
            "whoever collects from it now is enough"
        )
    after = row(beleg)
    assert (after["failing_since"], after["answered"]) == (before["failing_since"], None)


def test_a_source_that_asks_for_rest_is_left_alone(
    beleg: Beleg, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Site.body, Site.status = b"", 429
    monkeypatch.setattr(Site, "rest", "7200")
    assert beleg("collect", "werk", "--json").json[0]["wants_rest"] == 7200
    asked = len(Site.asked)
    again = beleg("collect", "werk", "--json")
    assert again.code == 4
    assert "left alone until" in again.json[0]["stopped"]
    assert beleg("collect", "--all", "--due", "--json").json == []
    assert len(Site.asked) == asked
    told = json.loads(memory(source).read_text())
    told["rests_until"] = "2090-01-01T00:00:00Z"
    memory(source).write_text(json.dumps(told))
    assert "left alone" not in beleg("collect", "werk", "--json").json[0]["stopped"], (
        "no word is good for years"
    )


def test_a_clock_that_was_wrong_once_stops_nothing() -> None:
    now = datetime(2026, 3, 2, 8, tzinfo=UTC)
    ahead = (now + timedelta(days=900)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert SourceMemory(asked=ahead).is_due(now, 60)
    days = [(now - timedelta(days=day)).strftime("%Y-%m-%dT%H:%M:%SZ") for day in range(40, 30, -1)]
    assert SourceMemory(news=[*days, ahead]).is_late(now)


def test_what_nobody_took_is_told_again(beleg: Beleg, source: Path, tmp_path: Path) -> None:
    told, program = tmp_path / "told", tmp_path / "tell.sh"
    settings = source / "beleg.toml"
    settings.write_text(f'{settings.read_text()}\n[alerts]\ncommand = ["{program}"]\n')
    Site.body, Site.status = b"", 404
    assert "an alert was not taken" in beleg("collect", "werk").err
    assert "1 alerts were taken by nobody" in beleg("status").out
    program.write_text(f"#!/bin/sh\ncat >> '{told}'\n")
    program.chmod(0o755)
    for _ in range(2):
        assert beleg("collect", "werk").code == 4
    assert told.read_text() == "werk cannot be read: 127.0.0.1: it answers HTTP 404\n"


def test_a_source_that_nobody_asks_any_more_is_seen_at_a_glance(beleg: Beleg, source: Path) -> None:
    Site.body = feed(("1", "eins"))
    assert beleg("collect", "werk").code == 0
    assert "does collection run" not in beleg("status").out
    told = json.loads(memory(source).read_text())
    told["asked"] = (datetime.now(UTC) - timedelta(hours=9)).isoformat()
    memory(source).write_text(json.dumps(told))
    assert "does collection run" in beleg("status").out


def test_when_somebody_asks_again_after_long_it_is_told(beleg: Beleg, source: Path, tmp_path: Path) -> None:
    told = tmp_path / "told"
    settings = source / "beleg.toml"
    settings.write_text(f'{settings.read_text()}\n[alerts]\ncommand = ["/usr/bin/tee", "{told}"]\n')
    Site.body = feed(("1", "eins"))
    assert beleg("collect", "werk").code == 0
    assert beleg("collect", "werk").code == 0
    assert not told.exists()
    remembered = json.loads(memory(source).read_text())
    for asked, alerts in ((-7, 1), (900, 1)):
        remembered["asked"] = (datetime.now(UTC) + timedelta(days=asked)).strftime("%Y-%m-%dT%H:%M:%SZ")
        memory(source).write_text(json.dumps(remembered))
        assert beleg("collect", "werk").code == 0
        assert told.read_text().count("asked by nobody from") == alerts
        assert beleg("collect", "werk").code == 0


@pytest.mark.parametrize("how", [("--all",), ("--all", "--due"), ("--all", "--loop")])
def test_that_nothing_can_be_collected_is_told_once_and_when_it_is_over(
    beleg: Beleg, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: tuple[str, ...]
) -> None:
    told = tmp_path / "told"
    settings = source / "beleg.toml"
    settings.write_text(f'{settings.read_text()}\n[alerts]\ncommand = ["/usr/bin/tee", "-a", "{told}"]\n')
    Site.body = feed(("1", "eins"))
    (source / "places").rename(tmp_path / "away")
    assert beleg("collect", *how).code == 4
    assert beleg("collect", *how).code == 4
    assert told.read_text().count("nothing can be collected") == 1
    if (source / "places").exists():
        shutil.rmtree(source / "places")
    (tmp_path / "away").rename(source / "places")
    with monkeypatch.context() as patched:
        patched.setenv("BELEG_PASSPHRASE", "a wrong one")
        assert beleg("collect", *how).code == 5
    assert told.read_text().count("nothing can be collected") == 2, "another reason"
    assert beleg("collect", "--all").code == 0
    assert beleg("collect", "--all").code == 0
    assert told.read_text().count("collection runs again") == 1


def test_figures_that_cannot_be_written_stop_nothing(beleg: Beleg, source: Path) -> None:
    settings = source / "beleg.toml"
    text = settings.read_text()
    settings.write_text(text.replace("\n[places]", '\nmetrics = "nowhere/beleg.prom"\n\n[places]'))
    Site.body = feed(("1", "Fünf Jahre Garantie"))
    done = beleg("collect", "werk")
    assert done.code == 0
    assert "figures could not be written" in done.err
    assert beleg("search", "Garantie", "--json").json["total"] == 1
    settings.write_text(text.replace("\n[places]", '\nmetrics = "beleg.prom"\n\n[places]'))
    assert beleg("source", "add", "zwei", "feed", "--url", "http://127.0.0.1:9/f").code == 0
    beleg("collect", "zwei")
    beleg("source", "remove", "zwei")
    beleg("source", "add", "drei", "feed", "--url", "http://127.0.0.1:9/f")
    beleg("collect", "werk")
    assert 'source_up{source="drei"}' not in (source / "beleg.prom").read_text(), "nobody knows yet"
    assert "zwei" not in (source / "beleg.prom").read_text(), "who is not asked any more has no figures"


def test_a_slow_collection_forgets_nothing_of_the_others(
    beleg: Beleg, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, go_on = Event(), Event()
    monkeypatch.setattr(Site, "body", feed(("1", "eins")))

    def hold() -> None:
        asked.set()
        go_on.wait(60)

    monkeypatch.setattr(Site, "hold", staticmethod(hold))
    slow = subprocess.Popen(
        [*PROGRAM, "collect", "werk", "--archive", str(source)], env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert asked.wait(60)
    beleg("source", "add", "zwei", "feed", "--url", "http://127.0.0.1:9/f")
    assert beleg("collect", "zwei").code == 4
    go_on.set()
    assert slow.wait(120) == 0
    assert row(beleg, "zwei")["failing_since"]
    assert row(beleg)["answered"]


class Pauses(Event):
    """A stop that something happens in each pause before, and that comes when nothing more is to happen."""

    def __init__(self, *happens: Callable[[], object]) -> None:
        super().__init__()
        self.happens: Iterator[Callable[[], object]] = iter(happens)

    def wait(self, timeout: float | None = None) -> bool:
        happens = next(self.happens, None)
        if happens is None:
            return True
        happens()
        return False


def test_a_loop_follows_the_settings_and_outlives_what_breaks(
    beleg: Beleg, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Site.body = feed(("1", "eins"))
    settings = source / "beleg.toml"
    good = settings.read_text()

    def swap() -> None:
        settings.write_text(good.replace("[sources.werk]", "[sources.neu]"))

    def spoil() -> None:
        settings.write_text("nothing = [")

    def mend() -> None:
        settings.write_text(good)

    clock, steps = [0.0], [swap, spoil, mend]
    monkeypatch.setattr("archive.services.collect.loop.Timetable.__init__.__defaults__", (lambda: clock[0],))

    def each(step: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            clock[0] += 1e6
            step()

        return run

    monkeypatch.setattr("cli.commands.collect._stopped_by_signal", lambda: Pauses(*map(each, steps)))
    done = beleg("collect", "--all", "--loop", "--json")
    assert done.code == 0, done.err
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert [line.get("source") for line in lines if "source" in line] == ["werk", "neu", "werk"]
    problems = [line["problem"] for line in lines if "problem" in line]
    assert ["TOML" in one for one in problems] == [True], problems
    assert all(line["at"].endswith("Z") for line in lines)


def test_what_a_loop_logs_is_json_too(beleg: Beleg, source: Path) -> None:
    Site.body = feed(("1", "eins"))
    memory(source).parent.mkdir(parents=True, exist_ok=True)
    memory(source).write_text("nothing of ours")
    process = subprocess.Popen(
        [*PROGRAM, "collect", "--all", "--loop", "--json", "--archive", str(source)], text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["items"] == 1
    process.terminate()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0
    (line,) = err.splitlines()
    assert "learnt anew" in json.loads(line)["problem"]


def test_a_long_round_tells_what_it_knows_before_its_last_source(
    beleg: Beleg, source: Path, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.commands.collect.LONG", 0.0)
    settings = source / "beleg.toml"
    settings.write_text(f'metrics = "beleg.prom"\n{settings.read_text()}')
    assert beleg("source", "add", "zwei", "feed", "--url", site).code == 0
    figures, known = source / "beleg.prom", []
    monkeypatch.setattr(Site, "hold", staticmethod(lambda: known.append(figures.exists())))
    Site.body = feed(("1", "eins"))
    assert beleg("collect", "--all").code == 0
    assert known == [False, True]


def test_the_list_of_sources_knows_of_looks_without_news(beleg: Beleg, source: Path) -> None:
    Site.body = feed(("1", "eins"))
    assert beleg("collect", "werk").code == 0
    told = json.loads(memory(source).read_text())
    memory(source).write_text(json.dumps({**told, "answered": "2999-01-01T00:00:00Z"}))
    assert beleg("source", "list", "--json").json[0]["seen"] == "2999-01-01T00:00:00Z"
    memory(source).unlink()
    assert beleg("source", "list", "--json").json[0]["seen"][:2] == "20"
