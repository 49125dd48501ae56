"""The newest cursor of each source, as the ledger holds it."""

from collections.abc import Collection

from archive.core.cursors import Cursor, read_cursor
from archive.core.facets import read_lines
from archive.services.session import Session


def newest_cursors(session: Session, names: Collection[str]) -> dict[str, Cursor]:
    """Give the newest cursor of each of these sources that has one; needs the ingest key file."""
    session.ledger.follow()
    opener = session.opener("state")
    found: dict[str, Cursor] = {}
    for index in reversed(session.ledger.state.special.get("cursor", [])):
        if len(found) == len(names):
            break
        lines, _, _ = opener.lines(index)
        cursor = read_cursor(read_lines(lines))
        if cursor.source in names:
            found.setdefault(cursor.source, cursor)
    return found
