"""What a person sees of one item: that it was edited, deleted, answered or rated must not be left out."""

import json
from pathlib import Path

from tests.commandline.conftest import Beleg

CHAT = """[03.02.25, 09:14:05] Anna: Liefertermin am 15. April <Diese Nachricht wurde bearbeitet.>
[03.02.25, 09:15:41] Lieferant: Diese Nachricht wurde gelöscht.
[03.02.25, 09:16:02] Anna: Danke
"""
DAY = [
    {
        "type": "message", "user": "U1", "text": "Fünf Jahre", "ts": "1738570000.000100",
        "thread_ts": "1738570000.000100", "edited": {"user": "U1", "ts": "1738570100.000000"},
        "reactions": [{"name": "thumbsup", "users": ["U2", "U3"], "count": 2}],
    },
    {
        "type": "message", "user": "U2", "text": "Danke", "ts": "1738570200.000100",
        "thread_ts": "1738570000.000100",
    },
]  # fmt: skip


def _shown(beleg: Beleg, query: str) -> list[str]:
    [hit] = beleg("search", query, "--json").json["hits"]
    return [
        line.split("  ")[0].strip() + "|" + line for line in beleg("show", hit["number"]).out.splitlines()
    ]


def _line(lines: list[str], name: str) -> str:
    return next(line.split("|", 1)[1] for line in lines if line.startswith(name + "|"))


def test_marks_of_a_chat(beleg: Beleg, archive: Path, chat: Path) -> None:
    chat.write_text(CHAT, encoding="utf-8")
    beleg("ingest", chat)
    edited = _line(_shown(beleg, "edited:yes"), "Edited")
    assert "when is not told" in edited
    assert "earlier words" in edited
    assert "by author" in _line(_shown(beleg, "deleted:yes"), "Deleted")
    assert not any(line.startswith(("Edited|", "Deleted|")) for line in _shown(beleg, "danke"))


def test_edits_reactions_and_answers(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    (tmp_path / "export" / "general").mkdir(parents=True)
    (tmp_path / "export" / "general" / "2025-02-03.json").write_text(json.dumps(DAY), encoding="utf-8")
    beleg("ingest", tmp_path / "export")
    first = _shown(beleg, '"fünf jahre"')
    assert "2025-02-03T08:08:20" in _line(first, "Edited")
    assert "thumbsup" in _line(first, "Reaction")
    assert "× 2" in _line(first, "Reaction")
    assert _line(_shown(beleg, "danke"), "Under").endswith("1738570000.000100")


def test_what_was_replaced_says_by_what(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    (tmp_path / "export" / "general").mkdir(parents=True)
    day = tmp_path / "export" / "general" / "2025-02-03.json"
    for words in ("Fünf Jahre", "Zwei Jahre"):
        day.write_text(json.dumps([{**DAY[1], "text": words}]), encoding="utf-8")
        beleg("ingest", tmp_path / "export")
    old, new = (beleg("search", words, "--json").json["hits"][0]["number"] for words in ("fünf", "zwei"))
    assert f"Replaced  by item {new}" in beleg("show", old).out
    assert beleg("show", old, "--json").json["superseded"] == new
    assert "seen between two captures" in beleg("show", new).out


def test_a_loose_file_has_no_bytes_of_its_own(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    (tmp_path / "fax.pdf").write_bytes(b"%PDF-1.4 nothing")
    beleg("ingest", tmp_path / "fax.pdf", "--channel", "loose")
    shown = _line(_shown(beleg, "channel:loose"), "Raw")
    assert "the whole file" in shown
    assert "SHA-256" not in shown


def test_words_that_were_decoded_by_a_guess_say_so(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    chat = tmp_path / "WhatsApp Chat mit Anna.txt"
    chat.write_bytes(
        "03.02.25, 10:00 - Anna: Grüße\n03.02.25, 10:01 - Anna: Schluss ".encode() + b"\xff\xfe\n"
    )
    beleg("ingest", chat)
    assert "by a guess: cp1252" in _line(_shown(beleg, "schluss"), "Decoded")
    assert not any("Decoded" in row for row in _shown(beleg, "grüße"))


def test_what_a_call_or_a_notice_was_about_is_shown(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    call = {
        "id": 1, "type": "service", "date_unixtime": "1738570000", "actor": "Anna", "actor_id": "user1",
        "action": "phone_call", "duration_seconds": 754, "discard_reason": "hangup", "text": "",
    }  # fmt: skip
    path = tmp_path / "result.json"
    path.write_text(json.dumps({"name": "Pumpe", "type": "personal_chat", "id": 42, "messages": [call]}))
    beleg("ingest", path)
    shown = [line.partition("|")[2] for line in _shown(beleg, "channel:telegram")]
    assert "Told      duration_seconds: 754" in shown
