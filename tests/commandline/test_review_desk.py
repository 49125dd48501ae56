"""Decisions from a desk: checked against the sealed records, taken in whole or not at all."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.commandline.conftest import Beleg


@pytest.fixture
def desk(beleg: Beleg, archive: Path, chat: Path, tmp_path: Path) -> dict[str, Any]:
    """Give an empty file of decisions, and the rows of the page by item."""
    assert beleg("ingest", chat).code == 0
    beleg("matter", "open", "Pumpe </script><b>", "--reason", "Streit")
    beleg("search", "garantie", "--matter", "M-1")
    done = beleg("review", "out", "M-1", "--out", tmp_path / "desk", "--json")
    assert done.code == 0, done.err
    page = Path(done.json["page"]).read_text(encoding="utf-8")
    assert page.count("</script>") == 3, "no content ends a block"
    about, items = (
        page.split(f'<script type="application/json" id="{name}">')[1].split("</script>")[0]
        for name in ("about", "items")
    )
    rows = {row["item"]: row for row in map(json.loads, items.splitlines())}
    assert len(rows) == done.json["items"] > 1
    known = json.loads(about)
    return {
        "rows": rows,
        "file": {
            "format": "beleg/review/v1", "origin": known["origin"], "matter": "M-1", "known": known["known"],
            "decisions": [],
        },
    }  # fmt: skip


def back(beleg: Beleg, desk: dict[str, Any], tmp_path: Path, *decisions: dict[str, Any], **other: Any) -> Any:
    rows = [{"leaf": desk["rows"].get(one["item"], {"leaf": "0" * 64})["leaf"], **one} for one in decisions]
    file = tmp_path / "decisions.json"
    file.write_text(json.dumps({**desk["file"], "decisions": rows, **other}), encoding="utf-8")
    return beleg("review", "in", file, "--json")


def chosen(desk: dict[str, Any]) -> int:
    return next(item for item, row in desk["rows"].items() if row["decision"] == "hit")


def test_decisions_become_entries_of_the_matter(beleg: Beleg, desk: dict[str, Any], tmp_path: Path) -> None:
    hit = chosen(desk)
    other = next(item for item in desk["rows"] if item != hit)
    done = back(
        beleg, desk, tmp_path, {"item": hit, "spans": [[0, 2], [4, 6]], "reason": "Name", "note": "wichtig"},
        {"item": other, "decision": "privileged"},
    )  # fmt: skip
    assert (done.code, done.json) == (0, {"matter": "M-1", "decided": 1, "redacted": 1, "notes": 1})
    shown = beleg("matter", "show", "M-1", "--json").json
    assert [(one["item"], one["spans"]) for one in shown["redactions"]] == [(hit, [[0, 2], [4, 6]])]
    assert [(one["item"], one["text"]) for one in shown["notes"]] == [(hit, "wichtig")]
    assert f"{other}  privileged" in beleg("matter", "show", "M-1").out.replace("   ", "  ")
    assert beleg("verify").code in (0, 3)
    again = beleg("review", "out", "M-1", "--out", tmp_path / "second", "--json")
    assert again.code == 0
    assert '"spans":[[0,2],[4,6]]' in (tmp_path / "second" / "REVIEW.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"item": 10**6}, "no item"),
        ({"item": 0}, "not the record"),
        ({"leaf": "ab" * 32, "decision": "hit"}, "not the record"),
        ({"spans": [[5, 900000]], "reason": "x"}, "no span"),
        ({"spans": [[6, 5]], "reason": "x"}, "no span"),
        ({"spans": [[0, 2]], "reason": "\u200b\u202e"}, "the reason of a redaction must not be empty"),
        ({"spans": [], "facets": ["what"], "reason": "x"}, "facets"),
        ({"decision": "removed", "note": "x"}, "not in M-1"),
        ({"note": "  "}, "note"),
        ({"decision": "gelöscht"}, "decisions.0.decision"),
        ({"geheim": "Sonderrabatt"}, "decisions.0.geheim"),
    ],
)
def test_what_cannot_be_is_refused_whole(
    beleg: Beleg, desk: dict[str, Any], tmp_path: Path, change: dict[str, Any], word: str
) -> None:
    before = beleg("matter", "show", "M-1", "--json").json
    hit = chosen(desk)
    fine = next(item for item in desk["rows"] if item != hit)
    done = back(beleg, desk, tmp_path, {"item": fine, "decision": "context"}, {"item": hit} | change)
    assert done.code == 2, done.out
    assert word in done.err.replace("decisions.1.", "decisions.0.")
    assert "Sonderrabatt" not in done.err
    assert beleg("matter", "show", "M-1", "--json").json == before


def test_other_archives_matters_and_files(beleg: Beleg, desk: dict[str, Any], tmp_path: Path) -> None:
    one = {"item": chosen(desk), "decision": "context"}
    assert back(beleg, desk, tmp_path, one, one).code == 2
    assert "another archive" in back(beleg, desk, tmp_path, one, origin="x.example").err
    assert "no matter M-7" in back(beleg, desk, tmp_path, one, matter="M-7").err
    for data in (b"", b"[]", b"\xff\xfe", b'{"format":"beleg/review/v2"}'):
        (tmp_path / "f.json").write_bytes(data)
        done = beleg("review", "in", tmp_path / "f.json")
        assert (done.code, "not a file of decisions" in done.err) == (2, True)
    assert beleg("review", "in", tmp_path / "nothing.json").code == 2
    assert beleg("review", "out", "M-1", "--out", tmp_path / "desk").code == 2, "there is one already"


def test_a_decision_made_meanwhile_wins(beleg: Beleg, desk: dict[str, Any], tmp_path: Path) -> None:
    hit = chosen(desk)
    other = next(item for item in desk["rows"] if item != hit)
    assert beleg("matter", "add", "M-1", str(hit), "--decision", "withheld").code == 0
    both = ({"item": hit, "decision": "context"}, {"item": other, "decision": "context"})
    refused = back(beleg, desk, tmp_path, *both)
    assert refused.code == 5
    assert f"item {hit} was decided on" in refused.err
    assert back(beleg, desk, tmp_path, both[1]).code == 0


def test_what_comes_in_from_the_desk_is_picked_by_its_number(
    beleg: Beleg, desk: dict[str, Any], tmp_path: Path
) -> None:
    """Whoever writes a file of decisions by hand could else try words: a reason that tells them is refused."""
    other = next(item for item in desk["rows"] if item != chosen(desk))
    beleg("party", "add", "Anna", "--side", "ours")
    beleg("policy", "set", "--second-person", "Y-1", "--reason", "Betriebsvereinbarung")
    tries = [
        {"item": other, "decision": "hit", "facets": ["text"], "reason": word} for word in ("Morgen", "x")
    ]
    assert [back(beleg, desk, tmp_path, one).code for one in tries] == [5, 5]
    outside = [{**one, "decision": None} for one in tries]
    assert len({back(beleg, desk, tmp_path, one).err for one in outside}) == 1
    assert back(beleg, desk, tmp_path, {"item": chosen(desk), "note": "wichtig"}).code == 0, (
        "it is in already"
    )
    assert back(beleg, desk, tmp_path, tries[1]).code == 5
    assert beleg("review", "in", tmp_path / "decisions.json", "--second", "privacy").code == 0
    assert beleg("access", "--json").json["reads"][-1]["command"] == "review in"


def test_who_blackens_at_the_desk_looks(
    beleg: Beleg, archive: Path, desk: dict[str, Any], tmp_path: Path
) -> None:
    item = chosen(desk)
    lines = (archive / "workspace" / "journal.jsonl").read_text().splitlines()
    back(beleg, desk, tmp_path, {"item": item, "spans": [[0, 9000]], "reason": "geraten"})
    [line] = (archive / "workspace" / "journal.jsonl").read_text().splitlines()[len(lines) :]
    assert (json.loads(line)["command"], json.loads(line)["items"]) == ("review in", [item])
