"""How far a source was read: the ``cursor`` records of the state class (FORMAT.md §12)."""

import binascii
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from archive.core.payloads import SCHEMA
from archive.errors import FormatError, Refused

LONGEST = 1 << 20
"""Characters of a cursor in its record."""
SHORT = 4096
"""Characters up to which a cursor is written as it is; longer ones are packed."""
LARGEST = 64 << 20
"""Bytes of a cursor that is unpacked."""
PACKED = "z:"


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a source was read."""

    source: str
    """The name of the source in the settings."""
    kind: str
    """The kind of the source: another kind does not understand the text."""
    text: str
    """Opaque: only the kind of source that wrote it can read it."""
    seen: str
    """When the source last answered, as models write times."""


def cursor_values(cursor: Cursor) -> dict[str, Any]:
    """Give the facets of a ``cursor`` record.

    Raises:
        Refused: the text is longer than a record should carry.
    """
    text = _packed(cursor.text)
    if len(text) > LONGEST or len(cursor.text.encode()) > LARGEST:
        raise Refused(
            "how far it was read is longer than a record may carry: name less with `only`, or make two sources of it"
        )
    return {
        "what": {"body": "cursor", "kind": "cursor", "schema": SCHEMA},
        "extra": {
            "cursor": text,
            "kind": cursor.kind,
            "seen": cursor.seen,
            "source": cursor.source,
        },
    }


def read_cursor(values: Mapping[str, Any]) -> Cursor:
    """Read a ``cursor`` record back.

    Raises:
        FormatError: it is none.
    """
    extra = values["extra"]
    names = {"cursor", "kind", "seen", "source"}
    if (
        not isinstance(extra, dict)
        or extra.keys() != names
        or not all(isinstance(one, str) for one in extra.values())
    ):
        raise FormatError("a cursor record that format 1 does not know")
    return Cursor(extra["source"], extra["kind"], _unpacked(extra["cursor"]), extra["seen"])


def _packed(text: str) -> str:
    """Write a long text as base64 of its zlib stream: mailboxes and workspaces tell much that is alike."""
    if len(text) <= SHORT and not text.startswith(PACKED):
        return text
    return PACKED + b64encode(zlib.compress(text.encode(), 9)).decode()


def _unpacked(text: str) -> str:
    if not text.startswith(PACKED):
        return text
    try:
        unpack = zlib.decompressobj()
        body = unpack.decompress(b64decode(text.removeprefix(PACKED), validate=True), LARGEST)
        if not unpack.eof:
            raise FormatError("a cursor record that is cut off, or too large")
        return body.decode()
    except (binascii.Error, zlib.error, UnicodeDecodeError) as error:
        raise FormatError("a cursor record that cannot be unpacked") from error
