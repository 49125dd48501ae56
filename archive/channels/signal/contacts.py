"""What of an export is no conversation: people of the contact book with whom there is none, settings of the app."""

import re
from collections.abc import Iterator
from contextlib import suppress
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
    strangers: dict[Range, None] = {}
    names: dict[str, Range] = {}
    for place, frame in _frames(member, b'"contact"'):
        for name in _names(frame):
            names[name] = place
            strangers[place] = None
    for place, frame in _frames(member):
        recipient = frame.get("recipient")
        if any(name in frame for name in SETTINGS):
            settings.append(place)
        elif not isinstance(recipient, dict) or "group" in recipient:
            for name in _people(frame):
                if name in names:
                    strangers.pop(names[name], None)
    for reason, ranges in ((CONTACTS, tuple(strangers)), (APP, tuple(settings))):
        if ranges:
            yield Private(member.path, reason, ranges)


def _frames(member: Member, mark: bytes = b"") -> Iterator[tuple[Range, dict[str, Any]]]:
    """The lines with a mark that are objects, each with its place, as far as the member can be read."""
    with suppress(UnreadableInput), member.open() as stream:
        for line in read_lines(stream, cap=ELEMENT_CAP):
            if not line.whole or mark not in line.data:
                continue
            with suppress(NotUnderstood):
                frame = load_json(line.data)
                if isinstance(frame, dict):
                    yield (line.start, line.start + len(line.data.rstrip(b"\r\n"))), frame


def _names(frame: dict[str, Any]) -> Iterator[str]:
    """The number of a contact and the ids of its account; none if it is no contact."""
    recipient = frame.get("recipient")
    contact = recipient.get("contact") if isinstance(recipient, dict) else None
    if isinstance(recipient, dict) and isinstance(contact, dict):
        yield str(recipient.get("id"))
        yield from (str(contact[name]) for name in ("aci", "pni") if contact.get(name))


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
