"""Header fields of a mail as text: raw bytes, encoded words (RFC 2047), addresses (RFC 5322 §3.4)."""

import binascii
import re
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses
from functools import lru_cache

from archive.reading.decoding import decode
from schemas.item import Actor, Key

_FOLD = re.compile(r"\r?\n[ \t]*|\r")
_CHARSETS = {"unicode-1-1-utf-7": "utf-7", "x-gbk": "gbk", "utf8mb4": "utf-8", "iso-8859-8-i": "iso-8859-8",
             "x-unknown": "utf-8", "x-sjis": "shift_jis", "cp-850": "cp850", "ansi_x3.110-1983": "cp1252",
             "iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252"}  # fmt: skip
"""Names that mean another charset in practice; ISO 8859-1 is read as cp1252 everywhere (WHATWG Encoding
§4.2)."""
_ADDRESS = re.compile(r"[^@\s<>\"]{1,128}@[^@\s<>\"]{1,255}")
_LONGEST_LIST = 200_000


class Fields:
    """The fields of one mail in order; a name in lower case may occur several times."""

    def __init__(self, message: "Message[str, str]") -> None:
        self._fields: dict[str, list[str]] = {}
        for name, value in message.raw_items():
            self._fields.setdefault(name.lower(), []).append(raw_text(str(value)))

    def first(self, name: str) -> str | None:
        """The first field of a name, unfolded, encoded words as they stand."""
        return next(iter(self._fields.get(name, ())), None)

    def all(self, name: str) -> list[str]:
        """All fields of a name."""
        return list(self._fields.get(name, ()))

    def __len__(self) -> int:
        return len(self._fields)

    def names(self) -> set[str]:
        """The names that occur."""
        return set(self._fields)


def raw_text(value: str) -> str:
    """A field as the parser of the standard library gives it (bytes as surrogates), decoded and unfolded."""
    if not value.isascii():
        if _escaped(value):
            value = decode(value.encode("ascii", "surrogateescape")).text
        else:
            value = value.encode("utf-8", "replace").decode("utf-8")
    return (_FOLD.sub(" ", value) if "\n" in value or "\r" in value else value).strip()


def _escaped(value: str) -> bool:
    return all(char < "\x80" or "\udc80" <= char <= "\udcff" for char in value)


def words(value: str | None) -> str | None:
    """Encoded words decoded; what cannot be decoded stays as written."""
    if value is None or "=?" not in value:
        return value
    try:
        parts = decode_header(value)
    except (HeaderParseError, binascii.Error, ValueError, LookupError):
        return value
    return "".join(part if isinstance(part, str) else text_of(part, charset)[0] for part, charset in parts)


def text_of(data: bytes, charset: str | None) -> tuple[str, bool]:
    """Decode by a declared charset; tells whether it was unknown or did not fit."""
    name = (charset or "us-ascii").strip(" \"'").lower()
    name = _CHARSETS.get(name, name)
    if name in ("us-ascii", "ascii", "ansi_x3.4-1968", "utf-8", "utf8"):
        decoded = decode(data)
        return decoded.text, not data.isascii() and (decoded.encoding != "utf-8" or "utf" not in name)
    decoded = decode(data, name)
    return decoded.text, decoded.encoding != name


def actors(fields: list[str]) -> list[Actor]:
    """The mailboxes of address fields. Lists are taken apart before encoded words are decoded (RFC 2047
    §5)."""
    return [actor for value in fields for actor in _actors(value[:_LONGEST_LIST])]


@lru_cache(maxsize=1024)
def _actors(value: str) -> tuple[Actor, ...]:
    """One field. A mailbox repeats the same fields over and over, and the parser is slow."""
    found = []
    try:
        listed = getaddresses([value])
    except (RecursionError, ValueError, IndexError, TypeError, AttributeError):
        listed = [(value, "")]
    for name, address in listed:
        written = (words(name) or "").strip() or None
        address = address.strip()
        if not _ADDRESS.fullmatch(address):
            hidden = _ADDRESS.search(f"{name} {address}")
            if hidden is None:
                if written or address:
                    found.append(Actor(written=written or words(address)))
                continue
            address = hidden[0]
        found.append(Actor(account=mail_key(address), written=written, handle=address))
    return tuple(found)


def mail_key(address: str) -> Key:
    """The key of a mail account: its address in lower case, which nobody tells apart in practice."""
    return Key(channel="email", scope="", id=address.lower())
