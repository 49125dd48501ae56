"""RSMF: a mail around a zip around a manifest."""

import json
from email.message import EmailMessage
from pathlib import Path

from archive.channels.rsmf import RsmfFiles

READER = RsmfFiles()


def manifest(*events: object) -> dict[str, object]:
    people = [{"id": "1", "display": "Anna", "email": "a@x.example"}, {"id": "2", "display": "Bob"}]
    talks = [
        {"id": "c", "display": "Pumpe", "platform": "teams", "type": "direct", "participants": ["1", "2"]}
    ]
    return {"version": "2.0.0", "participants": people, "conversations": talks, "events": list(events)}


def event(ident: str, **more: object) -> dict[str, object]:
    return {
        "id": ident,
        "type": "message",
        "conversation": "c",
        "participant": "1",
        "timestamp": "2013-01-10T15:53:00Z",
        "body": "a",
        **more,
    }


def test_a_mail_with_edits_receipts_reactions_and_files(read, detect, zip_of, tmp_path: Path) -> None:
    full = event(
        "e1",
        edits=[{"participant": "1", "timestamp": "2013-01-10T16:00:00Z", "previous": "alt", "new": "a"}],
        reactions=[{"value": "👍", "count": 1, "participants": ["2"]}],
        read_receipts=[{"participant": "2", "action": "read", "timestamp": "2013-01-10T16:01:00Z"}],
        attachments=[{"id": "x.png", "display": "Plan.png"}, {"id": "weg.pdf"}],
    )
    told = manifest(full, event("e2", type="leave", body=None), event("e3", deleted=True, parent="e1"), 7)
    mail = EmailMessage()
    mail["From"], mail["X-RSMF-Version"] = "a@x.example", "2.0.0"
    mail.set_content("Text")
    packed = zip_of({"rsmf_manifest.json": json.dumps(told).encode(), "x.png": b"png", "../out": b"x"})
    mail.add_attachment(packed, maintype="application", subtype="zip", filename="rsmf.zip")
    path = tmp_path / "x.rsmf"
    path.write_bytes(mail.as_bytes())
    assert detect(READER, path) == 99
    outcome = read(READER, path)
    first, receipt, left, gone = outcome.items
    assert outcome.counts == (3, 1, 0)
    assert (first.author.written, first.author.handle, first.edited.time.utc) == (
        "Anna",
        "a@x.example",
        "2013-01-10T16:00:00Z",
    )
    assert "alt" in dict(first.extra)["edits"]
    assert [(a.name, a.state) for a in first.attachments] == [("Plan.png", "present"), ("weg.pdf", "missing")]
    assert (receipt.event, receipt.author.written, receipt.targets[0].key) == ("read", "Bob", first.key)
    assert (left.event, gone.event, gone.targets[0].key.id) == ("left", "deleted", "e1")
    assert first.raw.start is None


def test_a_mail_without_its_zip_says_so(read, tmp_path: Path) -> None:
    path = tmp_path / "x.eml"
    path.write_bytes(b"From: a@x.example\nX-RSMF-Version: 2.0.0\nSubject: x\n\nText\n")
    assert read(READER, path).failures == ["a mail in RSMF without the zip that holds its messages"]
