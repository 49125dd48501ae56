"""Writing the report: PDF/A-2a in volumes of a few thousand messages, byte for byte the same each time.

Courts in Germany take PDF/A-2 of at most 200 MB a delivery (ERVB 2025); a volume stays far below that. The template is
ours, every word from outside reaches it as a value of JSON, so nothing in a message is ever markup.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.core.signed_note import Checkpoint
from archive.errors import FormatError
from archive.exporters.brackets import bracket, stamps
from archive.exporters.events import Message, messages
from archive.exporters.report.pages import Pages, pictures_in
from archive.exporters.report.typesetting import set_pages
from archive.exporters.report.words import Words
from archive.exporters.slices import Slice, slices
from archive.production import BundleInput

MESSAGES = 4_000
"""A volume: the typesetter holds all of it in memory, some 60 MB a thousand messages of a line or two."""
CHARACTERS = 250
"""Of a long message so many weigh as much as one."""
MOST_BYTES = 200 * 1000 * 1000
PICTURE = 6
"""What a picture weighs in messages: some hundred kilobytes each."""


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
    total = replaced = sides = 0
    for number, (volume, pages, count) in enumerate(_volumes(given, words), 1):
        path = f"report_{number:04d}.pdf"
        values = _values(given, checkpoint, number, volume, pages, count, words, limits)
        values |= {"bates": options.prefix or "", "first": sides + 1}
        data, added = set_pages("report.typ", values, pages.pictures, pages.last)
        if len(data) > MOST_BYTES:
            raise FormatError(f"{path}: {len(data)} bytes are more than a court takes")
        (folder / path).write_bytes(data)
        paths.append(path)
        total, replaced, sides = total + count, replaced + pages.shown.replaced, sides + added
    return Report(tuple(paths), total, replaced)


def _volumes(given: BundleInput, words: Words) -> Iterator[tuple[list[dict[str, Any]], Pages, int]]:
    """Cut the conversations into volumes; there is always a first one, if only to say that nothing is left to show."""
    zone, begun = given.options.timezone, False
    pages, volume, count, weight = Pages(zone, words, given.picture), list[dict[str, Any]](), 0, 0
    for one, found in _pieces(slices(given.told(), "whole", zone)):
        more = sum(map(_weight, found))
        if volume and weight + more > MESSAGES:
            yield volume, pages, count
            pages, volume, count, weight = Pages(zone, words, given.picture), [], 0, 0
        volume.append(pages.conversation(one, found))
        count, weight, begun = count + len(found), weight + more, True
    if volume or not begun:
        yield volume, pages, count


def _sealed(given: BundleInput, pages: Pages, words: Words) -> str:
    """Say between which time stamps the items of a volume were sealed."""
    if not given.tokens:
        return words["no_time"]
    bounds = bracket(stamps(given.tokens), min(pages.records, default=0), max(pages.records, default=0))
    return " – ".join(f"{time:%Y-%m-%d %H:%M:%S} UTC" if time else "…" for time in bounds)


def _pieces(whole: Iterable[Slice]) -> Iterator[tuple[Slice, list[Message]]]:
    """Cut conversations where one alone is more than a volume."""
    for one in whole:
        piece, weight = list[Message](), 0
        for message in messages(one.items):
            more = _weight(message)
            if piece and weight + more > MESSAGES:
                yield one, piece
                piece, weight = [], 0
            piece.append(message)
            weight += more
        yield one, piece


def _weight(message: Message) -> int:
    text = message.filed.item.text or ""
    return 1 + len(text) // CHARACTERS + PICTURE * pictures_in(message.filed)


def _values(
    given: BundleInput, checkpoint: Checkpoint, number: int, volume: list[dict[str, Any]], pages: Pages, count: int,
    words: Words, limits: str,
) -> dict[str, Any]:  # fmt: skip
    options, shown, counts = given.options, pages.shown, pages.counts
    period = (
        f"{pages.first:%Y-%m-%d %H:%M} – {pages.last:%Y-%m-%d %H:%M}" if pages.first and pages.last else "–"
    )
    told = [f"{counts[why]} {words[why]}" for why in ("hit", "context", "parent") if counts[why]]
    kept = f", {words['withheld']}: {counts['kept']}" if counts["kept"] else ""
    cover = [
        (words["matter"], f"{given.matter.id}: {shown.line(given.matter.title)}"),
        (words["reference"], shown.line(given.matter.reference or "–")),
        (words["archive"], given.origin),
        (words["rule"], options.context),
        (words["zone"], options.timezone),
        (words["period"], period),
        (words["messages"], f"{count} ({', '.join(told)})" if told else str(count)),
        (words["files"], f"{counts['files']} ({words['of_them']}: {counts['missing']}{kept})"),
        (words["pictures"], f"{counts['pictures']} ({words['not_drawn']}: {counts['not_drawn']})"),
        (words["checked"], words["checked_text"]),
        (words["sealed"], _sealed(given, pages, words)),
        (words["head"], f"{checkpoint.size} · {checkpoint.root.hex()}"),
        (words["log_key"], given.log_key),
    ]
    values = {
        "title": f"{words['report']} {given.matter.id}, {words['volume']} {number}",
        "language": options.language,
        "words": words.all(),
        "limits": limits,
        "stamp": shown.line(options.exhibit or ""),
        "conversations": volume,
    }
    cover.append((words["replaced"], str(shown.replaced)))  # last: by now all text was made fit
    return values | {"cover": [list(row) for row in cover]}
