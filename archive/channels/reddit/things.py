"""What a thing says beside its text: pictures, polls, links, the post that it passes on, and who removed it."""

from collections.abc import Iterator
from typing import Literal

from archive.channels.export import Scene
from archive.reading.json_fields import Fields
from archive.reading.media_types import media_type_of
from schemas.item import Attachment, Deleted, Target

GONE = ("[deleted]", "[removed]")
_BY_REDDIT = "[ Removed by Reddit"
_ESCAPED = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
_MEDIA = ("i.redd.it/", "v.redd.it/", "preview.redd.it/", "i.imgur.com/")
TOLD = (
    *(
        "permalink",
        "link_title",
        "distinguished",
        "stickied",
        "over_18",
        "spoiler",
        "locked",
        "archived",
        "flair",
    ),
    *("gildings", "all_awardings", "gilded", "total_awards_received", "link_flair_text", "author_flair_text"),
    *(
        "url",
        "poll_data",
        "removed_by_category",
        "removal_reason",
        "collapsed_reason",
        "is_submitter",
        "context",
    ),
    *("crosspost_parent", "gallery_data", "media_metadata", "subreddit_id", "type", "was_comment", "is_self"),
    *(
        "domain",
        "post_hint",
        "subreddit_type",
        "author_premium",
        "is_video",
        "is_gallery",
        "controversiality",
    ),
    *(
        "mod_note",
        "mod_reason_title",
        "banned_by",
        "approved_by",
        "mod_reports",
        "user_reports",
        "num_reports",
    ),
)
"""Known fields without a place in the item."""
PASSING = (
    *(
        "score",
        "ups",
        "downs",
        "num_comments",
        "upvote_ratio",
        "view_count",
        "num_crossposts",
        "likes",
        "saved",
    ),
    *("hidden", "clicked", "visited", "new", "score_hidden", "hide_score", "subreddit_subscribers", "depth"),
    *("subreddit_name_prefixed", "body_html", "selftext_html", "thumbnail", "thumbnail_width", "created"),
    *(
        "thumbnail_height",
        "preview",
        "pwls",
        "wls",
        "whitelist_status",
        "parent_whitelist_status",
        "collapsed",
    ),
    *(
        "send_replies",
        "can_gild",
        "can_mod_post",
        "no_follow",
        "quarantine",
        "media_only",
        "is_meta",
        "gallery",
    ),
    *(
        "is_crosspostable",
        "is_reddit_media_domain",
        "is_original_content",
        "is_robot_indexable",
        "allow_live_comments",
    ),
    *(
        "contest_mode",
        "author_patreon_flair",
        "author_is_blocked",
        "author_flair_type",
        "author_flair_richtext",
    ),
    *(
        "author_flair_background_color",
        "author_flair_text_color",
        "link_flair_type",
        "link_flair_richtext",
        "id",
    ),
    *(
        "link_flair_background_color",
        "link_flair_text_color",
        "link_flair_css_class",
        "author_flair_css_class",
    ),
    *("top_awarded_type", "treatment_tags", "awarders", "content_categories", "secure_media", "media_embed"),
    *(
        "secure_media_embed",
        "media",
        "link_permalink",
        "link_author",
        "link_url",
        "associated_award",
        "unrepliable_reason",
    ),
)
"""Fields that change without its author, belong to whoever asks, or say in another form what is read."""


def plain(text: str | None) -> str | None:
    """A text without the three escapes that the interface puts into it."""
    for written, meant in _ESCAPED if text and "&" in text else ():
        text = (text or "").replace(written, meant)
    return text


def removed(text: str | None, category: str | None) -> Deleted | None:
    """Who removed it, if somebody did; moderators are still shown the words."""
    by: Literal["author", "admin", "platform"]
    if category:
        by = "author" if category == "deleted" else "admin" if category == "moderator" else "platform"
        return Deleted(by=by, reason=category)
    if text and text.startswith(_BY_REDDIT):
        return Deleted(by="platform")
    if text in GONE:
        return Deleted(by="admin" if text == "[removed]" else "author")
    return None


def is_gone(text: str | None) -> bool:
    """Whether nothing is left of the words."""
    return text in GONE or bool(text and text.startswith(_BY_REDDIT))


def more_words(data: Fields) -> Iterator[str]:
    """Words that are shown with a post: options of a poll, captions, the post that it passes on."""
    poll, gallery = data.object("poll_data"), data.object("gallery_data")
    yield from (f"- {one.text('text') or ''}" for one in (poll.objects("options") if poll else ()))
    for one in gallery.objects("items") if gallery else ():
        yield from (text for text in (one.text("caption"), one.text("outbound_url")) if text)
    for one in data.objects("crosspost_parent_list"):
        yield from (text for text in (one.text("title"), one.text("selftext")) if text)


def passed_on(data: Fields, scene: Scene) -> Iterator[Target]:
    """The post that it passes on."""
    listed = data.objects("crosspost_parent_list")
    for one in listed:
        if name := one.text("name") or data.text("crosspost_parent"):
            words = plain("\n".join(t for t in (one.text("title"), one.text("selftext")) if t))
            yield Target(relation="share", key=scene.key(name), written_id=name, excerpt=words or None)
    if not listed and (name := data.text("crosspost_parent")):
        yield Target(relation="share", key=scene.key(name), written_id=name)


def linked(url: str | None, permalink: str | None) -> tuple[tuple[Attachment, ...], str | None]:
    """A file or an address that a post consists of; its own page is neither."""
    bare = (plain(url) or "").strip()
    if not bare or "/gallery/" in bare or (permalink and (bare in permalink or permalink in bare)):
        return (), None
    if any(place in bare for place in _MEDIA):
        return (_missing(bare, None),), None
    return (), None if bare.startswith("/") else bare


def pictures(data: Fields) -> Iterator[Attachment]:
    """The pictures of a gallery or a text."""
    listed = data.object("media_metadata")
    for ident in listed.data if listed else ():
        one = listed.object(ident) if listed else None
        shown = one.object("s") if one else None
        address = shown.text("u", "mp4", "gif") if shown else None
        yield _missing(plain(address) or ident, one.text("m") if one else None)


def _missing(address: str, media_type: object) -> Attachment:
    name = address.partition("?")[0].rpartition("/")[2] or None
    return Attachment(
        name=name,
        media_type=str(media_type) if media_type else media_type_of(name or ""),
        state="missing",
        reason="not in export",
        url=address if "://" in address else None,
    )
