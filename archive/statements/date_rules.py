"""What a form of a date means on the day of sending. A rule takes the match, that day, and whether months come first.

None: there is a date, and it cannot be told which; "": it is none after all. ValueError: there is no such day.
"""

import re
from collections.abc import Callable
from datetime import date, timedelta

from archive.query.analysis import fold
from archive.statements.numbers import vocabulary

Resolver = Callable[[re.Match[str], date | None, bool], str | None]


def _plus(sent: date | None, days: int) -> str | None:
    return None if sent is None else (sent + timedelta(days=days)).isoformat()


def _number(table: dict[str, int], word: str | None) -> int:
    folded = fold(word or "").strip(". ")
    for known, value in table.items():
        if known == folded:
            return value
    raise ValueError(word)


def _full_year(text: str | None) -> int | None:
    return None if text is None else int(text) + (2000 if len(text) == 2 else 0)


def _dated(day: int, month: int, year: int | None, sent: date | None) -> str | None:
    """Give a day; without a year the next one, from the day of sending on."""
    if year is None:
        if sent is None:
            date(2024, month, day)
            return None
        found = date(sent.year, month, day)
        return (found if found >= sent else date(sent.year + 1, month, day)).isoformat()
    return date(year, month, day).isoformat()


def _numeric(match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    year = _full_year(match.groupdict().get("year"))
    return _dated(int(match["d"]), int(match["m"]), year, sent)


def _slash(match: re.Match[str], sent: date | None, month_first: bool) -> str | None:
    first, second = int(match["d"]), int(match["m"])
    if first == 24 and second == 7:
        return ""  # round the clock
    day, month = (second, first) if month_first or second > 12 else (first, second)
    return _dated(day, month, _full_year(match["year"]), sent)


def first_of_two(match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    """Give the first of two days that share their month: ``3. bis 7. Juni``."""
    month = int(match["m"]) if match["m"] else _number(vocabulary().months, match["month"])
    return _dated(int(match["d"]), month, None, sent)


def _named_day(match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    month = _number(vocabulary().months, match["month"])
    return _dated(int(match["d"]), month, _full_year(match["year"]), sent)


def _last(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _is_end(edge: str | None) -> bool:
    return bool(edge) and fold(edge or "").strip().startswith(("end", "late", "the end"))


def _month(match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    groups = match.groupdict()
    month = _number(vocabulary().months, groups.get("month") or groups.get("month2"))
    year = _full_year(groups.get("year") or groups.get("year2"))
    if year is None:
        if sent is None:
            return None
        year = sent.year + (month < sent.month)
    return _last(year, month).isoformat() if _is_end(groups.get("edge")) else f"{year:04}-{month:02}"


def _week(match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    number = int(match["kw"])
    if not 1 <= number <= 53:
        raise ValueError(number)
    if sent is None:
        return None
    iso = sent.isocalendar()
    year = iso.year + (number < iso.week)
    weekday = match.groupdict().get("weekday")
    if weekday:
        days = {**vocabulary().weekdays, **vocabulary().short_weekdays}
        return date.fromisocalendar(year, number, _number(days, weekday)).isoformat()
    if _is_end(match.groupdict().get("edge")):
        return date.fromisocalendar(year, number, 5).isoformat()
    return f"{year:04}-W{number:02}"


def _next_week_day(match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    if sent is None:
        return None
    groups = match.groupdict()
    days = {**vocabulary().weekdays, **vocabulary().short_weekdays}
    number = _number(days, groups.get("weekday") or groups.get("weekday2"))
    monday = sent - timedelta(days=sent.weekday()) + timedelta(weeks=2 if groups.get("which") else 1)
    return (monday + timedelta(days=number - 1)).isoformat()


def _next_week(match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    if sent is None:
        return None
    iso = (sent + timedelta(weeks=2 if match["which"] else 1)).isocalendar()
    if _is_end(match["edge"]):
        return date.fromisocalendar(iso.year, iso.week, 5).isoformat()
    return f"{iso.year:04}-W{iso.week:02}"


def _this_week(match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    if not match["edge"] and fold(match[0]).startswith(("der", "the")):
        return ""
    if sent is None:
        return None
    if _is_end(match["edge"]):
        return _friday(match, sent, _first)
    iso = sent.isocalendar()
    return f"{iso.year:04}-W{iso.week:02}"


def _friday(_match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    return None if sent is None else (sent + timedelta(days=(4 - sent.weekday()) % 7)).isoformat()


def _weekday(match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    if sent is None:
        return None
    days = {**vocabulary().weekdays, **vocabulary().short_weekdays}
    ahead = (_number(days, match["weekday"]) - sent.isoweekday()) % 7 or 7
    return (sent + timedelta(days=ahead)).isoformat()


def _month_end(_match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    return None if sent is None else _last(sent.year, sent.month).isoformat()


def _next_month_end(_match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    return None if sent is None else _last(sent.year + sent.month // 12, sent.month % 12 + 1).isoformat()


def _next_month(_match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    return None if sent is None else f"{sent.year + sent.month // 12:04}-{sent.month % 12 + 1:02}"


def _year_end(_match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    return None if sent is None else f"{sent.year:04}-12-31"


def _quarter(match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    quarter = int(match["q"] or match["q2"])
    if sent is None and not match["year"]:
        return None
    year = int(match["year"]) if match["year"] else 0
    if sent is not None and not year:
        year = sent.year + (quarter < (sent.month + 2) // 3)
    return _last(year, quarter * 3).isoformat() if match["edge"] else f"{year:04}-Q{quarter}"


def _quarter_end(_match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    return None if sent is None else _last(sent.year, (sent.month + 2) // 3 * 3).isoformat()


def _next_day(match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    day = int(match["d"])
    if not 1 <= day <= 31:
        raise ValueError(day)
    if sent is None:
        return None
    year, month = sent.year, sent.month
    for _ in range(13):
        if day <= _last(year, month).day and date(year, month, day) >= sent:
            return date(year, month, day).isoformat()
        year, month = year + month // 12, month % 12 + 1
    raise ValueError(day)


def _from_today(match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    word = fold(match["n"])
    count = int(word) if word.isdecimal() and len(word) < 4 else vocabulary().numbers.get(word, 0)
    if not count:
        return ""
    if sent is None:
        return None
    unit = fold(match["unit"])[0]
    if unit == "m":
        months = sent.month - 1 + count
        year, month = sent.year + months // 12, months % 12 + 1
        return date(year, month, min(sent.day, _last(year, month).day)).isoformat()
    return _plus(sent, count * (7 if unit == "w" else 1))


def _today(_match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    return _plus(sent, 0)


def _tomorrow(_match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    return _plus(sent, 1)


def _after_tomorrow(_match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    return _plus(sent, 2)


def _end_of_named_year(match: re.Match[str], _sent: date | None, _first: bool) -> str | None:
    return f"{match['year']}-12-31"


def _holiday(_match: re.Match[str], _sent: date | None, _first: bool) -> str | None:
    return None


def _nothing(_match: re.Match[str], _sent: date | None, _first: bool) -> str | None:
    return ""


RESOLVERS: dict[str, Resolver] = {
    "numeric": _numeric, "slash": _slash, "named_day": _named_day, "first_of_two": first_of_two, "month": _month,
    "week": _week, "next_week_day": _next_week_day, "next_week": _next_week, "this_week": _this_week,
    "friday": _friday, "weekday": _weekday, "month_end": _month_end, "next_month_end": _next_month_end,
    "next_month": _next_month, "year_end": _year_end, "quarter": _quarter, "quarter_end": _quarter_end,
    "next_day": _next_day, "from_today": _from_today, "today": _today, "tomorrow": _tomorrow,
    "after_tomorrow": _after_tomorrow, "end_of_named_year": _end_of_named_year, "holiday": _holiday,
    "nothing": _nothing,
}  # fmt: skip
"""``resolve`` of dates.toml → rule: takes the match, the day of sending, whether months come first; "" is no date."""
