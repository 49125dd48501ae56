"""The words of a file, by its bytes: PDF, DOCX, PPTX, XLSX, HTML, plain text; images and scans by OCR.

Runs in ``confined_child`` alone, for files are hostile. Of Office files every part is read that holds
text: notes, comments, headers, hidden sheets, and what a tracked change deleted.
"""

import html
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from io import BytesIO

import openpyxl
from docx.opc.package import OpcPackage
from lxml import etree

from archive.adapters.file_mail import mail
from archive.adapters.file_ocr import picture
from archive.adapters.file_pdf import pdf
from archive.adapters.file_plain import plain
from archive.adapters.file_words import DEEPEST, MOST_CHARACTERS, Words
from archive.reading.decoding import decode
from archive.reading.html_text import html_to_text

MOST_UNPACKED = 256 * 1024 * 1024
MOST_MEMBERS = 10_000
MOST_PICTURES = 100

_IMAGES = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*")
_SOUND = (b"OggS", b"RIFF", b"ID3\x03", b"fLaC", b"\x1aE\xdf\xa3")
_HTML = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)
_TITLE = re.compile(r"<title\b[^>]*>([^<]*)</title", re.IGNORECASE)
_HEAD = 64 * 1024
"""Characters of a page in which its title is sought."""
_PAGES = ("text/html", "application/xhtml+xml")
_PLAIN = (".txt", ".csv", ".tsv", ".md", ".log", ".json", ".xml", ".vcf", ".ics", ".ini", ".yaml", ".yml")
_PICTURES = re.compile(r"(?:word|ppt|xl)/media/.*\.(?:png|jpe?g|gif|bmp|tiff?|webp)", re.IGNORECASE)
_MAIN = re.compile(r"/?(?:word/document|ppt/presentation)\d*\.xml")
"""The part that holds a document together; some servers call it document2.xml."""
_WORDS = {"t", "delText", "text"}
_GAPS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "txbxContent": "\n"}


def words_of(data: bytes, name: str, media_type: str, ocr: str | None, depth: int = 0) -> Words:
    """Read the words of a file; damage of any kind is told by the state, or ends the process.

    ``depth``: how many files this one lies in.
    """
    if depth > DEEPEST:
        return Words("too_big")
    name, media_type = name.lower(), media_type.lower()
    inner = partial(words_of, ocr=ocr, depth=depth + 1)
    if media_type.startswith("message/rfc822") or name.endswith(".eml"):
        return _limited(mail(data, inner))
    if b"%PDF-" in data[:1024]:
        return _limited(pdf(data, ocr, inner))
    if data[:4] == b"PK\x03\x04":
        return _limited(_office(data, ocr))
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return Words("protected" if "EncryptedPackage".encode("utf-16-le") in data else "unknown")
    if _is_image(data) or (media_type.startswith("image/") and not media_type.startswith("image/svg")):
        return _limited(picture(data, ocr))
    if media_type.startswith(("audio/", "video/")) or data[4:8] == b"ftyp" or data.startswith(_SOUND):
        return Words("media")
    if media_type.startswith(_PAGES) or _HTML.match(data[:4096]):
        return _limited(Words("read", _page(decode(data).text)))
    if media_type.startswith("text/") or name.endswith(_PLAIN) or _looks_plain(data):
        return _limited(plain(data, name, media_type))
    return Words("unknown")


def _is_image(data: bytes) -> bool:
    return data.startswith(_IMAGES) or data[8:12] == b"WEBP"


def _page(source: str) -> str:
    """Give the title of a page and what it shows; the title is shown already where it stands outside the head."""
    found, body = _TITLE.search(source[:_HEAD]), html_to_text(source)
    title = html.unescape(found[1]).strip() if found else ""
    return body if body.startswith(title) else f"{title}\n{body}"


def _looks_plain(data: bytes) -> bool:
    if b"\0" in data:
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _limited(words: Words) -> Words:
    text = words.text.replace("\0", "\ufffd")
    if len(text) > MOST_CHARACTERS:
        return Words("partly", text[:MOST_CHARACTERS])
    return Words(words.state, text)


def _office(data: bytes, ocr: str | None) -> Words:
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            members = package.infolist()
    except zipfile.BadZipFile:
        return Words("damaged")
    if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > MOST_UNPACKED:
        return Words("too_big")
    names = {member.filename for member in members}
    if "xl/workbook.xml" in names:
        cells = _workbook(data)
        own = Words(
            "partly" if _is_unreckoned(data) else cells.state, "\n".join([cells.text, *_beside_cells(data)])
        )
    elif any(map(_MAIN.fullmatch, names)):
        own = Words("read", "\n".join(_parts(data)))
    else:
        return Words("unknown")
    return _with_pictures(own, data, sorted(filter(_PICTURES.match, names), key=_natural), ocr)


