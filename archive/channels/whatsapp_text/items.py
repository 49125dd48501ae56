"""Items from the entries of a WhatsApp chat: keys, names, times, attachments.

**Keys.** The export has no ids. An item's id is ``derived_id(channel, thread, time as written, author,
body, ordinal)``, time, author and body in the form for matching, the ordinal counted from 0 among equal
ones within the file. So an overlapping export gives the same keys to the same messages. Limits: an edit
changes the body and with it the key; where an export begins in the middle of a run of equal messages of one
minute the ordinals shift; a contact renamed on the phone is another author.
**Threads** are named by the title of the chat. Where no name that the app gave tells it, its beginning (first
time, first two names) is part of the thread's id: two chats that were both saved as ``_chat.txt`` stay two.
**Names.** A phone number (with ``+``) is a platform-wide id; a display name is one only within the phone
book of the account whose export it is.
"""

import re
from collections import Counter
from hashlib import sha256

from archive.channels.keys import derived_id
from archive.channels.whatsapp_text.contents import Contents, is_self
from archive.channels.whatsapp_text.headers import DateOrder, Header
from archive.ports import ReadOptions
from archive.reading.decoding import INVISIBLE, SPACES, is_utf8, matching
from archive.reading.times import from_local
from archive.reading.tree import Member
from archive.reading.units import Content, unknown_via
from schemas.item import Actor, Body, Deleted, Edited, Item, Key, Raw, Recipient

CHANNEL = "whatsapp"
_NUMBER = re.compile(r"\+[\d ()/-]{6,24}")
_EDGES = INVISIBLE + SPACES + " \r\n"


def account_key(name: str, via_scope: str) -> Key:
    """The key of an account by its number or display name."""
    plain = matching(name).strip()
    if _NUMBER.fullmatch(plain):
        return Key(channel=CHANNEL, scope="", id="+" + re.sub(r"\D", "", plain))
    return Key(channel=CHANNEL, scope=via_scope, id=plain, derived=True)


def via_key(mine: str | None) -> Key:
    """The account whose export it is."""
    return account_key(mine, "") if mine else unknown_via(CHANNEL)


class ItemMaker:
    """Makes the items of one chat file; holds what they share and the ordinals of equal entries."""

    def __init__(
        self,
        member: Member,
        thread: Key,
        title: str,
        options: ReadOptions,
        parser: str,
        files: dict[str, Member],
    ) -> None:
        self._member = member.path
        self._thread = thread
        self.title = title
        self._options = options
        self._parser = parser
        self._files = files
        self._scope = matching(options.mine).strip() if options.mine else ""
        self.via = via_key(options.mine)
        self._actors: dict[str, Actor] = {}
        self._once: set[int] = set()
        self._again: Counter[int] = Counter()
        self.used: set[str] = set()
        """Paths of members that a message named as its attachment."""

    def make(
        self,
        header: Header,
        order: DateOrder,
        author: str | None,
        body: str,
        contents: Contents,
        raw: Raw,
        extra: list[tuple[str, str]],
    ) -> tuple[Item, tuple[Content, ...]]:
        """One entry, one item, and the bytes of the files that it names."""
        local = header.local(order.order)
        if local is None:
            raise ValueError("the header was accepted without a possible day")
        written_author = author if author is not None else contents.actor
        time = from_local(
            header.written,
            local,
            "minute" if header.second_of is None else "second",
            self._options.timezone,
        )
        if order.found != "decided":
            extra = [*extra, ("date_order", order.found)]
        if b"\x00" not in raw.slice and not is_utf8(raw.slice):
            extra = [*extra, ("encoding", "cp1252 where it is not UTF-8")]
        found = self._resolve(contents)
        item = Item(
            key=self._key(header.written, author or "", body),
            event=contents.event,
            form=contents.form,
            via=self.via,
            thread=self._thread,
            parser=self._parser,
            author=self._actor(written_author) if written_author else None,
            recipients=tuple(Recipient(role="member", actor=self._actor(name)) for name in contents.members),
            time=time,
            title=contents.title,
            text=contents.text.replace("\r\n", "\n") if contents.text else contents.text,
            body=Body(type="text/plain", content=body),
            attachments=tuple(contents.attachments),
            edited=Edited() if contents.edited else None,
            deleted=Deleted(by=contents.deleted_by) if contents.deleted_by else None,
            history="last_state",
            extra=(*contents.extra, *extra),
            raw=raw,
        )
        return item, tuple(
            Content(locator=member.path, open=member.open, member=member.path) for member in found
        )

    def _key(self, written: str, author: str, body: str) -> Key:
        parts = (
            CHANNEL,
            self._thread.id,
            matching(written),
            matching(author).strip(),
            matching(body).strip(),
        )
        return Key(
            channel=CHANNEL,
            scope=self._thread.id,
            id=derived_id(*parts, str(self._ordinal(parts))),
            derived=True,
        )

    def _ordinal(self, parts: tuple[str, ...]) -> int:
        """How many equal entries came before. Eight bytes for each distinct one: flat enough for any chat."""
        digest = int.from_bytes(sha256("\0".join(parts).encode("utf-8", "replace")).digest()[:8], "big")
        if digest not in self._once:
            self._once.add(digest)
            return 0
        self._again[digest] += 1
        return self._again[digest]

    def _actor(self, name: str) -> Actor:
        if name not in self._actors:
            written = name.strip(_EDGES)
            plain = matching(written).strip()
            mine = is_self(plain) or (self._scope and plain == self._scope)
            key = self.via if mine else account_key(written, self._scope)
            if len(self._actors) > 10_000:
                self._actors.clear()
            self._actors[name] = Actor(account=key, written=written)
        return self._actors[name]

    def _resolve(self, contents: Contents) -> list[Member]:
        """Find the exported files by name, next to the chat."""
        found = []
        for index, attachment in enumerate(contents.attachments):
            member = self._files.get(file_name(attachment.name or ""))
            if member is None:
                continue
            found.append(member)
            self.used.add(member.path)
            contents.attachments[index] = attachment.model_copy(
                update={"state": "present", "reason": None, "locator": member.path, "length": member.size}
            )
        return found


def file_name(name: str) -> str:
    """A file name as compared between message and disk: without marks, in one case."""
    return matching(name).strip().casefold()
