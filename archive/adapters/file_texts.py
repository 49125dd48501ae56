"""The words of a file, by its bytes: PDF, DOCX, PPTX, XLSX, mails, HTML, plain text; images and scans by OCR.

Runs in ``confined_child`` alone, for files are hostile.
"""

import codecs
import html
import re
from functools import partial

from archive.adapters.file_mail import mail, mails
from archive.adapters.file_ocr import picture
from archive.adapters.file_office import office
from archive.adapters.file_pdf import pdf
from archive.adapters.file_plain import is_misread, plain, text_of
from archive.adapters.file_words import DEEPEST, MOST_CHARACTERS, PAGES, TEXTS, Words
from archive.reading.decoding import is_utf8
from archive.reading.html_text import html_to_text

_IMAGES = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*")
_SOUND = (b"OggS", b"RIFF", b"ID3\x03", b"fLaC", b"\x1aE\xdf\xa3")
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
_HTML = re.compile(
    r"\ufeff?\s*(?:<\?xml\b[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_MARKUP = re.compile(rb"\s*<[!?A-Za-z]")
_TITLE = re.compile(r"<title\b[^>]*>([^<]*)</title", re.IGNORECASE)
_HEAD = 64 * 1024
"""Characters of a page in which its title is sought."""
_PAGE_TYPES = ("text/html", "application/xhtml+xml")


def words_of(data: bytes, name: str, media_type: str, ocr: str | None, depth: int = 0) -> Words:
    """Read the words of a file; damage of any kind is told by the state, or ends the process.

    What it takes from name and type is what ``file_words.hint`` keeps of them. ``depth``: how many files this one
    lies in.
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
        return _limited(office(data, ocr, inner))
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return Words("protected" if "EncryptedPackage".encode("utf-16-le") in data else "unknown")
    if _is_image(data) or (media_type.startswith("image/") and not media_type.startswith("image/svg")):
        return _limited(picture(data, ocr))
    if media_type.startswith(("audio/", "video/")) or data[4:8] == b"ftyp" or data.startswith(_SOUND):
        return Words("media")
    if (found := mails(data, inner)) is not None:
        return _limited(found)
    if (
        media_type.startswith(("text/", *_PAGE_TYPES))
        or name.endswith((*PAGES, *TEXTS))
        or _looks_plain(data)
    ):
        return _limited(_text(data, name, media_type))
    return Words("unknown")


def _text(data: bytes, name: str, media_type: str) -> Words:
    text = text_of(data, media_type)
    if text is None:
        return Words("unknown")
    if media_type.startswith(_PAGE_TYPES) or name.endswith(PAGES) or _HTML.match(text[:4096]):
        words = _page(text)
    else:
        words = plain(text, name, media_type)
    return Words("partly", words.text) if is_misread(data, media_type) else words


def _is_image(data: bytes) -> bool:
    return (
        data.startswith(_IMAGES)
        or data[8:12] == b"WEBP"
        or data[4:12] in (b"ftypheic", b"ftypmif1", b"ftypavif")
    )


def _page(source: str) -> Words:
    """Give the title of a page and what it shows; the title is shown already where it stands outside the head.

    Where nothing is shown, a script writes the words: they stand in it as a program has them.
    """
    found, body = _TITLE.search(source[:_HEAD]), html_to_text(source)
    title = html.unescape(found[1]).strip() if found else ""
    state = "partly" if not body.strip() and "<script" in source.lower() else "read"
    return Words(state, body if body.startswith(title) else f"{title}\n{body}")


def _looks_plain(data: bytes) -> bool:
    if data.startswith(_WIDE) or _MARKUP.match(data):
        return True
    return b"\0" not in data and is_utf8(data)


def _limited(words: Words) -> Words:
    # An escape in JSON, or a head of a mail in raw bytes, may give half of a pair, which no store takes.
    text = words.text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if len(text) > MOST_CHARACTERS:
        return Words("partly", text[:MOST_CHARACTERS])
    return Words(words.state, text)
