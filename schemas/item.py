"""What channels yield: items, accounts and threads. An item is an event; a message is a fold over events."""

from collections.abc import Iterator
from typing import Literal

from schemas.base import Model, Sha256, UtcTime

Event = Literal[
    "posted", "edited", "deleted", "restored", "reacted", "unreacted", "delivered", "read",
    "joined", "left", "renamed", "pinned", "voted", "called", "notice",
]  # fmt: skip
"""What happened."""

Form = Literal["message", "post", "comment", "review", "article", "mail", "note", "call", "poll", "loose"]
"""In what shape it was said."""


class Key(Model):
    """The identity of a thing on a platform: unique within (channel, scope)."""

    channel: str
    """The platform: ``whatsapp``, ``slack``, ``email`` …"""
    scope: str
    """The space in which the id is unique: a workspace, a mailbox, a chat; "" when it is the platform."""
    id: str
    derived: bool = False
    """True when the platform gives no id and Beleg made this one from the content, by a documented rule."""

    @property
    def place(self) -> tuple[str, str, str]:
        """Give what identifies the thing, however its id came about: the catalogue keeps no more than this."""
        return self.channel, self.scope, self.id


class TimeStamp(Model):
    """A time as the platform wrote it, and what can be said about the instant."""

    written: str
    """Exactly as found."""
    utc: UtcTime | None = None
    precision: Literal["day", "minute", "second", "millisecond", "microsecond", "unknown"] = "unknown"
    zone: str | None = None
    """IANA name or offset such as ``+02:00`` by which ``utc`` was computed."""
    zone_source: Literal["explicit", "by_spec", "assumed", "unknown"] = "unknown"
    clock: Literal["plain", "gap", "overlap"] = "plain"
    """``gap``: this local time did not exist; ``overlap``: it existed twice (``utc`` is the earlier)."""


class Actor(Model):
    """Who acted, as far as the platform says."""

    account: Key | None = None
    written: str | None = None
    """The display name exactly as written."""
    handle: str | None = None
    also: tuple[str, ...] | None = None
    """Other names by which the platform knows them: real name, user name, address. No part of what is compared: who is
    called otherwise today did not say anything else then."""
    state: Literal["active", "deleted", "unknown"] = "unknown"

    @property
    def names(self) -> tuple[str, ...]:
        """Every name by which the platform knows them, but for the id of the account."""
        return tuple(name for name in (self.written, self.handle, *(self.also or ())) if name)

    @property
    def name(self) -> str | None:
        """What to call it: the name as written, else the handle, else the id of the account."""
        return self.written or self.handle or (self.account.id if self.account else None)


class Recipient(Model):
    """To whom something was addressed, and in which role."""

    role: Literal["to", "cc", "bcc", "reply_to", "member", "mentioned"]
    actor: Actor


class Target(Model):
    """Another item that this one refers to."""

    relation: Literal["of", "reply", "root", "quote", "share", "forward"]
    key: Key | None = None
    written_id: str | None = None
    excerpt: str | None = None
    present: Literal["yes", "no", "unknown"] = "unknown"


class Body(Model):
    """The body in the platform's own form."""

    type: str
    """A media type: ``text/plain``, ``text/html``, ``text/x-slack-mrkdwn`` …"""
    content: str


AttachmentRole = Literal[
    "file", "image", "video", "audio", "voice", "sticker", "contact", "location", "inline", "mail"
]


class Attachment(Model):
    """A file that belongs to an item; an attachment that is named but absent is still one."""

    name: str | None = None
    media_type: str | None = None
    state: Literal["present", "missing"]
    reason: str | None = None
    """Why it is missing: ``not in export``, ``placeholder``, ``failed download``, ``expired url``,
    ``size limit``."""
    role: Literal[
        "file", "image", "video", "audio", "voice", "sticker", "contact", "location", "inline", "mail"
    ] = "file"
    url: str | None = None
    locator: str | None = None
    """Where in the input the bytes lie; resolved and cleared when the bytes are captured."""
    length: int | None = None
    sha256: Sha256 | None = None
    capture: str | None = None
    """The id of the capture that holds the bytes."""


class Reaction(Model):
    """A reaction as a state shown by the platform: value, how often, by whom (as far as told)."""

    value: str
    count: int | None = None
    actors: tuple[Actor, ...] = ()


class Rating(Model):
    """A rating as written; numbers stay strings, for they may be ``FOUR`` or ``4,5``."""

    value: str
    best: str | None = None
    written: str | None = None


