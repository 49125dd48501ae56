"""Which time is covered, and what is known to be missing."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.commandline.conftest import CHAT, Beleg


def slack_day(folder: Path, *messages: dict[str, str]) -> Path:
    """A workspace export with one channel and one day."""
    folder.mkdir()
    (folder / "users.json").write_text(json.dumps([{"id": "U1", "name": "einkauf"}]))
    (folder / "channels.json").write_text(json.dumps([{"id": "C1", "name": "angebote", "members": ["U1"]}]))
    (folder / "angebote").mkdir()
    (folder / "angebote" / "2025-02-03.json").write_text(json.dumps(messages))
    return folder


def test_a_chat_is_told_with_its_times_and_on_whose_word(beleg: Beleg, archive: Path, chat: Path) -> None:
    assert beleg("ingest", chat, "--json").code == 0
    done = beleg("coverage", "--json")
    (thread,) = done.json["threads"]
    assert (thread["first"], thread["last"]) == ("2025-02-03T08:14:05Z", "2025-02-03T08:16:02Z")
    assert (thread["items"], thread["sources"]) == (3, ["import"])
    assert thread["state"] == "partly", "a chat export never shows that it is whole"
    assert thread["because"]
    assert done.code == 3
    assert thread["seen"] >= thread["last"]
    said = beleg("coverage").out
    assert "PARTLY" in said.upper()
    assert thread["because"][0] in said


def test_what_came_again_moves_when_it_was_last_seen_and_counts_nothing_twice(
    beleg: Beleg, archive: Path, chat: Path
) -> None:
    assert beleg("ingest", chat).code == 0
    first = beleg("coverage", "--json").json["threads"][0]
    chat.write_text(CHAT + "[04.02.25, 10:00:00] Lieferant: Passt so\n", encoding="utf-8")
    assert beleg("ingest", chat).code == 0
    (second,) = beleg("coverage", "--json").json["threads"]
    assert second["seen"] >= first["seen"]
    assert second["items"] == 4
    assert (second["first"], second["last"]) == (first["first"], "2025-02-04T09:00:00Z")


def test_a_file_with_a_line_that_cannot_be_read_is_covered_partly(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    good = {"type": "message", "user": "U1", "ts": "1738570445.000100", "text": "Angebot liegt bei"}
    bad = {"type": "message", "user": "U1", "ts": "no time", "text": "x"}
    folder = slack_day(tmp_path / "export", good, bad)
    assert beleg("ingest", folder).code == 3
    (thread,) = beleg("coverage", "--json").json["threads"]
    assert thread["state"] == "partly"
    assert any("could not be read" in why for why in thread["because"])


def test_silence_since_a_day_is_missing(beleg: Beleg, archive: Path, chat: Path) -> None:
    assert beleg("ingest", chat).code == 0
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%d")
    (thread,) = beleg("coverage", "--since", tomorrow, "--json").json["threads"]
    assert thread["state"] == "missing"
    assert "no run has shown it since" in thread["because"][0]
    (thread,) = beleg("coverage", "--since", "30d", "--json").json["threads"]
    assert thread["state"] == "partly"


@pytest.mark.parametrize("since", ["gestern", "2025-02-30", "30", "20250203", "-3d", "٣d"])
def test_a_wrong_day_is_told(beleg: Beleg, archive: Path, since: str) -> None:
    done = beleg("coverage", f"--since={since}")
    assert done.code == 2
    assert "2026-01-31" in done.err
    assert "Traceback" not in done.err


def test_the_page_stands_by_itself_and_holds_outside_names_as_text(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    file = tmp_path / "WhatsApp Chat mit <img src=x onerror=alert(1)>.txt"
    file.write_text(CHAT, encoding="utf-8")
    assert beleg("ingest", file).code == 0
    page = tmp_path / "coverage.html"
    assert beleg("coverage", "--page", page).code == 3
    text = page.read_text(encoding="utf-8")
    assert "&lt;img src=x onerror=alert(1)&gt;" in text
    assert "<img" not in text
    assert "http" not in text.replace("http-equiv", ""), "it loads nothing"
    assert "2025-02-03T08:14:05Z" in text


def test_a_page_that_cannot_be_written_is_told(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    done = beleg("coverage", "--page", tmp_path / "nowhere" / "page.html")
    assert done.code == 2
    assert "is no folder" in done.err


def test_an_empty_archive_has_nothing_to_tell(beleg: Beleg, archive: Path) -> None:
    done = beleg("coverage", "--json")
    assert (done.code, done.json["threads"], done.json["lacking"]) == (0, [], [])
