"""The channel: which files are what, and the topics that they belong to."""

import json
import re
from collections.abc import Iterator
from typing import Any, ClassVar

from archive.channels.discourse import posts
from archive.channels.discourse.forum import Posts, kind_of
from archive.channels.export import ExportReader, Made, Run, Scene, Taker, look
from archive.channels.spaces import numbered_once, spaceless
from archive.ports import Facts, ReadOptions
from archive.reading.html_text import html_to_text
from archive.reading.json_fields import Fields, NotUnderstood
from archive.reading.json_walk import Path, Value
from archive.reading.rows import Cells
from archive.reading.shape import Shape, shapes
from archive.reading.tree import Member, Tree
from archive.reading.units import Former, Reading
from schemas.capture import Claim
from schemas.item import Body, Item, Raw, Target, Thread

_ADDRESS = re.compile(r"/t/(?:[^/]+/)?(\d+)(?:/(\d+))?/?(?:[?#].*)?\Z")
_WAITING = ("queued_posts",)
_OF_MEMBER = (
    *(
        "auth_token",
        "badges",
        "bookmarks",
        "category_preferences",
        "flags",
        "likes",
        "post_actions",
        "visits",
    ),
    *("user_archive_profile", "preferences"),
)
"""Files beside the posts in the archive of a member."""
_OF_ROW = ("categories", "category", "sub_category")
_BY_OTHERS = ("like_count", "reply_count")
_HEAD = (("post_stream", "stream"), ("tags",), ("details", "allowed_users"), ("details", "participants"))


