"""The command that is told what somebody must know."""

from pathlib import Path

import pytest

from archive.adapters import alert_command


def test_a_command_that_leaves_something_behind_has_ended_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alert_command, "TIMEOUT", 0.5)
    told = tmp_path / "told"
    alert_command.run_command(["/bin/sh", "-c", f"cat > {told}; sleep 2 &"], "a gap opened\n")
    assert told.read_text() == "a gap opened\n"
