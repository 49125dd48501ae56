"""The command that is told what somebody must know."""

from pathlib import Path

import pytest

from archive.adapters import alert_command
from archive.settings import AlertSettings, Settings
from archive.sources import SourceSettings
from archive.wiring.alerts import tell


def test_a_command_that_leaves_something_behind_has_ended_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alert_command, "TIMEOUT", 0.5)
    told = tmp_path / "told"
    alert_command.run_command(["/bin/sh", "-c", f"cat > {told}; sleep 2 &"], "a gap opened\n")
    assert told.read_text() == "a gap opened\n"


def test_a_command_sees_no_passphrase_and_no_secret_of_a_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("BELEG_PASSPHRASE", "BELEG_PASSPHRASE_INGEST", "MAIL_SECRET", "TOKEN_OF_ALERTS"):
        monkeypatch.setenv(name, "hidden")
    settings = Settings(
        origin="beleg.archive/0123456789abcdef",
        sources={
            "werk": SourceSettings(
                kind="imap", url="imaps://mail.example", account="werk", secret="env:MAIL_SECRET"
            )
        },
        alerts=AlertSettings(command=("/bin/sh", "-c", f"env > {tmp_path / 'seen'}")),
    )
    assert tell(settings, ["a gap opened"], [])
    seen = {line.partition("=")[0] for line in (tmp_path / "seen").read_text().splitlines()}
    assert not {"BELEG_PASSPHRASE", "BELEG_PASSPHRASE_INGEST", "MAIL_SECRET"} & seen
    assert {"TOKEN_OF_ALERTS", "PATH"} <= seen
