"""What RSMF and batched mail have in common: a slice as a mail (RFC 5322) whose bytes depend on the slice alone."""

import base64
from collections.abc import Iterable
from email.header import Header
from email.utils import format_datetime, formataddr
from typing import BinaryIO

from archive.exporters.slices import Slice, span
from archive.exporters.visible import one_line

PIECE = 57 * 16_384
"""Bytes read at once: whole lines of base64."""


def address(name: str, number: int) -> str:
    """Give a participant as an address; nobody answers there."""
    return formataddr((encoded(name), f"p{number}@participant.invalid"))


def head(cut: Slice, more: dict[str, str], addresses: list[str], subject: str, boundary: str) -> bytes:
    """Give the header of a mail of several parts."""
    times = span(cut.items, "UTC")
    fields = dict(more)
    if times is not None:
        fields["Date"] = format_datetime(times[0])
    fields |= {
        "From": addresses[0],
        "To": ",\r\n ".join(addresses),
        "Subject": encoded(f"{subject}, {cut.label}"),
        "Message-ID": f"<{boundary}@beleg.invalid>",
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/mixed; boundary="{boundary}"',
    }
    return "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode() + b"\r\n"


def write_part(out: BinaryIO, boundary: str, fields: Iterable[str], content: BinaryIO) -> None:
    """Write a part in base64, as it is read."""
    lines = [f"--{boundary}", *fields, "Content-Transfer-Encoding: base64", "", ""]
    out.write("\r\n".join(lines).encode())
    while piece := content.read(PIECE):
        out.write(base64.encodebytes(piece).replace(b"\n", b"\r\n"))


def encoded(text: str) -> str:
    """Give a header value: as it is in ASCII, else by RFC 2047; one line in any case."""
    text = one_line(text)
    return text if text.isascii() else Header(text, "utf-8", maxlinelen=900).encode(linesep="")
