"""Redactions and what changes: edits and deletions, chats without references, decisions that add up, erasure."""

import json
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from tests.commandline.conftest import Beleg
from tests.commandline.erasing import erased
from tests.commandline.test_redaction import found, tells

FIRST, SECOND = "Die Pönale beträgt 12 Prozent", "Die Pönale beträgt 15 Prozent"


def event(number: int, body: str, about: dict[str, Any] | None = None, **said: Any) -> dict[str, Any]:
    content = {"msgtype": "m.text", "body": body, **said} | ({"m.relates_to": about} if about else {})
    return {
        "type": "m.room.message", "sender": "@anna:x.example", "content": content, "room_id": "!r:x.example",
        "origin_server_ts": 1738742400000 + number * 60000, "event_id": f"$e{number}",
    }  # fmt: skip


@pytest.fixture
def room(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    """A message, its edit, an answer that quotes the edited words, and a deletion that says them."""
    replaces = {"rel_type": "m.replace", "event_id": "$e1"}
    events = [
        event(1, f"{FIRST}."),
        event(2, f"* {SECOND}.", replaces, **{"m.new_content": {"msgtype": "m.text", "body": f"{SECOND}."}}),
        event(3, f"> <@anna:x.example> {SECOND}.\n\nZu viel.", {"m.in_reply_to": {"event_id": "$e1"}}),
    ]
    export = {"room_name": "Werk", "exported_by": "Anna", "messages": events}
    (tmp_path / "room.json").write_text(json.dumps(export), encoding="utf-8")
    assert beleg("ingest", tmp_path / "room.json", "--mine", "Anna").code == 0
    beleg("matter", "open", "Werk", "--reason", "Streit")
    beleg("matter", "add", "M-1", "--search", "after:2020")


@pytest.mark.parametrize("profile", ["full", "review"])
@pytest.mark.parametrize("decided", [FIRST, SECOND])
def test_with_a_text_go_its_other_wordings_and_what_quotes_them(
    beleg: Beleg, room: None, tmp_path: Path, decided: str, profile: str
) -> None:
    plain = tmp_path / "plain"
    assert beleg("export", "M-1", "--out", plain, "--profile", profile).code == 0
    assert all(tells(plain, words) for words in (FIRST, SECOND))
    item = found(beleg, f'"{decided}"')
    assert beleg("matter", "redact", "M-1", str(item), "--facet", "text", "--reason", "x").code == 0
    out = tmp_path / "out"
    assert beleg("export", "M-1", "--out", out, "--profile", profile).code == 0
    assert [tells(out, words) for words in ("12 Prozent", "15 Prozent")] == [[], []]
    assert tells(out, "Zu viel"), "what was not withheld is there"


def test_a_decision_on_something_else_makes_an_edit_no_message_of_its_own(
    beleg: Beleg, room: None, tmp_path: Path
) -> None:
    for words, facet in ((FIRST, "text"), (SECOND, "author")):
        item = str(found(beleg, f'"{words}"'))
        assert beleg("matter", "redact", "M-1", item, "--facet", facet, "--reason", "x").code == 0
    assert beleg("export", "M-1", "--out", tmp_path / "out").code == 0
    lines = map(json.loads, (tmp_path / "out/bag/data/redactions.jsonl").read_text("utf-8").splitlines())
    assert [(line["text"], "author" in line["facets"]) for line in lines][:2] == [(None, True)] * 2
    assert tells(tmp_path / "out", "15 Prozent") == []


def test_a_chat_that_names_nothing_repeats_it_no_more_and_the_other_phone_neither(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    lines = (
        ("09:15:59", "Anna", "Garantie, und ein Rabatt von 38,5 Prozent auf Pumpen, unter uns"),
        ("09:20:10", "Bernd", "Garantie: ein Rabatt von 38,5 Prozent auf alles?"),
        ("09:21:10", "Anna", "Garantie gut"),
    )
    for name, shift in (("Anna", 0), ("Bernd", 2)):
        told = ((f"{time[:-2]}{int(time[-2:]) + shift:02}", who, text) for time, who, text in lines)
        chat = "".join(f"[03.02.25, {time}] {who}: {text}\n" for time, who, text in told)
        file = tmp_path / f"WhatsApp Chat mit {'Bernd' if name == 'Anna' else 'Anna'}.txt"
        file.write_text(chat.replace("09:15:61", "09:16:01"), encoding="utf-8")
        assert beleg("ingest", file, "--mine", name).code == 0
    beleg("matter", "open", "Pumpe", "--reason", "Streit")
    beleg("matter", "add", "M-1", "--search", "garantie")
    item = beleg("search", '"unter uns"', "--json").json["hits"][0]["number"]
    words = ("--words", "Rabatt von 38,5 Prozent auf Pumpen", "--words", "unter uns")
    assert beleg("matter", "redact", "M-1", str(item), *words, "--reason", "x").code == 0
    assert beleg("export", "M-1", "--out", tmp_path / "out").code == 0
    assert [tells(tmp_path / "out", words) for words in ("38,5 Prozent", "unter uns")] == [[], []]
    assert tells(tmp_path / "out", "Garantie gut")


def test_a_second_decision_adds_and_none_takes_all_back(beleg: Beleg, room: None) -> None:
    item = str(found(beleg, f'"{FIRST}"'))

    def redact(*how: str) -> Any:
        done = beleg("matter", "redact", "M-1", item, *how, "--json")
        assert done.code == 0, done.err
        return done.json

    redact("--words", "12 Prozent", "--reason", "Preis")
    both = redact("--facet", "author", "--words", "Pönale", "--reason", "Quelle")
    assert (both["facets"], both["spans"]) == (["author"], [[4, 10], [19, 29]])
    assert both["reason"] == "Preis; Quelle"
    taken_back = redact("--reason", "doch")
    assert (taken_back["facets"], taken_back["spans"]) == ([], [])


def test_the_reason_given_first_tells_nothing_that_is_withheld_later(beleg: Beleg, room: None) -> None:
    item = str(found(beleg, f'"{FIRST}"'))
    assert beleg("matter", "redact", "M-1", item, "--words", "12 Prozent", "--reason", "Pönale").code == 0
    told = beleg("matter", "redact", "M-1", item, "--words", "Pönale", "--reason", "x")
    assert (told.code, "say it in other words" in told.err) == (2, True)


def test_an_erased_source_can_be_taken_out_and_what_went_with_it_is_named(
    beleg: Beleg, room: None, tmp_path: Path
) -> None:
    item, answer = found(beleg, f'"{FIRST}"'), found(beleg, "viel")
    assert beleg("matter", "redact", "M-1", str(item), "--facet", "text", "--reason", "x").code == 0
    assert beleg("export", "M-1", "--out", tmp_path / "a").code == 0
    erased(beleg, item)
    told = beleg("export", "M-1", "--out", tmp_path / "b")
    assert told.code == 5
    assert f"beleg matter remove M-1 {item}" in told.err
    assert str(answer) in told.err.split("decide by hand on item ")[1].split(", withheld with it")[0]
    assert beleg("matter", "remove", "M-1", str(item)).code == 0
    assert beleg("export", "M-1", "--out", tmp_path / "b").code == 0
    again = beleg("export", "--again", "E-1", "--out", tmp_path / "c")
    assert again.code == 3
    assert tells(tmp_path / "c", "15 Prozent") == []


def test_the_item_itself_tells_short_words_nowhere_else(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@x.example", "b@x.example", "Angebot 17 %"
    mail["Message-ID"], mail["Date"] = "<1@x.example>", "Tue, 04 Feb 2025 09:00:00 +0100"
    mail.set_content("Wir geben 17 % Rabatt, dazu Kalk7.txt und die Garantie.")
    for name, text in (("Nachlass 17 %.txt", "nichts"), ("Kalk7.txt", "eine Kalkulation")):
        mail.add_attachment(text.encode(), maintype="text", subtype="plain", filename=name)
    (tmp_path / "1.eml").write_bytes(mail.as_bytes())
    assert beleg("ingest", tmp_path / "1.eml", "--mine", "b@x.example").code == 0
    beleg("matter", "open", "Rabatt", "--reason", "Streit")
    beleg("matter", "add", "M-1", "--search", "garantie")
    item = str(found(beleg, "garantie"))
    assert beleg("matter", "redact", "M-1", item, "--words", "17 %", "--reason", "x").code == 0
    assert beleg("export", "M-1", "--out", tmp_path / "a").code == 0
    said = ("Angebot 17 %", "Nachlass 17 %", "geben 17 % Rabatt")
    assert [tells(tmp_path / "a", words) for words in said] == [[], [], []]
    assert tells(tmp_path / "a", "und die Garantie")
    assert beleg("matter", "redact", "M-1", item, "--reason", "doch").code == 0
    assert beleg("matter", "redact", "M-1", item, "--facet", "attachments", "--reason", "x").code == 0
    assert beleg("export", "M-1", "--out", tmp_path / "b").code == 0
    assert [tells(tmp_path / "b", words) for words in ("dazu Kalk7.txt", "eine Kalkulation")] == [[], []]
    assert tells(tmp_path / "b", "17 % Rabatt")
