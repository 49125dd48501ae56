"""The channel: entries of a feed as items."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any, ClassVar

from archive.channels.export import ExportReader, LeaveOut, Made, Run, Scene, Taker, look
from archive.channels.feeds.cutting import CAP, cut, is_draft, kind_of
from archive.channels.feeds.entry import Entry, comments, item_of, time_of, tombstone
from archive.channels.feeds.files import file_of
from archive.channels.feeds.markup import Element, elements, inside
from archive.errors import UnreadableInput
from archive.ports import Facts
from archive.reading.html_text import html_to_text
from archive.reading.json_fields import Fields, NotUnderstood, load_json
from archive.reading.json_walk import Value, walk
from archive.reading.private import MASKED, Private, Range, find_ranges
from archive.reading.said_only import said_only
from archive.reading.shape import Shape, shapes
from archive.reading.tree import Member, Tree
from archive.reading.units import Former, MemberProblem, Reading, UnitExcluded, UnitFailed
from schemas.item import Body, Edited, Raw, Target, Thread

DRAFTS, ADDRESSES, PASSWORDS = "drafts", "IP addresses", "passwords of articles"
_IDENT = re.compile(r"<(?:guid|id)\b[^<>]*>", re.IGNORECASE)
_CLOSED = re.compile(r"</[\w:.-]+\s*>\s*\Z|/>\s*\Z")
_PASSWORD = re.compile(rb"<wp:post_password>(?:<!\[CDATA\[)?([^<\]]+)")
_IP = re.compile(rb"<wp:comment_author_IP>(?:<!\[CDATA\[)?([^<\]]+)")


class _Reading(Run):
    _described = False
    _shared: frozenset[str] | set[str] = frozenset()
    """Ids that several entries of one feed have."""

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
            data = stream.read()
        named = Counter(ident for entry in cut(data)[1] if (ident := _ident_of(entry.text)))
        self._shared = {ident for ident, count in named.items() if count > 1}
        head, found = cut(data)
        described = list(elements(inside(head)))
        feed = {one.name.rpartition(":")[2]: one for one in reversed(described)}
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
                make = partial(self._entry, scene, entry.text, raw, made, described)
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

    def _entry(self, scene: Scene, source: str, raw: Raw, made: Made, feed: list[Element]) -> None:
        entry, zone = Entry(source), self.options.timezone
        if is_draft(entry.listed):
            raise LeaveOut("draft", private=True)
        if kind_of(entry.listed) in ("settings", "template"):
            raise LeaveOut("settings and templates of a blog, said to nobody")
        if entry.kind == "deleted-entry":
            made.items.append(tombstone(scene, entry, raw, zone))
        else:
            article = item_of(scene, entry, raw, made, feed, zone, self._shared)
            made.items += [article, *comments(scene, entry, article, raw)]
        if not self._described:
            heading = next((one.text() for one in feed if one.name.rpartition(":")[2] == "title"), None)
            named = html_to_text(heading) if heading else None
            made.threads.append(
                Thread(key=scene.thread, via=self.via, kind="feed", title=named, visibility="public", raw=raw)
            )
            self._described = True

    def _json(self, member: Member) -> Iterator[Reading]:
        feed: dict[str, Any] = {}
        scenes: list[Scene] = []
        lead = look(member, lambda path: path == ("authors",), enter=lambda path: path in ((), ("author",)))
        first = lead.get("/authors")
        whose = first[0].get("name") if first and isinstance(first[0], dict) else lead.get("/author/name")

        shared_ids = _shared_ids(member)

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
                        visibility="public",
                        raw=raw,
                    )
                )
            scene, ident = scenes[0], f.id("id")
            own = ident
            page, plain, url = f.text("content_html"), f.text("content_text"), f.text("url")
            summary, elsewhere = f.text("summary"), f.text("external_url")
            published, updated = f.text("date_published"), f.text("date_modified")
            authors = [*f.objects("authors"), *filter(None, [f.object("author")])]
            people = [who for one in authors if (who := one.text("name", "url"))]
            files = [
                {
                    "url": one.text("url") or "",
                    "type": one.text("mime_type") or "",
                    "length": one.id("size_in_bytes") or "",
                    **({"title": title} if (title := one.text("title")) else {}),
                }
                for one in f.objects("attachments")
            ]
            if not (ident or url or page or plain or summary or files):
                raise NotUnderstood("an entry of nothing")
            said = html_to_text(page) if page else plain or ""
            lines = [said, *(said_only(plain, said) if page and plain else ())]
            lines += said_only(summary, "\n".join((*lines, f.text("title") or ""))) if summary else ()
            zone, shared = self.options.timezone, elsewhere if elsewhere != url else None
            # Titles and lengths of files are told since a later version, and change no id.
            known = str([{name: one[name] for name in ("url", "type")} for one in files])
            if ident and ident in shared_ids:  # as in a feed in XML
                own = f"{ident} {url or f.text('title') or ''}"
                made.former[scene.key(own)] = Former(scene.key(ident), own=False)
            made.items.append(
                scene.item(
                    raw,
                    scene.key(own) if own else scene.derived(url, published, page or plain or summary, known),
                    form="article",
                    author=scene.person(next(iter(people), str(whose) if whose else None)),
                    time=time_of(published, zone) or time_of(updated, zone),
                    title=f.text("title"),
                    text="\n".join(line for line in lines if line) or None,
                    body=Body(type="text/html", content=page) if page else None,
                    attachments=tuple(file_of(one) for one in files if one["url"]),
                    targets=(Target(relation="share", written_id=shared, present="no"),) if shared else (),
                    edited=Edited(time=time_of(updated, zone))
                    if updated and published and updated != published
                    else None,
                    extra=(
                        *((("link", url),) if url else ()),
                        *(("author", who) for who in people[1:]),
                        *made.told(f, "tags", "image", "banner_image", "language", "external_url"),
                    ),
                )
            )

        yield from self.json_units(member, lambda p: len(p) == 2 and p[0] == "items", make, scalar=scalar)


def _shared_ids(member: Member) -> frozenset[str | None]:
    """The ids that several items of a JSON feed have; nothing fails here."""
    named: Counter[str] = Counter()
    with suppress(UnreadableInput), member.open() as stream:
        for value in walk(
            stream, lambda path: False if len(path) < 3 and path[:1] in ((), ("items",)) else None
        ):
            if value.path[:1] == ("items",) and value.path[2:] == ("id",) and value.whole:
                with suppress(NotUnderstood):
                    named[str(load_json(value.data))] += 1
    return frozenset(ident for ident, count in named.items() if count > 1)


def _ident_of(entry: str) -> str | None:
    """The id of an entry as it is read, from its text alone."""
    opened = _IDENT.search(entry)
    end = entry.find("</", opened.end()) if opened else -1
    return Element("id", "", entry[opened.end() : end]).text() if opened and end >= 0 else None


def _drafts(member: Member) -> Iterator[Range]:
    """The inner text of the drafts of a feed, as far as it can be read."""
    if member.size <= CAP:
        with suppress(UnreadableInput), member.open() as stream:
            for entry in cut(stream.read())[1]:
                first, last = entry.inner
                if is_draft(elements(entry.text[first:last])):
                    yield from entry.inner_range()


def _is_feed(shape: Shape) -> bool:
    local = shape.name.rpartition(" ")[2].rpartition(":")[2].lower()
    return shape.kind == "xml" and local in ("rss", "feed", "rdf", "channel")


def _is_json_feed(shape: Shape) -> bool:
    return shape.kind == "json" and shape.has("/version", "/items") and b"jsonfeed.org" in shape.head


class FeedFiles(ExportReader):
    """Reads feeds as they were fetched."""

    name: ClassVar[str] = "feed"
    parser: ClassVar[str] = "feed-files/4"
    run: ClassVar[type[Run]] = _Reading
    facts: ClassVar[Facts] = Facts(
        title="RSS, Atom and JSON feeds",
        layouts=("RSS 0.9 to 2.0, RDF", "Atom 0.3 and 1.0", "JSON Feed"),
        ask_for="the feed of the site, fetched at intervals",
        edits="last state, with time",
        deletions="absent, or tombstones",
        receipts="no",
        direct="no",
        claim="capped",
        tested="real files",
        left_out=(DRAFTS, ADDRESSES, PASSWORDS),
    )

    def private(self, tree: Tree) -> Iterator[Private]:
        """What a blog exports of itself and never published, and from where its readers commented."""
        yield from super().private(tree)
        for member, shape in shapes(tree).every():
            if _is_feed(shape):
                if drafts := tuple(_drafts(member)):
                    yield Private(member.path, DRAFTS, drafts)
                if passwords := find_ranges(member, _PASSWORD):
                    yield Private(member.path, PASSWORDS, passwords)
                if addresses := find_ranges(member, _IP):
                    yield Private(member.path, ADDRESSES, addresses)

    def likeness(self, shape: Shape) -> tuple[int, str]:
        """By the root element or the version of the feed."""
        if _is_json_feed(shape):
            return 96, "a JSON feed"
        return (93, "the root element of a feed") if _is_feed(shape) else (0, "")
