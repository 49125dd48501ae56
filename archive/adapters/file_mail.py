"""The words of mails that are files: attached or forwarded, saved web pages (MHTML), mailboxes."""

import re
from base64 import b64decode
from collections.abc import Iterator
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message

from archive.adapters.file_words import Inner, Words, together
from archive.reading.decoding import decode

MOST_MAILS = 2_000
_LONGEST = 256 * 1024
"""Bytes within which the heads of a mail must end: a long list of `name: value` is none."""

_HEAD = re.compile(rb"[A-Za-z][A-Za-z0-9-]*:")
_HEADS = re.compile(rb"\s*(?:[!-9;-~]+:[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*)+(?=\r?\n)")
_MIME = re.compile(rb"^MIME-Version:", re.IGNORECASE | re.MULTILINE)
_BETWEEN = re.compile(rb"^From [^\r\n]*\r?\n(?=[!-9;-~]+:)", re.MULTILINE)
_SHOWN = ("from", "sender", "reply-to", "to", "cc", "bcc", "date", "subject")


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


def mails(data: bytes, inner: Inner) -> Words | None:
    """Read what is a mail, a saved page or a mailbox by its bytes alone; None if it is none.

    Its heads stand in the words as they are, for it may be a text that only quotes a mail.
    """
    starts = [one.span() for one in _BETWEEN.finditer(data)] if data.startswith(b"From ") else []
    if not starts or starts[0][0]:
        starts = [(0, 0)]
    ends = [start for start, _ in starts[1:]] + [len(data)]
    pieces = [data[start:end] for (_, start), end in zip(starts[:MOST_MAILS], ends, strict=False)]
    heads = _HEADS.match(pieces[0], 0, _LONGEST)
    if heads is None or not (len(starts) > 1 or starts[0][1] or _MIME.search(heads[0])):
        return None
    found = [Words("too_big")] if len(starts) > MOST_MAILS else []
    for piece in pieces:
        heads = _HEADS.match(piece, 0, _LONGEST)
        found.append(Words("read", decode(heads[0]).text.strip() if heads else ""))
        found.append(mail(piece.lstrip(), inner))
    return together(Words("read"), found)


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
    for name, value in part.raw_items():
        if name.lower() in _SHOWN:
            # Bytes that are no ASCII stand in it one by one; they are mostly UTF-8, or of an old charset.
            written = decode(str(value).encode("utf-8", "surrogateescape")).text
            yield f"{name}: {_decoded(' '.join(written.split()))}"


def _decoded(value: str) -> str:
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, ValueError):
        return value  # as it was written
