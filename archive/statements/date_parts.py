"""What the rules of dates share."""

import re
from collections.abc import Callable
from datetime import date, timedelta

from archive.query.analysis import fold
from archive.statements.numbers import vocabulary

PAST = "past"
"""What a rule gives for a day that is over."""

Resolver = Callable[[re.Match[str], date | None, bool], str | None]


def days_on(sent: date | None, days: int) -> str | None:
    """Give the day so many days on; None where the day of sending is not known."""
    return None if sent is None else (sent + timedelta(days=days)).isoformat()


def number_of(table: dict[str, int], word: str | None) -> int:
    """Give the number of a day or month by its name; raise ValueError for another word."""
    folded = fold(word or "").strip(". ")
    for known, value in table.items():
        if known == folded:
            return value
    raise ValueError(word)


def weekday_of(word: str | None) -> int:
    """Give the number of a weekday, 1 for Monday, by its long or short name; raise ValueError for another word."""
    words = vocabulary()
    return number_of({**words.weekdays, **words.short_weekdays}, word)


def week_of(day: date) -> str:
    """Give the ISO week of a day: ``2024-W23``."""
    iso = day.isocalendar()
    return f"{iso.year:04}-W{iso.week:02}"


def last_day(year: int, month: int) -> date:
    """Give the last day of a month."""
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def is_end(edge: str | None) -> bool:
    """Say whether the words before a month, quarter or week mean its end."""
    return bool(edge) and fold(edge or "").strip().startswith(("end", "late", "the end"))


def month_on(sent: date, months: int) -> tuple[int, int]:
    """Give the year and the month so many months on."""
    count = sent.year * 12 + sent.month - 1 + months
    return count // 12, count % 12 + 1
