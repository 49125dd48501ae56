"""Discord: two sources, one channel."""

import json
from pathlib import Path

from archive.channels.discord import DiscordExport
from archive.ports import ReadOptions
from archive.reading.private import without
from archive.reading.tree import Tree
from archive.reading.units import Completeness, UnitRead

READER = DiscordExport()


def message(ident: str, **more: object) -> dict[str, object]:
    return {"id": ident, "type": "Default", "timestamp": "2023-01-06T14:03:03.85+01:00", "content": "a", "author": {"id": "8", "name": "anna", "nickname": "Anna"}, **more}  # fmt: skip


def put(tmp_path: Path, *messages: object, count: int | None = None) -> Path:
    told = {
        "guild": {"id": "5", "name": "Werk"},
        "channel": {"id": "6", "type": "GuildTextChat", "name": "pumpe"},
    }
    path = tmp_path / "kanal.json"
    path.write_text(
        json.dumps(
            {**told, "messages": list(messages), "messageCount": len(messages) if count is None else count}
        )
    )
    return path


def test_kinds_replies_forwards_polls_and_embeds(read, tmp_path: Path) -> None:
    path = put(
        tmp_path,
        message(
            "1", type="Reply", reference={"messageId": "99"}, timestampEdited="2023-01-06T15:00:00+01:00"
        ),
        message("2", type="RecipientAdd"),
        message("3", type="ChannelPinnedMessage", reference={"messageId": "1"}),
        message("4", type="Call", callEndedTimestamp="2023-01-06T15:00:00+01:00"),
        message("5", type="SomethingNew"),
        message(
            "6",
            content="",
            embeds=[{"title": "T", "description": "D", "fields": [{"name": "F", "value": "V"}]}],
        ),
        message("7", content="", poll={"question": {"text": "Wann?"}, "answers": [{"text": "Heute"}]}),
        message("8", content="", forwardedMessage={"content": "weiter"}, reference={"messageId": "42"}),
        message("9", author={"id": "0", "name": "Deleted User"}),
    )
    items = read(READER, path).items
    assert [item.event for item in items] == [
        "posted",
        "joined",
        "pinned",
        "called",
        "notice",
        *["posted"] * 4,
    ]
    assert [t.relation for item in items for t in item.targets] == ["reply", "of", "forward"]
    assert [item.text for item in items[5:8]] == ["T\nD\nF\nV", "Wann?\n- Heute", "weiter"]
    assert items[0].time.utc == "2023-01-06T13:03:03.85Z"
    assert items[0].edited.time.utc == "2023-01-06T14:00:00Z"
    assert items[8].author.state == "deleted"
    assert (items[0].author.written, items[0].author.handle) == ("Anna", "anna")


def test_the_count_of_the_file_is_held_against_it(read, tmp_path: Path) -> None:
    outcome = read(READER, put(tmp_path, message("1"), count=3))
    [completeness] = [r for r in outcome.readings if isinstance(r, Completeness)]
    assert [(c.expected, c.found) for c in completeness.claims if c.expected is not None] == [(3, 1)]


def test_local_media_with_back_slashes_and_expired_addresses(read, tmp_path: Path) -> None:
    files = [
        {"url": "kanal.json_Files\\a-1.png", "fileName": "a.png", "fileSizeBytes": 1},
        {"url": "https://cdn.example/x.png?ex=1&hm=geheim", "fileName": "x.png"},
    ]
    put(tmp_path, message("1", attachments=files))
    (tmp_path / "kanal.json_Files").mkdir()
    (tmp_path / "kanal.json_Files" / "a-1.png").write_bytes(b"x")
    [item] = read(READER, tmp_path).items
    assert [(a.state, a.reason, a.url) for a in item.attachments] == [
        ("present", None, None),
        ("missing", "expired url", "https://cdn.example/x.png"),
    ]


def test_a_package_keeps_ids_of_64_bits_and_knows_its_owner(read, tmp_path: Path) -> None:
    for folder, name, data in (
        ("messages/c9", "channel.json", '{"id": "9", "type": 1, "recipients": ["1", "2"]}'),
        ("messages/c9", "messages.json", '[{"ID": 1200000000000000003, "Timestamp": "2026-03-14 09:00:05", "Contents": "x", "Attachments": "https://c.example/a.png?e=1 https://c.example/b.png"}]'),
        ("messages/c8", "messages.csv", 'ID,Timestamp,Contents,Attachments\n1200000000000000001,2020-03-14 09:00:05.123000+00:00,"zwei\nZeilen",\n'),
        ("account", "user.json", '{"id": "1", "email": "a@x.example"}'),
        ("activity", "events.json", '{"ip": "198.51.100.7"}'),
    ):  # fmt: skip
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / name).write_text(data)
    outcome = read(READER, tmp_path)
    assert outcome.counts == (4, 0, 1)
    csv, own = outcome.items
    assert (own.key.id, own.thread.id, own.visibility, own.via.id) == (
        "1200000000000000003",
        "9",
        "direct",
        "1",
    )
    assert own.time.zone_source == "by_spec"
    assert [a.name for a in own.attachments] == ["a.png", "b.png"]
    assert (csv.text, csv.thread.id) == ("zwei\nZeilen", "8")


def test_of_the_file_of_the_account_only_the_names_are_seen(tmp_path: Path) -> None:
    for folder, name, data in (
        ("messages/c9", "messages.json", '[{"ID": 3, "Timestamp": "2026-03-14 09:00:05", "Contents": "x"}]'),
        ("account", "user.json", '{"id": "1", "username": "anna", "email": "a@x.example", "sessions": [{"ip": "198.51.100.7"}]}'),
    ):  # fmt: skip
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / name).write_text(data)
    with Tree.open(tmp_path) as tree:
        seen = without(tree, READER.private(tree))
        [units] = [r for r in READER.read(seen, ReadOptions()) if isinstance(r, UnitRead) and r.items]
        [account] = [
            a for r in READER.read(seen, ReadOptions()) if isinstance(r, UnitRead) for a in r.accounts
        ]
        [member] = [m for m in seen.files() if m.name == "user.json"]
        with member.open() as stream:
            shown = stream.read()
    assert (units.items[0].via.id, units.items[0].author.account.id) == ("1", "1")
    assert (account.key.id, account.handle) == ("1", "anna")
    assert b"anna" in shown
    assert not any(private in shown for private in (b"x.example", b"198.51"))


def test_what_is_passed_on_brings_its_embeds_and_files(read, tmp_path: Path) -> None:
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "a.pdf").write_bytes(b"%PDF")
    passed = {
        "content": "sieben Jahre",
        "embeds": [{"title": "T", "description": "D", "author": {"name": "Werk"}, "footer": {"text": "F"}}],
        "attachments": [{"url": "media\\a.pdf", "fileName": "Angebot.pdf"}],
    }
    put(tmp_path, message("2", content="", reference={"messageId": "9"}, forwardedMessage=passed))
    reading = read(READER, tmp_path)
    [item] = reading.items
    assert item.text == "sieben Jahre\nT\nD\nWerk\nF"
    assert [(one.name, one.state) for one in item.attachments] == [("Angebot.pdf", "present")]
    assert reading.counts == (1, 0, 0)
