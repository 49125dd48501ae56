"""The golden table, held against the samples beside the repository."""

from collections import Counter
from pathlib import Path

import pytest

from archive.channels import CHANNELS
from archive.ports import ReadOptions
from archive.reading.private import without
from archive.reading.tree import Tree
from archive.reading.units import MemberProblem, UnitExcluded, UnitFailed, UnitRead
from archive.services.ingest.recognise import Recognised, recognise
from tests.channels.golden import GOLDEN, Golden

READERS = {channel.name: channel for channel in CHANNELS}


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.path)
def test_sample(golden: Golden, samples: Path) -> None:
    path = samples / golden.path
    reader = READERS[golden.channel]
    with Tree.open(path) as tree:
        if golden.recognised:
            found = recognise(tree, CHANNELS, None)
            assert isinstance(found, Recognised), found
            assert found.channel.name == golden.channel
        seen = without(tree, reader.private(tree))
        options = ReadOptions(timezone="Europe/Berlin", origin=path.name, **golden.options)
        readings = list(reader.read(seen, options))
        used = {
            content.member
            for r in readings
            if isinstance(r, UnitRead)
            for content in r.contents
            if content.member
        }
        counted = {
            r.member for r in readings if isinstance(r, UnitRead | UnitFailed | UnitExcluded | MemberProblem)
        }
        assert {member.path for member in tree.files()} <= counted | used, "every file is counted"
    items = [item for reading in readings if isinstance(reading, UnitRead) for item in reading.items]
    assert Counter(f"{item.event}/{item.form}" for item in items) == golden.kinds
    assert len(items) == golden.count(path)
    failed = sum(isinstance(reading, UnitFailed | MemberProblem) for reading in readings)
    excluded = sum(isinstance(reading, UnitExcluded) for reading in readings)
    assert (failed, excluded) == (golden.failed, golden.excluded)
    assert len({item.key for item in items}) == len(items) - golden.repeated
