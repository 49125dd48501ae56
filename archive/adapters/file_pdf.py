"""The words of a PDF: of its pages, notes and filled-in fields, of its title and bookmarks, and of the files in it."""

import ctypes
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice

import pypdfium2
from pypdfium2 import raw

from archive.adapters.file_ocr import OCR_DPI, recognised
from archive.adapters.file_words import MOST_CHARACTERS, Inner, Words, together
from archive.reading.html_text import html_to_text

MOST_PAGES = 2_000
MOST_NOTES = 2_000
MOST_FILES = 100
MOST_SCANS = 150
"""Pages that are read by OCR: more would use up the time, and then nothing of the file would be read."""
STAMP = 200
"""Characters that a scan may bear and still be one: a page number, a stamp of who received it."""

_NOTES = ((b"Contents", b"T", b"Subj"), (b"Contents",))
"""Where a note says something, and a field."""
_BROKEN = re.compile("\x02[\r\n]*")
_EVERYWHERE = (-1e7, -1e7, 1e7, 1e7)
"""All of a page. Its own box is turned with it where its letters are not, and would leave out half of a turned page;
and what hangs over an edge, or was cropped, is in the file: a program that copies words gives it."""


def pdf(data: bytes, ocr: str | None, inner: Inner) -> Words:
    """Read a PDF; pages that are pictures by OCR, if its languages are given."""
    try:
        document = pypdfium2.PdfDocument(data)
        document.init_forms()
    except pypdfium2.PdfiumError as error:
        return Words("protected" if getattr(error, "err_code", None) == raw.FPDF_ERR_PASSWORD else "damaged")
    texts: list[str] = []
    clips: list[Words] = []
    unread = scans = length = 0
    for number in range(min(len(document), MOST_PAGES)):
        page = document[number]
        text = _words(page)
        if _is_scan(page, text) or _is_garbled(text):
            scans += 1
            seen = recognised(page_image(page), ocr) if ocr and scans <= MOST_SCANS else ""
            unread += not seen.strip()
            text = f"{text}\n{seen}" if text.strip() else seen
        text = "\n".join([text, *_notes(document, page)])
        clips += _clipped(document, page, inner)
        text = "\n".join([text, *_drawn(document, number, text)])
        length += len(text)
        texts.append(text)
        if length > MOST_CHARACTERS:
            break
    # A form that a program draws while it runs (XFA) stands on no page: a page asks for another program.
    whole = len(texts) == len(document) and not unread and document.get_formtype() != raw.FORMTYPE_XFA_FULL
    own = Words("read" if whole else "partly", "\n".join(texts))
    if unread and unread == len(texts) and not own.text.strip():
        own = Words("image")
    beside = Words("read", "\n".join(_described(document)))
    return together(own, [beside, *clips, *_files(document, inner)])


def _words(page: "pypdfium2.PdfPage") -> str:
    """Give all words of a page.

    Where a line ends within a word, pdfium gives U+0002 for the hyphen, and at times for that of "Liefer- und".
    """
    return _BROKEN.sub("-\n", page.get_textpage().get_text_bounded(*_EVERYWHERE))


def _drawn(document: "pypdfium2.PdfDocument", number: int, text: str) -> Iterator[str]:
    """Give the lines that notes, stamps, fields and signatures draw on a page, and that stand nowhere else.

    Goes last: the page is changed in memory, to one that shows them without being notes.
    """
    page = document[number]
    if not any(_draw(page)) or raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY) != 1:
        return
    known = set(text.splitlines())
    yield from (line for line in _words(document[number]).splitlines() if line.strip() and line not in known)


def _draw(page: "pypdfium2.PdfPage") -> Iterator[bool]:
    """Say of each note whether it may draw something: links, of which some pages are full, do not."""
    for number in range(raw.FPDFPage_GetAnnotCount(page)):
        if note := raw.FPDFPage_GetAnnot(page, number):
            kind = raw.FPDFAnnot_GetSubtype(note)
            raw.FPDFPage_CloseAnnot(note)
            yield kind != raw.FPDF_ANNOT_LINK


def _described(document: "pypdfium2.PdfDocument") -> Iterator[str]:
    """Give what a PDF says of itself, and its bookmarks: programs show both."""
    told = document.get_metadata_dict()
    yield from filter(None, (told[name] for name in ("Title", "Subject", "Keywords", "Author")))
    yield from (mark.get_title() for mark in islice(document.get_toc(), MOST_NOTES))


