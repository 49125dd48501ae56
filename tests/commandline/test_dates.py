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


def test_the_ends_of_the_calendar_are_times_like_any_other(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    table = tmp_path / "ends.csv"
    said = ("9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+00:00", "2024-05-05T12:00:00+00:00")
    rows = "".join(f"{time},Zoe,Endwort,g{number}\n" for number, time in enumerate(said))
    table.write_text(f"Datum,Absender,Nachricht,ID\n{rows}", encoding="utf-8")
    assert beleg("ingest", table, "--mine", "Zoe").code == 0
    found = beleg("search", "endwort", "--counts", "--recount", "--json")
    assert found.code == 0, found.err
    months = [tally["value"] for tally in found.json["counts"]["months"]]
    assert (found.json["total"], months) == (3, ["0001-01", "2024-05", "9999-12"])
    assert beleg("search", "endwort after:9998", "--json").json["total"] == 1
    assert beleg("search", "endwort before:0002", "--explain").code == 0
    for query in ("before:0001", "on:9999"):
        assert beleg("search", query, "--explain").code == 2, "a day that begins outside of the calendar"
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    beleg("matter", "add", "M-1", "--search", "endwort")
    for profile in ("full", "review"):
        made = beleg("export", "M-1", "--out", tmp_path / profile, "--profile", profile, "--context", "day")
        assert made.code == 0, made.err
        assert beleg("verify", tmp_path / profile).code == 0
