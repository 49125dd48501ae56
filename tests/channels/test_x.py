"""X: scripts that are data, counts of the manifest, texts that are cut."""

import json
from pathlib import Path

from archive.channels.x_archive import XArchive
from archive.reading.units import Completeness

READER = XArchive()


def script(folder: Path, name: str, variable: str, value: object) -> None:
    (folder / "data").mkdir(exist_ok=True, parents=True)
    (folder / "data" / name).write_text(f"window.{variable} = " + json.dumps(value, indent=1))


def tweet(ident: str, text: str, **more: object) -> dict[str, object]:
    return {"tweet": {"id_str": ident, "id": ident, "created_at": "Thu Nov 21 09:00:00 +0000 2019", "full_text": text, "entities": {"urls": []}, **more}}  # fmt: skip


def test_entities_short_addresses_replies_quotes_and_shares(read, tmp_path: Path) -> None:
    quoted = {"urls": [{"url": "https://t.co/q", "expanded_url": "https://x.com/anna/status/99"}], "user_mentions": [{"id_str": "5", "name": "Anna"}]}  # fmt: skip
    script(
        tmp_path,
        "tweets.js",
        "YTD.tweets.part0",
        [
            tweet("1", "a &lt; b https://t.co/q", entities=quoted, in_reply_to_status_id_str="77"),
            tweet("2", "RT @anna: alt", neu={"x": 1}),
        ],
    )
    first, second = read(READER, tmp_path).items
    assert first.text == "a < b https://x.com/anna/status/99"
    assert first.body.content == "a &lt; b https://t.co/q"
    assert [(t.relation, t.written_id) for t in first.targets] == [("reply", "77"), ("quote", "99")]
    assert first.recipients[0].actor.written == "Anna"
    assert (second.targets[0].relation, second.targets[0].excerpt) == ("share", "alt")
    assert dict(second.extra)["neu"] == '{"x": 1}'
    assert first.time.utc == "2019-11-21T09:00:00Z"


def test_deleted_long_and_edited_posts_and_the_owner(read, tmp_path: Path) -> None:
    script(tmp_path, "account.js", "YTD.account.part0", [{"account": {"accountId": "7", "username": "werk", "accountDisplayName": "Werk"}}])  # fmt: skip
    gone = tweet("3", "weg")
    gone["tweet"]["deleted_at"] = "2024-01-01T00:00:00.000Z"  # type: ignore[index]
    script(tmp_path, "deleted-tweets.js", "YTD.deleted_tweets.part0", [gone])
    note = {"noteTweet": {"noteTweetId": "9", "createdAt": "2024-01-01T00:00:00.000Z", "core": {"text": "lang " * 100, "urls": []}}}  # fmt: skip
    script(tmp_path, "note-tweet.js", "YTD.note_tweet.part0", [note])
    edit = {"edit": {"initialTweetId": "10", "editControlInitial": {"editTweetIds": ["10", "11"]}}}
    script(tmp_path, "tweets-part1.js", "YTD.tweets.part1", [tweet("11", "neu", edit_info=edit)])
    script(
        tmp_path, "grok-chat-item.js", "YTD.grok_chat_item.part0", [{"grokChatItem": {"message": "geheim"}}]
    )
    script(tmp_path, "ip-audit.js", "YTD.ip_audit.part0", [{"ipAudit": {"loginIp": "198.51.100.7"}}])
    outcome = read(READER, tmp_path)
    assert outcome.counts == (4, 0, 2)
    items = {item.key.id: item for item in outcome.items}
    assert (items["3"].event, items["3"].deleted.by, items["3"].author.account.id) == (
        "deleted",
        "author",
        "7",
    )
    assert dict(items["3"].extra)["deleted_at"].startswith("2024")
    assert items["note-9"].text.startswith("lang")
    assert [(t.relation, t.written_id) for t in items["11"].targets] == [("of", "10")]
    assert {item.via.id for item in outcome.items} == {"7"}


def test_the_manifest_is_held_against_the_files(read, tmp_path: Path) -> None:
    script(tmp_path, "tweets.js", "YTD.tweets.part0", [tweet("1", "a"), 7, tweet("2", "b")])
    files = {"tweets": {"files": [{"fileName": "data/tweets.js", "globalName": "YTD.tweets.part0", "count": "4"}]}, "like": {"files": [{"fileName": "data/like.js", "globalName": "YTD.like.part0", "count": "2"}]}, "app": {"files": [{"fileName": "data/app.js", "globalName": "YTD.app.part0", "count": "9"}]}}  # fmt: skip
    script(tmp_path, "manifest.js", "__THAR_CONFIG", {"userInfo": {}, "dataTypes": files})
    outcome = read(READER, tmp_path)
    [completeness] = [r for r in outcome.readings if isinstance(r, Completeness)]
    assert [(c.scope, c.expected, c.found) for c in completeness.claims if c.expected is not None] == [
        ("tweets.js", 4, 3),
        ("like.js", 2, 0),
    ]
    assert outcome.counts == (5, 1, 0)


