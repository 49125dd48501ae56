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
    comment, gone = read(ZENDESK, path).items
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
    assert [(c.expected, c.found) for c in completeness.claims] == [(4, 3)]
