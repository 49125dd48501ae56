"""Tables of a production: nothing altered for machines, nothing that runs for people, the same bytes each time."""

import csv
from pathlib import Path

import openpyxl
import pytest

from archive.exporters import table
from schemas.item import Rating
from tests.unit.test_review_volume import HOSTILE, everything, told

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "＝1",
    '=HYPERLINK("http://x")',
    "http://x.example",
    "007",
]


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_raw_table_alters_nothing(tmp_path: Path) -> None:
    items = [told(n, text, 0, HOSTILE) for n, text in enumerate(FORMULAS)]
    assert table.write_tables(tmp_path, items, "Europe/Berlin") == len(FORMULAS)
    rows = read_csv(tmp_path / table.CSV)
    assert [row["text"] for row in rows] == FORMULAS
    assert {row["sender_name"] for row in rows} == {HOSTILE}
    assert rows[0]["time_local"] == "2025-02-03T21:00:00+01:00"


def test_in_the_workbook_every_text_is_text(tmp_path: Path) -> None:
    table.write_tables(tmp_path, [told(n, text, 0, HOSTILE) for n, text in enumerate(FORMULAS)], "UTC")
    sheet = openpyxl.load_workbook(tmp_path / table.XLSX).worksheets[0]
    head = [cell.value for cell in sheet[1]]
    assert head == list(table.HEAD)
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            assert cell.data_type in ("s", "n"), (cell.coordinate, cell.value)
            assert cell.hyperlink is None
        assert row[head.index("text")].data_type == "s"
    names = {row[head.index("sender_name")].value for row in sheet.iter_rows(min_row=2)}
    assert not any("\u202e" in name or "\u2069" in name for name in names)


def test_both_hold_every_item(tmp_path: Path) -> None:
    items = everything()
    table.write_tables(tmp_path, items, "UTC")
    rows = read_csv(tmp_path / table.CSV)
    assert [row["item"] for row in rows] == [str(one.index) for one in items]
    assert rows[1]["edited"]
    assert rows[4]["answers"] == "reply: m1"
    assert "böse.exe" in rows[6]["attachments"]
    sheet = openpyxl.load_workbook(tmp_path / table.XLSX).worksheets[0]
    assert sheet.max_row == len(items) + 1


def test_the_stars_of_a_review_have_a_column(tmp_path: Path) -> None:
    table.write_tables(tmp_path, [told(1, "gut", 0, rating=Rating(value="4", best="5"))], "UTC")
    assert read_csv(tmp_path / table.CSV)[0]["rating"] == "4 / 5"


def test_the_same_items_give_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = tmp_path / "a", tmp_path / "b"
    one.mkdir()
    other.mkdir()
    table.write_tables(one, everything(), "UTC")
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    table.write_tables(other, everything(), "UTC")
    for name in (table.CSV, table.XLSX):
        assert (one / name).read_bytes() == (other / name).read_bytes()


def test_a_text_too_long_for_a_cell_is_cut_and_says_where_the_whole_stands(tmp_path: Path) -> None:
    table.write_tables(tmp_path, [told(1, "x" * 40_000)], "UTC")
    [text] = [
        c.value
        for c in openpyxl.load_workbook(tmp_path / table.XLSX).worksheets[0][2]
        if str(c.value)[:3] == "xxx"
    ]
    assert len(text) == table.CELL
    assert text.endswith(f"{table.CSV}]")
    assert len(read_csv(tmp_path / table.CSV)[0]["text"]) == 40_000


def test_a_sheet_that_is_full_is_followed_by_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "ROWS", 4)
    assert table.write_tables(tmp_path, [told(n, "x") for n in range(7)], "UTC") == 7
    sheets = openpyxl.load_workbook(tmp_path / table.XLSX).worksheets
    assert [sheet.max_row - 1 for sheet in sheets] == [3, 3, 1]
    assert len({sheet.title for sheet in sheets}) == 3
