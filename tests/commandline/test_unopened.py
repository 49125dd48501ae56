"""What cannot be opened is counted: an answer that leaves records out says so."""

import shutil
from pathlib import Path

import pytest

from tests.commandline.conftest import Beleg


def _lose_content_keys(archive: Path) -> None:
    for folder in (archive / "places").glob("vault*/keys/*/content"):
        shutil.rmtree(folder)


def test_lost_keys_are_counted_by_rebuild_search_and_status(beleg: Beleg, archive: Path, chat: Path) -> None:
    beleg("ingest", chat)
    assert beleg("search", "garantie", "--json").json["unopened"] == 0
    assert beleg("rebuild").code == 0
    _lose_content_keys(archive)
    done = beleg("rebuild")
    assert done.code == 3
    assert "could not be opened" in done.out
    found = beleg("search", "garantie", "--json").json
    assert found["total"] == 0
    assert found["unopened"] >= 4, "three items, their chat, the capture"
    assert f"{found['unopened']} records could not be opened" in beleg("search", "garantie").out
    done = beleg("status", "--json")
    assert done.json["unopened"] == found["unopened"]
    assert any("could not be opened" in warning for warning in done.json["warnings"])
    assert beleg("rebuild", "index").code == 3


def test_status_without_keys_says_unknown(beleg: Beleg, archive: Path, chat: Path, tmp_path: Path) -> None:
    beleg("ingest", chat)
    beleg("matter", "open", "Pumpe", "--reason", "Streit")
    assert "Matters   1 " in beleg("status").out
    (archive / "keys").rename(tmp_path / "elsewhere")
    found = beleg("status", "--json").json
    assert [found[name] for name in ("matters", "holds", "productions", "last_run")] == [None] * 4
    assert "Matters   unknown" in beleg("status").out
    assert "Last run  unknown" in beleg("status").out


@pytest.fixture
def split(beleg: Beleg, tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    done = beleg("init", folder, "--split", "--timezone", "Europe/Berlin")
    assert done.code == 0, done.err
    return folder


def test_ingestion_of_a_split_archive_opens_its_own_key_alone(
    beleg: Beleg, split: Path, chat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other key folders may lie here too, closed: it leaves the projections to the next legal command."""
    monkeypatch.delenv("BELEG_PASSPHRASE")
    monkeypatch.setenv("BELEG_PASSPHRASE_INGEST", "a passphrase for tests")
    done = beleg("ingest", chat, "--json")
    assert done.code == 0, done.err
    assert done.json[0]["items"] == 3
    monkeypatch.setenv("BELEG_PASSPHRASE", "a passphrase for tests")
    assert beleg("status", "--json").json["catalogue_position"] == 0
    assert beleg("search", "garantie", "--json").json["total"] == 1


def test_key_files_of_other_accounts_count_as_absent(
    beleg: Beleg, split: Path, chat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = __import__("os").access
    monkeypatch.setattr(
        "archive.adapters.keys_folder.os.access",
        lambda path, mode: real(path, mode) and Path(path).name in (Path(path).stem, "ingest.key", chat.name),
    )
    done = beleg("ingest", chat)
    assert done.code == 0, done.err
    assert "3 items sealed" in done.out
    assert beleg("search", "x").code == 5
    assert "Matters   unknown" in beleg("status").out


def test_what_was_sealed_is_told_before_the_projections_fail(
    beleg: Beleg, archive: Path, chat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("archive.adapters.catalogue_sql.SqlCatalogue.apply", full)
    done = beleg("ingest", chat, "--json")
    assert done.code == 4
    assert done.json[0]["items"] == 3
    assert "No space left" in done.err


@pytest.mark.parametrize(
    ("scope", "word"),
    [
        (("--channel", "foo"), "no channel 'foo'"),
        (("--item", "99999"), "no item 99999"),
        (("--item", "0"), "no item 0"),
        (("--thread", "1"), "no thread '1'"),
        (("--from", "2025-03-01", "--to", "2025-02-01"), "after its end"),
        (("--channel", "whatsapp", "--review", "2020-01-01"), "is past"),
        (("--channel", "whatsapp", "--reason", "  "), "must not be empty"),
    ],
)
def test_a_hold_that_holds_nothing_is_refused(
    beleg: Beleg, archive: Path, chat: Path, scope: tuple[str, ...], word: str
) -> None:
    beleg("ingest", chat)
    beleg("matter", "open", "Pumpe", "--reason", "Streit")
    place = ("hold", "place", "M-1", "--reason", "Klage", "--review", "2099-06-30")
    done = beleg(*place, *scope)
    assert done.code == 2, (done.out, done.err)
    assert word in done.err
    assert beleg("hold", "list", "--json").json == []
    assert beleg(*place, "--thread", "lieferant", "--channel", "telegram").code == 0


MAIL = (
    "From: <einkauf@x.example>\nTo: {to}\nSubject: {subject}\nDate: Mon, 11 Mar 2024 08:00:12 +0100\n"
    "Message-ID: <1@x.example>\n\nDer Vertrag\n"
)


def test_a_mail_is_never_edited(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    """Two mails of one id are two mails: a list or a gateway writes other headers."""
    for name, to, subject in (("a", "x@y.example", "Vertrag"), ("b", "z@y.example", "[Liste] Vertrag")):
        (tmp_path / f"{name}.eml").write_text(MAIL.format(to=to, subject=subject))
        assert beleg("ingest", tmp_path / f"{name}.eml").code == 0
    hits = beleg("search", "vertrag", "--json").json["hits"]
    assert [hit["event"] for hit in hits] == ["posted", "posted"]
    assert [hit["author"] for hit in hits] == ["einkauf@x.example"] * 2
    assert "einkauf@x.example" in beleg("search", "vertrag").out
    shown = beleg("show", hits[1]["number"], "--json").json["item"]
    assert shown["basis"] == "observed"
    assert "From      einkauf@x.example" in beleg("show", hits[1]["number"]).out


@pytest.mark.parametrize(
    "arguments",
    [
        ("party", "add", " "),
        ("matter", "open", "", "--reason", "x"),
        ("matter", "open", "x", "--reason", ""),
        ("person", "add", "", "--role", "legal"),
    ],
)
def test_empty_names_and_reasons_are_refused(beleg: Beleg, archive: Path, arguments: tuple[str, ...]) -> None:
    done = beleg(*arguments)
    assert done.code == 2, (done.out, done.err)
    assert "must not be empty" in done.err


def test_a_chat_message_that_changed_is_an_edit(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    day = '[{"type": "message", "user": "U1", "text": "TEXT", "ts": "1709540000.000400"}]'
    (tmp_path / "room").mkdir()
    for text in ("zwei Jahre", "drei Jahre"):
        (tmp_path / "room" / "2024-03-04.json").write_text(day.replace("TEXT", text))
        assert beleg("ingest", tmp_path / "room").code == 0
    hits = beleg("search", "jahre", "--json").json["hits"]
    assert sorted(hit["event"] for hit in hits) == ["edited", "posted"]
