"""Written times to ``TimeStamp``: the string as found, the instant if it can be had, and why.

No clock is asked and no zone is guessed: a local time without a zone has no instant.
"""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_tz
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from archive.errors import SettingsError
from schemas.item import TimeStamp

Precision = Literal["day", "minute", "second", "millisecond", "microsecond", "unknown"]
ZoneSource = Literal["explicit", "by_spec", "assumed", "unknown"]
_EPOCH = re.compile(r"(-?\d{1,12})(?:\.(\d{1,9}))?\Z")
_ISO = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?"
    r"\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?\Z"
)
_UNITS: dict[int, Precision] = {1: "second", 1000: "millisecond", 1_000_000: "microsecond"}
_X = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d{1,2}) (\d{2}:\d{2}:\d{2}) ([+-]\d{4}) (\d{4})\Z")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_CLOCK = r"(?:,?\s+(?:um\s+|at\s+)?(\d{1,2}):(\d{2})(?::(\d{2}))?)?(?:\s+Uhr)?\Z"
_GERMAN = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}|\d{2})" + _CLOCK)
_SLASHED = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})" + _CLOCK)
_NAMED = re.compile(r"(\d{1,2})\.?\s+([^\W\d_]{3,9})\.?,?\s+(\d{4})" + _CLOCK)
_MONTH_WORDS = (
    *("jan", "feb", "m(?:ä|ae|a)r", "apr", "ma[iy]", "jun", "jul", "aug", "sep", "o[ck]t", "nov", "de[cz]"),
)
_SHEET = re.compile(r"([2-7]\d{4})(?:[.,](\d{1,15})|\s+0?[.,](\d{1,15}))?\Z")
_PIVOT = 70
"""Years of two digits below it are of this century."""
_LAST_ZONE = re.compile(r"(?:[+-]\d{4}|\b[A-Z]{1,5})\s*(?:\([^()]*\)\s*)*\Z")
_FRACTIONS: dict[int, Precision] = {0: "second", 3: "millisecond"}


def by_zone(moment: datetime, zone: tzinfo) -> datetime:
    """Give an instant by the clock of a zone; by UTC where that clock would leave the years 1 to 9999."""
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment.astimezone(UTC)


def in_utc(moment: datetime) -> str:
    """Write an instant as models do, in whole seconds. ``%Y`` of ``strftime`` writes the year 1 as "1"."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").removesuffix("+00:00") + "Z"


@lru_cache(maxsize=64)
def zone_named(name: str) -> ZoneInfo:
    """An IANA zone. Raises SettingsError if there is none of this name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SettingsError(
            f"unknown time zone {name!r}; expected an IANA name such as Europe/Berlin"
        ) from error


def utc_text(moment: datetime, fraction: str = "") -> str:
    """An aware time as ISO 8601 in UTC with a Z; ``fraction`` are the digits known below the second."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}".zfill(19) + (f".{fraction}Z" if fraction else "Z")


def from_local(
    written: str, local: datetime, precision: Precision, zone: str | None, source: ZoneSource = "assumed"
) -> TimeStamp:
    """A local time and the zone that somebody named for it; without a zone the instant stays unknown.

    In the hour that a change to summer time skips, ``utc`` counts by the offset before the change; in the
    hour that exists twice it is the earlier one (PEP 495, fold 0). ``clock`` marks both.
    """
    if zone is None:
        return TimeStamp(written=written, precision=precision)
    info = zone_named(zone)
    first, second = local.replace(tzinfo=info), local.replace(tzinfo=info, fold=1)
    before, after = first.utcoffset(), second.utcoffset()
    clock: Literal["plain", "gap", "overlap"] = "plain"
    if before is not None and after is not None and before != after:
        clock = "overlap" if before > after else "gap"
    try:
        utc = None if precision == "day" else utc_text(first)
    except OverflowError:
        utc = None
    return TimeStamp(
        written=written, utc=utc, precision=precision, zone=zone, zone_source=source, clock=clock
    )


def from_epoch(written: str) -> TimeStamp | None:
    """Seconds since 1970 as a decimal string, UTC by its definition; digit by digit, never through a
    float."""
    match = _EPOCH.match(written)
    if not match:
        return None
    fraction = match[2] or ""
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(match[1]))
    except OverflowError:
        return None
    precision = _FRACTIONS.get(len(fraction), "microsecond")
    return TimeStamp(
        written=written,
        utc=utc_text(moment, fraction),
        precision=precision,
        zone="UTC",
        zone_source="by_spec",
    )


def from_count(count: int, per_second: int, written: str | None = None) -> TimeStamp | None:
    """Whole seconds, milli- or microseconds since 1970, UTC by the platform's definition."""
    second, rest = divmod(count, per_second)
    digits = len(str(per_second)) - 1
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
    except OverflowError:
        return None
    return TimeStamp(
        written=str(count) if written is None else written,
        utc=utc_text(moment, f"{rest:0{digits}}" if digits else ""),
        precision=_UNITS[per_second],
        zone="UTC",
        zone_source="by_spec",
    )


def from_any_count(count: int, written: str | None = None) -> TimeStamp | None:
    """A count since 1970 whose unit shows by its size: seconds to 10 digits, milli- to 13, microseconds to
    16."""
    digits = len(str(abs(count)))
    return from_count(count, 1 if digits <= 10 else 1000 if digits <= 13 else 1_000_000, written)


