"""Days and instants that never were: no program of ours writes them, and a stranger's must stop nothing."""

import pytest
from pydantic import ValidationError

from archive.core.payloads import from_values, to_payload
from archive.errors import FormatError
from archive.keeping.conversations import Conversations
from schemas.item import TimeStamp
from schemas.matter import Scope
from tests.entries import item

NEVER = ("2024-02-31T10:00:00Z", "0000-01-01T00:00:00Z", "2024-13-01T00:00:00Z", "2024-01-01T25:00:00Z")


@pytest.mark.parametrize("utc", NEVER)
def test_an_instant_that_never_was_is_none(utc: str) -> None:
    with pytest.raises(ValidationError):
        TimeStamp(written="x", utc=utc)
    with pytest.raises(ValidationError):
        Scope(start="2024-02-31")


@pytest.mark.parametrize(
    "utc", ["2024-02-29T23:59:59Z", "9999-12-31T23:59:59.999999999Z", "0001-01-01T00:00:00Z"]
)
def test_every_other_one_is_one(utc: str) -> None:
    assert TimeStamp(written="x", utc=utc).utc == utc


@pytest.mark.parametrize("utc", NEVER)
def test_a_record_with_one_cannot_be_read_and_stops_nobody(utc: str) -> None:
    values = to_payload(item("Garantie", at="2024-02-03T10:00:00Z", author="Anna")).values
    values["time"]["utc"] = utc
    facets = dict.fromkeys(("what", "time", "author", "recipients", "targets", "title", "text", "body",
                            "attachments", "reactions", "extra", "raw")) | values  # fmt: skip
    with pytest.raises(FormatError):
        from_values(facets)
    Conversations().take_item(1, 1_700_000_000, facets)
