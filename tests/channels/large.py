"""Small exports grown large: one unit of a channel's own export, again and again under other ids and with more words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from tests.channels.own import OWN

WORDS = 1000
"""Bytes of the words of a unit: its own ones, again and again."""


@dataclass(frozen=True)
class Unit:
    """What of a file is repeated."""

    file: str
    start: bytes
    """With what the unit begins, in its last place in the file."""
    end: bytes
    """With what it ends, behind that."""
    ident: bytes
    """What tells it from others: a number takes the place of its last digits, or stands behind it."""
    words: bytes
    between: bytes = b", "


# Feeds and manifests of RSMF have a limit of 64 MB; what is larger is told, and not read.
LARGE: dict[str, Unit] = {
    "whatsapp": Unit("c.txt", b"24.02.24, 09:01", b"Zeile\n", b"Ja", b"zweite Zeile", b""),
    "slack": Unit("room/2024-03-04.json", b'{"type"', b"}", b"1709540000", b"Hallo"),
    "facebook": Unit(
        "messages/inbox/anna_1/message_1.json", b'{"sender_name": "Bob"', b"}", b"1709539100000", b"Ja"
    ),
    "instagram": Unit(
        "your_instagram_activity/messages/inbox/bob_2/message_1.json", b'{"sender_name"', b"}", b"1709539200000",
        b"Hallo",
    ),
    "linkedin": Unit("messages.csv", b"2-a=", b"INBOX", b"in/j", b"Ja", b"\r\n"),
    "x": Unit("data/tweets.js", b'{"tweet"', b"]}}}", b'"11', b"Neu "),
    "whatsapp-business": Unit("hooks.jsonl", b'{"object"', b"}]}]}", b"wamid.2", b"", b"\n"),
    "teams": Unit("messages.json", b'{"id": "1"', b"[]}", b'"id": "1', b"Hallo"),
    "discord": Unit("kanal.json", b'{"id": "7"', b"}]}", b'"7', b"Hallo"),
    "google-chat": Unit("Google Chat/Groups/Space AAA/messages.json", b'{"creator"', b't/t"}', b"AAA/t/t", b"Hallo"),
    "google-business": Unit("reviews.json", b'{"reviewId"', b"}}", b"r1", b"Gut"),
    "trustpilot": Unit("reviews.json", b'{"id": "66"', b"}}", b'"66', b"Lange gewartet"),
    "zendesk": Unit("audits.json", b'{"id": 5', b"}]}", b'"id": 5', b"Hallo"),
    "intercom": Unit("c.json", b'{"type": "conversation", "id": "503"', b"1}}", b'"503', b"intern", b"\n"),
    "matrix": Unit("export.json", b'{"type"', b'!r:x.example"}', b"$1", b"Hallo"),
    "reddit": Unit("comments.csv", b"k1,", b'Welt",\n', b"k1", b"hallo", b""),
    "mastodon": Unit("outbox.json", b'{"id": "https://m.example/users/werk/statuses/1/a', b"]}}", b"statuses/1", b"Hallo"),
    "discourse": Unit("t.json", b'{"id": 5', b"}", b'"id": 5', b"Hallo"),
}  # fmt: skip


def write(channel: str, folder: Path, size: int) -> int:
    """Write the export of a channel with about ``size`` bytes; give how many units it has."""
    unit, units = LARGE[channel], 0
    for name, data in OWN[channel].files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            if name != unit.file:
                file.write(data)
                continue
            start = data.rindex(unit.start)
            end = data.index(unit.end, start) + len(unit.end)
            file.write(data[:start])
            for units, made in enumerate(_units(unit, data[start:end]), 1):
                file.write(made if units == 1 else unit.between + made)
                if file.tell() >= size:
                    break
            file.write(data[end:])
    return units


def _units(unit: Unit, one: bytes) -> Iterator[bytes]:
    more = (b" " + unit.words) * (WORDS // (len(unit.words) + 1)) if unit.words else b""
    padded = one.replace(unit.words, unit.words + more) if unit.words else one
    stem = re.sub(rb"\d{1,7}$", b"", unit.ident)
    for number in count(10**6):
        yield padded.replace(unit.ident, stem + str(number).encode())
