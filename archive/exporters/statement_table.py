"""Statements and the register as CSV or XLSX. Cells of text stay text: no formula of anybody runs."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TextIO

from archive.exporters.hit_list import FORMULA, ROWS, cell_text
from schemas.statement import RegisterLine, StatementLine

Cell = int | str

LIST_HEAD = (
    "statement", "item", "time_utc", "time_written", "channel", "thread", "sender", "party", "to", "kind", "modality",
    "strength", "words", "values", "answers", "answered_by", "decision",
)  # fmt: skip
REGISTER_HEAD = (
    "party", "by", "to", "said", "kind", "modality", "words", "until", "statement", "item", "answered_by", "decision",
)  # fmt: skip


def list_row(line: StatementLine) -> tuple[Cell, ...]:
    """Give the cells of a statement, in the order of ``LIST_HEAD``."""
    return (
        line.id, line.item, line.utc or "", line.time or "", line.channel, line.thread, line.sender or "",
        line.party or "", "; ".join(line.recipients), line.kind, line.modality, line.strength, line.words,
        values_text(line.values), "" if line.answers is None else line.answers, "; ".join(line.answered_by),
        line.decision or "",
    )  # fmt: skip


def register_row(line: RegisterLine) -> tuple[Cell, ...]:
    """Give the cells of a line of the register, in the order of ``REGISTER_HEAD``."""
    return (
        line.party, line.by or "", "; ".join(line.to), line.said or "", line.kind, line.modality, line.words,
        line.until or "", line.statement, line.item, "; ".join(line.answered_by), line.decision or "",
    )  # fmt: skip


def values_text(values: "dict[str, str | int | float | bool]") -> str:
    """Give values as ``period P5Y; amount 1250``."""
    return "; ".join(f"{name} {value}" for name, value in values.items())


def write_csv(stream: TextIO, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
    """Write CSV (RFC 4180, open the stream with newline=""); give the number of rows."""
    writer = csv.writer(stream)
    writer.writerow(head)
    count = 0
    for row in rows:
        writer.writerow([f"'{c}" if isinstance(c, str) and FORMULA.match(c) else c for c in row])
        count += 1
    return count


def write_xlsx(path: Path, name: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
    """Write a workbook of one sheet; give the number of rows.

    Raises:
        ValueError: there are more rows than a sheet has.
    """
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet(name)
    sheet.freeze_panes = "A2"
    sheet.append(list(head))
    count = 0
    for row in rows:
        if count + 1 == ROWS:
            raise ValueError(f"a sheet holds {ROWS - 1} statements; write CSV")
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, value=cell_text(value) if isinstance(value, str) else value)
            if isinstance(value, str):
                cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
        count += 1
    book.save(path)
    return count