def _is_scan(page: "pypdfium2.PdfPage", text: str) -> bool:
    """Say whether a page shows no words, or hardly any over a picture that fills half of it."""
    if not text.strip():
        return True
    if len(text) > STAMP:
        return False
    left, bottom, right, top = page.get_mediabox()
    half = abs((right - left) * (top - bottom)) / 2
    bounds = (one.get_bounds() for one in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE]))
    covered = sum(
        (right - left) * (top - bottom) for left, bottom, right, top in bounds
    )  # many scans lie in strips
    return bool(covered >= half)


def _is_garbled(text: str) -> bool:
    """Say whether what a page gives are no letters: its fonts do not tell which letter a sign is (no ToUnicode)."""
    kinds = Counter(unicodedata.category(char) for char in text if not char.isspace())
    signs, own = kinds["Cc"] + kinds["Cn"] + text.count("\ufffd"), kinds["Co"]
    return signs * 10 > kinds.total() or own * 3 > kinds.total()


def _notes(document: "pypdfium2.PdfDocument", page: "pypdfium2.PdfPage") -> Iterator[str]:
    """Give what notes on a page say, and what is filled in its fields."""
    for number in range(min(raw.FPDFPage_GetAnnotCount(page), MOST_NOTES)):
        note = raw.FPDFPage_GetAnnot(page, number)
        if not note:
            continue
        is_field = raw.FPDFAnnot_GetSubtype(note) == raw.FPDF_ANNOT_WIDGET
        # The title of a field is its name for programs; that of a note says who wrote it.
        said = [_wide(partial(raw.FPDFAnnot_GetStringValue, note, name)) for name in _NOTES[is_field]]
        rich = html_to_text(_wide(partial(raw.FPDFAnnot_GetStringValue, note, b"RC")))
        form = document.formenv
        filled = _wide(partial(raw.FPDFAnnot_GetFormFieldValue, form, note)) if form else ""
        raw.FPDFPage_CloseAnnot(note)
        yield from dict.fromkeys(filter(None, (*said, rich, filled)))


def _wide(call: Callable[[object, int], int]) -> str:
    """Give a string that pdfium writes in UTF-16 with a zero at its end."""
    size = call(None, 0)
    if not 2 < size <= 2 * MOST_CHARACTERS:
        return ""
    buffer = (ctypes.c_ushort * (size // 2 + 1))()
    call(buffer, size)
    return bytes(buffer).decode("utf-16-le", "replace").partition("\0")[0]


def _clipped(document: "pypdfium2.PdfDocument", page: "pypdfium2.PdfPage", inner: Inner) -> Iterator[Words]:
    """Read the files that hang on a page like a note."""
    for number in range(min(raw.FPDFPage_GetAnnotCount(page), MOST_NOTES)):
        note = raw.FPDFPage_GetAnnot(page, number)
        if not note:
            continue
        if raw.FPDFAnnot_GetSubtype(note) == raw.FPDF_ANNOT_FILEATTACHMENT:
            file = raw.FPDFAnnot_GetFileAttachment(note)
            yield _file(pypdfium2.PdfAttachment(file, document), inner) if file else Words("damaged")
        raw.FPDFPage_CloseAnnot(note)


def _file(file: "pypdfium2.PdfAttachment", inner: Inner) -> Words:
    try:
        return inner(bytes(file.get_data()), file.get_name(), "")
    except pypdfium2.PdfiumError:
        return Words("damaged")


def _files(document: "pypdfium2.PdfDocument", inner: Inner) -> Iterator[Words]:
    count = document.count_attachments()
    for number in range(min(count, MOST_FILES)):
        try:
            file = document.get_attachment(number)
        except pypdfium2.PdfiumError:
            yield Words("damaged")
        else:
            yield _file(file, inner)
    if count > MOST_FILES:
        yield Words("too_big")


def page_image(page: "pypdfium2.PdfPage") -> bytes:
    """Render a page as a portable grey map."""
    bitmap = page.render(scale=OCR_DPI / 72, grayscale=True)
    rows = memoryview(bitmap.buffer).cast("B")
    lines = (bytes(rows[y * bitmap.stride : y * bitmap.stride + bitmap.width]) for y in range(bitmap.height))
    return b"P5\n%d %d\n255\n" % (bitmap.width, bitmap.height) + b"".join(lines)
