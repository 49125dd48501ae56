"""What reading a file gives, and how a file in a file is read."""

import re
from collections.abc import Callable
from dataclasses import dataclass

MOST_CHARACTERS = 2_000_000
DEEPEST = 3
"""How far files in files are read: a PDF in a mail in a mail."""

PAGES = (".html", ".htm", ".xhtml")
JSON = (".json", ".jsonl", ".ndjson")
TEXTS = (
    *JSON,
    ".txt",
    ".csv",
    ".tsv",
    ".md",
    ".log",
    ".xml",
    ".svg",
    ".vcf",
    ".ics",
    ".ini",
    ".yaml",
    ".yml",
)
_NAMES = (".eml", *PAGES, *TEXTS)
_TYPES = ("message/rfc822", "application/xhtml+xml", "application/json", "image/svg", "image/", "audio/", "video/",
          "text/html", "text/")  # fmt: skip
_CHARSET = re.compile(r"charset=[\"']?([\w.:-]+)")


@dataclass(frozen=True, slots=True)
class Words:
    """What was read. ``state``: ``read``, ``partly``, or why nothing was (``schemas.entry.FileState``)."""

    state: str
    text: str = ""


Inner = Callable[[bytes, str, str], Words]
"""Reads a file in a file: bytes, name, media type."""


def hint(name: str, media_type: str) -> str:
    """Give what of a name and a type decides how bytes are read: the same bytes and hint give the same words."""
    name, media_type = name.lower(), media_type.lower()
    ending = next((one for one in _NAMES if name.endswith(one)), "")
    kind = next((one for one in _TYPES if media_type.startswith(one)), "")
    return " ".join(filter(None, (ending, kind, charset_of(media_type) or "")))


def charset_of(media_type: str) -> str | None:
    """Give the charset that a type names."""
    found = _CHARSET.search(media_type.lower())
    return found[1] if found else None


def together(own: Words, inner: list[Words]) -> Words:
    """Give a file with the files in it as one: all of it is read only where every one is."""
    text = "\n".join(words.text for words in (own, *inner) if words.text)
    return Words("partly" if any(one.state != "read" for one in inner) else own.state, text)
