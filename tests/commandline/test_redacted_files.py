"""Withheld words and withheld files, where they lie in files that other mails bring."""

import csv
import io
import json
import zipfile
import zlib
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import openpyxl
import pikepdf
import typst

from tests.commandline.conftest import Beleg
from tests.commandline.test_redaction import found
from tests.commandline.test_redaction_units import chosen, withheld

WORD = "Gewährleistungsverlängerung"


def pdf(folder: Path, words: str) -> bytes:
    source = folder / "source.typ"
    source.write_text(words, encoding="utf-8")
    made = typst.compile(source)
    source.unlink()
    assert isinstance(made, bytes)
    return made


def zipped(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, data)
    return out.getvalue()


def mail(folder: Path, number: int, text: str, *files: tuple[str, bytes] | EmailMessage) -> None:
    made = EmailMessage(policy=SMTP)
    made["Message-ID"], made["From"], made["To"] = f"<{number}@x.example>", "a@x.example", "b@x.example"
    made["Date"], made["Subject"] = f"Mon, 3 Feb 2025 09:0{number}:00 +0100", f"Post {number}"
    made.set_content(text)
    for one in files:
        if isinstance(one, EmailMessage):
            made.add_attachment(one)
        else:
            made.add_attachment(one[1], maintype="application", subtype="octet-stream", filename=one[0])
    (folder / f"{number}.eml").write_bytes(bytes(made))


def originals(out: Path) -> set[str]:
    return {path.suffix for path in (out / "bag" / "data" / "originals").rglob("*") if path.is_file()}


