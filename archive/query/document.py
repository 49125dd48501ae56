"""What is searched of an item: streams of terms, marks, and the time it is ordered by.

Streams (each a list of parts; phrases and ``w/n`` never cross from one part into the next):

=============  =============================================================================================
``text``       title; text; name of each attachment; words of each file; each of these in each way in which
               ``otherwise`` reads it; last, names and tags with their sign (``sigils``)
``author``     name as written, handle, further names, account id
``recipients`` the same of each recipient
``via``        id and scope of the account whose export or view showed the item
``thread``     id and scope of the thread, and the id by which an older version of the reader called it
``filename``   name of each attachment
``amounts``    the amounts of money in all of that, one term each (``amounts``)
``marks``      channel, kind (event and form), has, unread, addressed, lang, id, edited, deleted, and the accounts
               (``account_marks``), as ``name=value``; no order
=============  =============================================================================================

Marks say what an item says of itself: a message that a later event deleted is not ``deleted=yes``; a search adds those.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from urllib.parse import quote

from archive.query.amounts import amounts
from archive.query.analysis import Token, sigils, terms, tokens
from archive.query.languages import languages
from archive.query.otherwise import otherwise, said
from archive.query.plan import FieldName
from archive.reading.decoding import same_name
from schemas.entry import Entry, FileText
from schemas.item import Actor, Item, Key

HAS = frozenset({
    "text", "title", "attachment", "missing", "file", "image", "video", "audio", "voice", "sticker",
    "contact", "location", "inline", "mail", "link", "reaction", "rating", "reply", "quote", "share",
    "forward", "filetext",
})  # fmt: skip
"""Values of ``has:``; ``missing`` is an attachment that is named but absent, ``filetext`` one whose words were read."""

BREAK = "¶"
"""Stands between the parts of a stream when it is written as one string; never a term."""

STREAMS: tuple[FieldName, ...] = (
    "text", "author", "recipients", "via", "thread", "filename", "amounts",
)  # fmt: skip

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Region:
    """Which characters [start, end) of the document's text belong to which field of the item."""

    field: Literal["title", "text", "attachment", "file"]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Document:
    """An item as it is searched. ``time`` is Unix seconds (fractions cut off), None when not known."""

    index: int
    time: int | None
    text: str
    """Title, text, attachment names and the words of files, each on lines of its own: what ``regions`` divides."""
    regions: tuple[Region, ...]
    author: tuple[str, ...]
    recipients: tuple[str, ...]
    via: tuple[str, ...]
    thread: tuple[str, ...]
    marks: frozenset[str]

    def parts(self, stream: FieldName) -> list[list[str]]:
        """Return the terms of a stream, part by part; of ``marks``, all as one part."""
        if stream == "marks":
            return [sorted(self.marks)]
        if stream == "amounts":
            return [[found.term for region in self.regions for found in amounts(self._of(region))]]
        if stream == "filename":
            return [terms(self._of(region)) for region in self.regions if region.field == "attachment"]
        if stream != "text":
            return [terms(part) for part in getattr(self, stream)]
        found = [terms(self._of(region)) for region in self.regions]
        found += [reading for region in self.regions for reading in said(self._of(region))]
        return [*found, *([sign.term for sign in part] for part in self._signs())]

    def tokens(self) -> Iterator[list[Token]]:
        """Return the parts of ``text`` with character offsets into it."""
        for region in self.regions:
            yield self._placed(region, tokens(self._of(region)))
        for region in self.regions:
            yield from (self._placed(region, reading) for reading in otherwise(self._of(region)))
        yield from self._signs()

    def _signs(self) -> Iterator[list[Token]]:
        signs = (self._placed(region, sigils(self._of(region))) for region in self.regions)
        if found := [token for part in signs for token in part]:
            yield [token._replace(position=number) for number, token in enumerate(found)]

    def _of(self, region: Region) -> str:
        return self.text[region.start : region.end]

    def _placed(self, region: Region, found: list[Token]) -> list[Token]:
        """Give the tokens of a region with offsets into the whole text."""
        at = region.start
        return [token._replace(start=token.start + at, end=token.end + at) for token in found]


def joined(parts: list[list[str]]) -> str:
    """Return a stream as one string: terms between spaces, parts between breaks. What engines are given."""
    return f" {BREAK} ".join([" ".join(part) for part in parts if part])


def divided(stream: str) -> list[list[str]]:
    """Return the parts of a stream written by ``joined``."""
    return [part.split() for part in stream.split(BREAK)] if stream else []


_SAFE = "@:/+!*,;()[]#$&=~"
_UNQUOTED = re.compile(r"[A-Za-z0-9_.\-@:/+!*,;()\[\]#$&=~]*").fullmatch
"""What ``quote`` leaves as it is: nearly all marks."""


