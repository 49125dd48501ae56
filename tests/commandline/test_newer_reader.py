"""The next export after an upgrade: what only the reader understands otherwise is no edit."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.channels.telegram import TelegramExport, messages
from tests.commandline.conftest import Beleg

PLACE = {
    "id": 1,
    "type": "message",
    "date_unixtime": "1738570000",
    "from": "Anna",
    "from_id": "user1",
    "text": "hier",
    "place_name": "Halle 3",
}
LATER = {**PLACE, "id": 2, "text": "bald", "place_name": ""}


@pytest.fixture
def given(beleg: Beleg, archive: Path, tmp_path: Path) -> Callable[..., list[dict[str, object]]]:
    """Ingests a chat; gives all items about the first message, oldest first."""

    def run(*said: dict[str, object]) -> list[dict[str, object]]:
        path = tmp_path / "result.json"
        path.write_text(json.dumps({"name": "P", "type": "personal_chat", "id": 7, "messages": list(said)}))
        done = beleg("ingest", path)
        assert done.code == 0, done.err
        hits = beleg("search", "id:1", "--json").json["hits"]
        return [beleg("show", str(hit["number"]), "--json").json["item"] for hit in hits]

    return run


def test_other_words_of_a_newer_reader_are_no_edit_and_later_ones_are(
    given, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr(TelegramExport, "parser", "telegram-export/1")
        before.setattr(messages, "more_words", lambda _: ())
        assert [item["text"] for item in given(PLACE)] == ["hier"]
    old, new = given(PLACE, LATER)
    assert (old["text"], new["text"]) == ("hier", "hier\nHalle 3")
    assert (new["event"], new["basis"]) == ("posted", "reported")
    assert ["read_again_by", TelegramExport.parser] in new["extra"]
    assert [target["relation"] for target in new["targets"]] == ["of"]
    assert len(given(PLACE, LATER)) == 2
    *_, edited = given({**PLACE, "text": "dort"}, LATER)
    assert (edited["event"], edited["basis"], edited["text"]) == ("edited", "observed", "dort\nHalle 3")
    assert "read_again_by" not in dict(edited["extra"])
