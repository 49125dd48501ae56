"""The words of a mail that was attached or forwarded as a file: its heads, its parts, the files in it."""

from collections.abc import Iterator
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message

from archive.adapters.file_words import Inner, Words, together

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
        if isinstance(body, bytes) and body:
            found.append(inner(body, _decoded(name or ""), _kind(part)))
            heads += [_decoded(name)] if name else []
    return together(Words("read", "\n".join(heads)), found)


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
