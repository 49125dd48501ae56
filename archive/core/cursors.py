"""How far a source was read: the ``cursor`` records of the state class (FORMAT.md §12)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from archive.core.payloads import SCHEMA
from archive.errors import FormatError

LONGEST = 1 << 20
"""Characters of a cursor."""


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
        FormatError: the text is longer than a record should carry.
    """
    if len(cursor.text) > LONGEST:
        raise FormatError(f"the cursor of the source {cursor.source} is longer than {LONGEST} characters")
    return {
        "what": {"body": "cursor", "kind": "cursor", "schema": SCHEMA},
        "extra": {
            "cursor": cursor.text,
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
    return Cursor(extra["source"], extra["kind"], extra["cursor"], extra["seen"])
