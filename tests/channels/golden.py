"""Golden table: each real sample → items by event and form, units failed and excluded.

``count`` gives the number of items without any reader of ours: from plain JSON, CSV or text.
"""

import csv
import gzip
import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree


@dataclass(frozen=True)
class Golden:
    """What one sample must give."""

    channel: str
    path: str
    kinds: dict[str, int]
    count: Callable[[Path], int]
    failed: int = 0
    excluded: int = 0
    options: dict[str, Any] = field(default_factory=dict)
    recognised: bool = True
    repeated: int = 0
    """Items whose key stood in the sample before."""


def places(pattern: str, glob: str = "**/*.json") -> Callable[[Path], int]:
    """Count the values at a place like ``chats/*/messages/*`` in a file, or in all files of a folder."""

    def count(path: Path) -> int:
        files = [path] if path.is_file() else sorted(path.glob(glob))
        return sum(_count(_load(file), pattern.split("/")) for file in files)

    return count


def _load(file: Path) -> object:
    text = file.read_text(encoding="utf-8-sig")
    if file.suffix == ".js":
        text = text.partition("=")[2]
    try:
        return json.loads(text)
    except ValueError:
        return None


def _count(value: object, parts: list[str]) -> int:
    if not parts:
        return 1
    children: list[object] = []
    if parts[0] == "[]":
        children = list(value) if isinstance(value, list) else []
    elif parts[0] == "*":
        children = (
            list(value)
            if isinstance(value, list)
            else list(value.values())
            if isinstance(value, dict)
            else []
        )
    elif isinstance(value, dict) and parts[0] in value:
        children = [value[parts[0]]]
    return sum(_count(child, parts[1:]) for child in children)


def lines_with(name: str) -> Callable[[Path], int]:
    """Count the lines of a JSONL file that are objects with this member."""
    return lambda path: sum(
        name in json.loads(line) for line in path.read_text().splitlines() if line.strip()
    )


def csv_rows(glob: str, header: int = 1, **options: str) -> Callable[[Path], int]:
    """Count the rows behind the header in one or many CSV files."""

    def count(path: Path) -> int:
        files = [path] if path.is_file() else sorted(path.glob(glob))
        total = 0
        for file in files:
            text = file.read_bytes().decode(options.get("encoding", "utf-8-sig"))
            rows = [
                row for row in csv.reader(io.StringIO(text), delimiter=options.get("delimiter", ",")) if row
            ]
            total += len(rows) - header
        return total

    return count


def plus(*counts: Callable[[Path], int]) -> Callable[[Path], int]:
    return lambda path: sum(count(path) for count in counts)


def audits(path: Path) -> int:
    """Count what the audits of a help desk say: each comment, and each audit with any other event."""
    total = 0
    for file in sorted(path.glob("*.json")):
        value = _load(file)
        if not isinstance(value, dict):
            continue
        listed = value.get("audits") or [value.get("audit") or value]
        for audit in (one for one in listed if "events" in one):
            said = [event["type"] == "Comment" for event in audit["events"]]
            total += sum(said) + (not all(said))
    return total


def tags(names: str, glob: str) -> Callable[[Path], int]:
    """Count start tags of these names, whatever the encoding."""
    pattern = re.compile(rf"<(?:\w+:)?(?:{names})[\s>/]".encode(), re.IGNORECASE)
    return lambda path: sum(
        len(pattern.findall(file.read_bytes().replace(b"\0", b""))) for file in path.glob(glob)
    )


def outermost(name: str, folder: Path) -> int:
    """Count elements of a name that lie in no other one of it, with a real parser."""
    total = 0
    for file in folder.glob("**/*.xml"):
        root = ElementTree.fromstring(f"<x>{file.read_text().replace('xmlns=', 'space=')}</x>")
        total += sum(child.tag == name for child in root)
    return total


def warc_pages(folder: Path) -> int:
    """Count the records that are pages, unpacked by the standard library."""
    total = 0
    for file in folder.iterdir():
        data = file.read_bytes()
        if file.suffix == ".wacz":
            with zipfile.ZipFile(file) as packed:
                [name] = [name for name in packed.namelist() if name.endswith((".warc.gz", ".warc"))]
                data = packed.read(name)
        data = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
        total += len(re.findall(rb"^WARC-Type: (?:response|resource|revisit)\r?$", data, re.MULTILINE))
    return total


def fixed(number: int) -> Callable[[Path], int]:
    """Counted by hand, where no plain format shows it."""
    return lambda _: number


