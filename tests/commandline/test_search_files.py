"""The words of attachments are found, shown as what they are, and what could not be read is counted."""

import sqlite3
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path

import pytest

from archive.adapters.text_reader import RULES
from tests.commandline.conftest import Beleg
from tests.unit.test_file_texts import pdf, png, word_file, workbook


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    message = EmailMessage()
    message["From"], message["To"] = "Lieferant <l@example.org>", "Anna <a@example.org>"
    message["Subject"], message["Message-ID"] = "Unterlagen", "<1@example.org>"
    message["Date"] = "Mon, 03 Feb 2025 09:00:00 +0100"
    message.set_content("Siehe Anlagen.")
    for data, kind, name in (
        (word_file(), "vnd.openxmlformats-officedocument.wordprocessingml.document", "Zusage.docx"),
        (workbook(), "vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Preise.xlsx"),
        (pdf("Sonderbedingungen Seite eins"), "pdf", "AGB.pdf"),
        (pdf("geheim", encrypt=True), "pdf", "Verschlossen.pdf"),
        (b"\0\1\2", "octet-stream", "Unbekannt.bin"),
    ):
        message.add_attachment(data, maintype="application", subtype=kind, filename=name)
    message.add_attachment(png([b"\xff"]), maintype="image", subtype="png", filename="Foto.png")
    folder = tmp_path / "mails"
    folder.mkdir()
    (folder / "1.eml").write_bytes(bytes(message))
    return folder


def test_words_of_files_are_found(beleg: Beleg, archive: Path, mail: Path) -> None:
    assert beleg("ingest", mail).code == 0
    for query, file in (
        ("garantie", "Zusage.docx"), ("rabatt", "Preise.xlsx"), ('"seite eins"', "AGB.pdf"),
        ("garantie w/2 jahre", "Zusage.docx"),
    ):  # fmt: skip
        found = beleg("search", query, "--recount", "--second-opinion", "--json")
        assert found.code == 0, found.err
        [hit] = found.json["hits"]
        assert (hit["excerpt"]["file"], bool(hit["excerpt"]["marks"])) == (file, True)
    [both] = beleg("search", "unterlagen rabatt", "--json").json["hits"]
    assert (both["title_marks"], both["excerpt"]["file"]) == ([[0, 10]], "Preise.xlsx")
    assert beleg("search", "unterlagen OR rabatt", "--json").json["hits"][0]["excerpt"] is None
    assert "in Zusage.docx: Wir geben fünf Jahre »Garantie«" in beleg("search", "garantie").out
    assert beleg("search", "geheim", "--json").json["total"] == 0
    assert beleg("search", "has:filetext", "--json").json["total"] == 1
    assert dict(map(tuple, beleg("search", "garantie", "--json").json["unread"])) == {
        "image or scan": 1, "encrypted": 1, "of a kind that is not read": 1,
    }  # fmt: skip
    assert "1 item has a file whose words are not searched: encrypted" in beleg("search", "nirgends").out


def test_phrases_do_not_cross_files(beleg: Beleg, archive: Path, mail: Path) -> None:
    beleg("ingest", mail)
    assert beleg("search", '"rabatt sonderbedingungen"', "--json").json["total"] == 0
    assert beleg("search", "rabatt w/50 sonderbedingungen", "--json").json["total"] == 0
    assert beleg("search", "rabatt sonderbedingungen", "--json").json["total"] == 1


def test_a_hold_judges_the_words_of_files_too(beleg: Beleg, archive: Path, mail: Path) -> None:
    beleg("ingest", mail)
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    held = beleg(
        "hold",
        "place",
        "M-1",
        "--query",
        "sonderbedingungen",
        "--reason",
        "x",
        "--review",
        "2030-01-01",
        "--json",
    )
    assert held.json["covered"] == 1
    assert beleg("search", "hold:H-1", "--json").json["total"] == 1


def test_words_are_read_again_after_a_rebuild(beleg: Beleg, archive: Path, mail: Path) -> None:
    beleg("ingest", mail)
    before = beleg("search", "garantie", "--json").json
    for what in ("texts", "index", "all"):
        assert beleg("rebuild", what).code == 0
        after = beleg("search", "garantie", "--json").json
        assert (after["hits"], after["unread"]) == (before["hits"], before["unread"])
    (archive / "workspace" / "texts.sqlite").write_bytes(b"no database")
    assert beleg("rebuild", "index").code == 0
    assert beleg("search", "garantie", "--json").json["hits"] == before["hits"]


def test_what_is_found_in_a_subject_or_a_name_is_shown_and_marked(
    beleg: Beleg, archive: Path, mail: Path, tmp_path: Path
) -> None:
    assert beleg("ingest", mail).code == 0
    table = tmp_path / "found.csv"
    found = beleg("search", "unterlagen OR agb", "--csv", table, "--json")
    [hit] = found.json["hits"]
    assert (hit["title"], hit["title_marks"], hit["marks"]) == ("Unterlagen", [[0, 10]], [])
    assert dict(zip(hit["attachments"], hit["attachment_marks"], strict=True))["AGB.pdf"] == [[0, 3]]
    said = beleg("search", "unterlagen OR agb").out
    assert "»Unterlagen« | Siehe Anlagen." in said
    assert "»AGB«.pdf, Verschlossen.pdf" in said
    assert "Unterlagen" in table.read_text(encoding="utf-8")


