"""A search on record, and the same search asked again."""

from pathlib import Path

import pytest

from archive.services.certificate import from_ranges, to_ranges
from tests.commandline.conftest import CHAT, Beleg


@pytest.fixture
def filled(beleg: Beleg, archive: Path, chat: Path) -> Beleg:
    assert beleg("ingest", chat).code == 0
    return beleg


def test_a_certificate_records_what_was_asked_and_found(filled: Beleg) -> None:
    asked = "garantie NOT from:anna before:2030"
    found = filled("search", asked, "--certificate", "--recount", "--purpose", "Klage", "--json").json
    made = found["certificate"]
    assert (made["id"], made["query"], made["purpose"], made["timezone"]) == (
        "C-1",
        asked,
        "Klage",
        "Europe/Berlin",
    )
    assert from_ranges(made["items"]) == {hit["number"] for hit in found["hits"]}
    assert made["position"] == found["position"]
    assert dict(map(tuple, made["searched"])) == {"garantie": ["garantie"]}
    assert {"program", "analyser", "engine", "families.txt"} <= {name for name, _ in made["versions"]}
    assert made["counts"] == [["whatsapp", 1]]
    assert made["checked"]
    assert filled("verify", "--level", "2").code == 0


def test_asked_again_it_gives_the_same_items(filled: Beleg, chat: Path, archive: Path) -> None:
    filled("search", "garantie OR danke", "--certificate")
    chat.write_text(CHAT + "[03.02.25, 10:00:00] Anna: noch eine Garantie\n", encoding="utf-8")
    filled("ingest", chat)
    assert filled("search", "garantie OR danke", "--json").json["total"] == 3
    again = filled("search", "--replay", "C-1", "--json")
    assert (again.code, again.json["same"], again.json["total"]) == (0, True, 2)
    assert "THE SAME ITEMS" in filled("search", "--replay", "C-1").out
    assert filled("rebuild").code == 0
    assert filled("search", "--replay", "C-1").code == 0
    assert filled("search", "--replay", "C-9").code == 2
    assert filled("search").code == 2
    assert filled("access", "--json").json["reads"][-1]["command"] == "replay"


def test_a_difference_is_explained(filled: Beleg, monkeypatch: pytest.MonkeyPatch) -> None:
    filled("matter", "open", "Pumpe", "--reason", "Klage")
    filled("matter", "add", "M-1", "--search", "garantie")
    filled("search", "matter:M-1", "--certificate")
    filled("matter", "add", "M-1", "--search", "danke")
    other = filled("search", "--replay", "C-1", "--json")
    assert (other.code, other.json["same"], len(other.json["new"])) == (3, False, 1)
    assert other.json["changes"] == ["matter:M-1 meant 1 items, means 2"]
    filled("search", "danke", "--certificate")
    with monkeypatch.context() as patched:
        patched.setattr("archive.services.certificate.ANALYSER", "99")
        changes = filled("search", "--replay", "C-2", "--json").json["changes"]
        assert any("analyser" in line for line in changes)
    filled("search", "danke", "--as-of", "2030-01-01", "--certificate")
    monkeypatch.setattr("archive.services.certificate.STANDING", "99")
    assert filled("search", "--replay", "C-2", "--json").json["changes"] == []
    [told] = filled("search", "--replay", "C-3", "--json").json["changes"]
    assert told == "what stood at a time was 3, is 99"


def test_an_item_that_went_missing_is_told(filled: Beleg, archive: Path) -> None:
    """The index lies: the certificate shows it."""
    filled("search", "garantie", "--certificate")
    from archive.adapters.index_tantivy import TantivyIndex

    right = TantivyIndex.search
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            TantivyIndex, "search", lambda self, query, **how: right(self, query, **{**how, "limit": 0})
        )
        other = filled("search", "--replay", "C-1")
    assert other.code == 3
    assert "is gone" in other.out


@pytest.mark.parametrize("numbers", [[], [3], [3, 7, 8, 9], [0, 1, 5, 7, 8]])
def test_ranges(numbers: list[int]) -> None:
    assert from_ranges(to_ranges(numbers)) == set(numbers)
    assert to_ranges([3, 7, 8, 9]) == "3,7-9"
