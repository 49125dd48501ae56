"""Reading the words of files, in the confined child process as it is used."""

import faulthandler
import os
import signal
import socket
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
import typst
from openpyxl.comments import Comment

from archive.adapters import confined_child
from archive.adapters.file_texts import words_of
from archive.adapters.text_reader import LONGEST, TextReader
from archive.errors import SettingsError, Unfinished
from archive.query.grammar import parse
from archive.query.match import spans
from archive.query.otherwise import otherwise
from tests.tools import Tool, Tools, register

register(
    Tool(
        "tesseract",
        ("tesseract",),
        ("--version",),
        ("tesseract-ocr", "tesseract-ocr-deu", "tesseract-ocr-eng"),
    )
)


@pytest.fixture(scope="module")
def reader() -> Iterator[TextReader]:
    made = TextReader()
    yield made
    made.close()


def pdf(*lines: str, encrypt: bool = False) -> bytes:
    """A small PDF of one page for each line, written by hand."""
    objects: list[bytes] = []
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(lines)))
    objects.append(b"<</Type/Catalog/Pages 2 0 R>>")
    objects.append(f"<</Type/Pages/Kids[{kids}]/Count {len(lines)}>>".encode())
    objects.append(b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>")
    for number, line in enumerate(lines):
        text = f"BT /F1 24 Tf 40 100 Td ({line}) Tj ET".encode("cp1252") if line else b""
        fonts = "/Resources<</Font<</F1 3 0 R>>>>"
        page = f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 200]/Contents {5 + 2 * number} 0 R{fonts}>>"
        objects.append(page.encode())
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(text), text))
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj%sendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    guard = (
        b"/Encrypt<</Filter/Standard/V 1/R 2/O(%s)/U(%s)/P -4>>/ID[(a)(a)]" % (b"x" * 32, b"y" * 32)
        if encrypt
        else b""
    )
    out += b"trailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, guard, start)
    return bytes(out)


