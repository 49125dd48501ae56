"""Every text that bytes may tell: as they lie, with escapes and markup undone, parts of mails decoded, zips opened.

For looking whether withheld words stand somewhere. What cannot be read to the bottom is said to be so: nobody knows
then what it tells. Everything here is hostile, so depth, members and bytes are bounded.
"""

import base64
import binascii
import contextlib
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from hashlib import sha256

from archive.reading.packed_streams import inflated, within_pdf
from archive.reading.undone import readings

DEEPEST = 4
MOST_MEMBERS = 10_000
MOST_BYTES = 256 * 1024 * 1024
LONGEST_ADDRESS, MOST_PARTS = 4096, 16
"""Signs of what may be the path of an address, and the parts of it that are looked at."""
BINARY = 5
"""One character in so many that is none in UTF-8: more are not a text in another coding, but no text at all."""

_ZIP = b"PK\x03\x04"
_END, _TAIL = b"PK\x05\x06", 65_557
"""How the list of a zip ends, within so many bytes of its end: what unpacks itself has a program before it."""
_PDF = b"%PDF-"
_CLOSED = (
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"\x28\xb5\x2f\xfd",
    b"MSCF",
    b"\x78\x9f\x3e\x22",  # winmail.dat: Outlook packs words and files
)
_HEADER = re.compile(rb"(?:^|\n)(?:content-type|content-transfer-encoding|mime-version):", re.IGNORECASE)
_IN_ADDRESS = re.compile(rb";base64,([A-Za-z0-9+/=\s]{8,})")
_CODED = re.compile(
    rb"(?:[A-Za-z0-9+/_-]|\\/){16,}(?:(?:\\[rn]|[\r\n])+[ \t]?(?:[A-Za-z0-9+/_-]|\\/)+)*={0,2}"
)
"""What may be base64: interfaces give files and mails so, in the alphabet of addresses too, in one line or more."""
_UUENCODED = re.compile(rb"(?:^|\n)begin [0-7]{3,4} [^\r\n]{1,255}\r?\n((?:[ -`]{1,61}\r?\n)+)")
"""A file in the words of a mail, as mail programs sent them before there were parts."""
_NO_CODE = re.compile(rb"\\[rn]|[\\\s=]+")
_ADDRESSES = bytes.maketrans(b"-_", b"+/")
_LOST = "\ufffd"

Reader = Callable[[bytes], str | None]
"""Gives the words of a PDF; None if nobody can tell."""


@dataclass(slots=True)
class Unwrapped:
    """What bytes tell, and whether that is all."""

    texts: list[str] = field(default_factory=list)
    whole: bool = True
    digests: set[str] = field(default_factory=set)
    """SHA-256 of everything that lies in them, and of themselves."""
    left: int = MOST_BYTES
    members: int = MOST_MEMBERS
    reader: Reader = lambda _data: None


def unwrapped(data: bytes, reader: Reader = lambda _data: None) -> Unwrapped:
    """Give every text that bytes may tell; ``reader`` is asked for the words of PDFs in them."""
    found = Unwrapped(reader=reader)
    _open(data, found, 0)
    return found


def _open(data: bytes, found: Unwrapped, depth: int) -> None:
    found.left -= len(data)
    if found.left < 0 or depth > DEEPEST:
        found.whole = False
        return
    found.digests.add(sha256(data).hexdigest())
    found.texts.extend(_as_text(data))
    for inner in (*inflated(data, found.left), *within_pdf(data, found.left)):
        found.left -= len(inner)
        found.texts.extend(_as_text(inner))
    packed = data.startswith(_ZIP)
    if packed or _END in data[-_TAIL:]:
        _members(data, found, depth)
    if data.startswith(_CLOSED) or data[257:262] == b"ustar":
        found.whole = False
    elif depth and _PDF in data[:1024]:
        words = found.reader(data)
        found.whole = found.whole and words is not None
        found.texts.append(words or "")
    elif not packed and _HEADER.search(data[:65536]):
        _parts(data, found, depth)
    elif not packed:
        _coded(data, found, depth)
    for inner in _enclosed(data):
        found.members -= 1
        if found.members < 0:
            found.whole = False
            return
        _open(inner, found, depth + 1)


