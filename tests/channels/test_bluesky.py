"""Bluesky: only what the tree names counts; blocks are what their names say; bytes that are none."""

from pathlib import Path

import pytest

from archive.channels.bluesky import BlueskyRepository
from archive.channels.bluesky.records import key_time
from archive.channels.bluesky.repository import Broken, read_cbor
from archive.reading.units import Completeness
from tests.channels.car import Link, cbor, cid, repository

READER = BlueskyRepository()
PATH = "app.bsky.feed.post/3k2yihcrp6f2c"


def post(text: str, **more: object) -> dict[str, object]:
    return {"$type": "app.bsky.feed.post", "text": text, "createdAt": "2024-02-22T19:58:13.903Z", **more}


def put(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "repo.car"
    path.write_bytes(data)
    return path


def test_stale_blocks_are_no_items_and_missing_ones_are_told(read, tmp_path: Path) -> None:
    data = repository(
        {PATH: post("a"), "app.bsky.feed.post/weg": post("b")},
        stale=(post("alt"), post("älter")),
        leave="app.bsky.feed.post/weg",
    )
    outcome = read(READER, put(tmp_path, data))
    assert [item.text for item in outcome.items] == ["a"]
    assert outcome.counts == (1, 0, 2)
    [completeness] = [r for r in outcome.readings if isinstance(r, Completeness)]
    assert [(c.expected, c.found) for c in completeness.claims] == [(2, 1)]
    assert {item.via.id for item in outcome.items} == {"did:plc:werk"}
    assert outcome.items[0].key.id == f"at://did:plc:werk/{PATH}"


def test_replies_quotes_links_pictures_and_the_time_of_the_key(read, tmp_path: Path) -> None:
    picture = {
        "$type": "app.bsky.embed.images",
        "images": [
            {
                "alt": "Pumpe",
                "image": {"$type": "blob", "ref": Link(cid(b"x")), "mimeType": "image/png", "size": 3},
            }
        ],
    }
    quote = {
        "$type": "app.bsky.embed.record",
        "record": {"uri": "at://did:plc:b/app.bsky.feed.post/9", "cid": "x"},
    }
    facet = {
        "index": {"byteStart": 0, "byteEnd": 4},
        "features": [{"$type": "app.bsky.richtext.facet#link", "uri": "https://x.example/lang"}],
    }
    mention = {
        "index": {"byteStart": 0, "byteEnd": 4},
        "features": [{"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:c"}],
    }
    parent = {"parent": {"uri": "at://p", "cid": "x"}, "root": {"uri": "at://r", "cid": "x"}}
    full = post(
        "größe",
        facets=[facet, mention],
        reply=parent,
        embed={"$type": "app.bsky.embed.recordWithMedia", "record": quote, "media": picture},
        neu=1,
    )
    [item] = read(READER, put(tmp_path, repository({PATH: full}))).items
    assert item.text == "größe\nhttps://x.example/lang\nPumpe"
    assert [(t.relation, t.written_id) for t in item.targets] == [
        ("reply", "at://p"),
        ("root", "at://r"),
        ("quote", "at://did:plc:b/app.bsky.feed.post/9"),
    ]
    assert (item.attachments[0].state, item.attachments[0].media_type) == ("missing", "image/png")
    assert item.recipients[0].actor.account.id == "did:plc:c"
    assert dict(item.extra)["neu"] == "1"
    assert dict(item.extra)["key_time"].startswith("2023-07-20")
    assert key_time("kein") is None


def test_a_block_that_lies_and_a_loop_in_the_tree(read, tmp_path: Path) -> None:
    data = bytearray(repository({PATH: post("a" * 50), "app.bsky.feed.post/z": post("b")}))
    at = data.index(b"aaaa")
    data[at] = ord("X")
    outcome = read(READER, put(tmp_path, bytes(data)))
    assert [item.text for item in outcome.items] == ["b"]
    assert outcome.failures == ["a block that is not what its name says"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"\x9f",
        b"\x5b" + b"\xff" * 8,
        b"\x81" * 100_000,
        b"\xd8\x2b\x41\0",
        b"\xa1\x01",
        cbor({"a": 1})[:-1],
    ],
)
def test_bytes_that_are_no_value(data: bytes) -> None:
    with pytest.raises(Broken):
        read_cbor(data)


def test_values_come_back() -> None:
    value = {"a": [1, -0, True, None, "ü", b"x"], "l": 70000}
    assert read_cbor(cbor(value)) == value
