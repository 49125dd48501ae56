"""What is damaged on this host, or stops half-way: one clear line, nothing half done, and a way on."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from archive.exporters.bundle.files import UNFINISHED
from tests.commandline.conftest import Beleg


def test_settings_that_are_no_utf_8(beleg: Beleg, archive: Path) -> None:
    (archive / "beleg.toml").write_bytes(b'name = "\xff"\n')
    done = beleg("status")
    assert (done.code, len(done.err.splitlines())) == (2, 1)
    assert "beleg.toml" in done.err


def test_a_file_whose_name_is_no_utf_8(beleg: Beleg, archive: Path, chat: Path, tmp_path: Path) -> None:
    strange = tmp_path / os.fsdecode(b"b\xffse.txt")
    strange.write_bytes(b"\x00")
    done = beleg("ingest", strange, chat)
    assert done.code == 3
    assert "b\\xffse.txt" in done.err
    assert "3 items sealed" in done.out


def test_a_damaged_index_is_made_anew(beleg: Beleg, archive: Path, chat: Path) -> None:
    beleg("ingest", chat)
    index = archive / "workspace" / "index-tantivy"
    for path in index.rglob("*"):
        if path.is_file():
            path.write_bytes(b"garbage")
    done = beleg("search", "garantie")
    assert done.code == 4
    assert "beleg rebuild index" in done.err
    assert beleg("rebuild", "index").code == 0
    assert beleg("search", "garantie", "--json").json["total"] == 1


def test_a_folder_that_is_no_index_is_not_touched(beleg: Beleg, archive: Path, chat: Path) -> None:
    beleg("ingest", chat)
    index = archive / "workspace" / "index-tantivy"
    shutil.rmtree(index)
    index.mkdir()
    (index / "diary.txt").write_text("mine", encoding="utf-8")
    done = beleg("rebuild", "index")
    assert done.code == 4
    assert "delete it" in done.err
    assert (index / "diary.txt").read_text(encoding="utf-8") == "mine"


def test_verify_compares_with_the_settings_of_this_host(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    assert beleg("init", other, "--name", "other.example/main").code == 0
    file = archive / "beleg.toml"
    file.write_text(
        "".join(
            next(line for line in (other / "beleg.toml").read_text().splitlines(True) if line[:6] == "origin")
            if line.startswith("origin")
            else line
            for line in file.read_text().splitlines(keepends=True)
        )
    )
    done = beleg("verify")
    assert done.code == 3
    assert "the settings of this host name other.example/main/" in done.out


def test_an_export_that_cannot_be_finished_leaves_nothing(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    text = chat.read_text(encoding="utf-8") + "[03.02.25, 09:17:02] Anna: \u200e<Anhang: foto.jpg>\n"
    (folder / chat.name).write_text(text, encoding="utf-8")
    (folder / "foto.jpg").write_bytes(b"\xff\xd8\xff" + bytes(5000))
    beleg("ingest", folder)
    beleg("matter", "open", "Pumpe", "--reason", "Streit")
    beleg("search", "garantie", "--matter", "M-1")
    out = tmp_path / "bundle"
    assert beleg("export", "M-1", "--out", out).code == 0
    assert not (out / UNFINISHED).exists()
    photo = next(path for path in out.rglob("*.jpg"))
    assert photo.stat().st_size == 5003
    for path in (archive / "places" / "archive" / "objects").rglob("*"):
        if path.is_file() and path.stat().st_size > 5000:
            path.write_bytes(bytes(path.stat().st_size))
    again = tmp_path / "again"
    done = beleg("export", "--again", "E-1", "--out", again)
    assert done.code == 4
    assert list(again.iterdir()) == []


def test_a_production_is_handed_out_again_as_it_was(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path
) -> None:
    done = beleg("export", "--again", "E-1", "--context", "none", "--out", tmp_path / "again")
    assert done.code == 2
    assert "--context" in done.err


def test_key_files_of_an_unfinished_founding(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    (new / "keys").mkdir(parents=True)
    shutil.copy(archive / "keys" / "legal.key", new / "keys")
    done = beleg("init", new)
    assert done.code == 2
    assert "was begun and not finished" in done.err


@pytest.mark.parametrize(
    ("place", "told"),
    [("archive", "the archive place"), ("control", "the control place"), ("vault-copy", "vault copy 2")],
)
def test_a_founding_in_the_places_of_another_archive_leaves_nothing_behind(
    beleg: Beleg, archive: Path, tmp_path: Path, place: str, told: str
) -> None:
    new = tmp_path / "new"
    shutil.copytree(archive / "places" / place, new / "places" / place)
    done = beleg("init", new)
    assert (done.code, f"{told} is not empty" in done.err) == (2, True), done.err
    assert not list(new.rglob("*.key"))
    assert not list(new.rglob("probe/*"))
    shutil.rmtree(new / "places" / place)
    assert beleg("init", new).code == 0, "nothing is to be moved away first"


def test_ingestion_does_not_end_with_its_reader(beleg: Beleg, archive: Path, chat: Path) -> None:
    """As by ``| head -1``: the pipe is closed before the first line."""
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "cli.main", "ingest", str(chat), str(chat)]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")
    assert beleg("search", "garantie", "--json").json["total"] == 1


def test_nor_with_the_reader_of_its_complaints(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path
) -> None:
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "empty.txt").write_bytes(b"")
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "cli.main", "ingest", str(tmp_path / "bad"), str(chat)]
    done = subprocess.run(command, stdout=write, stderr=write, check=False)
    os.close(write)
    assert done.returncode == 3
    assert beleg("search", "garantie", "--json").json["total"] == 1
