"""Writing the report: PDF/A-2a in volumes of a few thousand messages, byte for byte the same each time.

Courts in Germany take PDF/A-2 of at most 200 MB a delivery (ERVB 2025); a volume stays far below that. The template is
ours, every word from outside reaches it as a value of JSON, so nothing in a message is ever markup.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

import typst

from archive.core.signed_note import Checkpoint
from archive.errors import FormatError
from archive.exporters.report import fonts
from archive.exporters.report.pages import Pages
from archive.exporters.report.words import Words
from archive.exporters.review.events import Message, messages
from archive.exporters.review.slices import Slice, slices
from archive.production import BundleInput

MESSAGES = 4_000
"""A volume: the typesetter holds all of it in memory, some 60 MB a thousand messages."""
MOST_BYTES = 200 * 1000 * 1000
STANDARD = "a-2a"
_NO_DATE = datetime(1980, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Report:
    """What was written."""

    paths: tuple[str, ...]
    messages: int
    replaced: int
    """Characters that no font has; they stand as their number."""


def write_report(given: BundleInput, checkpoint: Checkpoint, folder: Path, limits: str) -> Report:
    """Write ``report_0001.pdf`` and so on into a folder that is there."""
    options = given.options
    words = Words(options.language)
    paths: list[str] = []
    total = replaced = 0
    for number, (volume, pages, count) in enumerate(_volumes(given, words), 1):
        path = f"report_{number:04d}.pdf"
        data = _set(_values(given, checkpoint, number, volume, pages, count, words, limits), pages)
        if len(data) > MOST_BYTES:
            raise FormatError(f"{path}: {len(data)} bytes are more than a court takes")
        (folder / path).write_bytes(data)
        paths.append(path)
        total, replaced = total + count, replaced + pages.shown.replaced
    return Report(tuple(paths), total, replaced)


def _volumes(given: BundleInput, words: Words) -> Iterator[tuple[list[dict[str, Any]], Pages, int]]:
    """Cut the conversations into volumes; there is always a first one, if only to say that nothing is left to show."""
    pages, volume, count = Pages(given.options.timezone, words), list[dict[str, Any]](), 0
    begun = False
    for one, found in _pieces(slices(given.told(), "whole", given.options.timezone)):
        if volume and count + len(found) > MESSAGES:
            yield volume, pages, count
            pages, volume, count = Pages(given.options.timezone, words), [], 0
        volume.append(pages.conversation(one, found))
        count, begun = count + len(found), True
    if volume or not begun:
        yield volume, pages, count


def _pieces(whole: Iterable[Slice]) -> Iterator[tuple[Slice, list[Message]]]:
    for one in whole:
        found = messages(one.items)
        for at in range(0, len(found), MESSAGES):
            yield one, found[at : at + MESSAGES]


def _values(
    given: BundleInput, checkpoint: Checkpoint, number: int, volume: list[dict[str, Any]], pages: Pages, count: int,
    words: Words, limits: str,
) -> dict[str, Any]:  # fmt: skip
    options, shown, counts = given.options, pages.shown, pages.counts
    period = (
        f"{pages.first:%Y-%m-%d %H:%M} – {pages.last:%Y-%m-%d %H:%M}" if pages.first and pages.last else "–"
    )
    told = [f"{counts[why]} {words[why]}" for why in ("hit", "context", "parent") if counts[why]]
    cover = [
        (words["matter"], f"{given.matter.id}: {shown.line(given.matter.title)}"),
        (words["reference"], shown.line(given.matter.reference or "–")),
        (words["archive"], given.origin),
        (words["rule"], options.context),
        (words["zone"], options.timezone),
        (words["period"], period),
        (words["messages"], f"{count} ({', '.join(told)})" if told else str(count)),
        (words["files"], f"{counts['files']} ({words['of_them']}: {counts['missing']})"),
        (words["head"], f"{checkpoint.size} · {checkpoint.root.hex()}"),
        (words["log_key"], given.log_key),
    ]
    return {
        "title": f"{words['report']} {given.matter.id}, {words['volume']} {number}",
        "language": options.language,
        "words": words.all(),
        "cover": [list(row) for row in cover],
        "limits": limits,
        "stamp": shown.line(options.exhibit or ""),
        "conversations": volume,
        "families": list(fonts.FAMILIES),
    }


def _set(values: dict[str, Any], pages: Pages) -> bytes:
    """Set a volume. The replaced characters are counted when all text was made fit, so they come last."""
    values["cover"].append([values["words"]["replaced"], str(pages.shown.replaced)])
    moment = pages.last.astimezone(UTC) if pages.last else _NO_DATE
    values["date"] = {
        name: getattr(moment, name) for name in ("year", "month", "day", "hour", "minute", "second")
    }
    template = resources.files("archive.exporters.report").joinpath("report.typ").read_bytes()
    try:
        data = typst.compile(
            {"main.typ": template, "values.json": json.dumps(values, ensure_ascii=False).encode()},
            font_paths=fonts.loaded(), ignore_system_fonts=True, pdf_standards=[STANDARD], format="pdf",
        )  # type: ignore[call-overload]  # fmt: skip
    except typst.TypstError as error:
        # Its words may quote the text that it could not set.
        raise FormatError(
            "the report could not be set as PDF/A-2a; the bundle without it: --profile review"
        ) from error
    return bytes(data)
