"""Slack: ids, threads, events, files, words, and what is broken."""

import json
from pathlib import Path

import pytest

from archive.channels.slack_export import SlackExport
from archive.ports import ReadOptions
from archive.reading.private import without
from archive.reading.tree import Tree
from archive.reading.units import UnitRead

READER = SlackExport()
USERS = [
    {
        "id": "U01AAAAAA",
        "team_id": "T01",
        "name": "anna",
        "profile": {"display_name": "Anna", "email": "a@x.example"},
    },
    {"id": "U01BBBBBB", "team_id": "T01", "name": "bob", "deleted": True, "profile": {"real_name": "Bob"}},
]
CHANNELS = [{"id": "C01AAAAAA", "name": "allgemein", "members": ["U01AAAAAA", "U99"]}]


def export(folder: Path, *messages: object, users: object = USERS, channels: object = CHANNELS) -> Path:
    root = folder / "export"
    (root / "allgemein").mkdir(parents=True)
    if users is not None:
        (root / "users.json").write_text(json.dumps(users))
    if channels is not None:
        (root / "channels.json").write_text(json.dumps(channels))
    (root / "allgemein" / "2024-03-04.json").write_text(json.dumps(list(messages), indent=2))
    return root


def said(text: str, ts: str = "1709540000.000400", **more: object) -> dict[str, object]:
    return {"type": "message", "user": "U01AAAAAA", "text": text, "ts": ts, **more}


def test_a_message_and_its_key(read, tmp_path: Path) -> None:
    outcome = read(READER, export(tmp_path, said("Hallo <@U01BBBBBB> &amp; <@U77>: 3 &lt; 4")), mine="Anna")
    assert outcome.counts == (4, 0, 0)
    [item] = outcome.items
    assert (item.key.scope, item.key.id, item.key.derived) == ("T01/C01AAAAAA", "1709540000.000400", False)
    assert (item.thread.scope, item.thread.id) == ("T01", "C01AAAAAA")
    assert item.text == "Hallo @Bob & @U77: 3 < 4"
    assert item.body.content == "Hallo <@U01BBBBBB> &amp; <@U77>: 3 &lt; 4"
    assert item.time.utc == "2024-03-04T08:13:20.000400Z"
    assert (item.author.written, item.author.state) == ("Anna", "active")
    assert item.via.id == "U01AAAAAA"
    assert item.visibility == "internal"
    assert item.raw.pointer == "/0"


def test_accounts_and_threads_are_described(read, tmp_path: Path) -> None:
    outcome = read(READER, export(tmp_path))
    accounts = [account for reading in outcome.readings for account in getattr(reading, "accounts", ())]
    threads = [thread for reading in outcome.readings for thread in getattr(reading, "threads", ())]
    assert [(a.name, a.state, a.address) for a in accounts] == [
        ("Anna", "active", "a@x.example"),
        ("Bob", "deleted", None),
    ]
    assert [(t.title, t.kind, [p.state for p in t.participants]) for t in threads] == [
        ("allgemein", "channel", ["active", "unknown"])
    ]


@pytest.mark.parametrize(
    ("subtype", "event"),
    [
        ("channel_join", "joined"),
        ("group_leave", "left"),
        ("channel_name", "renamed"),
        ("channel_topic", "notice"),
        ("pinned_item", "pinned"),
        ("tombstone", "deleted"),
        ("me_message", "posted"),
    ],
)
def test_subtypes_are_events(read, tmp_path: Path, subtype: str, event: str) -> None:
    [item] = read(READER, export(tmp_path, said("x", subtype=subtype, name="neu"))).items
    assert item.event == event
    assert ("subtype", subtype) in item.extra
    assert item.title == ("neu" if event == "renamed" else None)
    assert item.text == (None if event == "deleted" else "x")


def test_threads_edits_and_reactions(read, tmp_path: Path) -> None:
    root = said(
        "Frage", thread_ts="1709540000.000400", edited={"user": "U01AAAAAA", "ts": "1709540001.000000"}
    )
    reply = said("Antwort", "1709540002.000500", thread_ts="1709540000.000400", subtype="thread_broadcast")
    reply["reactions"] = [{"name": "+1::skin-tone-3", "users": ["U01BBBBBB"], "count": 7}]
    first, second = read(READER, export(tmp_path, root, reply)).items
    assert first.targets == ()
    assert first.edited.time.utc == "2024-03-04T08:13:21.000000Z"
    [target] = second.targets
    assert (target.relation, target.key) == ("root", first.key)
    [reaction] = second.reactions
    assert (reaction.value, reaction.count, reaction.actors[0].written) == ("+1::skin-tone-3", 7, "Bob")


