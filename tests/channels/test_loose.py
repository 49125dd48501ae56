"""Loose files: who, when, to whom are told by a person."""

from pathlib import Path

import pytest

from archive.channels.loose import LooseFiles
from archive.errors import UsageError

READER = LooseFiles()


def test_a_screenshot_with_what_a_person_told(read, detect, tmp_path: Path) -> None:
    path = tmp_path / "screenshot.png"
    path.write_bytes(b"\x89PNG")
    told = {
        "author": "Lieferant",
        "when": "5.3.2024, 14:30",
        "timezone": "Europe/Berlin",
        "recipients": ("Einkauf",),
    }
    outcome = read(READER, path, **told)
    [item] = outcome.items
    assert (item.form, item.title, item.author.written, item.time.utc) == (
        "loose",
        "screenshot.png",
        "Lieferant",
        "2024-03-05T13:30:00Z",
    )
    [attachment] = item.attachments
    assert (attachment.media_type, attachment.role, attachment.length, attachment.state) == (
        "image/png",
        "image",
        4,
        "present",
    )
    assert item.recipients[0].actor.written == "Einkauf"
    assert read(READER, path, **told).items == outcome.items
    assert read(READER, path, author="Anderer").items[0].key != item.key
    assert detect(READER, path) == 0


def test_each_file_of_a_folder_is_an_item(read, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    (tmp_path / "b.opus").write_bytes(b"")
    assert read(READER, tmp_path).counts == (2, 0, 0)


def test_a_time_that_is_none_is_refused(read, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    with pytest.raises(UsageError, match="neulich"):
        read(READER, tmp_path, when="neulich")
