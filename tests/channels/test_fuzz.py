"""Damaged exports: every reader ends in counted units, never in an exception, and loses no neighbour."""

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.channels import CHANNELS
from archive.ports import Channel, ReadOptions
from archive.reading.private import without
from archive.reading.tree import Tree
from archive.reading.units import Completeness, Reading, UnitRead
from tests.channels.own import OWN

READERS = [channel for channel in CHANNELS if channel.name in OWN]
_BITS = [
    b'"',
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b"\n",
    b"\x00",
    b"\xff",
    b"\\",
    b"<",
    b"&",
    b"\\ud83d",
    b"9" * 40,
    b"null",
]


def mutated(data: bytes, chance: random.Random, times: int) -> bytes:
    changed = bytearray(data)
    for _ in range(times):
        at = chance.randrange(len(changed) + 1)
        match chance.randrange(5):
            case 0:
                del changed[at : at + chance.randrange(1, 40)]
            case 1:
                changed[at:at] = chance.choice(_BITS)
            case 2:
                changed[at : at + 1] = bytes([chance.randrange(256)])
            case 3:
                piece = changed[at : at + chance.randrange(1, 60)]
                changed[at:at] = piece
            case 4:
                del changed[at:]
    return bytes(changed)


def read_all(channel: Channel, path: Path) -> list[Reading]:
    with Tree.open(path) as tree:
        assert 0 <= channel.detect(tree).percent <= 100
        seen = without(tree, channel.private(tree))
        readings = list(channel.read(seen, ReadOptions(timezone="Europe/Berlin", origin=path.name)))
        for reading in readings:
            if isinstance(reading, UnitRead):
                named = {a.locator for i in reading.items for a in i.attachments if a.state == "present"}
                assert named == {content.locator for content in reading.contents}
        return readings


def check(channel: Channel, folder: Path, seed: int, times: int) -> None:
    chance = random.Random(seed)
    own = OWN[channel.name].files
    hurt = chance.choice(sorted(own))
    for name, data in own.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(mutated(data, chance, times) if name == hurt else data)
    readings = read_all(channel, folder)
    used = {
        content.member
        for r in readings
        if isinstance(r, UnitRead)
        for content in r.contents
        if content.member
    }
    assert {r.member for r in readings if not isinstance(r, Completeness)} | used == set(own)


@pytest.mark.parametrize("channel", READERS, ids=lambda channel: channel.name)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), times=st.integers(1, 12))
def test_a_damaged_file_ends_in_counted_units(
    channel: Channel, seed: int, times: int, tmp_path: Path
) -> None:
    check(channel, tmp_path, seed, times)


@pytest.mark.long
@pytest.mark.parametrize("channel", READERS, ids=lambda channel: channel.name)
def test_many_damaged_files(channel: Channel, tmp_path: Path) -> None:
    for seed in range(4000):
        check(channel, tmp_path, seed, 1 + seed % 30)
