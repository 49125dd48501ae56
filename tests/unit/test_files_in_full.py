"""What of a file is read beside its plain words, and that what is not read is told."""

import json
import struct
import zlib
from base64 import encodebytes
from email.message import EmailMessage
from io import BytesIO
from zipfile import ZipFile

import docx
import openpyxl
import pikepdf
import pytest
from docx.oxml import parse_xml
from pikepdf import Array, Dictionary, Name, String

from archive.adapters.file_texts import words_of
from archive.adapters.file_words import DEEPEST


def png() -> bytes:
    """A white picture of eight by eight points."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = zlib.compress(b"".join(b"\0" + b"\xff" * 8 for _ in range(8)))
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def pdf(content: str = "Grundtext") -> tuple[pikepdf.Pdf, pikepdf.Object]:
    """A PDF of one page with these words, and its font."""
    made = pikepdf.Pdf.new()
    font = made.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    page = made.add_blank_page(page_size=(400, 400))
    page.obj.Resources = Dictionary(Font=Dictionary(F1=font))
    page.obj.Contents = made.make_stream(f"BT /F1 12 Tf 20 350 Td ({content}) Tj ET".encode())
    return made, font


def saved(made: pikepdf.Pdf) -> bytes:
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def mail(words: str, encoding: str, *files: tuple[bytes, str]) -> bytes:
    made = EmailMessage()
    made["From"], made["Subject"] = "Werk <werk@firm.example>", "Gewährte Frist"
    made.set_content(words, cte=encoding)
    for data, name in files:
        made.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return made.as_bytes()


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "8bit"])
def test_a_mail_in_a_mail_is_read_as_it_was_written(encoding: str) -> None:
    inner = mail("Wir gewähren fünf Jahre.", encoding)
    for data, media_type in ((inner, "message/rfc822"), (inner, "")):
        found = words_of(data, "weiter.eml", media_type, None)
        assert found.state == "read"
        assert {"Wir gewähren fünf Jahre.", "Subject: Gewährte Frist"} <= set(found.text.splitlines())


def test_files_in_a_mail_are_read_and_what_is_not_read_is_told() -> None:
    found = words_of(mail("anbei", "8bit", ("Prüfung".encode(), "bericht.txt")), "a.eml", "", None)
    assert found.state == "read"
    assert {"bericht.txt", "Prüfung"} <= set(found.text.splitlines())
    assert words_of(mail("anbei", "8bit", (png(), "scan.png")), "a.eml", "", None).state == "partly"
    letter = b"Grund"
    for _ in range(DEEPEST + 2):
        letter = mail("weiter", "base64", (letter, "a.eml"))
    assert words_of(letter, "a.eml", "", None).state == "partly"


def test_a_mail_that_was_put_in_as_base64_is_read() -> None:
    whole = mail("Wir gewähren fünf Jahre.", "8bit", ("Prüfung".encode(), "bericht.txt"))
    packed = encodebytes(whole)
    outer = b"Subject: x\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + packed
    for data in (packed, outer):
        found = words_of(data, "weiter.eml", "message/rfc822", None)
        assert found.state == "read"
        assert {"Wir gewähren fünf Jahre.", "Subject: Gewährte Frist", "Prüfung"} <= set(
            found.text.splitlines()
        )
    assert "Donaudampfschiff" in words_of(b"\nDonaudampfschiff", "a.eml", "", None).text


def test_a_document_whose_main_part_bears_another_name_is_read() -> None:
    made, out = docx.Document(), BytesIO()
    made.add_paragraph("Bürgschaft")
    made.save(out)
    moved = BytesIO()
    with ZipFile(out) as before, ZipFile(moved, "w") as after:
        for name in before.namelist():
            body = before.read(name).replace(b"word/document.xml", b"word/document2.xml")
            after.writestr(name.replace("/document.xml", "/document2.xml"), body)
    found = words_of(moved.getvalue(), "a.docx", "", None)
    assert (found.state, found.text.split()[0]) == ("read", "Bürgschaft")


def test_what_a_format_hides_in_plain_bytes() -> None:
    assert words_of(rb"{\rtf1\ansi Gew\'e4hr}", "a.rtf", "application/rtf", None).state == "unknown"
    told = json.dumps({"text": "Kündigung\nFrist", "n": [1, None, True]})
    assert words_of(told.encode(), "a.json", "", None).text.split() == [
        "text",
        "Kündigung",
        "Frist",
        "n",
        "1",
        "true",
    ]
    lines = words_of(f"{told}\nno json\n".encode(), "a.jsonl", "", None).text.splitlines()
    assert lines[1:3] == ["Kündigung", "Frist"]
    assert lines[-1] == "no json"
    assert (
        "Mängel & mehr" in words_of(b"<?xml version='1.0'?><a>M&#228;ngel &amp; mehr</a>", "a", "", None).text
    )
    calendar = b"BEGIN:VCALENDAR\r\nDESCRIPTION:Terminzu\r\n sage\\nFrist\r\n"
    assert {"DESCRIPTION:Terminzusage", "Frist"} <= set(
        words_of(calendar, "a.ics", "", None).text.splitlines()
    )


def test_wide_text_without_a_mark_is_read_or_told() -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        found = words_of("Fünf Jahre".encode(encoding), "a.txt", "text/plain", None)
        assert (found.state, found.text) == ("read", "Fünf Jahre")
    assert words_of(b"\0\1\2\3\0\xff", "a.txt", "text/plain", None).state == "unknown"


def test_notes_and_fields_of_a_pdf() -> None:
    made, font = pdf()
    look = made.make_stream(
        b"/Tx BMC BT /F1 9 Tf (x) Tj ET EMC", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 9, 9]
    )
    field = Dictionary(
        Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("frist"), V=String("fünf Jahre"), F=4,
        Rect=[20, 200, 220, 220], AP=Dictionary(N=look), DA=String("/F1 9 Tf"),
    )  # fmt: skip
    note = Dictionary(
        Type=Name.Annot, Subtype=Name.Text, Rect=[1, 1, 9, 9], Contents=String("Rückfrage offen")
    )
    held = made.make_indirect(field)
    made.pages[0].obj.Annots = Array([held, made.make_indirect(note)])
    made.Root.AcroForm = Dictionary(Fields=Array([held]), DR=Dictionary(Font=Dictionary(F1=font)))
    found = words_of(saved(made), "a.pdf", "", None)
    assert (found.state, set(found.text.splitlines())) == (
        "read",
        {"Grundtext", "fünf Jahre", "Rückfrage offen", "x"},  # x is drawn in the field
    )


def test_files_in_a_pdf() -> None:
    made, _ = pdf()
    made.attachments["anlage.txt"] = pikepdf.AttachedFileSpec(made, "Prüfung".encode())
    found = words_of(saved(made), "a.pdf", "", None)
    assert (found.state, found.text.split()) == ("read", ["Grundtext", "Prüfung"])
    made.attachments["scan.png"] = pikepdf.AttachedFileSpec(made, png())
    assert words_of(saved(made), "a.pdf", "", None).state == "partly"


def test_a_stamp_on_a_scan_is_not_what_the_scan_says() -> None:
    def page(side: int) -> bytes:
        made, _ = pdf()
        pixels = made.make_stream(
            b"\xff", Type=Name.XObject, Subtype=Name.Image, Width=1, Height=1, BitsPerComponent=8,
            ColorSpace=Name.DeviceGray,
        )  # fmt: skip
        shown = made.pages[0].obj
        shown.Resources.XObject = Dictionary(I=pixels)
        drawn = f"q {side} 0 0 {side} 0 0 cm /I Do Q BT /F1 9 Tf 20 20 Td (ACME 000123) Tj ET"
        shown.Contents = made.make_stream(drawn.encode())
        return saved(made)

    assert words_of(page(400), "a.pdf", "", None).state == "partly"
    assert words_of(page(100), "a.pdf", "", None).state == "read"


def test_an_office_file_of_pictures_alone_is_a_picture() -> None:
    out, beside = BytesIO(), BytesIO()
    made = docx.Document()
    made.add_picture(BytesIO(png()))
    made.save(out)
    assert words_of(out.getvalue(), "a.docx", "", None).state == "image"
    made.add_paragraph("Zusage")
    made.save(beside)
    assert words_of(beside.getvalue(), "a.docx", "", None).state == "read"


def test_a_workbook_says_what_it_shows_and_what_nobody_reckoned() -> None:
    from datetime import date

    out = BytesIO()
    book = openpyxl.Workbook()
    book.active["A1"], book.active["A2"] = date(2024, 3, 4), 1250.5
    book.active["A2"].number_format = '#,##0.00 "€"'
    book.save(out)
    found = words_of(out.getvalue(), "a.xlsx", "", None)
    assert found.state == "read"
    assert {"04.03.2024", "2024-03-04"} <= set(found.text.split())
    assert "1250.5 €" in found.text
    book.active["A3"] = '=CONCATENATE("Zu","sage")'
    book.save(out)
    assert words_of(out.getvalue(), "a.xlsx", "", None).state == "partly"
    reckoned = BytesIO()
    with ZipFile(out) as old, ZipFile(reckoned, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"<v></v>", b"<v>1</v>").replace(b"<v/>", b"<v>1</v>"))
    assert words_of(reckoned.getvalue(), "a.xlsx", "", None).state == "read"


def test_the_words_of_a_text_box_stand_apart_and_a_fixed_hyphen_stays() -> None:
    made = docx.Document()
    made.add_paragraph()._p.append(
        parse_xml(
            '<w:r xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
            "<w:t>Wartungs</w:t><w:noBreakHyphen/><w:t>Vertrag gilt</w:t><w:pict><w:txbxContent>"
            "<w:p><w:r><w:t>Entwurf</w:t></w:r></w:p></w:txbxContent></w:pict></w:r>"
        )
    )
    data = BytesIO()
    made.save(data)
    assert "Wartungs-Vertrag gilt\nEntwurf\n" in words_of(data.getvalue(), "a.docx", "", None).text
