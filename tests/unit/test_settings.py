"""Settings are written as they were read: a command that changes one must not lose another."""

import errno
import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from archive.settings import Settings, load, save, to_toml

BASE = {"origin": "firm.example/archive/0123456789abcdef"}
AUTHORITY = {"name": "one", "url": "https://stamp.example/tsr", "roots": "one.pem"}


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"heads": {"copy_to": ("/a b", 's3://x/"y"'), "mail": ("a@b.example",)}},
        {"mail": {"host": "mail.example", "port": 587, "security": "tls", "user": "ü", "password": "env:X"}},
        {
            "time": {
                "authorities": (AUTHORITY, {**AUTHORITY, "name": "two"}),
                "after_minutes": 5,
                "timeout": 3.5,
            }
        },
        {
            "time": {"authorities": (AUTHORITY,)},
            "log_signer": "kms:alias/beleg",
            "s3": {"region": "eu-central-1"},
        },
    ],
)
def test_written_and_read_again(more: dict[str, object]) -> None:
    settings = Settings.model_validate({**BASE, **more})
    assert Settings.model_validate(tomllib.loads(to_toml(settings))) == settings


@pytest.mark.parametrize(
    "more",
    [
        {"time": {"authorities": (AUTHORITY, AUTHORITY)}},
        {"time": {"authorities": ({**AUTHORITY, "url": "file:///etc/passwd"},)}},
        {"time": {"authorities": ({**AUTHORITY, "url": "https://u:p@x.example"},)}},
        {"mail": {"password": "hunter2"}},
        {"mail": {"password": "env:"}},
        {"passphrase": "file:"},
        {"mail": {"sender": "a@b.example\nBcc: c@d.example"}},
        {"heads": {"mail": ("nobody",)}},
        {"log_signer": "the key itself"},
        {"s3": {"endpoint": "https://s3.example?x=1"}},
        {"s3": {"endpoint": "https://s3.example#bucket"}},
    ],
)
def test_refused(more: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({**BASE, **more})


def test_settings_are_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that goes down while they are written keeps those that it had."""
    before = Settings.model_validate(BASE)
    save(tmp_path, before)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="no space"):
        save(tmp_path, before.model_copy(update={"timezone": "Europe/Berlin"}))
    assert load(tmp_path) == before
