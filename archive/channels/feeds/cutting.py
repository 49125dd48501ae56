"""A feed cut into its entries, each with the place of its bytes, and which of them are drafts.

Drafts stand in what a blog exports of itself: Atom's ``app:draft`` (RFC 5023 §13.1.1), Blogger's and WordPress' status.
"""

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from archive.channels.feeds.markup import ELEMENT, Element, elements, entries
from archive.reading.decoding import decode, is_utf8
from archive.reading.private import Range

CAP = 64 << 20
"""Bytes of a feed that is read; entries are cut out of the whole text."""
_DECLARED = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_STATUS = {
    "wp:status": ("draft", "auto-draft", "pending", "future"),
    "blogger:status": ("draft", "scheduled"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as text and bytes; ``place`` is None where its bytes stand otherwise than they were decoded."""

    text: str
    slice: bytes
    place: Range | None
    encoding: str

    @property
    def inner(self) -> tuple[int, int]:
        """Where its inner text begins and ends."""
        opened = ELEMENT.match(self.text)
        return (opened.end(), self.text.rfind("</")) if opened and not opened[3] else (0, 0)

    @property
    def masked(self) -> bool:
        """Whether it holds nothing but stars, of UTF-16 too."""
        first, last = self.inner
        return last > first and not self.text[first:last].strip("*\u2a2a")

    def inner_range(self) -> Iterator[Range]:
        """The bytes of the inner text, if their place is known."""
        first, last = self.inner
        if self.place is not None and last > first:
            start = self.place[0]
            yield tuple(start + len(self.text[:at].encode(self.encoding, "replace")) for at in (first, last))  # type: ignore[misc]


def cut(data: bytes) -> tuple[str, Iterator[Entry]]:
    """The text before the entries of a feed, or all of it if there are none, and the entries."""
    declared = _DECLARED.search(data[:500])
    named = declared[1].decode("ascii") if declared else None
    decoded = decode(data, None if named and _is_wrong(named, data) else named)
    source, encoding = decoded.text, decoded.encoding
    spans = list(entries(source))
    return source[: spans[0][0]] if spans else source, _placed(data, source, encoding, spans)


def _is_wrong(named: str, data: bytes) -> bool:
    """Whether a feed says that each byte is a letter, and is UTF-8: bytes of letters are that by no chance."""
    try:
        single = codecs.lookup(named).name.startswith(("iso8859", "cp125", "ascii", "koi8", "mac"))
    except LookupError:
        return False
    if not single or data.isascii():
        return False
    return is_utf8(data)


def _placed(data: bytes, source: str, encoding: str, spans: list[tuple[int, int]]) -> Iterator[Entry]:
    known = 0
    position = max(len(data) - len(source.encode(encoding, "replace")), 0)
    for start, end in spans:
        position += len(source[known:start].encode(encoding, "replace"))
        slice_ = source[start:end].encode(encoding, "replace")
        exact = data[position : position + len(slice_)] == slice_
        place = (position, position + len(slice_)) if exact else None
        yield Entry(source[start:end], slice_, place, encoding)
        position, known = position + len(slice_), end


def is_draft(listed: Iterable[Element]) -> bool:
    """Whether an entry with these elements was never published."""
    return any(
        one.text().casefold() in _STATUS.get(one.name, ())
        or (
            one.name.endswith("control")
            and any(e.name.endswith("draft") and e.text() == "yes" for e in elements(one.inner))
        )
        for one in listed
    )


def kind_of(listed: list[Element]) -> str:
    """What an entry of Blogger is (``post``, ``page``, ``comment``, ``settings``, ``template``); "" for any other."""
    named = [one.text() for one in listed if one.name == "blogger:type"]
    named += [
        one.attributes.get("term", "").rpartition("kind#")[2]
        for one in listed
        if one.name == "category" and "kind#" in one.attributes.get("term", "")
    ]
    return named[0].casefold() if named else ""
