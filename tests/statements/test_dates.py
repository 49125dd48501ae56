"""Dates and other entities, resolved by the rules of the labels."""

from datetime import date

import pytest

from archive.statements.dates import find_dates
from archive.statements.entities import Country, find_entities

TUESDAY = date(2024, 5, 14)
DECEMBER = date(2024, 12, 12)


def dates(text: str, sent: date | None = TUESDAY, *, month_first: bool = False) -> list[str | None]:
    return [one.value for one in find_dates(text, sent, month_first=month_first)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("am Freitag", "2024-05-17"), ("am Dienstag", "2024-05-21"), ("next Friday", "2024-05-17"),
        ("nächste Woche Mittwoch", "2024-05-22"), ("wednesday next week", "2024-05-22"), ("am Do", "2024-05-16"),
        ("KW 22", "2024-W22"), ("bis Ende KW 22", "2024-05-31"), ("Mittwoch KW 22", "2024-05-29"),
        ("KW 12", "2025-W12"),
        ("am 15.", "2024-05-15"), ("zum 1.", "2024-06-01"), ("by the 20th", "2024-05-20"), ("3.4.", "2025-04-03"),
        ("31.05.24", "2024-05-31"), ("3. Juni", "2024-06-03"), ("June 3rd", "2024-06-03"),
        ("2024-06-01", "2024-06-01"),
        ("im Juli", "2024-07"), ("Ende Mai", "2024-05-31"), ("end of march", "2025-03-31"), ("Ende Q3", "2024-09-30"),
        ("Jahresende", "2024-12-31"), ("Ende der Woche", "2024-05-17"), ("before the weekend", "2024-05-17"),
        ("heute noch", "2024-05-14"), ("tonight", "2024-05-14"), ("übermorgen", "2024-05-16"),
        ("morgen früh", "2024-05-15"),
        ("in 3 Wochen ab heute", "2024-06-04"), ("bis Ende 2026", "2026-12-31"), ("EOM", "2024-05-31"),
    ],
)  # fmt: skip
def test_a_date_is_what_it_means_on_the_day_of_sending(text: str, value: str) -> None:
    assert dates(text) == [value]


def test_a_week_that_is_over_is_the_next_year_s() -> None:
    assert dates("KW 2", DECEMBER) == ["2025-W02"]
    assert dates("im Januar", DECEMBER) == ["2025-01"]


def test_americans_write_the_month_first() -> None:
    assert dates("by 6/3", month_first=True) == ["2024-06-03"]
    assert dates("by 3/6") == ["2024-06-03"]


@pytest.mark.parametrize(
    "text", ["31.02.", "guten morgen", "24/7", "Version 3.11", "1.250 Stück", "in Mainz"]
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert dates(text) == []


def test_without_a_day_of_sending_nothing_relative_is_resolved() -> None:
    assert dates("am Freitag", None) == [None]
    assert dates("bis Weihnachten") == [None]


def test_two_days_that_share_a_month() -> None:
    assert dates("vom 3. bis 7. Juni") == ["2024-06-03", "2024-06-07"]
    assert dates("1.-3. Juni") == ["2024-06-01", "2024-06-03"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Montag, den 3. Juni", "2024-06-03"), ("Freitag 21.6.", "2024-06-21"), ("Friday, June 7th", "2024-06-07"),
        ("Friday the 17th", "2024-05-17"), ("am Mo 3.6.", "2024-06-03"), ("June 7 (Friday)", "2024-06-07"),
    ],
)  # fmt: skip
def test_a_day_with_its_name_is_one_day(text: str, value: str) -> None:
    assert dates(text) == [value]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("heute in zwei Wochen", "2024-05-28"), ("Freitag in einer Woche", "2024-05-24"), ("Friday week", "2024-05-24"),
        ("a week on Friday", "2024-05-24"), ("two weeks from tomorrow", "2024-05-29"), ("tomorrow week", "2024-05-22"),
        ("Montag in acht Tagen", "2024-05-27"), ("a fortnight on Monday", "2024-06-03"),
        ("übernächsten Freitag", "2024-05-24"), ("Friday after next", "2024-05-24"), ("week after next", "2024-W22"),
        ("übernächsten Monat", "2024-07"), ("zum Monatsersten", "2024-06-01"), ("Ultimo", "2024-05-31"),
        ("im dritten Quartal", "2024-Q3"), ("Jahresende 2027", "2027-12-31"), ("Ende nächsten Jahres", "2025-12-31"),
        ("Ende des nächsten Monats", "2024-06-30"),
    ],
)  # fmt: skip
def test_a_day_some_weeks_on(text: str, value: str) -> None:
    assert dates(text) == [value]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("KW 26/27", "2024-W26", "2024-W27"), ("KW 23 oder 24", "2024-W23", "2024-W24"),
        ("June 1-3", "2024-06-01", "2024-06-03"), ("1st to 3rd of June", "2024-06-01", "2024-06-03"),
        ("KW 23/25", None, None), ("KW 23/24", "2024-W23", None), ("KW 23 und 2 Paletten", "2024-W23", None),
        ("KW 24/25", "2024-W24", "2024-W25"), ("KW 12/24", "2024-W12", None), ("KW 40/25", "2025-W40", None),
        ("KW 1/25", "2025-W01", None), ("24. 12. 25", "2025-12-24", None),
        ("KW 52/1", "2024-W52", "2025-W01"), ("KW 40/2025", "2025-W40", None), ("KW 40 2025", "2025-W40", None),
        ("KW 40-42/2025", "2025-W40", "2025-W42"), ("KW 40/2025 Freitag", "2025-10-03", None),
        ("KW 40, 2000 Stück", "2024-W40", None), ("1.6. 20 Stück", "2024-06-01", None),
        ("5.6. 10 Uhr", "2024-06-05", None), ("1.6. 2000 Euro", "2024-06-01", None), ("1.6. 2025", "2025-06-01", None),
    ],
)  # fmt: skip
def test_two_days_or_weeks_in_one_word(text: str, first: str | None, last: str | None) -> None:
    [found] = find_dates(text, TUESDAY, month_first=False)
    assert (found.value, found.last) == (first, last)