class Edited(Model):
    """That something was edited, and when, as far as told."""

    time: TimeStamp | None = None


class Deleted(Model):
    """That something was deleted, by whom and why, as far as told."""

    by: Literal["author", "admin", "platform", "unknown"] = "unknown"
    reason: str | None = None


THREAD_BEFORE = "thread_before"
"""In ``extra``: what an older version of the reader called the thread, where it called it otherwise."""
READ_AGAIN_BY = "read_again_by"
"""In ``extra``: the reader that read otherwise what an older one of its versions had read."""


class Raw(Model):
    """The exact bytes from which an item was read, and where they lie."""

    capture: str | None = None
    """Id of the capture; filled in when the input is captured."""
    member: str
    """Path of the member within the capture; "" for the capture itself."""
    start: int | None = None
    end: int | None = None
    """Byte range [start, end) within the member, where the format has one."""
    pointer: str | None = None
    """RFC 6901 JSON pointer, row number or similar, where a byte range says too little."""
    slice: bytes
    """The bytes as received."""
    masked: tuple[tuple[int, int], ...] | None = None
    """Ranges [start, end) within the member that read as ``*`` because they must not be archived."""


class Item(Model):
    """One event on one channel, as seen by one account."""

    key: Key
    event: Event
    form: Form
    basis: Literal["reported", "observed"] = "reported"
    """``reported``: the platform says so; ``observed``: Beleg saw the difference between two captures."""
    via: Key
    """The account whose export, mailbox or view showed it."""
    thread: Key
    """The container: chat, group, channel, wall, topic, ticket, mailbox."""
    parser: str
    """Name and version of the reader, ``whatsapp-text/1``."""
    author: Actor | None = None
    recipients: tuple[Recipient, ...] = ()
    time: TimeStamp | None = None
    targets: tuple[Target, ...] = ()
    visibility: Literal["public", "unlisted", "followers", "direct", "group", "internal"] | None = None
    title: str | None = None
    text: str | None = None
    """The words for reading and searching, derived from the body."""
    body: Body | None = None
    attachments: tuple[Attachment, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    rating: Rating | None = None
    edited: Edited | None = None
    deleted: Deleted | None = None
    expires: TimeStamp | None = None
    history: Literal["full", "last_state", "none"] = "none"
    """Whether the source shows earlier states of this item."""
    extra: tuple[tuple[str, str], ...] = ()
    """What the platform gave beyond this model, as (name, text) pairs in the order found."""
    raw: Raw

    @property
    def thread_before(self) -> str | None:
        """What an older version of the reader called the thread; None where it is called so still."""
        return dict(self.extra).get(THREAD_BEFORE)

    def acting(self) -> Iterator[tuple[Literal["author", "recipient", "reacted"], Actor]]:
        """Give everybody who acts in it: who said it, whom it went to, who reacted."""
        if self.author is not None:
            yield "author", self.author
        for recipient in self.recipients:
            yield "recipient", recipient.actor
        for reaction in self.reactions:
            for actor in reaction.actors:
                yield "reacted", actor


class Account(Model):
    """An identity on one platform, as one capture describes it."""

    key: Key
    via: Key
    kind: Literal["person", "page", "bot", "group", "system", "unknown"] = "unknown"
    name: str | None = None
    handle: str | None = None
    address: str | None = None
    also: tuple[str, ...] | None = None
    """Other names by which the platform knows it."""
    url: str | None = None
    state: Literal["active", "deleted", "unknown"] = "unknown"
    raw: Raw

    @property
    def names(self) -> tuple[str, ...]:
        """Every name by which the platform knows it, but for its id."""
        return tuple(name for name in (self.name, self.handle, self.address, *(self.also or ())) if name)


ThreadKind = Literal[
    "chat", "group", "channel", "wall", "topic", "ticket", "feed", "location", "mailbox", "folder"
]


class Thread(Model):
    """A container of items, as one capture describes it."""

    key: Key
    via: Key
    kind: Literal[
        "chat", "group", "channel", "wall", "topic", "ticket", "feed", "location", "mailbox", "folder"
    ]
    title: str | None = None
    parent: Key | None = None
    participants: tuple[Actor, ...] = ()
    visibility: Literal["public", "unlisted", "followers", "direct", "group", "internal"] | None = None
    url: str | None = None
    raw: Raw
