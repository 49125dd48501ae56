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
