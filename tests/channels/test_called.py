"""Readers keep every name that an export tells of who acts; also where it tells them elsewhere than with the words."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archive.channels.bluesky import BlueskyRepository
from archive.channels.called import also_called, others
from archive.channels.discourse import DiscourseForum
from archive.channels.intercom import IntercomExport
from archive.channels.mastodon import MastodonArchive
from archive.channels.matrix import MatrixExport
from archive.channels.reviews import TrustpilotReviews
from archive.channels.signal import SignalExport
from archive.channels.teams import TeamsMessages
from archive.channels.x_archive import XArchive
from archive.channels.zendesk import ZendeskExport
from archive.reading.units import UnitRead
from schemas.item import Actor, Item
from tests.channels.car import repository
from tests.channels.own import OWN

POST = {"$type": "app.bsky.feed.post", "text": "Hallo", "createdAt": "2024-02-22T19:58:13.903Z"}
PROFILE = {"$type": "app.bsky.actor.profile", "displayName": "Anna Weber"}
CONTACT = {
    "id": "4", "contact": {
        "aci": "AAoRzgAAQACAAAAAAAAAAQ==", "e164": "16105550101", "username": "aw.77", "profileGivenName": "Anni",
        "systemGivenName": "Anna", "systemFamilyName": "Weber", "nickname": {"given": "Chefin"},
    },
}  # fmt: skip
SIGNAL = (
    {"version": "1", "backupTimeMs": "1715636551000"}, {"recipient": {"id": "1", "self": {}}}, {"recipient": CONTACT},
    {"chat": {"id": "2", "recipientId": "4"}},
    {"chatItem": {"chatId": "2", "authorId": "4", "dateSent": "1000", "standardMessage": {"text": {"body": "Hallo"}}}},
)  # fmt: skip
ACTOR = {
    "id": "https://m.example/users/aw", "type": "Person", "inbox": "https://m.example/i", "name": "Anna Weber",
    "preferredUsername": "aw",
}  # fmt: skip
NOTE = {
    "type": "Create", "id": "https://m.example/1/activity", "actor": ACTOR["id"], "published": "2024-01-01T00:00:00Z",
    "object": {"type": "Note", "id": "https://m.example/1", "attributedTo": ACTOR["id"], "content": "<p>Hallo</p>"},
}  # fmt: skip
JOINED = {
    "type": "m.room.member", "sender": "@aw:x.example", "state_key": "@aw:x.example", "event_id": "$0",
    "content": {"membership": "join", "displayname": "Anna Weber"}, "origin_server_ts": 1738742300000,
}  # fmt: skip
SAID = {
    "type": "m.room.message", "sender": "@aw:x.example", "content": {"msgtype": "m.text", "body": "Hallo"},
    "origin_server_ts": 1738742400000, "event_id": "$1", "room_id": "!r:x.example",
}  # fmt: skip
TICKET = {
    "id": 1, "subject": "Pumpe", "created_at": "2024-01-01T00:00:00Z", "submitter": {"id": 8, "name": "Bo"},
    "requester": {"id": 7, "name": "Anna", "email": "weber@kunde.example"},
    "comments": [{"id": 80, "author_id": 7, "body": "Hallo", "public": True, "created_at": "2024-01-01T00:00:00Z"}],
}  # fmt: skip


def own(channel: str, change: Callable[[Any], None]) -> dict[str, bytes]:
    ((name, data),) = OWN[channel].files.items()
    value = json.loads(data)
    change(value)
    return {name: json.dumps(value).encode()}


def lines(*values: object) -> bytes:
    return b"\n".join(json.dumps(value).encode() for value in values)


# fmt: off
CASES: dict[str, tuple[Any, dict[str, bytes], set[str]]] = {
    "bluesky": (BlueskyRepository(), {"repo.car": repository({"app.bsky.actor.profile/self": PROFILE, "app.bsky.feed.post/3k2yihcrp6f2c": POST})}, {"Anna Weber"}),
    "discourse": (DiscourseForum(), own("discourse", lambda v: v["post_stream"]["posts"][0].update(name="Anna Weber")), {"anna", "Anna Weber"}),
    "mastodon": (MastodonArchive(), {"actor.json": lines(ACTOR), "outbox.json": lines({"@context": "https://www.w3.org/ns/activitystreams", "type": "OrderedCollection", "orderedItems": [NOTE]})}, {"Anna Weber", "aw"}),
    "matrix": (MatrixExport(), {"export.json": lines({"room_name": "Pumpe", "messages": [JOINED, SAID]})}, {"Anna Weber"}),
    "signal": (SignalExport(), {"main.jsonl": lines(*SIGNAL) + b"\n"}, {"Anni", "+16105550101", "Anna Weber", "Chefin", "aw.77"}),
    "teams": (TeamsMessages(), own("teams", lambda v: v["value"][0]["from"]["user"].update(userPrincipalName="weber@firm.example")), {"Anna", "weber@firm.example"}),
    "trustpilot": (TrustpilotReviews(), OWN["trustpilot"].files, {"Anna", "a@x.example"}),
    "x": (XArchive(), {name: data.replace(b'"senderId" : "8"', b'"senderId" : "7"') for name, data in OWN["x"].files.items() if "tweets" not in name}, {"Werk", "werk"}),
    "zendesk": (ZendeskExport(), {"t.json": lines({"tickets": [TICKET]})}, {"Anna", "weber@kunde.example"}),
    "intercom": (IntercomExport(), own("intercom", lambda v: v["source"]["author"].update(email="weber@kunde.example")), {"Anna", "weber@kunde.example"}),
}
# fmt: on


@pytest.mark.parametrize("name", CASES)
def test_who_said_it_has_every_name(read, tmp_path: Path, name: str) -> None:
    reader, files, names = CASES[name]
    for path, data in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    said: list[Item] = [one for one in read(reader, tmp_path).items if one.event == "posted" and one.text]
    assert said[0].author is not None
    assert set(said[0].author.names) == names


def test_a_contact_of_signal_is_described_with_every_name(read, tmp_path: Path) -> None:
    (tmp_path / "main.jsonl").write_bytes(lines(*SIGNAL) + b"\n")
    units = (one for one in read(SignalExport(), tmp_path).readings if isinstance(one, UnitRead))
    (anna,) = (one for unit in units for one in unit.accounts if one.name == "Anni")
    assert set(anna.names) == {"Anni", "+16105550101", "Anna Weber", "Chefin", "aw.77"}


def test_a_name_is_told_once_and_blanks_are_none() -> None:
    assert others(("Anna", " ", None, 7, "Anna", "aw"), "aw") == ("Anna",)
    assert others(("",)) is None
    assert also_called(None, "Anna") is None
    assert also_called(Actor(written="Anna"), "Anna") == Actor(written="Anna")
