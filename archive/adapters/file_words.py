"""What reading a file gives, and how a file in a file is read."""

from collections.abc import Callable
from dataclasses import dataclass

MOST_CHARACTERS = 2_000_000
DEEPEST = 3
"""How far files in files are read: a PDF in a mail in a mail."""


@dataclass(frozen=True, slots=True)
class Words:
    """What was read. ``state``: ``read``, ``partly``, or why nothing was (``schemas.entry.FileState``)."""

    state: str
    text: str = ""


Inner = Callable[[bytes, str, str], Words]
"""Reads a file in a file: bytes, name, media type."""


def together(own: Words, inner: list[Words]) -> Words:
    """Give a file with the files in it as one: all of it is read only where every one is."""
    text = "\n".join(words.text for words in (own, *inner) if words.text)
    return Words("partly" if any(one.state != "read" for one in inner) else own.state, text)
