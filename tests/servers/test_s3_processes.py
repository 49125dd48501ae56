"""Real processes on a real server: several that ingest at once, one that is killed at any moment, big files."""

import random
import shutil
import signal
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from archive.adapters.lock_file import LockFile
from archive.adapters.places import lock_path
from archive.settings import load
from tests.servers.ceph import Ceph
from tests.servers.process import Done, beleg, beleg_measured, chat, numbers, start

_NUMBER = count()
Place = Callable[[], Path]


@pytest.fixture(params=["folders", "S3"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """An archive on folders, and the same on a real S3 server."""
    folder = tmp_path / "archive"
    places: list[str] = []
    if request.param == "S3":
        ceph: Ceph = request.getfixturevalue("ceph")
        name = f"many{next(_NUMBER)}"
        places = ["--endpoint", ceph.endpoint]
        for place in ("store", "control", "vault", "vault-copy"):
            places += [f"--{place}", f"s3://{name}-{place}"]
    done = run(request, folder, "init", folder, "--timezone", "Europe/Berlin", *places)
    assert done.code == 0, done.err
    return folder


def run(request: pytest.FixtureRequest, folder: Path, *arguments: str | Path) -> Done:
    return beleg(user(request), folder, *arguments)


def user(request: pytest.FixtureRequest):  # type: ignore[no-untyped-def]
    if "S3" not in request.node.name:
        return None
    return request.getfixturevalue("ceph").users["owner"]


def is_intact(request: pytest.FixtureRequest, folder: Path) -> None:
    done = run(request, folder, "verify", "--level", "2", "--json")
    assert done.code == 0, done.out
    assert {finding["kind"] for finding in done.json["findings"]} <= {"duplicate"}


@pytest.mark.parametrize("writers", [2, *(pytest.param(many, marks=pytest.mark.long) for many in (4, 8))])
def test_many_ingest_at_once(
    request: pytest.FixtureRequest, archive: Path, tmp_path: Path, writers: int
) -> None:
    """Each has a chat of its own, and all have one in common: one history, nothing lost, nothing twice."""
    lines = 800 // writers
    own = [chat(tmp_path, f"Eigen{number}", 0, lines) for number in range(writers)]
    common = chat(tmp_path, "Alle", 0, 150)
    running = [start(user(request), archive, "ingest", file, common) for file in own]
    for process in running:
        _, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
    is_intact(request, archive)
    for number in range(writers):
        assert numbers(user(request), archive, f"Eigen{number}") == list(range(lines))
    assert numbers(user(request), archive, "Alle") == list(range(150))


def test_who_has_to_wait_says_so(request: pytest.FixtureRequest, archive: Path, tmp_path: Path) -> None:
    with LockFile(lock_path(archive, load(archive)), lambda _: None)():
        process = start(user(request), archive, "ingest", chat(tmp_path, "Eins", 0, 5))
        assert process.stderr is not None
        assert process.stderr.readline() == "beleg: waiting for another process that works on this archive\n"
    assert process.communicate(timeout=60)[1] == ""
    assert process.returncode == 0
    assert numbers(user(request), archive, "Eins") == list(range(5))


def test_several_hosts_without_a_common_lock(
    request: pytest.FixtureRequest, archive: Path, tmp_path: Path
) -> None:
    """Each host has its own workspace and lock, so only the markers decide who was first."""
    if "S3" not in request.node.name:
        pytest.skip("folders lie on one host")
    hosts = []
    for number in range(4):
        host = tmp_path / f"host{number}" / "archive"
        host.mkdir(parents=True)
        shutil.copy(archive / "beleg.toml", host)
        shutil.copytree(archive / "keys", host / "keys")
        hosts.append(host)
    files = [chat(tmp_path, f"Host{number}", 0, 300) for number in range(4)]
    common = chat(tmp_path, "Alle", 0, 200)
    pairs = zip(hosts, files, strict=True)
    running = [start(user(request), host, "ingest", file, common) for host, file in pairs]
    for process in running:
        _, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
    is_intact(request, archive)
    for number in range(4):
        assert numbers(user(request), archive, f"Host{number}") == list(range(300))
    assert numbers(user(request), archive, "Alle") == list(range(200)), "not even what all of them had"


def soak(request: pytest.FixtureRequest, archive: Path, tmp_path: Path, kills: int, seed: int) -> None:
    """Kill a running ingest again and again, at any moment; then let it finish."""
    chance, length = random.Random(seed), 120 * kills
    file = chat(tmp_path, "Anna", 0, length)
    for _ in range(kills):
        process = start(user(request), archive, "ingest", file)
        time.sleep(chance.uniform(0.3, 2.2))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    done = run(request, archive, "ingest", file)
    assert done.code == 0, done.err
    is_intact(request, archive)
    assert numbers(user(request), archive, "Anna") == list(range(length))


def test_killed_twenty_times(request: pytest.FixtureRequest, archive: Path, tmp_path: Path) -> None:
    soak(request, archive, tmp_path, 20, seed=1)


@pytest.mark.long
def test_killed_five_hundred_times(request: pytest.FixtureRequest, archive: Path, tmp_path: Path) -> None:
    soak(request, archive, tmp_path, 500, seed=2)


def attach(request: pytest.FixtureRequest, archive: Path, tmp_path: Path, size: int) -> int:
    """Keep one file of this size; give the most memory that the process took, in bytes."""
    file = tmp_path / "Aufnahme.mp4"
    block = random.Random(size).randbytes(1 << 20)
    with file.open("wb") as out:
        for number in range(size >> 20):
            out.write(number.to_bytes(8, "big") + block[8:])
    done, peak = beleg_measured(
        user(request), archive, "ingest", file, "--channel", "loose", "--from", "Lieferant",
        "--when", "2024-03-04", "--json",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert done.json[0]["items"] == 1
    done = run(request, archive, "verify", "--level", "2")
    assert done.code == 0, done.out
    return peak


@pytest.mark.parametrize(
    "size", [200 << 20, pytest.param(5 << 30, marks=pytest.mark.long)], ids=["200 MB", "5 GB"]
)
def test_a_big_attachment_in_flat_memory(
    request: pytest.FixtureRequest, archive: Path, tmp_path: Path, size: int
) -> None:
    assert 30 << 20 < attach(request, archive, tmp_path, size) < 300 << 20
