"""Markup of feeds read as text: entries cut out, elements one by one, without any XML parser."""

import html
import re
from collections.abc import Iterator

# RFC 6721: what was taken back stands in the feed as an entry of its own kind.
_ENTRY = re.compile(r"<(?:[\w.-]+:)?(item|entry|deleted-entry)(?=[\s>/])", re.IGNORECASE)
ELEMENT = re.compile(
    r"<((?:[\w.-]+:)?[\w.-]+)((?:\s+[\w:.-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*)\s*(/?)>", re.DOTALL
)
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_ATTRIBUTE = re.compile(r"([\w:.-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_ROOTS = ("rss", "feed", "rdf", "channel")


class Element:
    """An element of an entry: its name, attributes, and inner text as written."""

    def __init__(self, name: str, attributes: str, inner: str) -> None:
        self.name = name.lower()
        self.inner = inner
        self.attributes = {key.lower(): html.unescape(a or b) for key, a, b in _ATTRIBUTE.findall(attributes)}

    def text(self) -> str:
        """The inner text with CDATA and entities undone once: it may be HTML."""
        if "<![CDATA[" in self.inner:
            return _CDATA.sub(lambda match: match[1], self.inner).strip()
        if self.attributes.get("type") == "xhtml":
            return self.inner.strip()
        return html.unescape(self.inner).strip()


def elements(source: str) -> Iterator[Element]:
    """The elements directly within a text, in order; what closes nowhere is read to the end."""
    position = 0
    while match := ELEMENT.search(source, position):
        if match[3]:
            yield Element(match[1], match[2], "")
            position = match.end()
            continue
        end = closing(source, match[1], match.end())
        yield Element(match[1], match[2], source[match.end() : end[0]])
        position = end[1]


def closing(source: str, name: str, start: int) -> tuple[int, int]:
    """Where the inner text of an element ends, and where it ends itself; CDATA is passed over."""
    found = re.compile(
        rf"<!\[CDATA\[|</{re.escape(name)}\s*>|<{re.escape(name)}(?=[\s>])[^>]*(?<!/)>", re.IGNORECASE
    )
    depth, position = 1, start
    while match := found.search(source, position):
        if match[0].startswith("<!["):
            closed = source.find("]]>", match.end())
            position = closed + 3 if closed >= 0 else len(source)
            continue
        depth += -1 if match[0].startswith("</") else 1
        if not depth:
            return match.start(), match.end()
        position = match.end()
    return len(source), len(source)


def entries(source: str) -> Iterator[tuple[int, int]]:
    """Where the entries of a feed begin and end."""
    position = 0
    while match := _ENTRY.search(source, position):
        opened = ELEMENT.match(source, match.start())
        if opened is None:
            position = match.end()
            continue
        end = opened.end() if opened[3] else closing(source, opened[1], opened.end())[1]
        yield match.start(), end
        position = end


def inside(head: str) -> str:
    """The text before the entries without its roots."""
    position = 0
    for match in ELEMENT.finditer(head):
        if match[1].lower().rpartition(":")[2] in _ROOTS:
            position = match.end()
    return head[position:]
