"""A feed of static files, served by Python's own server: edits, the window, and a server that is killed."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.commandline.conftest import Beleg
from tests.commandline.conftest import _cheap_passphrases as _cheap_passphrases
from tests.commandline.conftest import _no_pauses as _no_pauses
from tests.commandline.conftest import archive as archive
from tests.commandline.conftest import beleg as beleg
from tests.servers.process import PROGRAM, ROOT


class Site:
    """A folder with a feed, and the process that serves it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None
        self._changes = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/feed.xml"

    def write(self, *entries: tuple[str, str]) -> None:
        told = "".join(
            f"<entry><id>urn:{name}</id><title>Nr. {name}</title><updated>2025-03-03T09:00:00Z</updated>"
            f"<content>{words}</content></entry>"
            for name, words in entries
        )
        file = self.folder / "feed.xml"
        file.write_text(
            f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><id>urn:w</id>{told}</feed>'
        )
        self._changes += 1  # Last-Modified has whole seconds: another change is another second
        later = time.time() + 10 * self._changes
        os.utime(file, (later, later))

    def up(self) -> None:
        command = [sys.executable, "-m", "http.server", str(self.port), "--bind", "127.0.0.1"]
        self._process = subprocess.Popen(
            command,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
        )
        end = time.monotonic() + 20
        while time.monotonic() < end:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=5):
                    return
            except (OSError, urllib.error.URLError):
                time.sleep(0.05)
        raise AssertionError("the site does not answer")

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    (tmp_path / "site").mkdir()
    served = Site(tmp_path / "site")
    served.write(("1", "Fünf Jahre Garantie"), ("2", "80 Euro"), ("3", "Falsch"))
    served.up()
    yield served
    served.kill()


@pytest.fixture
def source(beleg: Beleg, archive: Path, site: Site) -> Path:
    assert beleg("source", "add", "werk", "feed", "--url", site.url).code == 0
    return archive


def collect(beleg: Beleg, code: int = 0) -> dict[str, Any]:
    done = beleg("collect", "werk", "--json")
    assert done.code == code, (done.out, done.err)
    return done.json[0]  # type: ignore[no-any-return]


def started(archive: Path) -> "subprocess.Popen[str]":
    """A collection as a process of its own, by now at work."""
    process = subprocess.Popen(
        [*PROGRAM, "collect", "werk", "--json"], env={**os.environ, "PYTHONPATH": str(ROOT)}, cwd=archive.parent,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while process.poll() is None and not (archive / "workspace" / "collecting" / "werk.lock").exists():
        time.sleep(0.05)
    return process


def told(beleg: Beleg) -> list[tuple[str, str]]:
    hits = beleg("search", "channel:feed", "--json").json["hits"]
    return sorted((hit["event"], hit["text"].replace("\n", " ")) for hit in hits)


def test_edits_a_window_that_moves_on_and_a_server_that_is_killed(
    site: Site, beleg: Beleg, source: Path
) -> None:
    assert collect(beleg)["items"] == 3
    site.kill()
    (source / "workspace" / "collecting" / "werk.lock").unlink()
    process = started(source)
    time.sleep(0.5)  # it asks, and asks again
    site.write(("1", "Fünf Jahre Garantie"), ("2", "90 Euro"), ("4", "Neu"))
    site.up()
    process.communicate(timeout=60)
    assert process.returncode == 0
    found = [words for _, words in told(beleg)]
    assert len(found) == 5
    assert any("80 Euro" in words for words in found)
    assert any("90 Euro" in words for words in found)
    assert any("Falsch" in words for words in found), "what left the window stays, and is not called deleted"
    assert not [event for event, _ in told(beleg) if event == "deleted"]
    site.write(("8", "Acht"), ("9", "Neun"))
    lost = collect(beleg, code=3)
    assert (lost["items"], lost["gaps"]) == (2, 1), "nothing of the last look is in sight: the place is lost"
    again = collect(beleg)
    assert (again["items"], again["gaps"]) == (0, 0)
    assert beleg("verify", "--level", "2").code == 0


def test_a_signal_ends_a_collection_that_waits(site: Site, beleg: Beleg, source: Path) -> None:
    site.kill()
    process = started(source)
    time.sleep(1)  # now it waits for a server that does not answer
    began = time.monotonic()
    process.terminate()
    out, err = process.communicate(timeout=30)
    assert process.returncode == 4, (out, err)
    assert "stopped while it waited" in out
    assert "Traceback" not in err
    assert time.monotonic() - began < 6
    site.up()
    assert collect(beleg)["items"] == 3
