"""Facebook, Messenger, Instagram: mojibake, layouts, what the apps put into people's mouths."""

import json
from pathlib import Path

from archive.channels.meta import FacebookExport, InstagramExport
from archive.channels.meta.strings import repaired
from archive.reading.tree import Tree

FACEBOOK, INSTAGRAM = FacebookExport(), InstagramExport()


def thread(tmp_path: Path, *messages: dict[str, object], number: int = 1, **head: object) -> Path:
    folder = tmp_path / "messages" / "inbox" / "anna_1"
    folder.mkdir(parents=True, exist_ok=True)
    told = {
        "participants": [{"name": "Anna"}, {"name": "Bob"}],
        "title": "Anna",
        "thread_path": "inbox/anna_1",
        **head,
    }
    (folder / f"message_{number}.json").write_text(json.dumps({"messages": list(messages), **told}))
    return tmp_path


def said(at: int, text: str | None = None, **more: object) -> dict[str, object]:
    return {
        "sender_name": "Anna",
        "timestamp_ms": 1709539200000 + at,
        "content": text,
        "type": "Generic",
        **more,
    }


def test_each_string_is_repaired_for_itself() -> None:
    broken = "Grüße 😀 – „Ж“".encode().decode("latin-1")
    assert repaired({broken: [broken, 1]}) == {"Grüße 😀 – „Ж“": ["Grüße 😀 – „Ж“", 1]}
    for clean in ("café", "Grüße", "naïve Ã", "日本", "plain"):
        assert repaired(clean) == clean


def test_calls_unsent_reactions_renames_and_joins_are_events(read, tmp_path: Path) -> None:
    root = thread(
        tmp_path,
        said(1, "Anna named the group Pumpe 7."),
        said(2, "Bob unsent a message"),
        said(3, "Reacted 👍 to your message"),
        said(4, None, call_duration=60),
        said(5, "x", type="Unsubscribe", users=[{"name": "Bob"}]),
        said(
            6,
            "Hat mit ❤ auf deine Nachricht reagiert ",
            photos=[{"uri": "messages/inbox/anna_1/photos/p.jpg"}],
        ),
        said(7, "weg", is_unsent=True),
    )
    items = read(FACEBOOK, root).items
    assert [item.event for item in items] == [
        "renamed",
        "deleted",
        "reacted",
        "called",
        "left",
        "posted",
        "deleted",
    ]
    assert items[0].title == "Pumpe 7"
    assert dict(items[2].extra)["reaction"] == "👍"
    assert items[4].recipients[0].actor.written == "Bob"
    assert items[6].text == "weg"


def test_parts_of_a_thread_share_keys_and_a_moved_thread_stays_itself(read, tmp_path: Path) -> None:
    thread(tmp_path / "a", said(1, "gleich"), said(1, "gleich"), said(2, "anders"))
    first = read(FACEBOOK, tmp_path / "a").items
    assert len({item.key for item in first}) == 3
    thread(tmp_path / "b", said(2, "anders"), number=10, thread_path="archived_threads/anna_1")
    thread(
        tmp_path / "b", said(1, "gleich"), said(1, "gleich"), number=2, thread_path="archived_threads/anna_1"
    )
    assert {item.key for item in read(FACEBOOK, tmp_path / "b").items} == {item.key for item in first}


def test_media_are_found_in_every_root_or_say_why_not(read, tmp_path: Path) -> None:
    root = tmp_path / "your_activity_across_facebook"
    thread(
        root,
        said(1, photos=[{"uri": "your_activity_across_facebook/messages/inbox/anna_1/photos/a.jpg"}]),
        said(2, photos=[{"uri": "messages/inbox/anna_1/photos/a.jpg"}]),
        said(3, files=[{"uri": "messages/inbox/anna_1/files/x.pdf"}]),
        said(4, media=[{"uri": "Failed to download media"}]),
        said(5, sticker={"uri": "https://cdn.example/s.png"}),
    )
    photo = root / "messages" / "inbox" / "anna_1" / "photos" / "a.jpg"
    photo.parent.mkdir()
    photo.write_bytes(b"x")
    found = [item.attachments[0] for item in read(FACEBOOK, tmp_path).items]
    assert [(a.state, a.reason, a.role) for a in found] == [
        ("present", None, "image"),
        ("present", None, "image"),
        ("missing", "not in export", "file"),
        ("missing", "failed download", "file"),
        ("missing", "not in export", "sticker"),
    ]
    assert found[4].url == "https://cdn.example/s.png"


