"""Bytes to text, told how; and the form in which texts are compared. The stored text is never changed."""

import codecs
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MARKUP = (
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00<\x00", "utf-16-be"),
    (b"<\x00", "utf-16-le"),
)
"""How markup begins in the wide encodings without a byte order mark (XML 1.0, appendix F)."""
INVISIBLE = "\ufeff\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Byte order marks and direction marks that apps scatter; they carry no words."""
SPACES = "\u202f\u00a0\u2009"
"""Narrow, no-break and thin space: written before AM/PM and in push names."""
_ODD = re.compile(f"[{INVISIBLE}{SPACES}]")
_FOR_MATCHING = str.maketrans(dict.fromkeys(SPACES, " ") | dict.fromkeys(INVISIBLE))


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, the encoding that gave it, and whether bytes had to be replaced by U+FFFD."""

    text: str
    encoding: str
    replaced: bool = False


def decode(data: bytes, declared: str | None = None) -> Decoded:
    """Decode by byte order mark, then as declared, then strict UTF-8, then cp1252, which always ends in a
    text.

    A byte order mark stays in the text when the encoding is UTF-8 without further use of it: it is part of
    what was written. For UTF-16 and UTF-32 it is the signature of the file and is left away.
    """
    for mark, encoding in _BOMS[1:]:
        if data.startswith(mark):
            text = _strict(data[len(mark) :], encoding)
            if text is not None:
                return Decoded(text, encoding)
    for begin, encoding in _MARKUP:
        if data.startswith(begin) and (text := _strict(data, encoding)) is not None:
            return Decoded(text, encoding)
    if declared and not data.startswith(codecs.BOM_UTF8):
        text = _strict(data, declared)
        if text is not None:
            return Decoded(text, declared.lower())
    text = _strict(data, "utf-8")
    if text is not None:
        return Decoded(text, "utf-8")
    text = data.decode("cp1252", "replace")
    return Decoded(text, "cp1252", "\ufffd" in text)


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeError, LookupError, ValueError):
        return None


def is_utf8(data: bytes) -> bool:
    """Say whether bytes are UTF-8 throughout, as hardly anything else is by chance."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def matching(text: str) -> str:
    """The text as it is compared: marks without words removed, odd spaces made plain."""
    return text.translate(_FOR_MATCHING) if _ODD.search(text) else text


@lru_cache(maxsize=4096)
def same_name(text: str) -> str:
    """A name as it is compared: letters however they are composed, case, odd and doubled spaces make no other name."""
    return " ".join(unicodedata.normalize("NFKC", matching(text)).casefold().split())
