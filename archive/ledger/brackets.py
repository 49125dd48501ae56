"""Between which times a record was sealed, by tokens that hold (read half; FORMAT.md §14)."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from schemas.report import Stamps


@dataclass(frozen=True, slots=True)
class Stamped:
    """A token that holds: the ledger had this size, with this history, at ``until`` or before.

    Between ``time`` and ``until`` lies what the authority says of the accuracy of its own clock.
    """

    index: int
    """Of the ``anchor`` record: what comes after it was sealed at ``time`` or after."""
    size: int
    time: int
    until: int
    authority: str
    ended: int
    """When the authority's certificate ends, Unix time."""


class Brackets:
    """Between which times a record was sealed."""

    def __init__(self, stamped: Sequence[Stamped]) -> None:
        """Take tokens that hold."""
        self._by_index = sorted(stamped, key=lambda one: one.index)
        self._by_size = sorted(stamped, key=lambda one: one.size)
        self._latest: list[Stamped] = []
        for one in self._by_index:
            last = self._latest[-1] if self._latest else None
            self._latest.append(one if last is None or one.time > last.time else last)
        self._earliest: list[Stamped] = []
        for one in reversed(self._by_size):
            last = self._earliest[-1] if self._earliest else None
            self._earliest.append(one if last is None or one.until < last.until else last)
        self._earliest.reverse()

    def of(self, index: int) -> tuple[Stamped | None, Stamped | None]:
        """Give the tokens (before, after) that bound the sealing of a record; None where it is unbounded."""
        before = bisect_left(self._by_index, index, key=lambda one: one.index)
        after = bisect_left(self._by_size, index + 1, key=lambda one: one.size)
        return (
            self._latest[before - 1] if before else None,
            self._earliest[after] if after < len(self._earliest) else None,
        )


def bounds_of(stamped: Sequence[Stamped]) -> tuple[Stamps, ...]:
    """Give what each authority shows by tokens that hold: the widest first, of equal ones the earliest."""
    found: dict[str, Stamps] = {}
    for one in stamped:
        row, known = (
            Stamps(authority=one.authority, size=one.size, before=one.until),
            found.get(one.authority),
        )
        if known is None or (known.size, -known.before) < (row.size, -row.before):
            found[one.authority] = row
    return tuple(sorted(found.values(), key=lambda row: (-row.size, row.before, row.authority)))
