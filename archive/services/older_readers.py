"""What was read by an older version of its reader: `ingest --reparse` reads it anew, and nobody does so unasked."""

from archive.catalogue import ReadBy
from archive.services.session import Session


def read_before(session: Session) -> tuple[ReadBy, ...]:
    """Give how many items of the bytes that are kept an older version of a reader read last, by channel.

    Counted once for each size of the ledger.
    """
    if session.read_before is None or session.read_before[0] != session.catalogue.position:
        current = {channel.name: channel.parser for channel in session.channels}
        found = session.catalogue.read_by_others(set(current.values()))
        session.read_before = (
            session.catalogue.position,
            tuple(one for one in found if one.channel in current),
        )
    return session.read_before[1]


def told(session: Session) -> str | None:
    """Say so in a line, with what to do."""
    found = read_before(session)
    if not found:
        return None
    count, channels = sum(one.items for one in found), ", ".join(dict.fromkeys(one.channel for one in found))
    items = "1 item was" if count == 1 else f"{count} items were"
    return f"{items} read by an older version of the reader ({channels}): `beleg ingest --reparse` reads them anew"
