"""From an item of the archive to a message for the finder."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from archive.statements.model import Message, Said
from schemas.item import Item, TimeStamp

EVENTS = ("posted", "edited")
"""Events whose words are looked at: what somebody said, and what they made of it."""

CONTEXT = 4
"""Earlier items of the thread that are looked at."""

_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})")


def speaks(item: Item) -> bool:
    """Say whether an item has words that may hold a statement."""
    return item.event in EVENTS and bool(item.text)


def message_of(item: Item, context: Sequence[Said] = ()) -> Message:
    """Give an item as a message; ``context`` is what was said before in its thread, the oldest first."""
    return Message(
        text=item.text or "",
        sender=sender_of(item),
        sent=sent_at(item.time) if item.time else None,
        context=context,
    )


def sender_of(item: Item) -> str:
    """Give what tells one sender from another in a thread: the account, else the name."""
    author = item.author
    if author is None:
        return ""
    if author.account is not None:
        return f"{author.account.scope}\x1f{author.account.id}"
    return author.written or author.handle or ""


def sent_at(time: TimeStamp) -> datetime | None:
    """Give when an item was sent, in the zone by which it is known; None without an instant."""
    if time.utc is None:
        return None
    try:
        moment = datetime.fromisoformat(time.utc[:19]).replace(tzinfo=UTC)
        return moment.astimezone(_zone(time.zone))
    except (ValueError, OverflowError):
        return None


def _zone(name: str | None) -> tzinfo:
    if name is None:
        return UTC
    if offset := _OFFSET.fullmatch(name):
        minutes = int(offset[2]) * 60 + int(offset[3])
        return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
