"""Evaluating the finder on a labelled file: needs no archive."""

from typing import Any

from archive.statements.evaluate import Evaluation, Score, evaluate
from archive.statements.finder import finder
from archive.statements.labels import read_labels


def evaluate_file(text: str, name: str) -> tuple[Evaluation, str]:
    """Run the packaged finder over a labelled file; give the figures and the version of the lexicon.

    Raises:
        UsageError: a line that is no labelled message; it names the line.
    """
    found = finder()
    return evaluate(read_labels(text, name), found.find), found.version


def as_json(result: Evaluation, lexicon: str) -> dict[str, Any]:
    """Give the figures: the kinds for modality ``promised`` at the top, then the same by modality and by kind alone.

    ``{kind: {precision, recall, f1, n}, "by_modality": {modality: {kind: …, "all": …}}, "kind_only": {kind: …},
    "overall": …, "messages": …, "lexicon": …}``. A figure with nothing to count is null.
    """
    answer: dict[str, Any] = {kind: _plain(score) for kind, score in result.by_modality["promised"].items()}
    answer["by_modality"] = {
        modality: {
            "all": _plain(result.modality_only[modality]),
            **{kind: _plain(score) for kind, score in scores.items()},
        }
        for modality, scores in result.by_modality.items()
    }
    answer["kind_only"] = {kind: _plain(score) for kind, score in result.kind_only.items()}
    answer["overall"] = _plain(result.overall) if result.overall else None
    answer["values"] = {"right": result.values_right, "labelled": result.values_labelled}
    answer["messages"], answer["lexicon"] = result.messages, lexicon
    return answer


def _plain(score: Score) -> dict[str, Any]:
    def pair(interval: tuple[float, float] | None) -> list[float] | None:
        return [round(end, 4) for end in interval] if interval else None

    def figure(value: float | None) -> float | None:
        return None if value is None else round(value, 4)

    return {
        "precision": figure(score.precision), "recall": figure(score.recall), "f1": figure(score.f1), "n": score.n,
        "found": score.found, "precision_95": pair(score.precision_interval), "recall_95": pair(score.recall_interval),
        "f1_95": pair(score.f1_interval),
    }  # fmt: skip
