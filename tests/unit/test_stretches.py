"""Stretches of time beside each other."""

import pytest

from archive.services.coverage.stretches import settled
from schemas.coverage import CoverageState, Stretch

Told = tuple[CoverageState, int | None, int | None]


def stretch(state: CoverageState, start: int | None, end: int | None) -> Stretch:
    first, last = (None if day is None else f"2026-03-{day:02}T00:00:00Z" for day in (start, end))
    return Stretch(state=state, start=first, end=last)


def told(one: Stretch) -> Told:
    start, end = (None if time is None else int(time[8:10]) for time in (one.start, one.end))
    return one.state, start, end


@pytest.mark.parametrize(
    ("others", "left"),
    [
        ([], [("covered", 5, 20)]),
        ([("partly", 8, 9)], [("covered", 5, 8), ("covered", 9, 20)]),
        ([("missing", 8, 9)], [("covered", 5, 8), ("partly", 8, 9), ("covered", 9, 20)]),
        ([("missing", None, 9)], [("partly", 5, 9), ("covered", 9, 20)]),
        ([("missing", 8, None)], [("covered", 5, 8), ("partly", 8, 20)]),
        ([("missing", 1, 30)], [("partly", 5, 20)]),
        ([("partly", None, 5), ("missing", 20, None)], [("covered", 5, 20)]),
        ([("missing", None, None)], [("covered", 5, 20)]),
        ([("missing", 8, 8)], [("covered", 5, 20)]),
        (
            [("missing", 7, 12), ("partly", 8, 9)],
            [("covered", 5, 7), ("partly", 7, 8), ("partly", 9, 12), ("covered", 12, 20)],
        ),
    ],
)
def test_no_time_is_covered_that_is_not(others: list[Told], left: list[Told]) -> None:
    every = [stretch("covered", 5, 20), *(stretch(*one) for one in others)]
    assert [told(one) for one in settled(every)] == [*left, *others]


@pytest.mark.parametrize(("partly", "left"), [((None, 5), 1), ((5, 9), 0), ((4, 9), 0), ((9, 10), 1)])
def test_an_instant_is_covered_or_not(partly: tuple[int | None, int], left: int) -> None:
    found = list(settled([stretch("covered", 5, 5), stretch("partly", *partly)]))
    assert len([one for one in found if one.state == "covered"]) == left
