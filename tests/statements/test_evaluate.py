"""The mathematics of evaluation, against figures computed by hand."""

import pytest

from archive.statements.evaluate import Counts, evaluate, f1, overlap, pairs, wilson
from archive.statements.labels import Label, Labelled
from archive.statements.model import Find, Message


def find(kind: str, start: int, end: int, modality: str = "promised", **values: object) -> Find:
    return Find(kind, modality, start, end, 50, (), "rule", (), dict(values))


def label(kind: str, start: int, end: int, modality: str = "promised", **values: object) -> Label:
    return Label(kind, modality, start, end, dict(values))


def test_overlap_is_intersection_over_union() -> None:
    assert overlap((0, 10), (0, 10)) == 1
    assert overlap((0, 10), (5, 15)) == pytest.approx(5 / 15)
    assert overlap((0, 10), (0, 5)) == 0.5
    assert overlap((0, 5), (5, 10)) == 0


def test_a_find_counts_from_a_half_on_and_once() -> None:
    labels = [label("price", 0, 10)]
    assert pairs(labels, [find("price", 0, 5)]) == [(0, 0)]
    assert pairs(labels, [find("price", 0, 4)]) == []
    assert pairs(labels, [find("order", 0, 10)]) == []
    assert pairs(labels, [find("price", 0, 10, "refused")]) == []
    assert pairs(labels, [find("price", 0, 10, "refused")], modality=False) == [(0, 0)]
    assert pairs(labels, [find("price", 0, 7), find("price", 0, 9)]) == [(0, 1)]


def test_wilson_as_in_the_books() -> None:
    low, high = wilson(8, 10) or (0, 0)
    assert low == pytest.approx(0.4902, abs=1e-4)
    assert high == pytest.approx(0.9433, abs=1e-4)
    assert wilson(0, 0) is None
    assert wilson(0, 5) == pytest.approx((0.0, 0.4345), abs=1e-4)


def test_f1_is_the_harmonic_mean() -> None:
    assert f1(Counts(6, 2, 4)) == pytest.approx(2 * 0.75 * 0.6 / (0.75 + 0.6))
    assert f1(Counts()) is None
    assert f1(Counts(0, 1, 0)) == 0


def test_figures_of_a_file_by_hand() -> None:
    messages = [
        Labelled("1", "de", Message("a" * 20), (label("price", 0, 10, amount=5), label("order", 10, 20))),
        Labelled("2", "de", Message("b" * 20), ()),
        Labelled("3", "de", Message("c" * 20), (label("price", 0, 10, "refused"),)),
    ]
    answers = {
        "a": [find("price", 0, 10, amount=5), find("order", 10, 20)],
        "b": [find("price", 0, 10)],
        "c": [find("price", 0, 10)],
    }
    result = evaluate(messages, lambda message: answers[message.text[0]])
    price = result.by_modality["promised"]["price"]
    assert (price.n, price.found) == (1, 3)
    assert price.precision == pytest.approx(1 / 3)
    assert price.recall == 1
    assert price.f1 == pytest.approx(0.5)
    assert result.by_modality["refused"]["price"].recall == 0
    assert result.kind_only["price"].precision == pytest.approx(2 / 3)
    assert result.kind_only["price"].recall == 1
    assert result.by_modality["promised"]["order"].f1 == 1
    assert result.modality_only["promised"].precision == pytest.approx(0.5)
    assert result.overall is not None
    assert result.overall.n == 3
    assert (result.values_right, result.values_labelled) == (1, 1)
    assert result.by_modality["promised"]["warranty"].f1 is None


def test_intervals_are_the_same_each_time() -> None:
    messages = [Labelled(str(n), "de", Message(f"{n:020}"), (label("price", 0, 10),)) for n in range(20)]
    finder = lambda message: [find("price", 0, 10)] if int(message.text) % 3 else []  # noqa: E731
    first, second = evaluate(messages, finder), evaluate(messages, finder)
    assert first.overall == second.overall
    assert first.overall is not None
    assert first.overall.f1_interval is not None
    low, high = first.overall.f1_interval
    assert low < (first.overall.f1 or 0) < high
