"""What holds of all answers: their version, their shape for machines, and that no work hangs on their fate."""

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.commandline.conftest import CHAT, Beleg


def test_the_version_is_told_without_an_archive(beleg: Beleg) -> None:
    told = beleg("--version")
    assert (told.code, told.out.strip()) == (0, f"beleg {version('beleg')}")


def test_archives_and_bundles_are_judged_in_one_shape(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path
) -> None:
    beleg("ingest", chat)
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    beleg("matter", "add", "M-1", "--search", "garantie")
    beleg("export", "M-1", "--out", tmp_path / "b")
    for place in ([], [tmp_path / "b"]):
        told = beleg("verify", *place, "--json").json
        assert (told["exit_code"], told["verdict"]) == (0, "intact")
    marker = max((archive / "places" / "control" / "commits").rglob("*"), key=lambda path: path.name)
    marker.write_bytes(b"x")
    told = beleg("verify", "--json")
    assert (told.code, told.json["exit_code"], told.json["verdict"]) == (3, 3, "not_intact")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_an_answer_that_cannot_be_written_stops_no_ingestion(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path
) -> None:
    second = tmp_path / "WhatsApp Chat mit Kim.txt"
    second.write_text(CHAT.replace("Lieferant", "Kim"), encoding="utf-8")
    command = [sys.executable, "-m", "cli.main", "--archive", str(archive), "ingest", str(chat), str(second)]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, env=os.environ, check=False
        )
    assert done.returncode == 4
    assert "the answer could not be written (No space left on device)" in done.stderr
    assert beleg("search", "garantie", "--json").json["total"] == 2, "both exports were read"


def test_a_channel_that_was_named_is_not_called_sure(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    file = tmp_path / "bild.txt"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    told = beleg("ingest", file, "--channel", "whatsapp")
    assert "bild.txt: whatsapp (as named): 1 units" in told.out


def test_a_file_that_gave_nothing_before_is_named_once(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    file = tmp_path / "leer.txt"
    file.write_bytes(b"")
    beleg("ingest", file)
    told = beleg("ingest", file, "--channel", "loose")
    assert "leer.txt: these bytes were in the archive already" in told.err
    assert "leer.txt: leer.txt" not in told.err


def test_nothing_shown_leads_nowhere(beleg: Beleg, archive: Path, chat: Path) -> None:
    beleg("ingest", chat)
    told = beleg("search", "garantie", "--limit", "0").out
    assert "1 items found, none shown" in told
    assert "more:" not in told


@pytest.mark.parametrize(
    ("secret", "split", "words"),
    [
        ("kurz", False, ["fewer than 12 characters"]),
        ("lang genug dafür", False, []),
        ("lang genug dafür", True, ["same passphrase"]),
    ],
)  # fmt: skip
def test_a_founding_says_what_passphrases_are_worth(
    beleg: Beleg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secret: str, split: bool, words: list[str]
) -> None:
    monkeypatch.setenv("BELEG_PASSPHRASE", secret)
    told = beleg("init", tmp_path / "a", *(["--split"] if split else []))
    assert told.code == 0
    for one in ("fewer than 12 characters", "same passphrase"):
        assert (one in told.err) == (one in words)


def test_who_takes_the_number_of_an_item_for_an_id_is_told(beleg: Beleg, archive: Path, chat: Path) -> None:
    beleg("ingest", chat)
    number = beleg("search", "garantie", "--json").json["hits"][0]["number"]
    for field, way in (("id", f"beleg show {number}"), ("thread", f"beleg thread {number}")):
        told = beleg("search", f"{field}:{number}").out
        assert f"asks for the id that the platform gave, and none is {number}; " in told
        assert f": {way}\n" in told
        assert beleg("search", f"{field}:{number + 10_000}", "--json").json["no_ids"] == []
    assert "asks for the id" not in beleg("search", "garantie").out
