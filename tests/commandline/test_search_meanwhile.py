"""Whoever writes while a search is answered changes no part of the answer."""

from pathlib import Path
from typing import Any

import pytest

from archive.adapters.index_tantivy import TantivyIndex
from tests.commandline.conftest import CHAT, Beleg

EARLIER = "[03.02.25, 08:00:00] Lieferant: Auf den Motor auch fünf Jahre Garantie\n"


@pytest.fixture
def meanwhile(beleg: Beleg, archive: Path, chat: Path, monkeypatch: pytest.MonkeyPatch) -> Beleg:
    """Another process ingests an item that fits, between the first look at the index and the next."""
    assert beleg("ingest", chat).code == 0
    right, looks = TantivyIndex.search, [0]

    def search(self: TantivyIndex, *query: Any, **how: Any) -> Any:
        found = right(self, *query, **how)
        looks[0] += 1
        if looks[0] == 1:
            chat.write_text(EARLIER + CHAT, encoding="utf-8")
            assert beleg("ingest", chat).code == 0
        return found

    monkeypatch.setattr(TantivyIndex, "search", search)
    return beleg


def test_an_answer_is_of_one_state(meanwhile: Beleg, tmp_path: Path) -> None:
    table = tmp_path / "found.csv"
    asked = ("garantie", "--counts", "--second-opinion", "--recount", "--certificate", "--csv", table)
    done = meanwhile("search", *asked, "--json")
    assert done.code == 0, done.err
    found = done.json
    [hit] = found["hits"]
    assert found["total"] == 1
    assert [tally["items"] for tally in found["counts"]["channels"]] == [1]
    assert found["checked"] == [
        "whoosh gave the same 1 items",
        "the matcher, tried on all 3 items of the ledger, gave the same 1 items",
    ]
    made = found["certificate"]
    assert (made["items"], made["position"]) == (str(hit["number"]), found["position"])
    assert len(table.read_text(encoding="utf-8").splitlines()) == 2
    assert meanwhile("search", "garantie", "--json").json["total"] == 2, "the next answer has it"
    assert meanwhile("search", "--replay", "C-1").code == 0


def test_an_index_that_is_made_anew_gives_no_number(
    beleg: Beleg, archive: Path, chat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process has thrown the index away, and is not done with the new one."""
    assert beleg("ingest", chat).code == 0
    right = TantivyIndex.search

    def search(self: TantivyIndex, *query: Any, **how: Any) -> Any:
        self.reset()
        return right(self, *query, **how)

    with monkeypatch.context() as patch:
        patch.setattr(TantivyIndex, "search", search)
        done = beleg("search", "garantie")
    assert (done.code, done.out) == (4, "")
    assert "ask again" in done.err
    assert beleg("search", "garantie", "--json").json["total"] == 1
