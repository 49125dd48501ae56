"""What one entry of a feed in XML says: words, people, links, files, comments, and whether it was taken back."""

from collections.abc import Iterator, Set

from archive.channels.export import Made, Scene
from archive.channels.feeds.cutting import kind_of
from archive.channels.feeds.files import files_of, packed
from archive.channels.feeds.markup import ELEMENT, Element, elements
from archive.reading.html_text import html_to_text
from archive.reading.said_only import said_only
from archive.reading.times import from_iso, from_mail_date
from archive.reading.units import Former
from schemas.item import Body, Deleted, Edited, Item, Raw, Target, TimeStamp

_WORDS = ("content:encoded", "encoded", "content", "description", "summary", "tagline", "abstract")
_DATES = ("pubdate", "published", "issued", "date", "created")
_MORE = ("summary", "description", "subtitle", "excerpt:encoded", "itunes:summary", "itunes:subtitle")
_PEOPLE = ("author", "atom:author", "dc:creator", "creator", "itunes:author", "managingeditor")
_MEDIA_WORDS = ("media:description", "media:text", "media:title")
_READ = frozenset(
    """
        title link guid id pubdate published updated modified issued date created author creator dc:creator dc:date
        description summary content content:encoded encoded enclosure dc:subject dc:title name email uri atom:link
        media:group media:content media:description media:text media:title subtitle excerpt:encoded itunes:summary
        itunes:subtitle wp:comment wp:attachment_url
    """.split()  # noqa: SIM905  (a list of so many names is read by nobody)
)
_TOLD = frozenset(
    """
        category subject comments rights source contributor media:thumbnail media:credit thr:in-reply-to
        thr:total itunes:author itunes:duration itunes:explicit itunes:episode itunes:image itunes:title
        itunes:keywords podcast:transcript slash:comments wfw:commentrss wp:post_id wp:post_date wp:post_date_gmt
        wp:status wp:post_type wp:postmeta wp:post_name wp:post_parent wp:menu_order wp:comment_status
        wp:ping_status wp:is_sticky yt:videoid yt:channelid blogger:type blogger:status blogger:parent blogger:inreplyto
        blogger:filename blogger:created blogger:location blogger:metadescription blogger:trashed
        blogger:lastmodified dc:rights media:community
    """.split()  # noqa: SIM905
)
_COMMENT_READ = ("id", "author", "date", "date_gmt", "content", "parent", "author_ip")
_PASSING = frozenset({"slash:comments", "thr:total", "media:community"})
"""Counters: an entry with one more answer is no other entry."""


def local(one: Element) -> str:
    """The name without its prefix."""
    return one.name.rpartition(":")[2]


