"""Keys that a reader must find again lie in a temporary file, not in memory."""

import sqlite3
import tracemalloc

import pytest

from archive.channels.known_keys import KnownKeys
from archive.errors import Unfinished
from schemas.item import Key


def key(ident: str, scope: str = "") -> Key:
    return Key(channel="x", scope=scope, id=ident)


def test_a_name_means_the_last_key_of_each_owner() -> None:
    known = KnownKeys("x")
    assert known.by_owner("1") == {}
    assert known.get("1") is None
    for ident, of in (("a", ""), ("b", "board"), ("c", "board")):
        known.put("1", key(ident, "10:00"), of)
    assert known.by_owner("1") == {"": key("a", "10:00"), "board": key("c", "10:00")}
    assert known.get("1") == key("a", "10:00")
    known.put("2", Key(channel="x", scope="", id="d", derived=True))
    assert known.get("2") == Key(channel="x", scope="", id="d", derived=True)
    assert KnownKeys("x").get("1") is None, "each has a file of its own"


def test_half_a_character_is_a_name_too() -> None:
    known = KnownKeys("x")
    known.put("\ud800", key("\udc00"))
    assert known.get("\ud800") == key("\udc00")


def test_ten_thousand_take_no_memory_of_the_interpreter() -> None:
    known = KnownKeys("x")
    tracemalloc.start()
    try:
        for number in range(10_000):
            known.put(str(number), key(str(number), "2024-03-04T09:00:00Z"), "chat")
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert taken < 100_000


def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    known = KnownKeys("x")

    class Full:
        def execute(self, *_: object) -> None:
            raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(known, "_rows", Full())
    with pytest.raises(Unfinished, match="no room for a temporary file"):
        known.put("1", key("1"))
