"""Feeds (RSS, Atom, JSON feed): conditional requests, and a full one from time to time.

A feed is a window: entries that leave it tell nothing, so nothing is inferred from absence. If no entry of the last
look is in sight any more, entries may have come and gone between: that is a gap. A change within the second of
``Last-Modified`` answers 304 (RFC 9110 §8.8.2), so validators are left away now and then.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import Any, ClassVar
from urllib.parse import urlsplit, urlunsplit

from archive.channels.feeds.markup import ELEMENT, Element, elements, entries
from archive.channels.live.web import Response, Web
from archive.errors import FormatError
from archive.reading.decoding import decode
from archive.sources import Answer, Haul, LiveFacts, Right, SourceSettings, has_passed
from schemas.capture import Gap, Wait

_REMEMBERED = 400
_ELSEWHERE = (
    "the feed is read at another address than before: what the one before went on to show, and what this one showed "
    "until now and shows no more, is not known"
)
_ROOT = re.compile(r"<(?:[\w.-]+:)?(?:rss|feed|rdf|channel)[\s>]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Look:
    """What is remembered of the last look: the cursor."""

    etag: str | None = None
    modified: str | None = None
    body: str | None = None
    """SHA-256 of the last body."""
    full: str | None = None
    """When it was last asked for without validators."""
    entries: tuple[str, ...] = ()
    """Short digests of the ids that were in sight."""
    address: str | None = None
    """SHA-256 of the address that was asked; None: of before that was told."""

    @classmethod
    def of(cls, cursor: str | None) -> "_Look":
        if cursor is None:
            return cls()
        try:
            read: dict[str, Any] = json.loads(cursor)
            return cls(**{**read, "entries": tuple(read["entries"])})
        except (ValueError, TypeError, KeyError) as error:
            raise FormatError("the cursor of a feed cannot be read") from error

    def text(self) -> str:
        names = ("etag", "modified", "body", "full", "entries", "address")
        members = {name: getattr(self, name) for name in names}
        return json.dumps(members, separators=(",", ":"))


class FeedSource:
    """One feed."""

    kind: ClassVar[str] = "feed"
    facts: ClassVar[LiveFacts] = LiveFacts(
        reads="RSS, Atom, JSON feed",
        goes_on="conditional requests, and a full one each `full_hours`",
        edits="where the words in sight change",
        deletions="never told: an entry that leaves the window may be old",
        tested="real server (static files)",
        window="the newest entries alone",
        unseen="entries that came and went, and words between two changes",
        never=(
            "entries that came and went between two looks",
            "deletions",
            "enclosed files: entries name them",
        ),
    )

    def __init__(self, settings: SourceSettings, web: Web) -> None:
        self.settings, self.web = settings, web

    def close(self) -> None:
        """End its connections."""
        self.web.close()

    def taken_waits(self) -> tuple[Wait, ...]:
        """Give what it had to wait for since the last haul."""
        return self.web.taken_waits()

    def test(self) -> Iterator[Right]:
        """Say how much is in sight, and whether the server tells what is unchanged."""
        response = self.web.get(self.settings.url)
        if not _is_feed(response.body):
            yield Right("entries", given="no", why="the answer is no feed: a login or error page, perhaps")
            return
        yield Right(f"{sum(1 for _ in _idents(response.body))} entries are in sight", given="yes")
        validators = [name for name in ("ETag", "Last-Modified") if response.headers.get(name)]
        yield Right(
            "the server says whether something changed",
            given="yes" if validators else "never",
            why=", ".join(validators) or "no ETag and no Last-Modified: everything is fetched each time",
        )
        yield Right("edits", given="yes", why="seen where the words in sight change")
        yield Right("deletions", given="never", why="an entry that leaves the window may be old or deleted")

    def collect(self, cursor: str | None) -> Iterator[Haul]:
        """Give the feed if it changed."""
        before, now = _Look.of(cursor), datetime.now(UTC)
        gaps: tuple[Gap, ...] = ()
        if before.address not in (None, _address(self.settings.url)):
            before, gaps = _Look(), (Gap(reason=_ELSEWHERE),)
        is_full = has_passed(before.full, timedelta(hours=self.settings.full_hours), now)
        headers = {} if is_full else _conditions(before)
        # Whoever was not asked whether something changed, and says no, has shown nothing.
        response = self.web.get(
            self.settings.url, headers=headers, accepted=(200, 304) if headers else (200,)
        )
        waits = self.web.taken_waits()
        if response.status == 304:
            yield Haul(before.text(), gaps=gaps, waits=waits)
            return
        asked = now.isoformat(timespec="seconds") if is_full else before.full
        after = _look(response, asked, before, _address(self.settings.url))
        if after.body == before.body:
            yield Haul(after.text(), waits=waits)
            return
        if before.entries and after.entries and not set(before.entries) & set(after.entries):
            gaps = (
                *gaps,
                Gap(reason="no entry of the last look is in sight: entries may have come and gone"),
            )
        answer = Answer(_name(response.body), response.body, _asked(self.settings.url), "feed")
        yield Haul(after.text(), (answer,), gaps, waits)


def _asked(url: str) -> str:
    """Give an address without its query: feeds for subscribers carry their key there, and bundles tell the address."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))


def _conditions(look: _Look) -> dict[str, str]:
    told = {"If-None-Match": look.etag, "If-Modified-Since": look.modified}
    return {name: value for name, value in told.items() if value}


def _address(url: str) -> str:
    """Name an address without what it may hold of a key."""
    return sha256(url.encode()).hexdigest()


def _look(response: Response, full: str | None, before: _Look, address: str) -> _Look:
    """Give what is remembered of an answer; where it is empty for once, the entries of the look before stay."""
    return _Look(
        etag=response.headers.get("etag"),
        modified=response.headers.get("last-modified"),
        body=sha256(response.body).hexdigest(),
        full=full,
        entries=_entries(response.body) or before.entries,
        address=address,
    )


def _is_feed(body: bytes) -> bool:
    """Say whether an answer may be a feed; whether it is read, its reader says."""
    if _is_json(body):
        return b'"items"' in body
    return _ROOT.search(decode(body).text) is not None


def _is_json(body: bytes) -> bool:
    return body.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"{"


def _entries(body: bytes) -> tuple[str, ...]:
    """Give short digests of what tells the first entries apart."""
    return tuple(
        sha256(ident.strip().encode("utf-8", "replace")).hexdigest()[:12]
        for ident in islice(_idents(body), _REMEMBERED)
    )


def _idents(body: bytes) -> Iterator[str]:
    """Give of each entry its id as it stands in the file, else its address, else all that it is."""
    if not _is_json(body):
        text = decode(body).text
        yield from (_ident(text[start:end]) for start, end in entries(text))
        return
    try:
        items = json.loads(body)["items"]
        yield from (str(one.get("id") or one.get("url") or one) for one in items)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return  # no feed; its reader says so


def _ident(entry: str) -> str:
    """Name an entry of a feed in XML as its reader does."""
    outer = ELEMENT.match(entry)
    if outer is None or outer[3]:
        return entry
    first: dict[str, Element] = {}
    for one in elements(entry[outer.end() : entry.rfind("</")]):
        first.setdefault(one.name.rpartition(":")[2], one)
    named = next((first[name].inner for name in ("guid", "id") if name in first), None)
    about = Element(outer[1], outer[2], "").attributes.get("rdf:about")
    link = first.get("link")
    address = (link.inner or link.attributes.get("href")) if link else None
    return named or about or address or entry


def _name(body: bytes) -> str:
    return "feed.json" if _is_json(body) else "feed.xml"
