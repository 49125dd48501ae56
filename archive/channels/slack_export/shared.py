"""Messages that somebody passed on into a conversation, or whose link was written there.

Slack repeats them among the attachments: with ``ts`` and ``channel_id``, or in the link alone
(``…/archives/C01AAAAAA/p1709540000000400``).
"""

import re
from collections.abc import Iterator
from typing import Any

from archive.channels.slack_export.workspace import CHANNEL
from schemas.item import Key, Target

_TS = re.compile(r"\d{1,12}\.\d{6}")
_LINK = re.compile(r"/archives/([A-Z0-9]{2,20})/p(\d{1,12})(\d{6})(?:\?|$)")


def shared(attachments: object, scope: str) -> Iterator[Target]:
    """Give the messages that a message passes on; ``scope``: the workspace."""
    for one in attachments if isinstance(attachments, list) else ():
        place = _place(one) if isinstance(one, dict) else None
        if place is not None:
            key = Key(channel=CHANNEL, scope=f"{scope}/{place[0]}", id=place[1])
            yield Target(relation="share", key=key, written_id=place[1])


def _place(attachment: dict[str, Any]) -> tuple[str, str] | None:
    """Give channel and ts of the message that an attachment repeats; None where it repeats none."""
    if attachment.get("is_msg_unfurl") is not True and attachment.get("is_share") is not True:
        return None
    channel, ts = attachment.get("channel_id"), attachment.get("ts")
    if isinstance(channel, str) and channel and isinstance(ts, str) and _TS.fullmatch(ts):
        return channel, ts
    link = attachment.get("from_url")
    match = _LINK.search(link) if isinstance(link, str) else None
    return (match[1], f"{match[2]}.{match[3]}") if match else None
