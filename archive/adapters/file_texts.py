"""The words of a file, by its bytes: PDF, DOCX, PPTX, XLSX, HTML, plain text; images and scans by OCR.

Runs in ``confined_child`` alone, for files are hostile. Of Office files every part is read that holds
text: notes, comments, headers, hidden sheets, and what a tracked change deleted.
"""

import html
import re
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

import openpyxl
import pypdfium2
from docx.opc.package import OpcPackage
from lxml import etree
from pypdfium2.raw import FPDF_ERR_PASSWORD

from archive.reading.decoding import decode
from archive.reading.html_text import html_to_text

MOST_CHARACTERS = 2_000_000
MOST_PAGES = 2_000
MOST_UNPACKED = 256 * 1024 * 1024
MOST_MEMBERS = 10_000
OCR_SECONDS = 60
OCR_DPI = 300

_IMAGES = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*")
_SOUND = (b"OggS", b"RIFF", b"ID3\x03", b"fLaC", b"\x1aE\xdf\xa3")
_HTML = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)
_TITLE = re.compile(r"<title\b[^>]*>([^<]*)</title", re.IGNORECASE)
_HEAD = 64 * 1024
"""Characters of a page in which its title is sought."""
_PLAIN = (".txt", ".csv", ".tsv", ".md", ".log", ".json", ".xml", ".vcf", ".ics", ".ini", ".yaml", ".yml")
_BROKEN = re.compile("\x02[\r\n]*")
_WORDS = {"t", "delText", "text"}
_GAPS = {"tab": "\t", "br": "\n", "cr": "\n"}


@dataclass(frozen=True, slots=True)
class Words:
    """What was read. ``state``: ``read``, ``partly``, or why nothing was (``schemas.entry.FileState``)."""

    state: str
    text: str = ""


def words_of(data: bytes, name: str, media_type: str, ocr: str | None) -> Words:
    """Read the words of a file; damage of any kind is told by the state, or ends the process."""
    name, media_type = name.lower(), media_type.lower()
    if b"%PDF-" in data[:1024]:
        return _limited(_pdf(data, ocr))
    if data[:4] == b"PK\x03\x04":
        return _limited(_office(data))
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return Words("protected" if "EncryptedPackage".encode("utf-16-le") in data else "unknown")
    if data.startswith(_IMAGES) or data[8:12] == b"WEBP" or media_type.startswith("image/"):
        return _limited(_image(data, ocr))
    if media_type.startswith(("audio/", "video/")) or data[4:8] == b"ftyp" or data.startswith(_SOUND):
        return Words("media")
    if media_type in ("text/html", "application/xhtml+xml") or _HTML.match(data[:4096]):
        return _limited(Words("read", _page(decode(data).text)))
    if media_type.startswith("text/") or name.endswith(_PLAIN) or _looks_plain(data):
        return _limited(Words("read", decode(data).text))
    return Words("unknown")


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


def _pdf(data: bytes, ocr: str | None) -> Words:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        return Words("protected" if getattr(error, "err_code", None) == FPDF_ERR_PASSWORD else "damaged")
    texts, blank, length = [], 0, 0
    for number in range(min(len(document), MOST_PAGES)):
        page = document[number]
        # Where a line ends within a word, pdfium gives U+0002 for the hyphen.
        text = _BROKEN.sub("", page.get_textpage().get_text_bounded())
        if not text.strip() and ocr:
            text = _recognised(_page_image(page), ocr)
        blank += not text.strip()
        length += len(text)
        texts.append(text)
        if length > MOST_CHARACTERS:
            break
    if blank == len(texts) and texts:
        return Words("image")
    whole = len(texts) == len(document) and not blank
    return Words("read" if whole else "partly", "\n".join(texts))


def _page_image(page: "pypdfium2.PdfPage") -> bytes:
    """Render a page as a portable grey map."""
    bitmap = page.render(scale=OCR_DPI / 72, grayscale=True)
    rows = memoryview(bitmap.buffer).cast("B")
    lines = (bytes(rows[y * bitmap.stride : y * bitmap.stride + bitmap.width]) for y in range(bitmap.height))
    return b"P5\n%d %d\n255\n" % (bitmap.width, bitmap.height) + b"".join(lines)


def _image(data: bytes, ocr: str | None) -> Words:
    if not ocr:
        return Words("image")
    text = _recognised(data, ocr)
    return Words("read" if text.strip() else "image", text)


def _recognised(image: bytes, languages: str) -> str:
    done = subprocess.run(  # noqa: S603  # found by PATH on purpose: Debian's
        ["tesseract", "stdin", "stdout", "-l", languages, "--dpi", str(OCR_DPI)],  # noqa: S607
        input=image, capture_output=True, timeout=OCR_SECONDS, check=False,
    )  # fmt: skip
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""


def _office(data: bytes) -> Words:
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
        return Words(cells.state, "\n".join([cells.text, *_beside_cells(data)]))
    if "word/document.xml" in names or "ppt/presentation.xml" in names:
        return Words("read", "\n".join(_parts(data)))
    return Words("unknown")


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
    first = 0 if name.endswith("/word/document.xml") else 1
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


def _end(package: zipfile.ZipFile, name: str) -> bytes:
    with package.open(name) as member:
        end = b""
        while piece := member.read(1 << 20):
            end = (end + piece)[-_TAIL:]
        return end


def _workbook(data: bytes) -> Words:
    book = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True)
    lines, length = [], 0
    for sheet in book.worksheets:
        lines.append(sheet.title)
        for row in sheet.iter_rows(values_only=True):
            line = "\t".join(str(value) for value in row if value is not None)
            if line:
                lines.append(line)
                length += len(line)
            if length > MOST_CHARACTERS:
                return Words("partly", "\n".join(lines))
    return Words("read", "\n".join(lines))
