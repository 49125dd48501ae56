"""Signal: frames, revisions, receipts, updates, and keys that must not be read."""

import json
from pathlib import Path

from archive.channels.signal import SignalExport
from archive.reading.private import without
from archive.reading.tree import Tree
from archive.reading.units import Completeness
from tests.channels.own import OWN

READER = SignalExport()
ANNA = {
    "id": "4",
    "contact": {"aci": "AAoRzgAAQACAAAAAAAAAAQ==", "profileKey": "geheim==", "profileGivenName": "Anna"},
}
ANNAS_ID = "000a11ce-0000-4000-8000-000000000001"
GROUP = {"id": "10", "group": {"masterKey": "AAAA", "snapshot": {"title": {"title": "Pumpe"}, "members": [{"userId": "AAoRzgAAQACAAAAAAAAAAQ=="}]}}}  # fmt: skip


def put(tmp_path: Path, *items: dict[str, object]) -> Path:
    frames: list[dict[str, object]] = [
        {"version": "1", "backupTimeMs": "1715636551000", "mediaRootBackupKey": "q6ur"},
        {"recipient": {"id": "1", "self": {}}},
        {"recipient": ANNA},
        {"recipient": GROUP},
        {"chat": {"id": "2", "recipientId": "4"}},
        {"chat": {"id": "3", "recipientId": "10"}},
        *({"chatItem": {"chatId": "2", "authorId": "4", "dateSent": "1000", **item}} for item in items),
    ]
    path = tmp_path / "main.jsonl"
    path.write_text("\n".join(json.dumps(frame) for frame in frames) + "\n")
    return path


def text(words: str) -> dict[str, object]:
    return {"standardMessage": {"text": {"body": words}}}


def test_revisions_are_edits_of_what_was_posted(read, tmp_path: Path) -> None:
    path = put(tmp_path, {"dateSent": "3000", **text("dann"), "revisions": [{"chatId": "2", "authorId": "4", "dateSent": "1000", **text("erst")}]})  # fmt: skip
    posted, edited = read(READER, path).items
    assert [(i.event, i.text, i.key.id) for i in (posted, edited)] == [
        ("posted", "erst", f"{ANNAS_ID}:1000"),
        ("edited", "dann", f"{ANNAS_ID}:3000"),
    ]
    assert edited.targets[0].key == posted.key
    assert edited.history == "full"


def test_receipts_reactions_quotes_and_stickers(read, tmp_path: Path) -> None:
    sent = {"authorId": "1", "outgoing": {"sendStatus": [{"recipientId": "4", "timestamp": "1001", "delivered": {}}, {"recipientId": "10", "pending": {}}]}}  # fmt: skip
    reacted = text("a")
    reacted["standardMessage"] |= {
        "reactions": [{"emoji": "👍", "authorId": "4"}],
        "quote": {"targetSentTimestamp": "5", "authorId": "4", "text": {"body": "alt"}},
    }  # type: ignore[operator]
    sticker = {
        "dateSent": "1005",
        "stickerMessage": {"sticker": {"emoji": "💀", "data": {"contentType": "image/png"}}},
    }
    items = read(READER, put(tmp_path, {**sent, **reacted}, sticker)).items
    assert [item.event for item in items] == ["posted", "delivered", "posted"]
    assert (items[0].reactions[0].value, items[0].targets[0].key.id) == ("👍", f"{ANNAS_ID}:5")
    assert items[1].author.written == "Anna"
    assert items[1].targets[0].key == items[0].key
    assert (items[2].text, items[2].attachments[0].role) == ("💀", "sticker")


def test_updates_calls_and_changes_of_a_group(read, tmp_path: Path) -> None:
    changes = [{"groupNameUpdate": {"updaterAci": "AAoRzgAAQACAAAAAAAAAAQ==", "newGroupName": "Neu"}}, {"groupMemberLeftUpdate": {"aci": "AAoRzgAAQACAAAAAAAAAAQ=="}}]  # fmt: skip
    path = put(
        tmp_path,
        {"chatId": "3", "updateMessage": {"groupChange": {"updates": changes}}},
        {"updateMessage": {"individualCall": {"type": "AUDIO_CALL"}}},
        {"dateSent": "1002", "updateMessage": {"profileChange": {"previousName": "A", "newName": "B"}}},
        {"dateSent": "1003", "updateMessage": {"simpleUpdate": {"type": "IDENTITY_UPDATE"}}},
    )
    items = read(READER, path).items
    assert [item.event for item in items] == ["renamed", "left", "called", "renamed", "notice"]
    assert [item.title for item in items] == ["Neu", None, None, "B", None]
    assert items[0].thread.id == "group:10"


