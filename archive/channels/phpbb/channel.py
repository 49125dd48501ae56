"""The channel: posts and polls of saved topics as items."""

import html
import re
from collections.abc import Iterator
from functools import partial
from typing import ClassVar

from archive.channels.export import ExportReader, Made, Run, Scene, Taker
from archive.channels.phpbb.board import Board
from archive.channels.phpbb.markup import (
    ANSWER,
    AUTHOR,
    CITE,
    COMMENT,
    CONTENT,
    FILE,
    GONE,
    LINE,
    NOTICE,
    OPTION,
    PAGES,
    POLL,
    SIGNATURE,
    TIME,
    TITLE,
    TOPIC,
    within,
)
from archive.channels.spaces import numbered_once
from archive.ports import Facts, ReadOptions
from archive.reading.decoding import decode
from archive.reading.html_tags import tags, words_behind
from archive.reading.html_text import html_to_text
from archive.reading.json_fields import NotUnderstood
from archive.reading.media_types import media_type_of
from archive.reading.shape import Shape, shapes
from archive.reading.times import from_iso
from archive.reading.tree import Member, Tree
from archive.reading.units import Completeness, MemberProblem, Reading
from schemas.capture import Claim
from schemas.item import Attachment, Body, Deleted, Edited, Key, Raw, Target, Thread, TimeStamp

_CAP = 32 << 20
_POST = re.compile(
    r"<div\b(?=[^<>]*\sid=\"p(\d+)\")(?=[^<>]*\sclass=\"((?:[^\"]*\s)?post(?:\s[^\"]*)?)\")[^<>]*>",
    re.IGNORECASE,
)
_COUNT = re.compile(r"\d{1,3}(?:[.,\u00a0\u202f]\d{3})+|\d+")
_NUMBER = re.compile(r"viewtopic\.php\?(?:[^\"'>]*?[?&;])?t=(\d+)")
_POINTED = re.compile(r"#p(\d+)[\"']")
_USER = re.compile(r"[?&;]u=(\d+)")
_SESSION = re.compile(
    r"(?:&amp;|&)sid=[0-9a-f]{32}\b|(?<=\?)sid=[0-9a-f]{32}(?:&amp;|&)|\?sid=[0-9a-f]{32}(?![&0-9a-f])"
)
"""That of whoever looks, in each link: with it a post would be edited at each look."""


