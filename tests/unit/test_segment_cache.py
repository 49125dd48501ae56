"""Records that are read to and fro: each segment is fetched once as long as there is room for it."""

import pytest

from archive.ledger import reader
from archive.ledger.reader import LedgerReader
from tests.ledger_kit import Kit, item_draft

SEGMENTS = 12


def fetched(monkeypatch: pytest.MonkeyPatch) -> int:
    """Read the records of many segments twice, the last first, and count the segments that were fetched."""
    kit = Kit()
    ledger = kit.found()
    for number in range(SEGMENTS):
        kit.append(ledger, "ingest", item_draft(f"Satz {number}"))
    reading = LedgerReader(kit.places, ledger.state)
    first = ledger.state.size - SEGMENTS
    asked: list[str] = []
    get = reading.places.archive.get

    def counted(name: str, **limits: int) -> bytes:
        asked.append(name)
        return get(name, **limits)

    monkeypatch.setattr(reading.places.archive, "get", counted)
    for _ in range(2):
        for index in reversed(range(first, ledger.state.size)):
            reading.record(index)
    return len(asked)


def test_who_comes_back_to_a_segment_finds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fetched(monkeypatch) == SEGMENTS


def test_no_more_is_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "CACHED_BYTES", 1)
    assert fetched(monkeypatch) > SEGMENTS
