"""Between which time stamps a record was sealed."""

from datetime import UTC, datetime

from archive.exporters.brackets import Stamp, bracket

EARLY, LATE = Stamp(10, 8, 100, 102), Stamp(20, 18, 200, 202)


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def test_the_narrowest_bounds_count_as_wide_as_their_clocks() -> None:
    assert bracket([EARLY, LATE], 12, 17) == (at(100), at(202))
    assert bracket([EARLY, LATE], 3, 7) == (None, at(102))
    assert bracket([EARLY, LATE], 21, 30) == (at(200), None)


def test_a_tree_bounds_only_what_is_in_it() -> None:
    assert bracket([EARLY], 7, 8) == (None, None), "record 8 is the first that the tree of size 8 lacks"
    assert bracket([EARLY], 10, 10) == (None, None), (
        "a token is no older than its own record, not than others"
    )
    assert bracket([], 1, 2) == (None, None)
