"""Dates as people write them, resolved against the day on which a message was sent. No guesser: each form has a rule.

A weekday is the next such day after the day of sending; ``nächste Woche Mittwoch`` lies in the next ISO week; ``KW 12``
is ``YYYY-W12``, with a weekday a day; a month is ``YYYY-MM``; the end of a month, quarter or year is its last day; the
end of a week is its Friday; a day without month or year is the next such day.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from tomllib import loads
from typing import Any

from archive.query.analysis import fold
from archive.statements.date_parts import PAST, Resolver
from archive.statements.date_rules import RESOLVERS, first_of_two
from archive.statements.days_ahead import weekday
from archive.statements.numbers import vocabulary
from archive.statements.written import alternatives, filled


@dataclass(frozen=True, slots=True)
class Day:
    """A date at its place in a text; ``value`` is None where it cannot be resolved (a holiday, no day of sending)."""

    start: int
    end: int
    value: str | None
    last: str | None = None
    """The last day or week of several: ``KW 23/24``."""
    over: bool = False
    """It lies before the day of sending: ``letzten Freitag``."""
    by_name: bool = False
    """It is named by its weekday alone."""


def find_dates(text: str, sent: date | None, *, month_first: bool) -> list[Day]:
    """Give the dates of a text in order, without overlaps.

    Args:
        text: as written.
        sent: the day of sending where the sender is; None: relative dates are found and not resolved.
        month_first: numbers with a slash are month/day, as in the United States.
    """
    found: list[Day] = []
    figures = [match.start() for match in _FIGURES.finditer(text)]
    stands = _standing(text.lower()) | {"digit"} if figures else _standing(text.lower())
    for form in _forms():
        if form.needs <= stands:
            days = (_day(form, match, sent, month_first=month_first) for match in form.matches(text, figures))
            found += [day for day in days if day is not None]
    return list(_in_order(text, _named_twice(text, list(_longest(found)))))


_TO_ITS_DATE = re.compile(r"\s*,?\s*(?:den|dem|der|the|dat|d\.)?\s*", re.IGNORECASE)
_TO_ITS_NAME = re.compile(r"\s*[,(]?\s*")


def _named_twice(text: str, found: Sequence[Day]) -> list[Day]:
    """Give dates with a day that is named and dated as one: *Montag, den 3. Juni* is the third of June."""
    kept: list[Day] = []
    for day in found:
        before = kept[-1] if kept else None
        if before is not None and _is_named(text, before) and _is_dated(text, day):
            joined, value = _TO_ITS_DATE, day.value
        elif before is not None and _is_dated(text, before) and _is_named(text, day):
            joined, value = _TO_ITS_NAME, before.value
        else:
            kept.append(day)
            continue
        if joined.fullmatch(text, before.end, day.start):
            kept[-1] = Day(before.start, day.end, value)
        else:
            kept.append(day)
    return kept


def _is_named(text: str, day: Day) -> bool:
    return day.by_name and not any(c.isdecimal() for c in text[day.start : day.end])


def _is_dated(text: str, day: Day) -> bool:
    if day.value is not None and "W" in day.value:
        return False  # a week has such a day, and is none
    return not day.by_name and day.last is None and any(c.isdecimal() for c in text[day.start : day.end])


_THROUGH = re.compile(r"\s*(?:bis|to|-|–|until|through|till)\s*", re.IGNORECASE)


def _in_order(text: str, found: Sequence[Day]) -> Iterator[Day]:
    """Give dates, the end of a span of weekdays behind its beginning: *Montag bis Mittwoch*, said on a Monday."""
    before: Day | None = None
    for day in found:
        if before is not None and _ends_before(text, before, day):
            later = date.fromisoformat(day.value or "") + timedelta(weeks=1)
            day = replace(day, value=later.isoformat())
        yield day
        before = day


def _ends_before(text: str, first: Day, second: Day) -> bool:
    if first.value is None or second.value is None or not _THROUGH.fullmatch(text, first.end, second.start):
        return False
    return first.by_name and second.by_name and second.value < first.value


def _standing(small: str) -> frozenset[str]:
    """Give the groups of words of which one stands in a text in small letters: of each word it is known by heart."""
    needs = _needs()
    found = {need for need, words in needs.runs.items() if any(word in small for word in words)}
    for word in small.split():
        found |= needs.of(word)
    return frozenset(found)


def _day(form: "_Form", match: re.Match[str], sent: date | None, *, month_first: bool) -> Day | None:
    try:
        value = form.resolve(match, sent, month_first)
    except (ValueError, OverflowError):
        return None  # the 31st of February: no date
    if value == "":
        return None
    end = match.end("d") + 1 if form.resolve is first_of_two else match.end()
    if match.string[end - 1] == "." and match.string[end - 2].isalpha():
        end -= 1  # the point ends a sentence, or the abbreviation of a month: who cuts sentences knows
    if value == PAST:
        return Day(match.start(), end, None, over=True)
    first, _, last = (value or "").partition("/")
    return Day(match.start(), end, first or None, last or None, by_name=form.resolve is weekday)


@dataclass(frozen=True, slots=True)
class _Form:
    """A form of dates, as ``dates.toml`` gives it."""

    needs: frozenset[str]
    pattern: re.Pattern[str]
    resolve: Resolver
    begins_with_figure: bool

    def matches(self, text: str, figures: Sequence[int]) -> Iterator[re.Match[str]]:
        """Give the matches; of a form that begins with a figure, only the places of figures are tried."""
        if not self.begins_with_figure:
            yield from self.pattern.finditer(text)
            return
        for place in figures:
            if match := self.pattern.match(text, place):
                yield match


def _longest(found: list[Day]) -> Iterator[Day]:
    """Drop what lies inside or across a longer one."""
    chosen: list[Day] = []
    for day in sorted(found, key=lambda one: (one.start - one.end, one.start)):
        if all(day.end <= other.start or other.end <= day.start for other in chosen):
            chosen.append(day)
    yield from sorted(chosen, key=lambda one: one.start)


_ENGLISH = ["tues", "weds", "thur", "thurs"]
"""Short names of days that are no other word."""
_LETTERS = re.compile(r"[^\W\d_]+")
_FIGURES = re.compile(r"\d+")


@cache
def _data() -> dict[str, Any]:
    return loads(files("archive.statements").joinpath("lexicon", "dates.toml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class _Needs:
    """Groups of words by name: parts of one word, runs that hold a space, and the words that were looked up before."""

    parts: dict[str, list[str]]
    runs: dict[str, list[str]]
    known: dict[str, frozenset[str]]

    def of(self, word: str) -> frozenset[str]:
        """Give the groups of a word."""
        known = self.known.get(word)
        if known is None:
            # Figures are in no group but with letters: all numbers that are written alike are one.
            same = word if _LETTERS.search(word) else _FIGURES.sub("", word)
            known = self.known.get(same)
            if known is None:
                known = self.known[same] = self._looked_up(same)
        return known

    def _looked_up(self, word: str) -> frozenset[str]:
        if len(self.known) >= _CACHED:
            self.known.clear()
        own = {f"={one}" for one in _LETTERS.findall(word)}
        return frozenset(
            need
            for need, parts in self.parts.items()
            if any(part in word if part[0] != "=" else part in own for part in parts)
        )


_CACHED = 1 << 16


@cache
def _needs() -> _Needs:
    needs: dict[str, list[str]] = _data()["needs"]
    parts = {name: [word for word in words if " " not in word] for name, words in needs.items()}
    runs = {name: [word for word in words if " " in word] for name, words in needs.items()}
    return _Needs(parts, {name: words for name, words in runs.items() if words}, {})


@cache
def _forms() -> tuple[_Form, ...]:
    words = vocabulary()
    data = _data()
    long_months = {name: n for name, n in words.months.items() if len(name) > 3 or name == "mai"}
    long_months.pop("march")  # a word of its own
    short = alternatives({**words.weekdays, **words.short_weekdays})
    parts = {
        **data["parts"],
        "DAY": rf"(?P<weekday>{alternatives(words.weekdays)})",
        "DAY2": rf"(?P<weekday2>{alternatives(words.weekdays)})",
        "SHORT": rf"(?P<weekday>{short})\.?",
        "SHORT2": rf"(?P<weekday2>{short})\.?",
        "ANYDAY": short,
        "SHORT_ENGLISH": rf"(?P<weekday>{alternatives(_ENGLISH)})\.?",
        "MONTHS": alternatives(long_months),
        "MONTH": rf"(?P<month>{alternatives(words.months)})\.?(?![^\W\d_])",
        "NAMED": rf"(?P<month>{alternatives(long_months)})(?![^\W\d_])",
    }
    return tuple(
        _Form(
            frozenset(form["needs"]), re.compile(filled(form["pattern"], parts), re.IGNORECASE),
            RESOLVERS[form["resolve"]], form.get("at") == "digit",
        )
        for form in data["form"]
    )  # fmt: skip


def identifies(text: str, start: int, end: int) -> bool:
    """Say whether a date only names a document: ``Angebot vom 3. Mai``, ``your mail of May 3``."""
    before = fold(text[max(0, start - 14) : start])
    if re.search(r"\b(?:vom|of|dated|from)\s+$", before) is None:
        return False
    return (
        re.match(r"\s*(?:bis|to|until|-|–|on\b(?! the| our| your)|an\b|onwards)", text[end : end + 10])
        is None
    )
