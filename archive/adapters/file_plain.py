"""The words of files that are text: as written, and without the signs by which a format hides them."""

import codecs
import html
import json
import quopri
import re
from collections.abc import Iterator

from lxml import etree

from archive.adapters.file_words import JSON, Words, charset_of
from archive.adapters.office_xml import parser
from archive.reading.decoding import decode, is_utf8

_DECLARED = re.compile(
    rb"""<\?xml[^>]{0,200}?\bencoding\s*=\s*["']([\w.:-]+)|<meta\b[^>]{0,500}?\bcharset\s*=\s*["']?([\w.:-]+)""",
    re.IGNORECASE,
)
_HEAD = 4096
_SHIFTING = ("iso-2022", "hz", "utf-7")
"""Charsets whose bytes are those of ASCII, so that UTF-8 seems to fit."""
_FOLD = re.compile(r"\r?\n[ \t]")
_ESCAPED = re.compile(r"\\[nN]")
_QUOTED = re.compile(
    r"^([^:\r\n]*;(?:ENCODING=)?QUOTED-PRINTABLE[^:\r\n]*:)((?:[^\r\n]*=\r?\n)*[^\r\n]*)", re.I | re.M
)
_UNICODE = re.compile(r"\\u([0-9A-Fa-f]{4})")
_SECRET = re.compile(r"^-----BEGIN (?:PGP MESSAGE|PKCS7|CMS|ENCRYPTED [A-Z ]+)-----\s*$", re.MULTILINE)
_CODED = re.compile(
    r"^Content-Transfer-Encoding:\s*(?:base64|quoted-printable)\s*$", re.IGNORECASE | re.MULTILINE
)
_DOCUMENT = re.compile(
    "xmlns:\\w+=[\"'](?:http://schemas.microsoft.com/office/|urn:oasis:names:tc:opendocument:)"
)
"""What Word (2003, and flat Open XML) and OpenDocument name in their root."""
_BEFORE = "\ufeff \t\r\n"


def text_of(data: bytes, media_type: str) -> str | None:
    """Decode a text: as its type says, or it says itself, where that is no UTF-8; None if it is no text."""
    decoded = decode(data, _charset(data, media_type))
    text = _as_meant(data) if decoded.encoding == "cp1252" else decoded.text
    return text if "\0" not in text else _wide(data)


_IN_WORDS = {
    "cp1252": re.compile(rb"[A-Za-z][\xe4\xf6\xfc\xdf](?=[a-z])"),
    "cp850": re.compile(rb"[A-Za-z][\x81\x84\x94](?=[a-z])"),
    "mac-roman": re.compile(rb"[A-Za-z][\x8a\x9f](?=[a-z])"),
}
"""Bytes of umlauts within words. In cp1252 those of DOS and of old Macs are quotation marks, capitals and nothing."""
_MANY_BYTES = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


def _as_meant(data: bytes) -> str:
    """Read what names no charset and is not UTF-8 throughout: line by line, for logs and joined files mix.

    A file that was cut off may end within a letter of UTF-8.
    """
    counted = {encoding: len(within.findall(data)) for encoding, within in _IN_WORDS.items()}
    other = max(counted, key=lambda encoding: counted[encoding])
    return "".join(_line(line, other) for line in data.splitlines(keepends=True))


def _line(line: bytes, other: str) -> str:
    if line.isascii():
        return line.decode("ascii")
    found = _MANY_BYTES.search(line)
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(line, not found)
    except UnicodeDecodeError:
        return line.decode(other, "replace")


_MANY, _ONE_OF = 16, 8
"""So many letters beyond ASCII, one of so many, are in no text of Western Europe."""


def is_misread(data: bytes, media_type: str) -> bool:
    """Say whether a text was read as Western European for want of better, and is hardly any: Cyrillic, Greek."""
    if decode(data, _charset(data, media_type)).encoding != "cp1252":
        return False
    guessed = (line for line in data.splitlines() if line.isascii() or not is_utf8(line))
    letters = [letter for letter in b" ".join(guessed).decode("cp1252", "replace") if letter.isalpha()]
    beyond = sum(not letter.isascii() for letter in letters)
    return beyond >= _MANY and beyond * _ONE_OF > len(letters)


