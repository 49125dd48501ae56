"""Discourse: what is shown and what was typed, small actions, posts that were not fetched."""

import json
from pathlib import Path

from archive.channels.discourse import DiscourseForum
from archive.reading.units import Completeness

READER = DiscourseForum()
QUOTING = "".join(
    f'<aside class="quote" data-username="anna" data-post="{post}" data-topic="{topic}">x</aside>'
    for post, topic in ((1, 9), (3, 8))
)


def post(ident: int, **more: object) -> dict[str, object]:
    return {"id": 1000 + ident, "username": "anna", "created_at": "2020-01-25T02:10:07.971Z", "updated_at": "2020-02-01T00:00:00Z", "cooked": "<p>x <b>y</b></p>", "post_number": ident, "post_type": 1, "topic_id": 9, "version": 1, **more}  # fmt: skip


def test_a_topic_and_the_posts_that_are_not_here(read, tmp_path: Path) -> None:
    posts = [
        post(1),
        post(2, raw="x **y**", reply_to_post_number=1, version=3, cooked=QUOTING),
        post(3, post_type=3, action_code="closed.enabled"),
        post(4, post_type=4),
        post(5, deleted_at="2020-03-01T00:00:00Z"),
    ]
    path = tmp_path / "t.json"
    topic = {
        "post_stream": {"posts": posts, "stream": list(range(1, 30))},
        "title": "Pumpe",
        "archetype": "private_message",
    }
    path.write_text(json.dumps(topic))
    outcome = read(READER, path)
    first, second, closed, whisper, gone = outcome.items
    assert (first.form, first.title, first.text, first.visibility) == ("post", "Pumpe", "x y", "direct")
    assert (second.text, second.edited.time.utc) == ("x\n\nx", "2020-02-01T00:00:00Z")
    assert dict(second.extra)["raw"] == "x **y**", "most answers have no raw, and it is the same post in them"
    assert [(t.relation, t.written_id, t.key and t.key.id) for t in second.targets] == [
        ("reply", "post 1", "1001"),
        ("quote", "post 1", "1001"),
        ("quote", "post 3 of topic 8", None),
    ]
    assert (closed.event, whisper.visibility, gone.event) == ("notice", "internal", "deleted")
    [completeness] = [r for r in outcome.readings if isinstance(r, Completeness)]
    assert [(c.expected, c.found) for c in completeness.claims if c.expected is not None] == [(29, 5)]


def test_what_somebody_did_with_a_post_of_another_is_no_post(read, tmp_path: Path) -> None:
    def action(kind: int, **more: object) -> dict[str, object]:
        return {"action_type": kind, "excerpt": "Worte", "created_at": "2024-01-01T00:00:00Z", "topic_id": 9, "post_id": 7, "post_number": 2, "username": "anna", "acting_username": "bo", "title": "T", **more}  # fmt: skip

    path = tmp_path / "user_actions.json"
    path.write_text(json.dumps({"user_actions": [action(1), action(3), action(5, acting_username="anna"), action(11)]}))  # fmt: skip
    outcome = read(READER, path)
    liked, said, changed = outcome.items
    assert outcome.counts == (3, 0, 1)
    assert (liked.event, liked.author.name, liked.text) == ("reacted", "bo", None)
    assert (liked.targets[0].key.id, liked.targets[0].excerpt) == ("7", "Worte")
    assert (said.event, said.author.name, said.text) == ("posted", "anna", "Worte")
    assert (changed.event, changed.author.name) == ("notice", "bo")
    assert "7" not in {item.key.id for item in outcome.items}, "an excerpt is no version of the post"


