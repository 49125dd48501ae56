"""A small export of every channel: what it must know as its own, and what all others must leave alone.

``items`` is how many items stand in it, counted by reading it.
"""

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Own:
    files: dict[str, bytes]
    items: int


def as_json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


CHAT = b"24.02.24, 09:00 - Anna: Hallo\n24.02.24, 09:01 - Bob: Ja\nzweite Zeile\n"
DAY = b'[{"type": "message", "user": "U1", "text": "Hallo", "ts": "1709540000.000400"}]'
MAIL = b"From: a@x.example\nTo: b@y.example\nSubject: Hallo\nDate: Mon, 11 Mar 2024 08:00:12 +0100\n\nText\n"

OWN: dict[str, Own] = {
    "whatsapp": Own({"c.txt": CHAT}, 2),
    "slack": Own({"room/2024-03-04.json": DAY}, 1),
    "email": Own({"a.eml": MAIL}, 1),
    "telegram": Own(
        {
            "result.json": as_json(
                {
                    "name": "Pumpe",
                    "type": "private_group",
                    "id": 42,
                    "messages": [
                        {"id": 1, "type": "message", "date": "2024-03-04T09:00:00", "date_unixtime": "1709539200", "from": "Anna", "from_id": "user1", "text": "Hallo", "text_entities": []},
                        {"id": 2, "type": "service", "date": "2024-03-04T09:01:00", "date_unixtime": "1709539260", "actor": "Bob", "actor_id": "user2", "action": "join_group_by_link", "text": ""},
                    ],
                }
            )
        },
        2,
    ),
}  # fmt: skip
