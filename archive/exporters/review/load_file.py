"""The load file of a volume: DAT, the form that review platforms have in common.

There is no specification but custom: fields apart by U+0014, quoted by U+00FE, a line feed inside a field as
U+00AE, several values apart by ``;``, one line a document, CR LF, UTF-8 with a byte order mark.
"""

from collections.abc import Mapping
from typing import BinaryIO

from archive.exporters.visible import visible

SEPARATOR, QUOTE, NEWLINE = "\x14", "\u00fe", "\u00ae"

FIELDS = (
    "BEGBATES", "ENDBATES", "BEGATTACH", "ENDATTACH", "PARENTBATES", "ATTACHCOUNT", "DOCTYPE", "SOURCEAPP",
    "CONVERSATIONID", "CONVERSATIONNAME", "EVENTCOLLECTIONID", "PARTICIPANTS", "FROM", "TO", "CC", "SUBJECT",
    "DATETIMESENT_FIRST", "DATETIMESENT_LAST", "TIMEZONE", "MESSAGECOUNT", "HITCOUNT", "HASEDITS", "HASDELETED",
    "FILENAME", "FILEEXT", "FILESIZE", "MD5HASH", "SHA256HASH", "EDRMMIH", "RECORDRANGE", "PRODVOLUME",
    "NATIVEPATH", "TEXTPATH", "RSMFPATH", "GROUPIDENTIFIER",
)  # fmt: skip

REDACTION_FIELDS = ("REDACTED", "REDACTIONREASON")
MAIL_FIELDS = ("EMLPATH",)
PAGE_FIELDS = ("PAGECOUNT",)


class LoadFile:
    """A DAT file that is being written; ``replaced`` counts the characters that the form has no room for."""

    def __init__(self, stream: BinaryIO, fields: tuple[str, ...] = FIELDS) -> None:
        """Begin with the byte order mark and the names of the fields."""
        self._stream, self.fields = stream, fields
        self.replaced = 0
        stream.write("\ufeff".encode())
        self._write(self.fields)

    def add(self, row: Mapping[str, str]) -> None:
        """Add a document; a field that is not given is empty.

        Raises:
            KeyError: a field that the file does not have.
        """
        if unknown := set(row) - set(self.fields):
            raise KeyError(", ".join(sorted(unknown)))
        self._write([self._cell(row.get(name, "")) for name in self.fields])

    def _cell(self, text: str) -> str:
        for mark in (QUOTE, NEWLINE):
            self.replaced += text.count(mark)
            text = text.replace(mark, "?")
        return visible(text).replace("\r", "").replace("\n", NEWLINE)

    def _write(self, cells: tuple[str, ...] | list[str]) -> None:
        line = SEPARATOR.join(f"{QUOTE}{cell}{QUOTE}" for cell in cells)
        self._stream.write(f"{line}\r\n".encode())
