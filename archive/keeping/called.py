"""By what somebody may be named in a scope, in the one form in which names are compared there."""

import re
from collections.abc import Iterator
from functools import lru_cache

from archive.query.analysis import fold
from archive.reading.decoding import same_name

Named = tuple[str | None, str | None, str | None, str | None]
"""Name as written, handle, channel and id of the account: as one item names somebody."""

_NUMBER = re.compile(r"\+?[\d ()/.\-‐-–]{7,}")
"""A telephone number: each program puts other spaces into it."""


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """Give a name as it is compared: as ``same_name``, ä as ae and é as e, without a leading @, and of a telephone
    number the digits. Many systems write no umlauts: a hold on Müller means Mueller too, as a search does.

    An account may have its channel before it, as ``with_channel`` gives it.
    """
    return ":".join(map(_plain, same_name(name).split(":")))


def _plain(name: str) -> str:
    if not _NUMBER.fullmatch(name):
        return " ".join(fold(name.removeprefix("@")).split())
    return "".join(letter for letter in name if letter.isdecimal()).removeprefix("00")


def names(named: Named) -> Iterator[str]:
    """Give everything by which somebody may be named in a scope, as ``plain`` gives it."""
    written, handle, channel, account = named
    yield from (plain(name) for name in (written, handle, account) if name)
    if channel and account:
        yield plain(with_channel(channel, account))


def with_channel(channel: str, account: str) -> str:
    """Give an account as ``party add`` takes it."""
    return f"{channel}:{account}"
