"""The redaction log and the privilege log of a production, as workbooks.

What they say: which item, when, who and to whom as far as that is not withheld itself, what is withheld, and why
in the words of whoever decided. The privilege log is what U.S. Fed. R. Civ. P. 26(b)(5)(A) asks for: the claim, and
the nature of what is withheld "without revealing information itself privileged".
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from archive.exporters.table import local, people, write_workbook
from archive.production import Cut, KeptBack, Told
from archive.redaction import reason_of

REDACTIONS, PRIVILEGE = "redaction_log.xlsx", "privilege_log.xlsx"

REDACTION_HEAD = (
    "no", "item", "channel", "conversation_id", "time_local", "zone", "withheld", "spans", "reason",
    "follows_item", "leaf_hash",
)  # fmt: skip
PRIVILEGE_HEAD = (
    "no", "item", "channel", "form", "author", "recipients", "time_local", "zone", "decision", "basis",
    "decided_by", "leaf_hash",
)  # fmt: skip

Row = Sequence[int | str]


def write_redaction_log(path: Path, told: Iterable[Told], zone: str, language: str) -> int:
    """Write a row for every item of which something is withheld; give their number."""
    cut = (one for one in told if one.cut is not None)
    return write_workbook(path, "redactions", REDACTION_HEAD, _redactions(cut, zone, language))


def write_privilege_log(path: Path, kept: Iterable[KeptBack], zone: str) -> int:
    """Write a row for every item that stays inside; give their number."""
    return write_workbook(path, "privilege", PRIVILEGE_HEAD, _kept(kept, zone))


def _redactions(told: Iterable[Told], zone: str, language: str) -> Iterator[Row]:
    for number, one in enumerate(told, 1):
        cut, time = one.cut or Cut(), local(one, zone)
        yield (
            number, one.index, one.item.key.channel, one.item.thread.id, time, zone if time else "",
            ", ".join(sorted(cut.facets)), len(cut.spans), reason_of(cut, language),
            "" if cut.follows is None else str(cut.follows), one.leaf,
        )  # fmt: skip


def _kept(kept: Iterable[KeptBack], zone: str) -> Iterator[Row]:
    for number, row in enumerate(kept, 1):
        one, time = row.told, local(row.told, zone)
        author = one.item.author
        yield (
            number, one.index, one.item.key.channel, one.item.form,
            (author.handle or author.name or "-") if author else "-", people(one.item.recipients),
            time, zone if time else "", row.decision, row.note, row.decided_by, one.leaf,
        )  # fmt: skip
