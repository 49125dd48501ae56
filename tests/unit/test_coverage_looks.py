"""Looks at a source, and the times between them, by clocks that are wrong once."""

from datetime import timedelta

import pytest

from archive.services.collect.kinds import asked_of
from archive.services.coverage.looks import Looks, pauses
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
