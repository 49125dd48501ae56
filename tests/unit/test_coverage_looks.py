"""Looks at a source, and the times between them, by clocks that are wrong once."""

from datetime import timedelta

import pytest

from archive.services.collect.kinds import asked_of
from archive.services.coverage.looks import DATED_WRONG, Looks, by_wrong_clock, pauses
from archive.sources import SourceSettings
from schemas.capture import Advance, RunReport


def look(started: str, outcome: str = "done") -> RunReport:
    return RunReport(
        id=started, source="werk", started=started, ended=started, outcome=outcome, tool="t", parsers=(),
        settings_sha256="0" * 64, files=(), advance=Advance(after="0" * 64),
    )  # fmt: skip


def test_the_newest_look_is_the_one_that_was_sealed_last_whatever_a_clock_said() -> None:
    wrong = look("2031-01-01T00:00:00Z")
    failed = look("2026-01-01T00:00:00Z", "stopped")
    assert Looks((wrong, failed)).newest["werk"] is failed


@pytest.mark.parametrize("wrong", ["2020-01-01T00:00:00Z", "2031-01-01T00:00:00Z"])
def test_one_look_by_a_wrong_clock_makes_no_pause_and_hides_none(wrong: str) -> None:
    days = ["2026-12-01T10:00:00Z", "2026-12-08T10:00:00Z", wrong, "2026-12-08T12:00:00Z"]
    found = pauses([look(day) for day in days], timedelta(days=1))
    assert [(one.start, one.end) for one in found] == [(days[0], days[1])]


@pytest.mark.parametrize(("only", "told"), [("firehose", 0), ("repository", 1), ("*", 0)])
def test_nothing_is_lost_by_a_pause_where_the_look_behind_it_was_told_all(only: str, told: int) -> None:
    settings = SourceSettings(kind="bluesky", url="https://pds.example", account="a", only=(only,))
    behind = look("2026-12-08T10:00:00Z").model_copy(update={"asked": asked_of(settings)})
    looks = [look("2026-12-01T10:00:00Z"), behind]
    assert len(list(Looks(looks).unread(["werk"], None))) == told


FIRST = "2026-11-01T10:00:00Z"


@pytest.mark.parametrize(
    ("days", "since", "told"),
    [
        (["2026-12-01T10:00:00Z", "2026-12-02T10:00:00Z"], None, "2026-12-01T10:00:00Z"),
        (
            ["2035-01-01T00:00:00Z", "2026-12-01T10:00:00Z", "2026-12-02T10:00:00Z"],
            None,
            "2026-12-01T10:00:00Z",
        ),
        (["2026-12-01T10:00:00Z"], "2026-12-01T12:00:00Z", None),
        (["2026-12-01T10:00:00Z"], "2026-11-15T12:00:00Z", "2026-12-01T10:00:00Z"),
        (["2026-11-01T12:00:00Z"], None, None),
        (["2026-10-01T10:00:00Z"], None, None),
        ([], None, None),
    ],
)
def test_what_was_said_before_the_first_look_is_not_covered(
    days: list[str], since: str | None, told: str | None
) -> None:
    handed_in = look("2026-11-02T10:00:00Z").model_copy(update={"advance": None})
    seen = days[-1] if days else None
    found = list(Looks(()).before([handed_in, *map(look, days)], seen, FIRST, since))
    assert [(one.start, one.end) for one, _ in found] == ([(FIRST, told)] if told else [])


FOUNDED, NOW = "2026-11-20T10:00:00Z", "2026-12-08T12:00:00Z"


@pytest.mark.parametrize(
    ("days", "wrong"),
    [
        (["2025-01-01T00:00:00Z", "2025-01-02T00:00:00Z", "2026-12-01T10:00:00Z"], [0, 1]),
        (["2026-11-20T09:30:00Z", "2026-12-01T10:00:00Z"], []),  # within what clocks of two hosts differ
        (["2031-01-01T00:00:00Z", "2026-12-01T10:00:00Z"], []),  # ahead: the newest look tells
        (["2026-12-01T10:00:00Z", "2025-01-01T00:00:00Z", "2026-12-02T10:00:00Z"], [1]),
    ],
)
def test_a_look_before_the_archive_was_founded_is_of_a_clock_that_was_set_back(
    days: list[str], wrong: list[int]
) -> None:
    looks = [look(day) for day in days]
    assert by_wrong_clock(looks, FOUNDED, NOW) == {days[number] for number in wrong}
    assert not by_wrong_clock(looks, "2035-01-01T00:00:00Z", NOW), "founded by a clock that was ahead"


def test_a_first_look_is_not_before_what_was_sealed_before_it() -> None:
    other = look("2026-12-01T10:00:00Z").model_copy(update={"source": "other"})
    looks = [other, look("2026-11-25T10:00:00Z"), look("2026-12-02T10:00:00Z")]
    assert by_wrong_clock(looks, FOUNDED, NOW) == {"2026-11-25T10:00:00Z"}


BACK, AGAIN = (
    ["2021-11-28T11:00:00Z", "2021-11-28T12:00:00Z"],
    ["2026-12-01T10:00:00Z", "2026-12-01T11:00:00Z"],
)


@pytest.mark.parametrize(
    ("newest", "wrong"),
    [
        (
            {BACK[1]: "2026-03-02T09:00:00Z"},
            BACK,
        ),  # an archive that was founded under a clock five years behind
        ({BACK[1]: "2021-11-28T10:00:00Z"}, []),
        ({BACK[1]: "2021-11-29T09:00:00Z"}, []),  # within a day: zones, clocks of senders
        ({BACK[1]: "2026-12-05T09:00:00Z"}, []),  # dated ahead of itself: somebody has looked by then
        ({AGAIN[1]: "2026-12-04T09:00:00Z"}, AGAIN),  # the same where nobody has
        ({}, []),
    ],
)
def test_a_look_that_brought_what_was_said_after_it_is_of_a_clock_that_was_behind(
    newest: dict[str, str], wrong: list[str]
) -> None:
    looks = [look(day) for day in (*BACK, *AGAIN)]
    assert by_wrong_clock(looks, BACK[0], NOW, newest) == set(wrong)


@pytest.mark.parametrize("clock", ["2025-01-01T00:00:00Z", "2031-01-01T00:00:00Z"])
def test_a_conversation_that_was_shown_by_a_wrong_clock_is_not_covered_from_then_on(clock: str) -> None:
    wrong, right = look(clock), look("2026-12-01T10:00:00Z")
    told = Looks([wrong, right], {wrong.id} if clock < right.id else frozenset()).before(
        [wrong], right.ended, FIRST, None
    )
    assert [(one.start, one.end) for one, _ in told] == [(FIRST, right.started)]
    alone = Looks([wrong], {wrong.id}).before([wrong], wrong.ended, FIRST, None)
    assert [why for _, why in alone] == [DATED_WRONG]
