"""Letting one item go out that stays inside only because it tells again what is withheld of another."""

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.commandline.conftest import Beleg
from tests.commandline.test_redacted_files import mail, originals, zipped
from tests.commandline.test_redaction import found, tells
from tests.commandline.test_redaction_units import chosen, withheld

WORD = "Gewährleistungsverlängerung"
SHUT = b"7z\xbc\xaf\x27\x1c" + bytes(range(200))


@pytest.fixture
def items(beleg: Beleg, archive: Path, tmp_path: Path) -> dict[str, int]:
    folder, secret = tmp_path / "in", b"Gutachten: " + WORD.encode()
    folder.mkdir()
    mail(folder, 1, f"Geheim: {WORD}, intern", ("gutachten.txt", secret))
    mail(folder, 2, f"Zwei meint eine andere {WORD}")
    mail(folder, 3, f"Drei: {WORD}", ("alles.zip", zipped("x.txt", secret)), ("b.7z", SHUT))
    mail(folder, 4, f"Vier: {WORD}")
    chosen(beleg, folder)
    withheld(beleg, "geheim", "--words", WORD, "--facet", "attachments")
    return {word: found(beleg, word) for word in ("geheim", "zwei", "drei", "vier")}


def preview(beleg: Beleg) -> Any:
    return beleg("export", "M-1", "--preview", "--json").json


def facets(beleg: Beleg) -> dict[int, set[str]]:
    return {row["item"]: set(row["facets"]) for row in preview(beleg)["withheld"]}


def release(beleg: Beleg, item: int, *what: str) -> None:
    done = beleg("matter", "release", "M-1", str(item), *what, "--reason", "BEGRÜNDUNG")
    assert done.code == 0, done.err


def test_its_words_go_out_and_its_bytes_do_not(beleg: Beleg, items: dict[str, int], tmp_path: Path) -> None:
    source, item = items["geheim"], items["zwei"]
    assert "text" in facets(beleg)[item]
    release(beleg, item, "--from", str(source))
    left = facets(beleg)
    assert "text" not in left[item]
    assert beleg("matter", "show", "M-1", "--json").json["released"] == [{"item": item, "from": [source]}]
    assert f"Released  item {item}: {source}\n" in beleg("matter", "show", "M-1").out
    assert {"body", "extra", "raw"} <= left[item], "nobody was shown what lies in the bytes"
    assert "text" in left[items["vier"]], "of this one alone"
    out = tmp_path / "E"
    assert beleg("export", "M-1", "--out", out).code == 0
    assert beleg("verify", out).code == 0
    assert tells(out, f"Zwei meint eine andere {WORD}")
    assert tells(out, "BEGRÜNDUNG") == []
    steps = openpyxl.load_workbook(out / "bag/data/metadata/custody.xlsx")["matter 1"].values
    assert ("released", f"item {item}") in {row[2:4] for row in steps}
    again = beleg("export", "--again", "E-1", "--out", tmp_path / "F", "--json").json
    assert again["same_as_before"] is True


@pytest.mark.parametrize("later", ["redacted", "privileged", "taken back"])
def test_it_falls_with_the_next_decision(beleg: Beleg, items: dict[str, int], later: str) -> None:
    source, item = items["geheim"], items["zwei"]
    release(beleg, item, "--from", str(source))
    if later == "redacted":
        withheld(beleg, "geheim", "--words", "intern")
    elif later == "privileged":
        beleg("matter", "add", "M-1", str(source), "--decision", "privileged", "--note", "Anwalt")
    else:
        assert beleg("matter", "redact", "M-1", str(item), "--reason", "x").code == 0
    if later != "privileged":  # then the whole text is withheld, which this one does not repeat
        assert "text" in facets(beleg)[item]
    said = beleg("export", "M-1", "--preview").out
    ended = f"the release of {item} ended, {source} was decided on since"
    assert (ended in said) is (later != "taken back"), "who takes it back need not be told"
    assert preview(beleg)["fallen"] == ([] if later == "taken back" else [[item, source]])


def test_marks_of_its_own_and_a_release_stand_beside_each_other(beleg: Beleg, items: dict[str, int]) -> None:
    source, item = items["geheim"], items["zwei"]
    withheld(beleg, "zwei", "--words", "meint")
    release(beleg, item, "--from", str(source))
    withheld(beleg, "zwei", "--words", "andere")
    (row,) = (row for row in preview(beleg)["withheld"] if row["item"] == item)
    assert (len(row["spans"]), row["follows"], row["reason"]) == (2, None, "Grund")


def test_a_withheld_file_stays_inside_and_one_that_could_not_be_looked_into_goes_by_itself(
    beleg: Beleg, items: dict[str, int], tmp_path: Path
) -> None:
    source, item = items["geheim"], items["drei"]
    release(beleg, item, "--from", str(source), "--files")
    assert "attachments" in facets(beleg)[item], "the withheld file lies in its zip"
    assert beleg("matter", "redact", "M-1", str(source), "--reason", "x").code == 0
    withheld(beleg, "geheim", "--words", WORD)
    release(beleg, item, "--from", str(source))
    rows = {row["item"]: row for row in preview(beleg)["withheld"]}
    assert rows[item]["unopened"], "the release of its files ended with the next redaction"
    release(beleg, item, "--files")
    assert not facets(beleg)[item] & {"attachments", "text"}
    assert beleg("export", "M-1", "--out", tmp_path / "E").code == 0
    assert originals(tmp_path / "E") >= {".zip"}


def test_what_withholds_nothing_is_no_source(beleg: Beleg, items: dict[str, int]) -> None:
    item, other = str(items["zwei"]), str(items["vier"])
    assert beleg("matter", "release", "M-1", item, "--from", other, "--reason", "x").code == 2
    assert beleg("matter", "release", "M-1", item, "--from", item, "--reason", "x").code == 2
    assert beleg("matter", "release", "M-1", item, "--reason", "x").code == 2


def test_another_version_of_a_withheld_message_is_not_released(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    def said(text: str, **more: Any) -> dict[str, Any]:
        return {"id": 5, "type": "message", "date": "2025-02-03T09:15:01", "date_unixtime": "1738570501",
                "from": "Anna", "from_id": "user1", "text": text, **more}  # fmt: skip

    folder = tmp_path / "in"
    folder.mkdir()
    for message in (said(f"Der {WORD}"), said(f"Die {WORD}", edited_unixtime="1738570600")):
        export = {"name": "Anna", "type": "personal_chat", "id": 1, "messages": [message]}
        (folder / "result.json").write_text(json.dumps(export))
        assert beleg("ingest", folder / "result.json").code == 0
    beleg("matter", "open", "Pumpe", "--reason", "Streit")
    beleg("matter", "add", "M-1", "--search", "after:2020")
    source, item = sorted(hit["number"] for hit in beleg("search", WORD, "--json").json["hits"])
    beleg("matter", "redact", "M-1", str(source), "--words", WORD, "--reason", "Grund")
    release(beleg, item, "--from", str(source))
    assert "text" in facets(beleg)[item]


def test_what_was_released_is_not_named_as_doubtful(beleg: Beleg, items: dict[str, int]) -> None:
    """Who released it looked at both; the item with another spelling is still told."""
    source, item = items["geheim"], items["zwei"]
    release(beleg, item, "--from", str(source))
    assert item not in preview(beleg)["doubtful"]