def _with_pictures(own: Words, data: bytes, names: list[str], ocr: str | None) -> Words:
    """Read the pictures in a document by OCR; one that holds nothing else is a picture itself."""
    seen: list[Words] = []
    if ocr:
        with zipfile.ZipFile(BytesIO(data)) as package:
            seen = [picture(package.read(name), ocr) for name in names[:MOST_PICTURES]]
    text = "\n".join([own.text, *(one.text for one in seen if one.text)])
    if names and not text.strip():
        return Words("image")
    return Words("partly" if seen and len(names) > MOST_PICTURES else own.state, text)


def _parts(data: bytes) -> Iterator[str]:
    parts = ((str(part.partname), part.blob) for part in OpcPackage.open(BytesIO(data)).iter_parts())
    found = [(_natural(name), blob) for name, blob in parts if name.endswith(".xml")]
    for _, blob in sorted(found):
        text = "".join(_runs(etree.fromstring(blob, _parser())))
        if text.strip():
            yield text


def _parser() -> "etree.XMLParser":
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


def _natural(name: str) -> tuple[int, list[tuple[str, int]]]:
    """Order the main part first, then by name with numbers by value: slide 2 before slide 10."""
    first = 0 if _MAIN.fullmatch(name) else 1
    return first, [(text, int(number or 0)) for text, number in re.findall(r"(\D+)(\d*)", name)]


def _runs(root: "etree._Element") -> Iterator[str]:
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if not isinstance(element.tag, str):
            continue
        name = etree.QName(element).localname
        if event == "start" and name in _WORDS:
            yield element.text or ""
        elif event == "start" and name in _GAPS:
            yield _GAPS[name]
        elif event == "end" and name == "p":
            yield "\n"


_BESIDE = re.compile(r"xl/(?:(?:comments|threadedComments|drawings|charts|worksheets)/.*|comments\d*)\.xml")
_PAGE = re.compile(rb"<(?:odd|even|first)(Header|Footer)>(.{0,2000}?)</(?:odd|even|first)\1>", re.DOTALL)
_LAYOUT = re.compile(r'&(?:"[^"]*"|[LCR]|K[0-9A-F]{6}|\d+|[A-Z])')
_TAIL = 64 * 1024
"""Bytes at the end of a sheet in which its headers stand."""


def _beside_cells(data: bytes) -> Iterator[str]:
    """Give what stands beside the cells of a workbook: comments, shapes, charts, headers and footers."""
    with zipfile.ZipFile(BytesIO(data)) as package:
        for name in sorted(filter(_BESIDE.match, package.namelist()), key=_natural):
            if not name.startswith("xl/worksheets"):
                text = "".join(_runs(etree.fromstring(package.read(name), _parser())))
                if text.strip():
                    yield text
            elif "/_rels/" not in name:
                found = (part.decode("utf-8", "replace") for _, part in _PAGE.findall(_end(package, name)))
                yield from filter(None, (_LAYOUT.sub(" ", html.unescape(part)).strip() for part in found))


_UNRECKONED = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f\b[^>]*/>)(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>"
)


def _is_unreckoned(data: bytes) -> bool:
    """Say whether a workbook holds a formula without a value: the program that wrote it never reckoned."""
    with zipfile.ZipFile(BytesIO(data)) as package:
        for name in package.namelist():
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                with package.open(name) as member:
                    kept = b""
                    while piece := member.read(1 << 20):
                        if _UNRECKONED.search(kept + piece):
                            return True
                        kept = piece[-64:]
    return False


def _end(package: zipfile.ZipFile, name: str) -> bytes:
    with package.open(name) as member:
        end = b""
        while piece := member.read(1 << 20):
            end = (end + piece)[-_TAIL:]
        return end


_MONEY = re.compile(r"€|\$|£|¥|EUR|USD|CHF|GBP")


def _shown(cell: "openpyxl.cell.Cell") -> str:
    """Give the value of a cell; of a day also as it is written in German, of money its currency."""
    value = cell.value
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} {value:%d.%m.%Y}"
    if isinstance(value, int | float) and (sign := _MONEY.search(str(cell.number_format))):
        return f"{value} {sign[0]}"
    return str(value)


def _workbook(data: bytes) -> Words:
    book = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True)
    lines, length = [], 0
    for sheet in book.worksheets:
        lines.append(sheet.title)
        for row in sheet.iter_rows():
            line = "\t".join(_shown(cell) for cell in row if cell.value is not None)
            if line:
                lines.append(line)
                length += len(line)
            if length > MOST_CHARACTERS:
                return Words("partly", "\n".join(lines))
    return Words("read", "\n".join(lines))
