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
from typing import Any, ClassVar
from urllib.parse import urlsplit, urlunsplit

from archive.channels.live.web import Response, Web
from archive.errors import FormatError
from archive.sources import Answer, Haul, LiveFacts, Right, SourceSettings, has_passed
from schemas.capture import Gap, Wait

_IDENT = re.compile(
    rb"<(?:guid|id)(?:\s[^>]*)?>(.*?)</(?:guid|id)\s*>|<item\s[^>]*rdf:about=[\"']([^\"']+)", re.DOTALL
)
_ENTRY = re.compile(rb"<(?:[\w.-]+:)?(?:entry|item)[\s>]")
_REMEMBERED = 400


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
        members = {name: getattr(self, name) for name in ("etag", "modified", "body", "full", "entries")}
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
        yield Right(f"{len(_entries(response.body))} entries are in sight", given="yes")
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
        is_full = has_passed(before.full, timedelta(hours=self.settings.full_hours), now)
        headers = {} if is_full else _conditions(before)
        response = self.web.get(self.settings.url, headers=headers, accepted=(200, 304))
        waits = self.web.taken_waits()
        if response.status == 304:
            yield Haul(before.text(), waits=waits)
            return
        after = _look(response, now.strftime("%Y-%m-%dT%H:%M:%S+00:00") if is_full else before.full)
        if after.body == before.body:
            yield Haul(after.text(), waits=waits)
            return
        gaps: tuple[Gap, ...] = ()
        if before.entries and after.entries and not set(before.entries) & set(after.entries):
            gaps = (Gap(reason="no entry of the last look is in sight: entries may have come and gone"),)
        answer = Answer(_name(response.body), response.body, _asked(self.settings.url), "feed")
        yield Haul(after.text(), (answer,), gaps, waits)


def _asked(url: str) -> str:
    """Give an address without its query: feeds for subscribers carry their key there, and bundles tell the address."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))


def _conditions(look: _Look) -> dict[str, str]:
    told = {"If-None-Match": look.etag, "If-Modified-Since": look.modified}
    return {name: value for name, value in told.items() if value}


def _look(response: Response, full: str | None) -> _Look:
    return _Look(
        etag=response.headers.get("etag"),
        modified=response.headers.get("last-modified"),
        body=sha256(response.body).hexdigest(),
        full=full,
        entries=tuple(_entries(response.body)[:_REMEMBERED]),
    )


def _entries(body: bytes) -> list[str]:
    """Give short digests of the ids of entries, as they stand in the file."""
    if body.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"{":
        try:
            items = json.loads(body)["items"]
            found = [str(item.get("id")).encode() for item in items]
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return []
    else:
        first = _ENTRY.search(body)  # a feed has an id of its own before its entries
        found = [
            match[1] or match[2] or b""
            for match in _IDENT.finditer(body, first.start() if first else len(body))
        ]
    return [sha256(ident.strip()).hexdigest()[:12] for ident in found]


def _name(body: bytes) -> str:
    return "feed.json" if body.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"{" else "feed.xml"
