"""A text with the codings undone under which its words may lie.

Programs wrap words in what the next one needs, and often twice: JSON in JSON, an address in an address (links that
a mail server rewrote), entities in attributes. Nobody knows which of the signs in a text are a coding and which are
meant, so every stage is given, the text itself first; a reading too many does no harm where words are looked for.
"""

import base64
import html
import quopri
import re
import sys
from collections.abc import Callable, Iterator
from urllib.parse import unquote_plus

from archive.reading.written import written_readings

NESTED = 3
"""How often codings may lie in each other."""

_ESCAPE = re.compile(
    r"(?:\\u|%u)([0-9a-fA-F]{4})|\\u\{([0-9a-fA-F]{1,6})\}|\\x([0-9a-fA-F]{2})|\\([nrt\"/\\])"
)
"""Escapes of JSON and of JavaScript, with what its ``escape()`` made of characters beyond a byte."""
_SHORT = {"n": "\n", "r": "\r", "t": "\t"}
_TAG = re.compile(r"<[^<>]{0,2000}>")
_CHANGED = re.compile(
    r"<(w:|)(?:del|moveFrom|(ins|moveTo))\b(?:[^<>]{0,300}[^<>/])?>.{0,2000}?</\1(?:del|moveFrom|ins|moveTo)>",
    re.DOTALL,
)
"""What tracked changes took out or put in; bounded, for whoever opens thousands and closes none."""
_CODED = re.compile(r"%[0-9a-fA-F]{2}")
_TOKEN = re.compile(r"[^\s\"'<>]+")
_ADDRESS = re.compile(r"://|[?&][\w.~-]{1,100}=")
_PLUS = re.compile(r"\w\+\w")
_QUOTED = re.compile(r"=[0-9A-F]{2}")
_ENCODED_WORD = re.compile(r"=\?([\w.:-]{1,40})(?:\*[\w-]*)?\?([bBqQ])\?([^?\s]*)\?=(?:\s+(?==\?))?")
_TWICE = re.compile("[\u00c2-\u00f4][\u0080-\u00bf]+")
_RTF = re.compile(
    r"\\'([0-9a-fA-F]{2})|\\u(-?\d{1,5})\??|\\(par|line|tab|cell|row)\b ?|\\[a-z]+-?\d* ?|[{}\r\n]"
)
_LOST = "\ufffd"


def readings(text: str) -> Iterator[str]:
    """Give a text as it is, and with its codings undone, one after the other and one in the other."""
    seen: set[str] = set()
    for stage in _stages(text):
        for reading in (stage, *_beside(stage)):
            if reading not in seen:
                seen.add(reading)
                yield reading


def _stages(text: str) -> Iterator[str]:
    """Give a text, and what is left of it after each step."""
    yield text
    for _ in range(NESTED):
        before = text
        for undo in _STEPS:
            undone = undo(text)
            if undone != text:
                text = undone
                yield text
        if text == before:
            return


def _beside(text: str) -> Iterator[str]:
    """Give readings on which no other is built: they fit a text as a whole, or not at all."""
    if "<" in text:  # tags tell words apart or join them
        bare = text.replace("<![CDATA[", "").replace("]]>", "")  # no tag: what stands in it is text
        for marked in dict.fromkeys((text, bare, *_as_changed(text))):
            yield from (html.unescape(_TAG.sub(between, marked)) for between in ("", " "))
    if _CODED.search(text) and _LOST in unquote_plus(text, errors="replace"):
        yield unquote_plus(text, encoding="latin-1")
    if _QUOTED.search(text):
        plain = quopri.decodestring(text.encode("utf-8", "replace"))
        yield plain.decode("utf-8", "replace")
        yield plain.decode("cp1252", "replace")
    if "=?" in text:
        yield _ENCODED_WORD.sub(_decoded_word, text)
    if _TWICE.search(text):
        yield _TWICE.sub(lambda match: match[0].encode("latin-1").decode("utf-8", "replace"), text)
    if "{\\rtf" in text:
        yield _RTF.sub(_rtf, text)
    yield from written_readings(text)


def _as_changed(text: str) -> Iterator[str]:
    """Give markup without what tracked changes took out, as programs show it, and without what they put in."""
    if "<" in text and "</" in text:
        yield _CHANGED.sub(lambda match: match[0] if match[2] else "", text)
        yield _CHANGED.sub(lambda match: "" if match[2] else match[0], text)


def _unescaped(text: str) -> str:
    """Undo the escapes of JSON and JavaScript; a sign outside of the first plane stands there as two."""
    if "\\" not in text and "%u" not in text:
        return text
    undone = _ESCAPE.sub(_character, text)
    return undone.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _character(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code:
        return chr(int(code, 16)) if int(code, 16) <= sys.maxunicode else match[0]
    return _SHORT.get(match[4], match[4])


def _unquoted(text: str) -> str:
    return unquote_plus(text, errors="replace") if _CODED.search(text) or _has_plus(text) else text


def _has_plus(text: str) -> bool:
    """Say whether a plus may stand for a space: within an address, or a part of one."""
    if "+" not in text:
        return False
    tokens = (token[0] for token in _TOKEN.finditer(text))
    return any("+" in token and _PLUS.search(token) and _ADDRESS.search(token) for token in tokens)


_STEPS: tuple[Callable[[str], str], ...] = (_unescaped, html.unescape, _unquoted)


def _decoded_word(match: re.Match[str]) -> str:
    """Decode a word of a mail's header (RFC 2047)."""
    charset, coding, words = match[1], match[2].lower(), match[3].encode("ascii", "replace")
    try:
        data = base64.b64decode(words) if coding == "b" else quopri.decodestring(words, header=True)
        return data.decode(charset, "replace")
    except (ValueError, LookupError):  # no base64; a coding that is none of texts, or unknown
        return match[0]


def _rtf(match: re.Match[str]) -> str:
    """Give what a control word of RTF stands for: a character, a break, or nothing."""
    if match[1]:
        return bytes.fromhex(match[1]).decode("cp1252", "replace")
    if match[2]:
        return chr(int(match[2]) & 0xFFFF)
    return "\n" if match[3] else ""