def test_words_in_a_pdf_in_a_zip_and_in_rtf_stay_inside(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    rtf = b"{\\rtf1\\ansi Eine Gew\\'e4hrleistungsverl\\'e4ngerung.}"
    mail(folder, 1, f"Geheim: {WORD}, fünf Jahre")
    mail(folder, 2, "zwei", ("a.zip", zipped("a.pdf", pdf(folder, WORD))))
    mail(folder, 3, "drei", ("a.rtf", rtf))
    mail(folder, 4, "vier", ("b.zip", zipped("b.pdf", pdf(folder, "Etwas anderes"))))
    chosen(beleg, folder)
    withheld(beleg, "geheim", "--words", WORD)
    assert beleg("export", "M-1", "--out", tmp_path / "E").code == 0
    assert originals(tmp_path / "E") == {".zip"}
    (kept,) = (tmp_path / "E" / "bag" / "data" / "originals").rglob("*.zip")
    with zipfile.ZipFile(kept) as packed:
        assert packed.namelist() == ["b.pdf"], "what tells nothing goes out"


def test_a_withheld_file_goes_out_in_no_other(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    secret = pdf(folder, "Wir werden verlieren")
    inner = EmailMessage(policy=SMTP)
    inner["Subject"] = "ohne Bezug"
    inner.set_content("weiter")
    inner.add_attachment(secret, maintype="application", subtype="pdf", filename="neu.pdf")
    mail(folder, 1, "Gutachten anbei", ("Gutachten.pdf", secret))
    mail(folder, 2, "Ordner anbei", ("alles.zip", zipped("x.pdf", secret)))
    mail(folder, 3, "Weitergabe", inner)
    chosen(beleg, folder)
    withheld(beleg, "gutachten", "--facet", "attachments")
    assert beleg("export", "M-1", "--out", tmp_path / "E").code == 0
    assert not (tmp_path / "E" / "bag" / "data" / "originals").exists()


def test_files_into_which_nobody_can_look_are_named(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    folder, shut, scanned = tmp_path / "in", io.BytesIO(), io.BytesIO()
    folder.mkdir()
    with pikepdf.open(io.BytesIO(pdf(folder, WORD))) as document:
        document.save(shut, encryption=pikepdf.Encryption(owner="a", user="b"))
    with pikepdf.open(io.BytesIO(pdf(folder, "eine Seite mit Worten, eine ohne"))) as document:
        document.add_blank_page()
        document.save(scanned)
    mail(folder, 1, f"Geheim: {WORD}, fünf Jahre", ("a.jpg", b"\xff\xd8\xff\xe0 none \xff\xd9"))
    mail(folder, 2, "Zwei", ("a.pdf", shut.getvalue()))
    mail(folder, 3, "Drei", ("a.txt", b"offen"))
    mail(folder, 4, "Vier", ("b.pdf", scanned.getvalue()))
    chosen(beleg, folder)
    assert beleg("export", "M-1", "--out", tmp_path / "E", "--json").json["unseen"] == [], (
        "nothing is withheld"
    )
    withheld(beleg, "geheim", "--words", WORD)
    named = sorted([found(beleg, "geheim"), found(beleg, "zwei"), found(beleg, "vier")])
    done = beleg("export", "M-1", "--out", tmp_path / "F")
    assert f"such files go out with 3 items: {named[0]}, {named[1]}, {named[2]}\n" in done.out
    withheld(beleg, "geheim", "--facet", "attachments")
    assert beleg("export", "M-1", "--out", tmp_path / "G", "--json").json["unseen"] == named[1:]


def test_files_of_a_kind_that_is_not_read_are_named(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    """Mailboxes and drawings keep their words packed: in the bytes, as they lie, none is found."""
    folder, packed = tmp_path / "in", zlib.compress(WORD.encode())
    folder.mkdir()
    mail(folder, 1, f"Geheim: {WORD}, fünf Jahre")
    mail(folder, 2, "Zwei", ("a.dwg", b"AC1032" + packed))
    mail(folder, 3, "Drei", ("b.pst", b"!BDN" + bytes(byte ^ 0xA5 for byte in WORD.encode())))
    mail(folder, 4, "Vier", ("c.dwg", b"AC1032\0" + WORD.encode("utf-16-le")))
    chosen(beleg, folder)
    withheld(beleg, "geheim", "--words", WORD)
    done = beleg("export", "M-1", "--out", tmp_path / "E")
    assert f"such files go out with 2 items: {found(beleg, 'zwei')}, {found(beleg, 'drei')}\n" in done.out
    assert len(originals(tmp_path / "E")) == 1, "where the words lie open, the file stays inside"


def test_a_file_that_could_not_be_looked_into_is_no_echo_of_another_item(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    """No item is named as the source of what nobody has seen."""
    folder, shut = tmp_path / "in", b"7z\xbc\xaf\x27\x1c" + bytes(range(200))
    folder.mkdir()
    mail(folder, 1, f"Geheim: {WORD}, fünf Jahre")
    mail(folder, 2, "Zwei", ("a.7z", shut))
    mail(folder, 3, "Drei, auch intern", ("b.7z", shut + b"b"))
    mail(folder, 4, f"Vier: {WORD}", ("c.7z", shut + b"c"))
    chosen(beleg, folder)
    withheld(beleg, "geheim", "--words", WORD)
    withheld(beleg, "intern", "--words", "intern")
    one, two, three, four = (found(beleg, word) for word in ("geheim", "zwei", "drei", "vier"))
    told = beleg("export", "M-1", "--preview", "--json").json["withheld"]
    assert {row["item"]: (row["follows"], row["unopened"]) for row in told} == {
        one: (None, False), two: (None, True), three: (None, True), four: (one, True),
    }  # fmt: skip
    assert (
        f"{two}  files that could not be looked into: attachments" in beleg("export", "M-1", "--preview").out
    )
    out = tmp_path / "E"
    assert beleg("export", "M-1", "--out", out).code == 0
    assert rows(out) == {
        one: ("Grund", None), two: (SHUT, None), three: (f"Grund; {SHUT}", None), four: (SHUT, str(one)),
    }  # fmt: skip
    lines = map(json.loads, (out / "bag/data/redactions.jsonl").read_text().splitlines())
    assert {line["index"] for line in lines if line.get("unopened")} == {two, three, four}
    again = beleg("export", "--again", "E-1", "--out", tmp_path / "F", "--json").json
    assert again["same_as_before"] is True, "the entry keeps why"
    assert beleg("verify", out).code == 0
    done = beleg("export", "M-1", "--out", tmp_path / "G", "--profile", "review", "--language", "en")
    assert done.code == 0, done.err
    (load_file,) = (tmp_path / "G").rglob("*.dat")
    assert "þfiles that could not be looked intoþ" in load_file.read_text("utf-8")


SHUT = "Dateien, in die niemand hineinsehen konnte"


def rows(out: Path) -> dict[object, tuple[object, object]]:
    sheet = openpyxl.load_workbook(out / "bag/data/metadata/redaction_log.xlsx").active
    assert sheet is not None
    head, *found = sheet.values
    at = [head.index(name) for name in ("item", "reason", "follows_item")]
    return {row[at[0]]: (row[at[1]], row[at[2]]) for row in found}


def test_passages_of_a_withheld_file_are_told_in_texts_and_in_other_files(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    """Another version of an opinion has another digest; who pastes a part of it repeats no word of the mail."""
    folder = tmp_path / "in"
    folder.mkdir()
    said = (
        "Die Klage geht mit hoher Wahrscheinlichkeit verloren, weil der Vertrag an einem Formfehler leidet."
    )
    mail(folder, 1, "Gutachten anbei", ("a.txt", f"Gutachten.\n{said}\nDr. Lang".encode()))
    mail(folder, 2, f"Zwei: verloren? {said}")
    mail(folder, 3, "Drei", ("b.txt", f"Entwurf, zweite Fassung.\n{said}".encode()))
    mail(folder, 4, "Vier", ("c.txt", b"Der Vertrag an einem Freitag, mit hoher Wahrscheinlichkeit"))
    chosen(beleg, folder)
    assert beleg("export", "M-1", "--out", tmp_path / "E", "--json").json["doubtful"] == []
    item = str(found(beleg, "gutachten"))
    assert beleg("matter", "add", "M-1", item, "--decision", "privileged", "--note", "Anwalt").code == 0
    told = beleg("export", "M-1", "--out", tmp_path / "F", "--json").json
    assert told["doubtful"] == [found(beleg, "zwei"), found(beleg, "entwurf")]


def test_every_report_calls_a_withheld_file_so_and_none_missing(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    """To a court a missing file says that the archive has gaps."""
    folder = tmp_path / "in"
    folder.mkdir()
    chat = "[03.02.25, 09:15:01] Anna: Geheim \u200e<Anhang: a.txt>\n[03.02.25, 09:16:01] Anna: \u200e<Anhang: b.txt>\n"
    chat += "[03.02.25, 09:17:01] Anna: \u200e<Anhang: c.txt>\n"
    (folder / "WhatsApp Chat mit Anna.txt").write_text(chat, encoding="utf-8")
    (folder / "a.txt").write_text("intern")
    (folder / "c.txt").write_text("offen")
    chosen(beleg, folder)
    withheld(beleg, "geheim", "--facet", "attachments")
    out = tmp_path / "E"
    assert beleg("export", "M-1", "--out", out, "--profile", "review").code == 0
    counts = json.loads((out / "bag/data/review/counts.json").read_text())
    assert (counts["files"], counts["missing"], counts["withheld"]) == (1, 1, 1)
    with (out / "bag/data/table/messages_raw.csv").open(newline="") as table:
        (told, missing, present) = (
            json.loads(row["attachments"])[0]["state"] for row in csv.DictReader(table)
        )
    assert (told, missing, present) == ("withheld", "missing", "present")
    (text,) = (
        one for one in out.rglob("*.txt") if "TEXT" in one.parts and "Geheim" in one.read_text("utf-8")
    )
    assert "(withheld)" in text.read_text("utf-8")
    assert "(missing: withheld)" not in text.read_text("utf-8")
