"""Reddit: data requests and listings."""

import json
from pathlib import Path

from archive.channels.reddit import RedditExport
from archive.reading.private import without
from archive.reading.tree import Tree
from archive.reading.units import Completeness, UnitExcluded
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


def thing(kind: str, ident: str, **more: object) -> dict[str, object]:
    return {"kind": kind, "data": {"name": f"{kind}_{ident}", "id": ident, "author": "anna", "author_fullname": "t2_x", "subreddit": "de", "edited": False, "created_utc": 1458452367.0, **more}}  # fmt: skip


def listing(*things: object) -> dict[str, object]:
    return {"kind": "Listing", "data": {"children": list(things)}}


def test_what_a_post_says_besides_its_text_is_found_and_new_fields_are_counted(read, tmp_path: Path) -> None:
    post = thing(
        "t3",
        "p",
        title="Preis &amp; Garantie",
        selftext="a &gt; b",
        permalink="/r/de/comments/p/x/",
        url="https://firm.example/angebot?a=1&amp;b=2",
        poll_data={"options": [{"text": "fünf Jahre", "vote_count": 3}, {"text": "zehn Jahre"}]},
        gallery_data={"items": [{"media_id": "m", "caption": "Typenschild"}]},
        media_metadata={"m": {"m": "image/png", "s": {"u": "https://preview.redd.it/m.png?x=1&amp;y=2"}}},
        crosspost_parent_list=[{"name": "t3_o", "title": "Vorher", "selftext": "Worte"}],
        all_awardings=[{"name": "Gold"}],
        score=7,
        brand_new={"a": 1},
    )
    path = tmp_path / "x.json"
    path.write_text(json.dumps(listing(post, thing("t3", "q", title="b", url="https://i.redd.it/q.jpg", selftext=""))))  # fmt: skip
    outcome = read(READER, path)
    first, second = outcome.items
    assert first.title == "Preis & Garantie"
    assert first.text.splitlines() == [
        "a > b",
        "- fünf Jahre",
        "- zehn Jahre",
        "Typenschild",
        "Vorher",
        "Worte",
        "https://firm.example/angebot?a=1&b=2",
    ]
    assert [(t.relation, t.written_id) for t in first.targets] == [
        ("share", "t3_o"),
        ("share", "https://firm.example/angebot?a=1&b=2"),
    ]
    assert first.attachments[0].url == "https://preview.redd.it/m.png?x=1&y=2"
    assert {"all_awardings", "brand_new"} <= dict(first.extra).keys()
    assert "score" not in dict(first.extra), "it changes hourly, and no author changes it"
    assert outcome.readings[0].unknown_fields == {"brand_new"}
    assert (second.attachments[0].name, second.text) == ("q.jpg", None)


def test_stubs_at_any_depth_are_gaps_and_removals_say_who(read, tmp_path: Path) -> None:
    more = {"kind": "more", "data": {"count": 7, "children": ["a"]}}
    deep = thing("t1", "a", body="x", replies=listing(thing("t1", "b", body="[ Removed by Reddit ]", replies=listing(more))))  # fmt: skip
    gone = thing("t3", "c", title="T", selftext="Worte", removed_by_category="moderator")
    path = tmp_path / "x.json"
    path.write_text(json.dumps(listing(deep, gone, {"kind": "more", "data": {"count": 0, "children": []}})))
    outcome = read(READER, path)
    assert [(i.event, i.text, i.deleted and i.deleted.by) for i in outcome.items] == [
        ("posted", "x", None),
        ("deleted", None, "platform"),
        ("deleted", "Worte", "admin"),
    ]
    [done] = [one for one in outcome.readings if isinstance(one, Completeness)]
    assert [gap.reason for gap in done.gaps] == ["x.json: 8 answers were not fetched (stubs)"]


