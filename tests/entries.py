"""Entries for tests, made of a few words each."""

from collections.abc import Sequence
from typing import Any

from schemas.entry import Entry, EntryBody, RecordClass
from schemas.item import Account, Actor, Attachment, Item, Key, Raw, Recipient, Thread, TimeStamp

SEALED = 1_700_000_000


def key(id_: str, channel: str = "whatsapp", scope: str = "") -> Key:
    return Key(channel=channel, scope=scope, id=id_)


def actor(name: str, handle: str | None = None, channel: str = "whatsapp") -> Actor:
    return Actor(account=key(name.split()[0].lower(), channel), written=name, handle=handle)


def item(text: str | None = None, **fields: Any) -> Item:
    """An item. ``at`` is a UTC time; the other short forms make keys and actors."""
    channel = fields.pop("channel", "whatsapp")
    at = fields.pop("at", None)
    author = fields.pop("author", None)
    made: dict[str, Any] = {
        "key": key(fields.pop("id", "m1"), channel),
        "event": "posted",
        "form": "message",
        "via": key(fields.pop("via", "anna"), channel),
        "thread": key(fields.pop("chat", "chat-1"), channel),
        "parser": "test/1",
        "author": actor(author, channel=channel) if isinstance(author, str) else author,
        "recipients": tuple(Recipient(role="to", actor=actor(name)) for name in fields.pop("to", ())),
        "time": TimeStamp(written=at, utc=at, precision="second") if at else None,
        "text": text,
        "attachments": tuple(
            Attachment(name=name, state="present", role="image" if name.endswith(".jpg") else "file")
            for name in fields.pop("files", ())
        ),
        "raw": Raw(member="chat.txt", slice=(text or "").encode()),
    }
    return Item(**{**made, **fields})


def account(id_: str, name: str | None = None) -> Account:
    return Account(key=key(id_), via=key("anna"), name=name, raw=Raw(member="accounts", slice=b"{}"))


def thread(id_: str, title: str | None = None) -> Thread:
    return Thread(
        key=key(id_), via=key("anna"), kind="group", title=title, raw=Raw(member="threads", slice=b"{}")
    )


def entry(index: int, body: EntryBody | None, record_class: RecordClass = "content") -> Entry:
    return Entry(
        index=index,
        time=SEALED + index,
        record_class=record_class,
        kind=type(body).__name__.lower() if body else "none",
        stream="s",
        position=index,
        body=body,
        state="open" if body else "not_decoded",
    )


def entries(bodies: Sequence[EntryBody | str | None]) -> list[Entry]:
    """Entries from index 0 on; a string is an item with this text."""
    return [entry(i, item(b, id=f"m{i}") if isinstance(b, str) else b) for i, b in enumerate(bodies)]
