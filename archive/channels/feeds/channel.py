"""The channel: entries of a feed as items."""

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any, ClassVar

from archive.channels.export import ExportReader, LeaveOut, Made, Run, Scene, Taker
from archive.channels.feeds.cutting import CAP, cut, is_draft
from archive.channels.feeds.markup import ELEMENT, Element, elements, inside
from archive.errors import UnreadableInput
from archive.ports import Facts
from archive.reading.html_text import html_to_text
from archive.reading.json_fields import Fields, NotUnderstood
from archive.reading.json_walk import Value
from archive.reading.private import MASKED, Private, Range, find_ranges
from archive.reading.shape import Shape, shapes
from archive.reading.times import from_iso, from_mail_date
from archive.reading.tree import Member, Tree
from archive.reading.units import MemberProblem, Reading, UnitExcluded, UnitFailed
from schemas.item import Attachment, Body, Edited, Raw, Thread, TimeStamp

DRAFTS, ADDRESSES = "drafts", "IP addresses"
_CLOSED = re.compile(r"</[\w:.-]+\s*>\s*\Z|/>\s*\Z")
_IP = re.compile(rb"<wp:comment_author_IP>(?:<!\[CDATA\[)?([^<\]]+)")
_READ = frozenset(
    {
        *(
            "title",
            "link",
            "guid",
            "id",
            "pubdate",
            "published",
            "updated",
            "modified",
            "issued",
            "date",
            "created",
        ),
        *(
            "author",
            "creator",
            "dc:creator",
            "dc:date",
            "description",
            "summary",
            "content",
            "content:encoded",
        ),
        *(
            "encoded",
            "enclosure",
            "category",
            "subject",
            "source",
            "comments",
            "rights",
            "dc:subject",
            "dc:title",
        ),
        *("name", "email", "uri"),
    }
)


class _Reading(Run):
    _described = False

    def taker(self, member: Member) -> Taker | str | None:
        shape = shapes(self.tree).of(member)
        if _is_json_feed(shape):
            return self._json
        return self._xml if _is_feed(shape) or (self.tree.single and shape.kind == "xml") else None

    def _xml(self, member: Member) -> Iterator[Reading]:
        if member.size > CAP:
            yield MemberProblem(member.path, "a feed larger than the limit")
            return
        self._described = False
        with member.open() as stream:
            head, found = cut(stream.read())
        feed = {one.name.rpartition(":")[2]: one for one in reversed(list(elements(inside(head))))}
        scene = self._scene(feed, member)
        for number, entry in enumerate(found):
            first, last = entry.place or (None, None)
            raw = Raw(member=member.path, start=first, end=last, pointer=f"entry {number}", slice=entry.slice)
            if entry.masked:
                yield UnitExcluded(member.path, MASKED, private=True)
            elif not _CLOSED.search(entry.text):
                yield UnitFailed(member.path, "an entry that is cut off", first, last)
            else:
                made = Made()
                make = partial(self._entry, scene, entry.text, raw, made, feed)
                yield self._made(member, made, first or 0, last or 0, make)

    def _scene(self, feed: dict[str, Element], member: Member) -> Scene:
        link, ident, title = feed.get("link"), feed.get("id"), feed.get("title")
        address = (ident.text() if ident else "") or (
            link.text() or link.attributes.get("href", "") if link else ""
        )
        name = (
            address or (title.text() if title else "") or self.options.thread or member.path or self.tree.name
        )
        scene = self.scene(name, derived=not address, visibility="public", history="last_state")
        scene.scope = name
        return scene

    def _entry(self, scene: Scene, source: str, raw: Raw, made: Made, feed: dict[str, Element]) -> None:
        inner = ELEMENT.match(source)
        listed = list(elements(source[inner.end() : source.rfind("</")] if inner and not inner[3] else ""))
        if is_draft(listed):
            raise LeaveOut("draft", private=True)
        first: dict[str, Element] = {}
        for one in listed:
            first.setdefault(one.name, one)
            first.setdefault(one.name.rpartition(":")[2], one)

        def text(*names: str) -> str | None:
            return next((value for name in names if name in first and (value := first[name].text())), None)

        links = [one for one in listed if one.name.rpartition(":")[2] == "link"]
        main = next((one for one in links if one.attributes.get("rel", "alternate") == "alternate"), None)
        address = (main.text() or main.attributes.get("href")) if main else None
        ident, title = (
            text("guid", "id") or (inner and Element("x", inner[2], "").attributes.get("rdf:about")),
            text("title"),
        )
        words = text("content:encoded", "encoded", "content", "description", "summary", "tagline", "abstract")
        published, updated = (
            text("pubdate", "published", "issued", "date", "created"),
            text("updated", "modified"),
        )
        author = text("author", "creator")
        if author and "<" in author:
            author = next(
                (one.text() for one in elements(author) if one.name.endswith("name")), html_to_text(author)
            )
        files = [one.attributes for one in listed if one.name == "enclosure"] + [
            {"url": one.attributes.get("href", ""), **one.attributes}
            for one in links
            if one.attributes.get("rel") == "enclosure"
        ]
        unknown = {one.name for one in listed} - _READ
        made.unknown |= unknown
        key = scene.key(ident) if ident else scene.derived(address, title, published, words)
        zone = self.options.timezone
        whose = html_to_text(author) if author else feed["author"].text() if "author" in feed else None
        told = [one for one in listed if one.name in unknown or one.name in ("category", "comments")]
        made.items.append(
            scene.item(
                raw,
                key,
                form="article",
                author=scene.person(whose),
                time=_time(published, zone) or _time(updated, zone),
                title=html_to_text(title) if title else None,
                text=html_to_text(words) if words else None,
                body=Body(type="text/html", content=words) if words and "<" in words else None,
                attachments=tuple(_file(one) for one in files if one.get("url")),
                edited=Edited(time=_time(updated, zone))
                if updated and published and updated != published
                else None,
                extra=(
                    *((("link", address),) if address else ()),
                    *((one.name, one.text() or str(one.attributes)) for one in told),
                ),
            )
        )
        heading = feed["title"].text() if "title" in feed else None
        named = html_to_text(heading) if heading else None
        described = Thread(
            key=scene.thread, via=self.via, kind="feed", title=named, visibility="public", raw=raw
        )
        if not self._described:
            made.threads.append(described)
            self._described = True

    def _json(self, member: Member) -> Iterator[Reading]:
        feed: dict[str, Any] = {}
        scenes: list[Scene] = []

        def scalar(path: Any, value: Any) -> None:
            if len(path) == 1:
                feed[str(path[0])] = value

        def make(_: Value, f: Fields, raw: Raw, made: Made) -> None:
            if not scenes:
                name = str(
                    feed.get("feed_url") or feed.get("home_page_url") or feed.get("title") or self.tree.name
                )
                scenes.append(self.scene(name, visibility="public"))
                scenes[0].scope = name
                made.threads.append(
                    Thread(
                        key=scenes[0].thread,
                        via=self.via,
                        kind="feed",
                        title=str(feed.get("title") or name),
                        raw=raw,
                    )
                )
            scene, ident = scenes[0], f.id("id")
            page, plain, url = f.text("content_html"), f.text("content_text", "summary"), f.text("url")
            published, updated = f.text("date_published"), f.text("date_modified")
            authors = [*f.objects("authors"), *filter(None, [f.object("author")])]
            people = [one.text("name") for one in authors]
            files = [
                {"url": one.text("url") or "", "type": one.text("mime_type") or ""}
                for one in f.objects("attachments")
            ]
            if not (ident or url or page or plain or files):
                raise NotUnderstood("an entry of nothing")
            made.items.append(
                scene.item(
                    raw,
                    scene.key(ident) if ident else scene.derived(url, published, page or plain, str(files)),
                    form="article",
                    author=scene.person(next((name for name in people if name), None)),
                    time=_time(published, self.options.timezone),
                    title=f.text("title"),
                    text=html_to_text(page) if page else plain,
                    body=Body(type="text/html", content=page) if page else None,
                    attachments=tuple(_file(one) for one in files if one["url"]),
                    edited=Edited(time=_time(updated, self.options.timezone)) if updated else None,
                    extra=(
                        *((("link", url),) if url else ()),
                        *made.told(f, "tags", "image", "external_url"),
                    ),
                )
            )

        yield from self.json_units(member, lambda p: len(p) == 2 and p[0] == "items", make, scalar=scalar)