class _Reading(Run):
    def __init__(self, reader: ExportReader, tree: Tree, options: ReadOptions) -> None:
        super().__init__(reader, tree, options)
        self._posts = Posts(tree, self.channel)
        """Others name a post by its topic and number, or by its id alone."""

    def _targets(self, scene: Scene, topic: str, answered: int | None, cooked: str) -> Iterator[Target]:
        """What a post answers and quotes, where that lies in the input."""
        for relation, number, other in posts.quoted(topic, answered, cooked):
            yield Target(
                relation=relation,  # type: ignore[arg-type]
                key=self._posts.numbered(scene.people, other, number),
                written_id=f"post {number}" if other == topic else f"post {number} of topic {other}",
            )

    def taker(self, member: Member) -> Taker | str | None:
        shape = shapes(self.tree).of(member)
        kind = kind_of(shape)
        takers: dict[str, Taker] = {
            "topic": self._topic,
            "post": self._lone,
            "revision": self._revision,
            "archive": self._rows,
        }
        if kind:
            return takers.get(kind, self._list)
        if member.name.startswith(_WAITING):
            return "posts that wait for a moderator: said to nobody"
        others = shape.kind == "json" or (shape.kind == "text" and member.name.startswith(_OF_MEMBER))
        return "lists and settings, no posts" if others and not self.tree.single else None

    def _topic(self, member: Member) -> Iterator[Reading]:
        head = look(
            member,
            lambda path: path in _HEAD,
            enter=lambda path: path in ((), ("post_stream",), ("details",)),
        )
        stream, count = head.get("/post_stream/stream"), 0
        title, private = head.get("/title"), head.get("/archetype") == "private_message"
        people = head.get("/details/allowed_users" if private else "/details/participants")
        names = (
            [one.get("username") for one in people if isinstance(one, dict)]
            if isinstance(people, list)
            else []
        )
        tags, scenes, forum = head.get("/tags"), dict[str, Scene](), self._posts.forum(member)
        about = {
            "tags": json.dumps(tags, ensure_ascii=False) if tags else None,
            "people": names,
            "forum": forum,
        }

        def make(_: Value, f: Fields, raw: Raw, made: Made) -> None:
            self._post(scenes, f, raw, made, title=str(title) if title else None, private=private, **about)

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
        scenes, forum = dict[str, Scene](), self._posts.forum(member)

        def make(_: Value, f: Fields, raw: Raw, made: Made) -> None:
            if "topic_list" in f or ("posts_count" in f and "post_number" not in f):
                self._described(f, raw, made, forum)
            else:
                title = f.text("topic_title", "title")
                self._post(scenes, f, raw, made, title=title, private=False, forum=forum)

        yield from self.json_units(member, _is_post, make)

    def _lone(self, member: Member) -> Iterator[Reading]:
        forum = self._posts.forum(member)

        def make(_: Value, f: Fields, raw: Raw, made: Made) -> None:
            title = f.text("topic_title", "title")
            self._post({}, f, raw, made, title=title, private=False, forum=forum)

        yield from self.json_units(member, lambda path: not path, make)

    def _revision(self, member: Member) -> Iterator[Reading]:
        forum = self._posts.forum(member)
        scene = self.scene("revisions", derived=True, scope=forum)
        scene.people = forum

        def make(_: Value, f: Fields, raw: Raw, made: Made) -> None:
            item = posts.revision(
                f, scene, raw, made, self._posts.called(scene.people, f.id("post_id") or "")
            )
            made.items.append(_scopeless_once(item, made))

        yield from self.json_units(member, lambda path: not path, make)

    def _rows(self, member: Member) -> Iterator[Reading]:
        """The archive of a member: all own posts, without their ids."""
        scenes, forum = dict[str, Scene](), self._posts.forum(member)

        def make(cells: Cells, raw: Raw, made: Made) -> None:
            address, written = cells.get("url") or "", cells.get("created_at")
            typed, cooked = cells.get("post_raw", "post"), cells.get("post_cooked")
            found, title = _ADDRESS.search(address), cells.get("topic_title")
            if not written or not (typed or cooked):
                raise NotUnderstood("a row without time or words")
            direct = (cells.get("is_pm") or "").casefold() in ("yes", "true")
            topic = found[1] if found else "archive"
            scene = self._scene(scenes, topic, raw, made, title=title, direct=direct, forum=forum)
            known = self._posts.numbered(scene.people, found[1], found[2] or "1") if found else None
            cells.get(*_BY_OTHERS)
            scene.scope = ""  # an id that is made from an instant is no other forum's
            key = scene.derived(address, written)
            if found:  # the address holds the title of the topic, which others may change
                key = scene.derived(found[1], found[2] or "1", written)
            before = scene.first_derived(address, written)
            made.former[key] = Former(before, then=spaceless)
            made.items.append(
                scene.item(
                    raw,
                    key,
                    form="post" if found and found[2] in (None, "1") else "comment",
                    author=scene.person(self.options.mine),
                    time=posts.time_of(written),
                    title=title if found and found[2] in (None, "1") else None,
                    text=(html_to_text(cooked) if cooked else None) or typed,
                    body=Body(type="text/html", content=cooked) if cooked else None,
                    attachments=tuple(posts.files(cooked or "")),
                    targets=(Target(relation="of", key=known, written_id=address),) if known else (),
                    extra=(("url", address), *made.told(cells, *_OF_ROW)),
                )
            )

        yield from self.csv_units(member, make)

    def _described(self, f: Fields, raw: Raw, made: Made, forum: str) -> None:
        ident = f.id("id")
        if not ident:
            raise NotUnderstood("a topic without an id")
        direct = f.text("archetype") == "private_message"
        title = f.text("title")
        self._scene({}, ident, raw, made, title=title, direct=direct, forum=forum, slug=f.text("slug"))

    def _scene(
        self,
        scenes: dict[str, Scene],
        topic: str,
        raw: Raw,
        made: Made,
        *,
        title: str | None,
        direct: bool,
        forum: str,
        slug: str | None = None,
        people: Any = (),
    ) -> Scene:
        """The topic, described where it is met first. Of a forum that is not named it is told by what it is called."""
        if topic not in scenes:
            visibility = "direct" if direct else "public"
            space = forum or slug or title or ""
            scene = scenes[topic] = self.scene(topic, visibility=visibility, scope=space)
            scene.people = forum
            made.threads.append(
                Thread(
                    key=scene.thread,
                    via=self.via,
                    kind="topic",
                    title=title,
                    participants=tuple(who for name in people if (who := scene.person(name))),
                    visibility=scene.visibility,
                    raw=raw,
                )
            )
        return scenes[topic]

    def _post(
        self,
        scenes: dict[str, Scene],
        f: Fields,
        raw: Raw,
        made: Made,
        *,
        title: str | None,
        private: bool,
        **more: Any,
    ) -> None:
        topic = f.id("topic_id")
        if not topic:
            raise NotUnderstood("a post without id, topic or time")
        scene = self._scene(
            scenes,
            topic,
            raw,
            made,
            title=title,
            direct=private,
            forum=more["forum"],
            slug=f.data.get("topic_slug"),
            people=more.get("people", ()),
        )
        number, answered = f.number("post_number"), f.number("reply_to_post_number")
        cooked = f.data.get("cooked")
        if "action_type" in f:
            item = posts.action(f, scene, raw, made, self._posts.called(scene.people, f.id("post_id") or ""))
            made.items.append(_scopeless_once(item, made))
            return
        targets = tuple(self._targets(scene, topic, answered, cooked if isinstance(cooked, str) else ""))
        item = posts.post(f, scene, raw, made, title=title, targets=targets, tags=more.get("tags"))
        self._posts.take(scene.people, topic, str(number), item.key)
        made.items.append(_scopeless_once(item, made))


def _scopeless_once(item: Item, made: Made) -> Item:
    """An id alone is not this item's: posts of every forum are numbered from 1."""
    made.former[item.key] = numbered_once(item.key)
    return item


def _is_post(path: Path) -> bool:
    if len(path) == 2 and path[0] in ("latest_posts", "user_actions", "posts") and isinstance(path[1], int):
        return True
    return len(path) == 3 and path[:2] == ("topic_list", "topics")


class DiscourseForum(ExportReader):
    """Reads topics, latest posts, answers, revisions, and the archive of a member."""

    name: ClassVar[str] = "discourse"
    parser: ClassVar[str] = "discourse-forum/7"
    run: ClassVar[type[Run]] = _Reading
    facts: ClassVar[Facts] = Facts(
        title="Discourse forums",
        layouts=(
            "topics with their posts, single posts and revisions",
            "latest posts, answers, lists of topics",
            "the archive of a member (CSV)",
        ),
        ask_for="the interface of the forum: t/ID.json with print=true, posts.json",
        edits="last state, with time; each edit from revisions",
        deletions="marked for moderators",
        receipts="no",
        direct="personal messages of the account",
        claim="last_state",
        tested="real files",
    )

    def likeness(self, shape: Shape) -> tuple[int, str]:
        """By the post stream, or posts with what was cooked."""
        kind = kind_of(shape)
        return (93, f"{kind} as Discourse writes them") if kind else (0, "")
