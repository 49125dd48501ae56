"""What a person is given of themselves (Art. 15 GDPR): their items, other people masked, and where others name them."""

import html
import json
import re
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.errors import UsageError
from archive.services.agreed import papers
from archive.services.journal import Looking, note
from archive.services.session import Session
from archive.services.subject import every_item
from archive.services.subject_masks import MASKED, Masks
from archive.services.subject_named import PART
from archive.services.told import opening
from schemas.item import Item
from schemas.keeping import Subject

_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}$", re.A)


@dataclass(frozen=True, slots=True)
class Exported:
    """What a person was given."""

    subject: Subject
    items: int
    masked: int
    """Places where another person was masked."""
    named: int
    """Items of others that name the person, answer them, were sent to them, or stand in their conversations."""
    perhaps: int
    """Items of others in which a part of the name stands."""
    files: int


def export(session: Session, number: str, out: Path, *, files: bool = False) -> Exported:
    """Write a person's items as JSON and as a page to read; other people are masked wherever they are named.

    Of what others wrote and that concerns the person, number, channel, time and why are told, not the words. Names that
    stand in running text and belong to nobody whom the archive knows cannot be seen, and nothing in files.

    Args:
        session: its catalogue must be at the head.
        number: of the subject.
        out: a new or empty folder.
        files: write the files that the person sent, too, as they are.

    Raises:
        UsageError: there is no such subject, or ``out`` is not empty.
    """
    subjects = papers.subjects(session)
    if number not in subjects:
        raise UsageError(f"there is no subject {number}; `beleg subject list` shows them")
    if out.exists() and any(out.iterdir()):
        raise UsageError(f"{out} is not empty")
    subject = subjects[number]
    masks = Masks(session, subject)
    known = (subject.name, *subject.spellings, *(account.id for account in subject.accounts))
    note(session, Looking("subject export", sorted(masks.mine), subject.name, names=known))
    out.mkdir(parents=True, exist_ok=True)
    rows, named, written = [], [], 0
    for index, item in every_item(session):
        if index in masks.mine:
            placed = _write_files(session, index, item, out / "files") if files else []
            written += sum(place is not None for place in placed)
            rows.append(masks.row(index, item, placed))
        elif (why := masks.named.why(item)) is not None:
            time = item.time.utc or item.time.written if item.time else None
            named.append({"number": index, "channel": item.key.channel, "time": time, "why": why})
    document = {
        "name": subject.name, "made": session.now(), "items": rows, "named_in": named,
        "channels": dict(Counter(row["channel"] for row in rows)),
    }  # fmt: skip
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True)
    (out / "data.json").write_text(text, encoding="utf-8")
    (out / "data.html").write_text(_page(document), encoding="utf-8")
    perhaps = _perhaps(document)
    return Exported(subject, len(rows), masks.count, len(named) - perhaps, perhaps, written)


def _perhaps(document: dict[str, Any]) -> int:
    return sum(one["why"] == PART for one in document["named_in"])


def _write_files(session: Session, index: int, item: Item, folder: Path) -> list[str | None]:
    """Write the files of an item under names of our own; give the path of each, None where it is not there."""
    placed: list[str | None] = []
    for number, attachment in enumerate(item.attachments, 1):
        reading = opening(session, attachment)
        if reading is None:
            placed.append(None)
            continue
        folder.mkdir(exist_ok=True)
        ending = _SUFFIX.search(attachment.name or "")
        target = folder / f"{index}-{number}{ending[0].lower() if ending else '.bin'}"
        with reading() as source, target.open("xb") as file:
            shutil.copyfileobj(source, file, 1 << 20)
        placed.append(f"{folder.name}/{target.name}")
    return placed


def _page(document: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td>{row['number']}</td><td>{_cell(row['time'])}</td><td>{_cell(row['channel'])}</td>"
        f"<td>{_cell(row['event'])}</td><td>{_cell(' '.join(filter(None, (row['title'], row['text']))))}</td></tr>\n"
        for row in document["items"]
    )
    return (
        '<!DOCTYPE html>\n<html lang="de"><head><meta charset="utf-8"><title>Auskunft</title>'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'"></head><body>\n'
        f"<h1>Auskunft für {_cell(document['name'])}</h1>\n<p>{len(document['items'])} Einträge, {document['made']}. "
        f"Andere Personen sind durch {_cell(MASKED)} ersetzt. {len(document['named_in']) - _perhaps(document)} "
        "Einträge anderer nennen Sie, gingen an Sie, antworten Ihnen oder stehen in Ihren Unterhaltungen; in "
        f"{_perhaps(document)} weiteren steht ein Teil Ihres Namens, der auch andere meinen kann. Nummern, Zeiten und "
        "Gründe stehen in data.json.</p>\n"
        "<table><tr><th>Nr.</th><th>Zeit</th><th>Kanal</th><th>Art</th><th>Inhalt</th></tr>\n"
        f"{rows}</table></body></html>\n"
    )


def _cell(text: object) -> str:
    return html.escape("" if text is None else str(text))
