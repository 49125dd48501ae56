"""Telegram Desktop: what its JSON hides."""

import json
from pathlib import Path

from archive.channels.telegram import TelegramExport
from archive.reading.private import without
from archive.reading.tree import Tree
from archive.reading.units import UnitRead

READER = TelegramExport()


def chat(*messages: dict[str, object], **more: object) -> dict[str, object]:
    return {"name": "Pumpe", "type": "private_supergroup", "id": 42, "messages": list(messages), **more}


def said(number: int, text: object, **more: object) -> dict[str, object]:
    return {"id": number, "type": "message", "date": "2024-03-31T02:30:00", "from": "Anna", "from_id": "user1", "text": text, **more}  # fmt: skip


def put(tmp_path: Path, value: object) -> Path:
    path = tmp_path / "result.json"
    path.write_text(json.dumps(value, ensure_ascii=False))
    return path


def test_local_time_in_the_gap_is_marked_and_the_instant_wins(read, tmp_path: Path) -> None:
    path = put(tmp_path, chat(said(1, "a"), said(2, "b", date_unixtime="1711848600")))
    gap, instant = (item.time for item in read(READER, path, timezone="Europe/Berlin").items)
    assert (gap.clock, gap.zone_source) == ("gap", "assumed")
    assert (instant.utc, instant.zone_source) == ("2024-03-31T01:30:00Z", "by_spec")
    assert read(READER, path).items[0].time.utc is None


def test_text_is_a_string_or_parts_and_addresses_of_links_are_words(read, tmp_path: Path) -> None:
    parts = ["siehe ", {"type": "text_link", "text": "hier", "href": "https://x.example"}]
    [item] = read(READER, put(tmp_path, chat(said(1, parts)))).items
    assert item.text == "siehe hier (https://x.example)"
    assert item.body.type == "application/x-telegram-text+json"


def test_replies_into_other_chats_forwards_and_edits(read, tmp_path: Path) -> None:
    message = said(
        3,
        "x",
        reply_to_message_id=7,
        reply_to_peer_id="channel99",
        forwarded_from="Bob",
        edited_unixtime="1711848700",
    )
    [item] = read(READER, put(tmp_path, chat(message))).items
    assert [(t.relation, t.key and (t.key.scope, t.key.id)) for t in item.targets] == [
        ("reply", ("99", "7")),
        ("forward", None),
    ]
    assert item.edited.time.utc == "2024-03-31T01:31:40Z"
    assert item.history == "last_state"


def test_service_lines_are_events_and_a_deleted_account_stays_one(read, tmp_path: Path) -> None:
    lines = [
        {"id": n, "type": "service", "date": "2024-03-04T09:00:00", "actor": actor, "actor_id": "user1", "action": a, "text": "", **more}
        for n, (actor, a, more) in enumerate(
            [
                ("Anna", "edit_group_title", {"title": "Neu"}),
                ("Anna", "remove_members", {"members": ["Bob", None]}),
                ("Anna", "pin_message", {"message_id": 5}),
                (None, "phone_call", {"duration_seconds": 9}),
                ("Anna", "score_in_game", {}),
            ]
        )
    ]  # fmt: skip
    items = read(READER, put(tmp_path, chat(*lines)), timezone="UTC").items
    assert [item.event for item in items] == ["renamed", "left", "pinned", "called", "notice"]
    assert items[0].title == "Neu"
    assert [r.actor.written for r in items[1].recipients] == ["Bob"]
    assert items[2].targets[0].key.id == "5"
    assert items[3].author.state == "deleted"


def test_absent_media_say_why_and_present_ones_open(read, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "P 1.JPG").write_bytes(b"x")
    path = put(
        tmp_path,
        chat(
            said(1, "", photo="photos/p 1.jpg"),
            said(2, "", file="(File exceeds maximum size. Change data exporting settings to download.)", media_type="voice_message"),
            said(3, "", photo="(File not included. Change data exporting settings to download.)"),
            said(4, "", file="files/weg.pdf", file_name="Angebot.pdf"),
        ),
    )  # fmt: skip
    found = [item.attachments[0] for item in read(READER, path.parent).items]
    assert [(a.state, a.reason, a.role, a.name) for a in found] == [
        ("present", None, "image", "p 1.jpg"),
        ("missing", "size limit", "voice", None),
        ("missing", "not in export", "image", None),
        ("missing", "not in export", "file", "Angebot.pdf"),
    ]


