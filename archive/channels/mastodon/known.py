"""The addresses of statuses that lie in an input. The interface names what is answered by the number that its own
server gave it, and of a list of versions it names nothing."""

import re
from collections.abc import Iterable

from archive.reading.json_fields import Fields

MOST = 50_000
"""Statuses that are remembered."""
_OF = re.compile(r"(?:^|/)history/(\d+)\.json$")
"""How a list of versions is called that was collected from a server."""


class Known:
    """Knows statuses by number, and by author and instant: the first version of a status has its instant."""

    def __init__(self, statuses: Iterable[Fields]) -> None:
        """Take in statuses; the versions among them have no address."""
        self._by_number: dict[str, str] = {}
        self._begun: dict[tuple[str, str], str | None] = {}
        """None: two have this author and instant."""
        for one in statuses:
            number, address, written = one.id("id"), one.text("uri"), one.text("created_at")
            if address and number and len(self._by_number) < MOST:
                self._by_number[number] = address
                begun = author_of(one), written or ""
                self._begun[begun] = address if self._begun.get(begun, address) == address else None

    def answered(self, number: str) -> str | None:
        """Give the address of the status with a number."""
        return self._by_number.get(number)

    def versions_of(self, name: str, first: Fields) -> str | None:
        """Give the address of the status of which a member, called ``name``, lists the versions from ``first`` on."""
        called = _OF.search(name)
        begun = self._begun.get((author_of(first), first.text("created_at") or ""))
        return (self._by_number.get(called[1]) if called else None) or begun


def author_of(status: Fields) -> str:
    """Give who wrote a status, as far as it is told."""
    return (status.object("account") or Fields({})).text("uri", "url", "acct") or ""
