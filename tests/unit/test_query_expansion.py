"""Which terms belong to a word, in German and English."""

import pytest

from archive.query.analysis import terms
from archive.query.expansion import Vocabulary, WordTest


@pytest.mark.parametrize(
    ("word", "finds"),
    [
        (
            "Garantie",
            "Garantie Garantien Garantieverlängerung Herstellergarantie Herstellergarantien garantiert",
        ),
        ("Vertrag", "Vertrag Verträge Verträgen Vertrags Mietvertrag Mietverträge Vertragsende"),
        ("Verträge", "Vertrag Mietvertrag Mietverträge"),
        ("Zusage", "Zusage zusagen zugesagt zugesagte Zusagen"),
        ("zugesagt", "Zusage zusagen"),
        ("kündigen", "Kündigung gekündigt Kündigungsfrist kuendigen Kundigung"),
        ("Kundigung", "Kündigung kündigen Kündigungen"),
        ("geliefert", "liefern Lieferung liefert geliefert Lieferungen"),
        ("Gewährleistung", "gewährleistet Gewaehrleistung gewährleisten Gewährleistungsfrist"),
        ("Straße", "Strasse Straßen Hauptstraße"),
        ("Haus", "Häuser Haus Hause"),
        ("warranty", "warranties warranty warranted"),
        ("promise", "promised promises promising"),
        ("deliver", "delivered delivery deliveries"),
    ],
)
def test_a_word_finds_its_forms_compounds_and_family(word: str, finds: str) -> None:
    test = WordTest(terms(word)[0])
    assert [term for term in terms(finds) if not test.accepts(term)] == []


@pytest.mark.parametrize(
    ("word", "not_these"),
    [
        ("Garantie", "Garage Grant @garantie"),
        ("Kündigungsfrist", "Kündigung gekündigt Frist"),
        ("Haus", "Hausse Rathaus aus"),
        ("ja", "jahr jaja"),
        ("2024", "20240 12024"),
        ("a1", "a a1b"),
        ("Lieferant", "geliefert"),
    ],
)
def test_a_word_leaves_others_alone(word: str, not_these: str) -> None:
    test = WordTest(terms(word)[0])
    assert [term for term in not_these.lower().split() if test.accepts(term)] == []


def test_what_is_searched_is_listed_sorted_and_once() -> None:
    vocabulary = Vocabulary(["vertrag", "mietvertrag", "vertraege", "vertrag", "x"])
    assert vocabulary.select(WordTest("vertrag")) == ("mietvertrag", "vertraege", "vertrag")
    assert Vocabulary([]).select(WordTest("vertrag")) == ()
