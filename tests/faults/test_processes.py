"""Real processes: two that ingest at once, and one that is killed at any moment."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def environment(folder: Path) -> dict[str, str]:
    return {
        **os.environ, "BELEG_PASSPHRASE": "tests", "BELEG_ARCHIVE": str(folder), "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore",
    }  # fmt: skip


def beleg(folder: Path, *arguments: str | Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", "from cli.main import main; main()", *map(str, arguments)]
    return subprocess.Popen(
        command,
        env=environment(folder),
        cwd=folder.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def answer(folder: Path, *arguments: str | Path) -> Any:
    process = beleg(folder, *arguments)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return json.loads(out)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    answer(folder, "init", folder, "--timezone", "Europe/Berlin", "--json")
    return folder


def chat(folder: Path, name: str, start: int, end: int) -> Path:
    lines = [
        f"[{1 + n // 1440:02}.03.24, {n // 60 % 24:02}:{n % 60:02}:00] Anna: Nachricht Nummer {n} an {name}\n"
        for n in range(start, end)
    ]
    file = folder / f"WhatsApp Chat mit {name}.txt"
    file.write_text("".join(lines), encoding="utf-8")
    return file


def numbers(folder: Path, name: str) -> list[int]:
    """The message numbers of a thread, by what the archive holds."""
    found = answer(folder, "search", f"nummer {name}", "--limit", "100000", "--json")
    return sorted(int(hit["text"].split()[2]) for hit in found["hits"])


@pytest.mark.long  # two on folders, with shorter chats, are in the short run beside those on S3
def test_two_processes_ingest_at_once(archive: Path, tmp_path: Path) -> None:
    """Different chats, and one that both read: one linear history, nothing lost, nothing twice."""
    count = 1500
    files = [chat(tmp_path, name, 0, count) for name in ("Eins", "Zwei", "Beide")]
    pairs = [(files[0], files[2]), (files[1], files[2])]
    running = [beleg(archive, "ingest", *pair) for pair in pairs]
    for process in running:
        _, err = process.communicate(timeout=240)
        assert process.returncode == 0, err
    report = answer(archive, "verify", "--level", "2", "--json")
    assert [f for f in report["findings"] if f["kind"] != "duplicate"] == []
    for name in ("Eins", "Zwei", "Beide"):
        assert numbers(archive, name) == list(range(count))


@pytest.mark.long  # twenty kills on folders are in the short run beside those on S3
def test_killed_a_hundred_times(archive: Path, tmp_path: Path) -> None:
    chance, count = random.Random(2), 6000
    file = chat(tmp_path, "Anna", 0, count)
    for _ in range(100):
        process = beleg(archive, "ingest", file)
        time.sleep(chance.uniform(0.5, 2.5))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    answer(archive, "ingest", file, "--json")
    report = answer(archive, "verify", "--level", "2", "--json")
    assert [f for f in report["findings"] if f["kind"] != "duplicate"] == []
    assert numbers(archive, "Anna") == list(range(count))
