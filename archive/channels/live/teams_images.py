"""Images that were pasted into messages of Teams: Graph keeps them as hosted contents beside the message.

What a message writes as their address is not followed: whoever wrote it could name anything that the application may
read. Only the number of the content is taken, and asked for at the message that it stands in.

Authority: learn.microsoft.com, "Get chatMessageHostedContent".
"""

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from archive.channels.live.graph import Expired, Graph, Missing
from archive.channels.teams import HOSTED_TYPES, hosted_contents, hosted_name
from archive.errors import AskedToWait, Refused, Unreachable
from archive.sources import Answer


def images(graph: Graph, folder: str, messages: Iterable[dict[str, Any]]) -> tuple[list[Answer], int]:
    """Fetch the images of messages into a folder of the haul; how many could not be had.

    Raises:
        AskedToWait: Graph wants rest; the page comes again with all its images.
    """
    answers: dict[str, Answer] = {}
    missed = 0
    for one in _with_replies(messages):
        body = one.get("body")
        content = body.get("content") if isinstance(body, dict) else None
        place = _place(one)
        for ident in hosted_contents(content) if isinstance(content, str) and place is not None else ():
            try:
                got = graph.get(f"{place}/hostedContents/{quote(ident, safe='')}/$value")
            except AskedToWait:
                raise
            except (Missing, Expired, Unreachable, Refused):
                missed += 1  # the message stays, and says that its image is missing
                continue
            kind = HOSTED_TYPES.get(got.headers.get("content-type", "").partition(";")[0].strip().lower())
            if kind is None:
                missed += 1  # an error page, perhaps; no image
                continue
            path = f"{folder}/{hosted_name(ident)}.{kind}"
            answers[path] = Answer(path, got.body, f"{place}/hostedContents", "teams")
    return list(answers.values()), missed


def _with_replies(messages: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for one in messages:
        yield one
        replies = one.get("replies")
        yield from (
            (reply for reply in replies if isinstance(reply, dict)) if isinstance(replies, list) else ()
        )


def _place(message: dict[str, Any]) -> str | None:
    """Give the path of a message; None if it does not say where it stands."""
    ident, chat, channel = message.get("id"), message.get("chatId"), message.get("channelIdentity")
    if not isinstance(ident, str):
        return None
    if isinstance(chat, str):
        return f"/chats/{_part(chat)}/messages/{_part(ident)}"
    if not isinstance(channel, dict):
        return None
    root = message.get("replyToId")
    tail = f"{_part(root)}/replies/{_part(ident)}" if isinstance(root, str) and root else _part(ident)
    return f"/teams/{_part(channel.get('teamId'))}/channels/{_part(channel.get('channelId'))}/messages/{tail}"


def _part(ident: object) -> str:
    return quote(str(ident), safe="@:.-_")
