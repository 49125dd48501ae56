"""Every text that bytes may tell: as they lie, with escapes and markup undone, parts of mails decoded, zips opened.

For looking whether withheld words stand somewhere. What cannot be read to the bottom is said to be so: nobody knows
then what it tells. Everything here is hostile, so depth, members and bytes are bounded.
"""

import base64
import html
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from urllib.parse import unquote_plus

DEEPEST = 4
NESTED = 3
"""How often a string of JSON may hold JSON in its turn."""
MOST_MEMBERS = 10_000
MOST_BYTES = 256 * 1024 * 1024

_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\([nrt\"/\\])")
_SHORT = {"n": "\n", "r": "\r", "t": "\t"}
_TAG = re.compile(r"<[^<>]{0,2000}>")
_CODED = re.compile(r"%[0-9a-fA-F]{2}")
_ZIP = b"PK\x03\x04"
_CLOSED = (
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"\x28\xb5\x2f\xfd",
    b"MSCF",
)
_HEADER = re.compile(rb"(?:^|\n)(?:content-type|content-transfer-encoding|mime-version):", re.IGNORECASE)


@dataclass(slots=True)
class Unwrapped:
    """What bytes tell, and whether that is all."""

    texts: list[str] = field(default_factory=list)
    whole: bool = True
    left: int = MOST_BYTES
    members: int = MOST_MEMBERS


def unwrapped(data: bytes) -> Unwrapped:
    """Give every text that bytes may tell."""
    found = Unwrapped()
    _open(data, found, 0)
    return found


def readings(text: str) -> Iterator[str]:
    """Give a text as it is, with escapes of JSON and of addresses undone, and without markup.

    Tags tell words apart or join them: both are given.
    """
    yield text
    for _ in range(NESTED):
        if "\\" not in text:
            break
        text = _ESCAPE.sub(_undone, text)
        yield text
    if "<" in text or "&" in text:
        for between in ("", " "):
            yield html.unescape(_TAG.sub(between, text))
    if _CODED.search(text):
        yield unquote_plus(text, errors="replace")


def _undone(match: re.Match[str]) -> str:
    return chr(int(match[1], 16)) if match[1] else _SHORT.get(match[2], match[2])


def _open(data: bytes, found: Unwrapped, depth: int) -> None:
    found.left -= len(data)
    if found.left < 0 or depth > DEEPEST:
        found.whole = False
        return
    for coding in ("utf-8", "utf-16-le", *(("utf-16-be",) if b"\0" in data else ())):
        found.texts.extend(readings(data.decode(coding, "replace")))
    if data.startswith(_ZIP):
        _members(data, found, depth)
    elif data.startswith(_CLOSED) or data[257:262] == b"ustar":
        found.whole = False
    elif _HEADER.search(data[:65536]):
        _parts(data, found, depth)


def _members(data: bytes, found: Unwrapped, depth: int) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            for member in packed.infolist():
                found.members -= 1
                found.texts.append(member.filename)
                if member.flag_bits & 1 or found.members < 0 or member.file_size > found.left:
                    found.whole = False
                    return
                with packed.open(member) as stream:
                    _open(stream.read(found.left + 1), found, depth + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError):
        found.whole = False


def _parts(data: bytes, found: Unwrapped, depth: int) -> None:
    try:
        for part in message_from_bytes(data).walk():
            found.members -= 1
            if found.members < 0:
                found.whole = False
                return
            content = part.get_payload(decode=True)
            if (
                part.is_multipart()
                and str(part.get("content-transfer-encoding", "")).strip().lower() == "base64"
            ):
                # RFC 2046 §5.2.1 forbids it, senders do it: the parser took the code for the mail itself.
                inner = part.get_payload(0)
                if isinstance(inner, Message):
                    _open(base64.b64decode(inner.as_bytes()), found, depth + 1)
            if not part.is_multipart() and isinstance(content, bytes) and content not in data:
                _open(content, found, depth + 1)
                charset = part.get_content_charset()
                if charset and charset not in ("utf-8", "us-ascii"):
                    found.texts.extend(readings(_decoded(content, charset)))
    except (MessageError, LookupError, TypeError, ValueError, AttributeError, RecursionError):
        found.whole = False


def _decoded(content: bytes, charset: str) -> str:
    try:
        return content.decode(charset, "replace")
    except LookupError:
        return content.decode("latin-1")
