"""Reddit: data requests and listings."""

import json
from pathlib import Path

from archive.channels.reddit import RedditExport
from archive.reading.private import without
from archive.reading.tree import Tree
from tests.channels.own import OWN

READER = RedditExport()


def test_rows_parents_removed_texts_and_addresses(read, tmp_path: Path) -> None:
    path = tmp_path / "comments.csv"
    path.write_bytes(OWN["reddit"].files["comments.csv"] + b"k2,u,2023-01-15 12:40:00 UTC,198.51.100.8,de,0,https://r.example/r/de/comments/p1/t/,k1,[removed],\n")  # fmt: skip
    first, second = read(READER, path).items
    assert [(t.relation, t.key.id) for t in first.targets] == [("reply", "t3_p1")]
    assert [(t.relation, t.key.id) for t in second.targets] == [("reply", "t1_k1"), ("root", "t3_p1")]
    assert (second.event, second.deleted.by, second.text) == ("deleted", "admin", None)
    assert "198.51" not in str(first.extra)
    with Tree.open(path) as tree:
        [member] = without(tree, READER.private(tree)).members
        with member.open() as stream:
            assert b"198.51" not in stream.read()


def test_chats_votes_and_what_is_no_word_of_the_account(read, tmp_path: Path) -> None:
    (tmp_path / "chat_history.csv").write_text("message_id,created_at,updated_at,username,message,thread_parent_message_id,channel_url,subreddit,channel_name,conversation_type\nm1,2023-01-15 12:00:00 UTC,2023-01-15 12:05:00 UTC,anna,Hallo,m0,c1,,,direct\n")  # fmt: skip
    (tmp_path / "post_votes.csv").write_text("id,permalink,direction\np1,u,up\np2,u,none\n")
    (tmp_path / "saved_posts.csv").write_text("id,permalink\nt3_a,u\n")
    outcome = read(READER, tmp_path)
    assert outcome.counts == (2, 0, 2)
    chat, vote = outcome.items
    assert (chat.text, chat.visibility, chat.edited.time.utc) == ("Hallo", "direct", "2023-01-15T12:05:00Z")
    assert (vote.event, chat.targets[0].key.id) == ("voted", "m0")


def test_listings_with_answers_below_answers(read, tmp_path: Path) -> None:
    def thing(ident: str, replies: object = "", **more: object) -> dict[str, object]:
        return {"kind": "t1", "data": {"name": ident, "id": ident[3:], "author": "anna", "author_fullname": "t2_x", "parent_id": "t3_p", "link_id": "t3_p", "subreddit": "de", "body": ident, "edited": False, "created_utc": 1458452367.0, "replies": replies, **more}}  # fmt: skip

    def listing(*things: object) -> dict[str, object]:
        return {"kind": "Listing", "data": {"children": list(things)}}

    deep = thing("t1_a", listing(thing("t1_b", listing(thing("t1_c", edited=1458452399.0)))))
    gone = thing("t1_d", author="[deleted]", body="[deleted]")
    path = tmp_path / "x.json"
    path.write_text(json.dumps([listing(deep, gone, {"kind": "more", "data": {"children": ["x"]}})]))
    outcome = read(READER, path)
    assert [item.key.id for item in outcome.items] == ["t1_a", "t1_b", "t1_c", "t1_d"]
    assert outcome.items[2].edited.time.utc.startswith("2016-03-20T05:39:59")
    assert (outcome.items[3].event, outcome.items[3].author.state) == ("deleted", "deleted")
    assert outcome.counts == (2, 0, 1)
