"""What a form of a date means on the day of sending. A rule takes the match, that day, and whether months come first.

None: there is a date, and it cannot be told which; "": it is none after all; ``PAST``: it was before that day. Two with
a slash between: from one to the other. ValueError: there is no such day.
"""

import re
from datetime import date

from archive.query.analysis import fold
from archive.statements import days_ahead
from archive.statements.date_parts import Resolver, is_end, last_day, month_on, number_of, weekday_of
from archive.statements.numbers import vocabulary


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
    month = int(match["m"]) if match["m"] else number_of(vocabulary().months, match["month"])
    return _dated(int(match["d"]), month, None, sent)


def _named_day(match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    month = number_of(vocabulary().months, match["month"])
    return _dated(int(match["d"]), month, _full_year(match["year"]), sent)


def _named_days(match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    """Give two days that share their month: ``June 1-3``."""
    month, year = number_of(vocabulary().months, match["month"]), _full_year(match["year"])
    if int(match["d2"]) <= int(match["d"]):
        raise ValueError(match["d2"])
    days = [_dated(int(match[name]), month, year, sent) for name in ("d", "d2")]
    return f"{days[0]}/{days[1]}" if days[0] and days[1] and days[0] < days[1] else days[0]


def _weeks(match: re.Match[str], sent: date | None, first: bool) -> str | None:
    """Give two weeks; behind a slash may stand the year: *KW 23/26* is one week, said in 2026, but *KW 26/27* are two.

    *KW 23/27* may be a week of the year to come or weeks of this one: it cannot be told. *KW 1/27* are no 27 weeks.
    """
    begin, last, number = _week(match, sent, first), int(match["kw2"]), int(match["kw"])
    if begin is None or sent is None:
        return begin
    if "/" in match[0] and not match["year"]:
        this_year = sent.year % 100
        next_year = last == this_year + 1
        if last == this_year or (next_year and not 0 < last - number <= _FEW):
            return f"{sent.year - this_year + last:04}-W{number:02}"
        if next_year and last != number + 1:
            return None
    turns = number >= _LATE and last <= _EARLY
    if not turns and not number < last <= _WEEKS:
        return ""
    return f"{begin}/{int(begin[:4]) + turns:04}-W{last:02}"


_FEW = 8
"""More weeks than these are hardly promised as one span."""
_LATE, _EARLY = 49, 6
"""From which week on, and up to which, two weeks lie on both sides of New Year: *KW 52/1*."""
_WEEKS = 53


def _month(match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    groups = match.groupdict()
    month = number_of(vocabulary().months, groups.get("month") or groups.get("month2"))
    year = _full_year(groups.get("year") or groups.get("year2"))
    if year is None:
        if sent is None:
            return None
        year = sent.year + (month < sent.month)
    return last_day(year, month).isoformat() if is_end(groups.get("edge")) else f"{year:04}-{month:02}"


def _week(match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    number = int(match["kw"])
    if not 1 <= number <= 53:
        raise ValueError(number)
    if sent is None:
        return None
    iso = sent.isocalendar()
    year = _full_year(match.groupdict().get("year")) or iso.year + (number < iso.week)
    if named := match.groupdict().get("weekday"):
        return date.fromisocalendar(year, number, weekday_of(named)).isoformat()
    if is_end(match.groupdict().get("edge")):
        return date.fromisocalendar(year, number, 5).isoformat()
    return f"{year:04}-W{number:02}"


def _month_after_next(_match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    return None if sent is None else "{:04}-{:02}".format(*month_on(sent, 2))


def _first_of_next_month(_match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    return None if sent is None else "{:04}-{:02}-01".format(*month_on(sent, 1))


def _next_year_end(_match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    return None if sent is None else f"{sent.year + 1:04}-12-31"


def _month_end(_match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    return None if sent is None else last_day(sent.year, sent.month).isoformat()


def _next_month_end(_match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    return None if sent is None else last_day(*month_on(sent, 1)).isoformat()


def _next_month(_match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    return None if sent is None else "{:04}-{:02}".format(*month_on(sent, 1))


def _year_end(_match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    return None if sent is None else f"{sent.year:04}-12-31"


_ORDINALS = {
    "erste": 1,
    "zweite": 2,
    "dritte": 3,
    "vierte": 4,
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
}


def _quarter(match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    quarter = int(match["q"] or match["q2"] or _ORDINALS[fold(match["q3"])])
    if sent is None and not match["year"]:
        return None
    year = int(match["year"]) if match["year"] else 0
    if sent is not None and not year:
        year = sent.year + (quarter < (sent.month + 2) // 3)
    return last_day(year, quarter * 3).isoformat() if match["edge"] else f"{year:04}-Q{quarter}"


def _quarter_end(_match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    return None if sent is None else last_day(sent.year, (sent.month + 2) // 3 * 3).isoformat()


def _next_day(match: re.Match[str], sent: date | None, _first: bool) -> str | None:
    day = int(match["d"])
    if not 1 <= day <= 31:
        raise ValueError(day)
    if sent is None:
        return None
    for year, month in (month_on(sent, ahead) for ahead in range(13)):
        if day <= last_day(year, month).day and date(year, month, day) >= sent:
            return date(year, month, day).isoformat()
    raise ValueError(day)


def _end_of_named_year(match: re.Match[str], _sent: date | None, _first: bool) -> str | None:
    return f"{match['year']}-12-31"


def _holiday(_match: re.Match[str], _sent: date | None, _first: bool) -> str | None:
    return None


def _nothing(_match: re.Match[str], _sent: date | None, _first: bool) -> str | None:
    return ""


RESOLVERS: dict[str, Resolver] = {
    "numeric": _numeric, "slash": _slash, "named_day": _named_day, "first_of_two": first_of_two,
    "month": _month, "week": _week, "next_week_day": days_ahead.next_week_day,
    "next_week": days_ahead.next_week, "this_week": days_ahead.this_week, "friday": days_ahead.friday,
    "weekday": days_ahead.weekday, "month_end": _month_end, "next_month_end": _next_month_end,
    "next_month": _next_month, "year_end": _year_end, "quarter": _quarter, "quarter_end": _quarter_end,
    "next_day": _next_day, "from_today": days_ahead.from_today, "today": days_ahead.today,
    "tomorrow": days_ahead.tomorrow, "after_tomorrow": days_ahead.after_tomorrow,
    "end_of_named_year": _end_of_named_year, "holiday": _holiday, "nothing": _nothing,
    "named_days": _named_days, "weeks": _weeks, "past": days_ahead.past,
    "day_after_weeks": days_ahead.day_after_weeks, "weekday_after_next": days_ahead.weekday_after_next,
    "week_after_next": days_ahead.week_after_next, "month_after_next": _month_after_next,
    "first_of_next_month": _first_of_next_month, "next_year_end": _next_year_end,
}  # fmt: skip
"""``resolve`` of dates.toml → rule: takes the match, the day of sending, whether months come first; "" is no date."""
