"""Side labels: what an order, an offer or an assent names as its own term."""

from datetime import date

import pytest

from archive.errors import SettingsError
from archive.query.analysis import tokens
from archive.statements.entities import Country, find_entities
from archive.statements.lexicon import lexicon
from archive.statements.model import Find
from archive.statements.sentences import sentences
from archive.statements.side_words import SideWords
from archive.statements.sides import side_labels

SENT = date(2024, 5, 14)
WORDS = SideWords(lexicon().lists)


def sides(text: str, kind: str, words: str, modality: str = "promised") -> set[tuple[str, str, str]]:
    """Give (kind, modality, words) of the side labels of one find over ``words``."""
    entities = find_entities(text, SENT, Country())
    found = sentences(text, tokens(text), entities, lambda word: word)
    start = text.index(words)
    find = Find(kind, modality, start, start + len(words), 60, (), "a rule", ())
    return {
        (one.kind, one.modality, text[one.start : one.end])
        for one in side_labels([find], found, entities, WORDS)
    }


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("wir nehmen 25 Matten", "order", {("quantity", "promised", "25 Matten")}),
        (
            "wir nehmen 40 Stück zu 8,50 €", "order",
            {("quantity", "promised", "40 Stück"), ("price", "promised", "zu 8,50 €")},
        ),
        (
            "wir bestellen 12 Kisten bis Freitag", "order",
            {("quantity", "promised", "12 Kisten"), ("delivery", "requested", "bis Freitag")},
        ),
        ("kannst ihn haben für 120", "offer", {("price", "promised", "120")}),
        ("jawoll 4250 und gut is", "acceptance", {("price", "promised", "4250")}),
        ("eure 50 Lizenzen stehen am Montag bereit", "delivery", {("quantity", "promised", "50 Lizenzen")}),
    ],
)  # fmt: skip
def test_terms_get_labels_of_their_own(text: str, kind: str, expected: set[tuple[str, str, str]]) -> None:
    assert sides(text, kind, text) == expected


def test_a_date_with_words_of_its_own_belongs_to_the_order_beside_it() -> None:
    text = "schick uns 10 Kisten, morgen früh"
    assert ("delivery", "requested", "morgen früh") in sides(text, "order", "schick uns 10 Kisten")


def test_the_date_of_a_condition_is_no_wish() -> None:
    text = "wenn ihr bis Freitag liefert nehmen wir 10 Kisten"
    found = sides(text, "order", text, "conditional")
    assert found == {("quantity", "conditional", "10 Kisten")}


@pytest.mark.parametrize(
    "text",
    [
        "einverstanden, gültig bis Freitag",
        "einverstanden, zahlbar in 14 Tagen",
        "einverstanden, Raum 204",
        "ja, passt bei 45 m³/h",
        "ja, bei 400 V gern",
    ],
)
def test_what_is_for_something_else_gets_none(text: str) -> None:
    assert sides(text, "acceptance", text) == set()


def test_a_question_for_an_offer_names_no_price() -> None:
    assert sides("könnt ihr uns 30 anbieten", "offer", "könnt ihr uns 30 anbieten", "requested") == set()


def test_a_list_that_is_missing_is_named() -> None:
    lists = {name: words for name, words in lexicon().lists.items() if name != "side_places"}
    with pytest.raises(SettingsError, match=r"sides\.toml: there is no list side_places"):
        SideWords(lists)


def test_a_word_added_to_a_list_tells_what_a_number_is() -> None:
    lists = lexicon().lists
    assert not SideWords(lists).has("measures", "parsec")
    assert SideWords({**lists, "side_measures": ("pars*",)}).has("measures", "parsec")