def test_only_conversations_and_posts_enter_and_the_page_beside_json_is_left_out(
    read, tmp_path: Path
) -> None:
    root = thread(tmp_path, said(1, "a"))
    folder = root / "messages"
    (folder / "autofill_information.json").write_text(
        '{"autofill_information_v2": {"EMAIL": ["a@x.example"]}}'
    )
    page = '<!DOCTYPE html><html><body><div class="_a706">x</div></body></html>'
    (folder / "inbox" / "anna_1" / "message_1.html").write_text(page)
    outcome = read(FACEBOOK, root)
    assert outcome.counts == (1, 0, 2)
    (folder / "inbox" / "anna_1" / "message_1.json").unlink()
    assert "request it again in the format JSON" in read(FACEBOOK, root).failures[0]


def test_posts_with_places_links_and_updates(read, tmp_path: Path) -> None:
    post = {
        "timestamp": 1709539200,
        "title": "Werk hat einen Link geteilt.",
        "data": [{"post": "Neu"}, {"update_timestamp": 1709539300}],
        "attachments": [
            {
                "data": [
                    {"external_context": {"name": "Pumpe", "url": "https://x.example"}},
                    {"place": {"name": "Köln"}},
                ]
            }
        ],
    }
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "your_posts_1.json").write_text(json.dumps([post, 42, {"title": "ohne Zeit"}]))
    comments = {"comments_v2": [{"timestamp": 1709539400, "title": "x", "data": [{"comment": {"timestamp": 1, "comment": "Gut", "author": "Werk"}}]}]}  # fmt: skip
    (tmp_path / "comments.json").write_text(json.dumps(comments))
    outcome = read(FACEBOOK, tmp_path, mine="Werk")
    assert outcome.counts == (2, 2, 0)
    comment, posted = outcome.items
    assert (comment.form, comment.text, comment.author.written) == ("comment", "Gut", "Werk")
    assert posted.text == "Neu\nPumpe\nhttps://x.example"
    assert posted.edited.time.utc == "2024-03-04T08:01:40Z"
    assert dict(posted.extra)["place"] == '{"name": "Köln"}'


def test_a_lone_thread_is_truly_ambiguous_and_folders_decide(detect, tmp_path: Path) -> None:
    root = thread(tmp_path / "x", said(1, "a"))
    lone = tmp_path / "lone.json"
    lone.write_bytes((root / "messages/inbox/anna_1/message_1.json").read_bytes())
    assert detect(FACEBOOK, lone) == detect(INSTAGRAM, lone) == 60
    other = thread(tmp_path / "y" / "your_instagram_activity", said(1, "a"))
    assert detect(INSTAGRAM, other.parent) == 95
    assert detect(FACEBOOK, other.parent) == 40


def test_flat_messages_of_2020_and_labels_of_any_language(read, tmp_path: Path) -> None:
    flat = [{"participants": ["werk", "anna"], "conversation": [{"sender": "anna", "created_at": "2020-01-02T03:04:05.678901+00:00", "text": "Hallo", "neu": 1}, {"sender": "werk", "created_at": "2020-01-02T03:04:06+00:00", "media": "https://x.example/a.jpg"}]}]  # fmt: skip
    (tmp_path / "messages.json").write_text(json.dumps(flat))
    (tmp_path / "secret_conversations.json").write_text('{"armadillo_devices": []}')
    comment = [{"string_map_data": {"Kommentar": {"value": "Gut"}, "Zeit": {"timestamp": 1709539200}}}]
    (tmp_path / "post_comments_1.json").write_text(json.dumps(comment))
    outcome = read(INSTAGRAM, tmp_path)
    assert outcome.counts == (3, 0, 1)
    first, second, third = outcome.items
    assert (first.text, first.time.utc) == ("Hallo", "2020-01-02T03:04:05.678901Z")
    assert second.attachments[0].url == "https://x.example/a.jpg"
    assert (third.form, third.text) == ("comment", "Gut")


