"""Withheld reactions and references, where platforms tell them in an item of its own, or at the other end."""

import json
from pathlib import Path
from typing import Any

from tests.commandline.conftest import Beleg
from tests.commandline.test_redaction import found, tells
from tests.commandline.test_redaction_units import chosen, withheld, written


def facets(out: Path, index: int) -> dict[str, Any]:
    """Give what is told of a record, facet by facet."""
    lines = (out / "bag" / "data" / "records" / "records_0001.jsonl").read_text(encoding="utf-8").splitlines()
    (record,) = (one for one in map(json.loads, lines) if one["index"] == index)
    return dict(json.loads(one[1]) for one in record["facets"] if isinstance(one, list))


def test_a_reaction_that_is_an_event_goes_with_those_of_the_message(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    first = "$first_aaaaaaaaaaaaaaaaa"

    def event(number: int, kind: str, content: dict[str, Any]) -> dict[str, Any]:
        ident = first if number == 1 else f"$event{number}_aaaaaaaaaaaaaaa"
        sender = "@anna:x.example" if number == 1 else "@zoran:x.example"
        return {"type": kind, "sender": sender, "content": content, "event_id": ident, "room_id": "!r:x.example",
                "origin_server_ts": 1709564400000 + number * 60000}  # fmt: skip

    relation = {"rel_type": "m.annotation", "event_id": first, "key": "niemals"}
    messages = [
        event(1, "m.room.message", {"msgtype": "m.text", "body": "Vorschlag eins"}),
        event(2, "m.reaction", {"m.relates_to": relation}),
    ]
    written(tmp_path / "in", "export.json", {"room_name": "Raum", "messages": messages})
    chosen(beleg, tmp_path / "in")
    withheld(beleg, "vorschlag", "--facet", "reactions")
    assert beleg("export", "M-1", "--out", tmp_path / "E").code == 0
    assert tells(tmp_path / "E", "niemals") == tells(tmp_path / "E", "zoran") == []


def test_the_answered_one_does_not_list_an_answer_that_is_none_any_more(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    root, answer = "1709545001.000100", "1709545002.000100"
    said = {"type": "message", "user": "U1", "text": "Frage", "ts": root, "thread_ts": root,
            "replies": [{"user": "U2", "ts": answer}]}  # fmt: skip
    told = {"type": "message", "user": "U2", "text": "Antwort", "ts": answer, "thread_ts": root}
    written(tmp_path / "in", "slack/room/2024-03-04.json", [said, told])
    chosen(beleg, tmp_path / "in")
    withheld(beleg, "antwort", "--facet", "targets")
    assert beleg("export", "M-1", "--out", tmp_path / "E").code == 0
    assert "raw" not in facets(tmp_path / "E", found(beleg, "frage"))
    assert "targets" not in facets(tmp_path / "E", found(beleg, "antwort"))
