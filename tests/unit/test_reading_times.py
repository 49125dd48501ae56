# ruff: noqa: DTZ001 (local times are what is tested)
"""Times: the instant only where it can be had, and why."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from archive.errors import SettingsError
from archive.reading.times import by_zone, from_epoch, from_local, from_mail_date, from_person

BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("local", "utc", "clock"),
    [
        (datetime(2025, 1, 7, 9, 14), "2025-01-07T08:14:00Z", "plain"),
        (datetime(2025, 7, 7, 9, 14), "2025-07-07T07:14:00Z", "plain"),
        (datetime(2025, 3, 30, 2, 30), "2025-03-30T01:30:00Z", "gap"),
        (datetime(2025, 10, 26, 2, 30), "2025-10-26T00:30:00Z", "overlap"),
    ],
)
def test_local_times_and_the_two_odd_hours(local: datetime, utc: str, clock: str) -> None:
    time = from_local("as written", local, "minute", BERLIN)
    assert (time.written, time.utc, time.clock, time.zone, time.zone_source) == (
        "as written",
        utc,
        clock,
        BERLIN,
        "assumed",
    )


def test_without_a_zone_there_is_no_instant() -> None:
    time = from_local("x", datetime(2025, 1, 7, 9, 14), "minute", None)
    assert (time.utc, time.zone, time.zone_source) == (None, None, "unknown")
    with pytest.raises(SettingsError, match="Mars/Base"):
        from_local("x", datetime(2025, 1, 7), "minute", "Mars/Base")


def test_an_epoch_keeps_every_digit() -> None:
    time = from_epoch("1738570510.000219")
    assert time is not None
    assert (time.utc, time.precision, time.zone_source) == (
        "2025-02-03T08:15:10.000219Z",
        "microsecond",
        "by_spec",
    )
    assert from_epoch("1738570510") is not None
    assert from_epoch("1e9") is None
    assert from_epoch("999999999999") is None


@pytest.mark.parametrize(
    ("written", "utc", "zone", "source"),
    [
        ("Mon, 11 Mar 2024 08:00:12 +0100", "2024-03-11T07:00:12Z", "+01:00", "explicit"),
        ("Mon, 11 Mar 2024 08:00:12 -0330 (NST)", "2024-03-11T11:30:12Z", "-03:30", "explicit"),
        ("Mon, 11 Mar 2024 08:00:12 GMT", "2024-03-11T08:00:12Z", "+00:00", "explicit"),
        ("Mon, 11 Mar 2024 08:00:12 -0000", "2024-03-11T08:00:12Z", "-00:00", "by_spec"),
        ("Mon, 11 Mar 2024 08:00:12", None, None, "unknown"),
    ],
)
def test_mail_dates(written: str, utc: str | None, zone: str | None, source: str) -> None:
    time = from_mail_date(written)
    assert time is not None
    assert (time.utc, time.zone, time.zone_source) == (utc, zone, source)


@pytest.mark.parametrize("written", ["", "yesterday", "Mon, 41 Mar 2024 08:00:12 +0100"])
def test_what_is_no_mail_date(written: str) -> None:
    assert from_mail_date(written) is None


def test_a_mail_date_without_zone_takes_the_assumed_one() -> None:
    time = from_mail_date("Mon, 11 Mar 2024 08:00:12", BERLIN)
    assert time is not None
    assert (time.utc, time.zone_source) == ("2024-03-11T07:00:12Z", "assumed")


@pytest.mark.parametrize(
    ("written", "utc", "precision"),
    [
        ("2024-03-05", None, "day"),
        ("5.3.2024", None, "day"),
        ("5.3.2024, 14:30", "2024-03-05T13:30:00Z", "minute"),
        ("05.03.2024 14:30 Uhr", "2024-03-05T13:30:00Z", "minute"),
        ("2024-03-05 14:30:10", "2024-03-05T13:30:10Z", "second"),
        ("2024-03-05T14:30:10.250Z", "2024-03-05T14:30:10.250Z", "millisecond"),
        ("2024-03-05T14:30+02:00", "2024-03-05T12:30:00Z", "minute"),
    ],
)
def test_times_as_people_type_them(written: str, utc: str | None, precision: str) -> None:
    time = from_person(written, BERLIN)
    assert time is not None
    assert (time.written, time.utc, time.precision) == (written, utc, precision)
    assert from_person("31.2.2024") is None
    assert from_person("soon") is None


def test_an_instant_by_a_clock_that_leaves_the_calendar() -> None:
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    east, west = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))
    assert [by_zone(first, west), by_zone(last, east)] == [first, last]
    assert (by_zone(first, east).hour, by_zone(last, west).hour) == (14, 11)
