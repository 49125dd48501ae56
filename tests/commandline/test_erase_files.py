"""Erasing items that have files: words of files go too, and what others share stays with them."""

import sqlite3
from pathlib import Path

import pytest

from tests.commandline.conftest import Beleg
from tests.commandline.erasing import SECRET, approved, erased, mail, number_of, stored_words


@pytest.fixture
def post(beleg: Beleg, archive: Path, tmp_path: Path) -> Path:
    file = tmp_path / "post.mbox"
    file.write_text(
        mail(1, "anna@firm.example", "erste", f"hier das {SECRET}")
        + mail(2, "bernd@firm.example", "zweite", "andere Worte")
        + mail(3, "carla@firm.example", "dritte", "geteilte Datei")
        + mail(4, "anna@firm.example", "vierte", "geteilte Datei"),
        encoding="utf-8",
    )
    assert beleg("ingest", file).code == 0
    return file


def test_the_words_of_files_go_too(beleg: Beleg, archive: Path, post: Path) -> None:
    item = number_of(beleg, SECRET)
    assert item == number_of(beleg, "erste"), "the word stands in the attached file alone"
    assert any("texts" in place for place in stored_words(archive))
    erased(beleg, item)
    assert stored_words(archive) == []
    assert number_of(beleg, "zweite")
    assert beleg("verify", "--level", "2").code == 0


def test_a_hold_on_the_words_of_a_file_counts_without_the_memory_of_them(
    beleg: Beleg, archive: Path, post: Path
) -> None:
    """Who may write to the workspace empties what was read of the file: the hold reads the file itself."""
    item = number_of(beleg, SECRET)
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    beleg("hold", "place", "M-1", "--query", SECRET, "--reason", "Klage", "--review", "2030-01-01")
    with sqlite3.connect(archive / "workspace" / "texts.sqlite") as database:
        assert database.execute("UPDATE words SET text = '', state = 'read'").rowcount >= 3
    asked = beleg("erase", "request", "--item", str(item), "--ground", "17-1a")
    assert asked.code == 5
    assert "hold H-1" in asked.out


def test_a_file_that_another_item_has_stays_with_it(beleg: Beleg, archive: Path, post: Path) -> None:
    mine, theirs = number_of(beleg, "vierte"), number_of(beleg, "dritte")
    asked = beleg("erase", "request", "--item", str(mine), "--ground", "17-1a")
    assert "1 files that other items have too" in asked.out
    approved(beleg, "D-1")
    assert beleg("erase", "run", "R-1").code == 0
    assert beleg("search", "geteilte", "--json").json["hits"][0]["number"] == theirs
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    beleg("hold", "place", "M-1", "--item", str(theirs), "--reason", "Klage", "--review", "2030-01-01")
    assert beleg("verify", "--level", "2").code == 0


def test_a_file_of_a_held_item_restricts_the_other(beleg: Beleg, archive: Path, post: Path) -> None:
    """Containers apart: the same bytes came as a second file, so only the shared attachment links the two."""
    mine, theirs = number_of(beleg, "vierte"), number_of(beleg, "dritte")
    drop = beleg("erase", "request", "--item", str(mine), "--containers-only", "--ground", "Platz", "--json")
    assert dict(drop.json["plan"]["counts"]) == {"containers": 1}
    approved(beleg, drop.json["plan"]["id"])
    assert beleg("erase", "run", "R-1").code == 0
    assert number_of(beleg, "vierte") == mine, "the items stay"
    assert beleg("verify", "--level", "2").code == 0
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    beleg("hold", "place", "M-1", "--item", str(theirs), "--reason", "Klage", "--review", "2030-01-01")
    asked = beleg("erase", "request", "--item", str(mine), "--ground", "17-1a")
    assert asked.code == 5
    assert f"same file as held item {theirs}" in asked.out


def test_a_container_is_not_dropped_from_under_a_hold(beleg: Beleg, archive: Path, post: Path) -> None:
    item, held = number_of(beleg, "erste"), number_of(beleg, "zweite")
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    beleg("hold", "place", "M-1", "--item", str(held), "--reason", "Klage", "--review", "2030-01-01")
    asked = beleg("erase", "request", "--item", str(item), "--containers-only", "--ground", "Platz")
    assert asked.code == 5
    assert "hold H-1" in asked.out


def test_a_file_that_many_have_is_judged_once(
    beleg: Beleg, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else ten thousand mails with one logo would be judged a hundred million times."""
    from archive.services.dispose.judging import Judge

    box = tmp_path / "post.mbox"
    box.write_text(
        "".join(mail(n, "anna@firm.example", f"Wort{n}", "Logo") for n in range(30)), encoding="utf-8"
    )
    beleg("ingest", box)
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    beleg("hold", "place", "M-1", "--account", "niemand", "--reason", "Klage", "--review", "2030-01-01")
    items = [part for n in range(30) for part in ("--item", str(number_of(beleg, f"Wort{n}")))]
    judged: list[int] = []
    hold_on = Judge.hold_on

    def counted(self: Judge, index: int) -> str | None:
        judged.append(index)
        return hold_on(self, index)

    monkeypatch.setattr(Judge, "hold_on", counted)
    assert beleg("erase", "request", *items, "--ground", "17-1a").code == 0
    assert len(judged) <= 4 * 30
