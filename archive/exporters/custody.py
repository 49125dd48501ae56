"""The chain of custody, as a workbook: of each item, received how and when and by what, sealed when and by which key;
and of the matter, what people did with it.

It begins where the archive was there itself: what happened to an export before it was handed in, nobody here saw. Of
an account of which something is withheld, digest and length of what was received stay away, in every row: who has all
else that stood in the file could try what fits.
"""

from collections.abc import Iterable, Iterator, Sequence, Set
from pathlib import Path

from archive.core.instants import from_seconds
from archive.exporters.table import write_workbook
from archive.production import Step, Told
from schemas.capture import Capture
from schemas.item import Key

CUSTODY = "custody.xlsx"
HEAD = (
    "no", "item", "leaf_hash", "channel", "received", "method", "exported", "exporter", "type", "length", "sha256",
    "kept", "masked_places", "tool", "operator", "parser", "sealed", "writer_key",
)  # fmt: skip
STEPS = ("record", "sealed", "action", "about", "person", "writer_key")
Row = Sequence[int | str]


def write_custody(
    path: Path, told: Iterable[Told], way: Iterable[Step] = (), hidden: Set[Key] = frozenset()
) -> int:
    """Write a row for every item, and on a sheet behind them one for each step of the matter; give the items.

    Args:
        path: the file.
        told: the items.
        way: what was done with the matter.
        hidden: the accounts by whose view something is withheld.
    """
    steps = list(way)
    return write_workbook(
        path, "custody", HEAD, _rows(told, hidden), ("matter", STEPS, map(_step, steps)) if steps else None
    )


def _step(step: Step) -> Row:
    return (step.index, from_seconds(step.sealed), step.action, step.about, step.person or "", step.writer)


def _rows(told: Iterable[Told], hidden: Set[Key]) -> Iterator[Row]:
    for number, one in enumerate(told, 1):
        custody = one.custody
        if custody is None:
            continue
        sealed = from_seconds(custody.sealed)
        yield (
            number, one.index, one.leaf, one.item.key.channel,
            *_received(custody.capture, hidden=one.item.via in hidden), one.item.parser, sealed, custody.writer,
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
