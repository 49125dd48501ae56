"""Slack's message markup to words: mentions and links resolved, entities undone. The markup itself is kept.

Format: https://docs.slack.dev/messaging/formatting-message-text (``<@U…>``, ``<#C…|name>``, ``<!here>``,
``<url|label>``, ``&amp; &lt; &gt;``).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from archive.reading.html_text import html_to_text

_ANGLE = re.compile(r"<([^<>\n]{1,4000})>")
_TOKEN = re.compile(r"\bxox[a-z](?:\.[a-z]+)?-[A-Za-z0-9%._-]+|(?<=[?&]t=)\*{6,}")
"""An export token, also one that was masked before it was read."""
MASK = "xox***"
_DEPTH = 40


def mask_tokens(text: str) -> str:
    """Text without export tokens (``?t=xoxe-…`` in file addresses open the files of the workspace)."""
    return _TOKEN.sub(MASK, text) if "xox" in text or "t=*" in text else text


def plain_text(text: str, names: Mapping[str, str], channels: Mapping[str, str]) -> str:
    """The words of a mrkdwn text."""
    if "<" in text:
        text = _ANGLE.sub(lambda match: _angle(match[1], names, channels), text)
    if "&" in text:
        text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return mask_tokens(text)


def _angle(inner: str, names: Mapping[str, str], channels: Mapping[str, str]) -> str:
    target, _, label = inner.partition("|")
    if target.startswith("@"):
        return "@" + (label.removeprefix("@") or names.get(target[1:]) or target[1:])
    if target.startswith("#"):
        return "#" + (label or channels.get(target[1:]) or target[1:])
    if target.startswith("!"):
        return label or "@" + target[1:].split("^")[0]
    address = target.removeprefix("mailto:")
    return f"{label} ({address})" if label and label != address else address


def attachment_texts(attachments: object) -> Iterator[str]:
    """The words of legacy attachments (what apps post): pretext, title, text, fields; fallback if nothing
    else."""
    for attachment in attachments if isinstance(attachments, list) else ():
        if not isinstance(attachment, dict):
            continue
        found = [attachment.get(name) for name in ("pretext", "author_name", "title", "text", "footer")]
        for field in attachment.get("fields") or ():
            if isinstance(field, dict):
                found += [field.get("title"), field.get("value")]
        words = [text for text in found if isinstance(text, str) and text]
        words += block_texts(attachment.get("blocks"))
        if not words and isinstance(attachment.get("fallback"), str):
            words = [attachment["fallback"]]
        yield from words


def file_texts(files: object) -> Iterator[str]:
    """What an export tells of the words in files, whose bytes it does not hold: of snippets, posts and mails."""
    for file in files if isinstance(files, list) else ():
        if isinstance(file, dict):
            told = (file.get(name) for name in ("plain_text", "preview_plain_text", "preview"))
            text = next((one for one in told if isinstance(one, str) and one), None)
            if text:
                yield text if file.get("mode") == "snippet" or "<" not in text else html_to_text(text)


def block_texts(blocks: object) -> list[str]:
    """The words of Block Kit blocks that are not rich text (rich text repeats the ``text`` of the
    message)."""
    found: list[str] = []
    for block in blocks if isinstance(blocks, list) else ():
        if isinstance(block, dict) and block.get("type") != "rich_text":
            found += _texts(block, 0)
    return found


def rich_text(blocks: object) -> str:
    """The words of rich text blocks, for messages whose ``text`` is empty; a line for each paragraph and point."""
    found: list[str] = []
    for block in blocks if isinstance(blocks, list) else ():
        if isinstance(block, dict) and block.get("type") == "rich_text":
            found += ["".join(_texts(part, 0)) for part in _paragraphs(block.get("elements"))]
    return "\n".join(found)


def _paragraphs(elements: object) -> Iterator[object]:
    """The sections of rich text; those of a list one by one."""
    for element in elements if isinstance(elements, list) else ():
        if isinstance(element, dict) and element.get("type") == "rich_text_list":
            yield from _paragraphs(element.get("elements"))
        else:
            yield element


def _texts(node: Any, depth: int) -> Iterator[str]:
    """Texts of blocks in their order; ``node`` is decoded JSON of any shape."""
    if depth > _DEPTH:
        return
    if isinstance(node, list):
        for child in node:
            yield from _texts(child, depth + 1)
    elif isinstance(node, dict):
        text = node.get("text")
        if isinstance(text, str):
            yield text
        elif node.get("type") == "user" and isinstance(node.get("user_id"), str):
            yield f"<@{node['user_id']}>"
        elif node.get("type") == "link" and isinstance(node.get("url"), str):
            yield node["url"]
        for name in ("text", "elements", "fields", "title", "description", "label", "alt_text"):
            child = node.get(name)
            if not isinstance(child, str):
                yield from _texts(child, depth + 1)
        rows = node.get("rows")
        for row in rows if isinstance(rows, list) else ():  # of a table: a line each
            yield "\t".join(
                "".join(_texts(cell, depth + 1)) for cell in (row if isinstance(row, list) else ())
            )