def word_file() -> bytes:
    document = docx.Document()
    document.add_paragraph("Wir geben fünf Jahre Garantie.")
    document.add_table(1, 1).cell(0, 0).text = "Tabelle mit Zusage"
    document.sections[0].header.paragraphs[0].text = "Kopfzeile"
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def with_member(data: bytes, name: str, change: Any) -> bytes:
    """An Office file with one part changed, or added."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.namelist():
            new.writestr(member, change(old.read(member)) if member == name else old.read(member))
    return out.getvalue()


def slides() -> bytes:
    a = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    kinds = "application/vnd.openxmlformats-officedocument.presentationml"
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    types = "".join(
        f'<Override PartName="/ppt/slides/slide{n}.xml" ContentType="{kinds}.slide+xml"/>' for n in (1, 2, 10)
    )
    rels = "".join(
        f'<Relationship Id="r{n}" Type="{rel}/slide" Target="slides/slide{n}.xml"/>' for n in (10, 2, 1)
    )
    package = "http://schemas.openxmlformats.org/package/2006"
    members = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/ppt/presentation.xml" ContentType="{kinds}.presentation.main+xml"/>{types}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{rel}/officeDocument" Target="ppt/presentation.xml"/></Relationships>',
        "ppt/presentation.xml": "<presentation/>",
        "ppt/_rels/presentation.xml.rels": f'<Relationships xmlns="{package}/relationships">{rels}</Relationships>',
    }
    for n in (1, 2, 10):
        members[f"ppt/slides/slide{n}.xml"] = (
            f"<sld {a}><a:p><a:r><a:t>Folie {n} Gewährleistung</a:t></a:r></a:p></sld>"
        )
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as package_file:
        for name, text in members.items():
            package_file.writestr(name, text)
    return out.getvalue()


def workbook() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["Position", 1250.5, "Garantie"])
    hidden = book.create_sheet("Verborgen")
    hidden.append(["Rabatt"])
    hidden.sheet_state = "hidden"
    book.active["C1"].comment = Comment("Randnotiz zur Frist", "x")
    book.active.oddHeader.center.text = "Vertraulich & eilig"
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def png(rows: list[bytes]) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def test_a_pdf_says_its_title_and_its_bookmarks(reader: TextReader) -> None:
    page = (
        '#set document(title: "Nachlass fünf", keywords: "Falke")\n#heading(bookmarked: true)[Kapitel Rabatt]'
    )
    data = bytes(typst.compile({"main.typ": page.encode()}, format="pdf"))  # type: ignore[call-overload]
    state, text = reader.read(data, "a.pdf", "application/pdf")
    assert (state, text.count("Kapitel Rabatt")) == ("read", 2)
    assert "Nachlass fünf\nFalke" in text


def test_pdf(reader: TextReader) -> None:
    state, text = reader.read(pdf("Garantie fünf Jahre", "zweite Seite"), "a.pdf", "application/pdf")
    assert (state, text.split()) == ("read", ["Garantie", "fünf", "Jahre", "zweite", "Seite"])
    assert reader.read(pdf("Text", ""), "a.pdf", "")[0] == "partly"
    assert reader.read(pdf(""), "a.pdf", "") == ("image", "")
    assert reader.read(pdf("geheim", encrypt=True), "a.pdf", "") == ("protected", "")
    assert reader.read(b"%PDF-1.4 nothing more", "a.pdf", "") == ("damaged", "")


def test_words_that_a_line_end_breaks_are_found_whole_and_by_their_parts(reader: TextReader) -> None:
    page = (
        '#set page(width: 3cm, height: auto)\n#set text(lang: "de", hyphenate: true)\n'
        "Gewährleistungsverlängerung, Kaufpreis- und Miete"
    )
    data = bytes(typst.compile({"main.typ": page.encode()}, format="pdf"))  # type: ignore[call-overload]
    state, text = reader.read(data, "a.pdf", "application/pdf")
    assert state == "read"
    assert otherwise(text)[0][0].term == "gewaehrleistungsverlaengerung"
    for query in ('"gewährleistungsverlängerung kaufpreis und miete"', '"kaufpreis und miete"'):
        assert spans(parse(query), text), query


def test_office(reader: TextReader) -> None:
    state, text = reader.read(word_file(), "a.docx", "")
    assert state == "read"
    assert {"Wir geben fünf Jahre Garantie.", "Tabelle mit Zusage", "Kopfzeile"} <= set(text.splitlines())
    deleted = b'<w:del w:id="1"><w:r><w:delText>gestrichen</w:delText></w:r></w:del></w:p>'
    tracked = with_member(word_file(), "word/document.xml", lambda xml: xml.replace(b"</w:p>", deleted, 1))
    assert "gestrichen" in reader.read(tracked, "a.docx", "")[1]
    state, text = reader.read(slides(), "a.pptx", "")
    assert (state, text.split()[1::3]) == ("read", ["1", "2", "10"])
    state, text = reader.read(workbook(), "a.xlsx", "")
    assert state == "read"
    assert {"1250.5", "Garantie", "Verborgen", "Rabatt", "Randnotiz", "Vertraulich", "eilig"} <= set(
        text.split()
    )
    assert "<" not in text
    assert reader.read(b"PK\x03\x04 no zip", "a.docx", "")[0] == "damaged"
    protected = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")
    assert reader.read(protected, "a.xlsx", "")[0] == "protected"


def test_the_rest(reader: TextReader) -> None:
    head = b"<!DOCTYPE html><html><head><title>Kulanz &amp; Frist</title></head>"
    page = head + b"<body><p>Gew&auml;hrleistung</p><script>x()</script></body></html>"
    assert reader.read(page, "a", "") == ("read", "Kulanz & Frist\nGewährleistung")
    assert reader.read("fünf Jahre".encode("utf-16"), "a.txt", "text/plain") == ("read", "fünf Jahre")
    assert reader.read(b"a;b\n", "a.csv", "") == ("read", "a;b\n")
    assert reader.read(png([b"\xff"]), "a.png", "image/png") == ("image", "")
    assert reader.read(b"OggS....", "a.opus", "") == ("media", "")
    assert reader.read(b"\0\1\2", "a.bin", "") == ("unknown", "")
    assert reader.read(b"", "a.bin", "") == ("read", "")
    assert words_of(b"x" * 2_000_001, "a.txt", "", None).state == "partly"


def test_bombs_end_with_their_process(reader: TextReader) -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("word/document.xml", b"\0" * (257 * 1024 * 1024))
    assert reader.read(out.getvalue(), "a.docx", "") == ("too_big", "")
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    laughs = f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY e0 "ha">{entities}]><w>&e11;</w>'.encode()
    state, text = reader.read(with_member(word_file(), "word/document.xml", lambda _: laughs), "a.docx", "")
    assert (state, "haha" in text) in (("damaged", False), ("read", False))
    outside = b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]><w><t>&e;</t></w>'
    assert (
        "root:"
        not in reader.read(with_member(word_file(), "word/document.xml", lambda _: outside), "", "")[1]
    )
    assert reader.read(b"gut", "a.txt", "") == ("read", "gut")


def test_what_is_too_long_is_not_even_sent() -> None:
    made = TextReader()
    assert made.read(bytes(LONGEST + 1), "a.txt", "") == ("too_big", "")
    assert not made._child.runs


def test_a_fallen_child_is_replaced(reader: TextReader) -> None:
    reader.read(b"a", "a.txt", "")
    child = reader._child._child
    assert child is not None
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    assert reader.read(b"b", "a.txt", "") == ("read", "b")


def answered(monkeypatch: pytest.MonkeyPatch, act: Any) -> str:
    """What the child says when reading a file does this."""
    monkeypatch.setattr(confined_child, "words_of", act)
    head: dict[str, Any] = {"what": "words", "name": "a", "media_type": "", "ocr": None}
    return confined_child._in_a_process_of_its_own(head, b"").decode()


def test_the_limits_hold(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def memory(*_: Any) -> None:
        bytearray(2 * confined_child.MEMORY)

    def writing(*_: Any) -> None:
        with (tmp_path / "written").open("wb") as file:
            file.write(b"x")

    def waiting(*_: Any) -> None:
        signal.pause()

    def ending(*_: Any) -> None:
        faulthandler.disable()  # the test runner's own would print this wanted crash as if it were one
        os.kill(os.getpid(), signal.SIGSEGV)

    assert "damaged" in answered(monkeypatch, memory)
    assert "damaged" in answered(monkeypatch, writing)
    assert not (tmp_path / "written").exists() or not (tmp_path / "written").read_bytes()
    assert "damaged" in answered(monkeypatch, ending)
    monkeypatch.setattr(confined_child, "WALL_SECONDS", 0.2)
    assert "too_big" in answered(monkeypatch, waiting)


def test_the_child_reaches_no_network() -> None:
    code = (
        "import socket, sys\n"
        "from archive.adapters import confined_child\n"
        "def reached():\n"
        "    try:\n"
        "        socket.create_connection(('127.0.0.1', int(sys.argv[1])), 2).close()\n"
        "    except OSError:\n"
        "        return False\n"
        "    return True\n"
        "before = reached()\n"
        "confined_child._confine()\n"
        "print(before, reached())\n"
    )
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        done = subprocess.run(
            [sys.executable, "-c", code, str(server.getsockname()[1])],
            capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
        )  # fmt: skip
    if done.stdout.split() == ["True", "True"]:
        pytest.skip("this kernel lets this user not cut the network off")
    assert done.stdout.split() == ["True", "False"]


def test_without_a_namespace_a_filter_cuts_the_network_off() -> None:
    """As in a container, where no namespace can be had."""
    code = (
        "import ctypes, os, socket\n"
        "from archive.adapters import confined_child\n"
        "assert confined_child._without_sockets(ctypes.CDLL(None)) or os.geteuid()\n"
        "try:\n"
        "    socket.socket()\n"
        "except PermissionError:\n"
        "    print('no sockets')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[2]
    )
    assert done.stdout == "no sockets\n", done.stderr


def test_a_reader_that_cannot_be_confined_reads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    refusing = [sys.executable, "-c", f"raise SystemExit({confined_child.UNCONFINED})"]
    right = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda _, **how: right(refusing, **how))
    with pytest.raises(Unfinished, match="cut off from the network"):
        TextReader().read(b"gut", "a.txt", "")


def test_ocr_reads_images_and_scans(tools: Tools) -> None:
    tools.need("tesseract")
    made = TextReader("deu+eng")
    try:
        scan = words_of(pdf("GARANTIE 5 JAHRE"), "", "", None)
        assert scan.state == "read"
        import pypdfium2

        from archive.adapters.file_pdf import page_image

        image = page_image(pypdfium2.PdfDocument(pdf("GARANTIE 5 JAHRE"))[0])
        width, height = (int(n) for n in image.split(b"\n")[1].split())
        pixels = image.split(b"255\n", 1)[1]
        rows = [pixels[y * width : (y + 1) * width] for y in range(height)]
        state, text = made.read(png(rows), "scan.png", "image/png")
        assert (state, text.split()) == ("read", ["GARANTIE", "5", "JAHRE"])
        assert made.read(png([b"\xff" * 50] * 50), "leer.png", "")[0] == "image"
    finally:
        made.close()
    with pytest.raises(SettingsError, match="does not have the languages xyz"):
        TextReader("deu+xyz").read(b"a", "a.txt", "")
