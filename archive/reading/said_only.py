"""What one form of a text says and another does not: both are to say the same, and nothing makes anybody keep to it."""

import re
from collections.abc import Iterator

_WORD = re.compile(r"[^\W_]{3,}")
_ADDRESS = re.compile(r"\bhttps?://\S+")


def said_only(shown: str, known: str) -> Iterator[str]:
    """The lines of one text with a word that another lacks; addresses of links are none."""
    words = set(_WORD.findall(known.casefold()))
    for line in shown.split("\n"):
        if not words.issuperset(_WORD.findall(_ADDRESS.sub("", line).casefold())):
            yield line