def changed(database: Path, what: str) -> None:
    with closing(sqlite3.connect(database)) as open_, open_:
        assert open_.execute(what).rowcount


def test_a_recount_takes_nothing_from_projections(beleg: Beleg, archive: Path, mail: Path) -> None:
    beleg("ingest", mail)
    changed(
        archive / "workspace" / "texts.sqlite",
        "UPDATE words SET text = 'nichts' WHERE text LIKE '%Garantie%'",
    )
    beleg("rebuild", "index")
    assert beleg("search", "garantie", "--second-opinion", "--json").json["total"] == 0
    wrong = beleg("search", "garantie", "--recount")
    assert wrong.code == 1
    assert "`beleg rebuild texts`" in wrong.err
    beleg("rebuild", "texts")
    assert beleg("search", "garantie", "--recount", "--json").json["total"] == 1
    body = "body = replace(body, 'Siehe', 'Ohne')"
    changed(archive / "workspace" / "catalogue.sqlite", f"UPDATE items SET {body} WHERE body LIKE '%Siehe%'")
    wrong = beleg("search", "garantie", "--recount")
    assert wrong.code == 1
    assert "the catalogue does not hold item" in wrong.err
    beleg("rebuild", "catalogue")
    assert beleg("search", "garantie", "--recount").code == 0


def test_words_that_were_read_under_other_rules_are_told_and_explained(
    beleg: Beleg, archive: Path, mail: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beleg("ingest", mail)
    assert "another version" not in beleg("search", "garantie", "--certificate").out
    monkeypatch.setattr("archive.adapters.text_reader.RULES", 1_000)
    told = beleg("search", "garantie", "--certificate")
    assert "6 files were read by another version or setting (OCR): `beleg rebuild texts`" in told.out
    assert f"files was {RULES}; " in beleg("search", "--replay", "C-1").out
    beleg("rebuild", "texts")
    assert beleg("search", "garantie", "--json").json["read_otherwise"] == 0


def mails(folder: Path, *files: tuple[str, str, bytes]) -> Path:
    """A folder of mails with one file each: subject, name of the file, its bytes."""
    folder.mkdir()
    for number, (subject, name, data) in enumerate(files):
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = "l@example.org", "a@example.org", subject
        message["Message-ID"] = f"<{folder.name}{number}@example.org>"
        message["Date"] = f"Mon, 03 Feb 2025 09:00:{number:02} +0100"
        message.set_content("Siehe Anlage.")
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
        (folder / f"{number}.eml").write_bytes(bytes(message))
    return folder


def test_the_same_bytes_under_another_name_are_read_as_that_name_says(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    data = "Zusage für fünf Jahre".encode("cp1252")
    beleg("ingest", mails(tmp_path / "mails", ("Eins", "anlage", data), ("Zwei", "anlage.txt", data)))
    for _ in range(2):
        found = beleg("search", '"zusage für"', "--recount", "--second-opinion", "--json")
        assert [hit["title"] for hit in found.json["hits"]] == ["Zwei"], found.err
        assert dict(map(tuple, found.json["unread"])) == {"of a kind that is not read": 1}
        # A store of a version that knew no names counts for every name until all is read anew.
        with closing(sqlite3.connect(archive / "workspace" / "texts.sqlite")) as open_, open_:
            open_.execute("CREATE TABLE texts (sha256 TEXT PRIMARY KEY, rules TEXT, state TEXT, text TEXT)")
            open_.execute(
                "INSERT INTO texts SELECT sha256, '1', 'read', 'frueher' FROM words WHERE hint = ''"
            )
            open_.execute("DELETE FROM words")
        assert beleg("rebuild", "index").code == 0
        assert beleg("search", "frueher", "--json").json["total"] == 2
        assert beleg("search", "frueher", "--json").json["read_otherwise"] == 1
        assert beleg("rebuild", "texts").code == 0


def test_half_a_pair_in_a_file_stops_no_command(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    folder = mails(tmp_path / "mails", ("Protokoll", "log.json", b'{"zeile": "abgeschnitten \\ud83d"}'))
    assert beleg("ingest", folder).code == 0
    assert beleg("search", "abgeschnitten", "--recount", "--json").json["total"] == 1


@pytest.mark.parametrize("what", ["texts", "index"])
def test_a_second_opinion_is_none_on_words_of_before(
    beleg: Beleg, archive: Path, mail: Path, what: str
) -> None:
    beleg("ingest", mail)
    words = archive / "workspace" / "texts.sqlite"
    changed(words, "UPDATE words SET text = 'nichts' WHERE text LIKE '%Garantie%'")
    beleg("rebuild", "index")
    assert beleg("search", "garantie", "--second-opinion", "--json").json["total"] == 0
    if what == "index":
        changed(words, "UPDATE words SET text = 'Garantie' WHERE text = 'nichts'")
    beleg("rebuild", what)
    assert beleg("search", "garantie", "--second-opinion", "--recount", "--json").json["total"] == 1
