"""The searches of a matter, as a workbook: what was asked, of how many records, and how much was found.

The whole certificates lie beside it as JSON: with them the same search can be asked again (``search --replay``).
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from archive.exporters.table import write_workbook
from schemas.matter import Certificate

SEARCHES = "searches.xlsx"
HEAD = (
    "certificate", "created", "person", "purpose", "query", "read_as", "searched", "zone", "as_of", "records", "found",
    "by_channel", "not_searchable", "checked", "items", "items_sha256", "head",
)  # fmt: skip


def write_searches(path: Path, made: Iterable[Certificate]) -> int:
    """Write a row for every certificate; give their number."""
    return write_workbook(path, "searches", HEAD, _rows(made))


def _rows(made: Iterable[Certificate]) -> Iterator[Sequence[int | str]]:
    for one in made:
        yield (
            one.id, one.created, one.person or "", one.purpose or "", one.query, "\n".join(one.explained),
            "\n".join(f"{word}: {', '.join(terms)}" for word, terms in one.searched), one.timezone, one.as_of or "",
            one.position, one.total, _pairs(one.counts), _pairs(one.limits), "; ".join(one.checked), one.items,
            one.items_sha256, one.head,
        )  # fmt: skip


def _pairs(counts: Iterable[tuple[str, int]]) -> str:
    return "; ".join(f"{name} {count}" for name, count in counts)
