"""What each version of a reader called what stands in small exports, and what it read: tables that only grow.

A version whose ids lie in somebody's archive must be known for ever: what it called otherwise than today, today's reader
names (``Former``). ``python -m tests.channels.landed`` adds what the readers of today call it, for versions that the
table lacks; it changes nothing that stands there.
"""

import json
import tempfile
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from archive.channels import CHANNELS
from archive.ports import ReadOptions
from archive.reading.private import without
from archive.reading.tree import Tree
from archive.reading.units import UnitRead
from schemas.item import Key
from tests.channels.own import OWN, as_json

TABLE = Path(__file__).with_name("landed.json")
WORDS = Path(__file__).with_name("landed_words.json")
"""Export → version of its reader → digest of all that it read: what is read otherwise by the same version would be told
as a change that the platform made."""
Called = list[dict[str, str]]
"""Of each item: the account whose view it is, its key, and the id of its thread."""


@dataclass(frozen=True)
class Export:
    """A small export, and how it is read."""

    channel: str
    files: dict[str, bytes]
    options: dict[str, Any] = field(default_factory=dict)


def stanza(number: int, sender: str, said: str) -> str:
    return (
        f"<message xmlns='jabber:client' to='werk@x.example/a'><result xmlns='urn:xmpp:mam:2' id='mam{number}'>"
        "<forwarded xmlns='urn:xmpp:forward:0'>"
        f"<delay xmlns='urn:xmpp:delay' stamp='2024-03-04T09:0{number}:00Z'/><message xmlns='jabber:client' type='chat' "
        f"from='{sender}' to='werk@x.example/a' id='o{number}'>{said}"
        "<x xmlns='http://jabber.org/protocol/muc#user'/></message></forwarded></result></message>"
    )


DUMPED = (
    "<result xmlns='urn:xmpp:mam:2' id='mam1'><forwarded xmlns='urn:xmpp:forward:0'>"
    "<delay xmlns='urn:xmpp:delay' stamp='2024-03-04T09:01:00Z'/><message xmlns='jabber:client' type='chat' "
    "from='anna@y.example/a' to='werk@x.example' id='o1'><body>Zugesagt</body></message></forwarded></result>"
)
MANIFEST = {
    "version": "2.0.0",
    "participants": [{"id": "1", "display": "Anna", "email": "a@x.example"}, {"id": "2", "display": "Bob"}],
    "conversations": [{"id": "c", "platform": "teams", "type": "direct", "participants": ["1", "2"]}],
    "events": [
        {
            "id": "e1",
            "type": "message",
            "conversation": "c",
            "participant": "1",
            "timestamp": "2013-01-10T15:53:00Z",
            "body": "Zwei",
            "edits": [
                {"participant": "1", "timestamp": "2013-01-10T15:54:00Z", "previous": "Eins", "new": "Zwei"}
            ],
            "read_receipts": [{"participant": "2", "timestamp": "2013-01-10T16:01:00Z", "action": "read"}],
        },
        {
            "type": "message",
            "conversation": "c",
            "participant": "2",
            "timestamp": "2013-01-10T15:55:00Z",
            "body": "Ja",
        },
    ],
}
FEED = (
    "<rss version='2.0' xmlns:media='http://search.yahoo.com/mrss/'><channel><title>Blog</title>"
    "<link>https://b.example</link>{}</channel></rss>"
)
MESSAGES = (
    "id,permalink,thread_id,date,ip,from,to,subject,body\n"
    "m1,https://r.example/m1,,2024-01-01 10:00:00 UTC,,Anna,Werk,Angebot,Zugesagt\n"
    "m2,https://r.example/m2,m1,2024-01-02 10:00:00 UTC,,Werk,Anna,Angebot,Danke\n"
)
VOTES = "id,permalink,direction\np1,https://r.example/r/de/comments/p1/t/,up\n"
INVITED = (
    "From,To,Sent At,Message,Direction,inviterProfileUrl,inviteeProfileUrl\n"
    'Anna,Bob,"2/3/26, 9:15 AM",Guten Tag,INCOMING,https://l.example/a,https://l.example/b\n'
    'Eva,Bob,"2/3/26, 9:15 AM",Guten Tag,INCOMING,https://l.example/e,https://l.example/b\n'
)
QUOTED = (
    "Date,Link,Message\n"
    '2026-01-05 07:00:00,https://l.example/u,"Der \\"Preis, fest\\" gilt,\n\nauch morgen."\n'
    '2026-01-05 07:01:00,https://l.example/u,"Gut, \\"danke\\""\n2026-01-05 07:02:00,https://l.example/u,Danach\n'
)
MEMBER = (
    "topic_title,categories,is_pm,post_raw,post_cooked,like_count,reply_count,url,created_at\n"
    "Pumpe,Technik,No,Zugesagt,,3,1,https://f.example/t/pumpe/9/2,2024-03-04 09:00:00 UTC\n"
    "Pumpe,Technik,No,Erstes,,0,1,https://f.example/t/pumpe/9,2024-03-03 09:00:00 UTC\n"
)
VOTED = "Date,Link,OptionText\n2026-01-05 07:00:00,https://l.example/p,Ja\n"
TICKET = {
    "id": 7,
    "subject": "Pumpe",
    "requester_id": 1,
    "submitter_id": 2,
    "requester": {"id": 1, "name": "Anna"},
    "submitter": {"id": 2, "name": "Bo"},
    "created_at": "2024-03-04T09:00:00Z",
    "comments": [{"id": 8, "author_id": 2, "body": "Zugesagt", "created_at": "2024-03-04T09:01:00Z"}],
}
ROWS = "id,Datum,Autor,Nachricht\n7,2024-03-01 10:00,Anna,Zugesagt ist zugesagt\n"

