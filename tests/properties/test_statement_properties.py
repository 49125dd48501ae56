"""What holds for the finder on any text: always the same, inside the text, no crash, time that grows with length."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.statements.finder import LOOKED_AT, Finder, finder
from archive.statements.model import KINDS, MODALITIES, VALUES, Message, Said
from tests.watchdog import ending

SENT = datetime(2024, 5, 14, 9, 0, tzinfo=UTC)
WORDS = (
    "garantie", "5", "jahre", "liefern", "wir", "nicht", "am", "freitag", "KW", "22", "€", "1.250,50", "für", "ja",
    "passt", "so", "wenn", ",", ".", "?", "\n", "👍", "warranty", "we", "deliver", "by", "monday", "don't", "order",
    "20", "Stück", "“", "”", "angebot", "bestellen", "31.02.", "3 %", "Skonto", "ﷺ", "ß", "İ", "\u200b", "kündige",
    "zurück", "\x00",
)  # fmt: skip
made = st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join)
strange = st.text(max_size=200) | st.text(alphabet="aäÄßuueё́ -_@#.0９👍🏽‍♀️🇩🇪株%€,:?!\n", max_size=120)


@settings(max_examples=300, deadline=None)
@given(made | strange, made | st.none())
def test_finds_lie_in_the_text_and_say_only_what_there_is(text: str, before: str | None) -> None:
    context = [Said("them", before)] if before is not None else []
    for one in finder().find(Message(text, "me", SENT, context)):
        assert 0 <= one.start < one.end <= len(text)
        assert text[one.start : one.end].strip()
        assert one.kind in KINDS
        assert one.modality in MODALITIES
        assert set(one.values) <= set(VALUES)
        assert 0 <= one.strength <= 100
        assert one.answers is None or 0 <= one.answers < len(context)


@settings(max_examples=60, deadline=None)
@given(made)
def test_a_finder_that_never_saw_a_text_finds_the_same(text: str) -> None:
    message = Message(text, "me", SENT)
    assert FRESH.find(message) == finder().find(message)
    assert finder().find(message) == finder().find(message)


FRESH = Finder()


@pytest.mark.parametrize(
    "part",
    [
        "wir geben 5 jahre garantie und ", "wenn ", "1.", "€ 5 ", "a, ", "liefern am freitag oder ", "nicht ", "((",
        "«",        "bis 3.5. und 4.6. oder 12 % ", "ab ", "20 stück ", "x" * 70, "ß", "\n", "! ", "KW ", "1,1,1,",
    ],
)  # fmt: skip
def test_the_longest_text_that_is_looked_at_ends(part: str) -> None:
    text = (part * (LOOKED_AT // len(part) + 1))[:LOOKED_AT]
    with ending():
        assert all(
            0 <= find.start < find.end <= len(text) for find in finder().find(Message(text, "me", SENT))
        )
