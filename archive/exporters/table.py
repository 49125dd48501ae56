"""The items of a production as tables: ``messages.xlsx`` for people, ``messages_raw.csv`` for machines.

The CSV (RFC 4180, UTF-8) alters nothing: whoever opens it in a table program lets formulas of strangers run, so
people get the workbook, in which every cell of text is text. The workbook depends on the items alone.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter

from archive.exporters.visible import visible
from archive.production import Told, file_state
from archive.reading.times import by_zone
from schemas.item import Rating, Recipient

XLSX, CSV = "messages.xlsx", "messages_raw.csv"

HEAD = (
    "seq", "item", "inclusion", "channel", "conversation", "conversation_id", "seen_by", "event", "form",
    "sender_name", "sender_id", "recipients", "time_written", "time_utc", "time_local", "zone", "title", "text",
    "edited", "deleted", "answers", "reactions", "rating", "attachments", "key", "key_derived", "leaf_hash",
)  # fmt: skip
CELL = 32_767
"""Characters that a cell of a workbook holds."""
ROWS = 1_048_576
_CREATED = datetime(1980, 1, 1)  # noqa: DTZ001  no date: the bytes must not depend on the day
_WIDTHS = {
    "conversation": 24,
    "sender_name": 24,
    "time_local": 22,
    "text": 80,
    "words": 60,
    "by": 24,
    "attachments": 32,
}
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


Sheet = tuple[str, Sequence[str], Iterable[Sequence[int | str]]]
"""Name, head and rows of one more sheet."""


def write_tables(
    folder: Path, told: Iterable[Told], zone: str, *, redacted: bool = False, more: Sheet | None = None
) -> int:
    """Write the raw table and the same as a workbook, with a column for what is withheld if something is.

    The workbook has a further sheet for each million of items, and ``more`` behind them. Gives the number of items.
    """
    with (folder / CSV).open("x", encoding="utf-8", newline="") as stream:
        raw = csv.writer(stream, lineterminator="\r\n")
        raw.writerow(_head(redacted))

        def rows() -> Iterator[Sequence[int | str]]:
            for number, one in enumerate(told, 1):
                row = tuple(_row(number, one, zone, redacted))
                raw.writerow(row)
                yield row

        return write_workbook(folder / XLSX, "items", _head(redacted), rows(), more)


def _head(redacted: bool) -> tuple[str, ...]:
    return (*HEAD, "withheld") if redacted else HEAD


def write_workbook(
    path: Path, name: str, head: Sequence[str], rows: Iterable[Sequence[int | str]], more: Sheet | None = None
) -> int:
    """Write rows into sheets ``<name> 1``, ``<name> 2`` …, and ``more`` into others behind them.

    Text is text, never a formula. Gives the number of the first rows.
    """
    options: dict[str, Any] = {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    }  # fmt: skip
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"created": _CREATED})
        formats = (
            book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        )  # fmt: skip
        count = _write_sheets(book, (name, head, rows), formats)
        if more is not None:
            _write_sheets(book, more, formats)
    return count


def _write_sheets(book: Any, given: Sheet, formats: tuple[Any, Any]) -> int:
    name, head, rows = given
    bold, wrapped = formats
    count, sheet = 0, None
    for count, row in enumerate(rows, 1):
        at = (count - 1) % (ROWS - 1) + 1
        if at == 1:
            sheet = book.add_worksheet(f"{name} {(count - 1) // (ROWS - 1) + 1}")
            _begin(sheet, bold, head)
        for column, value in enumerate(row):
            if isinstance(value, int):
                sheet.write_number(at, column, value)  # type: ignore[union-attr]
            elif value:
                sheet.write_string(at, column, _text(value), wrapped)  # type: ignore[union-attr]
    if sheet is None:
        _begin(book.add_worksheet(f"{name} 1"), bold, head)
    return count


def _begin(sheet: Any, bold: Any, head: Sequence[str]) -> None:
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(head):
        sheet.set_column(column, column, _WIDTHS.get(name, 14))
        sheet.write_string(0, column, name, bold)


def local(one: Told, zone: str) -> str:
    """Give the time of an item in a zone, or "" where none is known or told."""
    utc = one.item.time.utc if one.item.time else None
    return by_zone(datetime.fromisoformat(utc).replace(tzinfo=UTC), ZoneInfo(zone)).isoformat() if utc else ""


def rated(rating: Rating) -> str:
    """Give a rating, with the best there is if that is told."""
    return f"{rating.value} / {rating.best}" if rating.best else rating.value


def people(recipients: Iterable[Recipient]) -> str:
    """Give recipients with their roles, in one cell."""
    return "; ".join(f"{r.role}: {r.actor.handle or r.actor.name or '-'}" for r in recipients)


def _row(number: int, one: Told, zone: str, redacted: bool) -> Iterator[int | str]:
    item, author, time = one.item, one.item.author, one.item.time
    utc = time.utc if time else None
    yield number
    yield one.index
    yield one.why
    yield item.key.channel
    yield one.thread_title or ""
    yield item.thread.id
    yield item.via.id
    yield item.event
    yield item.form
    yield (author.written or author.handle or "") if author else ""
    yield author.account.id if author and author.account else ""
    yield people(item.recipients)
    yield time.written if time else ""
    yield utc or ""
    yield local(one, zone)
    yield zone if utc else ""
    yield item.title or ""
    yield item.text or ""
    yield (item.edited.time.written if item.edited.time else "yes") if item.edited else ""
    yield item.deleted.by if item.deleted else ""
    yield "; ".join(
        f"{t.relation}: {t.key.id if t.key else t.written_id or '-'}"
        for t in item.targets
        if t.relation != "of"
    )
    yield "; ".join(f"{r.value} {r.count if r.count is not None else len(r.actors)}" for r in item.reactions)
    yield rated(item.rating) if item.rating else ""
    yield json.dumps(
        [{"name": a.name, "state": file_state(a), "sha256": a.sha256, "reason": a.reason} for a in item.attachments],
        ensure_ascii=False,
    ) if item.attachments else ""  # fmt: skip
    yield item.key.id
    yield "yes" if item.key.derived else ""
    yield one.leaf
    if redacted:
        yield ", ".join(sorted(one.cut.facets)) if one.cut else ""


def _text(value: str) -> str:
    value = visible(_NOT_XML.sub("\ufffd", value.replace("\r\n", "\n")))
    note = f" … [cut; the whole stands in {CSV}]"
    return value if len(value) <= CELL else value[: CELL - len(note)] + note