class _Reading(Run):
    def __init__(self, reader: ExportReader, tree: Tree, options: ReadOptions) -> None:
        super().__init__(reader, tree, options)
        self._stated: dict[tuple[str, str, str], int] = {}
        """Topic → how many posts its pages say that it has."""
        self._here: dict[tuple[str, str, str], set[str]] = {}
        self._posts: dict[str, dict[str, Key]] = {}
        """Board → number of a post that was read → its key."""

    def completeness(self) -> Completeness:
        """Hold the number of posts that the pages of a topic state against what is here."""
        for topic, expected in self._stated.items():
            found = len(self._here.get(topic, ()))
            _, number, board = topic
            named = f"topic {number} of {board}" if board else f"topic {number}"
            self.claims.append(Claim(scope=named, kind="exact", expected=expected, found=found))
        return super().completeness()

    def taker(self, member: Member) -> Taker | str | None:
        shape = shapes(self.tree).of(member)
        if _is_topic(shape):
            return self._page
        return (
            "a page of the board that is no topic" if shape.kind == "html" and not self.tree.single else None
        )

    def _page(self, member: Member) -> Iterator[Reading]:
        if member.size > _CAP:
            yield MemberProblem(member.path, "a page larger than the limit")
            return
        with member.open() as stream:
            data = stream.read()
        decoded = decode(data)
        source, encoding = decoded.text, decoded.encoding
        begins = [match.start() for match in _POST.finditer(source)]
        heading = TOPIC.first(source)
        number = _NUMBER.search(heading.inner) if heading else _NUMBER.search(source)
        title = html_to_text(heading.inner) if heading else None
        board = Board.of(source, source[heading.opened.start() : heading.end] if heading else "")
        space = board.topics(title)
        scene = self.scene(
            number[1] if number else self.tree.name, derived=number is None, visibility="public", scope=space
        )
        scene.people = board.address or board.name
        if not begins:
            yield MemberProblem(member.path, "a page of a topic in which no post could be made out")
            return
        pages = _COUNT.findall(html_to_text(found.inner)) if (found := PAGES.first(source)) else []
        if pages and number:
            topic = space, number[1], scene.people
            self._stated[topic] = int(re.sub(r"\D", "", pages[0]))
            self._here.setdefault(topic, set()).update(ident for ident, _ in _POST.findall(source))
        opening = pages[1:2] in ([], ["1"])
        position = known = 0
        if POLL.first(source[: begins[0]]):
            yield self._asked(member, scene, source[: begins[0]], title)
        for at, begin in enumerate(begins):
            end = begins[at + 1] if at + 1 < len(begins) else len(source)
            position += len(source[known:begin].encode(encoding, "replace"))
            slice_ = source[begin:end].encode(encoding, "replace")
            exact = data[position : position + len(slice_)] == slice_
            first, last = (position, position + len(slice_)) if exact else (None, None)
            raw = Raw(member=member.path, start=first, end=last, pointer=f"post {at}", slice=slice_)
            made = Made()
            if not at:
                made.threads.append(
                    Thread(
                        key=scene.thread,
                        via=self.via,
                        kind="topic",
                        title=title,
                        visibility="public",
                        raw=raw,
                    )
                )
            make = partial(self._post, scene, board, source[begin:end], raw, made, opening and at == 0)
            yield self._made(member, made, first or 0, last or 0, make)
            position, known = position + len(slice_), end

    def _asked(self, member: Member, scene: Scene, head: str, title: str | None) -> Reading:
        """The poll above the posts; how many chose each answer is no word of the author."""
        made, asked = Made(), POLL.first(head)
        rest = head[asked.end :] if asked else ""
        raw = Raw(member=member.path, pointer="poll", slice=rest.encode())

        def make() -> None:
            listed = [(ANSWER.first(one.inner), ANSWER.without(one.inner)) for one in OPTION.every(rest)]
            options = [(html_to_text(answer.inner), html_to_text(more)) for answer, more in listed if answer]
            question = html_to_text(asked.inner) if asked else ""
            key = scene.key(f"poll/{scene.thread.id}")
            made.former[key] = numbered_once(key)
            made.items.append(
                scene.item(
                    raw,
                    key,
                    form="poll",
                    title=title,
                    text="\n".join([question, *(f"- {words}" for words, _ in options if words)]) or None,
                    extra=tuple((f"votes: {words}", shown) for words, shown in options if words and shown),
                )
            )

        return self._made(member, made, 0, 0, make)

    def _post(self, scene: Scene, board: Board, source: str, raw: Raw, made: Made, first: bool) -> None:
        source = _SESSION.sub("", source)
        ident, content, removed = _POST.match(source), within(CONTENT, source), GONE.first(source)
        gone = removed is not None and (
            "post_deleted" in removed.opened[1] or (ident is not None and "deleted" in ident[2].split())
        )
        if ident is None or (content is None and not gone):
            raise NotUnderstood("a post without content")
        content = content or ""
        author, instant, line = AUTHOR.first(source), TIME.first(source), LINE.first(source)
        words = html_to_text(instant.inner if instant else line.inner if line else "")
        user = _USER.search(html.unescape(author.opened[1])) if author else None
        time = from_iso(instant.opened[1]) if instant else TimeStamp(written=words) if words else None
        title, signature = TITLE.first(source), within(SIGNATURE, source)
        notices = [text for one in NOTICE.every(source) if (text := html_to_text(one.inner))]
        attached = [_attached(one.inner) for one in FILE.every(source)]
        # How often a file within the words was looked at grows by itself: it would be an edit at each capture.
        content = FILE.without(content)
        bare = content.replace("</cite>", "</cite><br>")
        said = [html_to_text(bare), *(comment for _, comment in attached if comment)]
        files = (*(file for file, _ in attached), *_pictures(bare))
        space = board.posts(time.utc if time and instant else None)
        key = Key(channel=self.channel, scope=space, id=ident[1])
        known = self._posts.setdefault(scene.people, {})
        known[key.id] = key
        made.former[key] = numbered_once(key)
        made.items.append(
            scene.item(
                raw,
                key,
                event="deleted" if gone else "posted",
                form="post" if first else "comment",
                author=scene.actor(user[1] if user else None, html_to_text(author.inner)) if author else None,
                time=time,
                title=html_to_text(title.inner) if title else None,
                text="\n".join(part for part in said if part) or None,
                body=Body(type="text/html", content=content) if content else None,
                attachments=files,
                edited=Edited(time=TimeStamp(written=notices[0])) if notices else None,
                deleted=Deleted(by="admin", reason=html_to_text(removed.inner)) if removed and gone else None,
                targets=tuple(
                    Target(
                        relation="quote",
                        key=known.get(one) or (scene.key(one) if board.address else None),
                        written_id=one,
                    )
                    for one in dict.fromkeys(
                        _POINTED.findall("".join(one.inner for one in CITE.every(content)))
                    )
                ),
                extra=(
                    *((("time_shown", words),) if words and instant else ()),
                    *(("notice", one) for one in notices),
                    *((("signature", html_to_text(signature)),) if signature else ()),
                ),
            )
        )


def _attached(source: str) -> tuple[Attachment, str | None]:
    """A file of a post, and what its author wrote of it."""
    url, name = None, ""
    for tag in tags(source):
        address = tag.attributes.get("href") or tag.attributes.get("src")
        if address and ("file.php" in address or not url):
            url = address
            name = tag.attributes.get("alt") or words_behind(source, tag) or name
    comment = COMMENT.first(source)
    return _missing(name, url), html_to_text(comment.inner) if comment else None


def _pictures(content: str) -> Iterator[Attachment]:
    for tag in tags(content):
        if tag.name == "img" and "smilies" not in tag.classes() and (address := tag.attributes.get("src")):
            yield _missing(address.partition("?")[0].rpartition("/")[2], address)


def _missing(name: str, url: str | None) -> Attachment:
    return Attachment(
        name=name or None, media_type=media_type_of(name), state="missing", reason="not in export", url=url
    )


def _is_topic(shape: Shape) -> bool:
    return shape.kind == "html" and b'id="phpbb"' in shape.head and b"section-viewtopic" in shape.head


class PhpbbTopics(ExportReader):
    """Reads saved topics."""

    name: ClassVar[str] = "phpbb"
    parser: ClassVar[str] = "phpbb-topics/6"
    run: ClassVar[type[Run]] = _Reading
    facts: ClassVar[Facts] = Facts(
        title="phpBB forums",
        layouts=("saved pages of topics, style prosilver",),
        ask_for="the pages of the topics, saved or captured; from the operator a dump of the database",
        edits="last edit, in words",
        deletions="marked for moderators",
        receipts="no",
        direct="no",
        claim="last_state",
        tested="documentation",
    )

    def likeness(self, shape: Shape) -> tuple[int, str]:
        """By the body of the page."""
        return (93, "a topic of phpBB") if _is_topic(shape) else (0, "")