def test_changes_and_deletions_that_the_export_keeps(read, tmp_path: Path) -> None:
    changed = {
        "type": "message",
        "subtype": "message_changed",
        "ts": "1709540009.000100",
        "message": said("neu", edited={"user": "U01AAAAAA", "ts": "1709540009.000000"}),
        "previous_message": said("alt"),
    }
    deleted = {
        "type": "message",
        "subtype": "message_deleted",
        "ts": "1709540010.000100",
        "deleted_ts": "1709540000.000400",
        "previous_message": said("neu"),
    }
    posted, edit, deletion = read(READER, export(tmp_path, said("neu"), changed, deleted)).items
    assert (edit.event, edit.text, edit.targets[0].relation, edit.targets[0].key) == (
        "edited",
        "neu",
        "of",
        posted.key,
    )
    assert ("previous_text", "alt") in edit.extra
    assert (deletion.event, deletion.text, deletion.targets[0].key) == ("deleted", None, posted.key)
    assert deletion.deleted.by == "unknown"


def test_files_are_addresses_without_their_token(read, tmp_path: Path) -> None:
    url = "https://files.example/F0AAAAAAA/plan.pdf?t=xoxe-12-34-abc&x=1"
    file = {
        "id": "F0AAAAAAA",
        "name": "plan.pdf",
        "mimetype": "application/pdf",
        "size": 9,
        "url_private": url,
    }
    gone = {"id": "F0BBBBBBB", "mode": "tombstone"}
    root = export(tmp_path, said("siehe " + url, files=[file, gone], neues_feld={"u": url}))
    outcome = read(READER, root)
    [item] = outcome.items
    assert [(a.state, a.reason) for a in item.attachments] == [
        ("missing", "not in export"),
        ("missing", "deleted on the platform"),
    ]
    assert b"xoxe-12-34-abc" in item.raw.slice
    assert "xoxe" not in item.model_copy(update={"raw": None}).model_dump_json()
    assert item.attachments[0].url == "https://files.example/F0AAAAAAA/plan.pdf?t=xox***&x=1"
    assert [reading.unknown_fields for reading in outcome.readings if getattr(reading, "items", ())] == [
        frozenset({"neues_feld"})
    ]
    (root / "__uploads" / "F0AAAAAAA").mkdir(parents=True)
    (root / "__uploads" / "F0AAAAAAA" / "plan.pdf").write_bytes(b"%PDF-1.4 ")
    (root / "notiz.txt").write_bytes(b"x")
    outcome = read(READER, root)
    assert outcome.items[0].attachments[0].state == "present"
    assert outcome.counts == (4, 1, 0)


def test_words_of_attachments_and_blocks_are_found(read, tmp_path: Path) -> None:
    bot = {
        "type": "message",
        "subtype": "bot_message",
        "bot_id": "B1",
        "username": "Bestellung",
        "text": "",
        "ts": "1.000001",
    }
    bot["ts"] = "1709540000.000400"
    bot["attachments"] = [
        {
            "pretext": "Neu",
            "title": "4711",
            "fields": [{"title": "Preis", "value": "11 &lt; 12"}],
            "fallback": "nie",
        }
    ]
    bot["blocks"] = [
        {"type": "section", "text": {"type": "mrkdwn", "text": "*Garantie* <https://x.example|hier>"}}
    ]
    rich = said("", "1709540001.000400")
    rich["blocks"] = [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "nur "}, {"type": "user", "user_id": "U01BBBBBB"}]}]}]  # fmt: skip
    first, second = read(READER, export(tmp_path, bot, rich)).items
    assert first.text == "*Garantie* hier (https://x.example)\nNeu\n4711\nPreis\n11 < 12"
    assert (first.author.written, first.author.account.id) == ("Bestellung", "B1")
    assert second.text == "nur @Bob"


def test_one_broken_object_does_not_take_its_day_with_it(read, tmp_path: Path) -> None:
    root = export(tmp_path, said("eins"))
    day = root / "allgemein" / "2024-03-04.json"
    good = json.dumps(said("zwei", "1709540005.000400"))
    odd = json.dumps({"type": "message", "ts": 1709540005.0004, "text": "float"})
    half = '{"type": "message", "user": "U1", "ts": "1709540006.000100", "text": "half \\ud83d pair"}'
    day.write_text(f'[{good}, {{kaputt}}, 7, {odd}, {half}, {{"cut')
    outcome = read(READER, root)
    assert outcome.counts == (5, 4, 0)
    assert [item.text for item in outcome.items] == ["zwei", "half \ufffd pair"]
    assert not any("kaputt" in reason for reason in outcome.failures)


def test_scope_without_a_team_is_the_oldest_channel_and_then_the_source(read, tmp_path: Path) -> None:
    [item] = read(READER, export(tmp_path / "a", said("x"), users=None)).items
    assert item.key.scope == "channel:C01AAAAAA/C01AAAAAA"
    [item] = read(READER, export(tmp_path / "b", said("x"), users=None, channels=None), source="werk").items
    assert item.key.scope == "source:werk/allgemein"
    assert item.thread.derived


def test_logs_are_excluded_with_a_reason_and_recognition_is_by_structure(
    read, detect, tmp_path: Path
) -> None:
    root = export(tmp_path, said("x"))
    (root / "integration_logs.json").write_text('[{"a": 1}, {"b": 2}]')
    assert read(READER, root).counts == (4, 0, 2)
    assert detect(READER, root) == 98
    (root / "allgemein" / "2024-03-04.json").write_text('[{"type": "message"}]')
    (root / "users.json").write_text("{}")
    assert detect(READER, root) == 0


