"""The pieces of a page of the style prosilver, found in time linear in its length: pages are hostile."""

import re
from collections.abc import Iterator
from typing import NamedTuple


class Found(NamedTuple):
    """A piece: the match of its start tag, what lies within, and where it ends."""

    opened: re.Match[str]
    inner: str
    end: int


class Piece:
    """What lies between a start tag and the next end tag of a name; one that never ends is none."""

    def __init__(self, opening: str, end: str) -> None:
        self._opening = re.compile(opening, re.IGNORECASE)
        self._end = re.compile(rf"</(?:{end})\s*>", re.IGNORECASE)

    def every(self, source: str) -> Iterator[Found]:
        """All of them, none within another. Where no end tag follows any more, the search is over."""
        position = 0
        while opened := self._opening.search(source, position):
            closed = self._end.search(source, opened.end())
            if closed is None:
                return
            yield Found(opened, source[opened.end() : closed.start()], closed.end())
            position = closed.end()

    def first(self, source: str) -> Found | None:
        """The first of them."""
        return next(self.every(source), None)

    def without(self, source: str) -> str:
        """A text without them."""
        kept, position = [], 0
        for found in self.every(source):
            kept.append(source[position : found.opened.start()])
            position = found.end
        return "".join((*kept, source[position:]))


POLL = Piece(r"<h2\b[^<>]*\bclass=\"poll-title\"[^<>]*>", "h2")
OPTION = Piece(r"<dl\b[^<>]*>", "dl")
ANSWER = Piece(r"<dt\b[^<>]*>", "dt")
FILE = Piece(r"<dl\b[^<>]*\bclass=\"(?:file|thumbnail)\"[^<>]*>", "dl")
COMMENT = Piece(r"<em\b[^<>]*>", "em")
GONE = Piece(r"<div\b[^<>]*\b(class=\"[^\"<>]*\bpost_deleted_msg\b|id=\"post_hidden\d+\")[^<>]*>", "div")
PAGES = Piece(r"<div\b[^<>]*\bclass=\"pagination\"[^<>]*>", "div")
TOPIC = Piece(r"<h2\b[^<>]*\bclass=\"topic-title\"[^<>]*>", "h2")
AUTHOR = Piece(r"<(?:a|span)\b([^<>]*\bclass=\"[^\"<>]*\busername[^\"<>]*\"[^<>]*)>", "a|span")
TIME = Piece(r"<time\b[^<>]*\bdatetime=\"([^\"<>]+)\"[^<>]*>", "time")
LINE = Piece(r"<p\b[^<>]*\bclass=\"author\"[^<>]*>", "p")
TITLE = Piece(r"<h3\b[^<>]*>", "h3")
NOTICE = Piece(r"<div\b[^<>]*\bclass=\"notice(?![^\"<>]*post_deleted)[^\"<>]*\"[^<>]*>", "div")
CITE = Piece(r"<cite\b[^<>]*>", "cite")
CONTENT = re.compile(r"<div\b[^<>]*\bclass=\"content\"[^<>]*>", re.IGNORECASE)
SIGNATURE = re.compile(r"<div\b[^<>]*\bclass=\"signature\"[^<>]*>", re.IGNORECASE)
_DIV = re.compile(r"<(/?)div\b[^<>]*>", re.IGNORECASE)


def within(start: re.Pattern[str], source: str) -> str | None:
    """What lies between a start tag of a division and the end tag that belongs to it."""
    opened = start.search(source)
    if opened is None:
        return None
    depth = 1
    for tag in _DIV.finditer(source, opened.end()):
        depth += -1 if tag[1] else 1
        if not depth:
            return source[opened.end() : tag.start()]
    return source[opened.end() :]
