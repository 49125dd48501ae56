"""The labelled files that the finder is tuned on: they hold what they must, and it does not fall behind on them."""

from collections import Counter
from pathlib import Path

import pytest

from archive.statements.evaluate import evaluate
from archive.statements.finder import finder
from archive.statements.labels import Labelled, read_labels
from archive.statements.model import KINDS

HERE = Path(__file__).parent
FLOOR = {
    "development_de": (0.89, 0.92),
    "development_en": (0.90, 0.93),
    "development_second_de": (0.81, 0.83),
    "development_second_en": (0.85, 0.86),
    "development_third_de": (0.85, 0.86),
    "development_third_en": (0.87, 0.87),
    "development_fourth_de": (0.61, 0.62),
    "development_fourth_en": (0.55, 0.50),
    "independent_de": (0.73, 0.71),
    "independent_en": (0.77, 0.76),
}
"""Precision and recall over everything that a change of the lexicon must not fall below."""
FREQUENT = ("warranty", "delivery", "price", "acceptance", "order")


def labelled(name: str) -> list[Labelled]:
    return list(read_labels((HERE / f"{name}.jsonl").read_text("utf-8"), name))


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("development_de", 300),
        ("development_en", 200),
        ("development_second_de", 500),
        ("development_second_en", 350),
        ("development_third_de", 700),
        ("development_third_en", 600),
    ],
)
def test_the_set_holds_what_it_must(name: str, least: int) -> None:
    read = labelled(name)
    assert len(read) >= least
    assert len({one.id for one in read}) == len(read)
    assert all(one.language == name[-2:] and one.message.sent is not None for one in read)
    bare = sum(not any(label.modality == "promised" for label in one.labels) for one in read)
    assert bare >= 0.35 * len(read)
    assert set(Counter(label.kind for one in read for label in one.labels)) == set(KINDS)
    counted = Counter(label.kind for one in read for label in one.labels if label.modality == "promised")
    assert all(counted[kind] >= 20 for kind in FREQUENT)


@pytest.mark.parametrize("name", FLOOR)
def test_the_finder_does_not_fall_behind(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archive.statements.evaluate.RESAMPLED", 1)
    result = evaluate(labelled(name), finder().find)
    precision, recall = FLOOR[name]
    assert result.overall is not None
    assert (result.overall.precision or 0) >= precision
    assert (result.overall.recall or 0) >= recall
