"""Looking at the lock of another process: it writes nothing, and says so where it may not look."""

import os
from pathlib import Path

import pytest

from archive.adapters.lock_file import LockFile


def lock(path: Path) -> LockFile:
    return LockFile(path, lambda _: None)


def test_looking_writes_nothing_and_needs_no_right_to_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "control" / "x.lock"
    assert lock(path).is_held() is False
    assert not path.parent.exists()
    with lock(path)():
        real = os.open
        asked: list[int] = []
        monkeypatch.setattr(
            os, "open", lambda name, flags, *mode: asked.append(flags) or real(name, flags, *mode)
        )
        assert lock(path).is_held() is True
        assert asked == [os.O_RDONLY]
    assert lock(path).is_held() is False


def test_a_lock_that_may_not_be_seen_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError

    monkeypatch.setattr(os, "open", refuse)
    assert lock(tmp_path / "x.lock").is_held() is None
