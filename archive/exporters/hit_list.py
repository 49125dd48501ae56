"""A list of hits as CSV or XLSX: every hit with its whole text, one row each.

Texts come from outside. In the table program no cell may become a formula: in XLSX every cell of text is
stored as text; in CSV a text that begins like a formula gets an apostrophe before it.
"""

import csv
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from schemas.answer import Hit

HEAD = (
    "item", "time_utc", "time_written", "channel", "thread", "author", "event", "state", "title", "text", "files",
)  # fmt: skip

CELL = 32_767
"""Characters that a cell of XLSX holds; a longer text is cut and says so."""
ROWS = 1_048_576

FORMULA = re.compile(r"[=+\-@\t\r]")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def row(hit: Hit) -> tuple[int | str, ...]:
    """Give the cells of a hit, in the order of ``HEAD``."""
    state = [
        *(["edited"] if hit.edited else []),
        *([f"superseded by {hit.superseded}"] if hit.superseded is not None else []),
        *(["deleted"] if hit.deleted else []),
    ]
    return (
        hit.number, hit.utc or "", hit.time or "", hit.channel, hit.thread, hit.author or "", hit.event,
        ", ".join(state), hit.title or "", hit.text, ", ".join(hit.attachments),
    )  # fmt: skip


def write_csv(stream: TextIO, hits: Iterable[Hit]) -> int:
    """Write CSV (RFC 4180, open the stream with newline=""); give the number of hits."""
    writer = csv.writer(stream)
    writer.writerow(HEAD)
    count = 0
    for hit in hits:
        cells = row(hit)
        writer.writerow([f"'{c}" if isinstance(c, str) and FORMULA.match(c) else c for c in cells])
        count += 1
    return count


def write_xlsx(path: Path, hits: Iterable[Hit]) -> int:
    """Write a workbook of one sheet; give the number of hits.

    Raises:
        ValueError: there are more hits than a sheet has rows.
    """
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet("items")
    sheet.freeze_panes = "A2"
    sheet.append(HEAD)
    count = 0
    for hit in hits:
        if count + 1 == ROWS:
            raise ValueError(f"a sheet holds {ROWS - 1} items; write CSV")
        cells = []
        for value in row(hit):
            cell = WriteOnlyCell(sheet, value=cell_text(value) if isinstance(value, str) else value)
            if isinstance(value, str):
                cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
        count += 1
    book.save(path)
    return count


def cell_text(value: str) -> str:
    """Give a text as a cell of XLSX holds it: no forbidden characters, not too long."""
    value = _NOT_XML.sub("\ufffd", value)
    return value if len(value) <= CELL else value[: CELL - 20] + " … [cut, see item]"
