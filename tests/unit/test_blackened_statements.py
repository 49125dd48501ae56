"""Statements of blackened texts: nothing is stated by a sentence of which a word is gone, and decisions still count."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.exporters.bundle.statements import Stated, stated
from archive.production import Cut, Told
from archive.redaction import LABELS, applied, blackened, labelled, merged, unblackened
from schemas.statement import StatementDecision
from tests.unit.test_review_volume import told

LABEL = LABELS["de"]
PROMISE = "Wir geben Ihnen 5 Jahre Garantie auf die Pumpe."


def cut(text: str, *words: str) -> Told:
    whole = told(1, text)
    spans = tuple((text.index(word), text.index(word) + len(word)) for word in words)
    return applied(whole, Cut(frozenset({"text"}), spans), LABEL)


def finds(one: Told, *decisions: StatementDecision) -> list[Stated]:
    return list(stated([one], {1: decisions}, LABEL))


def test_a_sentence_with_a_gap_states_nothing() -> None:
    assert finds(told(1, PROMISE)), "the finder finds what is there"
    denied = f"{PROMISE[:-1]} nicht mehr."
    assert finds(cut(denied, "nicht mehr")) == []
    assert [one.find.kind for one in finds(cut(f"Code 481516 bitte. {PROMISE}", "481516"))] == ["warranty"]
    assert [one.find.kind for one in finds(cut(f"{PROMISE}\nCode 481516", "481516"))] == ["warranty"]


@pytest.mark.parametrize("verdict", ["confirmed", "rejected"])
def test_a_decision_counts_where_words_before_it_are_gone(verdict: Any) -> None:
    text = f"Der lange Code 4815162342 gilt. {PROMISE}"
    [found] = finds(told(1, text))
    decision = StatementDecision(
        item=1, words_sha256="0" * 64, start=found.find.start, end=found.find.end, kind=found.find.kind,
        modality=found.find.modality, decision=verdict, rule="x", lexicon="x", decided="2026-01-01T00:00:00Z",
    )  # fmt: skip
    left = finds(cut(text, "Der lange Code 4815162342"), decision)
    assert [one.decision for one in left] == ([] if verdict == "rejected" else ["confirmed"])


@given(st.text(min_size=1, max_size=60), st.data())
def test_places_of_a_blackened_copy_lead_back(text: str, data: st.DataObject) -> None:
    place = st.integers(0, len(text))
    spans = merged((a, b) for a, b in data.draw(st.lists(st.tuples(place, place), max_size=4)) if a < b)
    copy = blackened(text, spans, LABEL)
    labels = labelled(spans, LABEL)
    assert all(copy[start:end] == LABEL for start, end in labels)
    for at, character in enumerate(copy):
        if not any(start <= at < end for start, end in labels):
            assert text[unblackened(at, spans, LABEL)] == character