def test_two_downloads_of_a_thread_repeat_its_messages_and_one_download_its_own(read, tmp_path: Path) -> None:
    twice = (said(1, "ja"), said(1, "ja"))
    for month in ("jan", "feb"):
        thread(tmp_path / month, *twice)
    outcome = read(FACEBOOK, tmp_path)
    assert len(outcome.items) == 4
    assert len({item.key.id for item in outcome.items}) == 2


def test_a_number_that_lacks_in_the_series_of_a_thread_is_told(read, tmp_path: Path) -> None:
    thread(tmp_path, said(1, "a"), number=1)
    thread(tmp_path, said(2, "b"), number=3)
    claims = [(c.kind, c.expected, c.found) for c in read(FACEBOOK, tmp_path).claims if c.expected]
    assert claims == [("exact", 3, 2)]
    thread(tmp_path, said(3, "c"), number=2)
    assert [c for c in read(FACEBOOK, tmp_path).claims if c.expected] == []


def test_the_network_is_told_by_the_folder_that_was_handed_over(tmp_path: Path) -> None:
    for name, reader in (("your_instagram_activity", INSTAGRAM), ("your_facebook_activity", FACEBOOK)):
        with Tree.open(thread(tmp_path / name, said(1, "a"))) as tree:
            sure = {one.name: one.detect(tree).percent for one in (FACEBOOK, INSTAGRAM)}
        assert sure[reader.name] == 95
        assert min(sure.values()) < 50


def labelled(path: Path, *entries: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(entries))


def test_labelled_lists_of_posts_comments_and_likes_are_read_and_others_are_not(read, tmp_path: Path) -> None:
    root = tmp_path / "your_facebook_activity"
    words = "Grüße, sechs Jahre Garantie"
    labelled(
        root / "posts" / "posts_on_other_pages_and_profiles.json",
        {
            "timestamp": 1762000007,
            "media": [],
            "fbid": "40",
            "label_values": [
                {"label": "Nachricht", "value": words.encode().decode("latin-1")},
                {"label": "Medien", "media": [{"uri": "your_facebook_activity/posts/media/1.jpg"}]},
                {"title": "Ziel", "dict": [{"title": "", "dict": [{"label": "Name", "value": "Werk Nord"}]}]},
            ],
        },
        {"media": [], "label_values": [{"label": "Nachricht", "value": "ohne Zeit"}]},
    )
    labelled(
        root / "comments_and_reactions" / "likes_and_reactions.json",
        {
            "timestamp": 1762000008,
            "label_values": [
                {"label": "Reaction", "value": "Like"},
                {"label": "URL", "value": "https://f/x"},
            ],
        },
    )
    labelled(
        root / "saved_items_and_collections" / "collections.json",
        {"timestamp": 1762000009, "label_values": [{"label": "Name", "value": "privat"}]},
    )
    reading = read(FACEBOOK, tmp_path, mine="Einkauf")
    liked, post = sorted(reading.items, key=lambda item: item.event, reverse=True)
    assert (post.event, post.text) == ("posted", f"{words}\nWerk Nord")
    assert post.author
    assert post.author.written == "Einkauf"
    assert [one.name for one in post.attachments] == ["1.jpg"]
    assert (liked.event, liked.text, liked.targets[0].written_id) == ("reacted", None, "https://f/x")
    assert dict(liked.extra)["Reaction"] == "Like"
    assert reading.failures == ["an entry without time or values"]
    assert reading.counts == (2, 1, 1)


def test_a_labelled_list_in_the_folders_of_instagram_is_of_instagram(tmp_path: Path) -> None:
    entry = {"timestamp": 1, "label_values": [{"label": "URL", "value": "https://i/p"}]}
    labelled(tmp_path / "your_instagram_activity" / "likes" / "liked_posts.json", entry)
    with Tree.open(tmp_path) as tree:
        assert INSTAGRAM.detect(tree).percent > 90 > FACEBOOK.detect(tree).percent
