"""Two accounts: legal orders and cannot destroy, privacy destroys and cannot read."""

import shutil
from pathlib import Path

import pytest

from tests.commandline.conftest import Answer, Beleg
from tests.commandline.erasing import CHAT, SECRET, group, number_of


@pytest.fixture
def accounts(beleg: Beleg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """An archive whose roles lie with different accounts; all see the same places."""
    whole = tmp_path / "whole"
    assert beleg("init", whole, "--split").code == 0
    found = {}
    for role in ("ingest", "legal", "privacy"):
        folder = tmp_path / role
        folder.mkdir()
        shutil.copy(whole / "beleg.toml", folder)
        shutil.copytree(whole / "keys" / role, folder / "keys" / role)
        (folder / "places").symlink_to(whole / "places")
        found[role] = folder
    return found


def test_two_halves(
    beleg: Beleg, accounts: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def by(role: str, *arguments: str | Path) -> Answer:
        monkeypatch.setenv("BELEG_ARCHIVE", str(accounts[role]))
        return beleg(*arguments)

    chat = tmp_path / "WhatsApp Chat mit Lieferant.txt"
    chat.write_text(CHAT, encoding="utf-8")
    assert by("ingest", "ingest", chat, "--mine", "Anna").code == 0
    monkeypatch.setenv("BELEG_ARCHIVE", str(accounts["legal"]))
    item = number_of(beleg, SECRET)
    asked = by("privacy", "erase", "request", "--item", str(item), "--ground", "17-1a", "--json")
    assert asked.code == 0, asked.err
    assert asked.json["plan"] is None, "privacy opens no content, so it cannot say what belongs to it"
    assert by("privacy", "erase", "plan", "R-1").code == 5
    for role in ("privacy", "legal"):
        (waiting,) = by(role, "erase", "list", "--json").json
        assert (waiting["request"], waiting["plan"], waiting["state"]) == ("R-1", None, "waits for a plan")
    assert "R-1: asked on" in by("legal", "status").out, "a request that nobody planned is not forgotten"
    planned = by("legal", "erase", "plan", "R-1", "--json")
    assert planned.code == 0, planned.err
    seen = by("privacy", "approve", "D-1", "--show")
    assert (seen.code, "D-1: would erase 1 items" in seen.out) == (0, True), (
        "nobody signs what they cannot see"
    )
    assert by("privacy", "approve", "D-1").code == 2
    assert [row["approved_by"] for row in by("privacy", "erase", "list", "--json").json] == [[]]
    assert by("legal", "approve", "D-1", "--key", "legal").code == 0
    assert by("privacy", "approve", "D-1", "--key", "privacy").code == 0
    assert by("privacy", "erase", "run", "--json").json["zeroed"] == 0, "nothing is ordered yet"
    early = by("privacy", "erase", "run", "R-1")
    assert (early.code, "D-1 is not ordered yet: the account legal does that" in early.out) == (4, True)
    assert by("privacy", "erase", "run", "R-9").code == 2
    assert by("privacy", "erase", "run", "D-9").code == 2
    ordered = by("legal", "erase", "run", "R-1", "--json")
    assert ordered.code == 4
    assert "the account privacy destroys the keys" in ordered.json["waiting"][0]
    assert by("legal", "erase", "certificate", "R-1").code == 4
    assert [row["state"] for row in by("legal", "erase", "list", "--json").json] == ["ordered"]
    assert by("legal", "show", str(item)).code == 5, "what is ordered gone is not shown any more"
    assert any(f["kind"] == "open_erasure" for f in by("legal", "verify", "--json").json["findings"])
    assert "keys still stand" in by("legal", "status").out
    vault = accounts["legal"] / "places" / "vault"
    shutil.copytree(vault, tmp_path / "old")
    destroyed = by("privacy", "erase", "run", "--json")
    assert destroyed.code == 0, destroyed.err
    assert destroyed.json["zeroed"] >= 4
    assert "keys" not in by("legal", "status").out.partition("!")[2], "the receipt tells it on every host"
    shutil.copytree(tmp_path / "old", vault, dirs_exist_ok=True)
    assert "destroyed keys came back" in by("legal", "status").out
    assert by("legal", "erase", "certificate", "R-1").code == 0
    assert [row["state"] for row in by("legal", "erase", "list", "--json").json] == ["done"]
    assert by("privacy", "erase", "run", "R-1").code == 0, "again, at will"
    assert by("ingest", "ingest", chat, "--mine", "Anna", "--json").json[0]["excluded"] == 1
    assert by("legal", "search", SECRET, "--json").json["total"] == 0
    done = by("legal", "verify", "--level", "2", "--json").json
    assert [f["kind"] for f in done["findings"] if f["kind"] not in ("duplicate", "clock", "unknown")] == []
    assert SECRET.casefold().encode() not in b"".join(
        path.read_bytes()
        for path in accounts["legal"].rglob("*")
        if path.is_file() and path.name != "journal.jsonl"
    )


def test_a_host_that_cannot_know_whose_views_there_are_keeps_out_what_says_the_same(
    beleg: Beleg, accounts: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def by(role: str, *arguments: str | Path) -> Answer:
        monkeypatch.setenv("BELEG_ARCHIVE", str(accounts[role]))
        return beleg(*arguments)

    assert by("ingest", "ingest", group(tmp_path, "a.json"), "--mine", "Anna").code == 0
    (hit,) = by("legal", "search", SECRET, "--json").json["hits"]
    assert by("legal", "erase", "request", "--item", str(hit["number"]), "--ground", "17-1a").code == 0
    for role in ("legal", "privacy"):
        assert by(role, "approve", "D-1", "--key", role).code == 0
    by("legal", "erase", "run", "R-1")
    assert by("privacy", "erase", "run").code == 0
    done = by("ingest", "ingest", group(tmp_path, "c.json", "Bis dann"), "--mine", "Carl")
    assert "1 items say exactly what something erased said" in done.err
    assert by("legal", "search", SECRET, "--json").json["total"] == 0
