"""After an upgrade somebody is told what an older reader read, and what to do about it."""

import zipfile
from pathlib import Path

import pytest

from archive.channels import CHANNELS
from tests.commandline.conftest import Beleg
from tests.commandline.erasing import erased, number_of

TOLD = "read by an older version of the reader"


@pytest.fixture
def chat(beleg: Beleg, archive: Path, tmp_path: Path) -> Path:
    path = tmp_path / "WhatsApp Chat - Werk.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("_chat.txt", "[03.02.25, 09:14:05] Anna: Garantie\n[03.02.25, 09:15:05] Bob: ja\n")
    assert beleg("ingest", path, "--mine", "Anna", "--timezone", "Europe/Berlin").code == 0
    return path


def upgraded(monkeypatch: pytest.MonkeyPatch, channel: str = "whatsapp", version: int = 99) -> None:
    reader = next(one for one in CHANNELS if one.name == channel)
    monkeypatch.setattr(type(reader), "parser", f"{reader.parser.partition('/')[0]}/{version}")


def test_status_search_and_certificate_say_it_until_it_is_read_again(
    beleg: Beleg, chat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert TOLD not in beleg("status").out + beleg("search", "garantie").out
    upgraded(monkeypatch, "telegram")
    assert TOLD not in beleg("status").out, "the reader of another channel"
    upgraded(monkeypatch)
    assert f"2 items were {TOLD} (whatsapp): `beleg ingest --reparse`" in beleg("status").out
    assert (
        f"2 items were {TOLD}: `beleg ingest --reparse`" in beleg("search", "garantie", "--certificate").out
    )
    assert beleg("search", "garantie", "--json").json["read_before"] == 2
    limits = dict(beleg("search", "--replay", "C-1", "--json").json["certificate"]["limits"])
    assert limits["items read by an older version of their reader"] == 2
    assert beleg("ingest", "--reparse").code == 0
    assert TOLD not in beleg("status").out + beleg("search", "garantie").out
    upgraded(monkeypatch, version=100)
    assert f"2 items were {TOLD}" in beleg("status").out


def test_what_cannot_be_read_again_is_not_told(
    beleg: Beleg, chat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever did what it says would read the same line for ever."""
    upgraded(monkeypatch)
    erased(beleg, number_of(beleg, "garantie"))
    assert beleg("ingest", "--reparse").code in (0, 3)
    assert TOLD not in beleg("status").out