def test_a_whole_account_keeps_ids_apart_and_masks_what_is_no_conversation(read, tmp_path: Path) -> None:
    account = {
        "personal_information": {"user_id": 5},
        "contacts": {"about": "x", "list": [{"phone_number": "+49 170 1"}]},
        "sessions": {"list": [{"last_ip": "198.51.100.7"}]},
        "chats": {"about": "x", "list": [chat(said(1, "a")), chat(said(1, "b"), id=43)]},
        "left_chats": {"list": [chat(said(1, "c"), id=44)]},
    }
    path = put(tmp_path, account)
    items = read(READER, path, timezone="UTC").items
    assert [(item.key.scope, item.key.id, item.via.id) for item in items] == [
        ("42", "1", "user5"),
        ("43", "1", "user5"),
        ("44", "1", "user5"),
    ]
    with Tree.open(path) as tree:
        private = list(READER.private(tree))
        [member] = without(tree, private).members
        with member.open() as stream:
            seen = stream.read()
    assert {p.reason for p in private} == {"contact book", "sessions with IP addresses"}
    assert len(seen) == path.stat().st_size
    assert b"+49 170" not in seen
    assert b"198.51" not in seen
    assert b'"chats"' in seen


def test_unknown_fields_are_kept_and_counted_and_broken_neighbours_hurt_nobody(read, tmp_path: Path) -> None:
    path = put(tmp_path, chat(said(1, "a", neu={"x": 1}), said(2, "b")))
    outcome = read(READER, path)
    assert dict(outcome.items[0].extra)["neu"] == '{"x": 1}'
    assert outcome.readings[0].unknown_fields == {"neu"}
    path.write_bytes(path.read_bytes().replace(b'"text": "a"', b'"text": a '))
    outcome = read(READER, path)
    assert [item.text for item in outcome.items] == ["b"]
    assert outcome.counts == (1, 1, 0)


def test_the_html_flavour_is_answered(read, detect, tmp_path: Path) -> None:
    page = (
        '<html><body><div class="page_wrap"><div class="message default clearfix">x</div></div></body></html>'
    )
    (tmp_path / "messages.html").write_text("<!DOCTYPE html>" + page)
    assert detect(READER, tmp_path) == 70
    outcome = read(READER, tmp_path)
    assert outcome.counts == (0, 1, 0)
    assert "machine-readable JSON" in outcome.failures[0]
    put(tmp_path, chat(said(1, "a")))
    assert read(READER, tmp_path).counts == (1, 0, 1)


def test_an_account_that_one_export_names_is_not_that_of_the_next(read, tmp_path: Path) -> None:
    said = {"id": 1, "type": "message", "date_unixtime": "1709539200", "from": "Anna", "from_id": "user1", "text": "x"}  # fmt: skip
    chat = {"name": "Pumpe", "type": "personal_chat", "id": 42, "messages": [said]}
    full = {"personal_information": {"user_id": 1}, "chats": {"list": [chat]}}
    for folder, export in (("a", full), ("b", {**chat, "id": 43})):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "result.json").write_text(json.dumps(export))
    assert [item.via.id for item in read(READER, tmp_path).items] == ["user1", "unknown"]


def test_of_a_name_that_is_given_twice_both_values_are_kept_and_told(read, tmp_path: Path) -> None:
    twice = json.dumps(chat(said(1, "fünf Jahre"))).replace('"text":', '"text": "ein Jahr", "text":')
    path = put(tmp_path, None)
    path.write_text(twice)
    outcome = read(READER, path)
    [item] = outcome.items
    assert (item.text, dict(item.extra)["text (1 of 2)"]) == ("fünf Jahre", "ein Jahr")
    assert [r.unknown_fields for r in outcome.readings if isinstance(r, UnitRead)] == [{"text (1 of 2)"}]


