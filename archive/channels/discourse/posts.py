"""Posts, what somebody did with posts, and their revisions as items."""

import re
from collections.abc import Iterator
from typing import Any, Literal

from archive.channels.called import also_called
from archive.channels.discourse.forum import key_of
from archive.channels.export import LeaveOut, Made, Scene
from archive.reading.html_tags import tags, words_behind
from archive.reading.html_text import html_to_text
from archive.reading.json_fields import Fields, NotUnderstood
from archive.reading.media_types import media_type_of
from archive.reading.times import from_iso
from schemas.item import (
    Attachment,
    Body,
    Deleted,
    Edited,
    Event,
    Item,
    Key,
    Raw,
    Reaction,
    Recipient,
    Target,
    TimeStamp,
)

_QUOTED = re.compile(r"<aside\b[^>]*\bdata-post=[\"'](\d+)[\"'][^>]*\bdata-topic=[\"'](\d+)[\"']")
_TOLD = (
    *(
        "name",
        "hidden",
        "hidden_reason_id",
        "edit_reason",
        "version",
        "topic_slug",
        "action_code",
        "action_code_who",
    ),
    *(
        "wiki",
        "staff",
        "moderator",
        "admin",
        "actions_summary",
        "deleted_at",
        "deleted_by",
        "accepted_answer",
    ),
    *("polls", "polls_votes", "locale", "reply_to_user", "raw", "link_counts", "via_email", "user_title"),
    *("action_type", "acting_name", "target_username", "target_name"),
)
_PASSING = (
    *(
        "id",
        "avatar_template",
        "yours",
        "can_edit",
        "can_delete",
        "can_recover",
        "can_wiki",
        "read",
        "trust_level",
    ),
    *(
        "quote_count",
        "avg_time",
        "incoming_link_count",
        "reply_count",
        "display_username",
        "user_id",
        "topic_title",
    ),
    *(
        "topic_html_title",
        "category_id",
        "post_type",
        "deleted",
        "acting_avatar_template",
        "can_view_edit_history",
    ),
    *("uploaded_avatar_id", "slug", "title", "reads", "readers_count", "score", "posts_count", "excerpt"),
    *(
        "reaction_users_count",
        "current_user_reaction",
        "current_user_used_main_reaction",
        "bookmarked",
        "truncated",
    ),
    *(
        "can_accept_answer",
        "can_unaccept_answer",
        "topic_accepted_answer",
        "can_see_hidden_post",
        "has_accepted_answer",
    ),
)
"""Fields that change without the author, belong to whoever asks, or are read elsewhere."""
_DECORATION = {"emoji", "avatar", "site-icon", "thumbnail", "onebox-avatar", "onebox-avatar-inline"}
_LIKE, _BOOKMARK = 2, "a bookmark, and settings of who asked"
ACTIONS: dict[int, Literal["like", "edit", "bookmark"]] = {1: "like", 2: "like", 3: "bookmark", 11: "edit"}
"""Kinds of action that are about a post, and none of them."""


def post(f: Fields, scene: Scene, raw: Raw, made: Made, **told: Any) -> Item:
    """A post as it stands in a topic or in the list of the latest. ``told``: title, targets, tags."""
    ident, written = f.id("post_id", "id"), f.text("created_at")
    if not ident or not written:
        raise NotUnderstood("a post without id, topic or time")
    cooked, kind, number = f.text("cooked"), f.number("post_type") or 1, f.number("post_number")
    typed, updated, versions = f.data.get("raw"), f.text("updated_at"), f.number("version") or 1
    removed = bool(f.data.get("deleted_at")) or f.flag("deleted")
    gone = removed or f.flag("user_deleted")
    event: Event = "deleted" if gone else "notice" if kind == 3 else "posted"
    author = also_called(scene.person(f.text("username")), f.data.get("name"), f.data.get("display_username"))
    f.known(*_PASSING, "reactions")
    return scene.item(
        raw,
        key_of(scene.channel, ident, written),
        event=event,
        form="post" if number in (None, 1) else "comment",
        author=author,
        recipients=tuple(_mentioned(cooked or "", scene)),
        time=time_of(written),
        title=told.get("title") if number == 1 else None,
        text=(html_to_text(cooked) if cooked else None)
        or (typed if isinstance(typed, str) else None)
        or None,
        body=Body(type="text/html", content=cooked) if cooked else None,
        visibility="internal" if kind == 4 else scene.visibility,
        targets=told.get("targets", ()),
        attachments=tuple(files(cooked or "")),
        reactions=tuple(_reactions(f)),
        edited=Edited(time=time_of(updated)) if versions > 1 and updated else None,
        deleted=Deleted(
            by="author" if f.data.get("user_deleted") else "admin" if "deleted_by" in f else "unknown"
        )
        if gone
        else None,
        extra=(
            *((("post_number", str(number)),) if number else ()),
            *((("tags", told["tags"]),) if number == 1 and told.get("tags") else ()),
            *f.tell(*_TOLD),
            *_rest(f, made),
        ),
    )


