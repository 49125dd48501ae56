"""A hold keeps what tells of the thing that it keeps: later looks, edits and reactions with ids of their own."""

import json
from pathlib import Path
from typing import Any

import pytest

from archive.errors import FormatError
from archive.ledger.opening import Opener
from tests.commandline.conftest import Beleg
from tests.commandline.test_holds import number, place, refusal
from tests.commandline.test_keeping import POLICY, enacted

SAID = {"id": "m.1", "timestamp": "1497043220", "type": "text", "text": {"body": "Wir geben fünf Jahre"}}
EDIT = {
    "id": "m.2", "timestamp": "1497043290", "type": "edit",
    "edit": {"original_message_id": "m.1", "message": {"type": "text", "text": {"body": "Wir geben zwei Jahre"}}},
}  # fmt: skip
LIKED = {
    "id": "m.3",
    "timestamp": "1497043300",
    "type": "reaction",
    "reaction": {"message_id": "m.1", "emoji": "👍"},
}


def ingested(beleg: Beleg, folder: Path, name: str, message: dict[str, Any]) -> None:
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"phone_number_id": "100"},
        "messages": [{"from": "4911", **message}],
    }
    file = folder / f"{name}.json"
    hook = {
        "object": "whatsapp_business_account",
        "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}],
    }
    file.write_text(json.dumps(hook), encoding="utf-8")
    done = beleg("ingest", file, "--mine", "Werk")
    assert done.code == 0, done.err


@pytest.fixture
def said(beleg: Beleg, archive: Path, tmp_path: Path) -> Beleg:
    ingested(beleg, tmp_path, "a", SAID)
    assert beleg("matter", "open", "Pumpe", "--reason", "Klage").code == 0
    return beleg


def test_an_edit_with_an_id_of_its_own_is_held_with_what_it_edits(said: Beleg, tmp_path: Path) -> None:
    place(said, "--query", "fünf")
    ingested(said, tmp_path, "b", EDIT)
    edit = number(said, "zwei")
    assert "tells of the same thing: hold H-1" in refusal(said, edit)
    assert "2 items are held" in said("hold", "check").out
    said("hold", "release", "H-1", "--reason", "Vergleich")
    assert "would erase 1 items" in refusal(said, edit)


def test_a_hold_on_an_item_keeps_what_tells_of_it_later(said: Beleg, tmp_path: Path) -> None:
    place(said, "--item", number(said, "fünf"))
    ingested(said, tmp_path, "b", EDIT)
    ingested(said, tmp_path, "c", LIKED)
    ingested(said, tmp_path, "d", {**SAID, "id": "m.9", "text": {"body": "Etwas anderes"}})
    assert [one["covered"] for one in said("hold", "report", "--json").json] == [3]
    assert said("search", "hold:H-1", "--json").json["total"] == 3
    assert "would erase 1 items" in refusal(said, number(said, "anderes"))


def test_a_hold_on_an_edit_keeps_what_it_edits_and_its_other_edits(said: Beleg, tmp_path: Path) -> None:
    ingested(said, tmp_path, "b", EDIT)
    ingested(said, tmp_path, "c", LIKED)
    place(said, "--item", number(said, "zwei"))
    assert said("search", "hold:H-1", "--json").json["total"] == 3


def test_a_plan_of_what_is_due_says_why_something_stays_and_which_records_go(
    said: Beleg, tmp_path: Path
) -> None:
    file = tmp_path / "policy.toml"
    text = POLICY.format(letter=1, by_two="false").replace('"whatsapp"', '"whatsapp-business"')
    file.write_text(text.replace("years = 1", "years = 1\nstatute = false"), encoding="utf-8")
    assert enacted(said, file).code == 0
    place(said, "--query", "fünf")
    ingested(said, tmp_path, "b", EDIT)
    told = said("retention", "plan").out
    assert "1 items stay restricted: item" in told
    assert "Two people" not in told, "there is nothing to release"
    said("hold", "release", "H-1", "--reason", "Vergleich")
    told = said("retention", "plan").out
    (line,) = (line for line in told.splitlines() if "records:" in line)
    ranges = [part.partition("-") for part in line.partition(": ")[2].split(", ")]
    records = {record for first, _, last in ranges for record in range(int(first), int(last or first) + 1)}
    assert records.issuperset((int(number(said, "fünf")), int(number(said, "zwei"))))
    assert line in said("approve", "D-3", "--show").out, "who signs sees what they sign"


def test_where_the_item_of_a_hold_cannot_be_read_anything_may_be_the_same(
    said: Beleg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingested(said, tmp_path, "b", EDIT)
    first, edit = int(number(said, "fünf")), number(said, "zwei")
    place(said, "--item", str(first))
    lines = Opener.lines

    def damaged(self: Opener, index: int) -> Any:
        if index == first:
            raise FormatError("damaged")
        return lines(self, index)

    monkeypatch.setattr(Opener, "lines", damaged)
    assert f"item {first}, which it names, cannot be read" in refusal(said, edit)
