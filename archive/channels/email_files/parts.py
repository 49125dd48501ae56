"""The parts of a mail: the words for reading, the native body, the attachments (RFC 2045, 2046, 2183, 2231,
3676)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from email.utils import collapse_rfc2231_value
from typing import Literal

from archive.channels.email_files.headers import raw_text, text_of, words
from archive.reading.html_text import html_to_text
from archive.reading.media_types import media_type_of
from archive.reading.said_only import said_only
from schemas.item import Body

_DEPTH = 30
Part = "Message[str, str]"


@dataclass(slots=True)
class File:
    """An attachment: its bytes decoded."""

    number: str
    """The part's place as IMAP counts it: ``2.1``."""
    name: str | None
    media_type: str
    role: Literal["file", "inline", "image", "mail"]
    data: bytes


@dataclass(slots=True)
class Reading:
    """What the parts of one mail give."""

    texts: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)
    leaves: list[tuple[str, bytes]] = field(default_factory=list)
    """Type and decoded bytes of each leaf, line ends made equal: what the body digest is taken over."""
    text_from: str = "text/plain"

    def text(self) -> str:
        """The words: plain text where there is some, with the lines that say more in HTML alone; else the HTML's.

        The two are to say the same (RFC 2046 §5.1.4), and programs show the HTML; nothing makes a sender keep to it.
        """
        plain = "\n".join(self.texts)
        if not self.html:
            return plain
        shown = "\n".join(html_to_text(source) for source in self.html)
        if not plain.strip():
            self.text_from = "text/html"
            return shown
        more = list(said_only(shown, plain))
        if more:
            self.text_from = "text/plain, and what only text/html says"
        return "\n".join((plain, *more))

    def body(self) -> Body | None:
        """The native form: HTML where there is one."""
        if self.html:
            return Body(type="text/html", content="\n".join(self.html))
        return Body(type="text/plain", content="\n".join(self.texts)) if self.texts else None


def read_parts(message: "Message[str, str]", linesep: str) -> Reading:
    """Go through the parts in order."""
    reading = Reading()
    for number, part in _leaves(message, "", 0):
        reading.defects += [type(defect).__name__ for defect in part.defects]
        _leaf(reading, number, part, linesep)
    return reading


def _leaves(part: "Message[str, str]", number: str, depth: int) -> "Iterator[tuple[str, Message[str, str]]]":
    children = part.get_payload()
    if part.get_content_maintype() != "multipart" or not isinstance(children, list) or depth > _DEPTH:
        yield number or "1", part
        return
    if part.defects:
        yield number or "0", _only_defects(part)
    for index, child in enumerate(children, 1):
        if isinstance(child, Message):
            yield from _leaves(child, f"{number}.{index}" if number else str(index), depth + 1)


def _only_defects(part: "Message[str, str]") -> "Message[str, str]":
    """A stand-in that carries the defects of a container and nothing else."""
    stand_in: Message[str, str] = Message()
    stand_in["Content-Type"] = "multipart/x-defects"
    stand_in.defects = part.defects
    return stand_in


def _leaf(reading: Reading, number: str, part: "Message[str, str]", linesep: str) -> None:
    kind = part.get_content_type()
    if kind == "multipart/x-defects":
        return
    data = _data(part, linesep)
    if not data and kind.startswith("multipart/"):
        return
    reading.leaves.append((kind, _without_trailing_space(data)))
    told = _parameters(part, "content-type")
    name = _file_name(_parameters(part, "content-disposition"), told)
    attached = _disposition(part) == "attachment" or name is not None
    charset = told.get("charset")
    declared = collapse_rfc2231_value(charset) if charset is not None else None
    if (kind == "text/plain" or kind.startswith("multipart/")) and not attached:
        text, odd = text_of(data, declared)
        text = text.replace("\r\n", "\n")
        if str(told.get("format", "")).lower() == "flowed":
            text = unflowed(text, delete_space=str(told.get("delsp", "")).lower() == "yes")
        reading.texts.append(text.replace("\x00", "\ufffd"))
    elif kind == "text/html" and not attached:
        text, odd = text_of(data, declared)
        reading.html.append(text.replace("\x00", "\ufffd"))
    else:
        odd = False
        if kind == "application/octet-stream" and name:
            kind = media_type_of(name) or kind
        reading.files.append(File(number, name, kind, _role(part, kind), data))
    if odd:
        reading.defects.append(f"charset {raw_text(declared or 'us-ascii')[:40]}")


def _without_trailing_space(data: bytes) -> bytes:
    """What transport may change at line ends is left away."""
    return b"\n".join(line.rstrip() for line in data.split(b"\n")).rstrip()


def _data(part: "Message[str, str]", linesep: str) -> bytes:
    """The decoded bytes; of an attached mail its own bytes, with the line ends of the outer one."""
    payload = part.get_payload()
    if isinstance(payload, list):  # message/rfc822 holds one, message/delivery-status several
        inner = [child for child in payload if isinstance(child, Message)]
        return b"".join(
            child.as_bytes(policy=child.policy.clone(linesep=linesep, max_line_length=None))
            for child in inner
        )
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _disposition(part: "Message[str, str]") -> str:
    value = part.get("Content-Disposition")
    return str(value).partition(";")[0].strip().lower() if value is not None else ""


def _role(part: "Message[str, str]", kind: str) -> Literal["file", "inline", "image", "mail"]:
    if kind.startswith("message/"):
        return "mail"
    if part.get("Content-ID") is not None and _disposition(part) != "attachment":
        return "inline"
    return "image" if kind.startswith("image/") else "file"


Parameters = dict[str, str | tuple[str | None, str | None, str]]


def _parameters(part: "Message[str, str]", header: str) -> Parameters:
    """The parameters of a field, read once; of a name that occurs twice the first."""
    found = part.get_params((), header) if header in part else ()
    return {name.lower(): value for name, value in reversed(list(found))}


def _file_name(disposition: Parameters, kind: Parameters) -> str | None:
    """The name by RFC 2183 and 2231, or in encoded words as many programs write it against the rules."""
    for value in (disposition.get("filename"), kind.get("name")):
        if value:
            try:
                name = collapse_rfc2231_value(value)
            except (LookupError, ValueError, TypeError):
                name = value if isinstance(value, str) else str(value[2])
            return words(raw_text(name))
    return None


def unflowed(text: str, *, delete_space: bool) -> str:
    """Join the soft line breaks of format=flowed (RFC 3676 §4); quoted lines join only with equals."""
    out: list[tuple[int, list[str]]] = []
    soft = False
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        words_ = line[depth:].removeprefix(" ")
        flows = words_.endswith(" ") and words_ != "-- "
        kept = words_[:-1] if flows and delete_space else words_
        if soft and out[-1][0] == depth and words_ != "-- ":
            out[-1][1].append(kept)
        else:
            out.append((depth, [kept]))
        soft = flows
    return "\n".join((">" * depth + " " if depth else "") + "".join(pieces) for depth, pieces in out)
