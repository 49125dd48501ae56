"""Items from the objects of a day file.

Authority: slack.com/help/articles/220556107 and docs.slack.dev/reference/events/message (subtypes). ``ts``
is the id of a message within its channel and its time; it is text and never a number. A change or deletion
that the export keeps as an object of its own is an event that targets the message.
"""

import json
import re
from typing import Any, Literal

from archive.channels.slack_export.mrkdwn import (
    attachment_texts,
    block_texts,
    file_texts,
    mask_tokens,
    plain_text,
    rich_text,
)
from archive.channels.slack_export.shared import shared
from archive.channels.slack_export.workspace import CHANNEL, Workspace
from archive.reading.times import from_epoch
from archive.reading.tree import Member
from archive.reading.units import Content
from schemas.item import (
    Actor,
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
)

_TS = re.compile(r"\d{1,12}\.\d{6}")
_EVENTS: dict[str, Event] = {
    "channel_join": "joined",
    "group_join": "joined",
    "channel_leave": "left",
    "group_leave": "left",
    "channel_name": "renamed",
    "group_name": "renamed",
    "pinned_item": "pinned",
    "tombstone": "deleted",
    "message_deleted": "deleted",
    "message_changed": "edited",
    "huddle_thread": "called",
    "sh_room_created": "called",
}
_NOTICES = frozenset(
    {
        *(
            "channel_topic",
            "channel_purpose",
            "group_topic",
            "group_purpose",
            "unpinned_item",
            "reminder_add",
        ),
        *("channel_archive", "channel_unarchive", "group_archive", "group_unarchive"),
        *("bot_add", "bot_remove", "bot_enable", "bot_disable", "app_conversation_join", "ekm_access_denied"),
        *("channel_posting_permissions", "channel_convert_to_private", "channel_canvas_updated"),
    }
)
_READ = frozenset(
    """
        type subtype user ts text edited thread_ts parent_user_id reactions files file attachments blocks
        inviter bot_id username message previous_message deleted_ts old_name name topic purpose
        user_profile bot_profile client_msg_id team user_team source_team upload display_as_bot
        reply_count reply_users_count latest_reply reply_users replies subscribed is_locked hidden
        is_hidden_by_limit last_read x_files icons app_id channel pinned_to pinned_info is_starred
        unfurl_links unfurl_media event_ts item_type item members root permalink bot_link comment
        trigger_id metadata room no_notifications language saved parent
    """.split()  # noqa: SIM905  (a list of 60 names is read by nobody)
)
_TOLD = (
    *("subtype", "client_msg_id", "team", "source_team", "app_id", "bot_id", "topic", "purpose", "old_name"),
    *("is_hidden_by_limit", "pinned_to", "hidden"),
)
"""Fields without a place in the item that go to ``extra``."""
_NAMES = ("display_name", "real_name", "name")
"""Of a user, as a message tells them; the first is what others saw."""
_MISSING = {
    "tombstone": "deleted on the platform",
    "hidden_by_limit": "hidden by limit",
    "file_access": "no access",
    "external": "external file",
}


def message_item(
    workspace: Workspace,
    folder: str,
    entry: dict[str, Any],
    raw: Raw,
    parser: str,
    files: dict[str, Member],
) -> tuple[Item, tuple[Content, ...], frozenset[str]]:
    """The item of one object, its file contents, the unknown fields. Raises ValueError if it has no
    ``ts``."""
    thread = workspace.thread_key(folder)
    ts = entry.get("ts")
    time = from_epoch(ts) if isinstance(ts, str) and _TS.fullmatch(ts) else None
    if time is None or not isinstance(ts, str):
        raise ValueError("no ts of seconds and six digits")
    scope = f"{workspace.scope}/{thread.id}"
    subtype = entry.get("subtype") if isinstance(entry.get("subtype"), str) else None
    event = "notice" if subtype in _NOTICES else _EVENTS.get(subtype or "", "posted")
    said = entry["message"] if event == "edited" and isinstance(entry.get("message"), dict) else entry
    before = entry.get("previous_message")
    targets = _targets(entry, said, scope, event)
    extra = _extra(entry)
    if isinstance(before, dict) and isinstance(before.get("text"), str):
        extra.append(("previous_text", plain_text(before["text"], workspace.names, workspace.channels)))
    attachments, contents = _attachments(said, files)
    text, native = _words(said, workspace)
    item = Item(
        key=Key(channel=CHANNEL, scope=scope, id=ts),
        event=event,
        form="call" if event == "called" else "message",
        via=workspace.via,
        thread=thread,
        parser=parser,
        author=_author(workspace, said if "user" in said else entry),
        recipients=_members(workspace, entry, event),
        time=time,
        targets=targets,
        visibility=workspace.visibility.get(thread.id),
        title=_string(entry, "name") if event == "renamed" else None,
        text=None if event == "deleted" else text,
        body=Body(type="text/x-slack-mrkdwn", content=native) if native else None,
        attachments=attachments,
        reactions=_reactions(workspace, said),
        edited=_edited(said),
        deleted=Deleted(by="unknown") if event == "deleted" else None,
        history="full" if event == "edited" else "last_state",
        extra=tuple(extra),
        raw=raw,
    )
    return item, contents, frozenset(entry) - _READ


def _string(entry: dict[str, Any], name: str) -> str | None:
    value = entry.get(name)
    return value if isinstance(value, str) and value else None


