"""What numbers, amounts, periods and quantities say, however they are written: nothing is read as less or more."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from archive.statements.entities import Country, find_entities
from archive.statements.finder import finder
from archive.statements.model import Find, Message

MONDAY = datetime(2026, 5, 4, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))


def only(text: str, sort: str) -> dict[str, object]:
    found = [one.values for one in find_entities(text, MONDAY.date(), Country()) if one.sort == sort]
    assert len(found) == 1, found
    return found[0]


def said(text: str, kind: str) -> Find:
    found = [one for one in finder().find(Message(text, "me", MONDAY)) if one.kind == kind]
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("a hundred and ten dollars", 110), ("hundred and ten dollars", 110), ("hundert und zehn Euro", 110),
        ("one thousand two hundred and fifty pounds", 1250), ("twenty-five hundred dollars", 2500),
        ("two thousand five hundred dollars", 2500), ("two and a half grand", 2500), ("half a grand", 500),
        ("a grand", 1000), ("half a million dollars", 500_000), ("£1.2m", 1_200_000), ("1.2m euros", 1_200_000),
        ("€1.2bn", 1_200_000_000), ("3 Mrd. €", 3_000_000_000), ("eine Million Euro", 1_000_000), ("2 mille", 2000),
        ("zweieinhalbtausend Euro", 2500), ("anderthalb tausend Euro", 1500), ("zwei tausend Euro", 2000),
        ("fünfundzwanzighundert Euro", 2500), ("zweitausend fünfhundert Euro", 2500),
        ("12 500 €", 12500), ("12 500,50 EUR", 12500.5), ("1'250.50 CHF", 1250.5), ("CHF 1'250.50", 1250.5),
        ("EUR 12 500", 12500), ("EUR 12 500,50", 12500.5), ("0,125 €", 0.125), ("$0.125", 0.125), ("0,0875 €", 0.0875),
        ("8,75 ct", 0.0875), ("28,5 Cent", 0.285), ("3 Euro und 50 Cent", 3.5), ("two euros and fifty cents", 2.5),
        ("$2 and 50 cents", 2.5), ("drei Euro fünfzig", 3.5), ("drei Euro zwei", 3), ("Fr. 5.50", 5.5),
        ("SFr. 1'200.--", 1200),
        ("Fr. 1'200", 1200), ("TEUR 5", 5000), ("5 TEUR", 5000), ("T€ 5", 5000),
        ("12 Euro 50", 12.5), ("12 Fr. 50", 12.5), ("12.- Fr.", 12), ("1.250,50 €", 1250.5), ("$1,250.50", 1250.5),
    ],
)  # fmt: skip
def test_an_amount_is_one_number(text: str, amount: float) -> None:
    assert only(text, "money")["amount"] == amount


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("zwei bis dreitausend Euro", 2000, 3000), ("zwei- bis dreitausend Euro", 2000, 3000), ("3-4k", 3000, 4000),
        ("3 to 4 grand", 3000, 4000), ("two or three hundred euros", 200, 300), ("300 bis 350 Euro", 300, 350),
        ("$20-30k", 20_000, 30_000), ("TEUR 300-350", 300_000, 350_000), ("EUR 1 250 bis 1 500", 1250, 1500),
        ("hundert bis hundertfünfzig Euro", 100, 150), ("fünfzig bis zweihundert Euro", 50, 200),
        ("one hundred and two hundred dollars", 100, 200), ("a hundred and fifty to two hundred quid", 150, 200),
    ],
)  # fmt: skip
def test_a_range_of_amounts(text: str, least: float, most: float) -> None:
    found = only(text, "money")
    assert (found["amount_min"], found["amount_max"]) == (least, most)


@pytest.mark.parametrize(
    "text", ["Lieferung Fr. 14.30 Uhr", "Lieferung am Fr. 5.6.", "20 Kisten à 12 Flaschen"]
)
def test_what_is_no_amount(text: str) -> None:
    assert not any(one.sort == "money" for one in find_entities(text, MONDAY.date(), Country()))


@pytest.mark.parametrize(
    "text", ["drei fuffzig das Glas", "eins fünfzig das Stück", "price is nineteen ninety-nine"]
)
def test_two_numbers_in_words_are_not_the_second_of_them(text: str) -> None:
    assert "amount" not in said(text, "price").values


def test_rooms_are_no_range_of_amounts() -> None:
    assert said("Zimmer 20 bis 25 kosten 90", "price").values["amount"] == 90


@pytest.mark.parametrize("text", ["bitte bis Freitag liefern", "PO-2024/117-B bitte bis KW 23 liefern"])
def test_who_is_told_to_deliver_promised_nothing(text: str) -> None:
    assert said(text, "delivery").modality == "requested"


def test_who_asks_for_patience_promises_all_the_same() -> None:
    assert said("Bitte um Geduld, wir werden am Freitag liefern", "delivery").modality == "promised"


@pytest.mark.parametrize("text", ["das kostet so 20 bis 25", "es kostet zwischen 20 und 25"])
def test_a_bare_range_has_both_ends(text: str) -> None:
    assert said(text, "price").values == {
        "amount_min": 20, "amount_max": 25, "currency": "EUR"
    }  # fmt: skip


def test_pieces_behind_an_amount_are_no_thousands_and_no_part_of_a_name_counts() -> None:
    found = find_entities("EUR 12 500 Stück", MONDAY.date(), Country())
    assert [one.values for one in found] == [
        {"amount": 12, "currency": "EUR"},
        {"quantity": 500, "unit": "piece"},
    ]
    assert find_entities("Filter F-100", MONDAY.date(), Country()) == []


@pytest.mark.parametrize(
    "text", ["a couple hundred bucks", "several thousand dollars", "ein paar hundert Euro"]
)
def test_some_hundreds_are_no_hundred(text: str) -> None:
    assert only(text, "money").keys() == {"currency"}


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("zweieinhalb Jahre", "P30M"), ("two and a half years", "P30M"), ("2,5 Jahre", "P30M"), ("2½ Jahre", "P30M"),
        ("3 1/2 Jahre", "P42M"), ("1/2 Jahr", "P6M"), ("anderthalb Jahre", "P18M"), ("5 Jahre und 6 Monate", "P5Y6M"),
        ("ein Jahr und sechs Monate", "P1Y6M"), ("two years, three months", "P2Y3M"), ("36 Mte.", "P36M"),
        ("24 + 12 Monate", "P36M"), ("5+2 Jahre", "P7Y"), ("24 plus 12 Monate", "P36M"), ("5 years + 2 years", "P7Y"),
        ("12 (zwölf) Monate", "P12M"), ("two (2) years", "P2Y"), ("zwei (2) Jahre", "P2Y"),
    ],
)  # fmt: skip
def test_a_period_is_as_long_as_it_says(text: str, period: str) -> None:
    assert only(text, "period") == {"period": period}


@pytest.mark.parametrize("text", ["ein bis zwei Jahre", "one to two years", "einer oder zwei Jahren"])
def test_a_period_from_one_on_has_both_ends(text: str) -> None:
    assert only(text, "period") == {"period": "P2Y", "period_min": "P1Y"}


def test_who_sells_fuel_or_beer_speaks_of_prices() -> None:
    assert said("Wir liefern Ihnen Heizöl zu 0,95 Euro je Liter.", "price").values["amount"] == 0.95
    assert said("Das Fass Bier kriegst du für 120 Euro", "price").values["amount"] == 120
    assert not [
        one
        for one in finder().find(Message("Das Bier kostet hier 5 Euro", "a", MONDAY))
        if one.kind == "price"
    ]


@pytest.mark.parametrize(
    "text",
    ["2 Jahre, 6 Monate auf den Akku", "1 Monat, 2 Wochen vorher", "2 Jahre, 6 Monate davon ohne Anfahrt"],
)
def test_a_list_of_periods_is_no_sum(text: str) -> None:
    found = find_entities(text, MONDAY.date(), Country())
    assert len([one for one in found if one.sort == "period"]) == 2


@pytest.mark.parametrize(
    "text", ["anderthalb Wochen", "two-and-a-half-year warranty", "1,5 Tage", "half an hour"]
)
def test_a_period_that_cannot_be_told_has_no_length(text: str) -> None:
    assert not any(
        "period" in one.values
        for one in find_entities(text, MONDAY.date(), Country())
        if one.sort == "period"
    )


@pytest.mark.parametrize(
    ("text", "quantity", "unit"),
    [
        ("half a dozen boxes", 6, "box"), ("two dozen boxes", 24, "box"), ("zwei Dutzend Kisten", 24, "box"),
        ("ein halbes Dutzend Kisten", 6, "box"), ("dreieinhalb Tonnen", 3.5, "t"), ("2 1/2 Tonnen", 2.5, "t"),
        ("1 500 Stück", 1500, "piece"), ("50 (fünfzig) Kisten", 50, "box"), ("ein Paar Schuhe", 1, "pair"),
    ],
)  # fmt: skip
def test_a_quantity_is_one_number(text: str, quantity: float, unit: str) -> None:
    assert only(text, "qty") == {"quantity": quantity, "unit": unit}


def test_a_price_from_a_quantity_on() -> None:
    assert only("ab 50 kg 11,90 €/kg", "qty") == {"quantity_min": 50, "unit": "kg"}
    assert only("wir nehmen ab Freitag 20 Kisten", "qty") == {"quantity": 20, "unit": "box"}


def test_a_few_pallets_are_no_pair() -> None:
    assert find_entities("ein paar Paletten", MONDAY.date(), Country()) == []
    assert [one.sort for one in find_entities("3 to 4", MONDAY.date(), Country())] == ["num", "num"]


@pytest.mark.parametrize(
    ("text", "kind", "values"),
    [
        ("wir machen das für 900 statt 1200 Euro", "price", {"amount": 900, "currency": "EUR"}),
        ("du kriegst es für 900 Euro statt 1200 Euro", "price", {"amount": 900, "currency": "EUR"}),
        ("we'll give you 36 instead of 24 months warranty", "warranty", {"period": "P36M"}),
        ("wir nehmen 20 statt 30 Kisten", "order", {"quantity": 20, "unit": "box"}),
        ("Lieferung Freitag statt Montag", "delivery", {"date": "2026-05-08"}),
        ("15 statt 10 Prozent Rabatt kriegt ihr", "discount_payment", {"percent": 15}),
        ("Lieferung am 3.6. statt am 1.6.", "delivery", {"date": "2026-06-03"}),
        ("wir liefern statt morgen am Freitag", "delivery", {"date": "2026-05-08"}),
        ("statt der vereinbarten 24 Monate geben wir 36 Monate Garantie", "warranty", {"period": "P36M"}),
        ("anstelle des alten Preises von 1500 Euro zahlen Sie 1300 Euro", "price", {"amount": 1300, "currency": "EUR"}),
        ("we'll drop the price from $1200 to $900", "price", {"amount": 900, "currency": "USD"}),
        ("the price goes up from $900 to $1200", "price", {"amount": 1200, "currency": "USD"}),
        ("the price ranges from $900 to $1200", "price", {"amount_min": 900, "amount_max": 1200, "currency": "USD"}),
        ("Statt 200 Euro Gutschrift bekommen Sie 10 Prozent Rabatt", "discount_payment", {"percent": 10}),
    ],
)  # fmt: skip
def test_what_is_said_takes_the_place_of_what_was(text: str, kind: str, values: dict[str, object]) -> None:
    assert said(text, kind).values == values


@pytest.mark.parametrize(
    "text",
    [
        "Lieferung vom 1. bis 3. Juni",
        "Lieferung zwischen dem 1. und 3. Juni",
        "Lieferung vom 1.6. bis zum 3.6.",
    ],
)
def test_a_span_of_days_has_its_end(text: str) -> None:
    assert said(text, "delivery").values == {"date": "2026-06-01", "date_to": "2026-06-03"}


def test_the_day_of_a_condition_is_not_that_of_the_promise() -> None:
    assert said("wenn ihr bis Freitag bestellt, liefern wir am Montag", "delivery").values == {
        "date": "2026-05-11"
    }


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("die Anfahrt ist kostenlos", "price"),
        ("die Endreinigung schenk ich euch", "price"),
        ("the repair is on us, no charge, it's under warranty", "warranty"),
    ],
)
def test_at_no_charge_is_an_amount(text: str, kind: str) -> None:
    assert said(text, kind).values["amount"] == 0


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Kulanz: wir übernehmen die Hälfte", "warranty"), ("der Preis ist inklusive Versand", "price"),
        ("without fee increase the price stays", "price"), ("hassle-free warranty for 5 years", "warranty"),
        ("die Mehrwertsteuer ist im Preis enthalten", "price"), ("Preis ist alles inklusive", "price"),
    ],
)  # fmt: skip
def test_what_costs_something_is_no_nothing(text: str, kind: str) -> None:
    assert "amount" not in said(text, kind).values


def test_an_amount_stays_where_a_bare_number_was_another() -> None:
    found = find_entities("Preis jetzt 900 (statt 1200) Euro", MONDAY.date(), Country())
    assert [(one.sort, one.values) for one in found] == [("num", {"number": 900})]


@pytest.mark.parametrize(
    ("text", "per"),
    [
        ("das Kilo zu 54 Cent", "kg"), ("die Flasche kostet 3,10 Euro", "piece"), ("Stückpreis 4,20 €", "piece"),
        ("die kosten je 48 € am Tag", "day"), ("mein Stundensatz sind 75 Euro netto", "hour"),
        ("our hourly rate is 60 euros", "hour"),
    ],
)  # fmt: skip
def test_of_what_it_is_the_price(text: str, per: str) -> None:
    assert said(text, "price").values["per"] == per


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("SKU ABC-123", {"product_number": "ABC-123"}),
        ("Typ M-88", {"product_number": "M-88"}),
        ("die TK40 bitte", {"product_number": "TK40"}),
        ("AB 2024-1", {"order_number": "2024-1"}),
        ("PO-2024/117-B", {"order_number": "2024/117-B"}),
    ],
)
def test_a_number_of_an_order_or_a_product(text: str, values: dict[str, object]) -> None:
    found = find_entities(text, MONDAY.date(), Country())
    assert [one.values for one in found if one.sort in ("order", "product")] == [values]


@pytest.mark.parametrize(
    "text",
    [
        "IBAN DE12 5001 0517 0648 4898 90",
        "M-AB 1234",
        "PLZ 80331 München",
        "CO2",
        "COVID-19",
        "USt-ID DE123456789",
    ],
)
def test_what_is_numbered_otherwise_is_none(text: str) -> None:
    found = find_entities(text, MONDAY.date(), Country())
    assert [one for one in found if one.sort in ("order", "product")] == []
