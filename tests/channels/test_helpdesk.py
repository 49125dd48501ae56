"""Zendesk and Intercom: internal notes, audits, redactions."""

import json
from pathlib import Path

from archive.channels.intercom import IntercomExport
from archive.channels.zendesk import ZendeskExport
from archive.reading.private import without
from archive.reading.tree import Tree
from archive.reading.units import Completeness
from tests.channels.own import OWN

ZENDESK, INTERCOM = ZendeskExport(), IntercomExport()


def put(tmp_path: Path, value: object, name: str = "x.json") -> Path:
    path = tmp_path / name
    path.write_text(json.dumps(value))
    return path


def test_an_audit_gives_its_comments_and_its_changes(read, tmp_path: Path) -> None:
    path = put(tmp_path, json.loads(OWN["zendesk"].files["audits.json"]))
    comment, change = read(ZENDESK, path).items
    assert (comment.form, comment.text, comment.visibility, comment.thread.id) == (
        "comment",
        "Hallo",
        "internal",
        "1",
    )
    assert comment.time.utc == "2023-09-09T23:52:05Z"
    assert (change.event, "open" in dict(change.extra)["Change"]) == ("notice", True)
    with Tree.open(path) as tree:
        [member] = without(tree, ZENDESK.private(tree)).members
        with member.open() as stream:
            assert b"198.51" not in stream.read()


def test_tickets_one_a_line_with_comments_deleted_and_redacted(read, tmp_path: Path) -> None:
    base = {"requester_id": 1, "submitter_id": 2, "subject": "Pumpe", "created_at": "2023-09-09T23:52:05Z"}
    tickets = [
        {"id": 1, "description": "erst", "status": "open", **base, "comments": [{"id": 5, "author_id": 1, "plain_body": "erst", "public": True, "created_at": "2023-09-09T23:52:06Z", "attachments": [{"file_name": "a.log", "content_url": "https://x.example/a?token=1", "deleted": True}]}]},
        {"id": 2, "description": "weg", "status": "deleted", **base},
    ]  # fmt: skip
    path = tmp_path / "tickets.jsonl"
    path.write_text("\n".join(json.dumps(ticket) for ticket in tickets))
    comment, state, gone = read(ZENDESK, path).items
    assert dict(state.extra)["status"] == "open"
    assert (comment.key.id, comment.attachments[0].reason) == ("comment/5", "deleted on the platform")
    assert comment.attachments[0].url == "https://x.example/a"
    assert (gone.event, gone.title, gone.author.account.id) == ("deleted", "Pumpe", "2")


def test_a_conversation_its_notes_and_the_count_of_its_parts(read, tmp_path: Path) -> None:
    value = json.loads(OWN["intercom"].files["c.json"])
    value["conversation_parts"]["total_count"] = 4
    value["conversation_parts"]["conversation_parts"].append(
        {
            "type": "conversation_part",
            "id": "42",
            "part_type": "assignment",
            "body": None,
            "created_at": 1734537513,
            "author": {"id": "2"},
        }
    )
    value["conversation_parts"]["conversation_parts"].append(
        {
            "type": "conversation_part",
            "id": "43",
            "part_type": "comment",
            "body": None,
            "redacted": True,
            "created_at": 1734537514,
            "author": {"id": "2"},
        }
    )
    outcome = read(INTERCOM, put(tmp_path, value))
    first, note, assigned, gone = outcome.items
    assert (first.text, note.visibility, assigned.event, gone.event) == (
        "Hallo",
        "internal",
        "notice",
        "deleted",
    )
    [completeness] = [r for r in outcome.readings if isinstance(r, Completeness)]
    assert [(c.expected, c.found) for c in completeness.claims if c.expected is not None] == [(4, 3)]


