"""Rules of days that are counted from the day of sending: *am Freitag*, *nächste Woche*, *heute in zwei Wochen*.

Each takes the match, the day of sending, and whether months come first, as ``date_rules`` says.
"""

import re
from datetime import date, timedelta

from archive.query.analysis import fold
from archive.statements.date_parts import PAST, days_on, is_end, last_day, month_on, week_of, weekday_of
from archive.statements.numbers import value_of, vocabulary


def next_week_day(match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    """Give a day of the next week, or of the one after it."""
    if sent is None:
        return None
    groups = match.groupdict()
    number = weekday_of(groups.get("weekday") or groups.get("weekday2"))
    monday = sent - timedelta(days=sent.weekday()) + timedelta(weeks=2 if groups.get("which") else 1)
    return (monday + timedelta(days=number - 1)).isoformat()


def next_week(match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    """Give the next week, or the one after it; its Friday where its end is meant."""
    if sent is None:
        return None
    day = sent + timedelta(weeks=2 if match["which"] else 1)
    if is_end(match["edge"]):
        return (day + timedelta(days=5 - day.isoweekday())).isoformat()
    return week_of(day)


def this_week(match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    """Give the week of sending; its Friday where its end is meant."""
    if not match["edge"] and fold(match[0]).startswith(("der", "the")):
        return ""
    if sent is None:
        return None
    if is_end(match["edge"]):
        return friday(match, sent, _first)
    return week_of(sent)


def friday(_match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    """Give the Friday of the week."""
    return None if sent is None else (sent + timedelta(days=(4 - sent.weekday()) % 7)).isoformat()


def weekday(match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    """Give the next such day after the day of sending."""
    if sent is None:
        return None
    return days_on(sent, _ahead(sent, match["weekday"]))


def _ahead(sent: date, name: str) -> int:
    """Give in how many days the next such day is; the day of sending is none."""
    return (weekday_of(name) - sent.isoweekday()) % 7 or 7


def past(match: re.Match[str], _sent: date | None, _first: bool) -> str | None:
    """Say that a day is over; *the last Friday of the month* is not, nor can be told which it is."""
    behind = match.string[match.end() :].lstrip().lower()
    return None if behind.startswith(("im ", "in ", "of ", "des ", "vor ", "before ")) else PAST


def day_after_weeks(match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    """Give a day some weeks on: *heute in zwei Wochen*, *a week on Friday*, *Friday week*."""
    groups = match.groupdict()
    count: float | None = 1
    if word := groups.get("n"):
        count = 1 if fold(word) == "a" else value_of(word)
    if count is None or count != int(count):
        return ""
    days = int(count) * (1 if fold(groups.get("unit") or "w")[0] in "td" else 7)
    days = 14 if groups.get("fortnight") else days
    if sent is None:
        return None
    if groups["today"] or groups["tomorrow"]:
        return days_on(sent, days + bool(groups["tomorrow"]))
    if groups.get("unit") and fold(groups["unit"])[0] in "td":
        days = {7: 7, 8: 7, 14: 14, 15: 14}.get(days, 0)  # *Montag in acht Tagen* is the Monday after
    if not days:
        return ""
    return days_on(sent, _ahead(sent, match["weekday"]) + days)


def weekday_after_next(match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    """Give the second such day after the day of sending."""
    if sent is None:
        return None
    return days_on(sent, _ahead(sent, match["weekday"] or match["weekday2"]) + 7)


def week_after_next(_match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    """Give the week after the next."""
    return None if sent is None else week_of(sent + timedelta(weeks=2))


def from_today(match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    """Give the day so many days, weeks or months on."""
    word = fold(match["n"])
    count = int(word) if word.isdecimal() and len(word) < 4 else vocabulary().numbers.get(word, 0)
    if not count:
        return ""
    if sent is None:
        return None
    unit = fold(match["unit"])[0]
    if unit == "m":
        year, month = month_on(sent, count)
        return date(year, month, min(sent.day, last_day(year, month).day)).isoformat()
    return days_on(sent, count * (7 if unit == "w" else 1))


def today(_match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    """Give the day of sending."""
    return days_on(sent, 0)


def tomorrow(_match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    """Give the day after."""
    return days_on(sent, 1)


def after_tomorrow(_match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    """Give the day after tomorrow."""
    return days_on(sent, 2)
