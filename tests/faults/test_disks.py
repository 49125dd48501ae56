"""Folders on disks that fail: every call of a commit in every way, a disk that is full, read-only, or slow."""

import errno
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archive.adapters import objects_folder
from archive.adapters.objects_folder import FolderStore
from archive.errors import StoreError
from archive.ledger.opening import Opener
from tests.commandline.conftest import CHAT
from tests.faults.test_processes import environment
from tests.ledger_kit import Kit, item_draft
from tests.tools import Tools

CALLS = ("open", "link", "fsync")
WAYS = ("full", "read-only", "broken", "done, and told as failed")
ERRORS = {"full": errno.ENOSPC, "read-only": errno.EROFS, "broken": errno.EIO, WAYS[3]: errno.EIO}


class FailingOs:
    """The ``os`` that the folder store sees: its n-th call of a kind fails."""

    def __init__(self, call: str, number: int, way: str) -> None:
        self.call, self.left, self.way, self.failed = call, number, way, False

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        return self._failing(real) if name == self.call else real

    def _failing(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def called(*arguments: Any) -> Any:
            self.left -= 1
            if self.left != -1:
                return real(*arguments)
            self.failed = True
            if self.way == WAYS[3]:
                done = real(*arguments)
                if self.call == "open":
                    os.close(done)
            raise OSError(ERRORS[self.way], os.strerror(ERRORS[self.way]))

        return called


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    kit = Kit()
    stores = []
    for name in ("archive", "control", "vault", "vault-copy"):
        (tmp_path / name).mkdir()
        stores.append(FolderStore(tmp_path / name))
    kit.archive, kit.control, kit.vaults = stores[0], stores[1], (stores[2], stores[3])  # type: ignore[assignment]
    return kit


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("call", CALLS)
def test_every_call_of_a_commit_fails_once(
    kit: Kit, call: str, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit.append(kit.found(), "ingest", item_draft("acknowledged"))
    wanted, number, perhaps = ["acknowledged"], 0, set()
    while True:
        failing = FailingOs(call, number, way)
        ledger = kit.ledger()
        ledger.follow()
        with monkeypatch.context() as patch:
            patch.setattr(objects_folder, "os", failing)
            try:
                kit.append(ledger, "ingest", item_draft(f"text {number}"))
                wanted.append(f"text {number}")
            except StoreError:
                perhaps.add(f"text {number}")
        after = kit.ledger()
        kit.append(after, "ingest", item_draft(f"after {number}"))
        wanted.append(f"after {number}")
        if not failing.failed:
            break
        number += 1
    assert number >= 5, "a commit has at least a page in two copies, a segment, a marker, a checkpoint"
    assert kit.verify(2).exit_code == 0
    found = words(kit)
    assert [text for text in found if text not in perhaps] == wanted, "nothing acknowledged is lost"
    assert len(found) == len(set(found)), "and nothing is there twice"


def words(kit: Kit) -> list[str]:
    ledger = kit.ledger()
    ledger.follow()
    opener = Opener(ledger, [kit.recipients["content"]])
    items = [index for index in range(ledger.state.size) if ledger.leaf(index).kind == "item"]
    return [opener.body(index).text for index in items]  # type: ignore[union-attr]


def test_a_slow_disk_is_only_slow(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    synced = os.fsync
    waits = []

    def slow(descriptor: int) -> None:
        waits.append(time.sleep(0.03))
        synced(descriptor)

    monkeypatch.setattr(objects_folder.os, "fsync", slow)
    kit.append(kit.found(), "ingest", item_draft("slowly"))
    assert len(waits) > 10
    assert words(kit) == ["slowly"]
    assert kit.verify(2).exit_code == 0


# A disk of its own: a file system in memory of a few hundred kilobytes, mounted where nobody else sees it.

SCRIPT = """
set -e
mount -t tmpfs -o size={small} tmpfs "$DISK"
beleg() {{ "$PYTHON" -c 'from cli.main import main; main()' --archive "$DISK/archive" "$@"; }}
step() {{ name="$1"; shift; set +e; "$@" >"$OUT/$name.out" 2>"$OUT/$name.err"; echo $? >"$OUT/$name.code"; set -e; }}
step init beleg init "$DISK/archive" --timezone Europe/Berlin
step first beleg ingest "$IN/small.txt" --json
step full beleg ingest "$IN/big" --json
step found beleg search garantie --json
mount -o remount,size=200m tmpfs "$DISK"
step verify beleg verify --level 2 --json
step again beleg ingest "$IN/big" --json
step rest beleg verify --level 2 --json
mount -o remount,ro tmpfs "$DISK"
step refused beleg ingest "$IN/late.txt"
step reading beleg verify --level 2 --json
"""


@pytest.fixture
def mounting(tools: Tools) -> list[str]:
    """How a command may mount a file system of its own."""
    command = ["unshare", "--user", "--map-root-user", "--mount"]

    def start() -> str:
        done = subprocess.run(
            [*command, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(done.stderr.strip() or "not allowed")
        return "private file systems"

    tools.note("mount", start, right=True)
    return command


def test_a_full_disk_and_a_read_only_one(mounting: list[str], tmp_path: Path) -> None:
    given, out, disk = tmp_path / "in", tmp_path / "out", tmp_path / "disk"
    for folder in (given / "big", out, disk):
        folder.mkdir(parents=True)
    (given / "small.txt").write_text(CHAT, encoding="utf-8")
    (given / "late.txt").write_text(CHAT.replace("Anna", "Bob"), encoding="utf-8")
    names = [f"scan{n}.pdf" for n in range(12)]
    lines = "".join(
        f"[03.02.25, 09:17:{n:02}] Anna: \u200e<Anhang: {name}>\n" for n, name in enumerate(names)
    )
    (given / "big" / "WhatsApp Chat mit Werk.txt").write_text(lines, encoding="utf-8")
    for name in names:
        (given / "big" / name).write_bytes(b"%PDF-1.4" + os.urandom(300_000))
    done = subprocess.run(
        [*mounting, "sh", "-c", SCRIPT.format(small="3m")],
        env={**environment(disk), "DISK": str(disk), "IN": str(given), "OUT": str(out), "PYTHON": sys.executable},
        capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    code = {path.stem: int(path.read_text()) for path in out.glob("*.code")}
    errors = {path.stem: path.read_text() for path in out.glob("*.err")}
    assert (code["init"], code["first"]) == (0, 0), errors
    assert code["full"] == 4, errors["full"]
    assert "No space left on device" in errors["full"]
    assert len(errors["full"].splitlines()) == 1
    assert (code["verify"], code["again"], code["rest"]) == (0, 0, 0), errors
    assert code["refused"] == 4, errors["refused"]
    assert "Read-only file system" in errors["refused"]
    assert code["reading"] == 0, errors["reading"]
