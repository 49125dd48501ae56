"""When a class ends: by the calendar that was signed, and never by a policy that one without classes replaced."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.commandline.conftest import Beleg
from tests.commandline.test_keeping import enacted, policy

CHAT = "[31.12.20, 12:00:00] Anna: Wir liefern die Pumpe\n[31.12.20, 12:01:00] Lieferant: Danke\n"


@pytest.fixture
def chat(tmp_path: Path) -> Path:
    file = tmp_path / "WhatsApp Chat mit Lieferant.txt"
    file.write_text(CHAT, encoding="utf-8")
    return file


def test_a_year_is_not_over_while_it_lasts_by_the_calendar_that_was_signed(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half past midnight on New Year's Day in Greenwich is New Year's Eve in New York."""
    enacted(beleg, policy(tmp_path, extra='timezone = "America/New_York"\n'))
    beleg("ingest", chat, "--mine", "Anna")
    (item,) = (hit["number"] for hit in beleg("search", "pumpe", "--json").json["hits"])
    night = datetime(2027, 1, 1, 0, 30, tzinfo=UTC)
    monkeypatch.setattr("archive.wiring.clock", lambda: night)
    counted = beleg("retention", "plan", "--count", "--json").json
    assert (counted["due"], counted["running"]) == ([], [["letter", 2, "2026-12-31"]])
    assert (
        "class letter, until 2026-12-31"
        in beleg("erase", "request", "--item", str(item), "--ground", "17").out
    )
    assert not any("plan it again" in line for line in beleg("status", "--json").json["warnings"])
    monkeypatch.setattr("archive.wiring.clock", lambda: night.replace(hour=13))
    assert beleg("retention", "plan", "--count", "--json").json["due"] == [["letter", 2]]


def test_a_policy_without_classes_ends_nothing(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.wiring.clock", lambda: datetime(2035, 1, 1, tzinfo=UTC))
    enacted(beleg, policy(tmp_path))
    beleg("ingest", chat, "--mine", "Anna")
    planned = beleg("retention", "plan", "--json").json["plan"]
    for key in ("legal", "privacy"):
        beleg("approve", planned["id"], "--key", key)
    none = tmp_path / "none.toml"
    none.write_text('reason = "nothing ends by time"\n', encoding="utf-8")
    assert enacted(beleg, none).code == 0
    later = tmp_path / "later" / chat.name
    later.parent.mkdir()
    later.write_text(CHAT + "[31.12.20, 12:02:00] Anna: Gern\n", encoding="utf-8")
    beleg("ingest", later, "--mine", "Anna")
    counted = beleg("retention", "plan", "--count", "--json").json
    assert (counted["items"], counted["unclassed"], counted["due"]) == (3, 3, [])
    assert "no policy in force has retention classes" in beleg("retention", "plan").err
    refused = beleg("retention", "run", planned["id"])
    assert (refused.code, "the policy in force has no retention classes" in refused.err) == (5, True)