def test_tokens_are_masked_before_they_are_read_and_change_no_item(read, tmp_path: Path) -> None:
    file = {
        "id": "F0AAAAAAA",
        "name": "plan.pdf",
        "url_private": "https://files.example/p.pdf?t=xoxe-12-34-abc&x=1",
    }
    root = export(tmp_path, said("siehe https://files.example/p.pdf?t=xoxe-12-34-abc", files=[file]))
    with Tree.open(root) as tree:
        seen = without(tree, READER.private(tree))
        masked = [
            item for r in READER.read(seen, ReadOptions()) if isinstance(r, UnitRead) for item in r.items
        ]
    [plain] = read(READER, root).items
    assert [i.model_copy(update={"raw": plain.raw}) for i in masked] == [plain]
    assert b"xoxe" not in masked[0].raw.slice
    assert len(masked[0].raw.slice) == len(plain.raw.slice)


def test_day_files_outside_of_the_workspace_are_an_export_of_their_own(read, tmp_path: Path) -> None:
    export(tmp_path, said("im Export"))
    loose = tmp_path / "einzeln" / "general"
    loose.mkdir(parents=True)
    (loose / "2025-02-03.json").write_text(json.dumps([said("daneben", "1738570510.000200")]))
    other = tmp_path / "anderes"
    other.mkdir()
    (other / "2025-02-03.json").write_text('[{"steps": 9000}]')
    outcome = read(READER, tmp_path)
    assert [item.text for item in outcome.items] == ["daneben", "im Export"]
    foreign = [one.member for one in outcome.readings if getattr(one, "foreign", False)]
    assert foreign == ["anderes/2025-02-03.json"]


def test_cells_of_a_table_points_of_a_list_and_shared_files_are_there(read, tmp_path: Path) -> None:
    def cell(text: str) -> dict[str, object]:
        return {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}

    rows = [[{"type": "raw_text", "text": "Pos."}, {"type": "raw_text", "text": "Preis"}],
            [{"type": "rich_text", "elements": [cell("K 80")]}, {"type": "raw_text", "text": "4.711 EUR"}]]  # fmt: skip
    points = {"type": "rich_text_list", "elements": [cell("erstens"), cell("zweitens")]}
    shared = {"is_share": True, "text": "Zusage", "footer": "Fuß", "files": [{"id": "F1", "name": "A.pdf"}]}
    table = {"fallback": "[no preview available]", "blocks": [{"type": "table", "rows": rows}]}
    root = export(
        tmp_path,
        said("", ts="1709540000.000001", attachments=[table]),
        said("", ts="1709540000.000002", blocks=[{"type": "rich_text", "elements": [cell("Also:"), points]}]),
        said("siehe", ts="1709540000.000003", attachments=[shared]),
    )
    one, two, three = read(SlackExport(), root).items
    assert one.text == "Pos.\tPreis\nK 80\t4.711 EUR"
    assert two.text == "Also:\nerstens\nzweitens"
    assert three.text == "siehe\nZusage\nFuß"
    assert [file.name for file in three.attachments] == ["A.pdf"]


def test_words_of_snippets_and_mails_stand_in_the_export_alone(read, tmp_path: Path) -> None:
    snippet = {"id": "F1", "name": "a.html", "mode": "snippet", "preview": "<b>5 Jahre</b> xoxe-1-geheim"}
    mail = {"id": "F2", "name": "m", "mode": "email", "preview": "<p>cut", "plain_text": "Angebot & Preis"}
    post = {"id": "F3", "name": "p", "mode": "space", "preview": "<p>Erster <i>Absatz</i></p>"}
    [item] = read(SlackExport(), export(tmp_path, said("siehe", files=[snippet, mail, post]))).items
    assert item.text == "siehe\n<b>5 Jahre</b> xox***\nAngebot & Preis\nErster Absatz"


@pytest.mark.parametrize(
    "unfurled",
    [
        {"is_share": True, "ts": "1709540000.000400", "channel_id": "C01AAAAAA"},
        {
            "is_msg_unfurl": True,
            "from_url": "https://t.slack.com/archives/C01AAAAAA/p1709540000000400?thread_ts=1",
        },
    ],
)
def test_a_message_that_is_passed_on_is_named(read, tmp_path: Path, unfurled: dict[str, object]) -> None:
    attached = {"author_name": "Bob", "text": "alt", **unfurled}
    others = [
        {"from_url": "https://t.slack.com/archives/C01AAAAAA/p1709540000000400"},
        {"is_share": True},
        "x",
    ]
    told = said("siehe", "1709540100.000400", attachments=[attached, *others])
    [item] = read(READER, export(tmp_path, told), mine="Anna").items
    assert [(t.relation, t.key.scope, t.key.id) for t in item.targets] == [
        ("share", "T01/C01AAAAAA", "1709540000.000400")
    ]
