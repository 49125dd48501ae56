"""The words of Office files: DOCX, PPTX, XLSX, with what stands beside the text, and with the files in them.

Every part is read that holds text: notes, comments, headers, hidden sheets, what a tracked change deleted, the title
that programs show; and tables, documents and pages that lie in it as files of their own.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from io import BytesIO

import openpyxl
from docx.opc.package import OpcPackage
from lxml import etree

from archive.adapters.file_ocr import picture
from archive.adapters.file_words import MOST_CHARACTERS, Inner, Words, together
from archive.adapters.office_beside import beside_cells, described, remembered, told
from archive.adapters.office_cells import shown
from archive.adapters.office_numbers import numbers
from archive.adapters.office_xml import MAIN, natural, parser, text_of

MOST_UNPACKED = 256 * 1024 * 1024
MOST_MEMBERS = 10_000
MOST_PICTURES = 100
MOST_FILES = 100

_PICTURES = re.compile(r"(?:word|ppt|xl)/media/.*\.(?:png|jpe?g|gif|bmp|tiff?|webp)", re.IGNORECASE)
_SOUND = re.compile(
    r"(?:word|ppt|xl)/media/.*\.(?:mp[34]|m4[av]|wav|wm[av]|aac|ogg|avi|mov|mpe?g|webm)", re.IGNORECASE
)
_OF_NUMBERS = ("/word/numbering.xml", "/word/styles.xml")
_FILES = ("/package", "/oleObject", "/aFChunk")
"""How the types of relations end that lead to a file of its own: an embedded one, one of another program, one that is
shown as if it stood in the text (ECMA-376 part 1: §15.2.11, §15.2.10, §11.3.1)."""


def office(data: bytes, ocr: str | None, inner: Inner) -> Words:
    """Read an Office file, pictures in it by OCR, files in it by ``inner``."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            members = package.infolist()
    except zipfile.BadZipFile:
        return Words("damaged")
    if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > MOST_UNPACKED:
        return Words("too_big")
    names = {member.filename for member in members}
    if "xl/workbook.xml" in names:
        own = _spreadsheet(data)
    elif any(map(MAIN.fullmatch, names)):
        own = Words("read", "\n".join(_parts(data)))
    else:
        return Words("unknown")
    own = _with_pictures(own, data, sorted(filter(_PICTURES.match, names), key=natural), ocr)
    beside = Words("read", "\n".join(dict.fromkeys((*told(data), *described(data)))))
    sounds = [Words("media")] if any(map(_SOUND.fullmatch, names)) else []
    return together(own, [*_files(data, inner), *sounds, beside])


def _files(data: bytes, inner: Inner) -> Iterator[Words]:
    """Read the files in an Office file that a part of it leads to."""
    with zipfile.ZipFile(BytesIO(data)) as package:
        names = set(package.namelist())
        found = [name for name in dict.fromkeys(_targets(package)) if name in names]
        for name in found[:MOST_FILES]:
            yield inner(package.read(name), posixpath.basename(name), "")
    if len(found) > MOST_FILES:
        yield Words("too_big")


def _targets(package: zipfile.ZipFile) -> Iterator[str]:
    for name in sorted(package.namelist(), key=natural):
        folder, _, own = name.rpartition("_rels/")
        if not own.endswith(".rels"):
            continue
        for relation in etree.fromstring(package.read(name), parser()).iter("{*}Relationship"):
            if relation.get("Type", "").endswith(_FILES) and relation.get("TargetMode") != "External":
                yield posixpath.normpath(posixpath.join("/", folder, relation.get("Target", ""))).lstrip("/")


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
    found = {name: blob for name, blob in parts if name.endswith(".xml")}
    beside = {
        name.rpartition("/")[2]: etree.fromstring(found[name], parser())
        for name in _OF_NUMBERS
        if name in found
    }
    for name in sorted(found, key=natural):
        root = etree.fromstring(found[name], parser())
        numbered = None
        if MAIN.fullmatch(name) and "numbering.xml" in beside:
            numbered = numbers(root, beside["numbering.xml"], beside.get("styles.xml"))
        text = text_of(root, numbered)
        if text.strip():
            yield text


_STRICT = b"http://purl.oclc.org/ooxml/"
_TRANSITIONAL = (
    (
        b"http://purl.oclc.org/ooxml/officeDocument/",
        b"http://schemas.openxmlformats.org/officeDocument/2006/",
    ),
    (
        b"http://purl.oclc.org/ooxml/spreadsheetml/main",
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    ),
)


def _spreadsheet(data: bytes) -> Words:
    with zipfile.ZipFile(BytesIO(data)) as package:
        if _STRICT in package.read("xl/workbook.xml"):
            data = _transitional(package)
    cells = _workbook(data)
    state = "partly" if _is_unreckoned(data) else cells.state
    return Words(state, "\n".join([cells.text, *beside_cells(data), *dict.fromkeys(remembered(data))]))


def _transitional(package: zipfile.ZipFile) -> bytes:
    """Give a workbook that was saved as strict Open XML under the names by which the library finds its sheets."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as other:
        for name in package.namelist():
            content = package.read(name)
            for strict, known in _TRANSITIONAL if name.endswith((".xml", ".rels")) else ():
                content = content.replace(strict, known)
            other.writestr(name, content)
    return out.getvalue()


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


def _workbook(data: bytes) -> Words:
    book = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True)
    lines, length = [], 0
    lines += [sheet.title for sheet in book.chartsheets]
    for sheet in book.worksheets:
        lines.append(sheet.title)
        sheet.reset_dimensions()  # what a sheet says of its own size is often too small, and cells beyond it were lost
        for row in sheet.iter_rows():
            line = "\t".join(shown(cell) for cell in row if cell.value is not None)
            if line:
                lines.append(line)
                length += len(line)
            if length > MOST_CHARACTERS:
                return Words("partly", "\n".join(lines))
    return Words("read" if book.sheetnames else "unknown", "\n".join(lines))
