"""phpBB: pages of topics (prosilver, 3.2 and later) as a browser or crawler saved them.

Authority: the markup of the style prosilver. Pages of before 3.2 write their times in words only. The feed of a
board is read by the channel of feeds.
"""

import html
import re
from collections.abc import Iterator
from functools import partial
from typing import ClassVar

from archive.channels.export import ExportReader, Made, Run, Scene, Taker
from archive.ports import Facts
from archive.reading.decoding import decode
from archive.reading.html_text import html_to_text
from archive.reading.json_fields import NotUnderstood
from archive.reading.shape import Shape, shapes
from archive.reading.times import from_iso
from archive.reading.tree import Member
from archive.reading.units import MemberProblem, Reading
from schemas.item import Body, Edited, Raw, Target, Thread, TimeStamp

_CAP = 32 << 20
_POST = re.compile(r"<div\b[^>]*\bid=\"p(\d+)\"[^>]*\bclass=\"post\b[^\"]*\"", re.IGNORECASE)
_TOPIC = re.compile(r"<h2\b[^>]*\bclass=\"topic-title\"[^>]*>(.*?)</h2>", re.IGNORECASE | re.DOTALL)
_NUMBER = re.compile(r"viewtopic\.php\?(?:[^\"'>]*?[?&;])?t=(\d+)")
_AUTHOR = re.compile(
    r"<(?:a|span)\b([^>]*\bclass=\"[^\"]*\busername[^\"]*\"[^>]*)>(.*?)</(?:a|span)>",
    re.IGNORECASE | re.DOTALL,
)
_TIME = re.compile(r"<time\b[^>]*\bdatetime=\"([^\"]+)\"[^>]*>(.*?)</time>", re.IGNORECASE | re.DOTALL)
_LINE = re.compile(r"<p\b[^>]*\bclass=\"author\"[^>]*>(.*?)</p>", re.IGNORECASE | re.DOTALL)
_TITLE = re.compile(r"<h3\b[^>]*>(.*?)</h3>", re.IGNORECASE | re.DOTALL)
_CONTENT = re.compile(r"<div\b[^>]*\bclass=\"content\"[^>]*>", re.IGNORECASE)
_NOTICE = re.compile(r"<div\b[^>]*\bclass=\"notice\"[^>]*>(.*?)</div>", re.IGNORECASE | re.DOTALL)
_DIV = re.compile(r"<(/?)div\b[^>]*>", re.IGNORECASE)
_CITED = re.compile(r"<cite\b[^>]*>(?:(?!</cite>).)*?#p(\d+)[\"']", re.IGNORECASE | re.DOTALL)
_USER = re.compile(r"[?&;]u=(\d+)")


class _Reading(Run):
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
        heading = _TOPIC.search(source)
        number = _NUMBER.search(heading[0]) if heading else _NUMBER.search(source)
        title = html_to_text(heading[1]) if heading else None
        scene = self.scene(
            number[1] if number else self.tree.name, derived=number is None, visibility="public"
        )
        position = known = 0
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
            make = partial(self._post, scene, source[begin:end], raw, made, at == 0)
            yield self._made(member, made, first or 0, last or 0, make)
            position, known = position + len(slice_), end

    def _post(self, scene: Scene, source: str, raw: Raw, made: Made, first: bool) -> None:
        ident, content = _POST.match(source), _content(source)
        if ident is None or content is None:
            raise NotUnderstood("a post without content")
        author, instant, line = _AUTHOR.search(source), _TIME.search(source), _LINE.search(source)
        words = html_to_text(instant[2] if instant else line[1] if line else "")
        user = _USER.search(html.unescape(author[1])) if author else None
        time = from_iso(instant[1]) if instant else TimeStamp(written=words) if words else None
        title, notice = _TITLE.search(source), _NOTICE.search(source)
        changed = html_to_text(notice[1]) if notice else None
        edited = Edited(time=TimeStamp(written=changed)) if changed else None
        made.items.append(
            scene.item(
                raw,
                scene.key(ident[1]),
                form="post" if first else "comment",
                author=scene.actor(user[1] if user else None, html_to_text(author[2])) if author else None,
                time=time,
                title=html_to_text(title[1]) if title else None,
                text=html_to_text(content) or None,
                body=Body(type="text/html", content=content),
                edited=edited,
                targets=tuple(
                    Target(relation="quote", key=scene.key(one), written_id=one)
                    for one in dict.fromkeys(_CITED.findall(content))
                ),
                extra=(
                    *((("time_shown", words),) if words and instant else ()),
                    *((("notice", changed),) if changed else ()),
                ),
            )
        )


def _content(source: str) -> str | None:
    """What lies between the start of the content and the end tag that belongs to it."""
    opened = _CONTENT.search(source)
    if opened is None:
        return None
    depth = 1
    for tag in _DIV.finditer(source, opened.end()):
        depth += -1 if tag[1] else 1
        if not depth:
            return source[opened.end() : tag.start()]
    return source[opened.end() :]


def _is_topic(shape: Shape) -> bool:
    return shape.kind == "html" and b'id="phpbb"' in shape.head and b"section-viewtopic" in shape.head


class PhpbbTopics(ExportReader):
    """Reads saved topics."""

    name: ClassVar[str] = "phpbb"
    parser: ClassVar[str] = "phpbb-topics/2"
    run: ClassVar[type[Run]] = _Reading
    facts: ClassVar[Facts] = Facts(
        title="phpBB forums",
        layouts=("saved pages of topics, style prosilver",),
        ask_for="the pages of the topics, saved or captured; from the operator a dump of the database",
        edits="last edit, in words",
        deletions="absent",
        receipts="no",
        direct="no",
        claim="unknown",
        tested="documentation",
    )

    def likeness(self, shape: Shape) -> tuple[int, str]:
        """By the body of the page."""
        return (93, "a topic of phpBB") if _is_topic(shape) else (0, "")
