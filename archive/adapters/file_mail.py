"""The words of a mail that was attached or forwarded as a file: its heads, its parts, the files in it."""

import re
from base64 import b64decode
from collections.abc import Iterator
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message

from archive.adapters.file_words import Inner, Words, together

_HEAD = re.compile(rb"[A-Za-z][A-Za-z0-9-]*:")
_SHOWN = ("From", "To", "Cc", "Date", "Subject")


def mail(data: bytes, inner: Inner) -> Words:
    """Read a mail; mails in it are read with it, and other files by ``inner``."""
    heads: list[str] = []
    found: list[Words] = []
    for part in message_from_bytes(data).walk():
        heads += _heads(part)
        if part.is_multipart():
            continue
        name, body = part.get_filename(), part.get_payload(decode=True)
        if isinstance(body, bytes) and not part.keys() and (whole := _unpacked(body)):
            found.append(inner(whole, "", "message/rfc822"))
        elif isinstance(body, bytes) and body:
            found.append(inner(body, _decoded(name or ""), _kind(part)))
            heads += [_decoded(name)] if name else []
    return together(Words("read", "\n".join(heads)), found)


def _unpacked(body: bytes) -> bytes | None:
    """Give the mail that stands in base64 where one should stand: forbidden (RFC 2046 §5.2.1), and sent anyway."""
    try:
        mail = b64decode(b"".join(body.split()), validate=True)
    except ValueError:
        return None
    return mail if _HEAD.match(mail) else None


def _kind(part: Message) -> str:
    charset = part.get_content_charset()
    return f"{part.get_content_type()}; charset={charset}" if charset else part.get_content_type()


def _heads(part: Message) -> Iterator[str]:
    for name in _SHOWN:
        for value in part.get_all(name, ()):
            yield f"{name}: {_decoded(str(value))}"


def _decoded(value: str) -> str:
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, ValueError):
        return value  # as it was written
