"""The account of a data request: ``statistics.csv`` says whose it is, among what is private."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from archive.channels.export import Made
from archive.errors import UnreadableInput
from archive.reading.private import Range
from archive.reading.rows import Cells, read_rows
from archive.reading.tree import Member, Tree
from archive.reading.units import Former, unknown_via
from schemas.item import Account, Item, Key, Raw

FILE = "statistics.csv"
_NAMED = "account name"


def owner_of(tree: Tree) -> str | None:
    """Give the name of the account that asked for its data, if the export tells it."""
    named = (name for member in tree.files() if member.name == FILE for name, _ in _rows(member) if name)
    return next(named, None)


def all_but_the_name(member: Member) -> tuple[Range, ...] | None:
    """Where the rows lie that do not name the account; None, for the whole member, if none does."""
    rows = list(_rows(member))
    return tuple(place for name, place in rows if not name) if any(name for name, _ in rows) else None


def _rows(member: Member) -> Iterator[tuple[str | None, Range]]:
    """The rows below the header: the name of the account, if it is that row, and its place."""
    with suppress(UnreadableInput), member.open() as stream:
        for row in read_rows(stream):
            cells = [cell.strip() for cell in row.cells or ()]
            if row.number:
                named = len(cells) > 1 and cells[0].casefold() == _NAMED
                place = row.start, row.start + len(row.data.rstrip(b"\r\n"))
                yield (cells[1] or None) if named else None, place


def the_owner(cells: Cells, raw: Raw, made: Made, via: Key) -> None:
    """The account as a unit."""
    name = cells.get("value")
    made.accounts.append(Account(key=via, via=via, name=name, handle=name, raw=raw))


def nobodys_once(made: Made) -> None:
    """Say of the items that they were of an unknown account, and what it did itself of an unknown author."""
    for item in made.items:
        made.former[item.key] = replace(made.former.get(item.key, Former(item.key)), then=_nobodys)


def _nobodys(item: Item) -> Item:
    own = item.author is not None and item.author.account == item.via
    named = item.form == "message" and item.event == "posted"  # messages name their senders
    nobody = {"via": unknown_via(item.key.channel), "author": None if own and not named else item.author}
    return item.model_copy(update=nobody)
