"""The first pass over a chat file: line form, date order, names. Nothing is kept but counts."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from archive.channels.whatsapp_text.contents import starts_like_a_system_line
from archive.channels.whatsapp_text.headers import (
    DateOrder,
    Header,
    OrderEvidence,
    Shape,
    decide_order,
    parse_header,
)
from archive.reading.decoding import decode, matching
from archive.reading.lines import Line, read_lines, read_wide_lines

NAME_LENGTH = 120
_NAMES = 20_000
_SHAPES = 500
_LOOK_AT = 4000
_RARE = 10
"""A form that less than one header in ten has is text that looks like a header."""
_SPLIT = re.compile(r": |:$")
_ATTACHED_TEXT = re.compile(r"([^/\\:<>\n]{1,200}\.txt)(?:>| \()")


@dataclass(slots=True)
class Survey:
    """What the whole file tells."""

    evidence: dict[Shape, OrderEvidence] = field(default_factory=dict)
    names: Counter[str] = field(default_factory=Counter)
    """How often each possible author stands before a colon, in the form for matching."""
    speaking: set[str] = field(default_factory=set)
    """Possible authors, in the form for matching, of whom a line does not begin like a system line of iOS."""
    attached_texts: set[str] = field(default_factory=set)
    """Names of text files that messages name as attachments: they are no chats themselves."""
    orders: dict[Shape, DateOrder] = field(default_factory=dict)
    beginning: list[str] = field(default_factory=list)
    """The first time as written and the first two names: they stay when the chat grows."""

    def header(self, line: str) -> Header | None:
        """The header of a line, if it is one in this file."""
        found = parse_header(line)
        if found and found.shape in self.orders and self.local_order(found):
            return found
        return None

    def local_order(self, header: Header) -> DateOrder | None:
        """The date order of one header; the other one where only that gives a day; None where none does."""
        order = self.orders[header.shape]
        if header.local(order.order):
            return order
        for other in ("day", "month"):
            if not header.shape.year_first and header.local(other):
                return DateOrder(other, "inferred")
        return None

    @property
    def people(self) -> int:
        """How many authors there seem to be."""
        return len({name.split(": ")[0] for name in self.names})


def survey_chat(stream: BinaryIO) -> Survey:
    """Read the whole stream once."""
    survey = Survey()
    for line, text in decoded_lines(stream):
        header = parse_header(text) if line.whole else None
        if header is None:
            continue
        if header.shape not in survey.evidence and len(survey.evidence) >= _SHAPES:
            continue
        survey.evidence.setdefault(header.shape, OrderEvidence()).add(header)
        if not survey.beginning:
            survey.beginning.append(matching(header.written).strip())
        _note_names(survey, matching(text[header.length :]).strip())
        name, colon, said = text[header.length : header.length + NAME_LENGTH + 2].partition(": ")
        if colon and not starts_like_a_system_line(said) and len(survey.speaking) < _NAMES:
            survey.speaking.add(matching(name).strip())
        if ".txt" in text:
            survey.attached_texts.update(
                matching(name).strip() for name in _ATTACHED_TEXT.findall(text[:_LOOK_AT])
            )
    total = sum(evidence.count for evidence in survey.evidence.values())
    for shape, evidence in survey.evidence.items():
        if evidence.count * _RARE >= total:
            survey.orders[shape] = decide_order(shape, evidence)
    return survey


def decoded_lines(stream: BinaryIO, cap: int | None = None) -> Iterator[tuple[Line, str]]:
    """Lines with their text. Each line is decoded by itself: a wrong byte spoils one line, not the file."""
    wide = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}.get(stream.read(2))
    if wide:
        for line in read_wide_lines(stream, wide, 2):
            yield line, line.data.decode(wide, "replace")
        return
    stream.seek(0)
    for line in read_lines(stream) if cap is None else read_lines(stream, cap=cap):
        try:
            yield line, line.data.decode("utf-8")
        except UnicodeDecodeError:
            yield line, decode(line.data).text


def _note_names(survey: Survey, rest: str) -> None:
    """Count each beginning of the line that ends before a colon; names may contain colons themselves."""
    for number, split in enumerate(list(_SPLIT.finditer(rest, 0, NAME_LENGTH + 2))[:4]):
        name = rest[: split.start()]
        if "<" in name:  # the tag of an attachment brings a colon too
            break
        if number == 0 and len(survey.beginning) < 3 and name not in survey.beginning:
            survey.beginning.append(name)
        if name in survey.names or len(survey.names) < _NAMES:
            survey.names[name] += 1
