"""The chain of custody in a bundle: how each item came in, and nothing that would tell what is withheld."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.commandline.conftest import Beleg

CHAT = """[03.02.25, 09:14:05] Anna: Guten Morgen
[03.02.25, 09:15:41] Lieferant: Da habt ihr fünf Jahre Garantie drauf
"""


@pytest.fixture
def chat(beleg: Beleg, archive: Path, tmp_path: Path) -> Path:
    file = tmp_path / "WhatsApp Chat mit Lieferant.txt"
    file.write_text(CHAT, encoding="utf-8")
    assert beleg("ingest", file, "--mine", "Anna").code == 0
    assert beleg("matter", "open", "Pumpe", "--reason", "Klage").code == 0
    assert beleg("matter", "add", "M-1", "--search", "garantie").code == 0
    return file


def rows(bundle: Path) -> list[dict[str, Any]]:
    sheet = openpyxl.load_workbook(bundle / "bag/data/metadata/custody.xlsx").active
    assert sheet is not None
    head, *rest = [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)]
    return [dict(zip(map(str, head), row, strict=True)) for row in rest]


def test_each_item_says_how_it_came_in(beleg: Beleg, chat: Path, tmp_path: Path) -> None:
    out = tmp_path / "bundle"
    assert beleg("export", "M-1", "--out", out, "--profile", "court-de").code == 0
    found = rows(out)
    assert [row["no"] for row in found] == [1, 2]
    for row in found:
        assert row["sha256"] == sha256(chat.read_bytes()).hexdigest()
        assert row["length"] == str(len(chat.read_bytes()))
        assert (row["method"], row["kept"], row["channel"]) == ("export", "whole", "whatsapp")
        assert row["received"] <= row["sealed"]
        assert row["tool"].startswith("beleg ")
        assert row["parser"].startswith("whatsapp")
        assert len(row["writer_key"]) == 32
    assert all(len(row["leaf_hash"]) == 64 for row in found)
    assert not (out / "bag/data/table").exists(), "a court asks for the report and its proof"
    assert (out / "bag/data/report/report_0001.pdf").exists()
    assert beleg("verify", out).code == 0


def test_of_a_redacted_item_no_digest_of_its_source_is_told(beleg: Beleg, chat: Path, tmp_path: Path) -> None:
    item = beleg("search", "garantie", "--json").json["hits"][0]["number"]
    assert beleg("matter", "redact", "M-1", str(item), "--facet", "text", "--reason", "x").code == 0
    out = tmp_path / "bundle"
    assert beleg("export", "M-1", "--out", out).code == 0
    told = {row["item"]: row for row in rows(out)}
    assert len(told) == 2
    for row in told.values():  # the neighbour came in the same file: its digest would confirm any guess
        assert (row["sha256"], row["length"]) == ("", "")
    assert told[item]["sealed"]


def test_of_a_file_of_which_an_item_stays_inside_no_digest_is_told(
    beleg: Beleg, chat: Path, tmp_path: Path
) -> None:
    item = beleg("search", "morgen", "--json").json["hits"][0]["number"]
    assert beleg("matter", "add", "M-1", str(item), "--decision", "privileged").code == 0
    out = tmp_path / "bundle"
    assert beleg("export", "M-1", "--out", out).code == 0
    assert [(row["sha256"], row["length"]) for row in rows(out)] == [("", "")]


def test_the_steps_of_the_matter_stand_behind_the_items(beleg: Beleg, chat: Path, tmp_path: Path) -> None:
    assert beleg("search", "garantie", "--certificate", "--matter", "M-1").code == 0
    assert beleg("matter", "open", "Andere", "--reason", "nichts damit zu tun").code == 0
    assert beleg("matter", "note", "M-1", "nur für uns").code == 0
    assert beleg("export", "M-1", "--out", tmp_path / "one").code == 0
    assert beleg("export", "M-1", "--out", tmp_path / "two").code == 0
    book = openpyxl.load_workbook(tmp_path / "two/bag/data/metadata/custody.xlsx")
    head, *steps = book["matter 1"].iter_rows(values_only=True)
    assert [row[head.index("action")] for row in steps] == [
        "matter open", "selected as hit", "searched", "produced",
    ]  # fmt: skip
    told = " ".join(str(cell) for row in steps for cell in row)
    assert "C-1: 1 items" in told
    assert "E-1: 2 items, full" in told
    assert "nur für uns" not in told
    assert beleg("export", "M-1", "--out", tmp_path / "court", "--profile", "court-de").code == 0
    court = openpyxl.load_workbook(tmp_path / "court/bag/data/metadata/custody.xlsx")
    assert court.sheetnames == ["custody 1"]
    again = beleg("export", "--again", "E-2", "--out", tmp_path / "again", "--json").json
    assert again["same_as_before"] is True


def test_an_opponent_gets_none(beleg: Beleg, chat: Path, tmp_path: Path) -> None:
    out = tmp_path / "bundle"
    assert beleg("export", "M-1", "--out", out, "--profile", "opposing").code == 0
    assert not (out / "bag/data/metadata/custody.xlsx").exists()
