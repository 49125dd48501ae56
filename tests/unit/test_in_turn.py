"""Two projections, one a batch behind the other: order, and what happens when one of them fails."""

import threading
from collections.abc import Sequence
from typing import cast

import pytest

from archive.errors import ArchiveError
from archive.ports import Projection
from archive.services.in_turn import InTurn
from schemas.entry import Entry

ENTRIES = cast("list[Sequence[Entry]]", [("a", "b"), ("c",), ("d", "e")])


class Follower:
    """A projection that remembers what it was given, in which thread, and how far another one was then."""

    def __init__(self, ahead: "Follower | None" = None, fails_at: int | None = None) -> None:
        self.taken: list[object] = []
        self.lead: list[int] = []
        self.threads: set[int] = set()
        self._ahead, self._fails_at = ahead, fails_at

    def apply(self, entries: Sequence[Entry]) -> None:
        self.threads.add(threading.get_ident())
        if len(self.taken) == self._fails_at:
            raise ArchiveError("the disk is full")
        self.taken += entries
        if self._ahead is not None:
            self.lead.append(len(self._ahead.taken) - len(self.taken))


def turn(first: Follower, second: Follower) -> InTurn:
    return InTurn(cast(Projection, first), cast(Projection, second))


def give_all(first: Follower, second: Follower) -> None:
    with turn(first, second) as projections:
        for entries in ENTRIES:
            projections.apply(entries)
        projections.finish()


def test_the_second_takes_all_in_order_and_never_gets_ahead() -> None:
    first = Follower()
    second = Follower(first)
    give_all(first, second)
    assert first.taken == second.taken == ["a", "b", "c", "d", "e"]
    assert min(second.lead) >= 0
    assert len(first.threads) == len(second.threads) == 1
    assert len(first.threads | second.threads | {threading.get_ident()}) == 3, (
        "who opens records waits for none"
    )


def test_what_stops_the_second_stops_the_next_batch() -> None:
    first, second = Follower(), Follower(fails_at=0)
    with pytest.raises(ArchiveError, match="disk is full"):
        give_all(first, second)
    assert first.taken == ["a", "b", "c"]
    assert second.taken == []


def test_what_stops_the_second_at_the_last_batch_is_told_at_the_end() -> None:
    first, second = Follower(), Follower(fails_at=3)
    with turn(first, second) as projections:
        for entries in ENTRIES:
            projections.apply(entries)
        with pytest.raises(ArchiveError, match="disk is full"):
            projections.finish()


def test_the_second_comes_to_the_end_of_its_batch_when_the_first_fails() -> None:
    first, second = Follower(fails_at=2), Follower()
    with pytest.raises(ArchiveError, match="disk is full"):
        give_all(first, second)
    assert second.taken == ["a", "b"]
