"""What finds of one message do to each other."""

from dataclasses import replace

from archive.statements.lexicon import lexicon
from archive.statements.model import Find
from archive.statements.side_words import SideWords
from archive.statements.together import together

WORDS = SideWords(lexicon().lists)


def find(kind: str, start: int, end: int, modality: str = "promised", strength: int = 50) -> Find:
    return Find(kind, modality, start, end, strength, (), "a rule", ())


def kinds(*finds: Find) -> list[tuple[str, int, int]]:
    return [(one.kind, one.start, one.end) for one in together(finds, [], [], WORDS)]


def test_neighbours_that_say_the_same_are_one_find() -> None:
    assert kinds(find("warranty", 0, 20), find("warranty", 22, 40)) == [("warranty", 0, 40)]


def test_neighbours_of_another_modality_stay_two() -> None:
    assert len(kinds(find("warranty", 0, 20), find("warranty", 22, 40, "refused"))) == 2


def test_far_apart_they_stay_two() -> None:
    assert len(kinds(find("warranty", 0, 20), find("warranty", 40, 60))) == 2


def test_a_penalty_is_no_price() -> None:
    assert kinds(find("liability_penalty", 0, 40), find("price", 10, 40)) == [("liability_penalty", 0, 40)]


def test_the_time_of_a_repair_is_no_delivery() -> None:
    assert kinds(find("warranty", 0, 40), find("delivery", 5, 40)) == [("warranty", 0, 40)]


def test_a_mere_yes_gives_way_to_what_it_leads_in() -> None:
    assert kinds(find("acceptance", 0, 2), find("delivery", 4, 30)) == [("delivery", 4, 30)]


def test_in_an_order_a_date_is_a_wish() -> None:
    found = together([find("order", 0, 20), find("delivery", 30, 50)], [], [], WORDS)
    wish = next(one for one in found if one.kind == "delivery")
    assert wish.modality == "requested"
    assert wish.cues == ("requested: the date of an order",)


def test_of_one_kind_over_the_same_words_one_stays() -> None:
    one = find("price", 0, 20)
    assert kinds(one, replace(one, start=10, end=30)) == [("price", 0, 20)]


def test_in_a_letter_of_confirmation_only_its_terms_stand() -> None:
    letter, price, order = find("confirmation_letter", 0, 80), find("price", 10, 20), find("order", 30, 60)
    assert {kind for kind, _, _ in kinds(letter, price, order)} == {"confirmation_letter", "price"}
