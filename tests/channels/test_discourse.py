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
    assert (second.text, second.edited.time.utc) == ("x **y**", "2020-02-01T00:00:00Z")
    assert [(t.relation, t.written_id, t.key and t.key.id) for t in second.targets] == [
        ("reply", "post 1", "1001"),
        ("quote", "post 1", "1001"),
        ("quote", "post 3 of topic 8", None),
    ]
    assert (closed.event, whisper.visibility, gone.event) == ("notice", "internal", "deleted")
    [completeness] = [r for r in outcome.readings if isinstance(r, Completeness)]
    assert [(c.expected, c.found) for c in completeness.claims] == [(29, 5)]