# fmt: off
GOLDEN = [
    Golden("telegram", "telegram/chatanalytics_DM_2A_7M.json", {"posted/message": 6, "notice/message": 1, "called/call": 1}, places("messages/*")),
    Golden("telegram", "telegram/chatminer_single_export.json", {"posted/message": 2}, places("messages/*")),
    Golden("telegram", "telegram/tg_parser_personal_chat.json", {"posted/message": 4, "called/call": 1}, places("messages/*")),
    Golden("telegram", "telegram/telegram_export_md", {"posted/message": 12, "posted/poll": 1, "joined/message": 1}, places("chats/*/messages/*")),
    Golden("facebook", "facebook_messenger/kawsay", {"posted/message": 3, "posted/post": 5}, plus(places("messages/*"), places("photos/*"), places("*/timestamp")), failed=2),
    Golden("facebook", "facebook_messenger/langchain_facebook_chat.json", {"posted/message": 11}, places("messages/*"), recognised=False),
    Golden("facebook", "facebook_messenger/msgvault", {"posted/message": 13, "deleted/message": 1}, places("messages/*"), failed=4),
    Golden("instagram", "instagram/chatminer_test_export.json", {"posted/message": 2}, places("messages/*"), recognised=False),
    Golden("instagram", "instagram/uu2020", {"posted/comment": 16, "posted/post": 107, "voted/post": 5, "reacted/post": 8}, plus(places("media_comments/*"), places("stories/*"), places("photos/*"), places("videos/*"), places("profile/*"), places("direct/*"), places("polls/*"), places("emoji_sliders/*"), places("quizzes/*"))),
    Golden("instagram", "instagram/whatif", {"posted/comment": 3, "posted/post": 1, "reacted/post": 3, "posted/message": 2}, plus(places("messages/*"), places("*/string_map_data"), places("likes_media_likes/*"), places("creation_timestamp"))),
    Golden("linkedin", "linkedin/authored_2026", {"posted/message": 3, "posted/comment": 1}, lambda path: csv_rows("*.csv")(path) - 1, excluded=1),
    Golden("linkedin", "linkedin/kawsay", {"posted/message": 2, "posted/post": 1}, lambda path: csv_rows("messages.csv")(path) + csv_rows("Rich_Media.csv")(path) - 1, failed=1, excluded=1),
    Golden("x", "x_twitter/authored", {"posted/message": 3}, places("*/dmConversation/messages/*", "**/*.js")),
    Golden("x", "x_twitter/ditto", {"posted/post": 3}, places("*/id_str", "**/*.js")),
    Golden("x", "x_twitter/kmx", {"posted/post": 3, "reacted/post": 2}, plus(places("*/tweet", "*.js"), places("*/like", "*.js"))),
    Golden("x", "x_twitter/twarchive", {"posted/post": 2}, places("*/tweet/id_str", "**/*.js"), excluded=1),
    Golden("whatsapp-business", "whatsapp_cloud_api/message.json", {"posted/message": 20, "reacted/message": 1, "unreacted/message": 2}, places("*/entry/*/changes/*/value/messages/*"), repeated=20),
    Golden("whatsapp-business", "whatsapp_cloud_api/edited_message.json", {"edited/message": 1}, places("*/entry/*/changes/*/value/messages/*")),
    Golden("whatsapp-business", "whatsapp_cloud_api/system.json", {"notice/message": 2}, places("*/entry/*/changes/*/value/messages/*")),
    Golden("teams", "teams/graph_v1.0_channel-list-messages_1.json", {"posted/message": 2}, places("value/*")),
    Golden("teams", "teams/graph_v1.0_chat-list-messages_1.json", {"posted/message": 2}, places("value/*")),
    Golden("teams", "teams/graph_v1.0_chatmessage-get_1.json", {"posted/message": 1}, places("messageType")),
    Golden("teams", "teams/graph_v1.0_chatmessage-get_2.json", {"posted/message": 1}, places("messageType")),
    Golden("teams", "teams/graph_v1.0_chatmessage-get_3.json", {"posted/message": 1}, places("messageType")),
    Golden("teams", "teams/zulip", {"posted/message": 2, "notice/message": 3}, places("*/MessageType")),
    Golden("discord", "discord/Example guild - Text Channels - general [1012224565567721552].json", {"posted/message": 1}, places("messages/*")),
    Golden("discord", "discord/chatanalytics_SV_5A_5M.json", {"posted/message": 5}, places("messages/*"), repeated=1),
    Golden("discord", "discord/zulip", {"posted/message": 5, "joined/message": 1, "pinned/message": 1}, places("messages/*")),
    Golden("discord", "discord/authored_package", {"posted/message": 2}, places("*/ID")),
    Golden("google-chat", "google_chat/Google Chat", {"posted/message": 3}, places("messages/*")),
    Golden("signal", "signal/backuptests_chat_item_standard_message_text_only_00.jsonl", {"posted/message": 1}, lines_with("chatItem")),
    Golden("signal", "signal/backuptests_chat_item_standard_message_text_only_03.jsonl", {"posted/message": 1}, lines_with("chatItem")),
    Golden("signal", "signal/backuptests_chat_item_standard_message_standard_attachments_00.jsonl", {"posted/message": 1}, lines_with("chatItem")),
    Golden("signal", "signal/backuptests_chat_item_standard_message_standard_attachments_03.jsonl", {"posted/message": 1}, lines_with("chatItem")),
    Golden("signal", "signal/backuptests_chat_item_standard_message_formatted_text_00.jsonl", {"posted/message": 2}, lines_with("chatItem")),
    Golden("signal", "signal/backuptests_chat_item_standard_message_formatted_text_03.jsonl", {"posted/message": 2}, lines_with("chatItem")),
    Golden("signal", "signal/backuptests_chat_item_standard_message_with_quote_00.jsonl", {"posted/message": 2}, lines_with("chatItem")),
    Golden("signal", "signal/backuptests_chat_item_standard_message_with_quote_03.jsonl", {"posted/message": 2}, lines_with("chatItem")),
    Golden("signal", "signal/backuptests_chat_item_standard_message_group_text_only_00.jsonl", {"posted/message": 1}, lines_with("chatItem")),
    Golden("signal", "signal/backuptests_chat_item_standard_message_group_text_only_03.jsonl", {"posted/message": 1, "read/message": 1}, plus(lines_with("chatItem"), fixed(1))),
    Golden("signal", "signal/backuptests_chat_item_group_change_chat_update_00.jsonl", {"notice/message": 1}, lines_with("chatItem"), excluded=2),  # two contacts are in no chat
    Golden("signal", "signal/backuptests_chat_item_poll_single_vote_00.jsonl", {"posted/poll": 1}, lines_with("chatItem")),
    Golden("signal", "signal/backuptests_chat_item_remote_delete_00.jsonl", {"deleted/message": 1}, lines_with("chatItem")),
    Golden("signal", "signal/backuptests_chat_item_sticker_message_00.jsonl", {"posted/message": 1}, lines_with("chatItem")),
    Golden("signal", "signal/backuptests_chat_item_group_change_chat_update_03.jsonl", {"notice/message": 1}, lines_with("chatItem"), excluded=2),
    Golden("signal", "signal/backuptests_chat_item_poll_single_vote_03.jsonl", {"posted/poll": 1}, lines_with("chatItem")),
    Golden("signal", "signal/backuptests_chat_item_remote_delete_03.jsonl", {"deleted/message": 1}, lines_with("chatItem")),
    Golden("signal", "signal/backuptests_chat_item_sticker_message_03.jsonl", {"posted/message": 1}, lines_with("chatItem")),
    Golden("signal", "signal/libsignal_canonical_takeout.jsonl", {}, lines_with("chatItem")),
    Golden("signal", "signal/libsignal_incoming-message-with-edits.jsonl", {"posted/message": 1, "edited/message": 2}, plus(lines_with("chatItem"), fixed(2))),
    Golden("signal", "signal/libsignal_simple-chat-update-message.jsonl", {"notice/message": 17, "renamed/message": 1}, lines_with("chatItem")),
    Golden("google-business", "reviews/google_business_reviews.json", {"posted/review": 3}, plus(places("reviews/*"), places("reviews/*/reviewReply"))),
    Golden("trustpilot", "reviews/trustpilot_private_reviews.json", {"posted/review": 2}, plus(places("reviews/*"), places("reviews/*/companyReply"))),
    Golden("zendesk", "helpdesk/zendesk", {"posted/comment": 176, "notice/message": 178, "posted/message": 91}, lambda path: places("tickets/*")(path) + audits(path), excluded=1, repeated=177),
    Golden("zendesk", "helpdesk/zendesk_spec", {"posted/comment": 3, "notice/message": 3, "posted/message": 1}, lambda path: places("public", "comment*.json")(path) + places("subject", "ticket.json")(path) + audits(path), repeated=2),
    Golden("intercom", "helpdesk/intercom", {"posted/message": 13, "notice/message": 11}, plus(places("source"), places("conversations/*/source"), places("conversation_parts/conversation_parts/*"), places("ticket_parts/ticket_parts/*"), places("tickets/*/ticket_parts/ticket_parts/*"), places("part_type"), places("ticket_parts"), places("tickets/*/ticket_parts")), excluded=4),
    Golden("matrix", "matrix/nio", {"posted/message": 2, "deleted/message": 1, "notice/message": 2}, places("event_id"), excluded=3, repeated=1),
    Golden("matrix", "matrix/authored_element_export.json", {"joined/message": 1, "posted/message": 2, "edited/message": 1, "deleted/message": 1}, places("messages/*")),
    Golden("reddit", "reddit/gdpr_authored", {"posted/comment": 1, "deleted/comment": 1, "posted/post": 1}, csv_rows("*.csv")),
    Golden("reddit", "reddit/praw", {"posted/comment": 3, "posted/message": 1}, plus(places("data/children/*"), places("json/data/things/*"))),
    Golden("reddit", "reddit/gdpr_kmx", {}, fixed(0), excluded=2, recognised=False),
    Golden("reddit", "reddit/example-output.json", {}, fixed(0), failed=1, recognised=False),
    Golden("youtube", "youtube/whatif_es", {"posted/comment": 2, "posted/message": 3}, csv_rows("**/*.csv")),
    Golden("youtube", "youtube/authored_en", {"posted/comment": 3}, csv_rows("**/*.csv")),
    Golden("table", "csv_jsonl/de_semicolon_cp1252.csv", {"posted/message": 2}, csv_rows("", encoding="cp1252", delimiter=";")),
    Golden("table", "csv_jsonl/events.jsonl", {"posted/message": 3}, lines_with("ts")),
    Golden("table", "csv_jsonl/stanley-cups.tsv", {"posted/message": 3}, csv_rows("", 2, delimiter="\t"), excluded=1, recognised=False, options={"mapping": {"title": "Team", "text": ["Location", "Stanley Cups"]}}),
    Golden("table", "csv_jsonl/test_nominal.csv", {}, fixed(0), failed=1, recognised=False),
    Golden("mastodon", "mastodon/authored_archive", {"posted/post": 3}, places("orderedItems/*")),
    Golden("mastodon", "mastodon/user_statuses.json", {"posted/post": 2}, places("*/content")),
    Golden("mastodon", "mastodon/mastodonpy", {"posted/post": 13, "edited/post": 1}, plus(places("spoiler_text"), places("last_status"), places("[]/spoiler_text"), places("[]/last_status/spoiler_text"), places("ancestors/*"), places("descendants/*")), excluded=1, repeated=6),
    Golden("feed", "rss_atom/granary", {"posted/article": 4}, plus(tags("item", "*.xml"), places("items/*"))),
    Golden("feed", "rss_atom/feedparser", {"posted/article": 39}, lambda path: tags("item|entry", "**/*.xml")(path) - 1, failed=2, excluded=95),
    Golden("discourse", "forum_discourse", {"posted/comment": 5, "posted/post": 4}, plus(places("post_stream/posts/*"), places("latest_posts/*"), places("user_actions/*"))),
    Golden("xmpp", "xmpp", {"posted/message": 4, "edited/message": 1, "deleted/message": 2}, lambda path: outermost("message", path), excluded=10),
    Golden("web", "web_warc", {"posted/article": 10}, lambda path: warc_pages(path), excluded=28, repeated=2),
    Golden("bluesky", "bluesky/greenground.repo.car", {}, fixed(0), excluded=2),
    Golden("bluesky", "bluesky/repo_slice.car", {"posted/post": 1}, fixed(1)),
    Golden("bluesky", "bluesky/snarfed2.car", {"reacted/post": 1}, lambda path: places("app.bsky.feed.like/*")(path.with_suffix(".json")), excluded=3),
    Golden("bluesky", "bluesky/snarfed2.json", {}, fixed(0), failed=1),
    Golden("bluesky", "bluesky/granary", {"posted/post": 4, "reacted/post": 1}, plus(places("createdAt", "[!f]*.json"), places("post/record"), places("value"), places("record/createdAt")), excluded=1),
    Golden("bluesky", "bluesky/marshalx", {"posted/post": 2, "reacted/post": 2}, places("value/createdAt", "*[!d]_record.json"), excluded=1),
    Golden("rsmf", "rsmf/Sample1", {"posted/message": 1}, places("events/*")),
    Golden("rsmf", "rsmf/Sample3", {"posted/message": 1}, lambda path: int(re.search(r"X-RSMF-EventCount: (\d+)", (path / "message.eml").read_text())[1])),
    Golden("phpbb", "forum_phpbb", {"posted/post": 1, "posted/comment": 1}, lambda path: sum(file.read_text().count('class="content"') for file in path.iterdir())),
]
