"""Words written nearly so, amounts of money, and guesses at languages."""

import random

import pytest

from archive.query.amounts import Amount, AmountTest, amounts, asked
from archive.query.expansion import Vocabulary
from archive.query.expansion import test_of as judge
from archive.query.fuzzy import Fuzzy, within
from archive.query.languages import codes, languages


@pytest.mark.parametrize(
    ("left", "right", "changes"),
    [
        ("garantie", "garantie", 0),
        ("garantie", "garentie", 1),
        ("garantie", "garanite", 1),
        ("garantie", "grantie", 1),
        ("garantie", "ggarantie", 1),
        ("garantie", "grantei", 2),
        ("mueller", "muller", 1),
        ("abc", "ca", 3),
        ("ab", "xy", 2),
    ],
)
def test_changes_are_counted(left: str, right: str, changes: int) -> None:
    for most in range(5):
        assert within(left, right, most) == within(right, left, most) == (changes <= most)


def test_candidates_miss_nothing() -> None:
    """Whatever the test accepts is among the candidates, for random words over a small alphabet."""
    chance = random.Random(5)
    terms = {"".join(chance.choices("abc", k=chance.randint(1, 10))) for _ in range(4000)}
    vocabulary = Vocabulary(terms)
    found = 0
    for changes, length in ((1, 4), (1, 6), (2, 7), (2, 9)):
        for _ in range(20):
            test = judge(Fuzzy("".join(chance.choices("abc", k=length)), changes))
            expected = sorted(term for term in terms if test.accepts(term))
            assert list(vocabulary.select(test)) == expected
            found += len(expected)
    assert found > 500


def test_signs_are_not_skipped() -> None:
    test = judge(Fuzzy("anna", 1))
    assert [term for term in ("@anna", "#anna", "anna", "annas", "hanna") if test.accepts(term)] == [
        "anna", "annas", "hanna",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Das kostet 1.250,50 € netto", ["eur=125050"]),
        ("EUR 1250.5 und 300,- Euro", ["eur=125050", "eur=30000"]),
        ("$1,250.50 or US$ 3", ["usd=125050", "usd=300"]),
        ("CHF 1'250.50", ["chf=125050"]),
        ("5 Tsd. Euro, 2 Mio. CHF, 3,5 Mrd €", ["eur=500000", "chf=200000000", "eur=350000000000"]),
        ("0,125 €/Stk, 0.0049 EUR, 0,125 Mio. €, 0 500 €", ["eur=12", "eur=0", "eur=12500000", "eur=50000"]),
        ("1.250 € sind tausendzweihundertfünfzig", ["eur=125000"]),
        ("TEUR 12,5, ca.500€, EUR: 7, 1.500 €", ["eur=1250000", "eur=50000", "eur=700", "eur=150000"]),
        ("Pumpe 7 500 €", ["eur=750000", "eur=50000"]),
        ("1250.- Fr., 300 US-Dollar", ["chf=125000", "usd=30000"]),
        ("12.03.2024, Nr. 4711, 50 %, 0,5 l", []),
        ("1.2500 €", []),
        ("5 Europaletten", []),
        ("A5€ und x.5 €", []),
        ("99,99€!", ["eur=9999"]),
        ("300-350 €, €400–€450", ["eur=30000", "eur=35000", "eur=40000", "eur=45000"]),
        ("300 bis 350 Euro oder 400 oder 450 Euro", ["eur=30000", "eur=35000", "eur=40000", "eur=45000"]),
        ("zwischen 300 und 350 €, 2 und 50 €", ["eur=30000", "eur=35000", "eur=5000"]),
        ("$300 to 350, EUR 5-6 Mio", ["usd=30000", "usd=35000", "eur=500", "eur=500000000", "eur=600000000"]),
        ("TEUR 300-350, T€ 5 bis 6", ["eur=30000000", "eur=35000000", "eur=500000", "eur=600000"]),
        ("300,- bis 350,- €, 50 − 60 $", ["eur=30000", "eur=35000", "usd=5000", "usd=6000"]),
        ("€300 - 12:30 Uhr, EUR 12 bis 14 Uhr, €300 – 12.5.2024", ["eur=30000", "eur=1200", "eur=30000"]),
        ("50-60 ct, 3,25 ct, 5p.m.", ["eur=60", "eur=50", "eur=3"]),
        ("3-4 Tsd. €, 3k-4k €", ["eur=300000", "eur=300", "eur=400000", "eur=300000", "eur=400000"]),
        (
            "12 Euro 50, 12 € 50 Stück, 12 Euro 500",
            ["eur=1200", "eur=1250", "eur=1200", "eur=1250", "eur=1200"],
        ),
        (
            "50 ct, 99 Cent, 80p, 0,5 ct, 50 Rappen, 5 Personen",
            [
                "eur=50",
                "eur=99",
                "usd=99",
                "gbp=80",
                "eur=0",
                "chf=50",
            ],
        ),
        ("€-50, EUR -7", ["eur=5000", "eur=700"]),
        ("10.-12. Mai 500 €, 2024-2025 €", ["eur=50000", "eur=202400", "eur=202500"]),
        ("", []),
    ],
)
def test_amounts_of_a_text(text: str, found: list[str]) -> None:
    assert [one.term for one in amounts(text)] == found
    for one in amounts(text):
        assert any(c.isdigit() for c in text[one.start : one.end])


def test_asked_amounts() -> None:
    for text, low, high in (
        ("1000", 100000, 100000), (">1000", 100001, None), (">=1000", 100000, None),
        ("<1000", None, 99999), ("10..20", 1000, 2000),
    ):  # fmt: skip
        assert asked(text) == Amount(low, high, None)
    assert asked("EUR 5") == asked("5€") == Amount(500, 500, "eur")
    for text in ("", "x", "€", "5..3", "€5€", ">5..7", "5 6 7"):
        assert asked(text) is None, text
    test = AmountTest(Amount(100, 200, "eur"))
    assert [t for t in ("eur=99", "eur=100", "eur=200", "eur=201", "usd=150") if test.accepts(t)] == [
        "eur=100", "eur=200",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Wir geben Ihnen fünf Jahre Garantie auf die Pumpe", {"de"}),
        ("We have shipped the pump and you will get it", {"en"}),
        ("Danke für die Nachricht. Please send us the offer, thanks!", {"de", "en"}),
        ("Merci pour votre offre, nous avons bien reçu", {"fr"}),
        ("株式会社テスト", {"ja"}),
        ("Это договор", {"ru"}),
        ("PO-2024/117-B", {"unknown"}),
        ("", {"unknown"}),
    ],
)
def test_languages(text: str, expected: set[str]) -> None:
    assert languages(text) == expected
    assert expected <= codes()
