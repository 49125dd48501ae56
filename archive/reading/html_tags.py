"""The tags of a page with their attributes: where it names files. Linear in its length, and it never fails."""

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

_OPEN = re.compile(r"""<([a-zA-Z][a-zA-Z0-9:-]*+)((?:[^<>"']++|"[^"]*+"|'[^']*+')*+)>""")
_ATTRIBUTE = re.compile(r"""([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_LONGEST = 4096
"""Characters of one tag."""


class Tag(NamedTuple):
    """A start tag, and where what is within it begins."""

    name: str
    attributes: dict[str, str]
    end: int

    def classes(self) -> frozenset[str]:
        """The names of its class."""
        return frozenset(self.attributes.get("class", "").split())


def tags(source: str) -> Iterator[Tag]:
    """The start tags, in order."""
    position = 0
    while (position := source.find("<", position)) >= 0:
        match = _OPEN.match(source, position, position + _LONGEST)
        if match is None:
            position += 1
            continue
        told = _ATTRIBUTE.findall(match[2])
        yield Tag(
            match[1].lower(),
            {name.lower(): html.unescape(a or b or c) for name, a, b, c in told},
            match.end(),
        )
        position = match.end()


def words_behind(source: str, tag: Tag) -> str:
    """The words between a start tag and whatever tag comes next."""
    end = source.find("<", tag.end)
    return html.unescape(source[tag.end : end if end >= 0 else None]).strip()
