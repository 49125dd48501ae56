"""What of an export is no conversation: people of the contact book with whom there is none, settings of the app."""

import re
from collections.abc import Iterator
from typing import Any

from archive.errors import UnreadableInput
from archive.reading.json_fields import NotUnderstood, load_json
from archive.reading.json_stream import ELEMENT_CAP
from archive.reading.lines import read_lines
from archive.reading.private import Private, Range
from archive.reading.tree import Member

SETTINGS = ("stickerPack", "notificationProfile", "chatFolder", "adHocCall")
CONTACTS, APP = "contact book: people of no conversation", "settings of the app"
_PEOPLE = re.compile(r"(?:recipient|author|voter)Id", re.IGNORECASE)
"""Names of fields that hold the number of somebody who takes part (``ringerRecipientId``)."""


def no_conversation(member: Member) -> Iterator[Private]:
    """The lines that are masked as a whole; one that cannot be read is not judged here."""
    settings: list[Range] = []
    contacts: list[tuple[Range, frozenset[str]]] = []
    known: set[str] = set()
    try:
        with member.open() as stream:
            for line in read_lines(stream, cap=ELEMENT_CAP):
                place = (line.start, line.start + len(line.data.rstrip(b"\r\n")))
                frame = _frame(line.data) if line.whole else {}
                recipient = frame.get("recipient")
                contact = recipient.get("contact") if isinstance(recipient, dict) else None
                if any(name in frame for name in SETTINGS):
                    settings.append(place)
                elif isinstance(recipient, dict) and isinstance(contact, dict):
                    names = (contact.get(name) for name in ("aci", "pni"))
                    contacts.append((place, frozenset(map(str, (recipient.get("id"), *filter(None, names))))))
                elif not isinstance(recipient, dict) or "group" in recipient:
                    known.update(_people(frame))
    except UnreadableInput:
        pass  # what follows is read by nobody either
    strangers = tuple(place for place, names in contacts if known.isdisjoint(names))
    for reason, ranges in ((CONTACTS, strangers), (APP, tuple(settings))):
        if ranges:
            yield Private(member.path, reason, ranges)


def _frame(data: bytes) -> dict[str, Any]:
    try:
        frame = load_json(data)
    except NotUnderstood:
        return {}
    return frame if isinstance(frame, dict) else {}


def _people(frame: dict[str, Any]) -> Iterator[str]:
    """The numbers of people, and every string that may be the id of an account (16 bytes in base64)."""
    waiting: list[tuple[str, Any]] = list(frame.items())
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(value.items())
        elif isinstance(value, list):
            waiting.extend((name, one) for one in value)
        elif _PEOPLE.search(name) or (isinstance(value, str) and len(value) == 24):
            yield str(value)
