"""Statements found in several processes: the same, in the same order; and no process is left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.adapters import find_processes
from archive.adapters.find_processes import FindProcesses, find_all
from archive.errors import Unfinished
from archive.exporters.bundle.statements import stated
from archive.redaction import LABELS
from archive.statements.model import Message, Said
from tests.process_table import spawned
from tests.unit.test_review_volume import told

SENT = datetime(2024, 5, 14, 9, 0, tzinfo=UTC)
BEFORE = (Said("b", "Wir bieten 200 Stück zu 5 Euro an.", 1),)
MESSAGES = [
    message
    for number in range(1, 40)
    for message in (
        Message(f"Da habt ihr {number} Jahre Garantie drauf", "a", SENT),
        Message("ja, passt so", "a", SENT, BEFORE),
        Message("schönes Wochenende", "a", SENT),
    )
]


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> Iterator[FindProcesses]:
    monkeypatch.setattr(find_processes, "TOGETHER", 7)
    found = FindProcesses(2, worth=0)
    list(found(MESSAGES[:1]))  # starts them
    assert found._up is not None
    found._up.result(60)
    yield found
    found.close()


def test_two_processes_find_what_one_finds(two: FindProcesses) -> None:
    here = find_all(MESSAGES)
    assert sum(map(len, here)) >= len(MESSAGES) // 2
    assert list(two(MESSAGES)) == here
    assert list(two(MESSAGES[:9])) == here[:9]


def test_a_production_states_the_same_whoever_finds(two: FindProcesses) -> None:
    texts = ["Wir bieten 200 Stück zu 5 Euro an.", "ja, passt so", "Da habt ihr 5 Jahre Garantie drauf"] * 20
    items = [told(n, text, minutes=n, name="AB"[n % 2]) for n, text in enumerate(texts)]
    here = list(stated(items, {}, LABELS["de"]))
    assert any(one.answers is not None for one in here), "what answers what is among them"
    assert list(stated(items, {}, LABELS["de"], two)) == here


def test_a_process_that_was_ended_is_said(two: FindProcesses) -> None:
    list(two(MESSAGES))
    for child in spawned(os.getpid()):
        os.kill(child, signal.SIGKILL)
    with pytest.raises(Unfinished, match="was ended"):
        list(two(MESSAGES))
    assert list(two(MESSAGES)) == find_all(MESSAGES), "it begins anew"


def test_nobody_waits_for_processes_that_are_not_up(monkeypatch: pytest.MonkeyPatch) -> None:
    class Coming:
        def submit(self, *_: object) -> Future[object]:
            return Future()

        def shutdown(self, **_: object) -> None:
            pass

    monkeypatch.setattr(find_processes, "pool", lambda *_: Coming())
    found = FindProcesses(2, worth=0)
    assert list(found(MESSAGES)) == find_all(MESSAGES)
    found.close()


KILLED = """
import time
from archive.adapters.process_pool import pool

if __name__ == "__main__":
    two = pool(2, print)
    [two.submit(time.sleep, 0.5) for _ in range(2)]
    print("up", flush=True)
    time.sleep(60)
"""


def test_processes_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(KILLED)
    parent = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE)
    until = time.monotonic() + 60
    while not (started := spawned(parent.pid)) and time.monotonic() < until:
        time.sleep(0.05)
    assert started
    parent.kill()
    parent.communicate()
    while any(Path(f"/proc/{one}").exists() for one in started) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(Path(f"/proc/{one}").exists() for one in started)
