"""The demo exports: as built, without a failed unit, and overlapping with a later export."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from archive.channels import CHANNELS

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "archive" / "demo"
READERS = {channel.name: channel for channel in CHANNELS}


@pytest.fixture(scope="module")
def builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build", ROOT / "tests" / "demo" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_is_committed_is_what_the_script_builds(builder: ModuleType) -> None:
    for name, data in builder.build().items():
        assert (DEMO / name).read_bytes() == data, f"run python tests/demo/build.py: {name} differs"
    for name, data in builder.build_later().items():
        assert (ROOT / "tests" / "demo" / "later" / name).read_bytes() == data


@pytest.mark.parametrize(
    ("name", "channel", "items", "counts"),
    [
        ("WhatsApp Chat - Pumpen Halle 3.zip", "whatsapp", 42, (42, 0, 0)),
        ("Slack-Export Werk.zip", "slack", 27, (34, 0, 1)),
        ("Kundendienst.mbox", "email", 15, (15, 0, 0)),
    ],
)
def test_the_demo_reads_without_a_failed_unit(
    read, detect, name: str, channel: str, items: int, counts: tuple[int, int, int]
) -> None:
    percents = {reader.name: detect(reader, DEMO / name) for reader in CHANNELS}
    assert max(percents, key=lambda other: percents[other]) == channel
    outcome = read(READERS[channel], DEMO / name, timezone="Europe/Berlin", mine="Einkauf")
    assert outcome.counts == counts
    assert len(outcome.items) == items
    assert all(item.time is not None and item.time.utc for item in outcome.items)
    assert all(item.time.clock == "plain" for item in outcome.items if item.time)


def test_umlauts_survive_every_charset_of_the_mailbox(read) -> None:
    text = "".join(item.text for item in read(READERS["email"], DEMO / "Kundendienst.mbox").items)
    for words in (
        "fünf Jahre Gewährleistung",
        "5.000 € – gilt",
        "sichern wir Ihnen zu",
        "spätestens am Freitag",
        "Bestätigt",
    ):
        assert words in text
    assert "\ufffd" not in text


def test_a_later_export_adds_only_the_difference(read) -> None:
    name = "WhatsApp Chat - Pumpen Halle 3.zip"
    options = {"timezone": "Europe/Berlin", "mine": "Einkauf"}
    first = read(READERS["whatsapp"], DEMO / name, **options).items
    later = read(READERS["whatsapp"], ROOT / "tests" / "demo" / "later" / name, **options).items
    new = {item.key for item in later} - {item.key for item in first}
    assert len(new) == 5
    assert len(later) > 20