def test_deleted_view_once_polls_and_unknown_content(read, tmp_path: Path) -> None:
    path = put(
        tmp_path,
        {"remoteDeletedMessage": {}},
        {"dateSent": "1001", "viewOnceMessage": {}},
        {
            "dateSent": "1002",
            "poll": {"question": "Wann?", "options": [{"option": "Heute", "votes": [{"voterId": "4"}]}]},
        },
        {"dateSent": "1003", "somethingNew": {}},
        {"chatId": "99", "dateSent": "1004", **text("verwaist")},
    )
    outcome = read(READER, path)
    assert [item.event for item in outcome.items] == ["deleted", "posted", "posted"]
    assert outcome.items[1].attachments[0].reason == "view once"
    assert outcome.items[2].text == "Wann?\n- Heute"
    assert '"voterId": "4"' in dict(outcome.items[2].extra)["options"]
    assert outcome.counts == (9, 2, 0)
    [completeness] = [r for r in outcome.readings if isinstance(r, Completeness)]
    assert "disappearing" in completeness.gaps[0].reason


def test_no_key_is_ever_read(tmp_path: Path) -> None:
    path = tmp_path / "main.jsonl"
    path.write_bytes(OWN["signal"].files["main.jsonl"].replace(b"Hallo", b'sag \\"profileKey\\":\\"x\\"'))
    with Tree.open(path) as tree:
        private = list(READER.private(tree))
        [member] = without(tree, private).members
        with member.open() as stream:
            seen = stream.read()
    assert len(private[0].ranges) == 3
    assert b"q6urq6" not in seen
    assert b"YQKRq" not in seen
    assert b'sag \\"profileKey\\":\\"x\\"' in seen


def test_who_is_in_no_conversation_and_the_settings_of_the_app_are_masked(read, tmp_path: Path) -> None:
    path = put(tmp_path, {**text("Hallo"), "reactions": [{"emoji": "👍", "authorId": "12"}]})
    people = [
        {"recipient": {"id": str(n), "contact": {"profileGivenName": name, "note": f"Notiz {n}"}}}
        for n, name in ((11, "Fremd"), (12, "Reagiert"), (2, "Chatnummer"))
    ]
    member = {"recipient": {"id": "13", "contact": {"aci": "BBoRzgAAQACAAAAAAAAAAQ==", "note": "Notiz 13"}}}
    group = json.loads(json.dumps(GROUP).replace("AAoRzg", "BBoRzg").replace('"10"', '"14"'))
    folder = {"chatFolder": {"name": "Privatleben"}}
    lines = path.read_text().splitlines()
    lines[2:2] = [json.dumps(frame) for frame in (*people, member, {"recipient": group}, folder)]
    path.write_text("\n".join(lines) + "\n")
    with Tree.open(path) as tree, without(tree, READER.private(tree)).members[0].open() as stream:
        seen = stream.read().decode()
    assert [
        name for name in ("Notiz 11", "Notiz 2", "Privatleben", "Notiz 12", "Notiz 13") if name in seen
    ] == [
        "Notiz 12",
        "Notiz 13",
    ]
    path.write_text(seen)
    outcome = read(READER, path)
    assert [item.text for item in outcome.items if item.event == "posted"] == ["Hallo"]
    assert (outcome.counts[1:], outcome.failures) == ((0, 3), [])


def test_a_line_nested_to_the_limit_stops_nobody(tmp_path: Path) -> None:
    path = put(tmp_path, text("Hallo"))
    for depth in (400, 900, 100_000):
        with path.open("a") as file:
            file.write('{"chatItem":' + "[" * depth + "]" * depth + "}\n")
    with Tree.open(path) as tree:
        assert [private.reason for private in READER.private(tree)] == ["keys and other secrets"]