class Entry:
    """The elements of an entry, found by their whole name, else by that without a prefix."""

    def __init__(self, source: str) -> None:
        inner = ELEMENT.match(source)
        self.kind = (inner[1] if inner else "").rpartition(":")[2].lower()
        self.attributes = Element("x", inner[2], "").attributes if inner else {}
        text = source[inner.end() : source.rfind("</")] if inner and not inner[3] else ""
        self.listed = list(elements(text))
        self._first: dict[str, Element] = {}
        self._once: dict[str, Element] = {}
        """As the first version of this reader found them: one with a prefix may stand before one without."""
        for one in self.listed:
            self._first.setdefault(one.name, one)
        for one in self.listed:
            self._first.setdefault(local(one), one)
            self._once.setdefault(one.name, one)
            self._once.setdefault(local(one), one)

    def element(self, *names: str) -> Element | None:
        """The first of these that says something."""
        found = (self._first[name] for name in names if name in self._first)
        return next((one for one in found if one.text()), None)

    def text(self, *names: str) -> str | None:
        """What it says."""
        one = self.element(*names)
        return one.text() if one else None

    def once(self, *names: str) -> str | None:
        """What the first version of this reader found under these names."""
        found = (self._once[name].text() for name in names if name in self._once)
        return next((text for text in found if text), None)

    def links(self) -> list[Element]:
        """Its links."""
        return [one for one in self.listed if local(one) == "link"]

    @property
    def address(self) -> str | None:
        """Where it can be read."""
        found = (one for one in self.links() if one.attributes.get("rel", "alternate") == "alternate")
        main = next(found, None)
        return (main.text() or main.attributes.get("href")) if main else None

    def media(self) -> list[Element]:
        """What stands in it or in a group of it (Media RSS)."""
        groups = [one for one in self.listed if one.name == "media:group"]
        inner = [one for group in (self.listed, *(list(elements(g.inner)) for g in groups)) for one in group]
        return [one for one in inner if one.name.startswith("media:")]

    @property
    def unknown(self) -> set[str]:
        """Names of elements that nobody knows."""
        return {one.name for one in self.listed if one.name.removeprefix("atom:") not in _READ | _TOLD}

    def told(self) -> Iterator[tuple[str, str]]:
        """What has no place in the item, each element of a name."""
        if self.address:
            yield "link", self.address
        for one in self.links():
            rel, href = one.attributes.get("rel", "alternate"), one.attributes.get("href")
            if href and rel not in ("alternate", "enclosure"):
                yield f"link {rel}", href
        grouped = [e for one in self.listed if one.name == "media:group" for e in elements(one.inner)]
        wanted = _TOLD | {f"atom:{name}" for name in _TOLD} | self.unknown | {one.name for one in grouped}
        for one in (*self.listed, *grouped):
            if one.name in wanted and one.name not in (*_PASSING, *_MEDIA_WORDS):
                yield one.name, one.text() or str(one.attributes)
        for name in list(dict.fromkeys(people(self.listed)))[1:]:
            yield "author", name


def item_of(
    scene: Scene, entry: Entry, raw: Raw, made: Made, feed: list[Element], zone: str | None, shared: Set[str]
) -> Item:
    """The item of an entry. What only a summary says stands behind the words of its content."""
    ident = entry.text("guid", "id") or entry.attributes.get("rdf:about")
    title, words = entry.text("title"), entry.element(*_WORDS)
    published = entry.text(*_DATES)
    updated, shown = entry.text("updated", "modified"), words.text() if words else None
    key = scene.key(ident) if ident else scene.derived(entry.address, title, published, shown)
    before = entry.address, entry.once("title"), entry.once(*_DATES), entry.once(*_WORDS)
    if not ident and before != (entry.address, title, published, shown):
        made.former[key] = Former(scene.first_derived(*before))
    if ident and ident in shared:  # of several entries with one id each is told by its page
        key = scene.key(f"{ident} {entry.address or title or ''}")
        made.former[key] = Former(scene.key(ident), own=False)
    names = [*people(entry.listed), *people(feed)]
    answered = entry.element("thr:in-reply-to") or next(
        (e for e in entry.listed if e.name == "thr:in-reply-to"), None
    )
    of = answered.attributes.get("ref") or answered.attributes.get("href") if answered else None
    status = entry.text("wp:status")
    of = of or entry.text("blogger:inreplyto", "blogger:parent")
    trashed = (
        status == "trash"
        or bool(entry.text("blogger:trashed"))
        or entry.text("blogger:status") == "SOFT_TRASHED"
    )
    hidden = status == "private" or entry.text("wp:post_password") is not None
    made.unknown |= entry.unknown - {"wp:post_password"}
    text, body = _said(entry, words)
    return scene.item(
        raw,
        key,
        event="deleted" if trashed else "posted",
        form="comment" if kind_of(entry.listed) == "comment" else "article",
        author=scene.person(names[0] if names else None),
        time=time_of(published, zone) or time_of(updated, zone),
        title=html_to_text(title) if title else None,
        text=text,
        body=body,
        visibility="internal" if hidden or trashed else scene.visibility,
        targets=(Target(relation="reply", key=scene.key(of), written_id=of),) if of else (),
        attachments=tuple(files_of(entry.listed, entry.media(), words, raw, made)),
        edited=Edited(time=time_of(updated, zone))
        if updated and published and updated != published
        else None,
        deleted=Deleted(reason="trash") if trashed else None,
        extra=tuple((name, value) for name, value in entry.told() if name != "wp:post_password"),
    )


