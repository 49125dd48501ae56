"""Which items tell of the same thing, in chains and crowds of any length."""

import time
from typing import Any

import pytest

from archive.keeping.things import Things, joined


def key(id_: object) -> dict[str, str]:
    return {"channel": "matrix", "scope": "", "id": str(id_)}


def told(*about: tuple[object, object | None]) -> Things:
    """Give items, numbered from 0, of (own id, id of what it tells of)."""
    found = Things()
    for index, (own, of) in enumerate(about):
        targets = [] if of is None else [{"relation": "of", "key": key(of)}]
        values: dict[str, Any] = {"what": {"key": key(own)}, "targets": targets}
        found.take_item(index, values)
    return found


def test_an_edit_of_an_edit_brings_the_first_and_all_others_of_it() -> None:
    things = told(("a", None), ("b", "a"), ("c", "b"), ("d", None), ("e", "a"), ("f", "gone"))
    assert things.wholes([2]) == [frozenset({0, 1, 2, 4})]
    assert things.wholes([5, 3, 99]) == [frozenset({3}), frozenset({5})]


def test_what_comes_later_is_the_same_thing_too() -> None:
    things = told(("a", None))
    assert things.wholes([0]) == [frozenset({0})]
    things.take_item(7, {"what": {"key": key("b")}, "targets": [{"relation": "of", "key": key("a")}]})
    assert things.wholes([0]) == [frozenset({0, 7})]


MANY = 20_000


@pytest.mark.parametrize("of", [lambda number: number - 1, lambda _: 0], ids=["chain", "crowd"])
def test_many_that_tell_of_one_cost_no_more_than_each_of_them(of: Any) -> None:
    things = told(*((number, of(number) if number else None) for number in range(MANY)))
    began = time.process_time()
    assert things.wholes([MANY // 2]) == [frozenset(range(MANY))]
    assert time.process_time() - began < 2


def test_sets_that_share_a_member_are_one() -> None:
    assert joined([{5}, {1, 2}, {3, 4}, {2, 3}, set()]) == [frozenset({1, 2, 3, 4}), frozenset({5})]
