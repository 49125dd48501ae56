"""Rows of a delimited file (RFC 4180 and what programs make of it), each with its exact bytes, in flat
memory.

A quote that never closes takes one line with it, not the rest of the file.
"""

import codecs
import re
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import BinaryIO, NamedTuple

from archive.reading.decoding import decode
from archive.reading.lines import Line, read_lines, read_wide_lines

ROW_CAP = 4 << 20
"""Bytes of one row."""
_DELIMITERS = ",;\t|"
_SNIFF = 1 << 16


class Row(NamedTuple):
    """Row ``number`` (from 0) at [start, end). ``cells`` is None where a quote never closes or a line is too
    long."""

    number: int
    start: int
    end: int
    data: bytes
    cells: tuple[str, ...] | None
    encoding: str = "utf-8"


def read_rows(
    stream: BinaryIO, delimiter: str | None = None, encoding: str | None = None, *, escape: str = ""
) -> Iterator[Row]:
    """Yield the rows; blank lines between them are none. UTF-16 and cp1252 are recognised.

    ``escape`` is what stands before a quote that does not end its cell, beside the doubling of quotes.
    """
    head = stream.read(_SNIFF)
    stream.seek(0)
    encoding = _encoding(head, encoding)
    mark = next(
        (m for m in (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) if head.startswith(m)), b""
    )
    text = head[len(mark) :].decode(encoding, "ignore")
    delimiter = delimiter or sniff_delimiter(text)
    lines = (
        read_wide_lines(stream, encoding, len(mark)) if encoding.startswith("utf-16") else read_lines(stream)
    )
    waiting: deque[Line] = deque()
    number = 0
    while True:
        taken: list[Line] = []
        texts: list[str] = []
        opened, closes, size = False, False, 0
        while not closes:
            line = waiting.popleft() if waiting and len(taken) < 1 else None
            line = line or (waiting.popleft() if waiting else next(lines, None))
            if line is None:
                break
            part = _text(line, mark, encoding)
            if not taken and not part.strip("\r\n \ufeff\x00") and line.whole:
                continue
            taken.append(line)
            texts.append(part)
            size += line.end - line.start
            opened = _open_after(part, opened, delimiter, escape)
            closes = not opened or not line.whole or size > ROW_CAP
        if not taken:
            return
        if opened:  # give up on the first line only
            waiting.extendleft(reversed(taken[1:]))
            taken, texts = taken[:1], texts[:1]
        cells = None if opened or not taken[0].whole else split_row("".join(texts), delimiter, escape)
        data = b"".join(line.data for line in taken)
        yield Row(number, taken[0].start, taken[-1].end, data, cells, encoding)
        number += 1


def sniff_delimiter(text: str) -> str:
    """The separator that the first lines agree on; a comma where they show none."""
    counts: Counter[str] = Counter()
    for line in text.splitlines()[:20]:
        bare = re.sub(r'"(?:[^"]|"")*"', "", line)
        found = [mark for mark in _DELIMITERS if mark in bare]
        counts.update(found)
    first = re.sub(r'"(?:[^"]|"")*"', "", next((line for line in text.splitlines() if line.strip()), ""))
    return max(
        _DELIMITERS, key=lambda mark: (first.count(mark) > 0, first.count(mark), counts[mark], mark == ",")
    )


def split_row(text: str, delimiter: str, escape: str = "") -> tuple[str, ...]:
    """The cells of one row without its line end. Never fails: text behind a closing quote is kept."""
    text = text.removesuffix("\n").removesuffix("\r")
    cells: list[str] = []
    position = 0
    while True:
        parts: list[str] = []
        if text.startswith('"', position):
            position += 1
            while True:
                end = text.find('"', position)
                if end < 0:
                    parts.append(text[position:])
                    position = len(text)
                    break
                if escape and text.startswith(escape, end - 1) and end > position:
                    parts += (text[position : end - 1], '"')
                    position = end + 1
                    continue
                parts.append(text[position:end])
                position = end + 1
                if not text.startswith('"', position):
                    break
                parts.append('"')
                position += 1
        end = text.find(delimiter, position)
        cells.append("".join((*parts, text[position:] if end < 0 else text[position:end])))
        if end < 0:
            return tuple(cells)
        position = end + 1


def _open_after(text: str, opened: bool, delimiter: str, escape: str) -> bool:
    """Whether a quoted cell is still open at the end of a line."""
    position = 0
    while True:
        if not opened:
            if not text.startswith('"', position):
                position = text.find(delimiter, position) + 1
                if not position:
                    return False
                continue
            position += 1
        end = text.find('"', position)
        if end < 0:
            return True
        if escape and text.startswith(escape, end - 1) and end > position:
            opened, position = True, end + 1
            continue
        position = end + 1
        opened = text.startswith('"', position)
        if opened:
            position += 1
            continue
        position = text.find(delimiter, position) + 1
        if not position:
            return False


def _encoding(head: bytes, told: str | None) -> str:
    if head.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le"
    if head.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be"
    return told or "utf-8"


def _text(line: Line, mark: bytes, encoding: str) -> str:
    data = line.data
    if line.start == 0 and mark == codecs.BOM_UTF8:
        data = data.removeprefix(mark)
    if encoding.startswith("utf-16"):
        return data.decode(encoding, "replace")
    return decode(data, encoding).text


@lru_cache(maxsize=64)
def _names(header: tuple[str, ...]) -> tuple[str, ...]:
    """A name for each column: of several with one name the last has it, as in JSON, and no cell covers another."""
    counts, met = Counter(header), Counter[str]()
    names = []
    for at, name in enumerate(header):
        met[name] += 1
        last = met[name] == counts[name]
        names.append(
            f"cell {at + 1}" if not name else name if last else f"{name} ({met[name]} of {counts[name]})"
        )
    return tuple(names)


class Cells:
    """A row under a header: cells taken by any of their names, the rest told."""

    def __init__(self, header: Sequence[str], cells: Sequence[str]) -> None:
        self.data: Mapping[str, str] = dict(zip(_names(tuple(header)), cells, strict=False))
        self.surplus = {
            f"cell {len(header) + at + 1}": value for at, value in enumerate(cells[len(header) :]) if value
        }
        self._taken: set[str] = set()

    def get(self, *names: str) -> str | None:
        """The first non-empty cell of these columns; None where all are empty or absent."""
        found = None
        for name in names:
            self._taken.add(name)
            value = self.data.get(name)
            if found is None and value:
                found = value
        return found

    def tell(self, *names: str) -> Iterator[tuple[str, str]]:
        """Known cells without a place in the item, for ``extra``."""
        for name in names:
            if value := self.get(name):
                yield name, value

    def rest(self) -> list[tuple[str, str]]:
        """Cells that nobody took and that hold something."""
        told = [(name, value) for name, value in self.data.items() if name not in self._taken and value]
        return told + list(self.surplus.items())

    def unknown(self) -> frozenset[str]:
        """Columns that nobody took, and cells beyond the last column."""
        return frozenset(self.data) - self._taken | self.surplus.keys()