def test_a_data_request_loses_no_vote_and_no_word(read, tmp_path: Path) -> None:
    page = "https://r.example/r/de/comments/p7/x/"
    (tmp_path / "post_votes.csv").write_text(f"id,permalink,direction\np7,{page},up\np8,{page},removed\n")
    (tmp_path / "comment_votes.csv").write_text(f"id,permalink,direction\np7,{page}p7/,down\n")
    (tmp_path / "poll_votes.csv").write_text("post_id,user_selection,text,image_url\np7,2,Fünf Jahre,\n")
    (tmp_path / "announcements.csv").write_text("announcement_id,sent_at,read_at,from_id,from_username,subject,body,url\na1,2023-01-15 12:00:00 UTC,,t2_r,reddit,Neue Regeln,Bitte lesen,u\n")  # fmt: skip
    (tmp_path / "drafts.csv").write_text("id,title,body,kind,created\nd1,Entwurf,geheim,markdown,x\n")
    (tmp_path / "messages.csv").write_text("id,permalink,thread_id,date,ip,from,to,subject,body\nm2,u,m1,2023-01-15 12:10:00 UTC,,werk,anna,re: Frage,Fünf &lt; zehn\n")  # fmt: skip
    (tmp_path / "posts.csv").write_text(f"id,permalink,date,ip,subreddit,gildings,title,url,body\np1,{page},2023-01-15 12:00:00 UTC,,de,0,Link,https://firm.example/a,\n")  # fmt: skip
    (tmp_path / "chat_history.csv").write_text("message_id,created_at,updated_at,username,message,thread_parent_message_id,channel_url,subreddit,channel_name,conversation_type\nm1,2023-01-15 12:00:00 UTC,,anna,Hallo,,!room:x,,Werkschat,group\n")  # fmt: skip
    outcome = read(READER, tmp_path, mine="werk")
    by_id = {item.key.id: item for item in outcome.items}
    assert {one for one in by_id if one.startswith("vote/")} == {"vote/t3_p7", "vote/t1_p7"}
    assert by_id["vote/t1_p7"].targets[0].key.id == "t1_p7"
    assert "Fünf Jahre" in [item.text for item in outcome.items if item.form == "poll"]
    assert (by_id["announcement/a1"].title, by_id["announcement/a1"].text) == ("Neue Regeln", "Bitte lesen")
    assert (by_id["t4_m2"].text, by_id["t4_m2"].targets[0].key.id) == ("Fünf < zehn", "t4_m1")
    assert (by_id["t3_p1"].text, by_id["t3_p1"].targets[0].relation) == ("https://firm.example/a", "share")
    assert "Werkschat" in [thread.title for thread in outcome.threads]
    assert {one.reason for one in outcome.readings if isinstance(one, UnitExcluded)} == {
        "drafts",
        "a vote that was taken back",
    }


def test_each_private_conversation_is_a_thread_of_its_own(read, tmp_path: Path) -> None:
    """A bundle hands out the thread of what it holds: that is no mailbox."""
    header = "id,permalink,thread_id,date,ip,from,to,subject,body\n"
    rows = "m1,u,,2023-01-15 12:00:00 UTC,,anna,werk,Frage,a\nm2,u,m1,2023-01-15 12:10:00 UTC,,werk,anna,re: Frage,b\nm3,u,,2023-01-15 12:10:00 UTC,,bo,werk,Privat,c\n"
    (tmp_path / "messages.csv").write_text(header + rows)
    told = [thing("t4", "m1", subject="Frage", body="a", parent_id=None), thing("t4", "m2", subject="re: Frage", body="b", first_message_name="t4_m1")]  # fmt: skip
    (tmp_path / "inbox.json").write_text(json.dumps(listing(*told)))
    outcome = read(READER, tmp_path)
    threads = {item.text: item.thread.id for item in outcome.items}
    assert threads == {"a": "messages/m1", "b": "messages/m1", "c": "messages/m3"}
    assert {item.visibility for item in outcome.items} == {"direct"}
    assert {thread.title for thread in outcome.threads} == {"Frage", "Privat"}


def test_awards_are_reactions(read, tmp_path: Path) -> None:
    page = "https://r.example/r/de/comments/p7/x/"
    (tmp_path / "gilded_content.csv").write_text(f"content_link,award,amount,date\n{page}c9/,Gold,1,2023-01-15 12:00:00 UTC\n")  # fmt: skip
    (tmp_path / "gold_received.csv").write_text(f"content_link,gold_received,gilder_username,date\n{page},1 month,bo,2023-01-15 12:00:00 UTC\n")  # fmt: skip
    given, got = read(READER, tmp_path, mine="werk").items
    assert [
        (one.event, one.author.name, one.reactions[0].value, one.targets[0].key.id) for one in (given, got)
    ] == [
        ("reacted", "werk", "Gold", "t1_c9"),
        ("reacted", "bo", "1 month", "t3_p7"),
    ]


def test_a_data_request_says_whose_it_is(read, tmp_path: Path) -> None:
    head = "id,permalink,date,ip,subreddit,gildings,link,parent,body,media\n"
    row = "k1,https://r.example/r/de/comments/p1/t/k1/,2023-01-15 12:34:56 UTC,,de,0,,,Zugesagt,\n"
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "comments.csv").write_text(head + row.replace("k1", f"k{name}"))
        (tmp_path / name / "statistics.csv").write_text(
            f"statistic,value\naccount name,{name}_werk\nis deleted,False\n"
        )
    outcome = read(RedditExport(), tmp_path)
    assert [(one.key.id, one.via.id, one.author.written) for one in outcome.items] == [
        ("t1_ka", "a_werk", "a_werk"),
        ("t1_kb", "b_werk", "b_werk"),
    ]
    (told,) = read(RedditExport(), tmp_path / "a", mine="Werk").items
    assert (told.via.id, told.author.written) == ("Werk", "Werk"), "what a person says counts more"
