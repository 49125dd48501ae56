"""Which board a page is of: its posts, topics and members are numbered from 1, as those of every board are."""

import re
from dataclasses import dataclass

from archive.reading.html_tags import Tag, tags
from archive.reading.html_text import html_to_text

_SAVED = re.compile(r"<!-- saved from url=\(\d+\)(\S+) -->")
_PLACE = re.compile(
    r"(?:www\.)?([^/\"'?#\s<>@]+)((?:/[^/\"'?#\s<>]+)*?)/(?:viewtopic\.php|app\.php/feed|feed\.php|feed(?=[/?#]|$))",
    re.IGNORECASE,
)
_HOST = re.compile(r"(?:www\.)?([^/\"'?#\s<>@]+)", re.IGNORECASE)
_TITLE = re.compile(r"<title\b[^<>]*>([^<]*)</title", re.IGNORECASE)
_HEAD = 64 << 10
"""Characters in which a page names itself."""


@dataclass(frozen=True, slots=True)
class Board:
    """A board as a page names it: by its address, else by its name alone."""

    address: str
    name: str

    @classmethod
    def of(cls, source: str, topic: str) -> "Board":
        """Read it from a page; ``topic``: the heading, which a browser gives a whole address as it saves the page."""
        head = source[:_HEAD]
        named = list(tags(head))
        candidates = (
            *(one.attributes.get("href") for one in named if _is_link(one, "canonical")),
            *(one.attributes.get("content") for one in named if one.attributes.get("property") == "og:url"),
            *(one.attributes.get("href") for one in named if _is_link(one, "alternate")),
            *_SAVED.findall(head),
            *(one.attributes.get("href") for one in tags(topic)),
        )
        told = [one.rpartition("://")[2] for one in candidates if one and "://" in one]
        place = next((found for one in told if (found := _PLACE.match(one))), None)
        host = next((found for one in told if (found := _HOST.match(one))), None)
        title = _TITLE.search(head)
        name = html_to_text(title[1]).strip().rpartition(" - ")[2] if title and " - " in title[1] else ""
        if place is not None:
            return cls(place[1].lower() + place[2], name)
        return cls(host[1].lower() if host is not None else "", name)

    def topics(self, title: str | None) -> str:
        """The space of the numbers of topics. A board that no page names is told by what its topic is called."""
        return self.address or " ".join(part for part in (self.name, title) if part)

    def posts(self, time: str | None) -> str:
        """The space of the numbers of posts; without an address a post is told by its instant, which stays."""
        return self.address or " ".join(part for part in (self.name, time) if part)


def _is_link(tag: Tag, kind: str) -> bool:
    return tag.name == "link" and kind in tag.attributes.get("rel", "").lower().split()