def _enclosed(data: bytes) -> Iterator[bytes]:
    """Give what bytes hold in addresses (``data:``), or as mail programs wrote files before there were parts."""
    for one in _IN_ADDRESS.finditer(data):
        with contextlib.suppress(binascii.Error):  # what is no code after all stands in the text as it is
            yield base64.b64decode(one[1] + b"===")
    for one in _UUENCODED.finditer(data):
        with contextlib.suppress(binascii.Error):
            yield _uudecoded(one[1])


def may_be_coded(text: str) -> bool:
    """Say whether a text may hold a file, or another text, in a code of letters."""
    data = text.encode("utf-8", "replace")
    return bool(_CODED.search(data) or _UUENCODED.search(data))


def _uudecoded(lines: bytes) -> bytes:
    """Undo what mail programs made of a file; lines whose end a program cut off say as much as they can."""
    found = bytearray()
    for line in lines.splitlines():
        length = (line[0] - 32) & 63
        code = line[1:].ljust(-(-length // 3) * 4)[: -(-length // 3) * 4]
        found += binascii.a2b_uu(line[:1] + code)
    return bytes(found)


def _coded(data: bytes, found: Unwrapped, depth: int) -> None:
    """Open what stands in a file as base64; long ids and names of paths look alike, and say nothing."""
    for code in _codes(data):
        inner = base64.b64decode(code[: len(code) - (len(code) % 4 == 1)] + b"===")
        wide = inner.count(b"\0") * 4 >= len(inner)
        if not wide and not inner.startswith((_ZIP, _PDF, *_CLOSED)) and _binary(inner):
            continue
        found.members -= 1
        if found.members < 0:
            found.whole = False
            return
        _open(inner, found, depth + 1)


def _codes(data: bytes) -> Iterator[bytes]:
    """Give what may be base64; of what may be an address, also each part: "/" parts it, and is a sign of the code."""
    for run in _CODED.finditer(data):
        code = _NO_CODE.sub(b"", run[0])
        yield code.translate(_ADDRESSES)
        if len(code) <= LONGEST_ADDRESS:
            parts = code.split(b"/", MOST_PARTS)
            yield from (b"/".join(parts[at:]).translate(_ADDRESSES) for at in range(1, len(parts)))


def _binary(data: bytes) -> bool:
    said = data.decode("utf-8", "replace")
    return said.count(_LOST) * BINARY > len(said)


def _as_text(data: bytes) -> Iterator[str]:
    """Give bytes as text, in the codings that come into question; of a program's own bytes no coding is undone."""
    said = data.decode("utf-8", "replace")
    lost = said.count(_LOST)
    yield from readings(said) if lost * BINARY <= len(said) else (said,)
    for coding in ("utf-16-le", *(("utf-16-be",) if b"\0" in data else ())):
        wide = data.decode(coding, "replace")
        yield from readings(wide) if data.count(b"\0") * 4 >= len(data) else (wide,)
    if lost:
        # Western, of one byte or, in files of programs, of two that begin anywhere.
        western = data.replace(b"\0", b"").decode("cp1252", "replace")
        yield from readings(western) if lost * BINARY <= len(said) else (western,)


def _members(data: bytes, found: Unwrapped, depth: int) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            for member in packed.infolist():
                found.members -= 1
                found.texts.extend(_names(member))
                if member.flag_bits & 1 or found.members < 0 or member.file_size > found.left:
                    found.whole = False
                    return
                with packed.open(member) as stream:
                    _open(stream.read(found.left + 1), found, depth + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError):
        found.whole = False


def _names(member: zipfile.ZipInfo) -> Iterator[str]:
    """Give the name of a member; where a zip does not say in which coding, in those of Windows."""
    yield member.filename
    if not member.flag_bits & 0x800:
        written = member.orig_filename.encode("cp437", "replace")
        yield from (written.decode(coding, "replace") for coding in ("utf-8", "cp850", "cp1252"))


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
