"""Points of words: they are read from files, summed, and say what rules do not."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from archive.errors import SettingsError
from archive.statements.evidence import Evidence, Points, read_points, seen
from archive.statements.finder import Finder, finder
from archive.statements.model import KINDS, Find, Message, Said
from archive.statements.sentences import Sentence, Unit
from tests.statements.count_points import weights, written

SENT = datetime(2024, 5, 15, 9, 30, tzinfo=UTC)
GIVEN = {"kind": "price", "base": -4, "drop_below": -8, "find_from": 3}


def sentence(*forms: str, question: bool = False) -> Sentence:
    made = Sentence([Unit(form, n, n + 1) for n, form in enumerate(forms)], question)
    made.seal()
    return made


def found(points: tuple[Points, ...], text: str, *said: str) -> list[Find]:
    context = tuple(Said("they", one) for one in said)
    return Finder(replace(finder().lexicon, points=points)).find(Message(text, "me", SENT, context))


def test_a_file_gives_each_word_its_points() -> None:
    read = read_points("points/price.toml", {**GIVEN, "points": {"+4": "kostet <money>", "-1": "?"}})
    assert read == Points("price", -4, -8, 3, {"kostet": 4, "<money>": 4, "?": -1})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({**GIVEN, "kind": "prices"}, "needs a kind"),
        ({**GIVEN, "base": 0.83}, "whole numbers"),
        ({**GIVEN, "points": {"many": "kostet"}}, "'many' are no points"),
        ({**GIVEN, "points": {"+1": "kostet", "+2": "kostet"}}, "kostet has points twice"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(given: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsError, match=f"lexicon/points/price.toml: .*{said}"):
        read_points("points/price.toml", given)


def test_a_word_counts_once_and_the_sum_can_be_added_up() -> None:
    evidence = Evidence([Points("price", -4, -8, 3, {"kostet": 4, "<money>": 3, "?": -1})])
    asked = sentence("kostet", ",", "kostet", "<money>", question=True)
    assert evidence.of("price", evidence.total(asked, ())) == -4 + 4 + 3 - 1
    assert evidence.reasons("price", asked, ()) == "+4 kostet, +3 <money>, -1 ?"


def test_each_kind_has_its_own_sum() -> None:
    points = [Points(kind, -number, -8, 3, {"kostet": 7 - 3 * number}) for number, kind in enumerate(KINDS)]
    evidence = Evidence(points)
    total = evidence.total(sentence("kostet"), ())
    assert [evidence.of(kind, total) for kind in KINDS] == [7 - 4 * number for number in range(len(KINDS))]
    assert evidence.loud(total) == [KINDS[0], KINDS[1]]


def test_what_was_said_before_is_seen() -> None:
    told = seen(sentence("passt"), frozenset(("proposal", "price")))
    assert told == {"passt", "<3", "after:proposal", "after:price", "after:proposal+passt"}
    assert seen(sentence("passt"), ()) == {"passt", "<3"}


def test_points_find_without_a_rule_and_say_why() -> None:
    text = "Der blaue Schlumpf glitzert gratis."
    assert found((), text) == []
    (one,) = found((Points("warranty", -4, -99, 3, {"glitzert": 5, "schlumpf": 2}),), text)
    assert (one.kind, one.modality, one.rule) == ("warranty", "promised", "points: warranty")
    assert "points: +5 glitzert, +2 schlumpf" in one.cues
    assert text[one.start : one.end] == "Der blaue Schlumpf glitzert gratis"


def test_what_answers_is_said_by_its_own_words_and_to_the_last_message() -> None:
    offer, text = "Kann dir noch eine zweite für 1.900 Euro anbieten", "Der blaue Schlumpf glitzert gratis."
    context = Points("acceptance", 0, -99, 3, {"after:proposal": 9})
    assert found((context,), text, offer) == []
    worded = Points("acceptance", -9, -99, 3, {"after:proposal": 9, "after:proposal+glitzert": 4})
    assert [one.rule for one in found((worded,), text, offer)] == ["points: acceptance"]
    said = (Said("they", offer), Said("me", "moment"))
    late = Message(text, "me", SENT, said)
    assert Finder(replace(finder().lexicon, points=(worded,))).find(late) == []


def test_points_take_a_match_of_a_rule_out() -> None:
    text = "Wir liefern am Freitag."
    assert [one.kind for one in found((), text)] == ["delivery"]
    assert found((Points("delivery", 0, -8, 99, {"freitag": -1, "liefern": -9}),), text) == []
    (one,) = found((Points("delivery", 0, -8, 99, {"liefern": -8}),), text)
    assert one.rule.startswith("de/delivery")


def test_every_kind_has_points() -> None:
    assert {one.kind for one in finder().lexicon.points} == set(KINDS)


def test_what_speaks_for_a_kind_gets_points_and_what_does_not_gets_none() -> None:
    rows = [{"kostet", "heute"}, {"kostet"}, {"heute"}, {"gestern"}] * 40
    _, of = weights(rows, ["kostet" in row for row in rows])
    assert of["kostet"] > 1
    assert abs(of.get("heute", 0)) < 0.5
    assert '"+' in written("price", -4.0, of)
    assert "heute" not in written("price", -4.0, of)