def test_a_ticket_with_its_comments_keeps_what_it_says_itself(read, tmp_path: Path) -> None:
    voice = {"id": 2, "type": "VoiceComment", "author_id": 8, "body": "Anruf", "data": {"transcription_text": "fünf Jahre"}}  # fmt: skip
    ticket = {
        "id": 5,
        "subject": "Pumpe",
        "description": "Hallo",
        "requester_id": 7,
        "submitter_id": 7,
        "status": "open",
        "created_at": "2026-03-01T08:00:00Z",
        "updated_at": "2026-03-01T09:00:00Z",
        "custom_fields": [{"id": 9, "value": "V-4711"}],
        "satisfaction_rating": {"score": "bad", "comment": "zu spät"},
        "neuerdings": 1,
        "comments": [{"id": 1, "type": "Comment", "author_id": 7, "body": "Hallo", "public": True}, voice],
    }
    reading = read(ZENDESK, put(tmp_path, ticket))
    first, call, state = reading.items
    assert {item.thread.id for item in reading.items} == {"5"}
    assert (first.text, call.text) == ("Hallo", "Anruf\nfünf Jahre")
    assert (state.event, state.title, state.text) == ("notice", "Pumpe", "zu spät")
    assert state.rating
    assert state.rating.value == "bad"
    assert "V-4711" in dict(state.extra)["custom_fields"]
    assert dict(state.extra)["neuerdings"] == "1"


def test_the_remark_of_a_rating_is_what_the_customer_wrote(read, tmp_path: Path) -> None:
    talk = {
        "type": "conversation",
        "id": "c",
        "created_at": 1772352000,
        "source": {"type": "conversation", "id": "s", "delivered_as": "x", "body": "<p>Hallo</p>"},
        "conversation_rating": {"rating": 1, "remark": "zu spät", "contact": {"id": "u1"}},
        "conversation_parts": {"conversation_parts": []},
    }
    *_, remark = read(INTERCOM, put(tmp_path, talk)).items
    assert (remark.form, remark.text, remark.rating.value) == ("review", "zu spät", "1")
    assert remark.author.account.id == "u1"


def test_the_export_of_an_account_tells_people_with_their_names(read, detect, tmp_path: Path) -> None:
    said = {"author_id": 7, "body": "Hallo", "public": True, "created_at": "2024-01-01T00:00:00Z"}
    ticket = {
        "id": 1, "subject": "Pumpe", "status": "closed", "created_at": "2024-01-01T00:00:00Z",
        "requester": {"id": 7, "name": "Anna"}, "submitter": {"id": 7, "name": "Anna"},
        "assignee": {"id": 8, "name": "Bo"}, "comments": [{"id": 80, **said}, {"id": 81, **said, "author_id": 8}],
    }  # fmt: skip
    path = tmp_path / "tickets.json"
    path.write_text("\n".join(json.dumps({**ticket, "id": number}) for number in (1, 2)))
    assert detect(ZENDESK, path) > 90
    outcome = read(ZENDESK, path)
    assert outcome.failures == []
    assert [item.author.written for item in outcome.items if item.form == "comment"] == ["Anna", "Bo"] * 2
    bare = put(tmp_path, {"tickets": [{**ticket, "comments": [], "description": "Leck"}]})
    (item,) = read(ZENDESK, bare).items
    assert (item.text, item.author.written, item.author.account.id) == ("Leck", "Anna", "7")


def test_a_ticket_of_intercom_says_what_it_is_about_and_shows_pictures(read, tmp_path: Path) -> None:
    shown = '<p>Wir kommen</p><img src="https://d.example/leck.png?sig=1"><img src="https://d.example/v.png">'
    part = {
        "id": "1", "part_type": "comment", "body": shown, "created_at": 1734537512,
        "attachments": [{"name": "v.png", "url": "https://d.example/v.png"}],
    }  # fmt: skip
    attributes = {"_default_title_": "Leck", "_default_description_": "Die Pumpe leckt seit Mai"}
    ticket = {
        "type": "ticket", "id": "9", "created_at": 1734537511, "ticket_attributes": attributes,
        "ticket_parts": {"ticket_parts": [part], "total_count": 1},
    }  # fmt: skip
    about, said = read(INTERCOM, put(tmp_path, ticket)).items
    assert (about.title, about.text, about.key.id) == ("Leck", "Die Pumpe leckt seit Mai", "ticket/9")
    assert [(one.name, one.state) for one in said.attachments] == [
        ("v.png", "missing"),
        ("leck.png", "missing"),
    ]