def from_c_locale(written: str) -> TimeStamp | None:
    """``Wed Oct 10 20:19:24 +0000 2018``, as C writes it in English."""
    match = _X.match(written)
    if not match or match[1] not in _MONTHS:
        return None
    month, day, clock, offset, year = match.groups()
    time = from_iso(f"{year}-{_MONTHS.index(month) + 1:02}-{int(day):02} {clock}{offset}")
    return time and time.model_copy(update={"written": written})


def from_mail_date(written: str, zone: str | None = None) -> TimeStamp | None:
    """An RFC 5322 §3.3 date with its obsolete forms. ``-0000`` is UTC that says nothing of the local zone.

    ``zone`` is assumed only if the date names none. None if it is no date.
    """
    try:
        parts = parsedate_tz(written)
        if parts is None:
            return None
        year, month, day, hour, minute, second = parts[:6]
        local = datetime(year, month, day, hour, minute, min(second, 59))  # noqa: DTZ001  (zone follows)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if not _LAST_ZONE.search(written):
        return from_local(written, local, "second", zone)
    offset = parts[9] or 0
    try:
        aware = local.replace(tzinfo=timezone(timedelta(seconds=offset)))
        utc = utc_text(aware)
    except (ValueError, OverflowError):
        return None
    unknown = "-0000" in written
    return TimeStamp(
        written=written,
        utc=utc,
        precision="second",
        zone="-00:00" if unknown else _offset_text(offset),
        zone_source="by_spec" if unknown else "explicit",
    )


def from_person(written: str, zone: str | None = None) -> TimeStamp | None:
    """A time as a person types it: ``2024-03-05``, ``2024-03-05 14:30``, with offset or Z, ``5.3.2024,
    14:30``, ``5.3.24``, ``2024/03/05``, ``5. März 2024 14:30``. ``03/05/2024`` has two meanings: it is none."""
    text = written.strip()
    if german := _GERMAN.match(text):
        day, month, year, *clock = german.groups()
    elif slashed := _SLASHED.match(text):
        year, month, day, *clock = slashed.groups()
    elif named := _NAMED.match(text):
        day, word, year, *clock = named.groups()
        found = (at for at, form in enumerate(_MONTH_WORDS, 1) if re.match(form, word, re.IGNORECASE))
        month = str(next(found, 0))
    else:
        return from_iso(written, zone)
    if len(year) == 2:
        year = f"{20 if int(year) < _PIVOT else 19}{year}"
    hour, minute, second = clock
    at = f"T{hour.zfill(2)}:{minute}{':' + second if second else ''}" if hour else ""
    time = from_iso(f"{year}-{month.zfill(2)}-{day.zfill(2)}{at}", zone)
    return time and time.model_copy(update={"written": written})


def from_sheet(written: str, zone: str | None = None) -> TimeStamp | None:
    """Days since 1900 as spreadsheets count them (``45355,4167``; day and clock may stand in two cells).

    The clock is that of who wrote the sheet. None if it is no such number, or of no day of 1954 to 2119.
    """
    match = _SHEET.match(written.strip())
    if not match:
        return None
    fraction = match[2] or match[3] or ""
    local = datetime(1899, 12, 30) + timedelta(days=int(match[1]))  # noqa: DTZ001
    local += timedelta(seconds=round(int(fraction or "0") * 86400 / 10 ** len(fraction)))
    return from_local(written, local, "second" if fraction else "day", zone)


def from_iso(written: str, zone: str | None = None, source: ZoneSource = "assumed") -> TimeStamp | None:
    """An ISO 8601 time, ``T`` or blank between date and clock. ``zone`` counts only if it names none itself;
    ``source`` says why that zone. None if it is no such time."""
    iso = _ISO.match(written.strip())
    if not iso:
        return None
    year, month, day, hour, minute, second, fraction, offset = iso.groups()
    try:
        local = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0))  # noqa: DTZ001
    except ValueError:
        return None
    precision: Precision = "second" if second else "minute" if hour else "day"
    if fraction:
        precision = _FRACTIONS.get(len(fraction), "microsecond")
    if not offset:
        time = from_local(written, local, precision, zone, source)
        if time.utc and fraction:
            time = time.model_copy(update={"utc": time.utc.removesuffix("Z") + f".{fraction}Z"})
        return time
    named = offset in ("Z", "UTC", "GMT")
    seconds = 0 if named else _offset_seconds(offset)
    if abs(seconds) >= 86400:
        return None
    try:
        utc = utc_text(local.replace(tzinfo=timezone(timedelta(seconds=seconds))), fraction or "")
    except OverflowError:
        return None
    return TimeStamp(
        written=written,
        utc=utc,
        precision=precision,
        zone="UTC" if named else _offset_text(seconds),
        zone_source="explicit",
    )


def _offset_seconds(offset: str) -> int:
    digits = offset[1:].replace(":", "")
    return (int(digits[:2]) * 3600 + int(digits[2:]) * 60) * (-1 if offset[0] == "-" else 1)


def _offset_text(seconds: int) -> str:
    sign = "-" if seconds < 0 else "+"
    hours, rest = divmod(abs(seconds) // 60, 60)
    return f"{sign}{hours:02}:{rest:02}"
