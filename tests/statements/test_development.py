"""The development set: it follows the scheme, holds what it must, and the finder does not fall behind on it."""

from collections import Counter
from pathlib import Path

import pytest

from archive.statements.evaluate import evaluate
from archive.statements.finder import finder
from archive.statements.labels import read_labels
from archive.statements.model import KINDS

HERE = Path(__file__).parent
FLOOR = {"de": (0.84, 0.90), "en": (0.84, 0.88)}
"""Precision and recall over everything that a change of the lexicon must not fall below."""


@pytest.mark.parametrize(("language", "least"), [("de", 300), ("en", 200)])
def test_the_set_holds_what_it_must(language: str, least: int) -> None:
    name = f"development_{language}.jsonl"
    read = list(read_labels((HERE / name).read_text("utf-8"), name))
    assert len(read) >= least
    assert len({one.id for one in read}) == len(read)
    assert all(one.language == language and one.message.sent is not None for one in read)
    empty = sum(not one.labels for one in read)
    assert empty >= 0.35 * len(read)
    assert set(Counter(label.kind for one in read for label in one.labels)) == set(KINDS)


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_finder_does_not_fall_behind(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archive.statements.evaluate.RESAMPLED", 1)
    name = f"development_{language}.jsonl"
    result = evaluate(read_labels((HERE / name).read_text("utf-8"), name), finder().find)
    precision, recall = FLOOR[language]
    assert result.overall is not None
    assert (result.overall.precision or 0) >= precision
    assert (result.overall.recall or 0) >= recall
