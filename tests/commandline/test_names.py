"""One person by every name that a platform knows of them: whoever looks for one does not know which a message shows."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from archive.channels.slack_export import SlackExport
from archive.channels.slack_export import workspace as directory
from tests.commandline.conftest import Beleg
from tests.commandline.erasing import approved, erased
from tests.commandline.test_redaction import tells

ANNA = {
    "id": "U0001AAAA", "team_id": "T0001", "name": "aw77", "real_name": "Anna Weber",
    "profile": {"display_name": "Anni", "real_name": "Anna Weber", "email": "weber@firm.example"},
}  # fmt: skip
BOB = {"id": "U0002BBBB", "team_id": "T0001", "name": "bob", "profile": {"display_name": "Bobby"}}
NAMES = ("Anna Weber", "aw77", "weber@firm.example", "Anni")


def slack(path: Path, *more: dict[str, Any], anna: dict[str, Any] = ANNA) -> Path:
    said = [
        {"type": "message", "user": "U0001AAAA", "text": "Wir geben fünf Jahre", "ts": "1551690000.000100",
         "reactions": [{"name": "ok", "count": 1, "users": ["U0002BBBB"]}]},
        {"type": "message", "user": "U0002BBBB", "text": "Notiert", "ts": "1551690060.000200"}, *more,
    ]  # fmt: skip
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("users.json", json.dumps([anna, BOB]))
        file.writestr("channels.json", json.dumps([{"id": "C0001AAAA", "name": "pumpe", "members": []}]))
        file.writestr("pumpe/2019-03-04.json", json.dumps(said))
    return path


@pytest.fixture
def export(beleg: Beleg, archive: Path, tmp_path: Path) -> Path:
    return slack(tmp_path / "slack.zip")


@pytest.mark.parametrize("name", NAMES)
def test_whoever_knows_one_name_finds_holds_and_answers(beleg: Beleg, export: Path, name: str) -> None:
    assert beleg("ingest", export).code == 0
    assert beleg("search", f'from:"{name}"', "--json").json["total"] == 1
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    held = beleg("hold", "place", "M-1", "--account", name, "--reason", "Klage", "--review", "2030-01-01")
    assert "2 of 2 items are in its scope now" in held.out, "what was said to her, too"
    (line,) = beleg("subject", "find", name, "--json").json["found"]
    assert (line["account"]["id"], line["items"]) == ("U0001AAAA", {"slack": 1})


@pytest.fixture
def before(beleg: Beleg, export: Path) -> Path:
    """An export as the version before read it: of each user one name."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(directory, "others", lambda *_: None)
        patched.setattr(SlackExport, "parser", "slack-export/4")
        assert beleg("ingest", export).code == 0
    return export


def test_after_an_upgrade_nothing_is_doubled_and_names_reach_what_is_there(
    beleg: Beleg, before: Path
) -> None:
    new = {"type": "message", "user": "U0001AAAA", "text": "Neu im April", "ts": "1551690090.000100"}
    (report,) = beleg("ingest", slack(before, new), "--json").json
    assert (report["items"], report["seen_again"]) == (1, 2)
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    held = beleg("hold", "place", "M-1", "--account", "Anna Weber", "--reason", "K", "--review", "2030-01-01")
    assert "3 of 3 items" in held.out
    (line,) = beleg("subject", "find", "Anna Weber", "--json").json["found"]
    assert line["items"] == {"slack": 2}
    assert beleg("ingest", "--reparse").code == 0
    assert beleg("search", 'from:"Anna Weber" jahre', "--json").json["total"] == 1
    (count,) = (beleg("search", "jahre", "--json").json["total"],)
    assert beleg("ingest", "--reparse").code == 0
    assert beleg("search", "jahre", "--json").json["total"] == count, "once"


def test_bytes_that_came_again_are_read_again_for_names(beleg: Beleg, before: Path) -> None:
    (report,) = beleg("ingest", before, "--json").json
    assert (report["items"], report["seen_again"]) == (0, 2)
    assert beleg("search", 'from:"Anna Weber"', "--json").json["total"] == 0
    assert beleg("ingest", "--reparse").code == 0
    found = beleg("search", 'from:"Anna Weber"', "--json").json["total"]
    assert found
    assert "every capture was read by the reader of today" in beleg("ingest", "--reparse").out
    assert beleg("search", 'from:"Anna Weber"', "--json").json["total"] == found


