"""The mails of an mbox file as exact byte ranges (RFC 4155 and the older mboxo, mboxrd, mboxcl, mboxcl2).

A mail begins at a ``From `` line at the start of the file or behind an empty line, which must look like a
separator: its date as asctime writes it, or a header line behind it. Where ``Content-Length`` (mboxcl,
mboxcl2) leads exactly to such a line or to the end of the file, it is believed and ``From `` lines before
are text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from archive.reading.lines import Line, read_lines
from archive.reading.private import is_masked
from archive.reading.tree import Member

MAIL_CAP = 64 << 20
"""Bytes of one mail; a larger one is a failed unit."""
_ASCTIME = re.compile(
    rb"From [^\r\n]*?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +(?:[A-Z][a-z]{2} +\d{1,2}|\d{1,2} +[A-Z][a-z]{2})"
    rb"[^\r\n]*?\d{1,2}:\d{2}(?::\d{2})?[^\r\n]*"
)
_LONGEST_SEPARATOR = 300
_FROM = re.compile(rb"From (?![ \t]*:)[^\r\n]+")
_FIELD = re.compile(rb"[!-9;-~]{1,76}:")
_LENGTH = re.compile(rb"content-length:[ \t]*(\d{1,12})[ \t]*\r?\n", re.IGNORECASE)
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)


@dataclass(slots=True)
class MailBytes:
    """One mail: its range in the member with the separator line, and its bytes; not ``whole`` if over the
    cap."""

    start: int
    end: int = 0
    data: list[bytes] = field(default_factory=list)
    whole: bool = True
    counted: bool = False
    """``Content-Length`` was believed: the body is not quoted (mboxcl2)."""


def is_separator(line: bytes) -> bool:
    """A ``From `` line with a date as separators have it."""
    return _ASCTIME.match(line, 0, _LONGEST_SEPARATOR) is not None


def begins_with_separator(data: bytes) -> bool:
    """Whether bytes begin with ``From `` and no colon: the field ``From :`` was allowed before RFC 2822."""
    return _FROM.match(data) is not None


def mails(member: Member, *, cap: int = MAIL_CAP) -> Iterator[MailBytes]:
    """Cut an mbox. Text before the first separator is a mail without one, and will fail as such."""
    with member.open() as stream, member.open() as ahead:
        mail: MailBytes | None = None
        size = trusted = 0
        empty, in_header = True, False
        for line, following in _with_next(read_lines(stream)):
            if line.start >= trusted and empty and _separates(line.data, following):
                if mail is not None:
                    yield mail
                mail, size, in_header, trusted = MailBytes(line.start), 0, True, 0
            elif mail is None:
                mail = MailBytes(line.start)
            bare = line.data in (b"\n", b"\r\n")
            if in_header and bare:
                in_header = False
                trusted = _end_by_length(mail.data, line.end, ahead)
                mail.counted = trusted > 0
            empty = bare or line.end == trusted
            mail.end = line.end
            size += line.end - line.start
            if size > cap or not (line.whole or is_masked(line.data)):
                mail.whole, mail.data = False, []
            elif mail.whole:
                mail.data.append(line.data)
        if mail is not None:
            yield mail


def _with_next(lines: Iterator[Line]) -> Iterator[tuple[Line, bytes]]:
    """Each line with the beginning of the next."""
    before: Line | None = None
    for line in lines:
        if before is not None:
            yield before, line.data
        before = line
    if before is not None:
        yield before, b""


def _separates(line: bytes, following: bytes) -> bool:
    if not begins_with_separator(line):
        return False
    return is_separator(line) or _FIELD.match(following) is not None or is_masked(following)


def _end_by_length(header: list[bytes], body: int, ahead: BinaryIO) -> int:
    """Where the body ends by ``Content-Length``, if a mail or the end of the file follows there; else 0."""
    for line in header:
        if match := _LENGTH.match(line):
            end = body + int(match[1])
            ahead.seek(end)
            rest = ahead.read(4096).lstrip(b"\r\n")
            if not rest:
                beyond = ahead.seek(0, 2)
                return end if end <= beyond else 0
            return end if is_separator(rest) else 0
    return 0


def unquoted(mail: MailBytes) -> tuple[bytes, bytes]:
    """The separator line (may be empty) and the mail without it, one ``>`` taken from quoted ``From `` lines.

    mboxo leaves ``>>From `` as it was and mboxrd does not; the file does not tell which it is. So one ``>``
    is taken from both, for reading only: the slice keeps every byte.
    """
    lines = mail.data
    separator = b""
    if lines and begins_with_separator(lines[0]):
        separator, lines = lines[0], lines[1:]
    content = b"".join(lines)
    if not mail.counted and b"From " in content:
        content = _QUOTED.sub(rb"\1", content)
    return separator, content