def account(contacts: int, *, chats_first: bool = False) -> dict[str, object]:
    """The export of an account with a contact book."""
    people = [
        {"user_id": n, "first_name": f"Kontakt {n}", "phone_number": "+49 170"} for n in range(contacts)
    ]
    chats = {"chats": {"about": "", "list": [chat(*(said(n, "ja") for n in range(600)))]}}
    others = {"contacts": {"about": "", "list": people}, "sessions": {"list": [{"last_ip": "203.0.113.7"}]}}
    return {"about": "", **(chats | others if chats_first else others | chats)}


def test_an_account_is_known_by_its_sections_however_long_the_first_ones_are(tmp_path: Path) -> None:
    path = put(tmp_path, account(2000))
    assert path.read_bytes().find(b'"messages"') > 1 << 16
    with Tree.open(path) as tree:
        assert READER.detect(tree).percent > 90


def test_what_is_private_is_masked_behind_long_chats_too(read, tmp_path: Path) -> None:
    path = put(tmp_path, account(2, chats_first=True))
    assert path.read_bytes().find(b'"contacts"') > 1 << 16
    with Tree.open(path) as tree, without(tree, READER.private(tree)).members[0].open() as stream:
        seen = stream.read()
    assert b"Kontakt 1" not in seen
    assert b"203.0.113.7" not in seen
    path.write_bytes(seen)
    assert read(READER, path).counts == (600, 0, 0)


def test_lists_places_contacts_and_invoices_are_words(read, tmp_path: Path) -> None:
    todo = {"title": "Abnahme", "answers": [{"id": 1, "text": [{"type": "plain", "text": "Bürgschaft"}]}]}
    path = put(
        tmp_path,
        chat(
            said(1, "", todo_list=todo),
            said(2, "hier", place_name="Halle 3", address="Weg 4"),
            said(3, "", contact_information={"first_name": "Bob", "phone_number": "+49 30 1"}),
            said(4, "", invoice_information={"title": "Abschlag", "description": "Dach", "amount": 50000}),
        ),
    )
    items = read(READER, path).items
    told = ["Abnahme\n- Bürgschaft", "hier\nHalle 3\nWeg 4", "Bob +49 30 1", "Abschlag\nDach"]
    assert [item.text for item in items] == told
    assert '"amount": 50000' in dict(items[3].extra)["invoice_information"]


def test_control_characters_as_telegram_desktop_writes_them(read, tmp_path: Path) -> None:
    path = put(tmp_path, chat(said(1, "a§b \\§"), {"id": 2, "type": "unsupported"}))
    path.write_text(path.read_text().replace("a§b", r"a\x0Bb").replace("§", "x0B"))
    reading = read(READER, path)
    assert [item.text for item in reading.items] == ["a\vb \\x0B"]
    assert reading.failures == ["of a kind that Telegram Desktop does not export: only its number is here"]


def test_stories_of_the_account_are_posts_and_an_export_may_stand_in_a_list(read, tmp_path: Path) -> None:
    stories = [
        {"date_unixtime": "1711848700", "expires_unixtime": "1711935100", "media": "(File unavailable)"},
        {"date_unixtime": "1711848700", "media": "stories/a.jpg", "caption": "20 Prozent"},
    ]
    export = {"personal_information": {"user_id": 1}, "stories": stories, **account(3)}
    for value in (export, [export]):
        path = put(tmp_path, value)
        reading = read(READER, path)
        first, second = (item for item in reading.items if item.form == "post")
        assert first.expires
        assert (first.expires.written, first.attachments[0].reason) == ("1711935100", "placeholder")
        assert (second.text, second.author.account.id) == ("20 Prozent", "user1")
        assert first.key != second.key
        assert len(reading.items) > 2
        with Tree.open(path) as tree, without(tree, READER.private(tree)).members[0].open() as stream:
            assert b"Kontakt 1" not in stream.read()


def test_votes_of_a_poll_are_told_and_are_no_words_that_change(read, tmp_path: Path) -> None:
    def poll(votes: int) -> dict[str, object]:
        return said(1, "", poll={"question": "Wann?", "answers": [{"text": "Heute", "voters": votes}]})

    before, after = (read(READER, put(tmp_path, chat(poll(votes)))).items[0] for votes in (1, 2))
    assert before.text == after.text == "Wann?\n- Heute"
    assert '"voters": 2' in dict(after.extra)["poll"]
