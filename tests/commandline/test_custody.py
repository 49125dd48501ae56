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
    assert (told[item]["sha256"], told[item]["length"]) == ("", "")
    assert told[item]["sealed"]


def test_an_opponent_gets_none(beleg: Beleg, chat: Path, tmp_path: Path) -> None:
    out = tmp_path / "bundle"
    assert beleg("export", "M-1", "--out", out, "--profile", "opposing").code == 0
    assert not (out / "bag/data/metadata/custody.xlsx").exists()