def test_files_reactions_mentions_tags_and_who_takes_part(read, tmp_path: Path) -> None:
    cooked = (
        '<p><a class="mention" href="/u/bo">@bo</a> <img class="emoji" src="/e.png" alt=":x:"></p>'
        '<a class="lightbox" href="//c.example/o/1.jpeg" title="typenschild.jpeg"><img src="//c.example/s/1.jpeg" alt="Schild"></a>'
        '<a class="attachment" href="/uploads/x.pdf">angebot.pdf</a> (1 KB)<img src="/uploads/2.png" alt="zwei">'
    )
    one = post(1, cooked=cooked, reads=5, reactions=[{"id": "heart", "count": 2}], deleted_by={"username": "chef"}, deleted_at="2020-03-01T00:00:00Z")  # fmt: skip
    two = post(2, actions_summary=[{"id": 2, "count": 3}], neu="x")
    topic = {
        "post_stream": {"posts": [one, two]},
        "title": "T",
        "tags": ["zusage"],
        "archetype": "private_message",
        "details": {"allowed_users": [{"username": "anna"}, {"username": "bo"}]},
    }
    path = tmp_path / "t.json"
    path.write_text(json.dumps(topic))
    outcome = read(READER, path)
    first, second = outcome.items
    assert [a.name for a in first.attachments] == ["typenschild.jpeg", "angebot.pdf", "2.png"]
    assert [(r.value, r.count) for r in (*first.reactions, *second.reactions)] == [("heart", 2), ("like", 3)]
    assert [(r.role, r.actor.name) for r in first.recipients] == [("mentioned", "bo")]
    assert (first.deleted.by, dict(first.extra)["deleted_at"]) == ("admin", "2020-03-01T00:00:00Z")
    assert (dict(first.extra)["tags"], "reads" in dict(first.extra)) == ('["zusage"]', False)
    assert [one.name for one in outcome.threads[0].participants] == ["anna", "bo"]
    assert outcome.readings[1].unknown_fields == {"neu"}


def test_single_posts_revisions_and_the_archive_of_a_member(read, detect, tmp_path: Path) -> None:
    (tmp_path / "a_post.json").write_text(json.dumps(post(2)))
    (tmp_path / "b_revision.json").write_text(
        json.dumps({"post_id": 1002, "current_revision": 2, "username": "anna", "created_at": "2020-02-01T00:00:00Z", "body_changes": {"inline": "<p><del>drei</del> <ins>fünf</ins> Jahre</p>"}})
    )  # fmt: skip
    (tmp_path / "user_archive.csv").write_text(
        "topic_title,categories,is_pm,post_raw,post_cooked,like_count,reply_count,url,created_at\n"
        "Pumpe,Technik,No,x,<p>x</p>,2,1,https://f.example/t/pumpe/9/2,2020-01-25 02:10:07 UTC\n"
        'Privat,-,Yes,"Geheim, Preis",,0,0,https://f.example/t/p/11/1,2024-03-04 10:10:00 UTC\n'
    )
    assert detect(READER, tmp_path / "user_archive.csv") == 93
    lone, changed, public, direct = read(READER, tmp_path, mine="anna").items
    assert (lone.key.id, lone.text) == ("1002", "x y")
    assert (changed.event, changed.text, changed.targets[0].key) == ("notice", "drei fünf Jahre", lone.key)
    assert (public.thread, public.text, public.targets[0].key) == (lone.thread, "x", lone.key)
    assert (direct.visibility, direct.title, direct.text, direct.author.name) == ("direct", "Privat", "Geheim, Preis", "anna")  # fmt: skip


def test_what_lies_beside_the_posts_of_a_member_stays_out(read, tmp_path: Path) -> None:
    (tmp_path / "user_archive.csv").write_text("topic_title,is_pm,post_raw,url,created_at\nT,No,x,https://f.example/t/p/9/2,2020-01-25 02:10:07 UTC\n")  # fmt: skip
    (tmp_path / "auth_token_logs.csv").write_text("id,action,client_ip\n1,login,203.0.113.9\n")
    (tmp_path / "queued_posts.csv").write_text("id,verdict,post_raw\n1,pending,geheim\n")
    outcome = read(READER, tmp_path)
    assert (outcome.counts, outcome.failures) == ((1, 0, 2), [])


def test_a_post_that_tells_how_many_its_topic_has_is_no_topic(read, tmp_path: Path) -> None:
    path = tmp_path / "posts.json"
    path.write_text(json.dumps({"latest_posts": [post(2, posts_count=26, topic_title="Pumpe")]}))
    [item] = read(READER, path).items
    assert (item.text, item.key.id) == ("x y", "1002")


def test_a_post_of_a_member_stays_the_same_when_others_like_it_or_rename_its_topic(
    read, tmp_path: Path
) -> None:
    path, seen = tmp_path / "user_archive.csv", []
    for likes, slug in ((2, "pumpe"), (9, "pumpe-7")):
        path.write_text(
            "topic_title,is_pm,post_raw,like_count,reply_count,url,created_at\n"
            f"T,No,x,{likes},1,https://f.example/t/{slug}/9/2,2020-01-25 02:10:07 UTC\n"
        )
        (item,) = read(READER, path, mine="anna").items
        seen.append((item.key, dict(item.extra).keys()))
    assert seen[0] == seen[1]
    assert "like_count" not in seen[0][1]
