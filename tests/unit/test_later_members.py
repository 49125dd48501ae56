"""Records of a later version: what this one cannot show is none that was altered."""

from typing import Any

import pytest

from archive.core.payloads import UnknownSchema, from_values, to_payload
from archive.errors import FormatError
from tests.entries import item

FACETS = ("what", "time", "author", "recipients", "targets", "title", "text", "body", "attachments", "reactions",
          "extra", "raw")  # fmt: skip


def facets() -> dict[str, Any]:
    values = to_payload(item("Garantie", at="2024-02-03T10:00:00Z", author="Anna")).values
    return dict.fromkeys(FACETS) | values


def test_members_that_a_later_version_added_are_told_as_such() -> None:
    """They stood as an altered record: an auditor with an older version accused a whole archive."""
    values = facets()
    values["author"]["pronouns"] = "sie"
    with pytest.raises(UnknownSchema, match="members that this version does not know"):
        from_values(values)


def test_a_member_that_is_known_and_wrong_excuses_no_other() -> None:
    values = facets()
    values["author"]["pronouns"] = "sie"
    values["time"]["utc"] = "2024-13-01T00:00:00Z"
    with pytest.raises(FormatError) as refused:
        from_values(values)
    assert not isinstance(refused.value, UnknownSchema)
