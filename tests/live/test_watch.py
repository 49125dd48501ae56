"""When somebody is told that a source is silent."""

from datetime import UTC, datetime, timedelta

from archive.core.instants import instant
from archive.services.collect.memory import SourceMemory
from archive.services.collect.run import Collected
from archive.services.collect.watch import watch

START = datetime(2026, 3, 2, 8, tzinfo=UTC)


def test_a_silence_beyond_habit_is_told_once_and_again_after_news() -> None:
    memory = SourceMemory()
    for day in range(8):
        assert watch(memory, Collected("werk", items=3), START + timedelta(days=day)) == []
    last = START + timedelta(days=7)
    said = [watch(memory, Collected("werk"), last + timedelta(hours=hours)) for hours in range(1, 120)]
    alerts = [alert for one in said for alert in one]
    assert len(alerts) == 1
    assert "nothing new since 2026-03-09T08:00:00Z" in alerts[0]
    assert said.index(alerts) == 72, "three times the longest pause"
    watch(memory, Collected("werk", items=1), last + timedelta(days=5))
    assert watch(memory, Collected("werk"), last + timedelta(days=40)) != []


def test_a_look_that_takes_long_does_not_cost_the_next_turn() -> None:
    """Whoever runs `collect --due` at the interval of a source comes one interval after the last look began."""
    begun, ended, minutes = START, START + timedelta(minutes=10), timedelta(minutes=60)
    memory = SourceMemory(begun=instant(begun), asked=instant(ended), answered=instant(ended))
    assert memory.is_due(begun + minutes, 60)
    assert not memory.is_due(begun + minutes / 2, 60)


def test_a_source_that_rarely_has_news_has_no_habit_yet() -> None:
    memory = SourceMemory()
    watch(memory, Collected("werk", items=1), START)
    assert watch(memory, Collected("werk"), START + timedelta(days=400)) == []


def test_a_stop_by_a_person_is_no_failure() -> None:
    memory = SourceMemory()
    assert watch(memory, Collected("werk", stopped="stopped between two hauls"), START) == []
    assert memory.failing_since is None