UNADDRESSED = "addressed=no"
"""The mark of a message of which nobody wrote down to whom it went."""


def mark(name: str, value: str) -> str:
    """Return the term of a mark: no white space, whatever the value."""
    return f"{name}={value if _UNQUOTED(value) else quote(value, safe=_SAFE)}"


AccountIn = Literal["author", "recipients", "via"]
"""Streams in which accounts stand, and the marks that name exactly those."""


def account_marks(stream: AccountIn, key: Key) -> tuple[str, ...]:
    """Return the marks of an account: its id, and with its scope if it has one; the last says most.

    The stream holds names and ids as words; that *John* stands in it does not tell *John* from *John Doe*.
    """
    name = same_name(key.id)
    own = mark(stream, name)
    return (own, mark(stream, f"{same_name(key.scope)}/{name}")) if key.scope else (own,)


def document(entry: Entry) -> Document | None:
    """Make the document of an entry; None when its body is not an item."""
    item = entry.body
    if not isinstance(item, Item):
        return None
    text, regions = _text(item, entry.texts)
    return Document(
        index=entry.index,
        time=seconds(item.time.utc) if item.time and item.time.utc else None,
        text=text,
        regions=regions,
        author=tuple(_actor(item.author)) if item.author else (),
        recipients=tuple(name for recipient in item.recipients for name in _actor(recipient.actor)),
        via=tuple(_key(item.via)),
        thread=(*_key(item.thread), *((item.thread_before,) if item.thread_before else ())),
        marks=frozenset((*_marks(item), *_file_marks(item, entry.texts))),
    )


def seconds(utc: str) -> int | None:
    """Return Unix seconds of a UTC time as ``schemas.base.UtcTime`` writes it; None if no such instant."""
    try:
        return (datetime.fromisoformat(utc[:19] + "+00:00") - _EPOCH) // _SECOND
    except ValueError:  # raw facets of a stranger's program: the models let no such instant through
        return None


def _text(item: Item, texts: tuple[FileText, ...]) -> tuple[str, tuple[Region, ...]]:
    found: list[tuple[Literal["title", "text", "attachment", "file"], str]] = []
    if item.title:
        found.append(("title", item.title))
    if item.text:
        found.append(("text", item.text))
    found += [("attachment", attachment.name) for attachment in item.attachments if attachment.name]
    found += [("file", read.text) for read in texts if read.text]
    regions: list[Region] = []
    place = 0
    for field, part in found:
        regions.append(Region(field, place, place + len(part)))
        place += len(part) + 1
    return "\n".join(part for _, part in found), tuple(regions)


def _actor(actor: Actor) -> Iterator[str]:
    yield from actor.names
    if actor.account:
        yield actor.account.id


def _key(key: Key) -> Iterator[str]:
    yield key.id
    if key.scope:
        yield key.scope


def _marks(item: Item) -> Iterator[str]:
    yield mark("channel", item.key.channel.casefold())
    yield mark("kind", item.event)
    yield mark("kind", item.form)
    yield mark("id", item.key.id)
    yield "edited=yes" if item.edited or item.event == "edited" else "edited=no"
    yield "deleted=yes" if item.deleted or item.event == "deleted" else "deleted=no"
    if item.event == "posted" and all(one.role == "mentioned" for one in item.recipients):
        yield UNADDRESSED
    yield from _accounts(item)
    for name in _has(item):
        yield f"has={name}"
    for name in languages(item.text or item.title or ""):
        yield f"lang={name}"


def _accounts(item: Item) -> Iterator[str]:
    if item.author and item.author.account:
        yield from account_marks("author", item.author.account)
    for recipient in item.recipients:
        if recipient.actor.account:
            yield from account_marks("recipients", recipient.actor.account)
    yield from account_marks("via", item.via)


def _file_marks(item: Item, texts: tuple[FileText, ...]) -> Iterator[str]:
    if any(read.text for read in texts):
        yield "has=filetext"
    for read in texts:
        if read.state != "read":
            yield f"unread={read.state}"
    if any(one.state == "missing" for one in item.attachments):
        yield "unread=missing"


def _has(item: Item) -> Iterator[str]:
    if item.text:
        yield "text"
        if "://" in item.text or "www." in item.text:
            yield "link"
    if item.title:
        yield "title"
    for attachment in item.attachments:
        yield "attachment"
        yield attachment.role
        if attachment.state == "missing":
            yield "missing"
    if item.reactions or item.event in ("reacted", "unreacted"):
        yield "reaction"
    if item.rating:
        yield "rating"
    for target in item.targets:
        if target.relation in ("reply", "quote", "share", "forward"):
            yield target.relation
