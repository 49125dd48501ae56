"""Looks at a source, and the times between them, by clocks that are wrong once."""

from datetime import timedelta

import pytest

from archive.services.coverage.looks import Looks, pauses
from schemas.capture import Advance, RunReport


def look(started: str, outcome: str = "done") -> RunReport:
    return RunReport(
        id=started, source="werk", started=started, ended=started, outcome=outcome, tool="t", parsers=(),
        settings_sha256="0" * 64, files=(), advance=Advance(after="0" * 64),
    )  # fmt: skip


def test_the_newest_look_is_the_one_that_was_sealed_last_whatever_a_clock_said() -> None:
    wrong = look("2031-01-01T00:00:00Z")
    failed = look("2026-01-01T00:00:00Z", "stopped")
    assert Looks((wrong, failed), {}).newest["werk"] is failed


@pytest.mark.parametrize("wrong", ["2020-01-01T00:00:00Z", "2031-01-01T00:00:00Z"])
def test_one_look_by_a_wrong_clock_makes_no_pause_and_hides_none(wrong: str) -> None:
    days = ["2026-12-01T10:00:00Z", "2026-12-08T10:00:00Z", wrong, "2026-12-08T12:00:00Z"]
    found = pauses([look(day) for day in days], timedelta(days=1))
    assert [(one.start, one.end) for one in found] == [(days[0], days[1])]
