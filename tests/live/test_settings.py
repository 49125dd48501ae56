"""What a source may be, and what it reads."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from pydantic import ValidationError

from archive.channels.live.imap_cursor import numbers, ranges
from archive.services.collect.loop import Timetable
from archive.services.collect.memory import LONGEST_PAUSE, SourceMemory
from archive.sources import SourceSettings

GOOD = {"kind": "imap", "url": "imaps://mail.example", "account": "a", "secret": "env:X"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "imap://mail.example"},
        {"url": "https://mail.example"},
        {"url": "imaps://a:b@mail.example"},
        {"url": "imaps://mail.example:port"},
        {"secret": "geheim"},
        {"secret": None},
        {"account": None},
        {"kind": "fax"},
        {"minutes": 0},
        {"unknown": 1},
    ],
)
def test_what_cannot_be_meant_is_refused_without_showing_it(wrong: dict[str, object]) -> None:
    SourceSettings.model_validate(GOOD)
    with pytest.raises(ValidationError) as error:
        SourceSettings.model_validate({**GOOD, **wrong})
    assert "geheim" not in "".join(one["msg"] for one in error.value.errors())


def test_without_a_word_nothing_is_read() -> None:
    none = SourceSettings.model_validate(GOOD)
    assert not none.wants("INBOX")
    some = none.model_copy(update={"only": ("INBOX", "Kunden/*"), "but": ("Kunden/Privat*",)})
    asked = {name: some.wants(name) for name in ("INBOX", "inbox", "Kunden/Nord", "Kunden/Privat", "Archiv")}
    assert asked == {
        "INBOX": True,
        "inbox": False,
        "Kunden/Nord": True,
        "Kunden/Privat": False,
        "Archiv": False,
    }
    assert not some.wants("Kunden/Nord", "Kunden/Privat alt"), "any of its names may leave it out"


def test_unencrypted_is_for_this_machine_or_said_so() -> None:
    for url in ("imap://127.0.0.1:3143", "imap://localhost"):
        assert SourceSettings.model_validate({**GOOD, "url": url}).url == url
    far = {**GOOD, "url": "imap://mail.example", "unencrypted": True}
    assert SourceSettings.model_validate(far).unencrypted


@pytest.mark.parametrize("uids", [set(), {1}, {1, 2, 3}, {1, 3}, {5, 6, 7, 9, 4_294_967_295}])
def test_numbers_are_written_short_and_read_back(uids: set[int]) -> None:
    assert set(numbers(ranges(uids))) == uids
    assert ranges(range(1, 100_001)) == "1:100000"


def test_a_source_that_fails_is_asked_later_and_later_and_the_others_in_time() -> None:
    now = [0.0]
    timetable = Timetable({"good": 5, "bad": 5}, clock=lambda: now[0])
    assert timetable.due() == ("good", "bad")
    asked = {"good": 0, "bad": 0}
    while now[0] < 24 * 3600:
        for name in timetable.due():
            asked[name] += 1
            timetable.ran(name, failed=name == "bad")
        now[0] += timetable.pause()
    assert 240 <= asked["good"] <= 289
    assert 4 <= asked["bad"] <= 12
    assert timetable.pause() <= LONGEST_PAUSE.total_seconds() * 1.1


def test_a_scheduler_too_asks_a_source_that_fails_later_and_later() -> None:
    start = datetime(2026, 3, 2, tzinfo=UTC)
    one, asked = SourceMemory(failing_since=start.isoformat(), asked=start.isoformat()), [start]
    for minute in range(2 * 24 * 60):
        now = start + timedelta(minutes=minute)
        if one.is_due(now, 5):
            one.asked = now.isoformat()
            asked.append(now)
    pauses = [after - before for before, after in pairwise(asked)]
    assert pauses[0] == timedelta(minutes=5)
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE
    assert not one.is_forgotten(asked[-1] + LONGEST_PAUSE, 5)


def test_a_source_that_wants_rest_gets_it_and_a_new_one_is_asked_at_once() -> None:
    now = [0.0]
    timetable = Timetable({"busy": 5}, clock=lambda: now[0])
    timetable.ran("busy", failed=True, rest=7200.0)
    assert 7200 <= timetable.pause() <= 7200 * 1.1
    timetable.ran("busy", failed=True, rest=1e12)
    assert timetable.pause() <= 86_400 * 1.1, "no word is good for years"
    timetable.follow({"busy": 5, "new": 60})
    assert timetable.due() == ("new",)
    timetable.follow({})
    assert timetable.due() == ()
    assert timetable.pause() > 0
