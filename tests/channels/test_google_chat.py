"""Google Chat: times in words, stubs, versions, names that were changed on disk."""

import json
from pathlib import Path

import pytest

from archive.channels.google_chat import GoogleChatTakeout, written_time

READER = GoogleChatTakeout()


def put(tmp_path: Path, *messages: dict[str, object], folder: str = "Space AAA") -> Path:
    place = tmp_path / "Google Chat" / "Groups" / folder
    place.mkdir(parents=True)
    (place / "messages.json").write_text(json.dumps({"messages": list(messages)}))
    return tmp_path


def message(ident: str, **more: object) -> dict[str, object]:
    return {"creator": {"name": "Anna", "email": "a@x.example"}, "created_date": "Friday, November 4, 2022 at 8:00:00 AM UTC", "text": "a", "topic_id": "t", "message_id": f"AAA/t/{ident}", **more}  # fmt: skip


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("Thursday, November 3, 2016 at 11:59:50\u202fPM UTC", "2016-11-03T23:59:50Z"),
        ("Thursday, November 3, 2016 at 12:00:10 AM UTC", "2016-11-03T00:00:10Z"),
        ("Donnerstag, 3. März 2022 um 07:05:09 UTC", "2022-03-03T07:05:09Z"),
        ("jeudi 3 novembre 2016 à 11:59:50 UTC", None),
        ("1478174390000000", "2016-11-03T11:59:50.000000Z"),
    ],
)
def test_times_in_words(written: str, utc: str | None) -> None:
    time = written_time(written)
    assert (time.written, time.utc) == (written, utc)


def test_stubs_versions_threads_and_quotes(read, tmp_path: Path) -> None:
    old = [{"text": "erst", "created_date": "Friday, November 4, 2022 at 7:00:00 AM UTC"}]
    root = put(
        tmp_path,
        {"message_state": "DELETED", "created_date": "Friday, November 4, 2022 at 8:00:00 AM UTC", "message_id": "AAA/t/x", "topic_id": "t", "deletion_metadata": {"deletion_type": "CREATOR"}},
        message("t", previous_message_versions=old, updated_date="Friday, November 4, 2022 at 9:00:00 AM UTC", text="dann"),
        message("r", quoted_message_metadata={"message_id": "AAA/t/t", "text": "dann"}),
    )  # fmt: skip
    gone, first, edit, reply = read(READER, root).items
    assert (gone.event, gone.author, gone.deleted.by) == ("deleted", None, "author")
    assert [(i.event, i.text, i.time.utc) for i in (first, edit)] == [
        ("posted", "erst", "2022-11-04T07:00:00Z"),
        ("edited", "dann", "2022-11-04T09:00:00Z"),
    ]
    assert edit.history == "full"
    assert [(t.relation, t.key.id) for t in reply.targets] == [("root", "AAA/t/t"), ("quote", "AAA/t/t")]


def test_files_links_and_memberships(read, tmp_path: Path) -> None:
    link = {
        "url_metadata": {
            "title": "Pumpe",
            "url": {"private_do_not_access_or_else_safe_url_wrapped_value": "https://x.example"},
        }
    }
    root = put(
        tmp_path,
        message(
            "1",
            attached_files=[{"original_name": "a?b=1.png", "export_name": "File-a?b=1.png"}],
            annotations=[link],
        ),
        folder="DM bbb",
    )
    (root / "Google Chat" / "Groups" / "DM bbb" / "File-a_b=1.png").write_bytes(b"x")
    (root / "Google Chat" / "Groups" / "DM bbb" / "group_info.json").write_text(
        '{"members": [{"name": "Anna", "email": "a@x.example"}]}'
    )
    (root / "Google Chat" / "Users").mkdir()
    (root / "Google Chat" / "Users" / "user_info.json").write_text('{"user": {"name": "Anna"}}')
    outcome = read(READER, root)
    assert outcome.counts == (2, 0, 1)
    [item] = outcome.items
    assert (item.attachments[0].state, item.attachments[0].name) == ("present", "a?b=1.png")
    assert item.text == "a\nPumpe\nhttps://x.example"
    assert (item.visibility, item.thread.id) == ("direct", "bbb")


def test_titles_of_files_of_drive_are_words(read, tmp_path: Path) -> None:
    notes = [{"start_index": 0, "length": 0, "drive_metadata": {"id": "d", "title": "Angebot 5000 EUR"}}]
    [item] = read(READER, put(tmp_path, message("1", annotations=notes))).items
    assert item.text == "a\nAngebot 5000 EUR"
