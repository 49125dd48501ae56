"""The fields of the query language: ``name:value`` to a node. Whatever is not listed is refused."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal, get_args

from archive.query import leaves
from archive.query.amounts import asked
from archive.query.document import HAS, mark
from archive.query.fuzzy import Fuzzy
from archive.query.languages import codes
from archive.query.plan import (
    FieldName,
    Grouped,
    In,
    Node,
    Or,
    Period,
    Phrase,
    Reference,
    Term,
    Wildcard,
)
from schemas.item import Event, Form

_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?|(\d{1,2})\.(\d{1,2})\.(\d{4})")
_YES = {"yes": "yes", "ja": "yes", "true": "yes", "no": "no", "nein": "no", "false": "no"}

STREAMS: dict[str, tuple[FieldName, ...]] = {
    "from": ("author",),
    "to": ("recipients",),
    "with": ("author", "recipients"),
    "account": ("author", "recipients", "via"),
    "thread": ("thread",),
    "filename": ("filename",),
}
"""Fields that hold names, handles and addresses: exact words in order; ``*``, ``?`` and ``%`` allowed.

A long number, a telephone's, is found in whatever groups it is written, also in quotes where it has spaces.
"""


def field(name: str, value: str, *, quoted: bool, zone: tzinfo) -> Node:
    """Return the node of one field. Raise ``leaves.Refused`` with what is allowed."""
    if name in STREAMS:
        return _stream(STREAMS[name], value, quoted=quoted)
    if name not in _READERS:
        raise leaves.Refused(f"there is no field {name!r}; text with a colon goes in quotes")
    if not value.strip():
        raise leaves.Refused(f"{name}: needs a value directly after the colon")
    if name == "id" and not quoted and set(value) & set("*?"):
        raise leaves.Refused(
            "id: takes a whole id as the platform writes it; one with * or ? in it goes in quotes"
        )
    return _READERS[name](value.strip(), zone)


def _stream(streams: tuple[FieldName, ...], value: str, *, quoted: bool) -> Node:
    if not value.strip():
        raise leaves.Refused("the field needs a word or a quoted phrase directly after the colon")
    leaf: Term | Wildcard | Phrase | Fuzzy | Grouped
    if not quoted and value[0] == "%":
        leaf = leaves.fuzzy(value)
    elif not quoted and ("*" in value or "?" in value):
        leaf = leaves.pattern(value)
    elif (not quoted or " " in value) and (number := leaves.code(value)) is not None and number.isdigit():
        leaf = Grouped(number)
    else:
        leaf = leaves.exact(value)
    found = tuple(In(stream, leaf) for stream in streams)
    return found[0] if len(found) == 1 else Or(found)


def _one_of(name: str, value: str, allowed: frozenset[str]) -> Node:
    if value.lower() not in allowed:
        raise leaves.Refused(f"{name}: takes one of {', '.join(sorted(allowed))}")
    return In("marks", Term(mark(name, value.lower())))


def _flag(name: str, value: str) -> Node:
    if value.lower() not in _YES:
        raise leaves.Refused(f"{name}: takes yes or no")
    return In("marks", Term(mark(name, _YES[value.lower()])))


def _amount(value: str) -> Node:
    found = asked(value)
    if found is None:
        raise leaves.Refused("an amount is asked for like 1250  1.250,50€  >1000  <=5000EUR  1000..2000")
    return In("amounts", found)


def _reference(name: Literal["matter", "hold", "source", "statement"], value: str) -> Node:
    if name == "source":
        return Reference(name, value)
    written = r"[\w-]{1,40}(?:/[\w-]{1,40})?" if name == "statement" else r"[\w-]{1,40}"
    if not re.fullmatch(written, value):
        if name == "statement":
            raise leaves.Refused(
                "statement: takes a kind, as in statement:warranty or statement:warranty/promised"
            )
        raise leaves.Refused(f"{name}: takes a number like {name[0].upper()}-1")
    return Reference(name, value)


def _span(value: str, zone: tzinfo) -> tuple[int, int]:
    """Return the day, month or year as [start, end) in Unix seconds, by the calendar of ``zone``."""
    match = _DATE.fullmatch(value)
    if not match:
        raise leaves.Refused("a date is a day, month or year: 2021-03-31, 31.03.2021, 2021-03 or 2021")
    year = int(match[1] or match[6])
    month, day = (int(part) if part else None for part in (match[2] or match[5], match[3] or match[4]))
    try:
        start = datetime(year, 1 if month is None else month, 1 if day is None else day, tzinfo=zone)
        if day is not None:
            end = start + timedelta(days=1)
        elif month is not None:
            end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=zone)
        else:
            end = datetime(year + 1, 1, 1, tzinfo=zone)
        first, after = start.astimezone(UTC), end.astimezone(UTC)  # both within the years 1 to 9999
        return int(first.timestamp()), int(after.timestamp())
    except (ValueError, OverflowError):
        raise leaves.Refused("there is no such date") from None


_READERS: dict[str, Callable[[str, tzinfo], Node]] = {
    "source": lambda value, _: _reference("source", value.casefold()),
    "channel": lambda value, _: In("marks", Term(mark("channel", value.casefold()))),
    "kind": lambda value, _: _one_of("kind", value, frozenset((*get_args(Event), *get_args(Form)))),
    "has": lambda value, _: _one_of("has", value, HAS),
    "lang": lambda value, _: _one_of("lang", value, codes()),
    "id": lambda value, _: In("marks", Term(mark("id", value))),
    "matter": lambda value, _: _reference("matter", value.upper()),
    "hold": lambda value, _: _reference("hold", value.upper()),
    "statement": lambda value, _: _reference("statement", value.lower()),
    "amount": lambda value, _: _amount(value),
    "edited": lambda value, _: _flag("edited", value),
    "deleted": lambda value, _: _flag("deleted", value),
    "before": lambda value, zone: Period(None, _span(value, zone)[0]),
    "after": lambda value, zone: Period(_span(value, zone)[1], None),
    "on": lambda value, zone: Period(*_span(value, zone)),
}

ALLOWED = "allowed: " + " ".join(f"{name}:" for name in (*STREAMS, *_READERS))
