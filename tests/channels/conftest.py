"""What the tests of channels share: run a reader over an input and count."""

import io
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from archive.ports import Channel, ReadOptions
from archive.reading.tree import Tree
from archive.reading.units import Completeness, MemberProblem, Reading, UnitExcluded, UnitFailed, UnitRead
from schemas.capture import Claim
from schemas.item import Item, Thread


@dataclass(frozen=True)
class Outcome:
    """All that a reader gave for one input."""

    readings: list[Reading]

    @property
    def items(self) -> list[Item]:
        return [item for reading in self.readings if isinstance(reading, UnitRead) for item in reading.items]

    @property
    def threads(self) -> list[Thread]:
        return [one for reading in self.readings if isinstance(reading, UnitRead) for one in reading.threads]

    @property
    def claims(self) -> list[Claim]:
        return [c for reading in self.readings if isinstance(reading, Completeness) for c in reading.claims]

    @property
    def failures(self) -> list[str]:
        return [
            reading.reason for reading in self.readings if isinstance(reading, UnitFailed | MemberProblem)
        ]

    @property
    def counts(self) -> tuple[int, int, int]:
        """Units read, failed, excluded."""
        read = sum(isinstance(reading, UnitRead) for reading in self.readings)
        excluded = sum(isinstance(reading, UnitExcluded) for reading in self.readings)
        return read, len(self.failures), excluded

    def by_member(self) -> Counter[str]:
        return Counter(reading.member for reading in self.readings if not isinstance(reading, Completeness))


Read = Callable[..., Outcome]


@pytest.fixture
def read() -> Read:
    def run(channel: Channel, path: Path, **options: object) -> Outcome:
        with Tree.open(path) as tree:
            readings = list(channel.read(tree, ReadOptions(**options)))  # type: ignore[arg-type]
            _check_places(tree, readings)
            return Outcome(readings)

    return run


def _check_places(tree: Tree, readings: list[Reading]) -> None:
    """Each slice is the bytes at its range, ranges of a member never overlap, locators open."""
    ends: dict[str, int] = {}
    data: dict[str, bytes] = {}
    for reading in readings:
        start, end = getattr(reading, "start", None), getattr(reading, "end", None)
        if isinstance(reading, UnitRead):
            raws = [part.raw for part in (*reading.items[:1], *reading.accounts, *reading.threads)]
            for raw in raws:
                if raw.start is None or raw.end is None:
                    continue
                if raw.member not in data:
                    [member] = [member for member in tree.members if member.path == raw.member]
                    with member.open() as stream:
                        data[raw.member] = stream.read()
                assert data[raw.member][raw.start : raw.end] == raw.slice
            start, end = next(((raw.start, raw.end) for raw in raws if raw.start is not None), (None, None))
            named = {a.locator for item in reading.items for a in item.attachments if a.state == "present"}
            assert named == {content.locator for content in reading.contents}
            for content in reading.contents:
                with content.open() as stream:
                    stream.read()
        if start is not None and end is not None:
            member_path = reading.member  # type: ignore[union-attr]
            assert start >= ends.get(member_path, 0)
            ends[member_path] = end


def zip_of(entries: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return target.getvalue()


@pytest.fixture(name="zip_of")
def zip_of_fixture() -> Callable[[dict[str, bytes]], bytes]:
    return zip_of


@pytest.fixture(scope="session")
def samples() -> Path:
    """Real exports beside the repository; most machines have none."""
    for folder in Path(__file__).resolve().parents:
        if (folder / "shared" / "samples").is_dir():
            return folder / "shared" / "samples"
    pytest.skip("no folder shared/samples above the repository")


@pytest.fixture
def detect() -> Callable[[Channel, Path], int]:
    def run(channel: Channel, path: Path) -> int:
        with Tree.open(path) as tree:
            return channel.detect(tree).percent

    return run
