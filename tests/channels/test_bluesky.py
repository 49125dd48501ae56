"""Bluesky: only what the tree names counts; blocks are what their names say; bytes that are none."""

import json
from pathlib import Path

import pytest

from archive.channels.bluesky import BlueskyRepository
from archive.channels.bluesky.records import key_time
from archive.channels.bluesky.repository import Broken, read_cbor
from archive.ports import ReadOptions
from archive.reading.tree import Tree
from archive.reading.units import Completeness, Reading, UnitFailed, UnitRead
from tests.channels.car import Link, car, cbor, cid, commit, repository, tree_node

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
    assert [(c.expected, c.found) for c in completeness.claims if c.expected is not None] == [(2, 1)]
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


def walked(path: Path) -> list[Reading]:
    """What is read of a repository whose tree names one block many times."""
    with Tree.open(path) as tree:
        return list(READER.read(tree, ReadOptions()))


def claims(outcome) -> list[tuple[int | None, int | None]]:
    [completeness] = [r for r in outcome.readings if isinstance(r, Completeness)]
    return [(claim.expected, claim.found) for claim in completeness.claims if claim.expected is not None]


@pytest.mark.parametrize("filling", [b"\0" * 1_000_000, b"\1x" * 500_000], ids=["padding", "no blocks"])
def test_a_file_filled_up_with_no_blocks_fails_once(read, tmp_path: Path, filling: bytes) -> None:
    outcome = read(READER, put(tmp_path, repository({PATH: post("a")}) + filling))
    assert [item.text for item in outcome.items] == ["a"]
    assert outcome.failures == ["a block that is none"]


def test_paths_that_grow_from_entry_to_entry_end_their_node(read, tmp_path: Path) -> None:
    said = cbor(post("a"))
    entries = [
        {"p": 60 * n, "k": b"app.bsky.feed.post/".ljust(60, b"a"), "v": Link(cid(said)), "t": None}
        for n in range(40)
    ]
    node = cbor({"l": None, "e": entries})
    *readings, told = walked(put(tmp_path, car([commit(node)], commit(node), node, said)))
    items = [reading.items[0] for reading in readings if isinstance(reading, UnitRead)]
    assert max(len(item.key.id) for item in items) < 1100
    assert isinstance(told, Completeness)
    assert [(claim.expected, claim.found) for claim in told.claims if claim.expected is not None] == [
        (len(items) + 1, len(items))
    ]


def test_a_block_that_is_named_again_and_again_does_not_multiply_the_file(read, tmp_path: Path) -> None:
    said = cbor(post("a" * 1_000_000))
    node = tree_node({b"app.bsky.feed.post/%04d" % n: said for n in range(1000)})
    readings = walked(put(tmp_path, car([commit(node)], commit(node), node, said)))
    failed = [reading.reason for reading in readings if isinstance(reading, UnitFailed)]
    assert 1 <= sum(isinstance(reading, UnitRead) for reading in readings) < 10
    assert len(failed) > 990
    assert set(failed) == {"named so often that all of it would be many times the file"}


def test_a_map_that_gives_a_name_twice_is_no_record(read, tmp_path: Path) -> None:
    said = cbor(post("5 Jahre"))
    twice = bytes([said[0] + 1]) + said[1:] + cbor("text") + cbor("keine")
    node = tree_node({b"app.bsky.feed.post/1": twice})
    outcome = read(READER, put(tmp_path, car([commit(node)], commit(node), node, twice)))
    assert not outcome.items
    assert outcome.failures == ["a name that is none, or that comes twice: DAG-CBOR knows neither"]


def test_a_commit_without_account_and_a_file_beside_are_not_of_the_account_before(
    read, tmp_path: Path
) -> None:
    own, other = cbor(post("von Anna")), cbor(post("von wem?"))
    first, second = tree_node({b"app.bsky.feed.post/1": own}), tree_node({b"app.bsky.feed.post/2": other})
    roots = [commit(first, did="did:plc:anna"), commit(second)]
    put(tmp_path, car(roots, *roots, first, second, own, other))
    (tmp_path / "z.json").write_text(json.dumps(post("daneben")))
    outcome = read(READER, tmp_path)
    assert {item.text: item.via.id for item in outcome.items} == {
        "von Anna": "did:plc:anna",
        "von wem?": "unknown",
        "daneben": "unknown",
    }
    assert [item.author.account.id for item in outcome.items if item.text == "von wem?"] != ["did:plc:anna"]


@pytest.mark.parametrize("roots", [[], [cbor({"did": "did:plc:werk", "version": 3})]])
def test_a_repository_without_a_tree_is_a_finding(read, tmp_path: Path, roots: list[bytes]) -> None:
    outcome = read(READER, put(tmp_path, car(roots, *roots, cbor(post("a")))))
    assert not outcome.items
    assert claims(outcome) == [(1, 0)]


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