def _drafts(member: Member) -> Iterator[Range]:
    """The inner text of the drafts of a feed, as far as it can be read."""
    if member.size <= CAP:
        with suppress(UnreadableInput), member.open() as stream:
            for entry in cut(stream.read())[1]:
                first, last = entry.inner
                if is_draft(elements(entry.text[first:last])):
                    yield from entry.inner_range()


def _file(attributes: dict[str, str]) -> Attachment:
    length = attributes.get("length", "")
    return Attachment(
        name=attributes["url"].partition("?")[0].rpartition("/")[2] or None,
        media_type=attributes.get("type") or None,
        state="missing",
        reason="not in export",
        url=attributes["url"],
        length=int(length) if length.isdigit() and len(length) < 16 else None,
    )


def _time(written: str | None, zone: str | None) -> TimeStamp | None:
    if not written:
        return None
    return from_mail_date(written, zone) or from_iso(written, zone) or TimeStamp(written=written)


def _is_feed(shape: Shape) -> bool:
    local = shape.name.rpartition(" ")[2].rpartition(":")[2].lower()
    return shape.kind == "xml" and local in ("rss", "feed", "rdf", "channel")


def _is_json_feed(shape: Shape) -> bool:
    return shape.kind == "json" and shape.has("/version", "/items") and b"jsonfeed.org" in shape.head


class FeedFiles(ExportReader):
    """Reads feeds as they were fetched."""

    name: ClassVar[str] = "feed"
    parser: ClassVar[str] = "feed-files/1"
    run: ClassVar[type[Run]] = _Reading
    facts: ClassVar[Facts] = Facts(
        title="RSS, Atom and JSON feeds",
        layouts=("RSS 0.9 to 2.0, RDF", "Atom 0.3 and 1.0", "JSON Feed"),
        ask_for="the feed of the site, fetched at intervals",
        edits="last state, with time",
        deletions="absent",
        receipts="no",
        direct="no",
        claim="capped",
        tested="real files",
        left_out=(DRAFTS, ADDRESSES),
    )

    def private(self, tree: Tree) -> Iterator[Private]:
        """What a blog exports of itself and never published, and from where its readers commented."""
        yield from super().private(tree)
        for member, shape in shapes(tree).every():
            if _is_feed(shape):
                if drafts := tuple(_drafts(member)):
                    yield Private(member.path, DRAFTS, drafts)
                if addresses := find_ranges(member, _IP):
                    yield Private(member.path, ADDRESSES, addresses)

    def likeness(self, shape: Shape) -> tuple[int, str]:
        """By the root element or the version of the feed."""
        if _is_json_feed(shape):
            return 96, "a JSON feed"
        return (93, "the root element of a feed") if _is_feed(shape) else (0, "")
