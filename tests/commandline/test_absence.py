"""That an item is absent now is said only where a later capture shows what surrounds it."""

from pathlib import Path

from tests.commandline.conftest import Beleg

LINES = [f"[03.02.25, 09:{n:02}:00] Anna: Nummer {n}\n" for n in range(6)]


def export(folder: Path, *numbers: int) -> Path:
    file = folder / "WhatsApp Chat mit Lieferant.txt"
    file.write_text("".join(LINES[number] for number in numbers), encoding="utf-8")
    return file


def absent(beleg: Beleg, number: int) -> list[str]:
    [hit] = beleg("search", f'"Nummer {number}"', "--json").json["hits"]
    return [row["origin"] for row in beleg("show", hit["number"], "--json").json["absent"]]


def test_a_later_export_without_the_item(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    assert beleg("ingest", export(tmp_path, 0, 1, 2, 3)).code == 0
    assert absent(beleg, 1) == []
    assert beleg("ingest", export(tmp_path, 0, 2, 3, 4)).code == 0
    assert absent(beleg, 1) == ["WhatsApp Chat mit Lieferant.txt"]
    assert [absent(beleg, n) for n in (0, 2, 3, 4)] == [[]] * 4
    [hit] = beleg("search", '"Nummer 1"', "--json").json["hits"]
    shown = beleg("show", hit["number"]).out
    assert "Absent    from WhatsApp Chat mit Lieferant.txt" in shown
    assert "from 2025-02-03T08:00:00Z to 2025-02-03T08:04:00Z" in shown


def test_what_a_shorter_export_does_not_reach_is_not_said_to_be_absent(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    assert beleg("ingest", export(tmp_path, 0, 1, 2, 3)).code == 0
    assert beleg("ingest", export(tmp_path, 2, 3, 4, 5)).code == 0
    assert [absent(beleg, n) for n in range(6)] == [[]] * 6


def test_an_older_export_that_comes_later_shows_what_it_shows(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    """It says "received": when a file was made, nobody knows."""
    assert beleg("ingest", export(tmp_path, 0, 1, 2, 3, 4)).code == 0
    assert beleg("ingest", export(tmp_path, 0, 1, 3)).code == 0
    [hit] = beleg("search", '"Nummer 2"', "--json").json["hits"]
    [row] = beleg("show", hit["number"], "--json").json["absent"]
    assert (row["start"], row["end"]) == ("2025-02-03T08:00:00Z", "2025-02-03T08:03:00Z")
    assert beleg("show", hit["number"], "--json").json["seen_again"] == 0