def test_a_reader_of_later_that_knows_no_more_names_doubles_nothing(
    beleg: Beleg, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beleg("ingest", export)
    monkeypatch.setattr(SlackExport, "parser", "slack-export/99")
    assert "2 items" not in beleg("ingest", "--reparse").out
    assert beleg("search", "channel:slack", "--json").json["total"] == 2


def test_who_takes_another_name_did_not_say_anything_else(beleg: Beleg, export: Path) -> None:
    beleg("ingest", export)
    married = {**ANNA, "real_name": "Anna Klein", "profile": {**ANNA["profile"], "real_name": "Anna Klein"}}
    (report,) = beleg("ingest", slack(export, anna=married), "--json").json
    assert (report["items"], report["seen_again"]) == (0, 2)
    (line,) = beleg("subject", "find", "Anna Klein", "--json").json["found"]
    assert line["items"] == {"slack": 1}


def test_what_was_erased_stays_out_whatever_the_reader_knows(beleg: Beleg, before: Path) -> None:
    (hit,) = beleg("search", "jahre", "--json").json["hits"]
    erased(beleg, hit["number"])
    (report,) = beleg("ingest", before, "--json").json
    assert report["items"] == 0
    assert beleg("search", "jahre", "--json").json["total"] == 0


def test_no_further_name_stays_in_items_of_others_when_somebody_is_erased(beleg: Beleg, export: Path) -> None:
    liked = {"type": "message", "user": "U0002BBBB", "text": "Na also", "ts": "1551690070.000200",
             "reactions": [{"name": "ok", "count": 1, "users": ["U0001AAAA"]}]}  # fmt: skip
    beleg("ingest", slack(export, liked))
    beleg("subject", "find", "Anna Weber", "--confirm", "1")
    plan = beleg("erase", "request", "S-1", "--ground", "17-1a", "--json").json["plan"]["id"]
    approved(beleg, plan)
    assert beleg("erase", "run", "R-1").code == 0
    (hit,) = beleg("search", "also", "--json").json["hits"]
    told = beleg("show", str(hit["number"]), "--json").out + beleg("thread", str(hit["number"]), "--json").out
    for name in ("Anna Weber", "aw77", "weber@firm.example"):
        assert name not in told
    assert beleg("search", 'from:"Anna Weber"', "--json").json["total"] == 0


def test_a_name_of_others_goes_to_nobody_who_asks_for_their_own(
    beleg: Beleg, export: Path, tmp_path: Path
) -> None:
    words = {"type": "message", "user": "U0002BBBB", "ts": "1551690095.000100",
             "text": "Anna Weber sagt fünf, weber@firm.example weiß es"}  # fmt: skip
    beleg("ingest", slack(export, words))
    beleg("subject", "find", "Bobby", "--confirm", "1")
    assert beleg("subject", "export", "S-1", "--out", tmp_path / "out").code == 0
    told = "".join(
        one.read_text() for one in (tmp_path / "out").rglob("*") if one.suffix in (".json", ".html")
    )
    assert "sagt fünf" in told
    for name in ("Anna", "Weber", "aw77", "weber@"):
        assert name not in told


def test_a_withheld_author_of_before_goes_with_the_names_of_the_directory(
    beleg: Beleg, before: Path, tmp_path: Path
) -> None:
    """The item tells one name, the description of the account that the next export brought the others."""
    answer = {"type": "message", "user": "U0002BBBB", "ts": "1551690080.000100",
              "text": "Frau Weber (aw77) hat zugesagt",
              "thread_ts": "1551690000.000100", "parent_user_id": "U0001AAAA"}  # fmt: skip
    assert beleg("ingest", slack(before, answer)).code == 0
    (said,) = beleg("search", "jahre", "--json").json["hits"]
    (told,) = beleg("search", "zugesagt", "--json").json["hits"]
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    beleg("matter", "add", "M-1", str(said["number"]), str(told["number"]))
    withhold = ("matter", "redact", "M-1", str(said["number"]), "--facet", "author", "--reason")
    refused = beleg(*withhold, "Frau Weber ist Zeugin")
    assert (refused.code, "tells" in refused.err) == (2, True)
    assert beleg(*withhold, "Quelle").code == 0
    assert beleg("export", "M-1", "--out", tmp_path / "out", "--context", "none").code == 0
    for name in ("Weber", "aw77", "weber@firm.example"):
        assert not tells(tmp_path / "out", name)
