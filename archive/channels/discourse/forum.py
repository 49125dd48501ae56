"""Which forum a file is of: posts, topics and members of every forum are numbered from 1.

A file seldom names its forum. A post is told by its instant, which is written to the millisecond and stays; the address
of the forum stands in those of pictures of members (``/user_avatar/forum.example/…``) and of rows of an archive.
"""

import re

from archive.channels.export import look
from archive.channels.known_keys import KnownKeys
from archive.channels.spaces import Hosts
from archive.reading.json_walk import Path
from archive.reading.shape import Shape, shapes
from archive.reading.tree import Member, Tree
from schemas.item import Key

_FACE = re.compile(
    rb"/user_avatar/([^/\\\"\s]{1,253})/|\"(?:base_url|forum_url)\"\s*:\s*\"https?://([^/\\\"\s]{1,253})"
)
_ROW = re.compile(rb"[,\n]\"?https?://([^/\\\"\s,]{1,253})(?:/[^/\"\s,]+)*?/t/")
_WANTED = ("id", "post_id", "created_at", "post_number", "topic_id")
_CAP = 64 << 20


def kind_of(shape: Shape) -> str | None:
    """Say what a file is: topic, posts, post, topics, revision or archive of a member."""
    if shape.kind == "text":
        words = {"post", "post_raw"} & set(shape.header)
        return (
            "archive"
            if words and {"topic_title", "is_pm", "url", "created_at"} <= set(shape.header)
            else None
        )
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
    if shape.has("/cooked", "/topic_id", "/post_number"):
        return "post"
    if shape.has("/post_id", "/current_revision", "/body_changes"):
        return "revision"
    return "topics" if shape.has("/topic_list/topics/*/posts_count") else None


class Posts:
    """Posts by number in their topic and by id, with the instant that tells them from those of another forum."""

    def __init__(self, tree: Tree, channel: str) -> None:
        """Prepare; nothing is read yet."""
        self._tree, self._channel, self._looked = tree, channel, False
        self._hosts = Hosts(self._naming)
        self._known = KnownKeys(channel)

    def _naming(self) -> dict[Member, re.Pattern[bytes]]:
        kinds = ((one, kind_of(shapes(self._tree).of(one))) for one in self._tree.files())
        return {one: _ROW if kind == "archive" else _FACE for one, kind in kinds if kind}

    def forum(self, member: Member) -> str:
        """Give the forum that a file is of, as far as one is named."""
        return self._hosts.of(member)

    def take(self, forum: str, topic: str, number: str, key: Key) -> None:
        """Remember a post."""
        self._known.put(_numbered(topic, number), key, forum)
        self._known.put(_called(key.id), key, forum)

    def numbered(self, forum: str, topic: str, number: str) -> Key | None:
        """Give the key of a post by its number in a topic."""
        return self._found(_numbered(topic, number), forum)

    def called(self, forum: str, ident: str) -> Key:
        """Give the key of a post by its id; of one that lies nowhere in the input its id alone is known."""
        return self._found(_called(ident), forum) or Key(channel=self._channel, scope="", id=ident)

    def _found(self, name: str, forum: str) -> Key | None:
        found = _one(self._known.by_owner(name), forum)
        return found or (_one(self._known.by_owner(name), forum) if self._look_ahead() else None)

    def _look_ahead(self) -> bool:
        """Take in what lies further on, once, where something names a post that was not read yet."""
        if self._looked:
            return False
        self._looked = True
        for member in self._tree.files():
            if kind_of(shapes(self._tree).of(member)) in ("topic", "posts", "post"):
                self._look_at(member)
        return True

    def _look_at(self, member: Member) -> None:
        if member.size > _CAP:
            return
        rows: dict[str, dict[str, object]] = {}
        for pointer, value in look(member, lambda _: False, enter=_enter).items():
            place, _, name = pointer.rpartition("/")
            if name in _WANTED:
                rows.setdefault(place, {})[name] = value
        for row in rows.values():
            ident, written = row.get("post_id", row.get("id")), row.get("created_at")
            if ident is not None and written and "post_number" in row:
                key = key_of(self._channel, str(ident), str(written))
                self.take(self.forum(member), str(row.get("topic_id")), str(row["post_number"]), key)


def _numbered(topic: str, number: str) -> str:
    return f"number {number} of {topic}"


def _called(ident: str) -> str:
    return f"id {ident}"


def _one(known: dict[str, Key], forum: str) -> Key | None:
    """That of this forum; where a file does not name it, the only one."""
    lone = next(iter(known.values())) if len(known) == 1 and (not forum or "" in known) else None
    return known.get(forum) or lone


def key_of(channel: str, ident: str, written: str) -> Key:
    """Give the key of a post."""
    return Key(channel=channel, scope=written, id=ident)


def _enter(path: Path) -> bool:
    return len(path) <= 3 or path[-1] in _WANTED