def _charset(data: bytes, media_type: str) -> str | None:
    """Give the charset that a type or markup names; None where it is UTF-8 all the same: converted on its way."""
    found = _DECLARED.search(data[:_HEAD])
    named = charset_of(media_type) or ((found[1] or found[2]).decode("ascii") if found else None)
    if named is None or named.lower().startswith(_SHIFTING) or b"\0" in data:
        return named
    return None if is_utf8(data) else named


def plain(text: str, name: str, media_type: str) -> Words:
    """Read a text. RTF is a program that makes one: it is not read."""
    begin = text.lstrip(_BEFORE)[:64].lower()
    if begin.startswith("{\\rtf"):
        return Words("unknown")
    if found := _SECRET.search(text):
        return Words("partly", text) if text[: found.start()].strip(_BEFORE) else Words("protected")
    if name.endswith(JSON) or media_type.startswith("application/json") or _begins_json(text):
        text = _of_json(text)
    elif begin.startswith("<"):
        text = "\n".join([html.unescape(text), *_paragraphs(text)])
    elif begin.startswith(("begin:vcalendar", "begin:vcard")):
        text = _ESCAPED.sub("\n", _FOLD.sub("", _QUOTED.sub(_unquoted, text)))
    return Words("partly" if _CODED.search(text) else "read", text)


def _paragraphs(text: str) -> Iterator[str]:
    """Give the paragraphs of a document that is one file of XML: marks of how it looks stand in the midst of words."""
    if not _DOCUMENT.search(text[:_HEAD]):
        return
    try:
        root = etree.fromstring(text.lstrip(_BEFORE).encode(), parser("utf-8"))
    except etree.XMLSyntaxError:  # the text stays as it is written
        return
    for one in root.iter("{*}p", "{*}h"):
        yield "".join(one.itertext())


def _wide(data: bytes) -> str | None:
    """Read UTF-16 without a mark at its beginning; None if it is no text."""
    for encoding in ("utf-16-le", "utf-16-be"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text and sum(char.isascii() for char in text) * 2 > len(text):
            return text
    return None


def _unquoted(found: re.Match[str]) -> str:
    """Give a line of an old vCard as it is meant."""
    return found[1] + decode(quopri.decodestring(found[2].encode()), charset_of(found[1])).text


def _begins_json(text: str) -> bool:
    """Say whether a text whose name does not tell is JSON, or its first line is."""
    begun = text.lstrip(_BEFORE)
    if not begun.startswith(("{", "[")):
        return False
    return _parsed(text) is not None or _parsed(begun.partition("\n")[0]) is not None


def _parsed(text: str) -> list[object] | None:
    """Give objects as lists of pairs, for a name may stand twice, and numbers as written; None if it is no JSON."""
    try:
        value = json.loads(
            text.lstrip("\ufeff"), object_pairs_hook=list, parse_int=str, parse_float=str, parse_constant=str
        )
    except (ValueError, RecursionError):
        return None
    return [value]


def _of_json(text: str) -> str:
    """Give names and values without quotes and escapes; what nobody can parse stays, but for the escapes."""
    whole = _parsed(text)
    if whole is not None:
        return "\n".join(_leaves(whole))
    lines: list[str] = []
    for line in text.splitlines():
        found = _parsed(line) if line.lstrip()[:1] in ("{", "[", '"') else None
        if found is None:
            lines.append(_UNICODE.sub(lambda one: chr(int(one[1], 16)), line))
        else:
            lines += _leaves(found)
    return "\n".join(lines)


def _leaves(value: object) -> Iterator[str]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list | tuple):
            waiting += reversed(one)
        elif isinstance(one, bool):
            yield str(one).lower()
        elif one is not None:
            yield str(one)
