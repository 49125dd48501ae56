"""What a person is given of themselves (Art. 15 GDPR): their items, other people masked, and where others name them."""

import html
import json
import re
import shutil
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.errors import UsageError
from archive.services.agreed import papers
from archive.services.dispose.belonging import authorship
from archive.services.journal import Looking, note
from archive.services.session import Session
from archive.services.subject import every_item
from archive.services.told import opening
from schemas.item import Actor, Item
from schemas.keeping import Subject

MASKED = "[another person]"
_ADDRESSES = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?<![\w+])(?:\+|00)\d[\d ()/.-]{6,}\d"
    r"|(?<![\w.,])0\d{2,5} ?[/-] ?\d[\d -]{3,}\d",
    re.A,
)
"""Addresses of mail, and telephone numbers in the ways in which they cannot well be anything else."""
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}$", re.A)


@dataclass(frozen=True, slots=True)
class Exported:
    """What a person was given."""

    subject: Subject
    items: int
    masked: int
    """Places where another person was masked."""
    named: int
    """Items of others that name the person, or were sent to them."""
    files: int


def export(session: Session, number: str, out: Path, *, files: bool = False) -> Exported:
    """Write a person's items as JSON and as a page to read; other people are masked wherever they are named.

    Of what others wrote and that names the person, number, channel and time are told, not the words. Names that
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
    masks = _Masks(session, subject)
    known = (subject.name, *subject.spellings, *(account.id for account in subject.accounts))
    note(session, Looking("subject export", sorted(masks.mine), subject.name, names=known))
    out.mkdir(parents=True, exist_ok=True)
    rows, named, written = [], [], 0
    for index, item in every_item(session):
        if index in masks.mine:
            placed = _write_files(session, index, item, out / "files") if files else []
            written += sum(place is not None for place in placed)
            rows.append(masks.row(index, item, placed))
        elif masks.names_subject(item):
            time = item.time.utc or item.time.written if item.time else None
            named.append({"number": index, "channel": item.key.channel, "time": time})
    document = {
        "name": subject.name, "made": session.now(), "items": rows, "named_in": named,
        "channels": dict(Counter(row["channel"] for row in rows)),
    }  # fmt: skip
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True)
    (out / "data.json").write_text(text, encoding="utf-8")
    (out / "data.html").write_text(_page(document), encoding="utf-8")
    return Exported(subject, len(rows), masks.count, len(named), written)


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


class _Masks:
    """Masks other people in what one person is given."""

    def __init__(self, session: Session, subject: Subject) -> None:
        """Walk all items once: which are the person's, and how everybody else is called."""
        self._accounts = {key.place for key in subject.accounts}
        own = {subject.name, *subject.spellings, *(key.id for key in subject.accounts)}
        others: set[str] = set()
        wrote = authorship(subject)
        self.mine: set[int] = set()
        """The person's items."""
        for index, item in every_item(session):
            if wrote(item) and item.author is not None:
                self.mine.add(index)
                own.update(name for name in (item.author.written, item.author.handle) if name)
            for actor in (item.author, *(recipient.actor for recipient in item.recipients)):
                if actor is not None and not (index in self.mine and actor is item.author):
                    called = (actor.written, actor.handle, actor.account.id if actor.account else None)
                    others.update(name for name in called if name and len(name) > 2)
        self._own = {_plain(name) for name in own}
        kept = {word for name in self._own for word in name.split()} | self._own
        named = {_plain(name) for name in others}
        parts = {word for name in named for word in name.split() if len(word) > 2}
        self._names = sorted((named | parts) - kept, key=lambda name: (-len(name), name))
        self.count = 0

    def names_subject(self, item: Item) -> bool:
        """Say whether an item of somebody else names the person, or was sent to them."""
        if any(self._is_subject(recipient.actor) for recipient in item.recipients):
            return True
        said = unicodedata.normalize("NFC", " ".join(filter(None, (item.title, item.text))))
        return any(_replaced(said, name)[1] for name in self._own)

    def _is_subject(self, actor: Actor) -> bool:
        if actor.account is not None and actor.account.place in self._accounts:
            return True
        return any(_plain(name) in self._own for name in (actor.written, actor.handle) if name)

    def text(self, text: str | None) -> str | None:
        """Give a text with other people's names, mail addresses and telephone numbers masked."""
        if text is None:
            return None
        text = _ADDRESSES.sub(self._address, unicodedata.normalize("NFC", text))
        for name in self._names:
            text, count = _replaced(text, name)
            self.count += count
        return text

    def _address(self, found: re.Match[str]) -> str:
        if _plain(found[0]) in self._own:
            return found[0]
        self.count += 1
        return MASKED

    def row(self, index: int, item: Item, files: Sequence[str | None]) -> dict[str, Any]:
        """Give an item for the person who wrote it. Raw bytes are left out: they name others."""
        return {
            "number": index,
            "channel": item.key.channel,
            "time": item.time.written if item.time else None,
            "utc": item.time.utc if item.time else None,
            "event": item.event,
            "form": item.form,
            "thread": self.text(item.thread.id),
            "recipients": len(item.recipients),
            "title": self.text(item.title),
            "text": self.text(item.text),
            "attachments": [self.text(one.name) for one in item.attachments],
            "files": list(files),
        }


def _plain(text: str) -> str:
    """Give a text as names are looked for in it: composed letters, each in lower case where that is one letter."""
    composed = unicodedata.normalize("NFC", text)
    low = composed.lower()
    if len(low) == len(composed):
        return low
    return "".join(small if len(small := letter.lower()) == 1 else letter for letter in composed)


def _replaced(text: str, name: str) -> tuple[str, int]:
    """Replace a name, as ``_plain`` gives it, where it stands in a composed text as words of its own."""
    low, wanted, at, parts, count = _plain(text), name, 0, [], 0
    while (found := low.find(wanted, at)) >= 0:
        end = found + len(wanted)
        alone = not (found and text[found - 1].isalnum()) and not (end < len(text) and text[end].isalnum())
        parts.append(text[at:found] + (MASKED if alone else text[found:end]))
        count += alone
        at = end
    return "".join((*parts, text[at:])), count


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
        f"Andere Personen sind durch {_cell(MASKED)} ersetzt. In {len(document['named_in'])} Einträgen anderer "
        "werden Sie genannt oder angeschrieben; deren Nummern stehen in data.json.</p>\n"
        "<table><tr><th>Nr.</th><th>Zeit</th><th>Kanal</th><th>Art</th><th>Inhalt</th></tr>\n"
        f"{rows}</table></body></html>\n"
    )


def _cell(text: object) -> str:
    return html.escape("" if text is None else str(text))