def _author(workspace: Workspace, entry: dict[str, Any]) -> Actor | None:
    user = _string(entry, "user")
    bot = _string(entry, "bot_id")
    username = _string(entry, "username")
    if user and user != "USLACKBOT" and not (bot and username):
        profile = entry.get("user_profile")
        told = [_string(profile, one) for one in _NAMES] if isinstance(profile, dict) else []
        return workspace.actor(user, next(filter(None, told), username), *told)
    if bot:
        profile = entry.get("bot_profile")
        name = username or (_string(profile, "name") if isinstance(profile, dict) else None)
        return Actor(account=workspace.user_key(bot), written=name)
    if user or username:
        return workspace.actor(user, username) if user else Actor(written=username)
    return None


def _members(workspace: Workspace, entry: dict[str, Any], event: Event) -> tuple[Recipient, ...]:
    """Who was brought in by somebody else: the author of a join is who joined, ``inviter`` who asked."""
    inviter = _string(entry, "inviter")
    if event == "joined" and inviter:
        return (Recipient(role="mentioned", actor=workspace.actor(inviter)),)
    return ()


def _targets(entry: dict[str, Any], said: dict[str, Any], scope: str, event: Event) -> tuple[Target, ...]:
    found = []
    if event in ("edited", "deleted"):
        before = entry.get("previous_message")
        changed = _string(said, "ts") if event == "edited" else _string(entry, "deleted_ts")
        if changed is None and isinstance(before, dict):
            changed = _string(before, "ts")
        if changed and (changed != entry["ts"] or said is not entry):
            found.append(Target(relation="of", key=Key(channel=CHANNEL, scope=scope, id=changed)))
    root = _string(said, "thread_ts")
    if root and root != said.get("ts"):
        found.append(Target(relation="root", key=Key(channel=CHANNEL, scope=scope, id=root), written_id=root))
    return (*found, *shared(said.get("attachments"), scope.rpartition("/")[0]))


def _extra(entry: dict[str, Any]) -> list[tuple[str, str]]:
    told = [(name, _as_text(entry[name])) for name in _TOLD if entry.get(name) not in (None, "")]
    unknown = sorted(name for name in entry if name not in _READ)
    return told + [(name, _as_text(entry[name])) for name in unknown]


def _as_text(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return mask_tokens(text)


def _words(entry: dict[str, Any], workspace: Workspace) -> tuple[str, str]:
    """All words for reading, and the message's own markup."""
    native = _string(entry, "text") or rich_text(entry.get("blocks"))
    parts = [native] if native else []
    for part in (*block_texts(entry.get("blocks")), *attachment_texts(entry.get("attachments"))):
        if part not in native:
            parts.append(part)  # noqa: PERF401  (native is not one of them)
    listed = entry.get("files") if isinstance(entry.get("files"), list) else [entry.get("file")]
    words = [plain_text(part, workspace.names, workspace.channels) for part in parts]
    text = "\n".join([*words, *map(mask_tokens, file_texts(listed))])
    return text, mask_tokens(native)


def _edited(entry: dict[str, Any]) -> Edited | None:
    edited = entry.get("edited")
    if not isinstance(edited, dict):
        return None
    return Edited(time=from_epoch(_string(edited, "ts") or ""))


def _reactions(workspace: Workspace, entry: dict[str, Any]) -> tuple[Reaction, ...]:
    listed = entry.get("reactions")
    found = []
    for reaction in listed if isinstance(listed, list) else ():
        if not isinstance(reaction, dict) or not isinstance(reaction.get("name"), str):
            continue
        users = reaction.get("users")
        count = reaction.get("count")
        found.append(
            Reaction(
                value=reaction["name"],
                count=count if isinstance(count, int) else None,
                actors=tuple(
                    workspace.beside(user)
                    for user in (users if isinstance(users, list) else ())
                    if isinstance(user, str)
                ),
            )
        )
    return tuple(found)


def _attachments(
    entry: dict[str, Any], files: dict[str, Member]
) -> tuple[tuple[Attachment, ...], tuple[Content, ...]]:
    """The files of a message, and of messages that it shares. An export holds addresses only; a download
    beside it is found by the file's id."""
    listed = entry.get("files") if isinstance(entry.get("files"), list) else [entry.get("file")]
    shared = [one.get("files") for one in _list(entry.get("attachments")) if isinstance(one, dict)]
    attachments, contents = [], []
    for file in (*(listed or ()), *(file for files_of in shared for file in _list(files_of))):
        if not isinstance(file, dict):
            continue
        url = _string(file, "url_private") or _string(file, "permalink")
        media_type = _string(file, "mimetype")
        member = files.get(_string(file, "id") or "")
        size = file.get("size")
        attachments.append(
            Attachment(
                name=_string(file, "name") or _string(file, "title"),
                media_type=media_type,
                state="present" if member else "missing",
                reason=None if member else _MISSING.get(_string(file, "mode") or "", "not in export"),
                role=_role(media_type),
                url=mask_tokens(url) if url else None,
                locator=member.path if member else None,
                length=member.size if member else size if isinstance(size, int) and size >= 0 else None,
            )
        )
        if member:
            contents.append(Content(locator=member.path, open=member.open, member=member.path))
    return tuple(attachments), tuple(contents)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _role(media_type: str | None) -> Literal["image", "video", "audio", "file"]:
    kind = (media_type or "").partition("/")[0]
    if kind == "image":
        return "image"
    if kind == "video":
        return "video"
    return "audio" if kind == "audio" else "file"