def action(f: Fields, scene: Scene, raw: Raw, made: Made, of: Key) -> Item:
    """What somebody did with a post, of which only an excerpt is shown."""
    ident, written, kind = f.id("post_id"), f.text("created_at"), f.number("action_type") or 0
    acting, writer = f.text("acting_username"), f.text("username")
    what, excerpt = ACTIONS.get(kind), f.text("excerpt")
    if not ident or not written:
        raise NotUnderstood("an action without post or time")
    if what == "bookmark":
        raise LeaveOut(_BOOKMARK)
    words = html_to_text(excerpt) if excerpt else None
    about = Target(relation="of", key=of, written_id=ident, excerpt=words if what else None)
    number, gone = f.number("post_number"), f.flag("deleted")
    event: Event = "reacted" if what == "like" else "notice" if what else "deleted" if gone else "posted"
    f.known(*_PASSING, "acting_user_id", "target_user_id")
    return scene.item(
        raw,
        key_of(scene.channel, f"{ident}/{what}/{acting}" if what else f"{ident}/excerpt", written),
        event=event,
        form="post" if number in (None, 1) else "comment",
        author=also_called(
            scene.person(acting if what else writer or acting),
            f.data.get("acting_name" if what or not writer else "name"),
        ),
        time=time_of(written),
        title=f.text("title") if number == 1 and not what else None,
        text=None if what else words,
        targets=(about,),
        reactions=(Reaction(value="like"),) if what == "like" else (),
        deleted=Deleted() if event == "deleted" else None,
        extra=(*((("post_number", str(number)),) if number else ()), *f.tell(*_TOLD), *_rest(f, made)),
    )


def revision(f: Fields, scene: Scene, raw: Raw, made: Made, of: Key) -> Item:
    """One edit of a post: the words before and behind it, as the forum shows both."""
    ident, number = f.id("post_id"), f.number("current_revision")
    if not ident or number is None:
        raise NotUnderstood("a revision without post or number")
    body, title = f.object("body_changes") or Fields({}), f.object("title_changes") or Fields({})
    shown, written = body.text("inline", "side_by_side"), f.text("created_at")
    headed = title.text("inline", "side_by_side")
    told = f.tell("edit_reason", "first_revision", "last_revision", "previous_revision", "current_version")
    f.known("body_changes", "title_changes", "avatar_template", "acting_user_avatar_template", "can_edit")
    return scene.item(
        raw,
        key_of(scene.channel, f"{ident}/revision/{number}", written or ""),
        event="notice",  # it shows the words of two states: it is neither of them
        form="comment",
        author=scene.person(f.text("acting_user_name", "username", "display_username")),
        time=time_of(written) if written else None,
        targets=(Target(relation="of", key=of, written_id=ident),),
        title=html_to_text(headed) if headed else None,
        text=html_to_text(shown) if shown else None,
        body=Body(type="text/html", content=shown) if shown else None,
        history="full",
        extra=(("revision", str(number)), *told, *_rest(f, made)),
    )


def quoted(topic: str, answered: int | None, cooked: str) -> list[tuple[str, str, str]]:
    """Relation, number and topic of the posts that a post answers and quotes."""
    named = [("reply", str(answered), topic)] if answered else []
    return named + [("quote", number, other) for number, other in dict.fromkeys(_QUOTED.findall(cooked))]


def files(cooked: str) -> Iterator[Attachment]:
    """Files and pictures of a post; a small picture of a large one is no other, smileys and faces are none."""
    shown = False
    for tag in tags(cooked):
        classes, address = tag.classes(), tag.attributes.get("href") or tag.attributes.get("src")
        small, shown = shown and tag.name == "img", False
        if not address or small or classes & _DECORATION:
            continue
        if tag.name == "a" and classes & {"attachment", "lightbox"}:
            shown = "lightbox" in classes
            yield _file(address, tag.attributes.get("title") or words_behind(cooked, tag))
        elif tag.name in ("img", "source", "video", "audio") and not address.startswith("data:"):
            yield _file(address, "")


def _file(address: str, name: str) -> Attachment:
    name = name or address.partition("?")[0].rpartition("/")[2]
    return Attachment(
        name=name or None,
        media_type=media_type_of(name) or media_type_of(address.partition("?")[0]),
        state="missing",
        reason="not in export",
        url=address,
    )


def _mentioned(cooked: str, scene: Scene) -> Iterator[Recipient]:
    names = (words_behind(cooked, tag) for tag in tags(cooked) if "mention" in tag.classes())
    for name in dict.fromkeys(names):
        if actor := scene.person(name.removeprefix("@")):
            yield Recipient(role="mentioned", actor=actor)


def _reactions(f: Fields) -> Iterator[Reaction]:
    """Reactions by kind; forums without them count likes."""
    listed = f.objects("reactions")
    for one in listed:
        if value := one.id("id"):
            yield Reaction(value=value, count=one.number("count"))
    for one in () if listed else f.objects("actions_summary"):
        if one.number("id") == _LIKE and (count := one.number("count")):
            yield Reaction(value="like", count=count)


def _rest(f: Fields, made: Made) -> tuple[tuple[str, str], ...]:
    """Empty fields of the many that a post has are no news."""
    told = tuple((name, value) for name, value in f.rest() if value not in ("null", "false", "[]", "{}", ""))
    made.unknown |= {name for name, _ in told}
    return told


def time_of(written: str) -> TimeStamp:
    """A time of a forum: in UTC."""
    return from_iso(written, "UTC", "by_spec") or TimeStamp(written=written)
