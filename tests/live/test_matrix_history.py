"""What a room keeps from an account: told at its joins, whatever servers answer."""

from typing import Any

import pytest

from archive.channels.live.matrix_history import VISIBILITY, hidden_before

ME = "@e:werk.example"


def join(**more: Any) -> dict[str, Any]:
    event = {
        "type": "m.room.member", "state_key": ME, "event_id": "$1", "content": {"membership": "join"},
        "origin_server_ts": 1740992400000,
    }  # fmt: skip
    return event | more


def state(what: object) -> list[Any]:
    return [{"type": VISIBILITY, "content": {"history_visibility": what}}]


@pytest.mark.parametrize(
    ("told", "gaps"),
    [
        (state("joined"), 1),
        (state("invited"), 1),
        (state("shared"), 0),
        (state("world_readable"), 0),
        ([], 0),
        (None, 1),
        ([None, 7], 0),
        (state({"odd": 1}), 1),
        ([{"type": VISIBILITY, "content": "odd"}], 1),
    ],
)
def test_what_was_said_before_is_a_gap_unless_the_room_shows_it(told: list[Any] | None, gaps: int) -> None:
    found = list(hidden_before("!r:werk.example", ME, [join()], lambda _: told))
    assert [gap.end for gap in found] == ["2025-03-03T09:00:00Z"] * gaps


@pytest.mark.parametrize(
    "event",
    [
        join(unsigned={"prev_content": {"membership": "join"}}),
        join(state_key="@other:werk.example"),
        join(content={"membership": "leave"}),
        join(content=7),
        join(event_id=None),
        {"type": "m.room.message"},
        "odd",
        None,
    ],
)
def test_nothing_else_is_a_join(event: Any) -> None:
    assert not list(hidden_before("!r:werk.example", ME, [event], lambda _: None))


@pytest.mark.parametrize("time", [None, "odd", True, 10**30])
def test_a_time_that_is_none_is_unknown(time: Any) -> None:
    (gap,) = hidden_before("!r:werk.example", ME, [join(origin_server_ts=time, unsigned=7)], lambda _: None)
    assert gap.end is None