def tombstone(scene: Scene, entry: Entry, raw: Raw, zone: str | None) -> Item:
    """An entry that was taken back (RFC 6721)."""
    ref, when = entry.attributes.get("ref"), entry.attributes.get("when")
    reason = entry.text("comment")
    return scene.item(
        raw,
        scene.derived("deleted", ref, when),
        event="deleted",
        form="article",
        author=scene.person(next(people(entry.listed), None)),
        time=time_of(when, zone),
        targets=(Target(relation="of", key=scene.key(ref), written_id=ref),) if ref else (),
        deleted=Deleted(by="author", reason=reason),
        extra=tuple(entry.told()),
    )


def comments(scene: Scene, entry: Entry, article: Item, raw: Raw) -> Iterator[Item]:
    """The comments that a blog exports with an article."""
    for one in entry.listed:
        if one.name != "wp:comment":
            continue
        said = {local(e).removeprefix("comment_"): e.text() for e in elements(one.inner) if e.text()}
        ident, parent = said.get("id"), said.get("parent")
        stamp, words = said.get("date_gmt"), said.get("content")
        approved = said.get("approved", "1")
        answers = f"{article.key.id}/comment/{parent}" if parent and parent != "0" else article.key.id
        rest = {name: value for name, value in said.items() if name not in _COMMENT_READ}
        yield scene.item(
            raw,
            scene.key(f"{article.key.id}/comment/{ident}")
            if ident
            else scene.derived("comment", stamp, words),
            form="comment",
            event="deleted" if approved == "trash" else "posted",
            author=scene.person(said.get("author")),
            time=time_of(stamp or said.get("date"), "UTC" if stamp else None),
            text=html_to_text(words) if words else None,
            body=Body(type="text/html", content=words) if words and "<" in words else None,
            visibility=scene.visibility if approved == "1" else "internal",
            targets=(Target(relation="reply", key=scene.key(answers), written_id=parent),),
            deleted=Deleted(reason="trash") if approved == "trash" else None,
            extra=tuple(sorted(rest.items())),
        )


def people(listed: list[Element]) -> Iterator[str]:
    """Names of authors; of a person with address and page the name."""
    found = [one for one in listed if one.name in _PEOPLE]
    for one in sorted(found, key=lambda one: _PEOPLE.index(one.name)):
        text = one.text()
        named = (e.text() for e in elements(text) if local(e) in ("name", "email")) if "<" in text else ()
        if name := next((name for name in named if name), html_to_text(text)):
            yield name


def time_of(written: str | None, zone: str | None) -> TimeStamp | None:
    """A time as mail or ISO 8601 writes it."""
    if not written:
        return None
    return from_mail_date(written, zone) or from_iso(written, zone) or TimeStamp(written=written)


def _said(entry: Entry, words: Element | None) -> tuple[str | None, Body | None]:
    told = words.text() if words and not packed(words) else ""
    is_text = words is not None and words.attributes.get("type") in ("text", "text/plain")
    lines = [told if is_text else html_to_text(told)]
    more = [entry.element(name) for name in _MORE] + [
        one for one in entry.media() if one.name in _MEDIA_WORDS
    ]
    inner = [e for one in entry.media() if one.name == "media:content" for e in elements(one.inner)]
    for one in (*more, *(e for e in inner if e.name in _MEDIA_WORDS)):
        if one is not None and one is not words:
            known = "\n".join((*lines, html_to_text(entry.text("title") or "")))
            lines += said_only(html_to_text(one.text()), known)
    body = Body(type="text/html", content=told) if "<" in told and not is_text else None
    return "\n".join(line for line in lines if line) or None, body
