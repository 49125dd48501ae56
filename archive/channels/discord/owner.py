"""The account of a data package: ``account/user.json`` names it among much that is private."""

from collections.abc import Iterator

from archive.channels.export import look, plain_json
from archive.errors import UnreadableInput
from archive.reading.json_walk import walk
from archive.reading.private import Range
from archive.reading.tree import Member
from archive.reading.units import Reading, UnitFailed, UnitRead
from schemas.item import Account, Key, Raw

LEFT_OUT = "account, activity and settings, no messages"
_NAMES = ("id", "username", "global_name")
"""What is read of the file; sessions, addresses, friends and payments are masked."""


def names_owner(member: Member) -> bool:
    """Whether a member is the file of a package that names the account."""
    return member.name == "user.json" and bool(member.folder)


def account_of(member: Member) -> dict[str, str]:
    """The names of the account, as far as the file gives them."""
    told = look(member, lambda _: False, enter=lambda path: not path)
    return {name: value for name in _NAMES if isinstance(value := told.get(f"/{name}"), str)}


def all_but_names(member: Member) -> tuple[Range, ...] | None:
    """Where the values lie that are not read; None, for the whole member, if it is broken."""
    try:
        with member.open() as stream:
            values = list(walk(stream, lambda path: bool(path)))
    except UnreadableInput:
        return None
    return tuple((value.start, value.end) for value in values if value.path[:1] not in {(n,) for n in _NAMES})


def the_owner(member: Member, via: Key) -> Iterator[Reading]:
    """The account as a unit."""
    told = account_of(member)
    if "id" not in told:
        yield UnitFailed(member.path, "an account without an id")
        return
    raw = Raw(member=member.path, pointer="the names of the account", slice=plain_json(told).encode())
    key = Key(channel=via.channel, scope="", id=told["id"])
    name = told.get("global_name") or told.get("username")
    account = Account(key=key, via=via, name=name, handle=told.get("username"), raw=raw)
    yield UnitRead(member.path, accounts=(account,))
