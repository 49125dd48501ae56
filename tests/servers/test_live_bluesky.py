"""A real Bluesky server: what was posted, edited and deleted, against what the archive says."""

import struct
import zlib
from pathlib import Path
from typing import Any

import pytest

from tests.servers.pds import Pds
from tests.servers.process import founded, start
from tests.servers.process import here as beleg

pytestmark = pytest.mark.long
_NUMBER = iter(range(1, 100))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    + _chunk(b"IDAT", zlib.compress(b"\0\xff\0\0"))
    + _chunk(b"IEND", b"")
)


@pytest.fixture
def account(pds: Pds) -> tuple[str, str]:
    """A new account: its DID and a token."""
    return pds.account(f"werk{next(_NUMBER)}")


@pytest.fixture
def archive(tmp_path: Path, pds: Pds, account: tuple[str, str]) -> Path:
    return added(tmp_path, pds, account[0], "firehose", "repository")


def added(tmp_path: Path, pds: Pds, did: str, *only: str) -> Path:
    folder = tmp_path / "archive"
    founded(folder)
    chosen = [word for one in only for word in ("--only", one)]
    done = beleg(
        None, folder, "source", "add", "bsky", "bluesky", "--url", pds.url, "--account", did, *chosen
    )
    assert done.code == 0, done.err
    return folder


def collect(archive: Path, code: int = 0) -> dict[str, Any]:
    done = beleg(None, archive, "collect", "bsky", "--json")
    assert done.code == code, (done.out, done.err)
    return done.json[0]  # type: ignore[no-any-return]


def told(archive: Path) -> list[tuple[str, str]]:
    """(event, words) of everything, in order of words."""
    done = beleg(None, archive, "search", "channel:bluesky", "--json", "--limit", "1000")
    return sorted((hit["event"], hit["text"]) for hit in done.json["hits"])


def test_what_was_posted_edited_and_deleted_is_what_the_archive_tells(
    pds: Pds, account: tuple[str, str], archive: Path
) -> None:
    pds.post(account, "Fünf Jahre Garantie")
    price, wrong = pds.post(account, "80 Euro"), pds.post(account, "Gehört nicht hierher")
    picture = pds.upload(account, PNG)
    pds.post(account, "Der Plan", embed={
        "$type": "app.bsky.embed.images", "images": [{"alt": "Plan", "image": picture}]
    })  # fmt: skip
    first = collect(archive)
    assert (first["items"], first["failed"], first["gaps"]) == (5, 0, 0), (
        "four posts, and that the account is active"
    )
    assert collect(archive)["items"] == 0
    pds.edit(account, price, "85 Euro")
    pds.edit(account, price, "90 Euro")
    pds.delete(account, wrong)
    pds.delete(account, pds.post(account, "Kam und ging"))
    second = collect(archive)
    assert (second["items"], second["failed"], second["gaps"]) == (5, 0, 0)
    assert told(archive) == sorted([
        ("posted", "Fünf Jahre Garantie"), ("posted", "80 Euro"), ("posted", "Gehört nicht hierher"),
        ("posted", "Der Plan\nPlan"), ("edited", "85 Euro"), ("edited", "90 Euro"), ("posted", "Kam und ging"),
        ("deleted", ""), ("deleted", ""), ("notice", ""),
    ])  # fmt: skip
    hit = beleg(None, archive, "search", "has:attachment", "--json").json["hits"][0]
    shown = beleg(None, archive, "show", str(hit["number"]), "--json").json["item"]
    assert [one["state"] for one in shown["attachments"]] == ["present"]
    assert beleg(None, archive, "verify", "--level", "2").code == 0
    done = beleg(None, archive, "source", "test", "bsky", "--json")
    assert done.code == 0
    assert any("firehose" in one["what"] and one["given"] == "yes" for one in done.json)


def test_events_that_the_server_forgot_are_a_gap_and_the_records_are_compared(
    pds: Pds, account: tuple[str, str], archive: Path
) -> None:
    kept, price, wrong = (pds.post(account, words) for words in ("Bleibt", "80 Euro", "Falsch"))
    collect(archive)
    pds.edit(account, price, "90 Euro")
    pds.delete(account, wrong)
    pds.post(account, "Neu")
    pds.forget_events()
    second = collect(archive, code=3)
    assert (second["items"], second["gaps"]) == (3, 1)
    assert kept
    assert {("edited", "90 Euro"), ("posted", "Neu"), ("posted", "Bleibt"), ("deleted", "")} <= set(
        told(archive)
    )
    (gap,) = [
        gap for run in beleg(None, archive, "coverage", "--json").json["lacking"] for gap in run["gaps"]
    ]
    assert gap["start"] <= gap["end"]
    assert "reach back" in gap["reason"]
    pds.post(account, "Noch eins")
    third = collect(archive)
    assert (third["items"], third["gaps"]) == (1, 0)
    assert beleg(None, archive, "verify", "--level", "2").code == 0


def test_without_the_firehose_the_last_state_is_compared(
    pds: Pds, account: tuple[str, str], tmp_path: Path
) -> None:
    archive = added(tmp_path, pds, account[0], "repository")
    price, wrong = pds.post(account, "80 Euro"), pds.post(account, "Falsch")
    assert collect(archive)["items"] == 2
    pds.edit(account, price, "85 Euro")
    pds.edit(account, price, "90 Euro")
    pds.delete(account, wrong)
    assert collect(archive)["items"] == 2
    assert set(told(archive)) == {
        ("posted", "80 Euro"),
        ("edited", "90 Euro"),
        ("posted", "Falsch"),
        ("deleted", ""),
    }


def test_a_server_that_is_killed_in_the_middle_loses_and_doubles_nothing(
    pds: Pds, account: tuple[str, str], archive: Path
) -> None:
    count = 350
    for number in range(count):
        pds.post(account, f"{number:04d} Zusage")
    process = start(None, archive, "collect", "bsky", "--json")
    segments = archive / "places" / "archive" / "segments"
    while process.poll() is None and len(list(segments.glob("*"))) < 6:
        pass
    pds.kill()
    process.communicate(timeout=120)
    assert process.returncode in (0, 4)
    pds.up()
    collect(archive)
    found = sorted(words for event, words in told(archive) if event == "posted")
    assert found == [f"{number:04d} Zusage" for number in range(count)]
    assert beleg(None, archive, "verify", "--level", "2").code == 0