def test_a_span_of_weekdays_ends_behind_its_beginning() -> None:
    assert dates("von Dienstag bis Donnerstag") == ["2024-05-21", "2024-05-23"]
    assert dates("Dienstag oder Donnerstag") == ["2024-05-21", "2024-05-16"]


@pytest.mark.parametrize("text", ["letzten Freitag", "last Friday", "am letzten Freitag im Monat"])
def test_a_day_that_is_over_or_untold_is_not_the_next(text: str) -> None:
    assert dates(text) == [None]


def entities(text: str) -> list[tuple[str, dict[str, object]]]:
    return [(one.sort, one.values) for one in find_entities(text, TUESDAY, Country())]


@pytest.mark.parametrize(
    ("text", "sort", "values"),
    [
        ("1.250,50 €", "money", {"amount": 1250.5, "currency": "EUR"}),
        ("£1,200 a month", "money", {"amount": 1200, "currency": "GBP", "per": "month"}),
        ("80-90 €/Std", "money", {"amount_min": 80, "amount_max": 90, "currency": "EUR", "per": "hour"}),
        ("12k", "money", {"amount": 12000}), ("99 cent", "money", {"amount": 0.99, "currency": "EUR"}),
        ("3 %", "percent", {"percent": 3}), ("fünfjährige", "period", {"period": "P5Y"}),
        ("24 Monate", "period", {"period": "P24M"}),
        ("2 bis 3 Wochen", "period", {"period": "P3W", "period_min": "P2W"}),
        ("10 Werktage", "period", {"period": "P10D", "business_days": True}), ("24h", "period", {"period": "PT24H"}),
        ("halbes Jahr", "period", {"period": "P6M"}), ("200 Stk.", "qty", {"quantity": 200, "unit": "piece"}),
        ("4 Paletten", "qty", {"quantity": 4, "unit": "pallet"}), ("5t", "qty", {"quantity": 5, "unit": "t"}),
        ("Auftrag AB-2024-117", "order", {"order_number": "AB-2024-117"}),
        ("PO 4500123", "order", {"order_number": "4500123"}),
        ("Charge 77A", "product", {"product_number": "77A"}), ("KX-200", "product", {"product_number": "KX-200"}),
    ],
)  # fmt: skip
def test_entities_are_normalised(text: str, sort: str, values: dict[str, object]) -> None:
    assert entities(text) == [(sort, values)]


def test_a_date_that_names_a_document_is_not_resolved() -> None:
    assert ("dated", {}) in entities("Ihr Angebot vom 3.5. ist da")
    assert ("date", {}) in entities("your mail of May 3")
