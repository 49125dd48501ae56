"""A real mailbox: what was posted, edited, moved and deleted, against what the archive says."""

import imaplib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.dovecot import ACCOUNT, SECRET, Dovecot
from tests.servers.process import Done, founded, start
from tests.servers.process import here as beleg


def mail(number: int, words: str) -> bytes:
    return (
        f"From: Lieferant <lieferant@werk.example>\r\nTo: <{ACCOUNT}@firma.example>\r\n"
        f"Date: Mon, 03 Mar 2025 09:{number:02d}:00 +0100\r\nMessage-ID: <m{number}.{words[:3]}@werk.example>\r\n"
        f"Subject: Angebot {number}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{words}\r\n"
    ).encode()


@pytest.fixture
def box(dovecot: Dovecot) -> Iterator[imaplib.IMAP4]:
    """An empty mailbox of the account."""
    client = dovecot.client()
    for folder in ("Archiv", "Privat"):
        client.delete(folder)
        client.create(folder)
    client.select("INBOX")
    if client.uid("SEARCH", "ALL")[1][0]:
        client.uid("STORE", "1:*", "+FLAGS", r"(\Deleted)")
        client.expunge()
    yield client
    client.shutdown()


@pytest.fixture
def archive(tmp_path: Path, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "archive"
    monkeypatch.setenv("IMAP_SECRET", SECRET)
    founded(folder)
    done = beleg(
        None, folder, "source", "add", "mail", "imap", "--url", dovecot.url, "--account", ACCOUNT,
        "--secret", "env:IMAP_SECRET", "--only", "INBOX", "--only", "Archiv*",
    )  # fmt: skip
    assert done.code == 0, done.err
    return folder


def whole(archive: Path) -> None:
    """Have every folder read."""
    settings = archive / "beleg.toml"
    text = settings.read_text().replace('only = ["INBOX", "Archiv*"]', 'only = ["*"]')
    assert '"*"' in text
    settings.write_text(text)


def put(box: imaplib.IMAP4, folder: str, number: int, words: str, flags: str | None = None) -> str:
    """Post a mail; give its UID."""
    _, answer = box.append(folder, flags, None, mail(number, words))  # type: ignore[arg-type]
    return re.search(rb"APPENDUID \d+ (\d+)", answer[0])[1].decode()  # type: ignore[index]


def remove(box: imaplib.IMAP4, folder: str, uid: str) -> None:
    box.select(folder)
    box.uid("STORE", uid, "+FLAGS", r"(\Deleted)")
    box.expunge()


def collect(archive: Path, code: int = 0) -> dict[str, object]:
    done = beleg(None, archive, "collect", "mail", "--json")
    assert done.code == code, (done.out, done.err)
    (told,) = done.json
    return told  # type: ignore[no-any-return]


def found(archive: Path, query: str) -> list[dict[str, object]]:
    done: Done = beleg(None, archive, "search", query, "--json")
    assert done.code == 0, done.err
    return done.json["hits"]  # type: ignore[no-any-return]


def intact(archive: Path) -> None:
    done = beleg(None, archive, "verify", "--level", "2", "--json")
    assert done.code == 0, done.out


@pytest.mark.parametrize("quick", [True, False], ids=["QRESYNC", "sets of UIDs"])
def test_what_happened_in_the_mailbox_is_what_the_archive_tells(
    box: imaplib.IMAP4, archive: Path, quick: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not quick:
        monkeypatch.setattr("imapclient.IMAPClient.has_capability", lambda *_: False)
    put(box, "INBOX", 1, "Fünf Jahre Garantie")
    draft = put(box, "INBOX", 2, "Entwurf: 80 Euro")
    wrong = put(box, "INBOX", 3, "Bitte löschen")
    moved = put(box, "INBOX", 4, "Wird abgelegt")
    whole(archive)
    told = collect(archive)
    assert (told["items"], told["gaps"]) == (4, 0)
    assert collect(archive)["items"] == 0
    remove(box, "INBOX", draft)
    put(box, "INBOX", 2, "Doch 90 Euro")
    remove(box, "INBOX", wrong)
    box.select("INBOX")
    box.uid("MOVE", moved, "Archiv")
    collect(archive)
    assert found(archive, '"Doch 90 Euro"')
    assert found(archive, '"Entwurf: 80 Euro"'), "what was deleted stays"
    shown = [
        beleg(None, archive, "show", str(hit["number"]), "--json").json["item"]
        for hit in found(archive, "deleted:yes")
    ]
    shown = [item for item in shown if item["event"] == "deleted"]
    assert len(shown) == 2, "the draft and the wrong one; the moved one is not gone"
    assert {item["basis"] for item in shown} == {"observed"}
    assert {item["targets"][0]["key"]["id"] for item in shown} == {
        "m2.Ent@werk.example",
        "m3.Bit@werk.example",
    }
    told = collect(archive)
    assert (told["items"], told["failed"], told["gaps"]) == (0, 0, 0)
    intact(archive)


def test_mails_that_are_read_again_stand_once_in_their_folders(
    box: imaplib.IMAP4, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(box, "INBOX", 1, "Fünf Jahre Garantie")
    put(box, "Archiv", 2, "Alte Garantie")
    collect(archive)
    before = {(hit["number"], hit["thread"]) for hit in found(archive, "garantie")}
    monkeypatch.setattr("archive.channels.email_files.EmailFiles.parser", "email-files/99")
    assert beleg(None, archive, "ingest", "--reparse").code == 0
    assert {(hit["number"], hit["thread"]) for hit in found(archive, "garantie")} == before
    assert {thread for _, thread in before} == {"INBOX", "Archiv"}


def test_a_folder_that_is_called_otherwise_now_is_counted_under_that_name_alone(
    box: imaplib.IMAP4, archive: Path
) -> None:
    put(box, "Archiv", 1, "Nummer eins")
    collect(archive)
    box.delete('"Archiv alt"')
    box.rename("Archiv", '"Archiv alt"')
    collect(archive, code=3)
    (source,) = beleg(None, archive, "coverage", "--json").json["sources"]
    scopes = {one["scope"] for one in source["counts"]}
    assert "folder Archiv alt" in scopes
    assert "folder Archiv" not in scopes
    box.delete('"Archiv alt"')


def test_a_server_that_counts_anew_is_read_again_and_doubles_nothing(
    box: imaplib.IMAP4, archive: Path, dovecot: Dovecot
) -> None:
    for number in range(3):
        put(box, "Archiv", number, f"Nummer {number}")
    assert collect(archive)["items"] == 3
    assert dovecot.root is not None
    folder = dovecot.root / "mail" / ACCOUNT / ".Archiv"
    bodies = [file.read_bytes() for part in ("cur", "new") for file in sorted((folder / part).iterdir())]
    assert len(bodies) == 3
    box.delete("Archiv")
    box.create("Archiv")
    for body in bodies:
        box.append("Archiv", None, None, body)
    told = collect(archive, code=3)
    assert told["gaps"] == 1
    assert told["items"] == 0
    assert told["seen_again"] == 3
    coverage = beleg(None, archive, "coverage", "--json").json
    told = {one["title"]: [gap["reason"] for gap in one["gaps"]] for one in coverage["threads"]}
    assert ["UIDVALIDITY" in reason for reason in told["Archiv"]] == [True], "at its folder"
    intact(archive)


def test_a_lost_login_is_on_record_and_nothing_of_it_is_content(
    box: imaplib.IMAP4, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(box, "INBOX", 1, "Bleibt")
    monkeypatch.setenv("IMAP_SECRET", "wrong")
    told = collect(archive, code=5)
    assert "login" in str(told["stopped"])
    assert "wrong" not in str(told)
    monkeypatch.setenv("IMAP_SECRET", SECRET)
    assert collect(archive)["items"] == 1
    coverage = beleg(None, archive, "coverage", "--json").json
    assert any("login" in str(run["stopped"]) for run in coverage["lacking"])


def test_a_folder_that_the_server_does_not_open_is_a_gap_once_and_keeps_nobody_from_the_others(
    box: imaplib.IMAP4, archive: Path, dovecot: Dovecot
) -> None:
    put(box, "Archiv", 1, "Bleibt")
    assert collect(archive)["items"] == 1
    assert dovecot.root is not None
    folder = dovecot.root / "mail" / ACCOUNT / ".Archiv"
    put(box, "Archiv", 2, "Dahinter")
    put(box, "INBOX", 3, "Nebenan")
    box.select("INBOX")
    shutil.chown(folder, "root")
    folder.chmod(0)
    try:
        told = collect(archive, code=3)
        assert (told["items"], told["gaps"]) == (1, 1)
        assert "Archiv" not in str(told), "no name of a folder in a log"
        assert collect(archive)["gaps"] == 0, "it is on record"
        assert beleg(None, archive, "source", "test", "mail").code == 3
    finally:
        folder.chmod(0o700)
        shutil.chown(folder, "mail")
    told = collect(archive)
    assert (told["items"], told["gaps"], told["seen_again"]) == (1, 0, 0)
    assert found(archive, "Dahinter")
    assert not found(archive, "deleted:yes")


def test_a_mail_that_the_server_cannot_read_is_a_gap_once_and_keeps_nobody_from_the_others(
    box: imaplib.IMAP4, archive: Path, dovecot: Dovecot
) -> None:
    put(box, "INBOX", 1, "Vor der kranken")
    collect(archive)
    put(box, "INBOX", 2, "Kranke Mail")
    assert dovecot.root is not None
    inbox = dovecot.root / "mail" / ACCOUNT
    sick = max((*inbox.glob("new/*"), *inbox.glob("cur/*")), key=lambda path: path.stat().st_mtime_ns)
    shutil.chown(sick, "root")
    sick.chmod(0)
    put(box, "INBOX", 3, "Hinter der kranken")
    put(box, "Archiv", 4, "Anderer Ordner")
    told = collect(archive, code=3)
    assert (told["items"], told["gaps"]) == (2, 1)
    assert found(archive, "Hinter")
    assert collect(archive)["gaps"] == 0, "told once"
    source = beleg(None, archive, "coverage", "--json").json["sources"][0]
    assert any("the platform counts 3, here are 2" in why for why in source["because"])
    (sick,) = [path for path in inbox.glob("*/*") if path.stat().st_mode & 0o777 == 0]
    shutil.chown(sick, "mail")
    sick.chmod(0o600)
    assert collect(archive)["items"] == 1, "asked for again"
    assert found(archive, '"Kranke Mail"')
    intact(archive)


def test_a_mail_that_went_into_a_folder_that_is_not_read_is_not_said_to_be_deleted(
    box: imaplib.IMAP4, archive: Path
) -> None:
    put(box, "Privat", 5, "Geht keinen etwas an")
    moved = put(box, "INBOX", 1, "Wird privat abgelegt")
    assert collect(archive)["items"] == 1
    assert not found(archive, "keinen")
    box.select("INBOX")
    box.uid("MOVE", moved, "Privat")
    assert collect(archive)["items"] == 1
    assert not found(archive, "deleted:yes")
    (first, notice) = found(archive, "channel:email")
    item = beleg(None, archive, "show", str(notice["number"]), "--json").json["item"]
    assert (item["event"], item["basis"]) == ("notice", "observed")
    assert "nobody can tell which" in item["text"]
    assert "Deleted" not in beleg(None, archive, "show", str(first["number"])).out
    assert "moved to one that is not read" in beleg(None, archive, "source", "test", "mail").out
    intact(archive)


@pytest.mark.parametrize("quick", [True, False], ids=["QRESYNC", "sets of UIDs"])
def test_what_was_not_sent_is_not_read(
    box: imaplib.IMAP4, archive: Path, quick: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is marked as a draft only after it was read stays, and is not said to be deleted."""
    if not quick:
        monkeypatch.setattr("imapclient.IMAPClient.has_capability", lambda *_: False)
    read = put(box, "INBOX", 1, "Ein Angebot")
    draft = put(box, "INBOX", 2, "Noch ein Entwurf", r"(\Draft)")
    assert collect(archive)["items"] == 1
    assert "the platform counts" not in beleg(None, archive, "coverage").out
    assert not found(archive, "entwurf")
    assert collect(archive)["items"] == 0
    box.select("INBOX")
    box.uid("STORE", read, "+FLAGS", r"(\Draft)")
    box.uid("STORE", draft, "-FLAGS", r"(\Draft)")
    assert collect(archive)["items"] == 1
    assert found(archive, "entwurf")
    assert not found(archive, "deleted:yes")
    intact(archive)


def test_a_server_that_is_killed_in_the_middle_loses_and_doubles_nothing(
    box: imaplib.IMAP4, archive: Path, dovecot: Dovecot
) -> None:
    count = 450
    for number in range(count):
        put(box, "INBOX", number % 60, f"{number:04d} Zusage")
    process = start(None, archive, "collect", "mail", "--json")
    cursors = archive / "places" / "archive" / "segments"
    while process.poll() is None and len(list(cursors.glob("*"))) < 6:
        pass
    dovecot.kill()
    out, _ = process.communicate(timeout=120)
    assert process.returncode in (0, 4), out
    dovecot.up()
    collect(archive)
    hits = beleg(None, archive, "search", "Zusage", "--json", "--limit", "1000").json
    texts = [str(hit["text"]).strip() for hit in hits["hits"]]
    assert sorted(texts) == [f"{number:04d} Zusage" for number in range(count)]
    intact(archive)


def test_collecting_is_stopped_by_a_signal_and_goes_on(box: imaplib.IMAP4, archive: Path) -> None:
    for number in range(5):
        put(box, "INBOX", number, f"Nummer {number}")
    process = start(None, archive, "collect", "--all", "--loop", "--json")
    assert process.stdout is not None
    line = process.stdout.readline()
    process.terminate()
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert '"items": 5' in line
    assert "Nummer" not in line
    assert collect(archive)["items"] == 0
