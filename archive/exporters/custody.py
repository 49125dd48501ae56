"""The chain of custody of each item, as a workbook: received how and when and by what, sealed when and by which key.

It begins where the archive was there itself: what happened to an export before it was handed in, nobody here saw. Of
an item of which something is withheld, the digest of what it was read from stays away too: it could confirm a guess.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from archive.exporters.table import write_workbook
from archive.production import Told
from schemas.capture import Capture

CUSTODY = "custody.xlsx"
HEAD = (
    "no", "item", "leaf_hash", "channel", "received", "method", "exported", "exporter", "type", "length", "sha256",
    "kept", "masked_places", "tool", "operator", "parser", "sealed", "writer_key",
)  # fmt: skip
Row = Sequence[int | str]


def write_custody(path: Path, told: Iterable[Told]) -> int:
    """Write a row for every item; give their number."""
    return write_workbook(path, "custody", HEAD, _rows(told))


def _rows(told: Iterable[Told]) -> Iterator[Row]:
    for number, one in enumerate(told, 1):
        custody = one.custody
        if custody is None:
            continue
        sealed = datetime.fromtimestamp(custody.sealed, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        yield (
            number, one.index, one.leaf, one.item.key.channel, *_received(custody.capture, hidden=one.cut is not None),
            one.item.parser, sealed, custody.writer,
        )  # fmt: skip


def _received(capture: Capture | None, *, hidden: bool) -> Row:
    if capture is None:
        return ("",) * 11
    digest, length = capture.received_sha256 or capture.sha256, capture.received_length
    size = str(capture.length if length is None else length)
    return (
        capture.received, capture.method, capture.exported or "", capture.exporter or "", capture.media_type or "",
        "" if hidden else size, "" if hidden else digest, capture.kept, len(capture.masked), capture.tool,
        capture.operator or "",
    )  # fmt: skip