def test_group_conversations_media_and_reactions(read, tmp_path: Path) -> None:
    events = [
        {"participantsJoin": {"initiatingUserId": "7", "participantsSnapshot": ["7", "8"], "createdAt": "2023-01-01T00:00:00.000Z"}},
        {"conversationNameUpdate": {"initiatingUserId": "7", "name": "Pumpe", "createdAt": "2023-01-01T00:00:01.000Z"}},
        {"messageCreate": {"id": "21", "senderId": "8", "text": "Foto", "mediaUrls": ["https://x.example/dm/1/2/a.jpg"], "reactions": [{"senderId": "7", "reactionKey": "like"}], "createdAt": "2023-01-01T00:00:02.000Z", "editHistory": []}},
        {"participantsLeave": {"userIds": ["8"], "createdAt": "2023-01-01T00:00:03.000Z"}},
    ]  # fmt: skip
    script(tmp_path, "direct-messages-group.js", "YTD.direct_messages_group.part0", [{"dmConversation": {"conversationId": "55", "messages": events}}])  # fmt: skip
    media = tmp_path / "data" / "direct_messages_group_media" / "21-a.jpg"
    media.parent.mkdir()
    media.write_bytes(b"x")
    items = read(READER, tmp_path).items
    assert [item.event for item in items] == ["joined", "renamed", "posted", "left"]
    assert items[1].title == "Pumpe"
    assert items[2].attachments[0].state == "present"
    assert items[2].reactions[0].actors[0].account.id == "7"
    assert {item.thread.id for item in items} == {"55"}


def test_archives_of_two_accounts_side_by_side_stay_apart(read, tmp_path: Path) -> None:
    for folder, ident, post in (("anna", "7", "1"), ("berta", "9", "2"), ("fremd", None, "3")):
        data = tmp_path / folder
        script(data, "tweets.js", "YTD.tweets.part0", [tweet(post, folder)])
        if ident:
            script(data, "account.js", "YTD.account.part0", [{"account": {"accountId": ident, "username": folder}}])  # fmt: skip
            told = {"dataTypes": {"tweets": {"files": [{"fileName": "data/tweets.js", "globalName": "YTD.tweets.part0", "count": ident}]}}}  # fmt: skip
            (data / "data" / "manifest.js").write_text("window.__THAR_CONFIG = " + json.dumps(told))
    outcome = read(READER, tmp_path)
    said = {item.text: item for item in outcome.items}
    assert {text: (item.via.id, item.author and item.author.account.id) for text, item in said.items()} == {
        "anna": ("7", "7"),
        "berta": ("9", "9"),
        "fremd": ("unknown", None),
    }
    assert {(c.scope, c.expected, c.found) for c in outcome.claims if c.expected} == {
        ("anna/tweets.js", 7, 1),
        ("berta/tweets.js", 9, 1),
    }


def test_descriptions_of_pictures_earlier_words_of_messages_and_articles(read, tmp_path: Path) -> None:
    media = [{"media_url_https": "https://p/x.jpg", "ext_alt_text": "Preisliste"}]
    script(tmp_path, "tweets.js", "YTD.tweets.part0", [tweet("1", "neu", extended_entities={"media": media})])
    said = {"id": "3", "senderId": "2", "text": "7.3.", "createdAt": "2024-01-01T00:00:00.000Z", "editHistory": [{"editedText": "5.3."}]}  # fmt: skip
    talk = {"dmConversation": {"conversationId": "1-2", "messages": [{"messageCreate": said}]}}
    script(tmp_path, "direct-messages.js", "YTD.direct_messages.part0", [talk])
    script(tmp_path, "article.js", "YTD.article.part0", [{"article": {"title": "a"}}])
    script(tmp_path, "personalization.js", "YTD.personalization.part0", [{"p13nData": {"x": 1}}])
    reading = read(READER, tmp_path)
    message, post = sorted(reading.items, key=lambda item: item.form)
    assert post.text == "neu\nPreisliste"
    assert (message.history, dict(message.extra)["editHistory"]) == ("full", '[{"editedText": "5.3."}]')
    assert reading.failures == ["no file of such an export, and no item names it"]
    script(tmp_path, "article.js", "YTD.article.part0", [])
    assert read(READER, tmp_path).failures == []