EXPORTS: dict[str, Export] = {
    **{name: Export(name, own.files) for name, own in OWN.items()},
    "discourse: archive of a member": Export(
        "discourse", {"user_archive.csv": MEMBER.encode()}, {"mine": "anna"}
    ),
    "linkedin: invitations": Export("linkedin", {"Invitations.csv": INVITED.encode()}, {"mine": "Bob"}),
    "linkedin: quotes behind a backslash": Export(
        "linkedin", {"Comments.csv": QUOTED.encode()}, {"mine": "Bob"}
    ),
    "linkedin: votes": Export("linkedin", {"Votes.csv": VOTED.encode()}, {"mine": "Bob"}),
    "reddit: private messages": Export("reddit", {"messages.csv": MESSAGES.encode()}, {"mine": "Werk"}),
    "reddit: votes": Export("reddit", {"post_votes.csv": VOTES.encode()}, {"mine": "Werk"}),
    "rsmf: edits and receipts": Export("rsmf", {"rsmf_manifest.json": as_json(MANIFEST)}),
    "feed: ids that are shared": Export(
        "feed",
        {
            "feed.xml": FEED.format(
                "<item><guid>g</guid><link>https://b.example/1</link><title>Eins</title></item>"
                "<item><guid>g</guid><link>https://b.example/2</link><title>Zwei</title></item>"
            ).encode()
        },
    ),
    "feed: JSON with ids that are shared": Export(
        "feed",
        {
            "feed.json": as_json(
                {
                    "version": "https://jsonfeed.org/version/1.1",
                    "title": "Blog",
                    "items": [
                        {"id": "2", "url": "https://b.example/1", "content_text": "Eins"},
                        {"id": "2", "content_text": "Zwei"},
                        {"id": 3, "content_text": "Drei"},
                    ],
                }
            )
        },
    ),
    "feed: no id, and a title of a medium": Export(
        "feed",
        {
            "feed.xml": FEED.format(
                "<item><media:title>Bild</media:title><link>https://b.example/3</link><title>Drei</title></item>"
            ).encode()
        },
    ),
    "xmpp: within a room": Export(
        "xmpp",
        {
            "mam.xml": "".join(
                (
                    stanza(1, "pumpe@raum.example/anna", "<body>Zugesagt</body>"),
                    stanza(
                        2, "pumpe@raum.example/anna", "<retract xmlns='urn:xmpp:message-retract:1' id='o1'/>"
                    ),
                    stanza(3, "pumpe@raum.example/bo", "<body>Gefragt</body>"),
                )
            ).encode()
        },
        {"mine": "werk@x.example"},
    ),
    "xmpp: dump of a server": Export("xmpp", {"dump.xml": DUMPED.encode()}, {"mine": "werk@x.example"}),
    "zendesk: people with their names": Export("zendesk", {"tickets.json": as_json({"tickets": [TICKET]})}),
    "table: of a month": Export("table", {"tickets-2024-03.csv": ROWS.encode()}),
}


def read(export: Export, folder: Path) -> tuple[str, list[UnitRead]]:
    """Give the version of the reader, and what it reads."""
    for name, data in export.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    # A file that lies alone is called by its own name, as people give it.
    whole = folder / next(iter(export.files)) if len(export.files) == 1 else folder
    (reader,) = (one for one in CHANNELS if one.name == export.channel)
    with Tree.open(whole) as tree:
        options = ReadOptions(timezone="Europe/Berlin", origin="export", **export.options)
        readings = list(reader.read(without(tree, reader.private(tree)), options))
    return reader.parser, [one for one in readings if isinstance(one, UnitRead)]


def called(units: list[UnitRead]) -> Called:
    """Give what the items of these are called."""
    return [
        {"via": name_of(item.via), "key": name_of(item.key), "thread": item.thread.id}
        for unit in units
        for item in unit.items
    ]


def name_of(key: Key) -> str:
    """Give all by which ingestion knows something again: also how its id came about."""
    return json.dumps([key.scope, key.id, key.derived], ensure_ascii=False)


def words(units: list[UnitRead]) -> str:
    """Give the digest of all that ingestion compares: everything but where it lies in a file."""
    said = [
        _compared(item.model_dump(mode="json", exclude={"raw", "parser"}))
        for unit in units
        for item in unit.items
    ]
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _compared(value: Any) -> Any:
    """Without the further names of people, which ingestion does not compare."""
    if isinstance(value, dict):
        return {name: _compared(one) for name, one in value.items() if name != "also"}
    return [_compared(one) for one in value] if isinstance(value, list) else value


def table_of_words() -> dict[str, dict[str, str]]:
    """Export → version of its reader → digest of what that read."""
    found: dict[str, dict[str, str]] = json.loads(WORDS.read_text(encoding="utf-8")) if WORDS.exists() else {}
    return found


def table() -> dict[str, dict[str, Called]]:
    """Export → version of its reader → what that called the items."""
    found: dict[str, dict[str, Called]] = (
        json.loads(TABLE.read_text(encoding="utf-8")) if TABLE.exists() else {}
    )
    return found


def land() -> None:
    """Add the versions of today that the table lacks."""
    known, said = table(), table_of_words()
    for name, export in EXPORTS.items():
        with tempfile.TemporaryDirectory() as folder:
            parser, units = read(export, Path(folder))
        known.setdefault(name, {}).setdefault(parser, called(units))
        said.setdefault(name, {}).setdefault(parser, words(units))
    WORDS.write_text(json.dumps(said, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    TABLE.write_text(json.dumps(known, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    land()
