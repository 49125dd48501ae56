"""Times of which nobody knows the zone: the run says so, and a search by date does not pass over them in silence."""

from pathlib import Path

from tests.commandline.conftest import Beleg


def test_items_without_an_instant_are_told(beleg: Beleg, tmp_path: Path, chat: Path) -> None:
    beleg("init", tmp_path / "archive")
    done = beleg("ingest", chat)
    assert "3 items have a local time of unknown zone" in done.err
    assert "--timezone" in done.err
    found = beleg("search", "on:2025-02-03 OR garantie")
    assert "3 items have no known instant" in found.out
    found = beleg("search", "garantie NOT before:2025-01-01", "--json").json
    assert (found["total"], found["without_time"]) == (1, 3)
    assert beleg("search", "garantie", "--json").json["without_time"] == 0, "no date was asked for"

    again = beleg("ingest", chat, "--timezone", "Europe/Berlin")
    assert "unknown zone" not in again.err
    found = beleg("search", "on:2025-02-03", "--json").json
    assert found["total"] == 3


def test_with_a_zone_nothing_is_said(beleg: Beleg, archive: Path, chat: Path) -> None:
    assert "zone" not in beleg("ingest", chat).err
    assert beleg("search", "on:2025-02-03", "--json").json["without_time"] == 0
    assert "instant" not in beleg("search", "on:2025-02-03").out
