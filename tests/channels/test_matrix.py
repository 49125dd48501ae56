"""Matrix: relations, redactions, the quote of older clients, closed messages, keys."""

import json
from pathlib import Path

from archive.channels.matrix import MatrixExport
from archive.reading.private import without
from archive.reading.tree import Tree
from archive.reading.units import UnitRead

READER = MatrixExport()


def event(
    ident: str, kind: str = "m.room.message", /, content: object = None, **more: object
) -> dict[str, object]:
    told = {"msgtype": "m.text", "body": "a"} if content is None else content
    return {"type": kind, "sender": "@anna:x.example", "content": told, "origin_server_ts": 1738742400000, "event_id": ident, "room_id": "!r:x.example", **more}  # fmt: skip


def put(tmp_path: Path, *events: object) -> Path:
    path = tmp_path / "export.json"
    path.write_text(json.dumps({"room_name": "Pumpe", "messages": list(events)}))
    return path


def test_relations_are_events_with_targets(read, tmp_path: Path) -> None:
    path = put(
        tmp_path,
        event("$1", content={"msgtype": "m.text", "body": "> <@bob:x> alt\n> mehr\n\nneu", "m.relates_to": {"m.in_reply_to": {"event_id": "$0"}}}),
        event("$2", content={"msgtype": "m.text", "body": "* x", "m.new_content": {"msgtype": "m.text", "body": "x"}, "m.relates_to": {"rel_type": "m.replace", "event_id": "$1"}}),
        event("$3", "m.reaction", content={"m.relates_to": {"rel_type": "m.annotation", "event_id": "$1", "key": "👍"}}),
        event("$4", "m.room.redaction", content={"reason": "Spam"}, redacts="$1"),
        event("$5", content={}),
        event("$6", "m.room.encrypted", content={"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "x"}),
    )  # fmt: skip
    items = read(READER, path).items
    assert [(i.event, i.text) for i in items] == [("posted", "neu"), ("edited", "x"), ("reacted", None), ("deleted", "Spam"), ("deleted", None), ("posted", None)]  # fmt: skip
    assert [[(t.relation, t.written_id) for t in i.targets] for i in items[:4]] == [
        [("reply", "$0")],
        [("of", "$1")],
        [("of", "$1")],
        [("of", "$1")],
    ]
    assert items[2].reactions[0].value == "👍"


def test_members_names_media_and_calls(read, tmp_path: Path) -> None:
    joined = {"membership": "join", "displayname": "Anna"}
    path = put(
        tmp_path,
        event("$1", "m.room.member", content=joined, state_key="@anna:x.example"),
        event(
            "$2",
            "m.room.member",
            content={**joined, "displayname": "A."},
            state_key="@anna:x.example",
            unsigned={"prev_content": joined},
        ),
        event("$3", "m.room.member", content={"membership": "leave"}, state_key="@anna:x.example"),
        event("$4", "m.room.name", content={"name": "Neu"}, state_key=""),
        event(
            "$5",
            content={
                "msgtype": "m.image",
                "body": "a.png",
                "url": "mxc://x/1",
                "info": {"mimetype": "image/png", "size": 3},
            },
        ),
        event("$6", "m.call.invite", content={"call_id": "1"}),
    )
    (tmp_path / "a.png").write_bytes(b"x")
    items = read(READER, tmp_path).items
    assert [i.event for i in items] == ["joined", "renamed", "left", "renamed", "posted", "called"]
    assert [i.title for i in items[:4]] == [None, "A.", None, "Neu"]
    assert (items[4].attachments[0].state, items[4].attachments[0].url) == ("present", "mxc://x/1")
    assert path.exists()


def test_a_room_is_called_as_it_was_last_named_where_no_export_says_so(read, tmp_path: Path) -> None:
    path = tmp_path / "messages.json"
    names = [
        event(f"${at}", "m.room.name", content={"name": name}, state_key="", origin_server_ts=at)
        for at, name in ((5, "Angebote"), (9, "Angebote Nord"), (7, "Dazwischen"))
    ]
    path.write_text(json.dumps({"chunk": [event("$1"), *names, event("$2")]}))
    assert [one.title for one in read(READER, path).threads] == [None, "Angebote", "Angebote Nord"]
    path.unlink()
    assert read(READER, put(tmp_path, *names)).threads[-1].title == "Pumpe", "an export names it as it is now"


def test_keys_stay_out(read, tmp_path: Path) -> None:
    path = put(tmp_path, event("$1"), event("$2", "m.room_key", content={"session_key": "GEHEIM"}))
    assert read(READER, path).counts == (1, 0, 1)
    with Tree.open(path) as tree:
        [member] = without(tree, READER.private(tree)).members
        with member.open() as stream:
            assert b"GEHEIM" not in stream.read()


def test_secrets_are_masked_in_every_file_of_many(tmp_path: Path) -> None:
    for number in range(450):
        room = {
            "room_name": "Pumpe",
            "messages": [event(f"$1-{number}", "m.room_key", content={"session_key": "GEHEIM"})],
        }
        (tmp_path / f"{number}.json").write_text(json.dumps(room))
    with Tree.open(tmp_path) as tree:
        seen = without(tree, READER.private(tree))
        assert sum(b"GEHEIM" not in member.open().read() for member in seen.members) == 450


def test_polls_of_the_stable_specification_and_their_end_are_read(read, tmp_path: Path) -> None:
    poll = {
        "question": {"m.text": [{"body": "Wann?"}]},
        "answers": [{"m.id": "1", "m.text": [{"body": "Heute"}]}],
    }
    page = {"mimetype": "text/html", "body": "<b>Heute</b>"}
    path = put(
        tmp_path,
        event("$1", "m.poll.start", content={"m.poll": poll}),
        event("$2", "m.poll.end", content={"m.text": [page, {"body": "Ergebnis: Heute"}]}),
        event("$3", content={"msgtype": "m.text", "body": "a", "neuerdings": 1}),
    )
    reading = read(READER, path)
    assert [item.text for item in reading.items] == ["Wann?\n- Heute", "Ergebnis: Heute", "a"]
    counted = [sorted(one.unknown_fields) for one in reading.readings if isinstance(one, UnitRead)]
    assert counted == [[], [], ["neuerdings"]]
