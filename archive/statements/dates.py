"""Dates as people write them, resolved against the day on which a message was sent. No guesser: each form has a rule.

A weekday is the next such day after the day of sending; ``nächste Woche Mittwoch`` lies in the next ISO week; ``KW 12``
is ``YYYY-W12``, with a weekday a day; a month is ``YYYY-MM``; the end of a month, quarter or year is its last day; the
end of a week is its Friday; a day without month or year is the next such day.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from archive.query.analysis import fold
from archive.statements.numbers import alternatives, vocabulary

_END = r"(?:ende|end\s+of|the\s+end\s+of|late)"
_EDGE = r"(?P<edge>(?:ende|ende\s+(?:der|des|vom|von)|end\s+of(?:\s+the)?|end|late|anfang|early|start\s+of|beginning\s+of|mitte|mid|middle\s+of)[\s-]+(?:von\s+|der\s+|of\s+|the\s+)?)?"
_NEXT = r"(?:naechste[nrsm]?|nächste[nrsm]?|naexte[nr]?|nexte[nr]?|kommende[nrsm]?|next|coming|following|darauffolgende[nr]?)"
_THIS = r"(?:diese[nrsm]?|this|laufende[nr]?|der|the)"


@dataclass(frozen=True, slots=True)
class Day:
    """A date at its place in a text; ``value`` is None where it cannot be resolved (a holiday, no day of sending)."""

    start: int
    end: int
    value: str | None


def find_dates(text: str, sent: date | None, *, month_first: bool) -> list[Day]:
    """Give the dates of a text in order, without overlaps.

    Args:
        text: as written.
        sent: the day of sending where the sender is; None: relative dates are found and not resolved.
        month_first: numbers with a slash are month/day, as in the United States.
    """
    found: list[Day] = []
    for pattern, resolve in _forms():
        for match in pattern.finditer(text):
            try:
                value = resolve(match, sent, month_first)
            except (ValueError, OverflowError):
                continue  # the 31st of February: no date
            if value == "":
                continue
            end = match.end("d") + 1 if resolve is _first_of_two else match.end()
            found.append(Day(match.start(), end, value))
    return list(_longest(found))


def _longest(found: list[Day]) -> Iterator[Day]:
    """Drop what lies inside or across a longer one."""
    chosen: list[Day] = []
    for day in sorted(found, key=lambda one: (one.start - one.end, one.start)):
        if all(day.end <= other.start or other.end <= day.start for other in chosen):
            chosen.append(day)
    yield from sorted(chosen, key=lambda one: one.start)


_Resolver = Callable[[re.Match[str], date | None, bool], str | None]


@cache
def _forms() -> tuple[tuple[re.Pattern[str], _Resolver], ...]:
    words = vocabulary()
    day = rf"(?P<weekday>{alternatives(words.weekdays)})"
    short = rf"(?P<weekday>{alternatives({**words.weekdays, **words.short_weekdays})})\.?"
    month = rf"(?P<month>{alternatives(words.months)})\.?(?![^\W\d_])"
    long_months = {name: n for name, n in words.months.items() if len(name) > 3 or name == "mai"}
    long_months.pop("march")
    named = rf"(?P<month>{alternatives(long_months)})(?![^\W\d_])"
    year = r"(?:[\s,]+(?P<year>20\d\d))?"
    week = r"(?:kw|cw|kalenderwoche|calendar\s+week|week|wk)"
    before = r"(?<![\w.,/-])"
    after = r"(?![\w])"
    texts: list[tuple[str, _Resolver]] = [
        (rf"{before}(?P<year>20\d\d)-(?P<m>\d\d)-(?P<d>\d\d){after}", _numeric),
        (rf"(?:{before}|(?<=\d\.-)|(?<=\d\.–)|(?<=\d\./))(?P<d>\d{{1,2}})\.\s?(?P<m>\d{{1,2}})\.(?:\s?(?P<year>20\d\d|\d\d(?!\d)))?(?!\d)", _numeric),
        (rf"{before}(?P<d>\d{{1,2}})\.(?P<m>0\d|1[0-2])(?![\d.,]|\w)(?!\s*(?:€|eur|euro|uhr|h\b|kg|m\b|%))", _numeric),
        (rf"{before}(?P<d>\d{{1,2}})/(?P<m>\d{{1,2}})(?:/(?P<year>20\d\d|\d\d))?(?![\d/])", _slash),
        (rf"{before}(?P<d>\d{{1,2}})(?:st|nd|rd|th|\.|er|ten)?\s*(?:of\s+)?{month}{year}", _named_day),
        (rf"(?<!\w){month}\s+(?:the\s+)?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:.]|\w|\s*(?:uhr|%|€|eur)){year}", _named_day),
        (rf"(?<!\w){_EDGE}{named}{year}{after}", _month),
        (rf"(?:(?<=\bin )|(?<=\bby )|(?<=\buntil )|(?<=\bim )){month}{year}{after}", _month),
        (rf"(?<!\w)(?P<edge>(?:end\s+of|late|early|mid|start\s+of|beginning\s+of)[\s-]+){month}{year}{after}", _month),
        (rf"(?:(?<=\bvom )|(?<=\bzwischen dem )|{before})(?P<d>\d{{1,2}})\.\s*(?:bis\s+(?:zum\s+)?|[-–/]|und\s+(?:dem\s+)?|oder\s+)(?=\d{{1,2}}\.\s?(?:(?P<m>\d{{1,2}})\.(?!\d)|{month}))", _first_of_two),
        (rf"(?<!\w)(?:{short}\s*,?\s*(?:in\s+|der\s+|of\s+|in\s+der\s+)?)?{_EDGE}(?:der\s+)?{week}\s*\.?\s*(?P<kw>\d{{1,2}})(?![\d%€]){after}", _week),
        (rf"(?<!\w){week.replace('week|wk', 'cw')}\s*\.?\s*(?P<kw>\d{{1,2}})\s*,?\s+(?:am\s+)?{day}{after}", _week),
        (rf"(?<!\w)(?:{day}|(?:am|on|by|bis|until|till)\s+{short.replace('P<weekday>', 'P<weekday2>')})\s*,?\s*(?:in\s+(?:der\s+)?|der\s+)?(?P<which>ueber|über)?(?:{_NEXT}\s+(?:woche|week)){after}", _next_week_day),
        (rf"(?<!\w)(?P<which>ueber|über)?{_NEXT}\s+(?:woche|week)\s*,?\s*(?:am\s+|on\s+)?{day}{after}", _next_week_day),
        (rf"(?<!\w){_EDGE}(?P<which>ueber|über)?(?:in\s+der\s+)?{_NEXT}\s+(?:woche|week){after}", _next_week),
        (rf"(?<!\w){_EDGE}{_THIS}\s+(?:woche|week)s?{after}", _this_week),
        (rf"(?<!\w)(?:wochenende|week\s?end)\s*,?\s*(?:this\s+week)?(?:ende)?{after}", lambda *_: ""),
        (r"(?<!\w)(?:(?:before|by)\s+(?:the\s+|this\s+)?weekend|vor\s+dem\s+wochenende|vorm\s+(?:wochenende|we)|eow|wochenschluss|ende\s+der\s+woche|end\s+of\s+(?:the\s+|this\s+)?week)(?!\w)", _friday),
        (rf"(?<!\w)(?:(?:{_NEXT}|{_THIS})\s+)?{day}s?(?:\s*,?\s*(?:früh|frueh|mittag|abend|vormittag|nachmittag|morning|afternoon|evening|noon))?(?:mittag|abend|morgen|vormittag|nachmittag|früh)?{after}", _weekday),
        (rf"(?<!\w)(?:(?<=\bam )|(?<=\bbis )|(?<=\bab )|(?<=\bnaechsten )|(?<=\bnächsten )|(?<=\bon )|(?<=\bby )|(?<=\btill )|(?<=\buntil )|(?<=\bnext )|(?<=\bthis )|(?<=\bfor )|(?<=\bbefore )|(?<=\boder )|(?<=\bor )|(?<=\bden )){short}(?![\w-])", _weekday),
        (rf"(?<!\w){short}(?=\s*(?:/|or\b|oder\b)\s*(?:am\s+)?(?:{alternatives({**words.weekdays, **words.short_weekdays})})\b)", _weekday),
        (rf"(?:(?<=/)|(?<=/ )){short}(?!\w)", _weekday),
        (r"(?<!\w)(?:day\s+after\s+(?:tomorrow|tmrw)|übermorgen|uebermorgen)(?!\w)", lambda _m, sent, _f: _plus(sent, 2)),
        (r"(?<!\w)(?<!guten )(?<!am )(?<!jeden )(?:tomorrow|tmrw|tmr|tomoz|2moro|tomorow|tommorow|tommorrow|morgen(?!s\b))(?:\s+(?:früh|frueh|vormittag|mittag|nachmittag|abend|morning|afternoon|evening|noon))?(?!\w)", lambda _m, sent, _f: _plus(sent, 1)),
        (r"(?<!\w)(?:heute|heut|today|tonight|this\s+(?:afternoon|evening|morning)|eod|end\s+of\s+(?:the\s+)?day|end\s+of\s+business|eob|cob)(?:\s+(?:noch|abend|nachmittag|vormittag|mittag))?(?!\w)", lambda _m, sent, _f: _plus(sent, 0)),
        (rf"(?<!\w)(?:{_END}\s+(?:(?:of|des|vom|von)\s+)?)?(?:monatsende|monatsletzten?|eom|month[\s-]?end|(?:the\s+)?(?:ende|end)\s+(?:of|des|vom|von)\s+(?:the\s+|dieses\s+|diesen\s+|this\s+)?(?:monat\w{{0,2}}|month)|ende\s+(?:diesen\s+|dieses\s+)?monats?){after}", _month_end),
        (rf"(?<!\w)(?:ende|end\s+of)\s+{_NEXT}\s+(?:monats?|month){after}", _next_month_end),
        (rf"(?<!\w){_NEXT}\s+(?:monats?|month){after}", _next_month),
        (r"(?<!\w)(?:jahresende|ende\s+(?:des|dieses|diesen|vom)\s+jahre?s?|year[\s-]?end|(?:the\s+)?end\s+of\s+(?:the\s+|this\s+)?year|eoy)(?!\w)", _year_end),
        (r"(?<!\w)(?:ende|end\s+of|late)\s+(?:vom\s+jahr\s+)?(?P<year>20\d\d)(?![\w-])", lambda m, _s, _f: f"{m['year']}-12-31"),
        (r"(?<!\w)(?P<edge>(?:ende|end\s+of|end)\s+(?:des\s+)?)?(?:q(?P<q>[1-4])|(?P<q2>[1-4])\.\s?quartals?)(?:[\s/]+(?P<year>20\d\d))?(?!\w)", _quarter),
        (r"(?<!\w)(?:ende\s+des\s+quartals|quartalsende|end\s+of\s+(?:the\s+|this\s+)?quarter|quarter[\s-]end|eoq)(?!\w)", _quarter_end),
        (r"(?:(?<=\bam )|(?<=\bzum )|(?<=\bbis )|(?<=\bab )|(?<=\bvorm )|(?<=\bden )|(?<=\bder ))(?P<d>\d{1,2})\.(?!\d)(?=\W|$)(?!\s*(?:stock|etage|mal|rate|%|€|version|jahr|tag|woche|monat|quartal))", _next_day),
        (r"(?<!\w)(?:the\s+)(?P<d>\d{1,2})(?:st|nd|rd|th)(?!\w)(?!\s+(?:floor|time|one|year|week|of\s+\w+\s+version))", _next_day),
        (r"(?:(?<=\bby )|(?<=\bon )|(?<=\buntil )|(?<=\btill ))(?P<d>\d{1,2})(?:st|nd|rd|th)(?!\w)", _next_day),
        (r"(?<!\w)(?:in|within|innerhalb\s+von)?\s*(?P<n>\w+)\s+(?P<unit>tagen?|tage|wochen?|monaten?|monate|days?|weeks?|months?)\s+(?:ab\s+heute|from\s+(?:today|now)|ab\s+sofort|ab\s+jetzt)(?!\w)", _from_today),
        (r"(?<!\w)(?:heiligabend|weihnachten|weihnachts\w+|ostern|pfingsten|silvester|neujahr|christmas|xmas|easter|thanksgiving|(?:den\s+)?(?:sommer|betriebs)ferien)(?!\w)", lambda *_: None),
    ]  # fmt: skip
    return tuple((re.compile(text, re.IGNORECASE), resolve) for text, resolve in texts)


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


def _first_of_two(match: re.Match[str], sent: date | None, _first: bool) -> str | None:
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


def identifies(text: str, start: int, end: int) -> bool:
    """Say whether a date only names a document: ``Angebot vom 3. Mai``, ``your mail of May 3``."""
    before = fold(text[max(0, start - 14) : start])
    if re.search(r"\b(?:vom|of|dated|from)\s+$", before) is None:
        return False
    return re.match(r"\s*(?:bis|to|until|-|–|on|an\b|onwards)", text[end : end + 10]) is None


