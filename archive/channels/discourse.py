"""Discourse: topics and posts as the interface of a forum gives them.

Authority: docs.discourse.org. A topic gives its first twenty posts and the ids of all; ``raw`` is what was typed,
``cooked`` what was shown. Small actions of moderators are posts of a type of their own.
"""

import re
from collections.abc import Iterator
from typing import Any, ClassVar

from archive.channels.export import ExportReader, Made, Run, Scene, Taker, look
from archive.ports import Facts, ReadOptions
from archive.reading.html_text import html_to_text
from archive.reading.json_fields import Fields, NotUnderstood
from archive.reading.json_walk import Path, Value
from archive.reading.shape import Shape, shapes
from archive.reading.times import from_iso
from archive.reading.tree import Member, Tree
from archive.reading.units import Reading
from schemas.capture import Claim
from schemas.item import Body, Deleted, Edited, Event, Raw, Target, Thread, TimeStamp

_QUOTED = re.compile(r"<aside\b[^>]*\bdata-post=[\"'](\d+)[\"'][^>]*\bdata-topic=[\"'](\d+)[\"']")
_TOLD = (
    "reads",
    "score",
    "hidden",
    "hidden_reason_id",
    "edit_reason",
    "version",
    "topic_slug",
    "action_code",
    "wiki",
    "staff",
    "moderator",
    "admin",
)


class _Reading(Run):
    def __init__(self, reader: ExportReader, tree: Tree, options: ReadOptions) -> None:
        super().__init__(reader, tree, options)
        self._ids: dict[tuple[str, str], str] = {}
        """Topic and number of a post that was read → its id; others name it by these."""

    def _targets(self, scene: Scene, topic: str, answered: int | None, cooked: str) -> Iterator[Target]:
        """What a post answers and quotes, where that was read before."""
        named = [("reply", str(answered), topic)] if answered else []
        named += [("quote", number, other) for number, other in dict.fromkeys(_QUOTED.findall(cooked))]
        for relation, number, other in named:
            known = self._ids.get((other, number))
            yield Target(
                relation=relation,  # type: ignore[arg-type]
                key=scene.key(known) if known else None,
                written_id=f"post {number}" if other == topic else f"post {number} of topic {other}",
            )

    def taker(self, member: Member) -> Taker | str | None:
        shape = shapes(self.tree).of(member)
        kind = _kind(shape)
        if kind == "topic":
            return self._topic
        if kind:
            return self._list
        return "lists and settings, no posts" if shape.kind == "json" and not self.tree.single else None

    def _topic(self, member: Member) -> Iterator[Reading]:
        head = look(
            member,
            lambda path: path == ("post_stream", "stream"),
            enter=lambda path: path in ((), ("post_stream",)),
        )
        stream, count = head.get("/post_stream/stream"), 0
        title, private = head.get("/title"), head.get("/archetype") == "private_message"
        scenes: dict[str, Scene] = {}

        def make(_: Value, f: Fields, raw: Raw, made: Made) -> None:
            self._post(scenes, f, raw, made, title=str(title) if title else None, private=private)

        for reading in self.json_units(
            member, lambda p: len(p) == 3 and p[:2] == ("post_stream", "posts"), make
        ):
            count += 1
            yield reading
        if isinstance(stream, list):
            self.claims.append(
                Claim(scope=member.path or self.tree.name, kind="exact", expected=len(stream), found=count)
            )

    def _list(self, member: Member) -> Iterator[Reading]:
        scenes: dict[str, Scene] = {}

        def make(_: Value, f: Fields, raw: Raw, made: Made) -> None:
            if "topic_list" in f or "posts_count" in f:
                self._described(f, raw, made)
            else:
                self._post(scenes, f, raw, made, title=f.text("topic_title", "title"), private=False)

        yield from self.json_units(member, _is_post, make)

    def _described(self, f: Fields, raw: Raw, made: Made) -> None:
        ident = f.id("id")
        if not ident:
            raise NotUnderstood("a topic without an id")
        scene = self.scene(ident)
        direct: Any = "direct" if f.text("archetype") == "private_message" else "public"
        made.threads.append(
            Thread(
                key=scene.thread,
                via=self.via,
                kind="topic",
                title=f.text("title"),
                visibility=direct,
                raw=raw,
            )
        )

    def _post(
        self, scenes: dict[str, Scene], f: Fields, raw: Raw, made: Made, *, title: str | None, private: bool
    ) -> None:
        ident, topic, written = f.id("post_id", "id"), f.id("topic_id"), f.text("created_at")
        if not ident or not written or not topic:
            raise NotUnderstood("a post without id, topic or time")
        fresh = topic not in scenes
        scene = scenes.setdefault(topic, self.scene(topic, visibility="direct" if private else "public"))
        if fresh:
            made.threads.append(
                Thread(
                    key=scene.thread,
                    via=self.via,
                    kind="topic",
                    title=title,
                    visibility=scene.visibility,
                    raw=raw,
                )
            )
        cooked, typed, kind = f.text("cooked", "excerpt"), f.text("raw"), f.number("post_type") or 1
        number, answered, updated = (
            f.number("post_number"),
            f.number("reply_to_post_number"),
            f.text("updated_at"),
        )
        self._ids[topic, str(number)] = ident
        versions = f.number("version") or 1
        gone = bool(f.text("deleted_at")) or f.flag("user_deleted") or f.flag("deleted")
        event: Event = "deleted" if gone else "notice" if kind == 3 else "posted"
        f.known(
            "id",
            "avatar_template",
            "yours",
            "can_edit",
            "can_delete",
            "can_recover",
            "can_wiki",
            "link_counts",
            "read",
            "trust_level",
        )
        f.known(
            "quote_count",
            "avg_time",
            "incoming_link_count",
            "reply_count",
            "user_title",
            "display_username",
            "user_id",
            "topic_title",
            "title",
        )
        f.known(
            "topic_html_title",
            "category_id",
            "post_type",
            "deleted",
            "acting_avatar_template",
            "can_view_edit_history",
            "uploaded_avatar_id",
            "slug",
        )
        made.items.append(
            scene.item(
                raw,
                scene.key(ident),
                event=event,
                form="post" if number in (None, 1) else "comment",
                author=scene.person(f.text("acting_username", "username")),
                time=_time(written),
                title=title if number == 1 else None,
                text=typed or (html_to_text(cooked) if cooked else None),
                body=Body(type="text/html", content=cooked) if cooked else None,
                visibility="internal" if kind == 4 else scene.visibility,
                targets=tuple(self._targets(scene, topic, answered, cooked or "")),
                edited=Edited(time=_time(updated)) if versions > 1 and updated else None,
                deleted=Deleted(by="author" if f.data.get("user_deleted") else "unknown") if gone else None,
                extra=(
                    *((("post_number", str(number)),) if number else ()),
                    *f.tell("name", *_TOLD, "actions_summary"),
                    *_rest(f, made),
                ),
            )
        )


