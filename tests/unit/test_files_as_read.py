"""Files that were said to be read though words of them were lost: each is read now, or counted."""

import base64
import os
import signal
import subprocess
import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import Any

import docx
import openpyxl
import pikepdf
import pytest
import typst
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from pikepdf import Array, Dictionary, Name

from archive.adapters import confined, file_ocr
from archive.adapters.file_texts import words_of
from archive.adapters.file_words import Words, hint
from archive.adapters.text_reader import TextReader
from tests.unit.test_file_texts import pdf, with_member, workbook


def read(data: bytes, name: str = "", kind: str = "") -> tuple[str, str]:
    words = words_of(data, name, kind, None)
    return words.state, words.text


def changed(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """A package with every part changed."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)))
    return out.getvalue()


def test_cells_beyond_what_a_sheet_says_of_its_size() -> None:
    sized = workbook()
    with zipfile.ZipFile(BytesIO(sized)) as package:
        sheet = package.read("xl/worksheets/sheet1.xml")
    assert b'<dimension ref="A1:C1"' in sheet
    small = with_member(
        sized, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b'ref="A1:C1"', b'ref="A1"')
    )
    assert {"1250.5", "Garantie"} <= set(read(small)[1].split())


def test_a_workbook_in_the_strict_form() -> None:
    main, strict = (
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    )
    related = b"http://schemas.openxmlformats.org/officeDocument/2006/"
    saved = changed(
        workbook(),
        lambda xml: xml.replace(main, strict).replace(related, b"http://purl.oclc.org/ooxml/officeDocument/"),
    )
    state, text = read(saved)
    assert state == "read"
    assert {"1250.5", "Garantie", "Rabatt"} <= set(text.split())


def holding(name: str, relation: str, data: bytes) -> bytes:
    document = docx.Document()
    document.core_properties.title = "Rahmenvertrag"
    package = document.part.package
    assert package is not None
    part = Part(PackURI(name), "application/octet-stream", data, package)
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    document.part.relate_to(part, f"{kinds}/{relation}")
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def test_files_in_a_document_and_its_title() -> None:
    state, text = read(holding("/word/embeddings/Tabelle.xlsx", "package", workbook()))
    assert (state, {"Garantie", "Rahmenvertrag"} <= set(text.split())) == ("read", True)
    state, text = read(holding("/word/chunk.htm", "aFChunk", b"<html><body>Zus&auml;tze</body></html>"))
    assert (state, "Zusätze" in text) == ("read", True)
    assert (
        read(holding("/word/embeddings/o.bin", "oleObject", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"))[0]
        == "partly"
    )


def paged(write: Callable[[pikepdf.Pdf, Any], None], words: str = "Seite") -> bytes:
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf(words))) as document:
        write(document, document.pages[0].obj)
        document.save(out)
    return out.getvalue()


def test_a_form_that_a_program_draws_is_not_read() -> None:
    def form(document: pikepdf.Pdf, _: Any) -> None:
        document.Root.AcroForm = Dictionary(Fields=Array([]), XFA=document.make_stream(b"<xdp/>"))
        document.Root.NeedsRendering = True

    assert read(paged(form, "Please wait")) == ("partly", "Please wait")


def test_a_file_that_hangs_on_a_page() -> None:
    def clip(document: pikepdf.Pdf, page: Any) -> None:
        file = document.make_stream(b"Zusage in der Klammer")
        spec = Dictionary(Type=Name.Filespec, F="z.txt", UF="z.txt", EF=Dictionary(F=file))
        note = Dictionary(Type=Name.Annot, Subtype=Name.FileAttachment, Rect=[9, 9, 30, 30], FS=spec)
        page.Annots = Array([document.make_indirect(note)])

    assert read(paged(clip)) == ("read", "Seite\nZusage in der Klammer")


def test_a_scan_in_strips_with_a_stamp() -> None:
    def strips(document: pikepdf.Pdf, page: Any) -> None:
        image = document.make_stream(bytes(100))
        image.stream_dict = Dictionary(
            Type=Name.XObject,
            Subtype=Name.Image,
            Width=10,
            Height=10,
            ColorSpace=Name.DeviceGray,
            BitsPerComponent=8,
        )
        page.Resources.XObject = Dictionary(Im=image)
        drawn = b"".join(b"q 600 0 0 25 0 %d cm /Im Do Q\n" % (n * 25) for n in range(8))
        page.Contents = document.make_stream(drawn + page.Contents.read_bytes())

    assert read(paged(strips, "Eingang 4. Mai"))[0] == "partly"


def test_fonts_that_do_not_tell_their_letters() -> None:
    page = '#set text(lang: "de")\nWir geben fünf Jahre Garantie auf alle Teile.'
    data = bytes(typst.compile({"main.typ": page.encode()}, format="pdf"))  # type: ignore[call-overload]
    assert read(data)[0] == "read"
    out = BytesIO()
    with pikepdf.open(BytesIO(data)) as document:
        for one in document.objects:
            if isinstance(one, Dictionary) and "/ToUnicode" in one:
                del one["/ToUnicode"]
        document.save(out)
    assert read(out.getvalue())[0] == "partly"


def test_a_page_that_ocr_does_not_finish_costs_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def late(command: list[str], **_: Any) -> None:
        raise subprocess.TimeoutExpired(command, 60)

    monkeypatch.setattr(file_ocr.subprocess, "run", late)
    assert words_of(pdf("Garantie", ""), "", "", "deu") == Words("partly", "Garantie\n")


SAVED = (
    b"From: <Saved>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\n"
    b"Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    + base64.b64encode("<html>Gewähr</html>".encode()) + b"\r\n--b--\r\n"
)  # fmt: skip


@pytest.mark.parametrize("begin", [b"", b"From x Mon Jan  1 00:00:00 2024\r\n"])
def test_a_saved_page_and_a_mailbox(begin: bytes) -> None:
    state, text = read(begin + SAVED, "seite.mht")
    assert (state, "Gewähr" in text, "<Saved>" in text) == ("read", True, True)
    quoted = b"so sah es aus:\n\n" + SAVED
    assert read(quoted, "notiz.txt")[0] == "partly"


def test_what_is_encrypted_in_letters_is_not_read() -> None:
    armour = b"-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n"
    assert read(armour, "encrypted.asc") == ("protected", "")
    assert read(b"Hallo\n" + armour, "a.txt")[0] == "partly"


@pytest.mark.parametrize(
    ("data", "name", "kind", "word"),
    [
        ('<html><meta charset="windows-1251">Гарантия'.encode("cp1251"), "", "", "Гарантия"),
        ("<html>Łódź".encode("cp1250"), "", "text/html; charset=windows-1250", "Łódź"),
        ('<html><meta content="text/html; charset=iso-2022-jp">保証'.encode("iso-2022-jp"), "", "", "保証"),
        ('<html><meta charset="iso-8859-1">Gewähr'.encode(), "", "", "Gewähr"),
        (
            '<?xml version="1.0" encoding="windows-1251"?><a>Гарантия</a>'.encode("cp1251"),
            "a.xml",
            "",
            "Гарантия",
        ),
        ('<?xml version="1.0"?><!DOCTYPE html><html>Gew<b>ähr</b>'.encode(), "", "", "Gewähr"),
        ("\ufeff<html>Gew<b>ähr</b>".encode(), "", "", "Gewähr"),
        ("<body>Gew<b>ähr</b>".encode("utf-16"), "", "", "Gewähr"),
        (b"<p>Gew&auml;hr", "", "", "Gewähr"),
        (b'{"a": "Gew\\u00e4hr"}', "ausgabe", "", "Gewähr"),
        (b'{"a": "x"}\n{"b": "Gew\\u00e4hr"}\n', "ausgabe.txt", "", "Gewähr"),
        (b"[" * 9000 + b'"Gew\\u00e4hr"' + b"]" * 9000, "a.json", "", "Gewähr"),
        (b'{"a": "Gewinn", "a": "Verlust"}', "a.json", "", "Gewinn"),
        (b'{"a": 1.10}', "a.json", "", "1.10"),
        (b"BEGIN:VCALENDAR\r\nSUMMARY:Ter\r\n min\r\n", "", "text/calendar", "Termin"),
        (
            b"BEGIN:VCARD\r\nFN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCl=\r\nler\r\n",
            "a.vcf",
            "",
            "Müller",
        ),
        ("From: a@b.example\r\nSubject: Gewähr\r\n\r\nx".encode(), "a.eml", "", "Subject: Gewähr\n"),
        (b"From: a@b.example\r\nBcc: Falke <f@b.example>\r\n\r\nx", "a.eml", "", "Falke"),
    ],
)
def test_words_that_a_form_hides(data: bytes, name: str, kind: str, word: str) -> None:
    state, text = read(data, name, kind)
    assert (state, word in text) == ("read", True), text[:200]


@pytest.mark.parametrize(
    "text", ["[10:23] Hallo", "{kein JSON}", "From now on\nNote: nothing", "1.50\nnull\n", "Von: x\n\nHallo"]
)
def test_texts_that_only_look_like_something_else_stay(text: str) -> None:
    assert read(text.encode(), "a.txt") == ("read", text)


def test_letters_of_a_charset_that_nobody_names_are_counted() -> None:
    russian = "Гарантия пять лет на все насосы, поставка в мае".encode("cp1251")
    assert read(russian, "x.txt", "text/plain")[0] == "partly"
    assert "Гарантия" in read(russian, "x.txt", "text/plain; charset=windows-1251")[1]
    german = "Wir gewähren für sämtliche Geräte fünf Jahre Gewährleistung, natürlich auch für Öfen. " * 3
    assert read(german.encode("cp1252"), "x.txt", "text/plain")[0] == "read"
    assert read(german.encode("utf-16"), "x.txt", "text/plain")[0] == "read"


def test_half_a_pair_is_told_as_one_that_is_missing() -> None:
    data = b'{"a": "halb \\ud83d", "b": "\\ud83d\\ude00"}'
    assert read(data, "a.json") == ("read", "a\nhalb \ufffd\nb\n\U0001f600")


def test_what_decides_how_bytes_are_read() -> None:
    assert hint("Brief.DOCX", "application/octet-stream") == hint("", "") == ""
    assert (
        hint("a.txt", "")
        != hint("a", "")
        != hint("a", "text/plain; charset=cp1251")
        != hint("a", "text/plain")
    )


def test_a_child_that_somebody_ends_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = TextReader()
    try:
        reader.read(b"a", "a.txt", "")
        child = reader._child._child
        assert child is not None
        right, ended = confined._exactly, []

        def ending(stream: Any, length: int) -> bytes:
            if not ended:
                ended.append(os.kill(child.pid, signal.SIGKILL))
                child.wait()
                return b""[length:] or right(stream, 1 << 20)
            return right(stream, length)

        monkeypatch.setattr(confined, "_exactly", ending)
        assert reader.read(b"b", "a.txt", "") == ("read", "b")
    finally:
        reader.close()


def test_numbers_of_a_workbook_as_programs_show_them() -> None:
    book = openpyxl.Workbook()
    for value, form in (
        (0.175, "0.0%"),
        (11840.5, '#,##0.00\\ "€"'),
        (7, "General"),
        (True, "0%"),
        (1e300, "0.00"),
    ):
        book.active.append([value])
        book.active.cell(book.active.max_row, 1).number_format = form
    out = BytesIO()
    book.save(out)
    lines = read(out.getvalue())[1].splitlines()
    assert lines[1:6] == ["0.175 (17,5 %)", "11840.5 € (11.840,50 €)", "7", "True", "1e+300"]


def test_a_long_list_of_names_and_values_is_no_mail() -> None:
    lines = "wert: Garantie\n" * 40_000 + "MIME-Version: 1.0\n\nx"
    assert read(lines.encode(), "a.log") == ("read", lines)
