"""Mastodon: for whom a post was, boosts that are addresses, versions."""

import json
from pathlib import Path

from archive.channels.mastodon import MastodonArchive
from archive.reading.units import UnitRead

READER = MastodonArchive()
ME, PUBLIC = "https://m.example/users/werk", "https://www.w3.org/ns/activitystreams#Public"


def note(number: int, to: list[str], cc: list[str], **more: object) -> dict[str, object]:
    ident = f"{ME}/statuses/{number}"
    inner = {
        "id": ident,
        "type": "Note",
        "published": "2023-01-05T09:00:00Z",
        "attributedTo": ME,
        "to": to,
        "cc": cc,
        "content": "<p>a</p>",
        **more,
    }
    return {
        "id": f"{ident}/activity",
        "type": "Create",
        "actor": ME,
        "published": "2023-01-05T09:00:00Z",
        "to": to,
        "cc": cc,
        "object": inner,
    }


def put(tmp_path: Path, *items: object, name: str = "outbox.json") -> Path:
    told = {
        "@context": "https://www.w3.org/ns/activitystreams",
        "type": "OrderedCollection",
        "orderedItems": list(items),
    }
    (tmp_path / name).write_text(json.dumps(told))
    return tmp_path


def test_visibility_is_told_by_the_addresses(read, tmp_path: Path) -> None:
    followers = f"{ME}/followers"
    root = put(tmp_path, note(1, [PUBLIC], [followers]), note(2, [followers], [PUBLIC]), note(3, [followers], []), note(4, ["https://o.example/users/x"], []))  # fmt: skip
    assert [item.visibility for item in read(READER, root).items] == [
        "public",
        "unlisted",
        "followers",
        "direct",
    ]


def test_boosts_likes_answers_warnings_and_polls(read, tmp_path: Path) -> None:
    boost = {
        "id": "b",
        "type": "Announce",
        "actor": ME,
        "published": "2023-01-05T09:00:00Z",
        "to": [PUBLIC],
        "object": "https://o.example/1",
    }
    poll = note(
        2,
        [PUBLIC],
        [],
        type="Question",
        oneOf=[{"name": "Ja"}, {"name": "Nein"}],
        updated="2023-01-06T09:00:00Z",
    )
    root = put(
        tmp_path, boost, note(1, [PUBLIC], [], summary="CW", inReplyTo="https://o.example/2", neu=1), poll, 7
    )
    put(tmp_path, "https://o.example/3", name="likes.json")
    (tmp_path / "bookmarks.json").write_text(
        json.dumps({"@context": "x", "type": "OrderedCollection", "orderedItems": ["https://o.example/9"]})
    )
    outcome = read(READER, root)
    liked, shared, answer, question = outcome.items
    assert (liked.event, liked.targets[0].written_id) == ("reacted", "https://o.example/3")
    assert (shared.targets[0].relation, shared.targets[0].written_id) == ("share", "https://o.example/1")
    assert (answer.title, answer.targets[0].written_id, dict(answer.extra)["neu"]) == (
        "CW",
        "https://o.example/2",
        "1",
    )
    assert (question.form, question.text, question.edited.time.utc) == (
        "poll",
        "a\n- Ja\n- Nein",
        "2023-01-06T09:00:00Z",
    )
    assert outcome.counts == (4, 1, 1)


def test_statuses_share_keys_with_the_archive_and_versions_are_edits(read, tmp_path: Path) -> None:
    account = {"uri": ME, "acct": "werk", "display_name": "Werk"}
    status = {"id": "1", "uri": f"{ME}/statuses/1", "created_at": "2023-01-05T09:00:00.000Z", "content": "<p>a</p>", "spoiler_text": "", "visibility": "private", "account": account, "edited_at": None}  # fmt: skip
    versions = [
        {
            "content": f"<p>{n}</p>",
            "spoiler_text": "",
            "created_at": f"2023-01-05T09:0{n}:00.000Z",
            "account": account,
        }
        for n in range(2)
    ]
    (tmp_path / "a.json").write_text(json.dumps([status]))
    (tmp_path / "b.json").write_text(json.dumps(versions))
    later = status | {"created_at": "2023-01-05T10:00:00.000Z"}
    answer = later | {"id": "2", "uri": "https://o.example/2", "in_reply_to_id": "1"}
    unknown = later | {"id": "3", "uri": "https://o.example/3", "in_reply_to_id": "9", "quote": status}
    (tmp_path / "0.json").write_text(json.dumps([answer, unknown]))
    answered, lost, first, posted, edited = read(READER, tmp_path).items
    targets = [(t.relation, t.key) for one in (answered, lost, posted, edited) for t in one.targets]
    assert targets == [
        ("reply", first.key),
        ("reply", None),
        ("quote", first.key),
        ("of", first.key),
        ("of", first.key),
    ]
    assert (first.key.id, first.visibility, first.author.handle) == (f"{ME}/statuses/1", "followers", "werk")
    assert [(i.event, i.text) for i in (posted, edited)] == [("posted", "0"), ("edited", "1")]


def test_descriptions_of_pictures_votes_and_boosts_that_carry_their_post(read, tmp_path: Path) -> None:
    picture = {"type": "Document", "url": "/media/a.png", "name": "Preisliste 2023"}
    answer = {"type": "Note", "name": "Ja", "replies": {"type": "Collection", "totalItems": 3}}
    theirs = {"id": "https://o.example/1", "type": "Note", "content": "<p>fremd</p>", "attributedTo": "https://o.example/x"}  # fmt: skip
    boost = {"id": "b", "type": "Announce", "actor": ME, "published": "2023-01-06T09:00:00Z", "to": [PUBLIC], "object": theirs}  # fmt: skip
    root = put(
        tmp_path,
        note(1, [PUBLIC], [], attachment=[picture]),
        note(2, [PUBLIC], [], type="Question", oneOf=[answer]),
        boost,
    )
    shown, asked, shared = read(READER, root).items
    assert shown.text == "a\nPreisliste 2023"
    assert asked.text == "a\n- Ja"
    assert '"totalItems": 3' in dict(asked.extra)["oneOf"]
    [target] = shared.targets
    assert (shared.author.account.id, shared.text) == (ME, "fremd")
    assert (target.relation, target.written_id, target.excerpt) == ("share", "https://o.example/1", "fremd")


def test_a_field_of_a_status_that_no_reader_knows_is_counted(read, tmp_path: Path) -> None:
    media = [{"url": "https://m.example/a.png", "description": "Preisliste"}]
    status = {"id": "1", "uri": f"{ME}/statuses/1", "created_at": "2023-01-05T09:00:00.000Z", "content": "<p>a</p>", "visibility": "public", "spoiler_text": "", "account": {"uri": ME, "acct": "werk"}, "media_attachments": media, "replies_count": 4, "neuerdings": 1}  # fmt: skip
    (tmp_path / "statuses.json").write_text(json.dumps([status]))
    reading = read(READER, tmp_path)
    [item] = reading.items
    assert item.text == "a\nPreisliste"
    assert dict(item.extra)["neuerdings"] == "1"
    assert [sorted(one.unknown_fields) for one in reading.readings if isinstance(one, UnitRead)] == [
        ["neuerdings"]
    ]