def _rest(f: Fields, made: Made) -> tuple[tuple[str, str], ...]:
    """Empty fields of the many that a post has are no news."""
    told = tuple((name, value) for name, value in f.rest() if value not in ("null", "false", "[]", "{}", ""))
    made.unknown |= {name for name, _ in told}
    return told


def _time(written: str) -> TimeStamp:
    return from_iso(written, "UTC", "by_spec") or TimeStamp(written=written)


def _is_post(path: Path) -> bool:
    if len(path) == 2 and path[0] in ("latest_posts", "user_actions", "posts") and isinstance(path[1], int):
        return True
    return len(path) == 3 and path[:2] == ("topic_list", "topics")


def _kind(shape: Shape) -> str | None:
    if shape.kind != "json":
        return None
    if shape.has("/post_stream/posts/*/cooked") or shape.has("/post_stream/stream"):
        return "topic"
    if (
        shape.has("/latest_posts/*/cooked")
        or shape.has("/posts/*/cooked")
        or shape.has("/user_actions/*/topic_id")
    ):
        return "posts"
    return "topics" if shape.has("/topic_list/topics/*/posts_count") else None


class DiscourseForum(ExportReader):
    """Reads topics, latest posts and answers."""

    name: ClassVar[str] = "discourse"
    parser: ClassVar[str] = "discourse-forum/2"
    run: ClassVar[type[Run]] = _Reading
    facts: ClassVar[Facts] = Facts(
        title="Discourse forums",
        layouts=("topics with their posts", "latest posts, answers, lists of topics"),
        ask_for="the interface of the forum: t/ID.json with print=true, posts.json",
        edits="last state, with time",
        deletions="marked for moderators",
        receipts="no",
        direct="personal messages of the account",
        claim="exact",
        tested="real files",
    )

    def likeness(self, shape: Shape) -> tuple[int, str]:
        """By the post stream, or posts with what was cooked."""
        kind = _kind(shape)
        return (93, f"{kind} as Discourse writes them") if kind else (0, "")
