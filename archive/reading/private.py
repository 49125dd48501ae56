"""What a business archive must not swallow: members that are left out, bytes that are masked before anybody
reads them.

A masked byte reads as ``*``: offsets stay what they are, and what stood there is in no slice, no capture.
"""

import io
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO

from archive.errors import UnreadableInput
from archive.reading.rows import read_rows
from archive.reading.tree import Member, Tree
from archive.reading.units import UnitExcluded

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MASKED = "masked as a whole, read by nobody"
"""Why a unit that is nothing but stars is left out."""
_CHUNK = 1 << 20
_LONGEST = 1 << 13
"""Bytes of the longest secret that is found across the border of two chunks."""
_SHORTEST = 6
"""Characters of a value of a column that is masked: a dash or "n/a" would be masked in all words of its row."""
Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Private:
    """Something private in a member: ``ranges`` are masked; None means that the member is left out whole."""

    member: str
    reason: str
    ranges: tuple[Range, ...] | None = None


def is_masked(unit: bytes) -> bool:
    """Whether a unit is nothing but stars and line ends (of UTF-16 too)."""
    return b"*" in unit[:_CHUNK] and not unit.strip(b"*\r\n\0")


def column_ranges(member: Member, wanted: Callable[[str], bool]) -> tuple[Range, ...]:
    """Where the values of some columns stand in a delimited member, wherever a row repeats them."""
    found: list[Range] = []
    columns: list[int] | None = None
    with suppress(UnreadableInput), member.open() as stream:
        for row in read_rows(stream):
            if columns is None:
                columns = [at for at, name in enumerate(row.cells or ()) if wanted(name.strip())]
                continue
            cells = [row.cells[at] for at in columns if row.cells and at < len(row.cells)]
            values = {cell.encode(row.encoding, "replace") for cell in cells if len(cell) >= _SHORTEST}
            longest_first = sorted(map(re.escape, values), key=len, reverse=True)
            matches = re.finditer(b"|".join(longest_first), row.data) if values else ()
            found += [(row.start + match.start(), row.start + match.end()) for match in matches]
    return tuple(found)


def find_ranges(member: Member, pattern: re.Pattern[bytes]) -> tuple[Range, ...]:
    """Where the first group of a pattern lies in a member, in flat memory. An unreadable member has none."""
    found: list[Range] = []
    try:
        with member.open() as stream:
            base, buffer = 0, b""
            while True:
                more = stream.read(_CHUNK)
                buffer += more
                settled = len(buffer) - _LONGEST if more else len(buffer)
                for match in pattern.finditer(buffer):
                    if match.start() < settled:
                        place = (base + match.start(1), base + match.end(1))
                        if not found or found[-1] != place:
                            found.append(place)
                if not more:
                    return tuple(found)
                drop = max(settled, 0)
                base, buffer = base + drop, buffer[drop:]
    except UnreadableInput:
        return tuple(found)


def without(tree: Tree, found: Iterable[Private]) -> Tree:
    """The tree as a reader may see it: members left out told in ``left_out``, ranges masked."""
    out: dict[str, str] = {}
    masked: dict[str, list[Range]] = {}
    for private in found:
        if private.ranges is None:
            out[private.member] = private.reason
        else:
            masked.setdefault(private.member, []).extend(private.ranges)
    if not out and not masked:
        return tree
    members = [
        _masked(m, masked[m.path]) if m.path in masked else m for m in tree.members if m.path not in out
    ]
    left_out = [UnitExcluded(member, reason, private=True) for member, reason in out.items()]
    seen = tree.part(members, (*tree.left_out, *left_out))
    seen.notes.update(tree.notes)
    return seen


def _masked(member: Member, ranges: list[Range]) -> Member:
    ordered = merged(ranges)

    def opener() -> BinaryIO:
        return io.BufferedReader(_Masked(member.opener(), ordered), _CHUNK)

    return replace(member, opener=opener, masked=ordered)


def merged(ranges: Iterable[Range]) -> tuple[Range, ...]:
    """The ranges in order, overlapping ones joined."""
    joined: list[Range] = []
    for start, end in sorted(ranges):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif end > start:
            joined.append((start, end))
    return tuple(joined)


def within(ranges: tuple[Range, ...], start: int, end: int) -> Iterator[Range]:
    """The parts of ordered ranges that lie in [start, end)."""
    at = max(bisect_right(ranges, (start,)) - 1, 0)
    while at < len(ranges) and ranges[at][0] < end:
        if ranges[at][1] > start:
            yield max(ranges[at][0], start), min(ranges[at][1], end)
        at += 1


class _Masked(io.RawIOBase):
    def __init__(self, inner: BinaryIO, ranges: tuple[Range, ...]) -> None:
        super().__init__()
        self._inner, self._ranges = inner, ranges

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        view = memoryview(buffer).cast("B")
        start = self._inner.tell()
        data = self._inner.read(len(view))
        view[: len(data)] = data
        for begin, end in within(self._ranges, start, start + len(data)):
            view[begin - start : end - start] = b"*" * (end - begin)
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._inner.seek(offset, whence)

    def tell(self) -> int:
        return self._inner.tell()

    def close(self) -> None:
        if not self.closed:
            self._inner.close()
        super().close()
