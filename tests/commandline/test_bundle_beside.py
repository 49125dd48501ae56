"""What stands beside the records of a bundle: coverage of the conversations, searches that were put on record."""

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.browser.page_source import unpacked
from tests.commandline.conftest import Beleg

BESIDE = "bag/data/metadata"
NAME = "Projekt Untergang Nord"


def slack(folder: Path, name: str, texts: list[str]) -> Path:
    """Write a Slack export of one channel."""
    (folder / name).mkdir(parents=True)
    member = [{"id": "U1", "name": "anna", "real_name": "Anna"}]
    channel = [{"id": "C1", "name": name, "members": ["U1"], "created": 1700000000}]
    messages = [
        {"type": "message", "user": "U1", "text": text, "ts": f"{1738570000 + at}.000100"}
        for at, text in enumerate(texts)
    ]
    (folder / "users.json").write_text(json.dumps(member))
    (folder / "channels.json").write_text(json.dumps(channel))
    (folder / name / "2025-02-03.json").write_text(json.dumps(messages))
    return folder


@pytest.fixture
def matter(beleg: Beleg, archive: Path, chat: Path, tmp_path: Path) -> Path:
    """A matter of two conversations; a third is not in it."""
    assert beleg("ingest", chat, "--mine", "Anna").code == 0
    assert beleg("ingest", slack(tmp_path / "one", "pumpen", ["Garantie gilt", NAME])).code == 0
    other = tmp_path / "WhatsApp Chat mit Privat.txt"
    other.write_text("[03.02.25, 09:14:05] Kim: nur unter uns\n", encoding="utf-8")
    assert beleg("ingest", other).code == 0
    assert beleg("matter", "open", "Pumpe", "--reason", "Klage").code == 0
    assert beleg("search", "garantie", "--certificate", "--matter", "M-1").code == 0
    assert beleg("search", "danke", "--certificate").code == 0
    assert beleg("matter", "add", "M-1", "--search", "garantie").code == 0
    return tmp_path


def export(beleg: Beleg, out: Path, *more: str) -> Path:
    assert beleg("export", "M-1", "--out", out, *more).code == 0
    assert beleg("verify", out).code == 0
    return out / BESIDE


def threads(place: Path) -> dict[str, dict[str, Any]]:
    found = json.loads((place / "coverage.json").read_text())
    assert found["sources"] == []
    return {one.get("title") or one["thread"]["id"]: one for one in found["threads"]}


@pytest.mark.parametrize("profile", ["full", "review", "court-de"])
def test_coverage_is_that_of_the_conversations_in_it(beleg: Beleg, matter: Path, profile: str) -> None:
    place = export(beleg, matter / "out", "--profile", profile)
    told = threads(place)
    assert set(told) == {"Lieferant", "pumpen"}
    assert (told["pumpen"]["items"], told["Lieferant"]["items"]) == (2, 3)
    page = (place / "coverage.html").read_text()
    assert "pumpen" in page
    assert "Privat" not in page + (place / "coverage.json").read_text()


def test_only_the_searches_of_the_matter_are_told(beleg: Beleg, matter: Path) -> None:
    place = export(beleg, matter / "out")
    (whole,) = json.loads((place / "searches.json").read_text())
    assert (whole["id"], whole["query"], whole["total"]) == ("C-1", "garantie", 2)
    sheet = openpyxl.load_workbook(place / "searches.xlsx").active
    assert sheet is not None
    head, row = sheet.iter_rows(values_only=True)
    told = dict(zip(head, row, strict=True))
    assert (told["certificate"], told["query"], told["found"]) == ("C-1", "garantie", 2)
    assert told["items_sha256"] == whole["items_sha256"]


def test_later_runs_names_and_searches_change_nothing(beleg: Beleg, matter: Path) -> None:
    export(beleg, matter / "out")
    assert beleg("ingest", slack(matter / "two", "umbenannt", ["noch etwas"])).code == 0
    assert beleg("search", "gilt", "--certificate", "--matter", "M-1").code == 0
    again = beleg("export", "--again", "E-1", "--out", matter / "again", "--json").json
    assert again["same_as_before"] is True


def test_the_other_side_gets_neither(beleg: Beleg, matter: Path) -> None:
    place = export(beleg, matter / "out", "--profile", "opposing")
    assert [one.name for one in place.iterdir() if one.name.startswith(("coverage", "searches"))] == []


def test_where_something_is_withheld_no_query_and_no_name_tells_it(beleg: Beleg, matter: Path) -> None:
    assert beleg("ingest", slack(matter / "two", NAME.lower(), ["noch etwas"])).code == 0
    assert beleg("matter", "add", "M-1", "--search", '"Untergang Nord"').code == 0
    item = beleg("search", '"Untergang Nord"', "--json").json["hits"][0]["number"]
    assert beleg("matter", "redact", "M-1", str(item), "--facet", "text", "--reason", "Geheimnis").code == 0
    place = export(beleg, matter / "out")
    assert not (place / "searches.json").exists()
    assert set(threads(place)) == {"C1", "Lieferant"}
    page = unpacked((matter / "out" / "START_verify.html").read_text())
    assert NAME.lower() not in page.lower()
    assert "Lieferant" in page
