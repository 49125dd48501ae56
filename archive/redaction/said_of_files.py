"""What platforms say of the words in a file, where an item's text repeats it: previews, descriptions, transcripts."""

import json
from collections.abc import Iterator
from typing import Any

from archive.reading.undone import readings
from schemas.item import Item

_SAYING = frozenset({
    "plain_text", "preview_plain_text", "preview", "description", "alt", "alt_text", "transcription_text",
})  # fmt: skip
"""What such members are called. A caption is none: it is what somebody said with the file."""


def said_of_files(item: Item) -> Iterator[str]:
    """Give what stands in the bytes of an item beside the name or address of one of its files, as text."""
    names = {told for one in item.attachments for told in (one.name, one.url) if told}
    for found in _objects(_tree(item.raw.slice)) if names else ():
        if names & {value for value in found.values() if isinstance(value, str)}:
            for name in _SAYING & found.keys():
                value = found[name]
                yield from readings(value) if isinstance(value, str) else ()


def _tree(data: bytes) -> Any:
    """Give bytes as JSON; other forms have no such members."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _objects(tree: Any) -> Iterator[dict[str, Any]]:
    """Give every object of a JSON document; what it holds is of any shape and depth."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
