"""Ways of writing a text in other signs, which no program undoes by itself and each reader of a file can.

Numbers for characters in style sheets and shells, hex, pieces that a script puts together, text that is shown from
right to left, the coding of folders in mail stores and of names of domains. Each is a reading of the whole text.
"""

import base64
import re
from collections.abc import Iterator

_OCTAL = re.compile(r"(?:\\[0-3][0-7]{2})+")
_STYLE = re.compile(r"\\([0-9a-fA-F]{2,6})[ \t\r\n]?")
_JOINED = re.compile(r"(?<=[\"'`])[ \t\r\n]{0,80}\+[ \t\r\n]{0,80}(?=[\"'`])")
_UTF7 = re.compile(r"[+&]([A-Za-z0-9+/,]{2,})-?")
_DOMAIN = re.compile(r"xn--([a-z0-9-]{1,59})", re.IGNORECASE)
_BACKWARD = re.compile(
    r"\u202e([^\u202c\r\n]{1,2000})|<bdo\b[^<>]{0,200}rtl[^<>]{0,200}>([^<>]{1,2000})", re.IGNORECASE
)
_TAGS = re.compile("[\U000e0020-\U000e007e]")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}(?:(?:[ :;,-]|, )?(?:0x)?(?=[0-9a-fA-F]{2}))?){4,}")
"""Four characters and more; with signs between the bytes, as programs print them."""
_BYTE_MARK = re.compile("0x|[^0-9a-fA-F]")
_DUMPED = re.compile(r"^[0-9a-fA-F]{4,16}(?::| ) ?((?: {0,2}[0-9a-fA-F]{2,8}\b){1,16})", re.MULTILINE)
_LINE = 32
"""Digits of a line of a dump; what follows shows them as letters."""


def written_readings(text: str) -> Iterator[str]:
    """Give readings of a text in which other ways of writing are undone."""
    if "\\" in text:
        yield _OCTAL.sub(_octal, text)
        yield _STYLE.sub(_numbered, text)
    if "+" in text:
        yield _JOINED.sub("", text).replace("''", "").replace('""', "")
    if "+" in text or "&" in text:
        yield _UTF7.sub(_utf7, text)
    if "xn--" in text.lower():
        yield _DOMAIN.sub(_domain, text)
    if "\u202e" in text or "<bdo" in text.lower():
        yield _BACKWARD.sub(lambda match: (match[1] or match[2])[::-1], text)
    if _TAGS.search(text):  # signs that nobody sees, one for each of ASCII
        yield _TAGS.sub(lambda match: chr(ord(match[0]) - 0xE0000), text)
    yield from _hex(text)


def _octal(match: re.Match[str]) -> str:
    """Give what a shell or a PDF writes as numbers of bytes."""
    data = bytes(int(digits, 8) for digits in match[0][1:].split("\\"))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _numbered(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return chr(code) if code <= 0x10FFFF and not 0xD800 <= code < 0xE000 else match[0]


def _utf7(match: re.Match[str]) -> str:
    """Decode what mail stores make of letters in the names of folders (RFC 3501, 5.1.3), and UTF-7 in a text."""
    code = match[1].replace(",", "/")
    data = base64.b64decode(code[: len(code) - (len(code) % 4 == 1)] + "===")
    return data[: len(data) // 2 * 2].decode("utf-16-be", "replace")


def _domain(match: re.Match[str]) -> str:
    try:
        return match[1].encode("ascii").decode("punycode")
    except UnicodeError:  # a name that only looks so
        return match[0]


def _hex(text: str) -> Iterator[str]:
    """Give what stands in a text as hex, in the codings of text; digests and colours say nothing, and do no harm."""
    runs = [_BYTE_MARK.sub("", match[0]) for match in _HEX.finditer(text)]
    runs.append("".join(_BYTE_MARK.sub("", match[1])[:_LINE] for match in _DUMPED.finditer(text)))
    found = [bytes.fromhex(run[at : at + (len(run) - at) // 2 * 2]) for run in runs for at in (0, 1)]
    for coding in ("utf-8", "utf-16-le", "utf-16-be", "cp1252") if any(found) else ():
        yield "\n".join(data.decode(coding, "replace") for data in found)
