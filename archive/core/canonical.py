"""Canonical JSON and the small text codes of FORMAT.md §1.

Hash stored bytes; never re-serialise in order to verify. Canonical form matters when writing, and as a
strictness check when reading: msgspec (like orjson) accepts duplicate names, so a decoded text counts only
if encoding it again gives the same bytes.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from operator import ne
from typing import Any

import msgspec

from archive.errors import FormatError

MAX_DEPTH = 32
MAX_INTEGER = 2**53 - 1
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")

_encoder = msgspec.json.Encoder(order="sorted")


def _no_float(_: str) -> Any:
    raise FormatError("a number that is not an integer")


_decoder = msgspec.json.Decoder(float_hook=_no_float)


def encode(value: Any) -> bytes:
    """Encode to canonical JSON. The caller gives only dicts, lists, strings, integers, booleans and None."""
    return _encoder.encode(value)


def decode(data: bytes) -> Any:
    """Decode canonical JSON, refusing everything that FORMAT.md §1 does not allow.

    Raises:
        FormatError: the bytes are not canonical.
    """
    try:
        value = _decoder.decode(data)
        _check(value, 1)
        if _encoder.encode(value) != data:
            raise FormatError("JSON that is not canonical")
    except (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError) as error:
        raise FormatError("bytes that are not canonical JSON") from error
    return value


def decode_lines(lines: Sequence[bytes]) -> list[Any]:
    """Decode several canonical texts at once, each by itself as strict as ``decode``.

    They are read as one list, which is a third of the work; that each line is the encoding of its own member keeps a
    line from borrowing from its neighbour.

    Raises:
        FormatError: one of them is not canonical.
    """
    try:
        values = _decoder.decode(b"[" + b",".join(lines) + b"]")
        if len(values) != len(lines) or any(map(ne, map(_encoder.encode, values), lines)):
            raise FormatError("JSON that is not canonical")
        for value in values:
            _check(value, 1)
    except (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError) as error:
        raise FormatError("bytes that are not canonical JSON") from error
    return values  # type: ignore[no-any-return]


_good_names: set[str] = set()
"""Names that were found good before, so that the pattern runs once a name; bounded, for names are hostile."""


def _check(value: Any, depth: int) -> None:
    """Check names, integers and depth. Containers recurse; scalars are looked at in place, for speed."""
    if type(value) is dict:
        if not value.keys() <= _good_names:
            for name in value:
                _check_name(name)
        members: Any = value.values()
    elif type(value) is list:
        members = value
    else:
        members = (value,)
    if depth > MAX_DEPTH:
        raise FormatError(f"JSON nested deeper than {MAX_DEPTH}")
    for member in members:
        kind = type(member)
        if kind is str:
            continue
        if kind is dict or kind is list:
            _check(member, depth + 1)
        elif kind is int and not -MAX_INTEGER <= member <= MAX_INTEGER:
            raise FormatError("an integer of 2^53 or more")


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise FormatError("a member name outside [a-z][a-z0-9_]*")
    if len(_good_names) < 4096:
        _good_names.add(name)


def b64u(data: bytes) -> str:
    """Encode as base64url without padding (RFC 4648 §5)."""
    return b64u_bytes(data).decode("ascii")


def b64u_bytes(data: bytes) -> bytes:
    """Encode as ``b64u`` does, and stay with bytes."""
    return binascii.b2a_base64(data, newline=False).translate(_URL_SAFE).rstrip(b"=")


_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def unb64u(text: str, length: int | None = None) -> bytes:
    """Decode base64url without padding, strictly: no foreign characters, unused bits zero.

    Raises:
        FormatError: not base64url, or not of ``length`` bytes.
    """
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise FormatError("text that is not base64url") from error
    if b64u(data) != text or (length is not None and len(data) != length):
        raise FormatError("base64url of the wrong length or form")
    return data


def unhex(text: str, length: int) -> bytes:
    """Decode lower-case hex of exactly ``length`` bytes.

    Raises:
        FormatError: anything else.
    """
    if not isinstance(text, str) or len(text) != 2 * length or not re.fullmatch(r"[0-9a-f]*", text):
        raise FormatError(f"text that is not {length} bytes of lower-case hex")
    return bytes.fromhex(text)


def label(text: str) -> bytes:
    """Give a domain-separating label: the text and a zero byte."""
    return text.encode("ascii") + b"\0"


_ORIGIN = re.compile(r"[a-z0-9](?:[a-z0-9.-]|/(?!/)){1,81}[a-z0-9]/[0-9a-f]{16}")


def check_origin(origin: str) -> str:
    """Return ``origin`` if FORMAT.md §1 allows it.

    Raises:
        FormatError: it does not.
    """
    if not _ORIGIN.fullmatch(origin) or origin.startswith("beleg/"):
        raise FormatError(
            f"{origin[:120]!r} cannot be an origin: a name of a-z 0-9 . - / (3 to 83), a /, 16 hex digits"
        )
    return origin
