"""Catalogue and index brought up beside an ingestion: quicker where it goes well, the same where it does not."""

import multiprocessing
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from archive.settings import Settings
from archive.wiring import alongside
from archive.wiring.alongside import WORTH
from tests.faults.test_processes import answer, archive, beleg, chat, numbers
from tests.process_table import spawned

__all__ = ["archive"]  # the fixture

COUNT = WORTH + 2_500


def awaited(running: "subprocess.Popen[str]") -> int:
    """The helper of a running ingestion, as soon as there is one."""
    until = time.monotonic() + 60
    while time.monotonic() < until and running.poll() is None:
        if found := spawned(running.pid):
            return found[0]
        time.sleep(0.02)
    pytest.fail("no process came up beside a long ingestion")


def whole(archive: Path) -> None:
    status = answer(archive, "status", "--json")
    assert status["catalogue_position"] == status["index_position"] == status["size"]
    assert numbers(archive, "Lang") == list(range(COUNT))


@pytest.mark.long  # the others below begin with the same
def test_a_long_ingestion_is_projected_beside_it(archive: Path, tmp_path: Path) -> None:
    running = beleg(archive, "ingest", chat(tmp_path, "Lang", 0, COUNT))
    helper = awaited(running)
    _, err = running.communicate(timeout=240)
    assert (running.returncode, err) == (0, "")
    assert not Path(f"/proc/{helper}").exists()
    whole(archive)


def test_a_helper_that_is_killed_costs_time_and_nothing_else(archive: Path, tmp_path: Path) -> None:
    running = beleg(archive, "ingest", chat(tmp_path, "Lang", 0, COUNT))
    os.kill(awaited(running), signal.SIGKILL)
    _, err = running.communicate(timeout=240)
    assert running.returncode == 0
    assert "ended early; going on without it" in err
    whole(archive)


def test_a_helper_does_not_outlive_a_killed_ingestion(archive: Path, tmp_path: Path) -> None:
    running = beleg(archive, "ingest", chat(tmp_path, "Lang", 0, COUNT))
    helper = awaited(running)
    running.kill()
    running.communicate(timeout=60)
    until = time.monotonic() + 60
    while Path(f"/proc/{helper}").exists() and time.monotonic() < until:
        time.sleep(0.1)
    assert not Path(f"/proc/{helper}").exists()
    _, err = (again := beleg(archive, "ingest", chat(tmp_path, "Lang", 0, COUNT))).communicate(timeout=240)
    assert again.returncode == 0, err
    whole(archive)


def test_what_is_sealed_while_the_helper_works_is_done_by_it_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end of a run is told while the helper brings in an earlier part: it looks once more."""
    ours, theirs = multiprocessing.Pipe()
    sealed = [7_000, 9_000, 9_000]
    seen: list[int] = []
    brought: list[int] = []

    @contextmanager
    def opened(*_: object, progress: Callable[[], None], **_given: object) -> Iterator[object]:
        def project() -> None:
            if not brought:
                ours.send(alongside._END)
                progress()
            brought.append(seen[-1])

        ledger = SimpleNamespace(follow=lambda: seen.append(sealed[len(seen)]))
        yield SimpleNamespace(ledger=ledger, project=project, keys=SimpleNamespace(hold=lambda _: None))

    monkeypatch.setattr(alongside, "open_session", opened)
    monkeypatch.setattr(alongside.signal, "signal", lambda *_: None)
    ours.send(alongside._MORE)
    alongside._work(theirs, tmp_path, Settings(origin="beleg.test/0123456789abcdef"), {})
    assert brought == [7_000, 9_000]
