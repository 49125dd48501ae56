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
    mail["From"], mail["X-RSMF-Version"], mail["X-RSMF-EventCount"] = "a@x.example", "2.0.0", "5"
    mail.set_content("Text")
    packed = zip_of({"rsmf_manifest.json": json.dumps(told).encode(), "x.png": b"png", "../out": b"x"})
    mail.add_attachment(packed, maintype="application", subtype="zip", filename="rsmf.zip")
    path = tmp_path / "x.rsmf"
    path.write_bytes(mail.as_bytes())
    assert detect(READER, path) == 99
    outcome = read(READER, path)
    first, changed, receipt, left, gone = outcome.items
    assert outcome.counts == (3, 1, 0)
    assert [(claim.kind, claim.expected, claim.found) for claim in outcome.claims] == [("exact", 5, 4)]
    assert (first.author.written, first.author.handle, first.edited.time.utc) == (
        "Anna",
        "a@x.example",
        "2013-01-10T16:00:00Z",
    )
    assert (first.text, changed.event, changed.text, changed.targets[0].key) == (
        "alt",
        "edited",
        "a",
        first.key,
    )
    assert changed.time.utc == "2013-01-10T16:00:00Z"
    assert [(a.name, a.state) for a in first.attachments] == [("Plan.png", "present"), ("weg.pdf", "missing")]
    assert (receipt.event, receipt.author.written, receipt.targets[0].key) == ("read", "Bob", first.key)
    assert (left.event, gone.event, gone.targets[0].key) == ("left", "deleted", first.key)
    assert first.raw.start is None


def test_a_mail_without_its_zip_says_so(read, tmp_path: Path) -> None:
    path = tmp_path / "x.eml"
    path.write_bytes(b"From: a@x.example\nX-RSMF-Version: 2.0.0\nSubject: x\n\nText\n")
    assert read(READER, path).failures == ["a mail in RSMF without the zip that holds its messages"]


def lone(tmp_path: Path, name: str, words: str, people: list[dict[str, str]], **more: object) -> Path:
    told = {
        "version": "2.0.0",
        "participants": people,
        "conversations": [{"id": "1", "platform": "sms", "type": "direct", "participants": ["1", "2"]}],
        "events": [{**event("1", body=words), "conversation": "1"}],
        **more,
    }
    path = tmp_path / name
    path.write_text(json.dumps(told))
    return path


def test_numbers_of_two_manifests_are_not_the_same_messages_or_people(read, tmp_path: Path) -> None:
    otto = [{"id": "1", "display": "Otto"}, {"id": "2", "display": "Eva"}]
    ida = [{"id": "1", "display": "Ida"}, {"id": "2", "display": "Eva"}]
    [first] = read(READER, lone(tmp_path, "a.json", "Montag", otto)).items
    [second] = read(READER, lone(tmp_path, "b.json", "Preis", ida)).items
    [again] = read(READER, lone(tmp_path, "c.json", "Montag, geändert", otto)).items
    assert first.key != second.key
    assert first.thread != second.thread
    assert first.author.account != second.author.account
    assert (again.key, again.thread) == (first.key, first.thread)
    nobody = [{"id": "1"}, {"id": "2"}]
    [one] = read(READER, lone(tmp_path, "d.json", "x", nobody, eventcollectionid="A")).items
    [other] = read(READER, lone(tmp_path, "e.json", "x", nobody, eventcollectionid="B")).items
    assert one.author.account != other.author.account


def test_what_participants_and_conversations_say_besides_and_their_pictures(read, tmp_path: Path) -> None:
    people = [{"id": "1", "display": "Anna", "avatar": "a.png", "custom": [{"name": "Rolle", "value": "Verkauf"}]}, {"id": "2"}]  # fmt: skip
    path = lone(tmp_path, "rsmf_manifest.json", "x", people)
    (tmp_path / "a.png").write_bytes(b"png")
    outcome = read(READER, tmp_path)
    assert "Verkauf" in dict(outcome.items[0].extra)["participant custom"]
    assert (outcome.failures, outcome.counts) == ([], (1, 0, 1))
    assert path.exists()


def test_a_manifest_with_very_many_participants_is_known(read, detect, tmp_path: Path) -> None:
    people = [{"id": str(at), "display": "x" * 20} for at in range(3000)]
    path = lone(tmp_path, "m.json", "Wort", people)
    assert detect(READER, path) == 95
    assert [item.text for item in read(READER, path).items] == ["Wort"]
