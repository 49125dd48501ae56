"""The header of a line in a WhatsApp chat export: its forms, and the date order, which only the whole file
tells.

No specification exists. Forms seen: ``[03.02.25, 09:14:05] `` (iOS), ``03.02.25, 09:14 - `` (Android),
separators ``/ . -`` and space, two or four digits of year, 12 hours with AM/PM in several spellings.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from archive.reading.decoding import INVISIBLE, SPACES

_I = f"[{INVISIBLE}]*"
_S = f"[ {SPACES}]"
_HALF = rf"[AaPp]\.?{_S}?[Mm]\.?|上午|下午|午前|午後|오전|오후|ص|م|[πμ]\.?μ\.?"
_HEADER = re.compile(
    rf"{_I}(?P<open>\[)?{_I}(?P<written>"
    rf"(?P<first>\d{{1,4}})(?P<sep>[./-]{_S}?|{_S})(?P<second>\d{{1,2}})(?P=sep)(?P<third>\d{{1,4}})\.?"
    rf"(?P<comma>[,،]?){_S}{{1,2}}(?:(?P<before>{_HALF}){_S}?)?"
    rf"(?P<hour>\d{{1,2}})[:.](?P<minute>\d{{2}})(?:[:.](?P<second_of>\d{{2}}))?"
    rf"(?:[_ {SPACES}]?(?P<half>{_HALF}))?)"
    rf"{_I}(?(open)\]{_S}?|{_S}[-\u2013\u2014](?:{_S}|$))"
)
_AFTER_NOON = re.compile(r"[Pp].*|下午|午後|오후|م|μ.*")
_DATE_DIGITS = {(4, 1), (4, 2), (1, 2), (2, 2), (1, 4), (2, 4)}
"""Digits of the first and the last number of a date: one of them is a year of two or four digits."""
Order = Literal["day", "month", "year"]
"""What stands first in a date."""


class Shape(NamedTuple):
    """What all headers of one export have in common: an app writes one form into one file."""

    bracket: bool
    separator: str
    comma: bool
    seconds: bool
    halves: bool
    year_digits: int
    year_first: bool


@dataclass(frozen=True, slots=True)
class Header:
    """A line's header as found; which number is the day is not decided here."""

    written: str
    first: int
    second: int
    third: int
    hour: int
    minute: int
    second_of: int | None
    shape: Shape
    length: int
    """Characters of the line that the header takes."""

    def local(self, order: Order) -> datetime | None:
        """The local time under a date order; None if there is no such day."""
        if order == "year":
            year, month, day = self.first, self.second, self.third
        elif order == "month":
            month, day, year = self.first, self.second, self.third
        else:
            day, month, year = self.first, self.second, self.third
        if year < 100:
            year += 2000
        try:
            return datetime(year, month, day, self.hour, self.minute, self.second_of or 0)  # noqa: DTZ001
        except ValueError:
            return None


def parse_header(line: str) -> Header | None:
    """The header at the start of a line, if there is one with a possible time of day."""
    match = _HEADER.match(line)
    if not match:
        return None
    first, second, third = match["first"], match["second"], match["third"]
    hour, minute = int(match["hour"]), int(match["minute"])
    half = match["half"] or match["before"]
    if half:
        hour = _hours_of_day(hour, bool(_AFTER_NOON.fullmatch(half)))
    if hour > 23 or minute > 59 or int(match["second_of"] or 0) > 59:
        return None
    year_first = len(first) > 2
    if (len(first), len(third)) not in _DATE_DIGITS:
        return None
    return Header(
        written=match["written"],
        first=int(first),
        second=int(second),
        third=int(third),
        hour=hour,
        minute=minute,
        second_of=int(match["second_of"]) if match["second_of"] else None,
        shape=Shape(
            bracket=match["open"] is not None,
            separator=match["sep"][:1].strip() or " ",
            comma=bool(match["comma"]),
            seconds=match["second_of"] is not None,
            halves=half is not None,
            year_digits=len(first) if year_first else len(third),
            year_first=year_first,
        ),
        length=match.end(),
    )


def _hours_of_day(hour: int, after_noon: bool) -> int:
    if after_noon:
        return hour if hour >= 12 else hour + 12
    return 0 if hour == 12 else hour


@dataclass(slots=True)
class OrderEvidence:
    """What the headers of one shape tell of the date order."""

    count: int = 0
    day_first: int = 0
    """Headers that are possible only with the day first."""
    month_first: int = 0
    backward_day: int = 0
    """How often time ran backward, read with the day first."""
    backward_month: int = 0
    _last_day: datetime | None = None
    _last_month: datetime | None = None

    def add(self, header: Header) -> None:
        """Take one header into account."""
        self.count += 1
        by_day, by_month = header.local("day"), header.local("month")
        self.day_first += by_month is None
        self.month_first += by_day is None
        if by_day:
            self.backward_day += self._last_day is not None and by_day < self._last_day
            self._last_day = by_day
        if by_month:
            self.backward_month += self._last_month is not None and by_month < self._last_month
            self._last_month = by_month


@dataclass(frozen=True, slots=True)
class DateOrder:
    """The order for one shape, and how it was found; ``assumed`` if the file does not tell."""

    order: Order
    found: Literal["decided", "inferred", "assumed"]


def decide_order(shape: Shape, evidence: OrderEvidence) -> DateOrder:
    """By impossible dates first, then by time running forward, then by custom (12 hours and ``/``: month
    first)."""
    if shape.year_first:
        return DateOrder("year", "decided")
    if evidence.day_first or evidence.month_first:
        return DateOrder("day" if evidence.day_first >= evidence.month_first else "month", "decided")
    if shape.separator == ".":
        return DateOrder("day", "decided")
    if evidence.backward_day != evidence.backward_month:
        forward = "day" if evidence.backward_day < evidence.backward_month else "month"
        return DateOrder("day" if forward == "day" else "month", "inferred")
    return DateOrder("month" if shape.halves and shape.separator == "/" else "day", "assumed")
