"""What every channel must keep to, run over CHANNELS with everybody's inputs and with hostile ones."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.channels import CHANNELS
from archive.ports import Channel, ReadOptions
from archive.reading.tree import Tree
from archive.reading.units import Completeness, MemberProblem, Reading, UnitExcluded, UnitFailed, UnitRead
from archive.services.ingest.plan import Plan
from archive.services.ingest.recognise import SURE_ENOUGH, Recognised
from schemas.item import Item
from tests.channels.own import CHAT, DAY, MAIL, OWN

HOSTILE: dict[str, bytes] = {
    "empty": b"",
    "image": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
    "invalid utf-8": b"\xff\xfe\xfa\n" * 50,
    "cut zip": b"PK\x03\x04" + b"\0" * 40,
    "one line": b"a" * 300_000,
    "deep json": b"[" * 20_000 + b"]" * 20_000,
    "json numbers": b"[1e999, -0, 1709540000.0004]",
    "half a day": DAY[:-20],
    "nul bytes": b"\0" * 5000,
    "colons": b":" * 10_000 + b"\n",
    "bidi": "\u202e[24.02.24, 09:00:00] \u2066Anna: x\u2069\n".encode() * 3,
    "mixed": CHAT + MAIL + DAY,
}
NAMES = ["input.txt", "2024-03-04.json", "input.eml", "users.json", "Posteingang.mbox", "_chat.txt"]


@pytest.fixture(params=CHANNELS, ids=lambda channel: channel.name)
def channel(request: pytest.FixtureRequest) -> Channel:
    return request.param


def everything(channel: Channel, path: Path) -> list[Reading]:
    with Tree.open(path) as tree:
        return list(channel.read(tree, ReadOptions(timezone="Europe/Berlin", origin=path.name)))


def put(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def test_names_and_parsers_are_unique_and_versioned() -> None:
    assert len({channel.name for channel in CHANNELS}) == len(CHANNELS)
    assert all(channel.parser.rpartition("/")[2].isdigit() for channel in CHANNELS)


def items_of(readings: list[Reading]) -> list[Item]:
    return [item for reading in readings if isinstance(reading, UnitRead) for item in reading.items]


def test_every_channel_has_an_export_here_and_tells_its_facts() -> None:
    assert {channel.name for channel in CHANNELS} - {"loose"} == set(OWN)
    for channel in CHANNELS:
        assert channel.facts.layouts
        assert channel.facts.ask_for


def test_each_knows_its_own_and_no_foreign_input(channel: Channel, tmp_path: Path) -> None:
    for owner, own in OWN.items():
        with Tree.open(put(tmp_path / owner, own.files)) as tree:
            confidence = channel.detect(tree)
        assert 0 <= confidence.percent <= 100
        assert confidence.because
        if channel.name == owner:
            assert confidence.percent >= SURE_ENOUGH, owner
        elif channel.name == "table":  # knows the usual columns, but never surely
            assert confidence.percent < 60, owner
        elif {channel.name, owner} != {"facebook", "instagram"}:  # one maker, one form of messages
            assert confidence.percent <= 10, owner


@pytest.mark.parametrize("owner", OWN)
def test_each_export_is_recognised_among_all_channels(owner: str, tmp_path: Path) -> None:
    with Tree.open(put(tmp_path, OWN[owner].files)) as tree:
        plan = Plan(tree, CHANNELS, None)
        part = plan.next()
        assert part is not None
        assert isinstance(part.found, Recognised), part.found
        assert part.found.channel.name == owner
        assert plan.next() is None


def test_its_own_export_yields_what_stands_in_it(channel: Channel, tmp_path: Path) -> None:
    own = OWN.get(channel.name)
    if own is None:
        pytest.skip("takes only what a person hands to it")
    readings = everything(channel, put(tmp_path, own.files))
    assert not [r for r in readings if isinstance(r, UnitFailed | MemberProblem)]
    assert len(items_of(readings)) == own.items
    claims = [claim for r in readings if isinstance(r, Completeness) for claim in r.claims]
    assert channel.facts.claim in {one.kind for one in claims}, "whatever was counted in the files"


def test_order_and_company_of_files_change_no_item(channel: Channel, tmp_path: Path) -> None:
    own = OWN.get(channel.name)
    if own is None:
        pytest.skip("takes only what a person hands to it")
    alone = items_of(everything(channel, put(tmp_path / "a", own.files)))
    names = list(own.files)
    random.Random(1).shuffle(names)
    with_company = {name: own.files[name] for name in names} | {"zz/notiz.bin": b"x", "0.bin": b"y"}
    beside = items_of(everything(channel, put(tmp_path / "b", with_company)))
    assert {item.key for item in alone} == {item.key for item in beside}


@pytest.mark.parametrize("case", HOSTILE)
@pytest.mark.parametrize("name", NAMES)
def test_hostile_inputs_end_in_counted_units_and_never_in_an_exception(
    channel: Channel, case: str, name: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(HOSTILE[case])
    with Tree.open(tmp_path / name) as tree:
        assert 0 <= channel.detect(tree).percent <= 100
    alone = everything(channel, tmp_path / name)
    beside = everything(channel, put(tmp_path, {"x/good.bin": b"x"}))
    for readings in (alone, beside):
        assert sum(isinstance(reading, Completeness) for reading in readings) <= 1
        assert all(
            isinstance(r, UnitRead | UnitFailed | UnitExcluded | MemberProblem | Completeness)
            for r in readings
        )
    counted = {reading.member for reading in beside if not isinstance(reading, Completeness)}
    assert "x/good.bin" in counted
    assert name in counted


def test_equal_input_gives_equal_items_with_unique_keys(channel: Channel, tmp_path: Path) -> None:
    files = {f"{owner}/{name}": data for owner, own in OWN.items() for name, data in own.files.items()}
    put(tmp_path, files)
    first, second = everything(channel, tmp_path), everything(channel, tmp_path)
    items = items_of(first)
    assert items == items_of(second)
    assert items
    assert len({item.key for item in items}) == len(items)
    assert {item.parser for item in items} == {channel.parser}
    assert {item.key.channel for item in items} == {channel.name}
    used = {
        content.member for r in first if isinstance(r, UnitRead) for content in r.contents if content.member
    }
    assert {r.member for r in first if not isinstance(r, Completeness)} | used == set(files)


def test_zips_in_zips_are_read_like_folders(
    channel: Channel, tmp_path: Path, zip_of: Callable[..., bytes]
) -> None:
    own = OWN.get(channel.name)
    if own is None:
        pytest.skip("takes only what a person hands to it")
    inner = zip_of(own.files)
    (tmp_path / "x.zip").write_bytes(
        zip_of({"export/inner.zip": inner, "__MACOSX/._inner.zip": b"", "../out.txt": b""})
    )
    readings = everything(channel, tmp_path / "x.zip")
    items = items_of(readings)
    assert len(items) == own.items
    assert all(item.raw.member.startswith("export/inner.zip!/") for item in items)
    assert sum(isinstance(reading, MemberProblem) for reading in readings) == 1


def test_reasons_hold_no_content(channel: Channel, tmp_path: Path) -> None:
    secret = b"GEHEIM-4711"
    put(
        tmp_path,
        {"a.txt": secret, "b.eml": secret, "r/2024-03-04.json": b'[{"' + secret + b'": ' + secret + b"}]"},
    )
    for reading in everything(channel, tmp_path):
        if isinstance(reading, UnitFailed | UnitExcluded | MemberProblem):
            assert secret.decode() not in reading.reason
