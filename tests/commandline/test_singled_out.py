"""Who is protected by the policy is singled out in one way more: by an item of theirs."""

from pathlib import Path

import pytest

from tests.commandline.conftest import Beleg


@pytest.fixture
def filled(beleg: Beleg, archive: Path, chat: Path) -> Beleg:
    assert beleg("ingest", chat).code == 0
    return beleg


def test_an_item_that_is_asked_for_by_its_id_is_looked_at_as_by_its_number(
    filled: Beleg, tmp_path: Path
) -> None:
    number = filled("search", "from:anna", "--json").json["hits"][0]["number"]
    id_ = filled("show", number, "--json").json["item"]["key"]["id"]
    filled("search", f'id:"{id_}"', "--certificate")
    filled("party", "add", "Anna", "--side", "ours")
    filled("policy", "set", "--second-person", "Y-1", "--reason", "Betriebsvereinbarung")
    filled("matter", "open", "Pumpe", "--reason", "Klage")
    by_id = ("search", f'id:"{id_}"')
    for command in (
        by_id, (*by_id, "--limit", "0", "--csv", tmp_path / "a.csv"), (*by_id, "--limit", "0", "--matter", "M-1"),
        ("search", "--replay", "C-1"), ("show", number), ("thread", number),
        ("matter", "add", "M-1", number), ("matter", "add", "M-1", "--thread", number),
        ("proof", "item", number, "--out", tmp_path / "a.proof"),
    ):  # fmt: skip
        assert filled(*command).code == 5, command
        assert list(tmp_path.glob("a.*")) == [], "a list that was refused would look like an empty one"
        assert filled(*command, "--second", "privacy").code == 0, command
        for written in tmp_path.glob("a.*"):
            written.unlink()
    assert filled("access", "--json").json["reads"][-1]["named"] == ["Y-1"]


def test_no_hold_and_no_matter_is_a_way_around_the_second_person(filled: Beleg, tmp_path: Path) -> None:
    number = filled("search", "from:anna", "--json").json["hits"][0]["number"]
    other = filled("search", "from:lieferant", "--json").json["hits"][0]["number"]
    filled("party", "add", "Anna", "--side", "ours", "--account", "whatsapp:Anna")
    filled("policy", "set", "--second-person", "Y-1", "--reason", "Betriebsvereinbarung")
    scopes = (("--party", "Y-1"), ("--account", "Anna"), ("--query", "from:anna"), ("--item", number),
              ("--query", "garantie"))  # fmt: skip
    filled("matter", "open", "Pumpe", "--reason", "Klage")
    for scope in scopes:
        placed = filled("hold", "place", "M-1", *scope, "--reason", "Klage", "--review", "2030-01-01")
        assert placed.code == 0, placed.err
    for query in ("hold:H-1", "hold:H-2", "hold:H-3", "hold:H-4", "hold:any"):
        assert filled("search", query).code == 5, query
        assert filled("search", query, "--second", "privacy").code == 0, query
    assert filled("search", "hold:H-5").code == 0, "it asks for nobody"
    assert filled("matter", "add", "M-1", number, "--second", "privacy").code == 0
    assert filled("search", "matter:M-1").code == 5, "nothing but items of theirs"
    for command in (
        ("export", "M-1", "--out", tmp_path / "bundle"), ("review", "out", "M-1", "--out", tmp_path / "desk"),
        ("proof", "item", number, "--out", tmp_path / "item.proof"), ("matter", "add", "M-1", "--search", "from:anna"),
        ("matter", "remove", "M-1", "--search", "from:anna NOT guten"),
    ):  # fmt: skip
        assert filled(*command).code == 5, command
        assert filled(*command, "--second", "privacy").code == 0, command
    filled("matter", "add", "M-1", other)
    assert filled("search", "matter:M-1").code == 0
    assert filled("proof", "item", other, "--out", tmp_path / "other.proof").code == 0
    assert filled("proof", "item", "0", "--out", tmp_path / "genesis.proof").code == 0
