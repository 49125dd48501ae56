"""The words of files that are text: as written, and without the signs by which a format hides them."""

import html
import json
import re
from collections.abc import Iterator

from archive.adapters.file_words import Words
from archive.reading.decoding import decode

_CHARSET = re.compile(r"charset=([\w.:-]+)")
_FOLD = re.compile(r"\r?\n[ \t]")
_ESCAPED = re.compile(r"\\[nN]")


def plain(data: bytes, name: str, media_type: str) -> Words:
    """Read a text. RTF is a program that makes one: it is not read."""
    if data.lstrip()[:5] == b"{\\rtf":
        return Words("unknown")
    declared = _CHARSET.search(media_type)
    text = decode(data, declared[1] if declared else None).text
    if "\0" in text:
        wide = _wide(data)
        if wide is None:
            return Words("unknown")
        text = wide
    if name.endswith((".json", ".jsonl", ".ndjson")) or media_type.startswith("application/json"):
        text = _of_json(text)
    elif name.endswith((".xml", ".svg")) or text.lstrip("\ufeff \r\n\t").startswith("<?xml"):
        text = html.unescape(text)
    elif name.endswith((".ics", ".vcf")):
        text = _ESCAPED.sub("\n", _FOLD.sub("", text))
    return Words("read", text)


def _wide(data: bytes) -> str | None:
    """Read UTF-16 without a mark at its beginning; None if it is no text."""
    for encoding in ("utf-16-le", "utf-16-be"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text and sum(char.isascii() for char in text) * 2 > len(text):
            return text
    return None


def _of_json(text: str) -> str:
    """Give names and values without quotes and escapes; what is no JSON stays as it is."""
    try:
        return "\n".join(_leaves(json.loads(text)))
    except ValueError:
        pass
    lines: list[str] = []
    for line in text.splitlines():
        try:
            lines += _leaves(json.loads(line)) if line.strip() else ()
        except ValueError:
            lines.append(line)
    return "\n".join(lines)


def _leaves(value: object) -> Iterator[str]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += [part for pair in reversed(one.items()) for part in reversed(pair)]
        elif isinstance(one, list):
            waiting += reversed(one)
        elif one is not None:
            yield str(one)
